"""The hand-out of broadcasts' chunks: claim, renew, finish, release (delivery.md rules 2-4).

Leases are measured by the database's clock, so that workers' clocks need not agree; times that people are promised
(`due_at`, `not_before`) are the service's. The epoch is the fence: it counts claims, and who holds an older one
changes nothing any more. Statements of every chunk are built once for each kind of database: to build them anew each
time took a tenth of a courier's work.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Float, Select, Update, and_, bindparam, case, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from bot.speech import _
from bot.store import spending
from bot.store.models import chunks, deliveries
from bot.store.types import NEVER, UtcDateTime

IN_DOUBT = _("Máy dừng giữa lúc gửi: không rõ tin đã tới hay chưa.")
REPEATED = _("Gửi lại: lần trước máy dừng giữa lúc gửi.")

TAKING_UP = 269_2025
"""Our advisory locks on PostgreSQL for taking up, one for each channel."""


class Row(Struct, frozen=True):
    """A delivery of a claimed chunk. `attempts` counts the tries before; `payload` is empty while it has to be made."""

    id: int
    contact_id: int
    address: str
    attempts: int
    rendition_id: int | None
    method: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """A chunk that is ours until its lease ends, with the rows that are due."""

    chunk_id: int
    epoch: int
    channel: str
    broadcast_id: int | None
    rows: tuple[Row, ...]


class Mark(Struct, frozen=True):
    """What became of a delivery. `due_at` moves only what stays queued; None leaves it. `bill` is of channels with
    prices; who writes the mark settles it (`bot.store.spending`)."""

    id: int
    chunk_id: int
    epoch: int
    status: str
    attempts: int
    sent_at: datetime | None = None
    external_id: str = ""
    error: str = ""
    due_at: datetime | None = None
    rendition_id: int | None = None
    bill: spending.Bill | None = None


_OURS = and_(chunks.c.id == bindparam("chunk"), chunks.c.epoch == bindparam("fence"), chunks.c.state == "claimed")
"""The chunk `:chunk`, while the claim of epoch `:fence` holds it."""
_LOCKED = select(chunks.c.id).where(_OURS).with_for_update()
_GIVEN_BACK = update(chunks).where(_OURS).values(worker=0, lease_until=None, dispatched=0, dispatched_at=None)
_OPENED = _GIVEN_BACK.values(state="open", not_before=bindparam("due"))
_DONE = _GIVEN_BACK.values(state="done", counts=bindparam("told"))
_COUNTS = select(deliveries.c.status, func.count())
_COUNTS = _COUNTS.where(deliveries.c.chunk_id == bindparam("chunk")).group_by(deliveries.c.status)


def _is_over(dialect: str) -> ColumnElement[bool]:
    """Whether a lease has ended. On SQLite one process holds them all: only a start ends them (`forget_leases`), and
    not a clock that is set, or a machine that slept."""
    now = literal(NEVER, UtcDateTime()) if dialect == "sqlite" else func.clock_timestamp()
    return chunks.c.lease_until <= now


def is_leaving(dialect: str) -> ColumnElement[bool]:
    """Whether a delivery, joined to its chunk, was taken up by a worker that lives, and isn't recorded yet."""
    c, d = chunks.c, deliveries.c
    held = and_(c.state == "claimed", ~_is_over(dialect), d.id <= c.dispatched, d.due_at <= c.dispatched_at)
    return and_(d.status == "queued", held)


async def one_at_a_time(db: AsyncConnection, channel: str) -> None:
    """Let nobody else take up rows of *channel* until this transaction ends, so that each sees what others took up."""
    if db.dialect.name == "postgresql":  # on SQLite a transaction that writes is the only one
        await db.execute(select(func.pg_advisory_xact_lock(TAKING_UP, func.hashtext(channel))))


def _lease_end(dialect: str) -> ColumnElement[Any]:
    """`:until` by the service's clock on SQLite, else `:seconds` from now by the database's."""
    if dialect == "sqlite":
        return bindparam("until", type_=UtcDateTime())
    return func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, bindparam("seconds", type_=Float()))


def _lease(dialect: str, at: datetime, lease: timedelta) -> Mapping[str, object]:
    return {"until": at + lease} if dialect == "sqlite" else {"seconds": lease.total_seconds()}


