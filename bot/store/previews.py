"""What officers look at: the people of a preview, the test to themselves, and why deliveries did not arrive."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.state import Person
from bot.messages import Address
from bot.store import ledger
from bot.store.models import addresses, chunks, contacts, deliveries
from bot.store.segments.audience import goes_on


async def people(db: AsyncConnection, ids: Sequence[int]) -> Mapping[int, Person]:
    """What texts may depend on of each of these contacts, by id."""
    found = await db.execute(select(contacts.c.id, contacts.c.fields, contacts.c.stop).where(contacts.c.id.in_(ids)))
    return {row.id: Person(json.loads(row.fields), stop=row.stop) for row in found}


async def contact_at(db: AsyncConnection, to: Address, *, at: datetime) -> int | None:
    """The contact whom a message to *to* may reach; None for a stranger, who blocked us, or who stopped."""
    here = and_(addresses.c.channel == to.channel, addresses.c.external_id == to.id, addresses.c.status == "active")
    one = select(contacts.c.id).join(addresses, addresses.c.contact_id == contacts.c.id).where(here, goes_on(at))
    return (await db.execute(one)).scalar_one_or_none()


async def add_test(
    db: AsyncConnection, *, contact_id: int, to: Address, calls: Sequence[tuple[int, str, bytes]], at: datetime
) -> int:
    """Owe one person *calls* (delivery id, method, body) in a chunk of their own, which no broadcast keeps waiting.

    Returns the chunk's id.
    """
    return await ledger.owe(db, contact_id=contact_id, to=to, calls=calls, reason="test", at=at)


async def failures(db: AsyncConnection, broadcast: int, *, limit: int = 10) -> Sequence[tuple[str, str, int]]:
    """Why deliveries of *broadcast* did not arrive: (status, what the platform answered, how many), the most first.

    Chunks that ended without any are passed over by their counts.
    """
    missed = ("failed", "unknown", "blocked", "opted_out", "expired")
    held = or_(chunks.c.state != "done", *(chunks.c.counts.contains(f'"{status}"') for status in missed))
    row = deliveries.c
    query = (
        select(row.status, row.error, func.count())
        .select_from(chunks.join(deliveries, row.chunk_id == chunks.c.id))
        .where(chunks.c.broadcast_id == broadcast, held, row.status.in_(missed))
        .group_by(row.status, row.error)
        .order_by(func.count().desc(), row.status, row.error)
        .limit(limit)
    )
    return [(status, error, count) for status, error, count in await db.execute(query)]
