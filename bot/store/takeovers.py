"""What a person on our side wrote in a platform's own tool: rows of the inbox that no officer of ours made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.state import Session
from bot.messages import Address
from bot.store.conversations import ANSWERED
from bot.store.models import addresses, deliveries, handoffs, inbox, interactions, sessions
from bot.store.types import NEVER
from bot.store.upserts import insert_into

LATELY = 20
"""Messages of ours to a person that are looked through: an echo comes within seconds of what it echoes."""


async def is_new(db: AsyncConnection, channel: str, external_id: str, at: datetime) -> bool:
    """Note that this is acted on now; false when it was before, or is by another process."""
    row = {"channel": channel, "external_id": external_id, "received_at": at}
    added = insert_into(inbox, db.dialect).values(row).on_conflict_do_nothing().returning(inbox.c.external_id)
    return (await db.execute(added)).first() is not None


async def contact_at(db: AsyncConnection, to: Address) -> int | None:
    """Whose address it is; None for a stranger."""
    here = and_(addresses.c.channel == to.channel, addresses.c.external_id == to.id)
    found: int | None = (await db.execute(select(addresses.c.contact_id).where(here))).scalar_one_or_none()
    return found


async def lately_owed(db: AsyncConnection, contact_id: int, to: Address) -> Sequence[tuple[str, str, bytes]]:
    """(platform's id, status, payload) of the last messages of ours to a person there, broadcasts' among them."""
    owed, told = deliveries.c, interactions.c
    said = select(told.delivery_id).where(told.contact_id == contact_id, told.delivery_id.is_not(None))
    said = said.order_by(told.id.desc()).limit(LATELY)
    sent = select(owed.id).where(owed.contact_id == contact_id, owed.broadcast_id.is_not(None))
    sent = sent.order_by(owed.id.desc()).limit(LATELY)
    rows = select(owed.external_id, owed.status, owed.payload).where(
        owed.channel == to.channel, owed.address == to.id, or_(owed.id.in_(said), owed.id.in_(sent))
    )
    return [(row.external_id, row.status, row.payload) for row in await db.execute(rows)]


async def was_closed_after(db: AsyncConnection, contact_id: int, at: datetime) -> bool:
    """Whether a conversation with them was closed after *at*: what was written before belongs to that one."""
    query = select(func.max(handoffs.c.closed_at)).where(handoffs.c.contact_id == contact_id)
    closed: datetime | None = (await db.execute(query)).scalar_one()
    return closed is not None and closed > at


async def open_new(db: AsyncConnection, contact_id: int, *, queue: str, at: datetime) -> int:
    """A conversation that nobody asked for: somebody wrote to the person by themselves. Returns its number."""
    row = {"contact_id": contact_id, "queue": queue, "asked_at": at}
    return int((await db.execute(insert(handoffs).values(row).returning(handoffs.c.id))).scalar_one())


async def hold(db: AsyncConnection, contact_id: int, session: Session) -> None:
    """The bot leaves this person's words to an officer from now on, also if it never talked with them."""
    row = {"contact_id": contact_id, "state": json.dumps(session.to_dict()), "seen_at": NEVER, "held": True}
    held = insert_into(sessions, db.dialect).on_conflict_do_update(
        index_elements=["contact_id"], set_={"state": row["state"], "held": True}
    )
    await db.execute(held, row)


async def log_words(db: AsyncConnection, contact_id: int, *, at: datetime, login: str, text: str) -> None:
    """What *login* wrote elsewhere: no delivery of ours carried it."""
    row = {"contact_id": contact_id, "at": at, "kind": ANSWERED, "detail": login, "text": text}
    await db.execute(insert(interactions).values(row))
