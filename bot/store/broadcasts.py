"""Broadcasts in the database: their rows and states, and what became of each of their deliveries.

The deliveries of a broadcast are found through its chunks: there is no index on their broadcast or status, so that
PostgreSQL updates a status in place. A finished chunk says in its `counts` which statuses there are in it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, case, func, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import handout
from bot.store.account_models import receipts
from bot.store.models import broadcasts, chunks, contacts, deliveries
from bot.store.waiting import PARKED

START = (0, 0)
"""Before the first recipient."""


async def insert(db: AsyncConnection, **columns: object) -> int:
    """A new broadcast's number."""
    return int((await db.execute(broadcasts.insert().values(columns).returning(broadcasts.c.id))).scalar_one())


async def find(db: AsyncConnection, number: int, *, locked: bool = False) -> RowMapping | None:
    """All columns of one broadcast. *locked* keeps it from others until the transaction ends."""
    query = select(broadcasts).where(broadcasts.c.id == number)
    return (await db.execute(query.with_for_update() if locked else query)).mappings().one_or_none()


async def listing(
    db: AsyncConnection, *, states: Sequence[str] = (), area: Sequence[str] = (), before: int | None = None,
    limit: int = 50,
) -> Sequence[RowMapping]:  # fmt: skip
    """The newest *limit* broadcasts, of these states or of any, newest first; with numbers below *before*.

    With an *area* only those that touch it, or are everybody's.
    """
    query = select(broadcasts).where(_touches(area)).order_by(broadcasts.c.id.desc()).limit(limit)
    query = query.where(broadcasts.c.state.in_(states)) if states else query
    query = query.where(broadcasts.c.id < before) if before is not None else query
    return (await db.execute(query)).mappings().all()


async def between(
    db: AsyncConnection, first: datetime, last: datetime, *, waiting: Sequence[str], area: Sequence[str] = (),
    limit: int = 500,
) -> Sequence[RowMapping]:  # fmt: skip
    """The broadcasts that began within a stretch of time, and all that are in one of the states *waiting*: these may
    begin within it."""
    began = and_(broadcasts.c.started_at >= first, broadcasts.c.started_at < last)
    which = or_(began, broadcasts.c.state.in_(waiting))
    query = select(broadcasts).where(which, _touches(area)).order_by(broadcasts.c.id.desc()).limit(limit)
    return (await db.execute(query)).mappings().all()


async def runs(db: AsyncConnection, number: int, *, limit: int = 50) -> Sequence[RowMapping]:
    """The last runs of a recurring broadcast, the newest first."""
    query = select(broadcasts).where(broadcasts.c.parent_id == number).order_by(broadcasts.c.slot.desc()).limit(limit)
    return (await db.execute(query)).mappings().all()


async def by_state(db: AsyncConnection, *, area: Sequence[str] = ()) -> Mapping[str, int]:
    """How many broadcasts there are in each state that occurs."""
    query = select(broadcasts.c.state, func.count()).where(_touches(area)).group_by(broadcasts.c.state)
    return {row[0]: row[1] for row in await db.execute(query)}


async def naming(db: AsyncConnection, segment: str, *, states: Sequence[str]) -> Sequence[int]:
    """The numbers of the broadcasts in these states whose segment is *segment*, to the letter."""
    query = select(broadcasts.c.id).where(broadcasts.c.segment == segment, broadcasts.c.state.in_(states))
    return (await db.execute(query.order_by(broadcasts.c.id))).scalars().all()


def _touches(area: Sequence[str]) -> ColumnElement[bool]:
    """Codes are digits, so that finding one in the JSON is finding it in the list."""
    if not area:
        return true()
    named = [broadcasts.c.area.contains(f'"{code}"', autoescape=True) for code in area]
    return or_(broadcasts.c.area == "[]", *named)


async def bodies_since(db: AsyncConnection, since: datetime) -> Sequence[tuple[int, str]]:
    """(number, body) of broadcasts that began to go out *since* then."""
    query = select(broadcasts.c.id, broadcasts.c.body).where(broadcasts.c.started_at >= since).order_by(broadcasts.c.id)
    return [(row[0], row[1]) for row in await db.execute(query)]


async def change_state(
    db: AsyncConnection, number: int, *, from_: Sequence[str], to: str, seen: int | None = None, **columns: object
) -> bool:
    """Move a broadcast on and set *columns*, if it is in one of the states *from_*; whether it was.

    *seen* is the version that was looked at: with it, a broadcast edited since stays as it is.
    """
    here = and_(broadcasts.c.id == number, broadcasts.c.state.in_(from_))
    here = here if seen is None else and_(here, broadcasts.c.version == seen)
    return bool((await db.execute(update(broadcasts).where(here).values(state=to, **columns))).rowcount)


async def counts(db: AsyncConnection, number: int) -> Mapping[str, int]:
    """How many deliveries are in each status that occurs; they add up to `broadcasts.recipients`."""
    return (await tallies(db, (number,)))[number]


