"""Contacts from a file: who is there already, new ones in batches, and what fills gaps of those known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Executable, and_, bindparam, false, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.models import addresses, contacts, interactions, topics, workers
from bot.store.types import NEVER

Key = tuple[str, str]
"""(channel, external id): the primary key of an address."""
_fields_in = msgspec.json.Decoder(dict[str, str]).decode
_json = msgspec.json.Encoder().encode


class Standing(Struct, frozen=True):
    """A contact as they are. `has_chosen`: they chose topics, or left some, so that theirs are what they want."""

    contact_id: int
    fields: Mapping[str, str]
    stop: str
    has_chosen: bool


class Imported(Struct, frozen=True):
    """What a line of the file makes of a contact: all of their fields, those of them that it filled (empty ones are
    none), the topics to add, and why they may be told."""

    contact_id: int
    fields: Mapping[str, str]
    filled: Mapping[str, str]
    topics: tuple[str, ...]
    evidence: str


async def may_be_running(db: AsyncConnection) -> bool:
    """Whether a bot uses this database: one that ended in order has said so, one that was killed could not."""
    return (await db.execute(select(workers.c.id).where(workers.c.seen_at > NEVER).limit(1))).first() is not None


async def standing_at(
    db: AsyncConnection, keys: Sequence[Key], *, now: datetime, lock: bool = False
) -> Mapping[Key, Standing]:
    """The contacts at *keys*, of those that are there. A stop for a week that is over no longer is one.

    *lock* (PostgreSQL): no turn of theirs is planned until the transaction ends.
    """
    if lock and db.dialect.name == "postgresql":  # apart: a statement that waited would go on with what it saw before
        held = select(addresses.c.contact_id).where(_at(keys)).with_for_update()
        await db.execute(held.order_by(addresses.c.channel, addresses.c.external_id))
    query = select(
        addresses.c.channel, addresses.c.external_id, contacts.c.id, contacts.c.fields, contacts.c.stop,
        contacts.c.stopped_until,
    ).join(contacts, contacts.c.id == addresses.c.contact_id)  # fmt: skip
    rows = (await db.execute(query.where(_at(keys)))).all()
    chose = await _who_chose(db, [row.id for row in rows])
    return {(row.channel, row.external_id): _standing(row, now, row.id in chose) for row in rows}


async def _who_chose(db: AsyncConnection, ids: Sequence[int]) -> Set[int]:
    """Those of *ids* who have topics, or once left one. Asked by id: the log is too long to be read through."""
    have = select(topics.c.contact_id).where(topics.c.contact_id.in_(ids))
    left = select(interactions.c.contact_id).where(interactions.c.contact_id.in_(ids))
    return set((await db.execute(have.union(left.where(interactions.c.kind == "unsubscribed")))).scalars())


def _at(keys: Sequence[Key]) -> ColumnElement[bool]:
    """Channel by channel: of a thousand pairs PostgreSQL would make a thousand conditions for each row."""
    ids: dict[str, list[str]] = {}
    for channel, external_id in keys:
        ids.setdefault(channel, []).append(external_id)
    at = addresses.c
    return or_(false(), *(and_(at.channel == channel, at.external_id.in_(some)) for channel, some in ids.items()))


def _standing(row: Any, now: datetime, has_chosen: bool) -> Standing:
    over = row.stopped_until is not None and row.stopped_until <= now
    return Standing(row.id, _fields_in(row.fields), "none" if over else row.stop, has_chosen)


async def add(db: AsyncConnection, newcomers: Mapping[Key, Imported], *, at: datetime) -> None:
    """Contacts that nobody knew, at their addresses."""
    made = [
        {"id": one.contact_id, "created_at": at, "source": "import", **_columns(one.fields)}
        for one in newcomers.values()
    ]
    there = [
        {"channel": channel, "external_id": external_id, "contact_id": one.contact_id, "changed_at": at}
        for (channel, external_id), one in newcomers.items()
    ]
    await _each(db, insert(contacts), made)
    await _each(db, insert(addresses), there)
    await _log(db, list(newcomers.values()), at)


async def fill(db: AsyncConnection, filled: Sequence[Imported], *, at: datetime) -> None:
    """Known contacts, with their gaps filled."""
    change = update(contacts).where(contacts.c.id == bindparam("key"))
    await _each(db, change, [{"key": one.contact_id, **_columns(one.fields)} for one in filled])
    await _log(db, filled, at)


async def _log(db: AsyncConnection, imported: Sequence[Imported], at: datetime) -> None:
    """Their new topics, and for everybody the evidence that they agreed, and each field that is now told."""
    chosen = [{"contact_id": one.contact_id, "topic": topic, "since": at} for one in imported for topic in one.topics]
    agreed = [
        {"contact_id": one.contact_id, "at": at, "kind": "consent", "detail": "import", "text": one.evidence}
        for one in imported
    ]
    told = [
        {"contact_id": one.contact_id, "at": at, "kind": "field", "detail": name, "text": value}
        for one in imported
        for name, value in one.filled.items()
        if value
    ]
    await _each(db, insert(topics), chosen)
    await _each(db, insert(interactions), [*agreed, *told])


async def _each(db: AsyncConnection, statement: Executable, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        await db.execute(statement, rows)


def _columns(fields: Mapping[str, str]) -> Mapping[str, str]:
    """The columns of contacts that hold fields."""
    columns = {"household": "ho", "commune": "xa", "language": "lang", "name": "ten", "consent": "dong-y"}
    values = {column: fields.get(name, "")[:200] for column, name in columns.items()}
    return values | {"fields": _json(fields).decode()}
