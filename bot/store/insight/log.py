"""The log as the fold reads it: rows in the order of their ids, up to where no smaller id can appear any more."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence, Set
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import bindparam, column, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.messages import Kind
from bot.store.conversations import HEARD
from bot.store.insight.given import encoded, list_given
from bot.store.models import chunks, interactions
from bot.store.types import UtcDateTime

PATIENCE = 2.0
"""Seconds to wait for transactions that were writing to the log: a batch of turns takes 20 ms."""
LOOKS_EACH = 0.01
"""Seconds between two looks whether they have ended."""
OUTSTANDING = timedelta(minutes=10)
"""How long after its lease a chunk may still have outcomes to write: its worker tries again each second while the
database is away. One that is held longer belongs to a worker that died with a broadcast that was cancelled since."""
BEGINNINGS = (*HEARD, *(kind.value for kind in (Kind.BLOCKED, Kind.UNBLOCKED, Kind.INVITED)))
"""The kinds that begin a turn: what came in."""


class Entry(Struct, frozen=True):
    """One row of the log."""

    id: int
    contact_id: int
    at: datetime
    kind: str
    dialog: str
    node: str
    detail: str
    text: str


class Told(Struct, frozen=True):
    """A broadcast that reached a contact."""

    at: datetime
    id: int
    broadcast_id: int


async def settled_id(db: AsyncConnection) -> int | None:
    """The id up to which the log is final; None when a transaction that writes to it takes too long.

    PostgreSQL gives ids before the commit, so that a smaller one may appear after a greater. Every id given by now
    belongs to a transaction that has ended, or holds a lock on the table: once those that hold one now have ended,
    nothing can appear among these ids. Nobody waits for us. SQLite has one writer: there ids appear in order.
    """
    if db.dialect.name == "sqlite":
        return int((await db.execute(select(func.coalesce(func.max(interactions.c.id), 0)))).scalar_one())
    given = text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM interactions_id_seq")
    last = int((await db.execute(given)).scalar_one())
    writing = await _writers(db)
    for _ in range(int(PATIENCE / LOOKS_EACH)):
        if not writing:
            return last
        await asyncio.sleep(LOOKS_EACH)
        writing &= await _writers(db)
    return None


async def _writers(db: AsyncConnection) -> Set[str]:
    """Transactions that hold the lock under which rows are written to the log."""
    held = text(
        "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted"
        " AND relation = 'interactions'::regclass AND pid <> pg_backend_pid()"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return set((await db.execute(held)).scalars())


async def entries(db: AsyncConnection, *, after: int, upto: int, limit: int) -> Sequence[Entry]:
    """The next *limit* rows after the id *after*, none beyond *upto*."""
    row = interactions.c
    query = (
        select(row.id, row.contact_id, row.at, row.kind, row.dialog, row.node, row.detail, row.text)
        .where(row.id > after, row.id <= upto)
        .order_by(row.id)
        .limit(limit)
    )
    return [Entry(*found) for found in await db.execute(query)]


async def count(db: AsyncConnection, *, upto: int) -> tuple[int, int]:
    """How many rows the log has, and how many of them up to the id *upto*."""
    folded = func.count().filter(interactions.c.id <= upto)
    row = (await db.execute(select(func.count(), folded).select_from(interactions))).one()
    return row[0], row[1]


async def oldest(db: AsyncConnection) -> datetime | None:
    """When the first row was written; None in an empty log."""
    at: datetime | None = (
        await db.execute(select(interactions.c.at).order_by(interactions.c.id).limit(1))
    ).scalar_one_or_none()
    return at


async def newest(db: AsyncConnection) -> tuple[int, datetime] | None:
    """Id and time of the newest row; None in an empty log."""
    row = interactions.c
    found = (await db.execute(select(row.id, row.at).order_by(row.id.desc()).limit(1))).first()
    return None if found is None else (found.id, found.at)


async def unmarked_since(db: AsyncConnection, *, now: datetime) -> datetime | None:
    """Messages of broadcasts may have been sent from then on without it being written down yet; None: all are."""
    is_sqlite = db.dialect.name == "sqlite"
    ended = literal(now - OUTSTANDING, UtcDateTime()) if is_sqlite else func.clock_timestamp() - OUTSTANDING
    held = select(func.min(chunks.c.claimed_at)).where(chunks.c.state == "claimed", chunks.c.lease_until > ended)
    since: datetime | None = (await db.execute(held)).scalar_one()
    return since


async def told_to(db: AsyncConnection, contacts: Collection[int], *, since: datetime) -> Mapping[int, list[Told]]:
    """The broadcasts that reached each of *contacts* since then, in order."""
    if not contacts:
        return {}
    sent = text(
        "SELECT contact_id, sent_at, id, broadcast_id FROM deliveries WHERE broadcast_id IS NOT NULL"
        f" AND contact_id IN {list_given(db)} AND status = 'sent' AND sent_at > :since ORDER BY sent_at, id"
    )
    query = sent.bindparams(bindparam("since", type_=UtcDateTime())).columns(
        column("contact_id"), column("sent_at", UtcDateTime()), column("id"), column("broadcast_id")
    )
    given = {"since": since, "list": encoded(contacts)}
    told: dict[int, list[Told]] = {}
    for contact, at, delivery, broadcast in await db.execute(query, given):
        told.setdefault(contact, []).append(Told(at, delivery, broadcast))
    return told


async def beginning_of(db: AsyncConnection, contact_id: int, before: int) -> str:
    """The kind of what came in last from a contact before the row *before*: how the turn of that row began."""
    row = interactions.c
    query = select(row.kind).where(row.contact_id == contact_id, row.id < before, row.kind.in_(BEGINNINGS))
    return (await db.execute(query.order_by(row.id.desc()).limit(1))).scalar_one_or_none() or ""
