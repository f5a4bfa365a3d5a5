"""The tables of platforms' accounts: tokens, what a platform told of messages and templates, and when it was heard."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from bot.store.models import inbox, metadata
from bot.store.types import UtcDateTime

grants = Table(
    "grants",
    metadata,
    Column("account", String(80), primary_key=True),  # the channel
    Column("version", Integer, nullable=False),  # counts pairs: whoever saw an older one reads again
    Column("state", String(16), nullable=False),  # ready, refreshing, lost
    Column("access", Text, nullable=False),  # sealed
    Column("refresh", Text, nullable=False),  # sealed
    Column("seeds", Text, nullable=False, server_default=""),  # digests of the settings' pairs that were taken over
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),  # of the access token
    Column("refreshing_since", UtcDateTime),  # written before the platform is asked: the refresh token may be used up
    Column("holder", String(32), nullable=False, server_default=""),  # who asks, or asked last
    Column("reason", Text, nullable=False, server_default=""),  # why it is lost
)
"""What lets us act for an account: a pair of tokens that follow each other, each refresh token good for one use."""

receipts = Table(
    "receipts",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("message_id", String(64), primary_key=True),  # `deliveries.external_id`
    Column("received_at", UtcDateTime),
    Column("seen_at", UtcDateTime),
    sqlite_with_rowid=False,
)
"""What a platform told of a message of ours. Apart from the ledger: it may come before we know that it was sent."""

templates = Table(
    "templates",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("state", String(24), nullable=False),  # approved, or as the platform says: pending, rejected, disabled
    Column("detail", Text, nullable=False, server_default="{}"),  # JSON: name, tag, parameters, prices, as it told them
    Column("checked_at", UtcDateTime, nullable=False),
)
"""What a platform says of the templates that content uses."""

sightings = Table(
    "sightings",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("name", String(32), primary_key=True),  # webhook, refused, unsigned
    Column("at", UtcDateTime, nullable=False),
    Column("count", Integer, nullable=False, server_default="0"),
    Column("detail", Text, nullable=False, server_default=""),
)
"""When an account was last heard of, and how often, by what it was."""

Index(
    "ix_inbox_unread", inbox.c.received_at, postgresql_where=text("error IS NOT NULL"),
    sqlite_where=text("error IS NOT NULL"),
)  # fmt: skip
