"""When an account was last heard of, and how often: its webhook, and what was refused there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.account_models import sightings
from bot.store.upserts import insert_into

Name = Literal["webhook", "refused", "unsigned"]
"""An event that we took, one that we refused, one that counted although its signature was wrong (in the first days)."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """The last time, the number of times since ever, and what was remarkable at the last."""

    at: datetime
    count: int
    detail: str


async def add(
    db: AsyncConnection, *, channel: str, name: Name, at: datetime, count: int, detail: str
) -> None:  # fmt: skip
    """*count* more of them, the last at *at*: other processes may have seen later ones."""
    made = insert_into(sightings, db.dialect)
    new, row = made.excluded, sightings.c
    is_later = new.at >= row.at
    upsert = made.on_conflict_do_update(
        index_elements=["channel", "name"],
        set_={
            "count": row.count + new.count, "at": case((is_later, new.at), else_=row.at),
            "detail": case((is_later, new.detail), else_=row.detail),
        },
    )  # fmt: skip
    await db.execute(upsert, {"channel": channel, "name": name, "at": at, "count": count, "detail": detail})


async def of(db: AsyncConnection, channel: str) -> Mapping[str, Sighting]:
    """What was seen of *channel*, by name; what never was is missing."""
    rows = (await db.execute(select(sightings).where(sightings.c.channel == channel))).mappings()
    return {row["name"]: Sighting(row["at"], row["count"], row["detail"]) for row in rows}
