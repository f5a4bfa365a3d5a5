"""The log searched: people by what one knows of them, lines by where they stand, never all of it at once.

The log has no index on time. Its ids grow with it, but for turns that are written at the same moment, so the ids of a
day are found by halving, and lines are read in windows of ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.conversations import HEARD
from bot.store.models import addresses, contacts, deliveries, interactions

SLACK = timedelta(minutes=10)
"""How far ids and times may disagree: no transaction that writes turns is open for as long."""
SHOWN = (*HEARD, "handoff", "stop")
BIGGEST = 2**63 - 1
"""The largest number that an id can be."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which lines. *contacts* None is anybody; *communes* none is everywhere; *like* a LIKE pattern of the words."""

    since: datetime
    until: datetime
    contacts: Sequence[int] | None = None
    communes: Sequence[str] = ()
    dialog: str = ""
    node: str = ""
    broadcast: int | None = None
    like: str = ""


async def people_numbered(db: AsyncConnection, number: str, *, channels: Sequence[str]) -> Sequence[int]:
    """The contact of this number, and those with an address of this id on one of *channels*."""
    here = and_(addresses.c.channel.in_(channels), addresses.c.external_id == number)
    query = select(addresses.c.contact_id).where(here)
    found = set((await db.execute(query)).scalars())
    if number.isascii() and number.isdigit() and int(number) <= BIGGEST:
        found |= set((await db.execute(select(contacts.c.id).where(contacts.c.id == int(number)))).scalars())
    return sorted(found)


async def people_named(db: AsyncConnection, like: str, *, area: Sequence[str], limit: int) -> Sequence[Any]:
    """(id, name) of up to *limit* contacts of *area* whose name fits the pattern *like*, the newest first."""
    query = select(contacts.c.id, contacts.c.name).where(contacts.c.name.ilike(like)).order_by(contacts.c.id.desc())
    query = query.where(contacts.c.commune.in_(area)) if area else query
    return (await db.execute(query.limit(limit))).all()


async def first_since(db: AsyncConnection, moment: datetime) -> int:
    """An id from which on no line is older than *moment*, give or take `SLACK`; found in some forty probes."""
    low, high = [await _end_of_log(db, of) for of in (func.min, func.max)]
    if low is None or high is None:
        return 0
    high += 1
    while low < high:
        middle = (low + high) // 2
        probe = select(interactions.c.id, interactions.c.at).where(interactions.c.id >= middle)
        row = (await db.execute(probe.order_by(interactions.c.id).limit(1))).one()
        if row.at >= moment:
            high = middle
        else:
            low = row.id + 1
    return int(low)


async def _end_of_log(db: AsyncConnection, of: Any) -> int | None:
    """The smallest or the largest id. Asked for both at once, SQLite would read the whole log."""
    found: int | None = (await db.execute(select(of(interactions.c.id)))).scalar_one()
    return found


async def window(
    db: AsyncConnection, criteria: Criteria, *, low: int, high: int, limit: int
) -> Sequence[RowMapping]:  # fmt: skip
    """Up to *limit* lines that fit with ids from *low* to before *high*, the newest first, with whose they are."""
    query = _lines().where(interactions.c.id >= low, interactions.c.id < high, *_conditions(criteria))
    return (await db.execute(query.order_by(interactions.c.id.desc()).limit(limit))).mappings().all()


async def moment_of(db: AsyncConnection, line: int) -> datetime | None:
    """When the line with this id, or the next one that is there, was logged."""
    query = select(interactions.c.at).where(interactions.c.id >= line).order_by(interactions.c.id).limit(1)
    at: datetime | None = (await db.execute(query)).scalar_one_or_none()
    return at


def _lines() -> Any:
    """Rows of a line and of the person whose it is."""
    row, person = interactions.c, contacts.c
    return select(
        row.id, row.at, row.contact_id, row.kind, row.dialog, row.node, row.detail, row.text, person.name,
        person.commune, person.household,
    ).join(contacts, person.id == row.contact_id)  # fmt: skip


def _conditions(criteria: Criteria) -> list[ColumnElement[bool]]:
    row = interactions.c
    wanted = [row.at >= criteria.since, row.at < criteria.until, row.kind.in_(SHOWN)]
    if criteria.contacts is not None:
        wanted.append(row.contact_id.in_(criteria.contacts))
    if criteria.communes:
        wanted.append(contacts.c.commune.in_(criteria.communes))
    if criteria.dialog:
        wanted.append(or_(row.dialog == criteria.dialog, and_(row.kind == "routed", row.detail == criteria.dialog)))
    if criteria.node:
        wanted.append(row.node == criteria.node)
    if criteria.broadcast is not None:
        wanted.append(_was_sent(criteria.broadcast))
    if criteria.like:
        wanted.append(row.text.ilike(criteria.like))
    return wanted


def _was_sent(broadcast: int) -> ColumnElement[bool]:
    theirs = and_(deliveries.c.broadcast_id == broadcast, deliveries.c.contact_id == interactions.c.contact_id)
    return select(literal(1)).where(theirs).correlate(interactions).exists()