@cache
def _claiming(dialect: str, *, is_own: bool) -> ReturningUpdate[*tuple[Any, ...]]:
    c = chunks.c
    at = bindparam("at", type_=UtcDateTime())
    free = or_(
        and_(c.state == "open", or_(c.not_before.is_(None), c.not_before <= at)),
        and_(c.state == "claimed", _is_over(dialect)),
    )
    of = c.broadcast_id.is_(None) if is_own else c.broadcast_id == bindparam("broadcast")
    next_one = select(c.id).where(c.state.in_(("open", "claimed")), c.channel == bindparam("on"), of, free)
    next_one = next_one.order_by(c.id).limit(1).with_for_update(skip_locked=True)
    return (
        update(chunks)
        .where(c.id == next_one.scalar_subquery())
        .values(state="claimed", worker=bindparam("by"), epoch=c.epoch + 1, claimed_at=at)
        .values(lease_until=_lease_end(dialect), not_before=None)
        .returning(c.id, c.epoch, c.dispatched, c.dispatched_at)
    )


async def claim(
    db: AsyncConnection, *, channel: str, broadcast_id: int | None, worker: int, lease: timedelta, at: datetime,
    resends: bool = False, tries: int = 3,
) -> Claim | None:  # fmt: skip
    """Lease the next chunk of *broadcast_id* (None: a message of its own) on *channel*; None when there is none to do.

    Of a chunk whose holder died, the rows that may have left become unknown; with *resends* they are sent again,
    up to *tries* times.
    """
    dialect, given = db.dialect.name, {"on": channel, "by": worker, "at": at}
    if broadcast_id is not None:
        given["broadcast"] = broadcast_id
    leased = _claiming(dialect, is_own=broadcast_id is None)
    row = (await db.execute(leased, {**given, **_lease(dialect, at, lease)})).first()
    if row is None:
        return None
    if row.dispatched:
        await _doubt(db, row, resends=resends, tries=tries)
    return Claim(row.id, row.epoch, channel, broadcast_id, await _rows(db, row.id, at))


async def _doubt(db: AsyncConnection, chunk: Any, *, resends: bool, tries: int) -> None:
    """What the dead holder may have sent: nobody knows. Rows put off after it took them up had not left."""
    d = deliveries.c
    held = and_(d.chunk_id == chunk.id, d.status == "queued", d.id <= chunk.dispatched, d.due_at <= chunk.dispatched_at)
    again = d.attempts + 1 < tries if resends else literal(False)
    await db.execute(
        update(deliveries)
        .where(held)
        .values(
            status=case((again, "queued"), else_="unknown"),
            error=case((again, REPEATED), else_=IN_DOUBT),
            attempts=d.attempts + 1,
        )
    )
    await db.execute(update(chunks).where(chunks.c.id == chunk.id).values(dispatched=0, dispatched_at=None))
    await spending.take_as_spent(db, chunk.id)


async def _rows(db: AsyncConnection, chunk_id: int, at: datetime) -> tuple[Row, ...]:
    return tuple(Row(*row) for row in await db.execute(_due(), {"chunk": chunk_id, "at": at}))


@cache
def _due() -> Select[*tuple[Any, ...]]:
    d = deliveries.c
    columns = (d.id, d.contact_id, d.address, d.attempts, d.rendition_id, d.method, d.payload)
    due = and_(d.chunk_id == bindparam("chunk"), d.status == "queued", d.due_at <= bindparam("at"))
    return select(*columns).where(due).order_by(d.id)


async def forget_leases(db: AsyncConnection) -> None:
    """All leases end now: on SQLite, where one process does all, nobody else holds a chunk when it starts."""
    await db.execute(update(chunks).where(chunks.c.state == "claimed").values(lease_until=NEVER))


async def reopen_abandoned(db: AsyncConnection, broadcast_id: int) -> None:
    """Open the chunks again whose holders died, of a broadcast that is over: nobody claims them any more.

    What may have left is unknown, whatever the broadcast's policy.
    """
    c = chunks.c
    dead = and_(c.broadcast_id == broadcast_id, c.state == "claimed", _is_over(db.dialect.name))
    opened = update(chunks).where(dead).values(state="open", worker=0, epoch=c.epoch + 1, lease_until=None)
    for row in (await db.execute(opened.returning(c.id, c.dispatched, c.dispatched_at))).all():
        if row.dispatched:
            await _doubt(db, row, resends=False, tries=0)


async def renew(db: AsyncConnection, *, chunk_id: int, epoch: int, lease: timedelta, at: datetime) -> bool:
    """Hold on to a chunk for another *lease*; false when it is another's by now."""
    dialect = db.dialect.name
    given = {"chunk": chunk_id, "fence": epoch, **_lease(dialect, at, lease)}
    return bool((await db.execute(_renewing(dialect), given)).rowcount)


