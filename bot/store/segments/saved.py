"""Saved segments, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete as remove
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.models import segments


@dataclass(frozen=True, slots=True)
class Saved:
    """A segment that somebody gave a name to. The query was understood when it was saved."""

    name: str
    query: str
    author: str
    changed_at: datetime


async def save(db: AsyncConnection, *, name: str, query: str, author: str, at: datetime) -> bool:
    """Keep *query* under *name*, in place of what was there; whether the name is new."""
    values = {"query": query, "author": author, "changed_at": at}
    changed = await db.execute(update(segments).where(segments.c.name == name).values(values))
    if not changed.rowcount:
        await db.execute(insert(segments).values(name=name, **values))
    return not changed.rowcount


async def find(db: AsyncConnection, name: str) -> Saved | None:
    """The segment saved under *name*."""
    row = (await db.execute(select(segments).where(segments.c.name == name))).mappings().one_or_none()
    return Saved(**row) if row is not None else None


async def every(db: AsyncConnection) -> Sequence[Saved]:
    """All saved segments, by name."""
    return [Saved(**row) for row in (await db.execute(select(segments).order_by(segments.c.name))).mappings()]


async def rename(db: AsyncConnection, name: str, *, to: str) -> bool:
    """Call what is saved under *name* by another; whether it was there. IntegrityError when that is taken."""
    return bool((await db.execute(update(segments).where(segments.c.name == name).values(name=to))).rowcount)


async def delete(db: AsyncConnection, name: str) -> bool:
    """Strike *name*; whether it was there. A broadcast that names it must be approved anew."""
    return bool((await db.execute(remove(segments).where(segments.c.name == name))).rowcount)
