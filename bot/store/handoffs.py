"""Conversations that wait for an officer: the queue, who answers which, and what officers note about them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.state import Session
from bot.engine.walk import URGENT
from bot.messages import Address
from bot.store.conversations import ANSWERED
from bot.store.inbox_models import notes
from bot.store.models import addresses, contacts, deliveries, handoffs, interactions, sessions, topics

Shelf = Literal["waiting", "mine", "open", "closed"]
"""Which conversations: nobody has answered the last word / of this officer / not closed / closed."""


@dataclass(frozen=True, slots=True)
class Handoff:
    """One conversation, with its person. `waiting_since` None: an officer had the last word. `claimed_by`: a login."""

    id: int
    contact_id: int
    queue: str
    asked_at: datetime
    waiting_since: datetime | None
    claimed_by: str
    claimed_at: datetime | None
    closed_at: datetime | None
    closed_by: str
    name: str
    commune: str
    household: str
    language: str

    @property
    def is_urgent(self) -> bool:
        """Whether the person seemed to be in danger, and nobody has closed the conversation since."""
        return self.queue == URGENT and self.closed_at is None


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many people wait for an answer, and how many of them seemed to be in danger."""

    waiting: int = 0
    urgent: int = 0

    def __add__(self, other: Crowd) -> Crowd:
        return Crowd(self.waiting + other.waiting, self.urgent + other.urgent)


NO_CROWD = Crowd()


@dataclass(frozen=True, slots=True)
class Note:
    """What an officer told the others."""

    author: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bot is with somebody: their session, and the address at which they can be written to."""

    session: Session
    address: Address | None
    every_address: Sequence[Address]


def _rows() -> Select[Any]:
    person = (contacts.c.name, contacts.c.commune, contacts.c.household, contacts.c.language)
    return select(handoffs, *person).join(contacts, contacts.c.id == handoffs.c.contact_id)


def _in(communes: Sequence[str]) -> ColumnElement[bool]:
    return contacts.c.commune.in_(communes) if communes else true()


def _on(shelf: Shelf, login: str) -> ColumnElement[bool]:
    row = handoffs.c
    is_open = row.closed_at.is_(None)
    match shelf:
        case "waiting":
            return and_(is_open, row.waiting_since.is_not(None))
        case "mine":
            return and_(is_open, row.claimed_by == login)
        case "open":
            return is_open
        case "closed":
            return row.closed_at.is_not(None)


async def listing(
    db: AsyncConnection, shelf: Shelf, *, login: str, communes: Sequence[str], limit: int
) -> Sequence[Handoff]:  # fmt: skip
    """The conversations on *shelf* with people of *communes* (none: everywhere): who is in danger, then who waits
    longest."""
    row = handoffs.c
    longest = (row.waiting_since.asc().nulls_last(), row.asked_at)
    order = (row.closed_at.desc(),) if shelf == "closed" else (_is_in_danger().desc(), *longest)
    found = await db.execute(_rows().where(_on(shelf, login), _in(communes)).order_by(*order, row.id).limit(limit))
    return [_handoff(one) for one in found.mappings()]


async def find(
    db: AsyncConnection, number: int, *, communes: Sequence[str] = (), locked: bool = False
) -> Handoff | None:  # fmt: skip
    """The conversation, if its person is of *communes* (none: everywhere). *locked* keeps it from others."""
    query = _rows().where(handoffs.c.id == number, _in(communes))
    found = await db.execute(query.with_for_update(of=handoffs) if locked else query)
    row = found.mappings().one_or_none()
    return None if row is None else _handoff(row)


async def open_of(db: AsyncConnection, contact_id: int) -> int | None:
    """The number of the conversation with this person that is open."""
    query = select(handoffs.c.id).where(handoffs.c.contact_id == contact_id, handoffs.c.closed_at.is_(None))
    number: int | None = (await db.execute(query)).scalar_one_or_none()
    return number


def _is_in_danger() -> ColumnElement[int]:
    """1 for who seemed to be in danger and has no officer's word yet, else 0."""
    row = handoffs.c
    return case((and_(row.queue == URGENT, row.waiting_since.is_not(None)), 1), else_=0)


async def waiting_by_commune(db: AsyncConnection) -> Mapping[str, Crowd]:
    """How many people wait, by their commune."""
    query = (
        select(contacts.c.commune, func.count(), func.sum(_is_in_danger()))
        .select_from(handoffs.join(contacts, contacts.c.id == handoffs.c.contact_id))
        .where(_on("waiting", ""))
        .group_by(contacts.c.commune)
    )
    return {row[0]: Crowd(row[1], int(row[2])) for row in await db.execute(query)}


async def hold_person(db: AsyncConnection, contact_id: int) -> Place:
    """Keep turns of this person waiting until the transaction ends, as a turn does; where the bot is with them."""
    found = (await db.execute(_places_of(contact_id).with_for_update())).all()
    every = [Address(row.channel, row.external_id) for row in found]
    state = await db.execute(select(sessions.c.state).where(sessions.c.contact_id == contact_id))
    kept = state.scalar_one_or_none()
    session = Session.from_dict(json.loads(kept)) if kept else Session()
    return Place(session, _first_open(found), every)


