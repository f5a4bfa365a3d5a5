"""People as they are now, counted from the contacts: contacts may come without a log of how they came to be so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, distinct, exists, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.insight.writing import NAME
from bot.store.insight_models import cursors, headcounts
from bot.store.models import addresses, contacts

Head = tuple[str, str, str, int]
"""(dimension, commune, key, n)."""


async def count_heads(db: AsyncConnection, *, at: datetime) -> Sequence[Head]:
    """Every headcount, by reading all contacts once for each."""
    counted: list[Head] = []
    for query in _queries(at):
        counted += [(row[0], row[1], row[2], row[3]) for row in await db.execute(query)]
    return counted


def _queries(at: datetime) -> Sequence[Select[Any]]:
    c = contacts.c
    week = and_(c.stop == "week", c.stopped_until > at)
    active = exists().where(addresses.c.contact_id == c.id, addresses.c.status == "active")
    return [
        _of("all", literal("")),
        _of("household", c.household),
        _of("language", c.language),
        _of("standing", literal("consented")).where(c.consent == "co"),
        _of("standing", literal("stopped")).where(or_(c.stop.in_(("broadcasts", "all")), week)),
        _of("standing", literal("blocked")).where(~active),
        select(
            literal("channel"), c.commune, addresses.c.channel, func.count(distinct(addresses.c.contact_id))
        )
        .select_from(addresses)
        .join(contacts, c.id == addresses.c.contact_id)
        .where(addresses.c.status == "active")
        .group_by(c.commune, addresses.c.channel),
    ]  # fmt: skip


def _of(dimension: str, key: ColumnElement[str]) -> Select[Any]:
    c = contacts.c
    return select(literal(dimension), c.commune, key, func.count()).select_from(contacts).group_by(c.commune, key)


async def is_due(db: AsyncConnection, *, before: datetime, at: datetime) -> bool:
    """Whether the headcounts were taken at *before* or earlier; then they are ours to take, and no other process's."""
    c = cursors.c
    due = and_(c.name == NAME, or_(c.counted_at.is_(None), c.counted_at <= before))
    return bool((await db.execute(update(cursors).where(due).values(counted_at=at))).rowcount)


async def keep_heads(db: AsyncConnection, heads: Sequence[Head], *, at: datetime) -> None:
    """Put new headcounts in the place of the old. The cursor is locked first: two processes may come at once."""
    await db.execute(update(cursors).where(cursors.c.name == NAME).values(counted_at=at))
    await db.execute(headcounts.delete())
    rows = [dict(zip(("dimension", "commune", "key", "n"), head, strict=True)) for head in heads]
    if rows:
        await db.execute(insert(headcounts), rows)
