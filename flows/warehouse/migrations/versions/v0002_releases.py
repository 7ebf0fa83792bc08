"""What people decide about releases: approvals, waivers, suppressed addresses, bounces, and the warehouse's own place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from flows.warehouse.migrations.guards import guard_rows
from flows.warehouse.types import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("approval_id", SERIAL, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("list_digest", sa.String(length=64), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["month", "revision", "pack", "locale"],
            ["packs.month", "packs.revision", "packs.pack", "packs.locale"],
            name=op.f("fk_approvals_month_packs"),
        ),
        sa.PrimaryKeyConstraint("approval_id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_month_revision", "approvals", ["month", "revision"])
    op.create_table(
        "waivers",
        sa.Column("waiver_id", SERIAL, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("waiver_id", name=op.f("pk_waivers")),
    )
    op.create_index(op.f("ix_waivers_month"), "waivers", ["month"])
    op.create_table(
        "suppressions",
        sa.Column("suppression_id", SERIAL, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("kind in ('opted_out', 'bounced', 'lifted')", name=op.f("ck_suppressions_known_kind")),
        sa.PrimaryKeyConstraint("suppression_id", name=op.f("pk_suppressions")),
    )
    op.create_index(op.f("ix_suppressions_address"), "suppressions", ["address"])
    op.create_table(
        "bounces",
        sa.Column("bounce_id", SERIAL, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("diagnostic", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("report_digest", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("kind in ('hard', 'soft')", name=op.f("ck_bounces_known_kind")),
        sa.PrimaryKeyConstraint("bounce_id", name=op.f("pk_bounces")),
        sa.UniqueConstraint("address", "report_digest", name=op.f("uq_bounces_address")),
    )
    op.create_index(op.f("ix_bounces_address"), "bounces", ["address"])
    op.create_table(
        "places",
        sa.Column("place_id", SERIAL, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_places")),
    )
    for table in ("approvals", "waivers", "places"):
        guard_rows(table)


def downgrade() -> None:
    raise NotImplementedError("a warehouse only goes forward; put back the copy made before the upgrade")
