"""The tables. Words as in the glossary: contact, address, session, interaction, delivery.

Ids of contacts and deliveries are made by the application (`bot.store.ids`): they grow with time, so that a
delivery's age is in its key, and a row can be written in a batch without asking the database for its id.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from bot.store.types import UtcDateTime

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)
Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite gives a rowid only to INTEGER PRIMARY KEY."""

contacts = Table(
    "contacts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("household", String(16), nullable=False, server_default=""),  # field `ho`; empty is not told
    Column("commune", String(8), nullable=False, server_default=""),  # field `xa`: the commune's code
    Column("language", String(8), nullable=False, server_default=""),  # field `lang`; empty is Vietnamese
    Column("name", Text, nullable=False, server_default=""),
    Column("stop", String(16), nullable=False, server_default="none"),  # none, week, broadcasts, all, forget
    Column("stopped_until", UtcDateTime),
    Column("consent", String(16), nullable=False, server_default=""),  # field `dong-y`; only "co" agreed to broadcasts
    Column("source", String(64), nullable=False, server_default=""),  # the deep link they first came by
    Column("fields", Text, nullable=False, server_default="{}"),  # every field of the dialogs, as JSON
    Index("ix_contacts_commune", "commune", "household", "id"),  # with the id, a page of an audience is cut out of it
    Index("ix_contacts_household", "household", "id"),
)
"""A person we can talk to. The columns repeat those fields that segments ask for most."""

addresses = Table(
    "addresses",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("external_id", String(64), primary_key=True),
    Column("contact_id", BigInteger, ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False),
    Column("status", String(16), nullable=False, server_default="active"),  # active, or why not: blocked, gone
    Column("changed_at", UtcDateTime, nullable=False),
    Column("interacted_at", UtcDateTime),  # when they did something last that opens the platform's window
    Index("ix_addresses_contact_id", "contact_id", "status", "channel"),
    Index("ix_addresses_interacted_at", "channel", "interacted_at",  # partial, or who looks for an id may come by it
          postgresql_where=text("interacted_at IS NOT NULL"), sqlite_where=text("interacted_at IS NOT NULL")),
)  # fmt: skip
"""Where a contact is on one channel."""

