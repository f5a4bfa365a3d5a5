"""What a batch of turns reads and writes: contacts as the hot path knows them, and rows by statement.

The statements are SQLAlchemy Core, compiled once for the dialect; only their execution goes past its
per-row layers (hot-path.md rule 5). Rows are tuples in the order of a statement's parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Dialect,
    Executable,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    update,
)

from bot.engine.state import Person, Session
from bot.engine.walk import URGENT
from bot.messages import Address
from bot.store.forgetting import forgetting
from bot.store.models import addresses, contacts, deliveries, handoffs, inbox, interactions, sessions, topics
from bot.store.types import NEVER
from bot.store.upserts import insert_into

NEW = Session()


class Known(Struct, frozen=True):
    """A contact at one address, as of the last commit. `question` is the delivery whose buttons are open (0: none)
    and `question_id` the platform's id of that message, once it was sent. `status` is so since `changed_at`. `held`: an
    officer answers them now."""

    contact_id: int
    address: Address
    person: Person
    session: Session = NEW
    question: int = 0
    question_id: str = ""
    status: str = "active"
    held: bool = False
    changed_at: datetime = NEVER


@dataclass(slots=True)
class Rows:
    """What one batch writes: rows by the name of their statement."""

    of: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def add(self, statement: str, *row: Any) -> None:
        """One more row for *statement*."""
        rows = self.of.get(statement)
        if rows is None:
            self.of[statement] = [row]
        else:
            rows.append(row)

    def extend(self, other: Rows) -> None:
        """All rows of *other* as well."""
        for statement, rows in other.of.items():
            self.of.setdefault(statement, []).extend(rows)


class Conflict(Exception):
    """A row of the batch is there already: an update acted on before, or a contact made by another process."""


class Away(Exception):
    """The database can't be read or written now: it is down, full or locked. Nothing was written."""


Plan = Callable[[Mapping[Address, Known]], Rows]


