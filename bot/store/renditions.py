"""What broadcasts said, kept once for all who were told the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.models import renditions
from bot.store.upserts import insert_into


async def keep(db: AsyncConnection, kept: Mapping[int, tuple[int, bytes]]) -> None:
    """Add renditions (id -> broadcast, message) that are not there yet."""
    if not kept:
        return
    rows = [{"id": key, "broadcast_id": of, "message": message} for key, (of, message) in kept.items()]
    await db.execute(insert_into(renditions, db.dialect).on_conflict_do_nothing(), rows)


async def read(db: AsyncConnection, ids: Iterable[int]) -> Mapping[int, bytes]:
    """The messages of these renditions."""
    wanted = select(renditions.c.id, renditions.c.message).where(renditions.c.id.in_(list(ids)))
    return {row[0]: row[1] for row in await db.execute(wanted)}
