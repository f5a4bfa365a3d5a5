"""The frozen audience: pages of the segment become rows of the ledger, in chunks of one channel each (rule 1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.state import Library
from bot.services.broadcasting.model import Broadcast
from bot.services.broadcasting.targeting import segment_of
from bot.store import segments
from bot.store.ids import Ids
from bot.store.models import broadcasts, chunks, deliveries
from bot.store.segments import Recipient

PAGE = 400
"""Contacts a step: few enough that making their rows holds up nobody's reply, for the loop and SQLite's lock are held
meanwhile."""
CHUNK = 200
"""Deliveries a chunk."""


async def plan_page(
    db: AsyncConnection, broadcast: Broadcast, library: Library, *, channels: Sequence[str], ids: Ids, at: datetime
) -> None:
    """The next page of the audience as rows; cursor and rows in one transaction, that of *db*."""
    segment = await segment_of(db, library, broadcast.segment)
    page = await segments.page(
        db, segment, at=broadcast.started_at or at, channels=channels, after=broadcast.cursor,
        ceiling=broadcast.ceiling, limit=PAGE,
    )  # fmt: skip
    by_channel: defaultdict[str, list[Recipient]] = defaultdict(list)
    for recipient in page:
        by_channel[recipient.channel].append(recipient)
    for channel, people in by_channel.items():
        for start in range(0, len(people), CHUNK):
            await _add_chunk(db, broadcast.id, channel, people[start : start + CHUNK], ids, at)
    values: dict[str, Any] = {"recipients": broadcast.recipients + len(page), "is_planned": len(page) < PAGE}
    if page:
        values["cursor"] = page[-1].contact_id
    await db.execute(update(broadcasts).where(broadcasts.c.id == broadcast.id).values(**values))


async def _add_chunk(
    db: AsyncConnection, broadcast: int, channel: str, people: Sequence[Recipient], ids: Ids, at: datetime
) -> None:
    made = insert(chunks).values(broadcast_id=broadcast, channel=channel).returning(chunks.c.id)
    chunk = (await db.execute(made)).scalar_one()
    rows = [
        {
            "id": ids.next(), "contact_id": person.contact_id, "channel": channel, "address": person.address,
            "reason": "broadcast", "broadcast_id": broadcast, "chunk_id": chunk, "method": "", "payload": b"",
            "status": "queued", "due_at": at,
        }
        for person in people
    ]  # fmt: skip
    await db.execute(insert(deliveries), rows)