async def address_of(db: AsyncConnection, contact_id: int) -> Address | None:
    """Where an answer to this person would go; None: nowhere."""
    return _first_open((await db.execute(_places_of(contact_id))).all())


def _places_of(contact_id: int) -> Select[Any]:
    a = addresses.c
    here = select(a.channel, a.external_id, a.status).where(a.contact_id == contact_id)
    return here.order_by(a.channel, a.external_id)


def _first_open(found: Sequence[Row[Any]]) -> Address | None:
    return next((Address(row.channel, row.external_id) for row in found if row.status == "active"), None)


async def keep_session(
    db: AsyncConnection, contact_id: int, session: Session, *, held: bool, question: int | None = None
) -> None:  # fmt: skip
    """Where the bot is with them from now on; *held*: an officer answers. *question* None leaves its buttons open."""
    values: dict[str, Any] = {"state": json.dumps(session.to_dict()), "held": held}
    if question is not None:
        values["question"] = question
    await db.execute(update(sessions).where(sessions.c.contact_id == contact_id).values(values))


async def change(db: AsyncConnection, number: int, **columns: object) -> None:
    """Set *columns* of the conversation."""
    await db.execute(update(handoffs).where(handoffs.c.id == number).values(columns))


async def log_answer(
    db: AsyncConnection, contact_id: int, *, at: datetime, login: str, delivery_ids: Sequence[int]
) -> None:  # fmt: skip
    """An officer wrote to this person: a line of the log for each call that carries it."""
    await _log(db, {"contact_id": contact_id, "at": at, "kind": ANSWERED, "detail": login}, delivery_ids)


async def log_said(
    db: AsyncConnection, contact_id: int, *, at: datetime, what: str, delivery_ids: Sequence[int]
) -> None:  # fmt: skip
    """The bot said the phrase *what* to this person."""
    await _log(db, {"contact_id": contact_id, "at": at, "kind": "said", "detail": what}, delivery_ids)


async def _log(db: AsyncConnection, line: Mapping[str, object], delivery_ids: Sequence[int]) -> None:
    await db.execute(insert(interactions), [{**line, "delivery_id": each} for each in delivery_ids])


async def add_note(db: AsyncConnection, handoff: Handoff, *, author: str, at: datetime, text: str) -> None:
    """Keep a note."""
    row = {"handoff_id": handoff.id, "contact_id": handoff.contact_id, "author": author, "at": at, "text": text}
    await db.execute(insert(notes).values(row))


async def notes_about(db: AsyncConnection, contact_id: int) -> Sequence[Note]:
    """All notes about this person, the oldest first: an earlier conversation often explains this one."""
    query = select(notes.c.author, notes.c.at, notes.c.text).where(notes.c.contact_id == contact_id)
    return [Note(*row) for row in await db.execute(query.order_by(notes.c.id))]


async def following(db: AsyncConnection, contact_id: int) -> Sequence[str]:
    """The topics that this person follows."""
    query = select(topics.c.topic).where(topics.c.contact_id == contact_id).order_by(topics.c.topic)
    return list((await db.execute(query)).scalars())


async def glance(db: AsyncConnection, handoff: Handoff) -> tuple[object, ...]:
    """What changes whenever a page that shows this conversation would: cheap enough to ask every second."""
    row, owed = interactions.c, deliveries.c
    last = select(func.max(row.id)).where(row.contact_id == handoff.contact_id).scalar_subquery()
    answers = (
        select(row.id, owed.status)
        .join(deliveries, owed.id == row.delivery_id)
        .where(row.contact_id == handoff.contact_id, row.kind == ANSWERED)
        .order_by(row.id.desc())
        .limit(5)
    )
    state = select(handoffs.c.claimed_by, handoffs.c.closed_at, last).where(handoffs.c.id == handoff.id)
    noted = select(func.count()).where(notes.c.contact_id == handoff.contact_id)
    found = (await db.execute(state)).first()
    seen = tuple(tuple(one) for one in await db.execute(answers))
    return (tuple(found) if found else None, (await db.execute(noted)).scalar_one(), seen)


async def addresses_of(db: AsyncConnection, contact_id: int) -> Sequence[tuple[str, str]]:
    """(channel, status) of every address of this person."""
    query = select(addresses.c.channel, addresses.c.status).where(addresses.c.contact_id == contact_id)
    return [(row.channel, row.status) for row in await db.execute(query.order_by(addresses.c.channel))]


async def earlier(db: AsyncConnection, contact_id: int, *, but: int) -> Sequence[tuple[int, datetime]]:
    """(number, asked at) of other conversations with this person, the newest first."""
    query = select(handoffs.c.id, handoffs.c.asked_at).where(handoffs.c.contact_id == contact_id, handoffs.c.id != but)
    return [(row.id, row.asked_at) for row in await db.execute(query.order_by(handoffs.c.id.desc()).limit(10))]


def _handoff(row: Mapping[Any, Any]) -> Handoff:
    return Handoff(**{name: row[name] for name in Handoff.__slots__})
