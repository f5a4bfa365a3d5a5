"""Insight: counters folded from the log, and what officers made of what was not understood."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("tallies", "marks", "departures", "misses", "missed_decisions", "headcounts", "insight_cursors")


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("metric", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("commune", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("metric", "subject", "commune", "day", "key", name=op.f("pk_tallies")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "marks",
        sa.Column("contact_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("metric", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("commune", sa.String(length=8), nullable=False),
        sa.Column("value", sa.String(length=160), server_default="", nullable=False),
        sa.Column("n", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("contact_id", "metric", "key", name=op.f("pk_marks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "departures",
        sa.Column("contact_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_departures")),
    )
    _create_missed()
    op.create_table(
        "headcounts",
        sa.Column("dimension", sa.String(length=16), nullable=False),
        sa.Column("commune", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("dimension", "commune", "key", name=op.f("pk_headcounts")),
    )
    op.create_table(
        "insight_cursors",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("interaction_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("answer_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("counted_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_insight_cursors")),
    )
    op.add_column("chunks", sa.Column("claimed_at", UtcDateTime(timezone=True), nullable=True))


def _create_missed() -> None:
    op.create_table(
        "misses",
        sa.Column("folded", sa.String(length=128), nullable=False),
        sa.Column("commune", sa.String(length=8), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("sample", sa.Text(), nullable=False),
        sa.Column("sample_of", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("folded", "commune", name=op.f("pk_misses")),
    )
    op.create_index("ix_misses_n", "misses", ["commune", "n", "folded"])
    op.create_table(
        "missed_decisions",
        sa.Column("folded", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=64), server_default="", nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_missed_decisions")),
    )
    op.create_index("ix_missed_decisions_state", "missed_decisions", ["state"])


def downgrade() -> None:
    with op.batch_alter_table("chunks", schema=None) as batch_op:
        batch_op.drop_column("claimed_at")
    for table in reversed(TABLES):
        op.drop_table(table)
