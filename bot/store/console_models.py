"""Tables of the console: how officers prove who they are, and who is signed in."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from bot.store.models import metadata
from bot.store.types import UtcDateTime

credentials = Table(
    "credentials",
    metadata,
    Column("officer_id", BigInteger, ForeignKey("officers.id", ondelete="CASCADE"), primary_key=True),
    Column("password", Text, nullable=False, server_default=""),  # argon2id; empty: not set up yet
    Column("totp", Text, nullable=False, server_default=""),  # the secret, sealed
    Column("totp_step", BigInteger, nullable=False, server_default="0"),  # of the last code taken: none works twice
    Column("invitation", String(64), nullable=False, server_default="", index=True),  # digest of a set-up link
    Column("invited_until", UtcDateTime),
    Column("changed_at", UtcDateTime, nullable=False),
)
"""What an officer signs in with. Only digests: whoever reads this table can't sign in."""

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("token", String(64), primary_key=True),  # digest of what the cookie holds
    Column("officer_id", BigInteger, ForeignKey("officers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("remote", String(64), nullable=False, server_default=""),
    Column("agent", String(200), nullable=False, server_default=""),
)
"""Who is signed in, where. A row taken away is signed out."""

attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("who", String(96), primary_key=True),  # login:an, from:192.0.2.1; also logins that nobody has
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("locked_until", UtcDateTime),
    Index("ix_sign_in_attempts_last_at", "last_at"),
)
"""Failures to sign in, in a row."""
