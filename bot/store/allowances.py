"""How many messages an account has sent, where its plan allows only so many."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.ids import first_id_at
from bot.store.models import deliveries

PLANNED: Final = timedelta(days=31)
"""How long before it left a message was put into the ledger at most: its key tells when, so that a month's count reads
two months of the ledger, and needs no index. Broadcasts that wait longer are few."""


async def sent_since(db: AsyncConnection, *, channel: str, since: datetime) -> int:
    """Messages that *channel* took from *since* on."""
    sent = (
        deliveries.c.id >= first_id_at(since - PLANNED),
        deliveries.c.channel == channel,
        deliveries.c.status == "sent",
        deliveries.c.sent_at >= since,
    )
    return (await db.execute(select(func.count()).select_from(deliveries).where(*sent))).scalar_one()
