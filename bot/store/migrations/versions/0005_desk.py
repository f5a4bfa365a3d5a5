"""The desk: who answers a conversation, notes on it, and what officers ruled about facts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.store.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OPEN: dict[str, Any] = {f"{kind}_where": sa.text("closed_at IS NULL") for kind in ("postgresql", "sqlite")}


def upgrade() -> None:
    op.create_table(
        "handoff_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handoff_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff_notes")),
    )
    op.create_index(op.f("ix_handoff_notes_handoff_id"), "handoff_notes", ["handoff_id"])
    op.create_index(op.f("ix_handoff_notes_contact_id"), "handoff_notes", ["contact_id"])
    op.create_table(
        "fact_rulings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fact", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("checked", sa.Date(), nullable=True),
        sa.Column("review", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("undone_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_rulings")),
    )
    op.create_index("ix_fact_rulings_fact_kind", "fact_rulings", ["fact", "kind"])
    op.add_column("handoffs", sa.Column("waiting_since", UtcDateTime(timezone=True), nullable=True))
    op.add_column("handoffs", sa.Column("claimed_by", sa.String(length=64), server_default="", nullable=False))
    op.add_column("handoffs", sa.Column("claimed_at", UtcDateTime(timezone=True), nullable=True))
    op.add_column("handoffs", sa.Column("closed_by", sa.String(length=64), server_default="", nullable=False))
    op.add_column("sessions", sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False))
    _open_once()
    op.create_index("uq_handoffs_open", "handoffs", ["contact_id"], unique=True, **OPEN)
    op.create_index(op.f("ix_handoffs_contact_id"), "handoffs", ["contact_id"])


def _open_once() -> None:
    """A person who asked twice waits once: their later requests are one with the first that is open."""
    op.execute("UPDATE handoffs SET waiting_since = asked_at WHERE closed_at IS NULL")
    op.execute(
        "DELETE FROM handoffs WHERE closed_at IS NULL AND EXISTS (SELECT 1 FROM handoffs AS earlier WHERE "
        "earlier.contact_id = handoffs.contact_id AND earlier.closed_at IS NULL AND earlier.id < handoffs.id)"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_handoffs_contact_id"), table_name="handoffs")
    op.drop_index("uq_handoffs_open", table_name="handoffs", **OPEN)
    with op.batch_alter_table("handoffs", schema=None) as batch_op:
        for name in ("closed_by", "claimed_at", "claimed_by", "waiting_since"):
            batch_op.drop_column(name)
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_column("held")
    op.drop_table("fact_rulings")
    op.drop_table("handoff_notes")
