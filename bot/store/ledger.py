"""The ledger's rows outside the hot path: what a start finds unsent, what was said to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.messages import Address
from bot.store.ids import first_id_at
from bot.store.models import addresses, chunks, contacts, deliveries, interactions, renditions, workers
from bot.store.types import NEVER

TAKING_OVER = 269_2023
"""Our advisory lock on PostgreSQL for taking over; another one than that of migrations."""
SPOKEN = ("said", "answered")
"""What we said, as the log names it: the bot, an officer."""
STALE = timedelta(days=3)
"""A reply older than this answers nothing any more: it is left as it is, and shown as unknown."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A reply that was owed when a process ended."""

    id: int
    to: Address
    method: str
    body: bytes
    attempts: int
    reason: str


async def take_over_unsent(
    db: AsyncConnection, *, now: datetime, worker: int, doubts: int, dead_before: datetime | None
) -> Sequence[Unsent]:
    """Replies that a process left unsent, now *worker*'s and counted as tried once more.

    Those that *doubts* processes died over become unknown; "queued" ones were given back untried. With *dead_before*,
    only those whose worker was not seen since; without it all are taken. Only rows of the last three days are looked
    at: ids grow with time, so that needs no index.
    """
    recent = and_(
        deliveries.c.id >= first_id_at(now - STALE),
        deliveries.c.chunk_id.is_(None),
        deliveries.c.status.in_(("queued", "claimed")),
    )
    if dead_before is not None:
        alive = select(workers.c.id).where(workers.c.seen_at > dead_before)
        recent = and_(recent, deliveries.c.worker.not_in(alive))
    given_up = and_(recent, deliveries.c.status == "claimed", deliveries.c.attempts >= doubts)
    farewell, row = deliveries.c.reason == "farewell", deliveries.c
    await db.execute(
        update(deliveries)
        .where(given_up)
        .values(
            status="unknown", error="the process ended while this was being sent, more than once",
            contact_id=case((farewell, 0), else_=row.contact_id), address=case((farewell, ""), else_=row.address),
            payload=case((farewell, b""), else_=row.payload),
        )
    )  # fmt: skip
    taken = (
        update(deliveries)
        .where(recent)
        .values(status="claimed", attempts=deliveries.c.attempts + 1, worker=worker)
        .returning(
            deliveries.c.id, deliveries.c.channel, deliveries.c.address, deliveries.c.method, deliveries.c.payload,
            deliveries.c.attempts, deliveries.c.reason,
        )
    )  # fmt: skip
    rows = sorted(await db.execute(taken), key=lambda row: row.id)
    return [
        Unsent(row.id, Address(row.channel, row.address), row.method, row.payload, row.attempts, row.reason)
        for row in rows
    ]


async def record_worker(db: AsyncConnection, *, worker: int, now: datetime) -> None:
    """This process is alive: the row is made at its start, and moved on while it runs."""
    changed = await db.execute(update(workers).where(workers.c.id == worker).values(seen_at=now))
    if not changed.rowcount:
        await db.execute(workers.insert().values(id=worker, started_at=now, seen_at=now))


async def enlist_worker(db: AsyncConnection, *, now: datetime, numbers: Iterable[int]) -> int:
    """The first of *numbers* that no worker has, live or dead and not taken over yet; it is this process's now."""
    await one_at_a_time(db)
    taken = set((await db.execute(select(workers.c.id))).scalars())
    worker = next(number for number in numbers if number not in taken)
    await db.execute(workers.insert().values(id=worker, started_at=now, seen_at=now))
    return worker


async def retire_worker(db: AsyncConnection, *, worker: int) -> None:
    """This process ends in order: what it holds need not wait for its silence to be noticed."""
    await db.execute(update(workers).where(workers.c.id == worker).values(seen_at=NEVER))


async def bury_workers(db: AsyncConnection, *, dead_before: datetime) -> bool:
    """Strike those not seen since *dead_before* off the list; whether there were any, so that others leave it to us."""
    dead = workers.c.seen_at <= dead_before
    if (await db.execute(select(workers.c.id).where(dead).limit(1))).first() is None:
        return False
    return bool((await db.execute(delete(workers).where(dead))).rowcount)


async def one_at_a_time(db: AsyncConnection) -> None:
    """Wait until no other process looks for what is left (PostgreSQL): two would both take it over."""
    await db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TAKING_OVER})")


async def owe(
    db: AsyncConnection, *, contact_id: int, to: Address, calls: Sequence[tuple[int, str, bytes]], reason: str,
    at: datetime,
) -> int:  # fmt: skip
    """Owe one person *calls* (delivery id, method, body) in a chunk of their own, which no broadcast keeps waiting.

    Returns the chunk's id.
    """
    made = await db.execute(insert(chunks).values(channel=to.channel).returning(chunks.c.id))
    chunk = int(made.scalar_one())
    same = {"contact_id": contact_id, "channel": to.channel, "address": to.id, "reason": reason, "chunk_id": chunk}
    rows = [
        {**same, "id": key, "method": method, "payload": body, "status": "queued", "due_at": at}
        for key, method, body in calls
    ]
    await db.execute(insert(deliveries), rows)
    return chunk


async def history(db: AsyncConnection, to: Address, *, limit: int) -> Sequence[Any]:
    """The last *limit* things said either way with the contact at *to*, oldest first.

    Rows of (id, kind, text, delivery_id, at, payload); `payload` is set for what we said.
    """
    contact = select(addresses.c.contact_id).where(
        and_(addresses.c.channel == to.channel, addresses.c.external_id == to.id)
    )
    heard = ("text", "tap", "chose", "typed", "command", "routed", "offered", "alarmed", "missed")
    seen = interactions.c.kind.in_((*heard, *SPOKEN))
    recent = (
        select(
            interactions.c.id, interactions.c.kind, interactions.c.text, interactions.c.delivery_id,
            interactions.c.at, interactions.c.dialog, interactions.c.node, deliveries.c.payload,
        )
        .outerjoin(deliveries, deliveries.c.id == interactions.c.delivery_id)
        .where(and_(interactions.c.contact_id == contact.scalar_subquery(), seen))
        .order_by(interactions.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    return list(reversed((await db.execute(recent)).all()))


async def broadcasts_to(db: AsyncConnection, to: Address, *, limit: int) -> Sequence[Any]:
    """The last *limit* broadcasts that reached *to*, oldest first: rows of (id, at, message, name).

    `message` is the rendition's, `name` the contact's. Those that began a dialog are in `history`.
    """
    told = (
        select(deliveries.c.id, deliveries.c.sent_at.label("at"), renditions.c.message, contacts.c.name)
        .join(addresses, addresses.c.contact_id == deliveries.c.contact_id)
        .join(contacts, contacts.c.id == deliveries.c.contact_id)
        .join(renditions, renditions.c.id == deliveries.c.rendition_id)
        .where(and_(addresses.c.channel == to.channel, addresses.c.external_id == to.id))
        .where(and_(deliveries.c.channel == to.channel, deliveries.c.broadcast_id.is_not(None)))
        .where(deliveries.c.status == "sent")
        .order_by(deliveries.c.sent_at.desc())
        .limit(limit)
    )
    return list(reversed((await db.execute(told)).all()))


async def language_at(db: AsyncConnection, to: Address) -> str | None:
    """The language that the contact at *to* chose ("" if none was); None for a stranger."""
    at = and_(addresses.c.channel == to.channel, addresses.c.external_id == to.id)
    found = await db.execute(select(contacts.c.language).join(addresses).where(at))
    return found.scalar_one_or_none()
