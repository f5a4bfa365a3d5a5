"""Who is about to be written to, read at the last moment: may they be, and what of them shapes the message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import BindParameter, Select, and_, bindparam, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import handout
from bot.store.models import addresses, chunks, contacts, deliveries, sessions
from bot.store.segments.json_text import text_under

PHONE = "dien-thoai"
"""The field with the number that a person shared of their own accord."""
WIDEST = 500
"""Most addresses in one statement."""


class Standing(Struct, frozen=True):
    """One person, at one address. `told_at`: when another broadcast reached them last, if lately. `is_being_told`: one
    is on its way to them."""

    contact_id: int
    household: str
    commune: str
    language: str
    name: str
    consent: str
    stop: str
    stopped_until: datetime | None
    status: str
    heard_at: datetime | None
    told_at: datetime | None
    is_being_told: bool = False


async def standing(
    db: AsyncConnection, *, channel: str, at: Sequence[str], broadcast_id: int, since: datetime
) -> Mapping[str, Standing]:
    """The people at the addresses *at*, by address; who was forgotten is not in it. `told_at` looks back to *since*."""
    given = {"on": channel, "at": at, "broadcast": broadcast_id, "since": since}
    return {row[0]: Standing(*tuple(row)[1:]) for row in await db.execute(_people(db.dialect.name), given)}


@cache  # built anew for each spell, it took a twentieth of a courier's work
def _people(dialect: str) -> Select[*tuple[Any, ...]]:
    c, a, d = contacts.c, addresses.c, deliveries.c
    one: BindParameter[int] = bindparam("broadcast")
    other = and_(d.contact_id == c.id, d.broadcast_id.is_not(None), d.broadcast_id != one)
    told = select(func.max(d.sent_at)).where(other, d.sent_at > bindparam("since")).scalar_subquery()
    leaving = select(d.id).join(chunks, chunks.c.id == d.chunk_id).where(other, handout.is_leaving(dialect))
    held = select(chunks.c.id).where(chunks.c.state == "claimed", chunks.c.broadcast_id != one).exists()
    is_told = and_(held, leaving.correlate(contacts).exists())  # mostly one goes out: then nobody is looked up
    return (
        select(
            a.external_id, c.id, c.household, c.commune, c.language, c.name, c.consent, c.stop, c.stopped_until,
            a.status, sessions.c.seen_at, told, is_told,
        )
        .join(contacts, c.id == a.contact_id)
        .outerjoin(sessions, sessions.c.contact_id == c.id)
        .where(and_(a.channel == bindparam("on"), a.external_id.in_(bindparam("at", expanding=True))))
    )  # fmt: skip


class Door(Struct, frozen=True):
    """What lets a platform with windows take a message to one person: when they did something there last, and the
    number of their phone ("": they never shared it)."""

    interacted_at: datetime | None
    phone: str


async def doors(db: AsyncConnection, *, channel: str, at: Sequence[str]) -> Mapping[str, Door]:
    """The doors at the addresses *at*, by address."""
    a = addresses.c
    phone = func.coalesce(text_under(contacts.c.fields, PHONE), "")
    here = select(a.external_id, a.interacted_at, phone).join(contacts, contacts.c.id == a.contact_id)
    rows = await db.execute(here.where(and_(a.channel == channel, a.external_id.in_(at))))
    return {row[0]: Door(row[1], row[2]) for row in rows}


async def shut_doors(db: AsyncConnection, places: Sequence[tuple[str, str, datetime]]) -> None:
    """The windows at *places* (channel, id, when they opened) are closed, whatever we thought: the platform said so.

    Not where the person did something since.
    """
    a = addresses.c
    for channel, key, opened in places:
        here = and_(a.channel == channel, a.external_id == key, a.interacted_at == opened)
        await db.execute(update(addresses).where(here).values(interacted_at=None))


async def close_addresses(db: AsyncConnection, places: Sequence[tuple[str, str]], *, at: datetime) -> None:
    """Nobody can be reached at *places* (channel, id) any more; whoever writes from there opens theirs again."""
    a = addresses.c
    for start in range(0, len(places), WIDEST):
        here = tuple_(a.channel, a.external_id).in_(places[start : start + WIDEST])
        await db.execute(update(addresses).where(here).values(status="blocked", changed_at=at))
