"""Who of a segment may be written to, and where: people who agreed, didn't stop, and can be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.segments.model import Segment
from bot.store.models import addresses, contacts
from bot.store.segments.conditions import condition
from bot.store.segments.indexed import Bounds
from bot.store.segments.runs import with_runs

AGREED = "co"
"""The value of the field `dong-y` that lets broadcasts reach a person."""
LOOKED_AT, AT_LEAST = 2, 2_000
"""Contacts looked at first for each one that a page wants (about every second may be written to), and at least."""
TELLING, FURTHER = 10, 8
"""So many found in a stretch tell how long the next one must be; after fewer it is so many times as long."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where one person of an audience gets their message."""

    contact_id: int
    channel: str
    address: str


def is_reachable(at: datetime, channels: Sequence[str]) -> ColumnElement[bool]:
    """Whether broadcasts may reach a row of `contacts`. No segment can say otherwise."""
    there = select(literal(1)).where(addresses.c.contact_id == contacts.c.id, is_active(channels))
    return and_(contacts.c.consent == AGREED, goes_on(at), there.correlate(contacts).exists())


def goes_on(at: datetime) -> ColumnElement[bool]:
    """Whether nothing is stopped: `stop_at` is "none", in terms of which PostgreSQL knows how many they are."""
    week_over = and_(contacts.c.stop == "week", contacts.c.stopped_until <= at)
    return or_(contacts.c.stop == "none", week_over)


def is_active(channels: Sequence[str]) -> ColumnElement[bool]:
    """Addresses that work, on channels that are on."""
    return and_(addresses.c.status == "active", addresses.c.channel.in_(channels))


def preference(channels: Sequence[str]) -> tuple[ColumnElement[Any], ...]:
    """The order in which a person's addresses are taken: by channel as listed, then the newest."""
    if not channels:
        return addresses.c.changed_at.desc(), addresses.c.external_id
    order = case({name: place for place, name in enumerate(channels)}, value=addresses.c.channel, else_=len(channels))
    return order, addresses.c.changed_at.desc(), addresses.c.external_id


async def count(db: AsyncConnection, segment: Segment, *, at: datetime, channels: Sequence[str]) -> int:
    """How many people of *segment* a broadcast may reach on *channels*."""
    if not channels:
        return 0
    there = and_(condition(await with_runs(db, segment), at), is_reachable(at, channels))
    return int((await db.execute(select(func.count()).select_from(contacts).where(there))).scalar_one())


async def page(
    db: AsyncConnection,
    segment: Segment,
    *,
    at: datetime,
    channels: Sequence[str],
    after: int,
    ceiling: int,
    limit: int,
) -> Sequence[Recipient]:
    """Up to *limit* people of the audience with ids above *after*, up to *ceiling*, in ascending order.

    Fewer than *limit* only when no more are left. Contacts are looked at in stretches, the sets of a segment within
    them only: so a page of a large audience costs one page, and the pages of a small one aren't many.
    """
    segment = await with_runs(db, segment)
    found: list[Recipient] = []
    steps = max(limit * LOOKED_AT, AT_LEAST)
    while channels and after < ceiling and len(found) < limit:
        until = await _id_further(db, after, steps)
        until = ceiling if until is None else min(until, ceiling)
        more = await _page(db, segment, at, channels, Bounds(after, until), limit - len(found))
        found += more
        after, steps = until, _next_steps(steps, len(more), limit - len(found))
    return found


def _next_steps(steps: int, found: int, wanted: int) -> int:
    """How many contacts to look at next, when *steps* of them held *found* and as many as *wanted* are wanted still."""
    return AT_LEAST + steps * wanted * 5 // (found * 4) if found >= TELLING else steps * FURTHER


async def _id_further(db: AsyncConnection, after: int, steps: int) -> int | None:
    """The id that is *steps* contacts above *after*; None when there are not so many."""
    ids = select(contacts.c.id).where(contacts.c.id > after).order_by(contacts.c.id).offset(steps).limit(1)
    found: int | None = (await db.execute(ids)).scalar_one_or_none()
    return found


async def _page(
    db: AsyncConnection, segment: Segment, at: datetime, channels: Sequence[str], bounds: Bounds, limit: int
) -> list[Recipient]:
    rows = await db.execute(page_query(segment, at, channels, bounds, limit))
    found: dict[int, Recipient] = {}
    for row in rows:
        found.setdefault(row.id, Recipient(row.id, row.channel, row.external_id))
    return list(found.values())


def page_query(segment: Segment, at: datetime, channels: Sequence[str], bounds: Bounds, limit: int) -> Select[Any]:
    """Rows of (id, channel, external_id) by ascending contact, a contact's preferred address first.

    Joined from the people outwards: everyone has an address, but SQLite would read those of a whole channel first.
    """
    people = (
        select(contacts.c.id)
        .where(condition(segment, at, bounds), is_reachable(at, channels), *bounds.of(contacts.c.id))
        .order_by(contacts.c.id)
        .limit(limit)
        .subquery("people")
    )
    return (
        select(people.c.id, addresses.c.channel, addresses.c.external_id)
        .outerjoin_from(people, addresses, and_(addresses.c.contact_id == people.c.id, is_active(channels)))
        .order_by(people.c.id, *preference(channels))
    )


async def sample(
    db: AsyncConnection, segment: Segment, *, at: datetime, channels: Sequence[str], size: int = 20
) -> Sequence[Recipient]:
    """Up to *size* people from all over the audience, by when they joined; the same ones each time."""
    first, last = (await db.execute(select(func.min(contacts.c.id), func.max(contacts.c.id)))).one()
    if first is None:
        return []
    found: list[Recipient] = []
    for point in range(size):
        after = first - 1 + (last - first + 1) * point // size
        if found and found[-1].contact_id > after:
            continue  # the last one looked for was found beyond this point: there is nobody in between
        one = await page(db, segment, at=at, channels=channels, after=after, ceiling=last, limit=1)
        if not one:
            break
        found += one
    if len(found) < size:  # they joined in few moments, or are few
        found += await page(db, segment, at=at, channels=channels, after=first - 1, ceiling=last, limit=size)
    return sorted(dict.fromkeys(found), key=lambda one: one.contact_id)[:size]
