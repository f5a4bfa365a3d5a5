"""The one way to rows: each `access_` function gives what an officer may see, or answers 404.

A 403 would say that it is there. Who works for some communes sees the people of these alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy import ColumnElement, RowMapping, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.broadcasting.model import Broadcast, broadcast_from
from bot.store import broadcasts, handoffs
from bot.store.handoffs import Handoff
from bot.store.models import contacts
from bot.store.officers import Officer


def area_of(officer: Officer) -> Sequence[str]:
    """The communes that *officer* works for; none is the whole city."""
    return officer.communes


def people_of(officer: Officer) -> ColumnElement[bool]:
    """The condition on `contacts` that holds for people whom *officer* may see."""
    return contacts.c.commune.in_(officer.communes) if officer.communes else true()


async def access_contact(db: AsyncConnection, officer: Officer, number: int) -> RowMapping:
    """The contact, if one of the officer's area."""
    query = select(contacts).where(contacts.c.id == number, people_of(officer))
    row = (await db.execute(query)).mappings().one_or_none()
    if row is None:
        raise web.HTTPNotFound
    return row


async def access_handoff(db: AsyncConnection, officer: Officer, number: int) -> Handoff:
    """The conversation that waits or waited for an officer, if with a person of this officer's area."""
    handoff = await handoffs.find(db, number, communes=officer.communes)
    if handoff is None:
        raise web.HTTPNotFound
    return handoff


async def access_broadcast(db: AsyncConnection, officer: Officer, number: int) -> Broadcast:
    """The broadcast, if it is the city's, or touches the officer's area. Changing it takes more: the desk knows."""
    row = await broadcasts.find(db, number)
    if row is None:
        raise web.HTTPNotFound
    broadcast = broadcast_from(row)
    if not is_theirs(officer, broadcast):
        raise web.HTTPNotFound
    return broadcast


def is_theirs(officer: Officer, broadcast: Broadcast) -> bool:
    """Whether *officer* may see *broadcast*: their own area's, or one of the whole city, which reaches their people."""
    return not officer.communes or not broadcast.area or bool(set(broadcast.area) & set(officer.communes))
