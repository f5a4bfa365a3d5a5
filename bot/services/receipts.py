"""What platforms tell of messages of ours, written down in batches: each message brings two or three such events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.conversation import Unavailable
from bot.store import receipts
from bot.store.db import FAULTS
from bot.store.receipts import Receipt

log = structlog.get_logger()
NOTHING = Receipt(None, None)


class Receipts:
    """What *channel* tells of its messages. While one batch commits the next gathers, as with turns."""

    def __init__(self, database: AsyncEngine, channel: str, now: Callable[[], datetime]) -> None:
        self._database, self._channel, self._now = database, channel, now
        self._told: dict[str, Receipt] = {}
        self._done: asyncio.Future[None] | None = None
        self._writer: asyncio.Task[None] | None = None

    async def arrived(self, message_ids: Sequence[str], at: float) -> None:
        """They reached the person at *at* (seconds since 1970; 0: now). Returns once that is committed; `Unavailable`:
        nothing was noted."""
        moment = moment_of(at, self._now())
        await self._note({key: Receipt(moment, None) for key in message_ids})

    async def seen(self, message_ids: Sequence[str], at: float) -> None:
        """They were looked at, likewise."""
        moment = moment_of(at, self._now())
        await self._note({key: Receipt(None, moment) for key in message_ids})

    async def close(self) -> None:
        """Finish what is being written."""
        if self._writer is not None:
            await self._writer

    async def _note(self, told: dict[str, Receipt]) -> None:
        for key, new in told.items():
            self._told[key] = _merged(self._told.get(key, NOTHING), new)
        if self._done is None:
            self._done = asyncio.get_running_loop().create_future()
        done = self._done
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="receipts")
        await asyncio.shield(done)  # who waits no longer must not end it for the others

    async def _write(self) -> None:
        while (done := self._done) is not None:
            told, self._told, self._done = self._told, {}, None
            try:
                async with self._database.begin() as db:
                    await receipts.add(db, self._channel, told)
            except FAULTS as error:
                _fail(done, Unavailable(str(error)))
            except Exception as error:  # the worker's loop: whoever waits must be answered
                log.exception("receipts could not be written", count=len(told))
                _fail(done, error)
            else:
                done.set_result(None)
        self._writer = None


def moment_of(at: float, now: datetime) -> datetime:
    """A moment by a platform's clock, never after *now*; *now* itself where it told none."""
    return datetime.fromtimestamp(at, UTC) if 0 < at < now.timestamp() else now


def _merged(old: Receipt, new: Receipt) -> Receipt:
    return replace(
        old,
        received_at=_earlier(old.received_at, new.received_at),
        seen_at=_earlier(old.seen_at, new.seen_at),
    )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return one if other is None else other if one is None else min(one, other)


def _fail(done: asyncio.Future[None], error: Exception) -> None:
    done.set_exception(error)
    done.exception()  # told, even if nobody waits any more
