"""What holds for a database as a whole: whether the people in it were made up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.marker_models import markers

SYNTHETIC = "synthetic"


async def is_synthetic(db: AsyncConnection) -> bool:
    """Whether nobody in this database is real: nothing may leave it for a real platform."""
    return (await db.execute(select(markers.c.name).where(markers.c.name == SYNTHETIC))).first() is not None


async def mark_synthetic(db: AsyncConnection, *, at: datetime) -> None:
    """Say that everybody here is made up. Nothing takes that back."""
    await db.execute(insert(markers).values(name=SYNTHETIC, at=at))
