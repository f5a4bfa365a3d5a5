"""All that sends broadcasts in one process: planner, waker, a sender for each channel account, leases, outcomes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Channel
from bot.engine.state import Library
from bot.services.pacing import Pace
from bot.services.routing import metered
from bot.services.sending.agenda import Agenda
from bot.services.sending.dispatch import Talks
from bot.services.sending.holding import Keeper
from bot.services.sending.outbox import Outbox
from bot.services.sending.planner import Planner
from bot.services.sending.sender import Office, Sender
from bot.services.sending.waker import Waker
from bot.store import handout
from bot.store.ids import Ids

PAUSE = 0.5
"""Seconds until an idle process looks again for what is to be planned or sent."""


class Broadcaster:
    """One per process. *alone*: an SQLite process, so no other holds any chunk when it starts."""

    def __init__(
        self, database: AsyncEngine, *, library: Callable[[], Library], channels: Mapping[str, Channel],
        paces: Mapping[str, Pace], talks: Talks, ids: Ids, now: Callable[[], datetime], today: Callable[[], date],
        alone: bool, pause: float = PAUSE,
    ) -> None:  # fmt: skip
        self._database, self._alone = database, alone
        self._keeper, self._outbox = Keeper(database, now), Outbox(database, now)
        agenda = Agenda(database, library, now=now, today=today)
        office = Office(database, ids.worker, now, agenda, self._keeper, self._outbox, talks, pause)
        self._planner = Planner(
            database, library, channels=tuple(channels), ids=ids, now=now, pause=pause, metered=metered(channels)
        )  # fmt: skip
        self._waker = Waker(database, channels, now=now, pause=pause)
        self.senders = {name: Sender(channel, paces[name], office) for name, channel in channels.items()}

    async def start(self) -> None:
        """Begin to plan and to send."""
        if self._alone:
            async with self._database.begin() as db:
                await handout.forget_leases(db)
        self._keeper.start()
        self._outbox.start()
        self._planner.start()
        self._waker.start()
        for sender in self.senders.values():
            sender.start()

    async def close(self) -> None:
        """Take up nothing new, wait for what is in flight, write what became of it, give the rest back untried."""
        await self._planner.close()
        await self._waker.close()
        await asyncio.gather(*(sender.close() for sender in self.senders.values()))
        await self._keeper.close()
        await self._outbox.close()
