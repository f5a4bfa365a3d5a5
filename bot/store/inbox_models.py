"""Tables of the inbox and the content desk: notes on conversations, and what officers ruled about facts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, String, Table, Text

from bot.store.models import Id, metadata
from bot.store.types import UtcDateTime

notes = Table(
    "handoff_notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("handoff_id", BigInteger, nullable=False, index=True),
    Column("contact_id", BigInteger, nullable=False, index=True),  # whose conversation: they go with the person
    Column("author", String(64), nullable=False),  # an officer's login
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
)
"""What officers tell each other about a conversation; the person never sees it."""

rulings = Table(
    "fact_rulings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("fact", String(64), nullable=False),
    Column("kind", String(16), nullable=False),  # checked, withheld
    Column("digest", String(16), nullable=False),  # of what the fact said: an edited fact loses its check
    Column("author", String(64), nullable=False),  # an officer's login
    Column("at", UtcDateTime, nullable=False),
    Column("checked", Date),  # the day of the check; null where it is none
    Column("review", Date),  # the last day on which the check holds
    Column("reason", Text, nullable=False, server_default=""),
    Column("undone_at", UtcDateTime),  # null: in force, unless a later one of its kind is
    Column("undone_by", String(64), nullable=False, server_default=""),
    Index("ix_fact_rulings_fact_kind", "fact", "kind"),
)
"""What officers said of a fact beyond its file: that it was checked again, or must not be said."""
