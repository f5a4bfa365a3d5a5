"""How far a broadcast is: what became of its messages so far, how fast it goes, and when it would be through."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.services.broadcasting.model import ENDED, Broadcast
from bot.services.broadcasting.release import find_broadcast
from bot.services.broadcasting.timing import NEVER, Holidays, forecast
from bot.store import broadcasts, previews, spending
from bot.store.db import reading
from bot.store.spending import Spent
from bot.store.waiting import PARKED

PENDING = ("queued", "claimed")
STILL = ("draft", "submitted", "approved", *ENDED)
"""States that nothing but an officer changes."""
WINDOW = 30
"""Looks that the rate is taken over, while somebody follows."""
ROUTES_EVERY = 8
"""Looks after which routes and costs are counted again, while somebody follows: of a million rows that takes half a
second, and counts come from the chunks meanwhile."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`counts` by status add up to the rows there are; `total` is how many there will be, once all are planned.

    `failures` are (status, what the platform answered, how many). `rate` is in messages a second, `ends` a forecast;
    None while there is nothing to tell them from. `routes` are of channels with windows.
    """

    broadcast: Broadcast
    at: datetime
    counts: Mapping[str, int]
    failures: Sequence[tuple[str, str, int]]
    rate: float | None
    ends: datetime | None
    routes: Sequence[Spent] = ()

    @property
    def waiting(self) -> int:
        """How many wait for their person to write."""
        return sum(one.people for one in self.routes if one.status in PENDING and one.route in PARKED)

    @property
    def done(self) -> int:
        """How many messages have ended, one way or another."""
        return sum(count for status, count in self.counts.items() if status not in PENDING)

    @property
    def total(self) -> int:
        """How many there will be."""
        rows, broadcast = sum(self.counts.values()), self.broadcast
        return rows if broadcast.is_planned or broadcast.state in ENDED else max(rows, broadcast.audience)


async def progress_of(
    db: AsyncConnection, number: int, *, at: datetime, holidays: Holidays, before: Progress | None = None,
    channels: Collection[str] = (), routes: Sequence[Spent] | None = None,
) -> Progress:  # fmt: skip
    """One look. The rate is that since *before*, else since the start; *channels* are those with windows, *routes* what
    a look shortly before counted on them.

    Raises `Refused` when there is no such broadcast.
    """
    broadcast = await find_broadcast(db, number)
    if routes is None or broadcast.state in STILL:  # what no look follows must be right
        routes = await spending.by_route(db, number, channels=channels)
    look = Progress(
        broadcast, at, await broadcasts.counts(db, number), await previews.failures(db, number), None, None,
        routes,
    )  # fmt: skip
    rate = _rate(look, before)
    if broadcast.state != "sending" or not rate:
        return replace(look, rate=rate)
    ends = forecast(look.total - look.done - look.waiting, rate, at, broadcast.timing, holidays)
    return replace(look, rate=rate, ends=None if ends == NEVER else ends)


def _rate(look: Progress, before: Progress | None) -> float | None:
    since = before.at if before else look.broadcast.started_at
    until = look.broadcast.ended_at or look.at
    if since is None or until <= since:
        return None
    return (look.done - (before.done if before else 0)) / (until - since).total_seconds()


async def looks_at(
    database: AsyncEngine, number: int, *, now: Callable[[], datetime], every: timedelta, holidays: Holidays,
    channels: Collection[str] = (),
) -> AsyncIterator[Progress]:  # fmt: skip
    """One look after another until the broadcast has ended, or waits for an officer."""
    window: deque[Progress] = deque(maxlen=WINDOW)
    for turn in count():
        async with reading(database).connect() as db:
            before = window[0] if window else None
            routes = window[-1].routes if turn % ROUTES_EVERY else None
            look = await progress_of(
                db, number, at=now(), holidays=holidays, before=before, channels=channels, routes=routes
            )  # fmt: skip
        yield look
        if look.broadcast.state in STILL:
            return
        window.append(look)
        await asyncio.sleep(every.total_seconds())
