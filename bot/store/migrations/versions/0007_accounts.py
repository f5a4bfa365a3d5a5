"""Accounts with windows, prices and tokens: what a platform lets us send to whom, and what it told us."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.store.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

HEARD: dict[str, Any] = {f"{kind}_where": sa.text("interacted_at IS NOT NULL") for kind in ("postgresql", "sqlite")}


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("refresh", sa.Text(), nullable=False),
        sa.Column("seeds", sa.Text(), server_default="", nullable=False),
        sa.Column("issued_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("refreshing_since", UtcDateTime(timezone=True), nullable=True),
        sa.Column("holder", sa.String(length=32), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_grants")),
    )
    op.create_table(
        "receipts",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("received_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("channel", "message_id", name=op.f("pk_receipts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "templates",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("detail", sa.Text(), server_default="{}", nullable=False),
        sa.Column("checked_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "id", name=op.f("pk_templates")),
    )
    op.create_table(
        "sightings",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("channel", "name", name=op.f("pk_sightings")),
    )
    op.add_column("addresses", sa.Column("interacted_at", UtcDateTime(timezone=True), nullable=True))
    op.create_index("ix_addresses_interacted_at", "addresses", ["channel", "interacted_at"], **HEARD)
    is_unread = sa.text("error IS NOT NULL")
    op.create_index(
        "ix_inbox_unread", "inbox", ["received_at"], postgresql_where=is_unread, sqlite_where=is_unread
    )  # fmt: skip
    op.add_column("deliveries", sa.Column("route", sa.String(length=12), server_default="", nullable=False))
    op.add_column("deliveries", sa.Column("cost", sa.Integer(), server_default="0", nullable=False))
    op.add_column("deliveries", sa.Column("reserved", sa.Integer(), server_default="0", nullable=False))
    op.add_column("broadcasts", sa.Column("spent", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.drop_column("spent")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        for name in ("reserved", "cost", "route"):
            batch_op.drop_column(name)
    op.drop_index("ix_inbox_unread", table_name="inbox")
    op.drop_index("ix_addresses_interacted_at", table_name="addresses", **HEARD)
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.drop_column("interacted_at")
    for name in ("sightings", "templates", "receipts", "grants"):
        op.drop_table(name)
