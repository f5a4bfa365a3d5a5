"""What an audience is made of, and why the others in the segment can't be written to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.segments.model import Segment
from bot.store.models import addresses, contacts
from bot.store.segments.audience import AGREED, is_active, preference
from bot.store.segments.conditions import condition, stop_at
from bot.store.segments.runs import with_runs

Reason = Literal["stopped", "no_consent", "blocked", "no_address"]
REASONS: tuple[Reason, ...] = ("stopped", "no_consent", "blocked", "no_address")
"""Each person counts for the first one that fits. Blocked: no address on a channel that is on works any more."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """How many people, `total` of them reachable; the counts of each mapping add up to it.

    Communes and kinds of household are by code ("" is not told), languages "vi" and so on.
    """

    total: int
    by_channel: Mapping[str, int]
    by_commune: Mapping[str, int]
    by_household: Mapping[str, int]
    by_language: Mapping[str, int]
    unreachable: Mapping[Reason, int]


async def breakdown(db: AsyncConnection, segment: Segment, *, at: datetime, channels: Sequence[str]) -> Breakdown:
    """The people of *segment*, all counted in one reading."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in (*_GROUPS, "reason")}
    for row in (await db.execute(_query(await with_runs(db, segment), at, channels))).mappings():
        if row["reason"]:
            counts["reason"][row["reason"]] += row["people"]
            continue
        for name in _GROUPS:
            counts[name][row[name]] += row["people"]
    channel, commune, household, language = (dict(counts[name].most_common()) for name in _GROUPS)
    unreachable = {reason: counts["reason"][reason] for reason in REASONS}
    return Breakdown(sum(channel.values()), channel, commune, household, language, unreachable)


_GROUPS = ("channel", "commune", "household", "language")


def _query(segment: Segment, at: datetime, channels: Sequence[str]) -> Select[Any]:
    """Rows of (reason, channel, commune, household, language, people); the reason is empty for the reachable."""
    people = (
        select(
            _reason(at, channels).label("reason"), _channel(channels).label("channel"), contacts.c.commune,
            contacts.c.household, case((contacts.c.language == "", "vi"), else_=contacts.c.language).label("language"),
        )
        .where(condition(segment, at))
        .subquery("people")
    )  # fmt: skip
    groups = [people.c[name] for name in ("reason", *_GROUPS)]
    return select(*groups, func.count().label("people")).group_by(*groups)


def _reason(at: datetime, channels: Sequence[str]) -> ColumnElement[str]:
    return case(
        (stop_at(at) != "none", "stopped"),
        (contacts.c.consent != AGREED, "no_consent"),
        (_has_address(is_active(channels)), ""),
        (_has_address(addresses.c.channel.in_(channels)), "blocked"),
        else_="no_address",
    )


def _has_address(which: ColumnElement[bool]) -> ColumnElement[bool]:
    mine = and_(addresses.c.contact_id == contacts.c.id, which)
    return select(literal(1)).where(mine).correlate(contacts).exists()


def _channel(channels: Sequence[str]) -> ColumnElement[str]:
    mine = and_(addresses.c.contact_id == contacts.c.id, is_active(channels))
    best = select(addresses.c.channel).where(mine).order_by(*preference(channels)).limit(1)
    return func.coalesce(best.correlate(contacts).scalar_subquery(), "")
