"""One contact with all that a segment may ask of them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.segments.matching import KINDS, BroadcastGot, Happened, Profile
from bot.store.models import addresses, broadcasts, contacts, deliveries, interactions, sessions, topics
from bot.store.segments.conditions import is_in_dialog

_fields = msgspec.json.Decoder(dict[str, str]).decode


async def profile(db: AsyncConnection, contact_id: int, *, at: datetime) -> Profile | None:
    """The contact as segments see them at the moment *at*; None when there is no such contact."""
    one = select(contacts, is_in_dialog(at).label("talks")).where(contacts.c.id == contact_id)
    row = (await db.execute(one)).one_or_none()
    if row is None:
        return None
    active = select(addresses.c.channel).where(addresses.c.contact_id == contact_id, addresses.c.status == "active")
    of_topics = select(topics.c.topic).where(topics.c.contact_id == contact_id)
    seen = select(sessions.c.seen_at).where(sessions.c.contact_id == contact_id)
    return Profile(
        id=row.id, household=row.household, commune=row.commune, language=row.language, fields=_fields(row.fields),
        channels=frozenset((await db.execute(active)).scalars()), consent=row.consent, stop=row.stop,
        topics=frozenset((await db.execute(of_topics)).scalars()), stopped_until=row.stopped_until, source=row.source,
        first_seen=row.created_at, last_seen=(await db.execute(seen)).scalar_one_or_none(),
        is_in_dialog=bool(row.talks), events=await _events(db, contact_id),
        broadcasts=await _broadcasts(db, contact_id),
    )  # fmt: skip


async def _events(db: AsyncConnection, contact_id: int) -> tuple[Happened, ...]:
    row = interactions.c
    told = select(row.kind, row.dialog, row.node, row.detail, row.at).where(
        row.contact_id == contact_id, row.kind.in_(KINDS)
    )
    return tuple(Happened(*event) for event in await db.execute(told.order_by(row.id)))


async def _broadcasts(db: AsyncConnection, contact_id: int) -> tuple[BroadcastGot, ...]:
    of = (
        select(deliveries.c.broadcast_id, broadcasts.c.parent_id, deliveries.c.status, deliveries.c.sent_at)
        .outerjoin(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
        .where(deliveries.c.contact_id == contact_id, deliveries.c.broadcast_id.is_not(None))
        .order_by(deliveries.c.id)
    )
    return tuple(BroadcastGot(*got) for got in await db.execute(of))
