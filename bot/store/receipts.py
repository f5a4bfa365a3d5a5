"""What a platform told of messages of ours: that they arrived, that they were looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.account_models import receipts
from bot.store.models import deliveries
from bot.store.upserts import insert_into

LONGEST = 64
"""Letters of a message's id: `deliveries.external_id` holds no more."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """When a message arrived and when it was looked at, as far as the platform told."""

    received_at: datetime | None
    seen_at: datetime | None


async def add(db: AsyncConnection, channel: str, told: Mapping[str, Receipt]) -> None:
    """Note what was told, by message id. Of several moments the earliest stays: a redelivered event changes nothing.

    The messages needn't be in the ledger yet: the platform may be faster than our own mark.
    """
    if not told:
        return
    made = insert_into(receipts, db.dialect)
    upsert = made.on_conflict_do_update(
        index_elements=["channel", "message_id"],
        set_={name: _earlier(receipts.c[name], made.excluded[name]) for name in ("received_at", "seen_at")},
    )
    rows = [
        {"channel": channel, "message_id": key, "received_at": told[key].received_at, "seen_at": told[key].seen_at}
        for key in sorted(told)  # in one order, so that two processes don't wait for each other
    ]
    await db.execute(upsert, rows)


def _earlier(old: ColumnElement[Any], new: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((or_(old.is_(None), new < old), new), else_=old)


async def of(db: AsyncConnection, channel: str, message_ids: Collection[str]) -> Mapping[str, Receipt]:
    """What was told of these messages; those of which nothing was are missing."""
    here = (receipts.c.channel == channel, receipts.c.message_id.in_(message_ids))
    rows = await db.execute(select(receipts).where(*here))
    return {row.message_id: Receipt(row.received_at, row.seen_at) for row in rows}


async def counted(db: AsyncConnection, broadcast: int) -> tuple[int, int]:
    """How many messages of a broadcast arrived, and how many were looked at, as far as platforms tell.

    What was looked at arrived, told or not.
    """
    row, owed = receipts.c, deliveries.c
    query = (
        select(func.count(), func.count(row.seen_at))
        .select_from(deliveries)
        .join(receipts, (row.channel == owed.channel) & (row.message_id == owed.external_id))
        .where(owed.broadcast_id == broadcast, owed.external_id != "")
    )
    arrived, seen = (await db.execute(query)).one()
    return int(arrived), int(seen)
