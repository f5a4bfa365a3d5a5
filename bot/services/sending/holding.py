"""Chunks that this worker holds: their leases are renewed, and who lost one stops sending from it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import handout
from bot.store.db import FAULTS

log = structlog.get_logger()
LEASE = timedelta(seconds=30)
RENEWED_EACH = timedelta(seconds=5)
TRUSTED_FOR = LEASE * 2 / 3
"""Who could not renew for so long sends nothing more: by the end of the lease all that was in flight has ended."""


class Holding:
    """One claimed chunk. `outstanding` rows were taken up and are not committed yet; `is_in_doubt`: of some nobody will
    ever know what became of them.
    """

    def __init__(self, claim: handout.Claim, time: Callable[[], float], *, since: float) -> None:
        self.claim, self._time = claim, time
        self.outstanding, self.is_in_doubt = 0, False
        self._renewed, self._is_lost = since, False
        self._settled = asyncio.Event()
        self._settled.set()

    @property
    def may_send(self) -> bool:
        """Whether the chunk is ours for certain: also a process that was suspended finds out here."""
        return not self._is_lost and self._time() - self._renewed < TRUSTED_FOR.total_seconds()

    def renewed(self, at: float) -> None:
        """The lease was renewed by a statement begun at *at*."""
        self._renewed = at

    def lose(self) -> None:
        """The chunk is another worker's."""
        self._is_lost = True

    def doubt(self) -> None:
        """An outcome could not be written: nothing more leaves, and whoever claims the chunk next finds it in doubt."""
        self.is_in_doubt = self._is_lost = True

    def take_up(self, count: int) -> None:
        """*count* more rows may leave."""
        self.outstanding += count
        self._settled.clear()

    def settle_one(self) -> None:
        """It is committed what became of one row, or it never left."""
        self.outstanding -= 1
        if not self.outstanding:
            self._settled.set()

    async def settled(self) -> None:
        """Wait until nothing is outstanding."""
        await self._settled.wait()


class Keeper:
    """Renews the leases of all that this process holds."""

    def __init__(self, database: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self._time = asyncio.get_running_loop().time
        self._held: dict[int, Holding] = {}
        self._renewing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to renew."""
        self._renewing = asyncio.create_task(self._renew_forever(), name="leases")

    async def close(self) -> None:
        """Stop renewing."""
        if self._renewing is not None:
            self._renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._renewing

    def hold(self, claim: handout.Claim, *, since: float) -> Holding:
        """Look after *claim*, got by a statement begun at *since*."""
        self._held[claim.chunk_id] = holding = Holding(claim, self._time, since=since)
        return holding

    def let_go(self, holding: Holding) -> None:
        """Renew it no more."""
        if self._held.get(holding.claim.chunk_id) is holding:
            del self._held[holding.claim.chunk_id]

    async def _renew_forever(self) -> None:
        while True:
            await asyncio.sleep(RENEWED_EACH.total_seconds())
            try:
                await self._renew()
            except FAULTS as error:  # each holding notices by itself when it was too long
                log.warning("leases could not be renewed", error=str(error))

    async def _renew(self) -> None:
        for holding in list(self._held.values()):
            began, claim = self._time(), holding.claim
            async with self._database.begin() as db:
                is_ours = await handout.renew(
                    db, chunk_id=claim.chunk_id, epoch=claim.epoch, lease=LEASE, at=self._now()
                )
            if is_ours:
                holding.renewed(began)
            elif self._held.get(claim.chunk_id) is holding:
                holding.lose()
