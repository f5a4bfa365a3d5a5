"""Wakes messages that wait for their person to write, once they have: they are then looked at like any other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.channels.base import Channel, Reach
from bot.services.broadcasting.model import policy_from
from bot.services.routing import edges
from bot.store import waiting
from bot.store.db import FAULTS, reading

log = structlog.get_logger()
BEHIND = timedelta(minutes=2)
"""How far a look goes back behind the one before: a turn is committed a moment after it was heard."""
WHOLE = timedelta(minutes=5)
"""How often everything that waits is looked at: for messages that a platform brought hours late, and for what of a
budget came back."""
AGAIN = timedelta(seconds=15)
"""How soon it is looked at once more where some could not be woken: a chunk is in hand for seconds, but one whose
holder died in the evening, or before a pause, for hours."""


class Waker:
    """Of all channels of one process that have windows; any number of processes may look side by side."""

    def __init__(
        self, database: AsyncEngine, channels: Mapping[str, Channel], *, now: Callable[[], datetime], pause: float
    ) -> None:  # fmt: skip
        reaches = {name: channel.capabilities.reach for name, channel in channels.items()}
        self._reaches: Mapping[str, Reach] = {name: reach for name, reach in reaches.items() if reach is not None}
        self._database, self._now, self._pause = database, now, pause
        self._looked: datetime | None = None
        self._looked_whole: datetime | None = None
        self._waking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look, if there is any channel where somebody may have to write first."""
        if self._reaches:
            self._waking = asyncio.create_task(self._wake_forever(), name="waker")

    async def close(self) -> None:
        """Stop looking."""
        if self._waking is not None:
            self._waking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._waking

    async def _wake_forever(self) -> None:
        while True:
            try:
                await self.look()
            except FAULTS as error:
                log.warning("nobody can be woken", error=str(error))
            except Exception:  # the worker's loop: one look that breaks must not be the last
                log.exception("waking broke")
            await asyncio.sleep(self._pause)

    async def look(self) -> None:
        """Wake what waits for those who wrote since the last look; from time to time for all who may be written to."""
        now = self._now()
        is_whole = self._looked is None or self._looked_whole is None or now - self._looked_whole >= WHOLE
        is_complete = True
        for channel, reach in self._reaches.items():
            found = await self._found(channel, reach, now, is_whole=is_whole)
            if found:
                async with self._database.begin() as db:
                    is_complete &= await waiting.wake(db, found, at=now) == len(found)
        self._looked = now
        if is_whole:  # incomplete, some are in a chunk that is in hand just now
            self._looked_whole = now if is_complete else now - WHOLE + AGAIN

    async def _found(self, channel: str, reach: Reach, now: datetime, *, is_whole: bool) -> waiting.Found:
        free, _paid = edges(reach, now)
        since = free if is_whole or self._looked is None else max(free, self._looked - BEHIND)
        async with reading(self._database).connect() as db:
            wrote = await waiting.of_those_who_wrote(db, channel=channel, since=since)
            return [*wrote, *await _affordable(db, channel, reach, now)] if is_whole else wrote


async def _affordable(db: AsyncConnection, channel: str, reach: Reach, now: datetime) -> list[tuple[int, int]]:
    """What a budget didn't cover and now does: some of what was reserved came back."""
    _free, paid = edges(reach, now)
    found: list[tuple[int, int]] = []
    for number, text, spent in await waiting.budgets(db):
        count = (policy_from(text).budget - spent) // max(1, reach.prices.get("paid", 0))
        if count > 0:
            found += await waiting.of_broadcast(db, number, channel=channel, since=paid, limit=count)
    return found