@cache
def _renewing(dialect: str) -> Update:
    return update(chunks).where(_OURS).values(lease_until=_lease_end(dialect))


async def dispatch(db: AsyncConnection, *, chunk_id: int, epoch: int, upto: int, at: datetime) -> bool:
    """Write down that the rows up to *upto* may leave from now on; false when the chunk is no longer ours."""
    given = {"chunk": chunk_id, "fence": epoch, "upto": upto, "at": at}
    return bool((await db.execute(_dispatching(db.dialect.name), given)).rowcount)


@cache
def _dispatching(dialect: str) -> Update:
    held = and_(_OURS, ~_is_over(dialect))
    return update(chunks).where(held).values(dispatched=bindparam("upto"), dispatched_at=bindparam("at"))


async def release(db: AsyncConnection, *, chunk_id: int, epoch: int, not_before: datetime | None = None) -> bool:
    """Give a chunk back of which nothing is in flight: done when nothing is left in it, else open again.

    False when it is no longer ours. What is left waits until it is due, and until *not_before*.
    """
    ours = {"chunk": chunk_id, "fence": epoch}
    if (await db.execute(_LOCKED, ours)).first() is None:
        return False
    counts = await counts_of(db, chunk_id)
    if counts.get("queued"):
        d = deliveries.c
        left = select(func.min(d.due_at)).where(d.chunk_id == chunk_id, d.status == "queued")
        due = (await db.execute(left)).scalar_one()
        await db.execute(_OPENED, {**ours, "due": max(due, not_before) if not_before else due})
    else:
        await db.execute(_DONE, {**ours, "told": json.dumps(counts, sort_keys=True)})
    return True


async def abandon(db: AsyncConnection, *, chunk_id: int, epoch: int) -> bool:
    """Leave a chunk as if its holder had died: of what may have left of it nobody knows what became of it."""
    left = update(chunks).where(_OURS).values(lease_until=NEVER)
    return bool((await db.execute(left, {"chunk": chunk_id, "fence": epoch})).rowcount)


async def counts_of(db: AsyncConnection, chunk_id: int) -> Mapping[str, int]:
    """How many deliveries of a chunk are in which status."""
    return {row[0]: row[1] for row in await db.execute(_COUNTS, {"chunk": chunk_id})}


_COLUMNS = ("id", "chunk_id", "epoch", "status", "attempts", "sent_at", "external_id", "error", "due_at",
            "rendition_id")  # fmt: skip
_SET = (
    "UPDATE deliveries SET status = m.status, attempts = m.attempts, sent_at = m.sent_at, external_id = m.external_id,"
    " error = m.error, due_at = coalesce(m.due_at, deliveries.due_at),"
    " rendition_id = coalesce(m.rendition_id, deliveries.rendition_id)"
)
_HELD = (
    " WHERE deliveries.id = m.id AND EXISTS (SELECT 1 FROM chunks"
    " WHERE chunks.id = m.chunk_id AND chunks.epoch = m.epoch AND chunks.state = 'claimed') RETURNING deliveries.id"
)
_POSTGRES = (
    f"{_SET} FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::smallint[], $6::timestamptz[],"
    f" $7::text[], $8::text[], $9::timestamptz[], $10::bigint[]) AS m({', '.join(_COLUMNS)}){_HELD}"
)
_NAMED = ", ".join(f"column{number} AS {name}" for number, name in enumerate(_COLUMNS, 1))
WIDEST = 256
"""Most rows in one statement on SQLite: 2,560 parameters of the 32,766 that it takes."""


async def finish(db: AsyncConnection, marks: Sequence[Mark]) -> set[int]:
    """Write what became of deliveries, all of them different. Returns those written: not those of lost chunks."""
    if db.dialect.name != "sqlite":
        rows = [tuple(getattr(mark, name) for mark in marks) for name in _COLUMNS]
        return {row[0] for row in await db.exec_driver_sql(_POSTGRES, tuple(list(column) for column in rows))}
    written: set[int] = set()
    for start in range(0, len(marks), WIDEST):
        some = marks[start : start + WIDEST]
        values = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"] * len(some))
        statement = f"{_SET} FROM (SELECT {_NAMED} FROM (VALUES {values})) AS m{_HELD}"
        flat = tuple(_plain(getattr(mark, name)) for mark in some for name in _COLUMNS)
        written |= {row[0] for row in await db.exec_driver_sql(statement, flat)}
    return written


def _plain(value: Any) -> Any:
    """As SQLAlchemy stores a datetime in SQLite: text, in UTC."""
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:26] if isinstance(value, datetime) else value
