"""The console: how officers sign in and where their tests go, and whose area a broadcast belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credentials",
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("password", sa.Text(), server_default="", nullable=False),
        sa.Column("totp", sa.Text(), server_default="", nullable=False),
        sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("invitation", sa.String(length=64), server_default="", nullable=False),
        sa.Column("invited_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_credentials_officer_id_officers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("officer_id", name=op.f("pk_credentials")),
    )
    op.create_index(op.f("ix_credentials_invitation"), "credentials", ["invitation"])
    op.create_table(
        "console_sessions",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("remote", sa.String(length=64), server_default="", nullable=False),
        sa.Column("agent", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_console_sessions_officer_id_officers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_console_sessions")),
    )
    op.create_index(op.f("ix_console_sessions_officer_id"), "console_sessions", ["officer_id"])
    op.create_table(
        "sign_in_attempts",
        sa.Column("who", sa.String(length=96), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("locked_until", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("who", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index("ix_sign_in_attempts_last_at", "sign_in_attempts", ["last_at"])
    op.add_column("broadcasts", sa.Column("area", sa.Text(), server_default="[]", nullable=False))
    op.add_column("officers", sa.Column("address", sa.String(length=80), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.drop_column("area")
    op.drop_table("sign_in_attempts")
    op.drop_table("console_sessions")
    op.drop_table("credentials")
    with op.batch_alter_table("officers", schema=None) as batch_op:  # nothing points at them any more: see above
        batch_op.drop_column("address")
