"""After a crash: this process says that it is alive, and takes over what a dead one left unsent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Payload
from bot.services.outcomes import DOUBTS
from bot.services.turn_plan import Owed
from bot.store import ledger

log = structlog.get_logger()
BEAT = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=30)
"""A worker unseen for so long is taken for dead: six missed beats."""


class Recovery:
    """Keeps this worker's row fresh, and looks for what others left.

    `alone` is an SQLite process: nobody else can hold anything, so all that is unsent is ours at once.
    """

    def __init__(
        self, database: AsyncEngine, worker: int, *, alone: bool, now: Callable[[], datetime],
        owe: Callable[[Sequence[Owed]], None],
    ) -> None:  # fmt: skip
        self._database, self._worker, self._alone = database, worker, alone
        self._now, self._owe = now, owe
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take over what is there now, and on PostgreSQL go on looking."""
        await self._look()
        if not self._alone:
            self._task = asyncio.create_task(self._beat(), name="recovery")

    async def close(self) -> None:
        """Say that this worker is gone, so that what it holds need not wait."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        async with self._database.begin() as db:
            await ledger.forget_worker(db, worker=self._worker)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT.total_seconds())
            try:
                await self._look()
            except (DBAPIError, OSError) as error:  # the database is away: the next beat tries again
                log.warning("no heartbeat", error=str(error))

    async def _look(self) -> None:
        now = self._now()
        async with self._database.begin() as db:
            await ledger.record_worker(db, worker=self._worker, now=now)
            dead_before = None if self._alone else now - DEAD_AFTER
            left = await ledger.take_over_unsent(
                db, now=now, worker=self._worker, doubts=DOUBTS, dead_before=dead_before
            )
        if left:
            log.info("taking over replies that were not sent", count=len(left))
            self._owe([owed_from(unsent) for unsent in left])


def owed_from(unsent: ledger.Unsent) -> Owed:
    """A row of the ledger as the courier holds it."""
    payload = Payload(unsent.method, unsent.body)
    return Owed(unsent.id, unsent.to, payload, unsent.attempts, farewell=unsent.reason == "farewell")
