"""What waits for officers, counted cheaply: these queries run whenever somebody opens the first page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.models import contacts, handoffs


async def waiting_people(db: AsyncConnection, *, area: Sequence[str]) -> tuple[int, datetime | None]:
    """How many people of *area* wait for an officer's answer, and since when the first of them does."""
    row = handoffs.c
    waits = (row.closed_at.is_(None), row.waiting_since.is_not(None))
    query = select(func.count(), func.min(row.waiting_since)).where(*waits)
    if area:
        query = query.join(contacts, contacts.c.id == row.contact_id).where(contacts.c.commune.in_(area))
    count, since = (await db.execute(query)).one()
    return int(count), since
