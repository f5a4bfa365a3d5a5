"""What became of messages of broadcasts, written in groups; only what is committed frees a slot of the window."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.services.sending.holding import Holding
from bot.services.sending.window import Window
from bot.store import handout, renditions, spending, standing
from bot.store.db import FAULTS, writing

log = structlog.get_logger()
GATHERED = 0.005
"""Seconds in which outcomes gather for one commit: one each caps SQLite near 600 a second (delivery.md rule 4)."""
AGAIN = 1.0
"""Seconds until a group that could not be written is tried again."""


class Learnt(Struct, frozen=True):
    """What sending told of an address: that nobody is to be reached there any more, or that the window is shut which
    was taken to have opened at `shut`."""

    address: str
    is_closed: bool
    shut: datetime | None = None


class Marked(Struct, frozen=True):
    """A mark to write, whose slot and row it settles, and what was learnt of the address, if anything."""

    mark: handout.Mark
    holding: Holding
    window: Window
    learnt: Learnt | None = None


class Outbox:
    """Writes marks for all channels of this process."""

    def __init__(self, database: AsyncEngine, now: Callable[[], datetime], *, pause: float = AGAIN) -> None:
        self._database, self._now, self._pause = database, now, pause
        self._marks: list[Marked] = []
        self._renditions: dict[int, tuple[int, bytes]] = {}
        self._wake = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._writing = asyncio.create_task(self._write_forever(), name="outbox")

    async def close(self) -> None:
        """Stop. Whoever sends has waited for its marks before."""
        if self._writing is not None:
            self._writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writing

    def mark(self, mark: handout.Mark, holding: Holding, window: Window, learnt: Learnt | None = None) -> None:
        """Have *mark* written; then its slot of *window* is free, and *holding* has one row less outstanding.

        With it goes what was *learnt*: a kill in between would have the next broadcast try a closed address again.
        """
        self._marks.append(Marked(mark, holding, window, learnt))
        self._wake.set()

    def keep(self, rendition_id: int, broadcast_id: int, message: bytes) -> None:
        """Have a rendition written with the next marks, before any mark that names it."""
        self._renditions[rendition_id] = (broadcast_id, message)

    async def _write_forever(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHERED)
            self._wake.clear()
            marks, self._marks = self._marks, []
            kept, self._renditions = self._renditions, {}
            while not await self._write(marks, kept):  # noqa: ASYNC110 -- nobody tells when the database is back
                await asyncio.sleep(self._pause)

    async def _write(self, marks: Sequence[Marked], kept: Mapping[int, tuple[int, bytes]]) -> bool:
        try:
            async with writing(self._database) as db:
                await renditions.keep(db, kept)
                written = await handout.finish(db, [one.mark for one in marks])
                await self._learn(db, marks)
                bills = {one.mark.id: one.mark.bill for one in marks if one.mark.bill and one.mark.id in written}
                if bills:
                    await spending.settle(db, bills)
        except FAULTS as error:  # nothing more is sent than the window holds until this is written
            log.error("outcomes could not be written", count=len(marks), error=str(error))
            return False
        except Exception:  # the worker's loop: a group that can't be written at all must not end all sending
            log.exception("outcomes are lost: they will be found as unknown", count=len(marks))
            written = {one.mark.id for one in marks}
            for one in marks:
                one.holding.doubt()
        for one in marks:
            if one.mark.id not in written:
                one.holding.lose()
            one.holding.settle_one()
            one.window.give_back()
        return True

    async def _learn(self, db: AsyncConnection, marks: Sequence[Marked]) -> None:
        told = [(one.holding.claim.channel, one.learnt) for one in marks if one.learnt is not None]
        closed = [(channel, learnt.address) for channel, learnt in told if learnt.is_closed]
        await standing.close_addresses(db, closed, at=self._now())
        await standing.shut_doors(db, [(on, learnt.address, learnt.shut) for on, learnt in told if learnt.shut])