async def tallies(db: AsyncConnection, numbers: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    """`counts` of each of these broadcasts."""
    total: dict[int, Counter[str]] = {number: Counter() for number in numbers}
    chunk = chunks.c
    which, ours = (chunk.broadcast_id, chunk.counts), chunk.broadcast_id.in_(numbers)
    finished = select(*which, func.count()).where(ours, chunk.state == "done").group_by(*which)
    for number, text, times in await db.execute(finished):  # most chunks end alike: few rows, however large it is
        for status, count in json.loads(text).items():
            total[number][status] += count * times
    live = (
        select(chunk.broadcast_id, deliveries.c.status, func.count())
        .join(deliveries, deliveries.c.chunk_id == chunk.id)
        .where(ours, chunk.state != "done")
        .group_by(chunk.broadcast_id, deliveries.c.status)
    )
    for number, status, count in await db.execute(live):
        total[number][status] += count
    return {number: dict(counted) for number, counted in total.items()}


async def recipients(
    db: AsyncConnection, number: int, *, status: str = "", after: tuple[int, int] = START, limit: int = 100,
    error: str = "", household: str | None = None, communes: Sequence[str] = (),
) -> Sequence[RowMapping]:  # fmt: skip
    """A page of a broadcast's deliveries, each with its contact's name, place and household, and what the platform told
    of it.

    In the order of (chunk_id, id); *after* is that pair of the last one seen. A contact deleted since has None there.
    Only those of one status, that ended in *error*, of a kind of household ("" is not told) or of *communes*, where
    these are given.
    """
    chunk, row = chunks.c, deliveries.c
    query = (
        select(
            row.id, row.chunk_id, row.contact_id, row.channel, row.address, row.status, row.attempts, row.sent_at,
            row.error, row.rendition_id, row.route, row.cost, receipts.c.received_at, receipts.c.seen_at,
            contacts.c.commune, contacts.c.household, contacts.c.language, contacts.c.name,
        )
        .select_from(chunks)
        .join(deliveries, row.chunk_id == chunk.id)
        .outerjoin(contacts, contacts.c.id == row.contact_id)
        .outerjoin(receipts, and_(receipts.c.channel == row.channel, receipts.c.message_id == row.external_id))
        .where(chunk.broadcast_id == number, chunk.id >= after[0], tuple_(chunk.id, row.id) > after)
        .order_by(chunk.id, row.id)
        .limit(limit)
    )  # fmt: skip
    query = query.where(row.status == status, _may_hold((status,))) if status else query
    query = query.where(row.error == error) if error else query
    query = query.where(contacts.c.household == household) if household is not None else query
    query = query.where(contacts.c.commune.in_(communes)) if communes else query
    return (await db.execute(query)).mappings().all()


async def retry(db: AsyncConnection, number: int, *, statuses: Sequence[str]) -> int:
    """Queue the deliveries of finished chunks that are in these statuses again; how many there were.

    Attempts stay counted, and the error stays until the next outcome. The chunks are open again from their start:
    else whoever claims one would take what lies before `dispatched` as sent by somebody who died.
    """
    held = select(chunks.c.id).where(chunks.c.broadcast_id == number, chunks.c.state == "done", _may_hold(statuses))
    again = and_(deliveries.c.chunk_id.in_(held), deliveries.c.status.in_(statuses))
    found = await db.execute(update(deliveries).where(again).values(status="queued").returning(deliveries.c.chunk_id))
    opened = sorted(found.scalars())
    for part in _parts(sorted(set(opened))):
        fresh = {"state": "open", "counts": "{}", "dispatched": 0, "dispatched_at": None, "not_before": None}
        await db.execute(update(chunks).where(chunks.c.id.in_(part)).values(**fresh, worker=0, lease_until=None))
    return len(opened)


async def close_open_chunks(db: AsyncConnection, number: int, *, status: str, error: str, waited: str = "") -> int:
    """End what is still queued in the open chunks of a broadcast; how many deliveries that were. *waited* is the error
    of those that waited for their person to write, where it is another.

    A claimed chunk is left to its worker, who reads the broadcast's state before every spell; one whose worker died is
    opened first.
    """
    await handout.reopen_abandoned(db, number)
    waiting = and_(chunks.c.broadcast_id == number, chunks.c.state == "open")
    ids = (await db.execute(select(chunks.c.id).where(waiting).with_for_update())).scalars().all()
    closed = 0
    for part in _parts(ids):
        closed += await close_chunks(db, part, status=status, error=error, waited=waited)
    return closed


async def close_chunks(
    db: AsyncConnection, ids: Sequence[int], *, status: str, error: str, waited: str = ""
) -> int:  # fmt: skip
    """End what is still queued in these chunks, which are the caller's own or locked, and mark them done."""
    queued = and_(deliveries.c.chunk_id.in_(ids), deliveries.c.status == "queued")
    why = case((deliveries.c.route.in_(PARKED), waited), else_=error) if waited else error
    ended = await db.execute(update(deliveries).where(queued).values(status=status, error=why))
    sums: dict[int, dict[str, int]] = {number: {} for number in ids}
    for chunk, kind, count in await db.execute(_live_counts(chunks.c.id.in_(ids))):
        sums[chunk][kind] = count
    for chunk, counted in sums.items():
        text = json.dumps(counted, sort_keys=True)
        done = {"state": "done", "counts": text, "worker": 0, "lease_until": None}
        await db.execute(update(chunks).where(chunks.c.id == chunk).values(done))
    return ended.rowcount


def _live_counts(which: ColumnElement[bool]) -> Any:
    """Rows of (chunk id, status, count) over the chunks that fit."""
    return (
        select(chunks.c.id, deliveries.c.status, func.count())
        .join(deliveries, deliveries.c.chunk_id == chunks.c.id)
        .where(which)
        .group_by(chunks.c.id, deliveries.c.status)
    )


def _may_hold(statuses: Sequence[str]) -> ColumnElement[bool]:
    """Whether a chunk may have deliveries of these statuses: of a finished one its counts know it."""
    named = [chunks.c.counts.contains(f'"{status}"', autoescape=True) for status in statuses]
    return or_(chunks.c.state != "done", *named) if named else true()


def _parts(ids: Sequence[int], size: int = 500) -> list[Sequence[int]]:
    """*ids* in pieces that fit the number of values a statement may hold."""
    return [ids[start : start + size] for start in range(0, len(ids), size)]
