"""Broadcasts: what is sent to whom, who released it, and the hand-out of its chunks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.store.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DIALECTS = ("postgresql", "sqlite")
OF_BROADCASTS: dict[str, Any] = {f"{kind}_where": sa.text("broadcast_id IS NOT NULL") for kind in DIALECTS}
PROGRESS = "kind IN ('said', 'entered', 'chose', 'typed', 'ended')"
OF_PROGRESS: dict[str, Any] = {f"{kind}_where": sa.text(PROGRESS) for kind in DIALECTS}


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=48), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), server_default="{}", nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index("ix_audit_subject", ["subject"], unique=False)

    op.create_table(
        "broadcasts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="draft", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("timing", sa.Text(), server_default="{}", nullable=False),
        sa.Column("policy", sa.Text(), server_default="{}", nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("authors", sa.Text(), server_default="[]", nullable=False),
        sa.Column("submitted_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("approved_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("digest", sa.String(length=64), server_default="", nullable=False),
        sa.Column("audience", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("slot", UtcDateTime(timezone=True), nullable=True),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ceiling", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cursor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("is_planned", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("recipients", sa.Integer(), server_default="0", nullable=False),
        sa.Column("served_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sa.UniqueConstraint("parent_id", "slot", name=op.f("uq_broadcasts_parent_id_slot")),
    )
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.create_index("ix_broadcasts_state_due_at", ["state", "due_at"], unique=False)

    op.create_table(
        "officers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("communes", sa.Text(), server_default="[]", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officers")),
        sa.UniqueConstraint("login", name=op.f("uq_officers_login")),
    )
    op.create_table(
        "renditions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renditions")),
    )
    with op.batch_alter_table("renditions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_renditions_broadcast_id"), ["broadcast_id"], unique=False)

    op.create_table(
        "segments",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_segments")),
    )
    with op.batch_alter_table("chunks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(length=16), server_default="", nullable=False))
        batch_op.add_column(sa.Column("not_before", UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("epoch", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("dispatched", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("dispatched_at", UtcDateTime(timezone=True), nullable=True))
        batch_op.alter_column("broadcast_id", existing_type=sa.BigInteger(), nullable=True)
        batch_op.drop_index(batch_op.f("ix_chunks_state"))
        batch_op.create_index("ix_chunks_state_channel", ["state", "channel", "broadcast_id"], unique=False)

    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("consent", sa.String(length=16), server_default="", nullable=False))
        batch_op.drop_index("ix_contacts_commune_household")
        batch_op.drop_index("ix_contacts_household")
        batch_op.create_index("ix_contacts_commune", ["commune", "household", "id"], unique=False)
        batch_op.create_index("ix_contacts_household", ["household", "id"], unique=False)

    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_addresses_contact_id"))
        batch_op.create_index("ix_addresses_contact_id", ["contact_id", "status", "channel"], unique=False)

    op.create_index(
        "ix_interactions_progress", "interactions", ["dialog", "node", "kind", "contact_id", "at"], **OF_PROGRESS
    )
    op.create_index("ix_deliveries_broadcast_id", "deliveries", ["broadcast_id", "contact_id"], **OF_BROADCASTS)
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rendition_id", sa.BigInteger(), nullable=True))
        batch_op.create_index("ix_deliveries_contact_id", ["contact_id"], unique=False, **OF_BROADCASTS)

    _backfill_consent()
    _protect_audit()
    if op.get_bind().dialect.name == "postgresql":  # room for the status beside each row: updates stay in place (HOT)
        op.execute("ALTER TABLE deliveries SET (fillfactor = 80)")


def _backfill_consent() -> None:
    """The column repeats the field `dong-y`."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    value = """json_extract(fields, '$."dong-y"')""" if sqlite else "CAST(fields AS jsonb) ->> 'dong-y'"
    op.execute(f"UPDATE contacts SET consent = {value} WHERE {value} IS NOT NULL")


def _protect_audit() -> None:
    """The audit log only grows: the database itself refuses to change or delete an entry."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
    )


def downgrade() -> None:
    op.drop_index("ix_interactions_progress", table_name="interactions", **OF_PROGRESS)
    op.drop_index("ix_deliveries_broadcast_id", table_name="deliveries", **OF_BROADCASTS)
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_deliveries_contact_id", **OF_BROADCASTS)
        batch_op.drop_column("rendition_id")

    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.drop_index("ix_addresses_contact_id")
        batch_op.create_index(batch_op.f("ix_addresses_contact_id"), ["contact_id"], unique=False)

    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_index("ix_contacts_household")
        batch_op.drop_index("ix_contacts_commune")
        batch_op.create_index("ix_contacts_household", ["household"], unique=False)
        batch_op.create_index("ix_contacts_commune_household", ["commune", "household"], unique=False)
        batch_op.drop_column("consent")

    with op.batch_alter_table("chunks", schema=None) as batch_op:
        batch_op.drop_index("ix_chunks_state_channel")
        batch_op.create_index(batch_op.f("ix_chunks_state"), ["state"], unique=False)
        batch_op.alter_column("broadcast_id", existing_type=sa.BigInteger(), nullable=False)
        batch_op.drop_column("dispatched_at")
        batch_op.drop_column("dispatched")
        batch_op.drop_column("epoch")
        batch_op.drop_column("not_before")
        batch_op.drop_column("channel")

    op.drop_table("segments")
    with op.batch_alter_table("renditions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_renditions_broadcast_id"))

    op.drop_table("renditions")
    op.drop_table("officers")
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.drop_index("ix_broadcasts_state_due_at")

    op.drop_table("broadcasts")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_subject")

    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_only_grows()")
        op.execute("ALTER TABLE deliveries RESET (fillfactor)")
