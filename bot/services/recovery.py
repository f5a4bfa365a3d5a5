"""After a crash: this process says that it is alive, and takes over what a dead one left unsent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.channels.base import Payload
from bot.services.outcomes import DOUBTS, TAKEOVERS
from bot.services.turn_values import Owed
from bot.store import ledger

log = structlog.get_logger()
BEAT = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=30)
"""A worker unseen for so long is taken for dead: six missed beats."""
BLIND_AFTER = 3 * BEAT
"""Who could not look for so long, because the database was away, gives the others time to show that they live."""


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
        self._looked: datetime | None = None
        self._patient_until: datetime | None = None

    async def start(self) -> None:
        """Take over what is there now, and on PostgreSQL go on looking."""
        await self.look()
        if not self._alone:
            self._task = asyncio.create_task(self._beat(), name="recovery")

    async def close(self) -> None:
        """Say that this worker is gone, so that what it holds need not wait."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        try:
            async with self._database.begin() as db:
                await ledger.retire_worker(db, worker=self._worker)
        except (DBAPIError, OSError) as error:  # then the others will notice the silence
            log.warning("no last heartbeat", error=str(error))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT.total_seconds())
            try:
                await self.look()
            except (DBAPIError, OSError) as error:  # the database is away: the next beat tries again
                log.warning("no heartbeat", error=str(error))

    async def look(self) -> None:
        """Say that this worker lives, and take over what dead ones left."""
        left: Sequence[ledger.Unsent] = ()
        async with self._database.begin() as db:
            now = self._now()  # after waiting for a connection: a beat that comes late must not look old
            await ledger.record_worker(db, worker=self._worker, now=now)
            if await self._may_take_over(db, now):
                dead_before = None if self._alone else now - DEAD_AFTER
                left = await ledger.take_over_unsent(
                    db, now=now, worker=self._worker, doubts=TAKEOVERS, dead_before=dead_before
                )
        self._looked = now
        if left:
            log.info("taking over replies that were not sent", count=len(left))
            self._owe([owed_from(unsent) for unsent in left])

    async def _may_take_over(self, db: AsyncConnection, now: datetime) -> bool:
        """At the start, and when a worker has died since: there is no need to walk through days of the ledger else."""
        if self._alone:
            return True
        if self._looked is not None and now - self._looked > BLIND_AFTER:
            self._patient_until = now + DEAD_AFTER
        if self._patient_until is not None and now < self._patient_until:
            return False
        await ledger.one_at_a_time(db)
        return await ledger.bury_workers(db, dead_before=now - DEAD_AFTER) or self._looked is None


def owed_from(unsent: ledger.Unsent) -> Owed:
    """A row of the ledger as the courier holds it."""
    payload = Payload(unsent.method, unsent.body)
    attempts = min(unsent.attempts, DOUBTS - 1)  # a doubt about the network still gets its second try
    return Owed(unsent.id, unsent.to, payload, attempts, farewell=unsent.reason == "farewell")
