"""Mails to a test address: who had which pack sent where, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from flows.warehouse.migrations.guards import guard_rows
from flows.warehouse.types import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "test_sends",
        sa.Column("test_id", SERIAL, nullable=False),
        sa.Column("delivery_key", sa.String(length=64), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("pack_digest", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint(
            "outcome in ('dot_sent', 'accepted', 'deferred', 'rejected', 'unknown')", name=op.f("ck_test_sends_known_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["month", "revision", "pack", "locale"],
            ["packs.month", "packs.revision", "packs.pack", "packs.locale"],
            name=op.f("fk_test_sends_month_packs"),
        ),
        sa.PrimaryKeyConstraint("test_id", name=op.f("pk_test_sends")),
    )
    op.create_index(op.f("ix_test_sends_delivery_key"), "test_sends", ["delivery_key"])
    op.create_index(op.f("ix_test_sends_month"), "test_sends", ["month"])
    guard_rows("test_sends")


def downgrade() -> None:
    raise NotImplementedError("a warehouse only goes forward; put back the copy made before the upgrade")