topics = Table(
    "contact_topics",
    metadata,
    Column("contact_id", BigInteger, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", String(64), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Index("ix_contact_topics_topic", "topic", "contact_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("contact_id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),  # engine Session as JSON
    Column("question", BigInteger, nullable=False, server_default="0"),  # delivery whose buttons are open
    Column("seen_at", UtcDateTime, nullable=False),
    Column("held", Boolean, nullable=False, server_default=false()),  # an officer answers; turns only read it
)
"""One contact's place in the dialogs, and when they were last heard. Apart from contacts: it changes every turn."""

inbox = Table(
    "inbox",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("external_id", String(80), primary_key=True),
    Column("received_at", UtcDateTime, nullable=False),
    Column("error", Text),  # why it could not be acted on (a dead letter); null is done
    Column("raw", LargeBinary),  # only of dead letters
    Column("address", String(64)),  # whose they are, where that could be read: they are emptied with the person
    Index("ix_inbox_address", "address", postgresql_where=text("address IS NOT NULL"),
          sqlite_where=text("address IS NOT NULL")),
    sqlite_with_rowid=False,
)  # fmt: skip
"""Every update acted on, once: the primary key is what makes a redelivered one do nothing."""

PROGRESS = "kind IN ('said', 'entered', 'chose', 'typed', 'ended')"
"""What tells how far a person came in a dialog: the only interactions that segments ask about."""

interactions = Table(
    "interactions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("contact_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("dialog", String(64), nullable=False, server_default=""),
    Column("node", String(64), nullable=False, server_default=""),
    Column("detail", String(128), nullable=False, server_default=""),  # choice, command, message, field … by kind
    Column("text", Text, nullable=False, server_default=""),
    Column("delivery_id", BigInteger),
    Index("ix_interactions_contact_id_id", "contact_id", "id"),
    Index("ix_interactions_progress", "dialog", "node", "kind", "contact_id", "at", postgresql_where=text(PROGRESS),
          sqlite_where=text(PROGRESS)),
)  # fmt: skip
"""The log: what was heard (kind as the channel gave it) and every event of the engine, in order."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("contact_id", BigInteger, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("address", String(64), nullable=False),
    Column("reason", String(16), nullable=False),  # reply, farewell, broadcast, test, officer
    Column("broadcast_id", BigInteger),
    Column("chunk_id", BigInteger),
    Column("method", String(32), nullable=False),
    Column("payload", LargeBinary, nullable=False),  # exactly the bytes that are sent and resent
    Column("status", String(16), nullable=False),  # queued claimed sent failed blocked opted_out expired unknown
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("worker", BigInteger, nullable=False, server_default="0"),  # who holds it while claimed
    Column("due_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("external_id", String(64), nullable=False, server_default=""),  # the platform's id of the message
    Column("error", Text, nullable=False, server_default=""),
    Column("rendition_id", BigInteger),  # what a broadcast's message said to this person; null is in `payload`
    Column("route", String(12), nullable=False, server_default=""),  # on channels with windows: bot.channels.base.Route
    Column("cost", Integer, nullable=False, server_default="0"),  # in đồng: what it cost, or may have
    Column("reserved", Integer, nullable=False, server_default="0"),  # … what it may yet cost, while it leaves
    Index("ix_deliveries_contact_id", "contact_id", postgresql_where=text("broadcast_id IS NOT NULL"),
          sqlite_where=text("broadcast_id IS NOT NULL")),
    Index("ix_deliveries_broadcast_id", "broadcast_id", "contact_id",
          postgresql_where=text("broadcast_id IS NOT NULL"), sqlite_where=text("broadcast_id IS NOT NULL")),
    Index("ix_deliveries_chunk_id", "chunk_id", postgresql_where=text("chunk_id IS NOT NULL"),
          sqlite_where=text("chunk_id IS NOT NULL")),
)  # fmt: skip
"""The ledger: every message owed to anyone. No index on status: PostgreSQL then updates in place (HOT)."""

chunks = Table(
    "chunks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("broadcast_id", BigInteger, index=True),  # null: a message of its own, such as a test
    Column("channel", String(16), nullable=False, server_default=""),
    Column("state", String(16), nullable=False, server_default="open"),  # open, claimed, done
    Column("not_before", UtcDateTime),  # an open chunk waits until then: all that is left in it was put off
    Column("worker", BigInteger, nullable=False, server_default="0"),
    Column("epoch", Integer, nullable=False, server_default="0"),  # counts claims: the fence against an old holder
    Column("lease_until", UtcDateTime),
    Column("claimed_at", UtcDateTime),  # nothing of it that is not written down was sent before
    Column("dispatched", BigInteger, nullable=False, server_default="0"),  # the last delivery that may have left
    Column("dispatched_at", UtcDateTime),
    Column("counts", Text, nullable=False, server_default="{}"),  # by status, once done
    Index("ix_chunks_state_channel", "state", "channel", "broadcast_id"),
)
"""About 200 deliveries of a broadcast on one channel, leased as one (delivery.md rules 1 and 2)."""

rates = Table(
    "rates",
    metadata,
    Column("account", String(80), primary_key=True),  # channel, or channel:account
    Column("next_at", UtcDateTime, nullable=False),
)
"""When each channel account may send next, shared by every worker (delivery.md rule 5)."""

workers = Table(
    "workers",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)
"""Processes that may hold deliveries; one unseen past its lease has lost them to the others."""

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("contact_id", BigInteger, nullable=False),
    Column("queue", String(64), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("waiting_since", UtcDateTime),  # null: the last word is an officer's
    Column("claimed_by", String(64), nullable=False, server_default=""),  # the officer who answers
    Column("claimed_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("closed_by", String(64), nullable=False, server_default=""),
    Index("ix_handoffs_closed_at", "closed_at", "asked_at"),
    Index("ix_handoffs_contact_id", "contact_id"),
    Index("uq_handoffs_open", "contact_id", unique=True, postgresql_where=text("closed_at IS NULL"),
          sqlite_where=text("closed_at IS NULL")),
)  # fmt: skip
"""Conversations that wait for an officer, or are answered by one. A person has one that is open at most."""

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", Id, primary_key=True),  # the number that officers use
    Column("name", Text, nullable=False),
    Column("state", String(16), nullable=False, server_default="draft"),  # bot.services.broadcasting.model.State
    Column("reason", Text, nullable=False, server_default=""),  # why it is paused, void, cancelled or expired
    Column("body", Text, nullable=False),  # JSON: bot.services.broadcasting.model.Body
    Column("segment", Text, nullable=False),  # the query
    Column("timing", Text, nullable=False, server_default="{}"),  # JSON: when, hours, shelf life, missed slots
    Column("policy", Text, nullable=False, server_default="{}"),  # JSON: gap, growth, unknown, confirmations
    Column("urgent", Boolean, nullable=False, server_default=false()),
    Column("version", Integer, nullable=False, server_default="1"),  # counts edits
    Column("authors", Text, nullable=False, server_default="[]"),  # JSON: everybody who drafted or edited it
    Column("area", Text, nullable=False, server_default="[]"),  # JSON: communes of who drafted it; empty is everywhere
    Column("submitted_by", String(64), nullable=False, server_default=""),
    Column("approved_by", String(64), nullable=False, server_default=""),
    Column("digest", String(64), nullable=False, server_default=""),  # of what was approved
    Column("audience", Integer, nullable=False, server_default="0"),  # how many when it was submitted
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),  # when to start, or the next slot of a recurring one
    Column("parent_id", BigInteger),  # the recurring broadcast that this is one run of
    Column("slot", UtcDateTime),  # which run
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("ceiling", BigInteger, nullable=False, server_default="0"),  # contacts made later aren't in the audience
    Column("cursor", BigInteger, nullable=False, server_default="0"),  # contacts up to here have their rows
    Column("is_planned", Boolean, nullable=False, server_default=false()),  # every row of the audience is there
    Column("recipients", Integer, nullable=False, server_default="0"),  # rows so far
    Column("spent", BigInteger, nullable=False, server_default="0"),  # in đồng: what they cost, may have, or will
    Column("served_at", UtcDateTime),  # when a chunk of it was claimed last: broadcasts take turns
    UniqueConstraint("parent_id", "slot"),  # a slot runs once, whatever the number of processes (delivery.md rule 8)
    Index("ix_broadcasts_state_due_at", "state", "due_at"),
)
"""What officers send to a segment, or one run of it."""

renditions = Table(
    "renditions",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # made from what it says
    Column("broadcast_id", BigInteger, nullable=False, index=True),
    Column("message", LargeBinary, nullable=False),  # an Outgoing as JSON: text and choices
)
"""What a broadcast said, once for all who were told the same."""

segments = Table(
    "segments",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("query", Text, nullable=False),
    Column("author", String(64), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

officers = Table(
    "officers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("role", String(16), nullable=False),  # admin, officer (drafts), approver (releases), staff (reads)
    Column("communes", Text, nullable=False, server_default="[]"),  # JSON: codes; empty is the whole city
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("created_at", UtcDateTime, nullable=False),
    Column("address", String(80), nullable=False, server_default=""),  # "telegram:100000001": where their tests go
)
"""Members of staff."""

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(64), nullable=False),  # an officer's login, or "system"
    Column("action", String(48), nullable=False),  # broadcast.approve
    Column("subject", String(64), nullable=False),  # broadcast:12
    Column("outcome", String(16), nullable=False),  # done, refused
    Column("detail", Text, nullable=False, server_default="{}"),  # JSON
    Column("previous", String(64), nullable=False),  # digest of the entry before: nothing can be taken out unseen
    Column("digest", String(64), nullable=False),
    Index("ix_audit_subject", "subject"),
)
"""Who did what, in order; triggers refuse to change or delete an entry."""
