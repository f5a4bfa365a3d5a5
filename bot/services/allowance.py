"""Counting what an account has sent this month, where its plan allows only so many: the platform doesn't tell."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.channels.base import Channel
from bot.services.broadcasting.hours import HANOI
from bot.services.segmenting.words import CHANNELS
from bot.speech import _
from bot.store.allowances import sent_since
from bot.store.db import FAULTS, reading

log = structlog.get_logger()
LOOK_SECONDS: Final = 600.0
"""Seconds between two counts: at five messages a second a month's 3,000 last as long."""
SCARCE: Final = 0.9
"""The share of the month's messages after which the log warns."""


class Account(Channel, Protocol):
    """An account that says how many messages it sent this month: `used` is for us to set."""

    used: int


class Allowance:
    """Keeps an account's `used` up to date."""

    def __init__(self, database: AsyncEngine, account: Account, now: Callable[[], datetime]) -> None:
        self._database, self._account, self._now = database, account, now
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Count in the background, from time to time."""
        self._task = asyncio.create_task(self._run(), name="allowance")

    async def close(self) -> None:
        """Count no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> None:
        """Count once."""
        since = month_of(self._now())
        async with reading(self._database).connect() as db:
            used = await sent_since(db, channel=self._account.name, since=since)
        scarce = self._account.capabilities.a_month * SCARCE
        if scarce and self._account.used < scarce <= used:
            log.warning("few messages are left this month", channel=self._account.name, used=used)
        self._account.used = used

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except FAULTS as error:  # the database is away: the next look tries again
                log.warning("the month's messages can't be counted", error=str(error))
            await asyncio.sleep(LOOK_SECONDS)


async def shortages(
    db: AsyncConnection, channels: Mapping[str, Channel], wanted: Mapping[str, int], at: datetime
) -> Sequence[str]:
    """A line for each channel that has fewer messages left this month than *wanted* of it."""
    told = []
    for name, count in wanted.items():
        allowed = channels[name].capabilities.a_month if name in channels else 0
        if not allowed or not count:
            continue
        left = max(0, allowed - await sent_since(db, channel=name, since=month_of(at)))
        if count > left:
            line = _(
                "Kênh {channel}: tháng này còn {left} trong {allowed} tin của gói, mà lượt này cần ít nhất {count} "
                "tin. Chọn ít người hơn, đợi sang tháng, hoặc nâng gói."
            )
            told.append(line.format(channel=_(CHANNELS.get(name, name)), left=left, allowed=allowed, count=count))
    return told


def month_of(now: datetime) -> datetime:
    """When this month began in Hà Nội: the platform doesn't say whose months it counts by."""
    return now.astimezone(HANOI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