class Turns(Protocol):
    """How turns are stored: one process on SQLite, or any number on PostgreSQL."""

    def stamp(self, moment: datetime) -> Any:
        """*moment* as the driver takes it."""
        ...

    async def transact(self, wanted: Sequence[Address], plan: Plan) -> None:
        """Read the contacts at *wanted*, plan, and write in one transaction. `Conflict`, `Away`: nothing written."""
        ...

    async def acted_on(self, ids: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Which of these (channel, external id) are in the inbox already."""
        ...

    async def held(self, ids: Sequence[int]) -> set[int]:
        """Which of these deliveries are in the ledger."""
        ...

    def keep(self, known: Known) -> None:
        """Remember *known* after the commit, where a cache is allowed."""
        ...

    def drop(self, address: Address) -> None:
        """Forget what is cached of *address*."""
        ...

    def cached(self, address: Address) -> Known | None:
        """What is remembered of *address*, if anything."""
        ...

    async def close(self) -> None:
        """Let go of the database."""
        ...


def _statements(dialect: Dialect) -> Mapping[str, Executable]:
    session = insert_into(sessions, dialect)
    topic = insert_into(topics, dialect).on_conflict_do_nothing()
    of = bindparam
    there = update(addresses).where(and_(addresses.c.channel == of("on"), addresses.c.external_id == of("key")))
    return {  # in the order of writing
        "inbox": insert(inbox),
        "dead_letter": insert(inbox),
        "contact": insert(contacts),
        "address": insert(addresses),
        "contact_changed": update(contacts)
        .where(contacts.c.id == of("key"))
        .values({c: of(f"new_{c}") for c in ("household", "commune", "language", "name", "consent", "fields")}),
        "stopped": update(contacts)
        .where(contacts.c.id == of("key"))
        .values(stop=of("new_stop"), stopped_until=of("new_until")),
        "address_changed": there.values(status=of("new_status"), changed_at=of("at")),
        "interacted": there.where(  # what comes late, or twice in the wrong order, closes no window
            or_(addresses.c.interacted_at.is_(None), addresses.c.interacted_at < of("before"))
        ).values(interacted_at=of("at")),
        "topic_on": topic,
        "topic_off": delete(topics).where(and_(topics.c.contact_id == of("key"), topics.c.topic == of("left"))),
        "session": session.on_conflict_do_update(
            index_elements=["contact_id"],
            set_={name: session.excluded[name] for name in ("state", "question", "seen_at")},
        ),
        "invited_session": session.on_conflict_do_update(  # nothing was heard: `seen_at` stays
            index_elements=["contact_id"], set_={name: session.excluded[name] for name in ("state", "question")}
        ),
        "interaction": insert(interactions).inline(),
        "delivery": insert(deliveries),
        "mark": update(deliveries)
        .where(deliveries.c.id == of("key"))
        .values({c: of(f"new_{c}") for c in ("status", "attempts", "sent_at", "external_id", "error")}),
        "invitation": update(deliveries)
        .where(deliveries.c.id == of("key"))
        .values(method=of("new_method"), payload=of("new_payload")),
        "handoff": _handing_off(insert_into(handoffs, dialect)),
        "handoff_heard": update(handoffs)
        .where(and_(handoffs.c.contact_id == of("key"), handoffs.c.closed_at.is_(None)))
        .values(waiting_since=func.coalesce(handoffs.c.waiting_since, of("at"))),
        "handoff_ended": update(handoffs)
        .where(and_(handoffs.c.contact_id == of("key"), handoffs.c.closed_at.is_(None)))
        .values(closed_at=of("at"), waiting_since=null()),
        "let_go": update(sessions).where(sessions.c.contact_id == of("key")).values(held=false()),
        **forgetting(),
    }


_URGENT: ColumnElement[str] = literal_column(f"'{URGENT}'")
"""Written out: a parameter of its own would be one more than the rows have."""


def _handing_off(handoff: Any) -> Executable:
    """Who asks again while one of their conversations is open waits since the first time, in the queue of the last.

    Who was in danger stays in that queue until an officer has closed the conversation.
    """
    asked = handoff.excluded
    added: Executable = handoff.inline().on_conflict_do_update(
        index_elements=["contact_id"], index_where=handoffs.c.closed_at.is_(None),
        set_={
            "queue": case((handoffs.c.queue == _URGENT, handoffs.c.queue), else_=asked.queue),
            "waiting_since": func.coalesce(handoffs.c.waiting_since, asked.waiting_since),
        },
    )  # fmt: skip
    return added


COLUMNS: Mapping[str, tuple[str, ...]] = {
    "inbox": ("channel", "external_id", "received_at"),
    "dead_letter": ("channel", "external_id", "received_at", "error", "raw", "address"),
    "contact": ("id", "created_at", "household", "commune", "language", "name", "consent", "source", "fields"),
    "address": ("channel", "external_id", "contact_id", "changed_at"),
    "contact_changed": (
        "new_household", "new_commune", "new_language", "new_name", "new_consent", "new_fields", "key",
    ),
    "stopped": ("new_stop", "new_until", "key"),
    "address_changed": ("new_status", "at", "on", "key"),
    "interacted": ("at", "on", "key", "before"),
    "topic_on": ("contact_id", "topic", "since"),
    "topic_off": ("key", "left"),
    "session": ("contact_id", "state", "question", "seen_at"),
    "invited_session": ("contact_id", "state", "question", "seen_at"),
    "interaction": ("contact_id", "at", "kind", "dialog", "node", "detail", "text", "delivery_id"),
    "delivery": (
        "id", "contact_id", "channel", "address", "reason", "method", "payload", "status", "attempts", "worker",
        "due_at",
    ),
    "mark": ("new_status", "new_attempts", "new_sent_at", "new_external_id", "new_error", "key"),
    "invitation": ("new_method", "new_payload", "key"),
    "handoff": ("contact_id", "queue", "asked_at", "waiting_since"),
    "handoff_heard": ("at", "key"),
    "handoff_ended": ("at", "key"),
    "forget_deliveries": ("nothing", "key", "before"),
    "forget_broadcasts": ("nothing", "key"),
    "forget_dead_letters": ("on", "key"),
    "departed": ("contact_id",),
    "farewell": ("nothing", "key"),
}  # fmt: skip
"""The parameters of each statement that has more than the one named "key", in the order of its rows."""


def compile_all(dialect: Dialect) -> Mapping[str, str]:
    """The text of every hot statement for *dialect*, in the order in which a batch writes them."""
    compiled: dict[str, str] = {}
    for name, statement in _statements(dialect).items():
        columns = COLUMNS.get(name, ("key",))
        ready = statement.compile(dialect=dialect, column_keys=columns)  # type: ignore[attr-defined]
        if tuple(ready.positiontup) != columns:  # rows are handed over as they are: their order must be the text's
            raise AssertionError(f"{name}: {ready.positiontup} is not {columns}")
        compiled[name] = str(ready)
    return compiled


_OPEN = deliveries.alias("question")
LOAD = (
    select(
        addresses.c.contact_id, addresses.c.status, addresses.c.changed_at, contacts.c.fields, contacts.c.stop,
        contacts.c.stopped_until,
        sessions.c.state, sessions.c.question, sessions.c.held, _OPEN.c.external_id.label("question_id"),
    )
    .join(contacts, contacts.c.id == addresses.c.contact_id)
    .outerjoin(sessions, sessions.c.contact_id == addresses.c.contact_id)
    .outerjoin(_OPEN, _OPEN.c.id == sessions.c.question)
    .where(and_(addresses.c.channel == bindparam("channel"), addresses.c.external_id == bindparam("key")))
)  # fmt: skip
LOAD_TOPICS = select(topics.c.topic).where(topics.c.contact_id == bindparam("key"))
_decode_fields = msgspec.json.Decoder(dict[str, str]).decode
_decode_state = msgspec.json.Decoder(dict[str, Any]).decode


def known_from(address: Address, row: Any, its_topics: Sequence[str], now: datetime) -> Known:
    """A contact from its row of `LOAD`. A stop for a week that is over no longer is one."""
    until = row.stopped_until
    over = until is not None and until <= now.astimezone(UTC)
    person = Person(_decode_fields(row.fields), frozenset(its_topics), "none" if over else row.stop)
    session = Session.from_dict(_decode_state(row.state)) if row.state else Session()
    return Known(
        row.contact_id, address, person, session, row.question or 0, row.question_id or "", row.status,
        bool(row.held), row.changed_at,
    )  # fmt: skip


def acted_on_query(ids: Sequence[tuple[str, str]]) -> Executable:
    """The ids among *ids* that are in the inbox."""
    channels = {channel for channel, _ in ids}
    return select(inbox.c.channel, inbox.c.external_id).where(
        and_(inbox.c.channel.in_(channels), inbox.c.external_id.in_([key for _, key in ids]))
    )


def held_query(ids: Sequence[int]) -> Executable:
    """The ids among *ids* that are in the ledger."""
    return select(deliveries.c.id).where(deliveries.c.id.in_(ids))
