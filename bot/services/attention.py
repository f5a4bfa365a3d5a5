"""What needs an officer today, the most pressing first: so that nobody has to look for it on nine pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Channel, Metered
from bot.engine.content import Fact
from bot.services.broadcasting.model import Broadcast, broadcast_from
from bot.services.insight import readings
from bot.services.zalo_standing import ACCOUNT, standing, trouble_of
from bot.store import attention, broadcasts

LATELY = timedelta(days=7)
"""How long a broadcast with failures is shown: after a week nobody sends it again."""
MOST = 20
"""Broadcasts that are looked at."""
LATE = timedelta(minutes=10)
"""How far the counts may be behind the log before it is said: the follower runs every few seconds."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A broadcast of whose messages some failed, or may not have arrived."""

    broadcast: Broadcast
    failed: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Needs:
    """What waits. `waiting` people since `since` at the longest; `overdue` facts are said no more; `silent` channels
    say that they don't work; `lost` is what keeps us from acting for an account, in words; `behind` is how old the
    counts are, when that is worth saying."""

    submitted: Sequence[Broadcast]
    paused: Sequence[Broadcast]
    waiting: int
    since: datetime | None
    overdue: Sequence[Fact]
    troubles: Sequence[Trouble]
    silent: Sequence[str]
    lost: str
    behind: timedelta | None

    @property
    def is_calm(self) -> bool:
        """Whether nothing waits at all."""
        parts = (self.submitted, self.paused, self.waiting, self.overdue, self.troubles, self.silent, self.behind)
        return not any(parts) and not self.lost


async def needs(
    db: AsyncConnection, *, area: Sequence[str], facts: Mapping[str, Fact], channels: Mapping[str, Channel],
    now: datetime, today: date,
) -> Needs:  # fmt: skip
    """What waits for officers of *area*, now."""
    open_ = [broadcast_from(row) for row in await broadcasts.listing(
        db, states=("submitted", "paused"), area=area, limit=MOST)]  # fmt: skip
    waiting, since = await attention.waiting_people(db, area=area)
    behind = await readings.behind(db)
    lost = trouble_of(await standing(db, now=now)) if isinstance(channels.get(ACCOUNT), Metered) else ""
    return Needs(
        [one for one in open_ if one.state == "submitted"], [one for one in open_ if one.state == "paused"],
        waiting, since, sorted((fact for fact in facts.values() if today > fact.review), key=lambda fact: fact.review),
        await _troubles(db, area, now), _silent(channels, lost), lost,
        behind if behind is not None and behind > LATE else None,
    )  # fmt: skip


def _silent(channels: Mapping[str, Channel], lost: str) -> Sequence[str]:
    """Where it is told already what an account lacks, that it doesn't work is no news."""
    silent = [name for name, one in channels.items() if not one.health().get("ok")]
    return [name for name in silent if not (lost and name == ACCOUNT)]


async def _troubles(db: AsyncConnection, area: Sequence[str], now: datetime) -> Sequence[Trouble]:
    rows = await broadcasts.listing(db, states=("sending", "paused", "done"), area=area, limit=MOST)
    recent = [one for one in map(broadcast_from, rows) if one.started_at and one.started_at > now - LATELY]
    counted = await broadcasts.tallies(db, [one.id for one in recent]) if recent else {}
    found = (Trouble(one, counted[one.id].get("failed", 0), counted[one.id].get("unknown", 0)) for one in recent)
    return [trouble for trouble in found if trouble.failed or trouble.unknown]
