"""Counters as pages read them: sums over days, in one commune, in some, or everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.insight.writing import NAME
from bot.store.insight_models import EVERYWHERE, cursors, headcounts, tallies


def _in(area: Sequence[str]) -> ColumnElement[bool]:
    """Everywhere is one row for each counter; an area has one for each of its communes."""
    return tallies.c.commune.in_(area) if area else tallies.c.commune == EVERYWHERE


def _counted(
    metrics: Sequence[str], subject: str, first: date | None, last: date | None, area: Sequence[str]
) -> ColumnElement[bool]:
    t = tallies.c
    days = [t.day >= first] if first is not None else []
    days += [t.day <= last] if last is not None else []
    return and_(t.metric.in_(metrics), t.subject == subject, _in(area), *days)


async def by_day(
    db: AsyncConnection, metrics: Sequence[str], *, first: date, last: date, area: Sequence[str]
) -> Sequence[tuple[str, date, int]]:
    """(metric, day, n), where n isn't 0."""
    t = tallies.c
    query = select(t.metric, t.day, func.sum(t.n)).where(_counted(metrics, "", first, last, area))
    found = await db.execute(query.group_by(t.metric, t.day).having(func.sum(t.n) != 0))
    return [(metric, day, int(n)) for metric, day, n in found]


async def by_key(
    db: AsyncConnection, metrics: Sequence[str], *, first: date | None, last: date | None, area: Sequence[str],
    subject: str = "",
) -> Sequence[tuple[str, str, int]]:  # fmt: skip
    """(metric, key, n) over the days from *first* to *last* (None: without bound), where n isn't 0."""
    t = tallies.c
    query = select(t.metric, t.key, func.sum(t.n)).where(_counted(metrics, subject, first, last, area))
    found = await db.execute(query.group_by(t.metric, t.key).having(func.sum(t.n) != 0))
    return [(metric, key, int(n)) for metric, key, n in found]


async def heads(db: AsyncConnection, *, area: Sequence[str]) -> Sequence[tuple[str, str, str, int]]:
    """(dimension, commune, key, n) of the headcounts."""
    h = headcounts.c
    query = select(h.dimension, h.commune, h.key, h.n)
    found = await db.execute(query.where(h.commune.in_(area)) if area else query)
    return [(row[0], row[1], row[2], row[3]) for row in found]


async def counted_at(db: AsyncConnection) -> datetime | None:
    """When the headcounts were taken."""
    query = select(cursors.c.counted_at).where(cursors.c.name == NAME)
    at: datetime | None = (await db.execute(query)).scalar_one_or_none()
    return at
