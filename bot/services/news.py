"""What a platform tells beside what people do: how messages and templates fare, who answered in its own chat tool."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.messages import Address
from bot.services.conversation import Unavailable
from bot.services.receipts import Receipts, moment_of
from bot.services.sightings import Sightings
from bot.services.takeover import Takeovers
from bot.services.templates import state_in
from bot.store import templates
from bot.store.db import FAULTS


class News:
    """All that *channel* tells. Everything raises `Unavailable` while the database can't be written."""

    def __init__(
        self, database: AsyncEngine, channel: str, *, now: Callable[[], datetime], forget: Callable[[Address], None]
    ) -> None:  # fmt: skip
        self._database, self._channel, self._now = database, channel, now
        self.receipts = Receipts(database, channel, now)
        self.takeovers = Takeovers(database, now=now, forget=forget)
        self.sightings = Sightings(database, channel, now)

    async def template_changed(self, template: str, *, word: str, at: float) -> bool:
        """The platform judged *template* anew, in its own *word*; whether we know of such a one."""
        moment = moment_of(at, self._now())
        try:
            async with self._database.begin() as db:
                return await templates.turn(db, self._channel, template, state=state_in(word), at=moment)
        except FAULTS as error:
            raise Unavailable("the database can't be written") from error

    async def close(self) -> None:
        """Finish what is being written."""
        await self.receipts.close()
        await self.sightings.close()
