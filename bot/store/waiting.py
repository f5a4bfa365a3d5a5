"""Messages of broadcasts that wait until their person writes: nothing reaches them now, or nothing that is paid for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.models import addresses, broadcasts, chunks, deliveries

LATER, UNPAID = "later", "unpaid"
"""`deliveries.route` of what waits: no route leads to the person, or none that the budget covers."""
PARKED = (LATER, UNPAID)
Found = Sequence[tuple[int, int]]
"""Pairs of (delivery, chunk)."""


def _parked() -> Select[Any]:
    """With the address that each goes to."""
    d, a = deliveries.c, addresses.c
    where_to = and_(a.contact_id == d.contact_id, a.channel == d.channel, a.external_id == d.address)
    waits = and_(d.broadcast_id.is_not(None), d.status == "queued", d.route.in_(PARKED))
    return select(d.id, d.chunk_id).join(addresses, where_to).where(waits)


async def of_those_who_wrote(db: AsyncConnection, *, channel: str, since: datetime) -> Found:
    """What waits for people who opened their window after *since*, of broadcasts under way: else all that these people
    were ever sent would be read, twice a second."""
    a, b = addresses.c, broadcasts.c
    under_way = select(b.id).where(b.state.in_(("sending", "paused")))
    theirs = and_(a.channel == channel, a.interacted_at > since, deliveries.c.broadcast_id.in_(under_way))
    found = await db.execute(_parked().where(theirs))
    return [(row[0], row[1]) for row in found]


async def of_broadcast(
    db: AsyncConnection, number: int, *, channel: str, since: datetime, limit: int
) -> Found:  # fmt: skip
    """Up to *limit* messages of one broadcast that its budget didn't cover, to people who wrote after *since*."""
    d, a = deliveries.c, addresses.c
    rows = _parked().where(d.broadcast_id == number, d.route == UNPAID, d.channel == channel, a.interacted_at > since)
    return [(row[0], row[1]) for row in await db.execute(rows.order_by(d.id).limit(limit))]


async def wake(db: AsyncConnection, found: Found, *, at: datetime) -> int:
    """Let these be looked at again from *at* on; how many.

    Only of chunks that nobody holds: what falls due within a held one would look as if it had left with the others.
    """
    by_chunk: defaultdict[int, list[int]] = defaultdict(list)
    for delivery, chunk in found:
        by_chunk[chunk].append(delivery)
    woken = 0
    for chunk, ids in sorted(by_chunk.items()):
        is_open = and_(chunks.c.id == chunk, chunks.c.state == "open")
        if (await db.execute(update(chunks).where(is_open).values(not_before=at))).rowcount:
            still = and_(deliveries.c.id.in_(ids), deliveries.c.status == "queued", deliveries.c.route.in_(PARKED))
            woken += (await db.execute(update(deliveries).where(still).values(due_at=at, route=""))).rowcount
    return woken


async def budgets(db: AsyncConnection) -> Sequence[tuple[int, str, int]]:
    """(number, policy, spent) of the broadcasts that are going out."""
    b = broadcasts.c
    found = await db.execute(select(b.id, b.policy, b.spent).where(b.state == "sending").order_by(b.id))
    return [(row[0], row[1], row[2]) for row in found]


async def only_waited(db: AsyncConnection, number: int) -> bool:
    """Whether what is expired of a broadcast waited for people to write, all of it, and there is any."""
    d, c = deliveries.c, chunks.c
    expired = and_(c.broadcast_id == number, c.counts.contains('"expired"'), d.status == "expired")
    routes = select(d.route.in_(PARKED)).select_from(chunks.join(deliveries, d.chunk_id == c.id)).where(expired)
    return (await db.execute(routes.distinct())).scalars().all() == [True]
