"""How an audience is spread over the windows of platforms that close them: whom which route leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.segments.model import Segment
from bot.store.models import addresses, contacts
from bot.store.segments.audience import is_active, is_reachable, preference
from bot.store.segments.conditions import condition
from bot.store.segments.json_text import text_under
from bot.store.segments.runs import with_runs
from bot.store.standing import PHONE

NUMBER = "0_________"
"""A phone number as we keep one that templates can go to."""


@dataclass(frozen=True, slots=True)
class Spread:
    """So many people whose address on *channel* is taken, of one *window* ("free", "paid", "closed")."""

    channel: str
    window: str
    has_phone: bool
    has_name: bool
    people: int


async def spread(
    db: AsyncConnection, segment: Segment, *, at: datetime, channels: Sequence[str],
    edges: Mapping[str, tuple[datetime, datetime]],
) -> Sequence[Spread]:  # fmt: skip
    """The audience on the channels that have *edges*: since when people must have done something to be written to for
    free, and for money. Those whom another of *channels* reaches first are not in it."""
    segment, theirs = await with_runs(db, segment), addresses.alias()
    is_there = and_(theirs.c.contact_id == contacts.c.id, theirs.c.channel.in_(edges))
    is_among = select(literal(1)).where(is_there).correlate(contacts).exists()  # nobody else need be put in order
    rank = func.row_number().over(partition_by=contacts.c.id, order_by=preference(channels))
    phone = func.coalesce(text_under(contacts.c.fields, PHONE), "").like(NUMBER)
    people = (
        select(
            addresses.c.channel, addresses.c.interacted_at, phone.label("phone"), (contacts.c.name != "").label("name"),
            rank.label("rank"),
        )
        .join(addresses, and_(addresses.c.contact_id == contacts.c.id, is_active(channels)))
        .where(condition(segment, at), is_reachable(at, channels), is_among)
        .subquery("people")
    )  # fmt: skip
    opened = people.c.interacted_at
    window = case(
        *((and_(people.c.channel == name, opened > free), "free") for name, (free, _paid) in edges.items()),
        *((and_(people.c.channel == name, opened > paid), "paid") for name, (_free, paid) in edges.items()),
        else_="closed",
    )
    groups = people.c.channel, window, people.c.phone, people.c.name
    rows = await db.execute(
        select(*groups, func.count()).where(people.c.rank == 1, people.c.channel.in_(edges)).group_by(*groups)
    )
    return [Spread(channel, which, bool(phone), bool(name), count) for channel, which, phone, name, count in rows]
