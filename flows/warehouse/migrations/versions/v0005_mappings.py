"""Snapshots say by which mapping of the configuration they were read; those kept before do not know it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from flows.warehouse.migrations.guards import guard_rows
from flows.warehouse.types import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("snapshots", sa.Column("mapping", sa.String(length=16), nullable=True))
    op.create_table(
        "mappings",
        sa.Column("mapping_id", SERIAL, nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("run_id", sa.String(length=48), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_mappings_run_id_runs")),
        sa.PrimaryKeyConstraint("mapping_id", name=op.f("pk_mappings")),
        sa.UniqueConstraint("table_name", "digest", name=op.f("uq_mappings_table_name")),
    )
    guard_rows("mappings")


def downgrade() -> None:
    raise NotImplementedError("a warehouse only goes forward; put back the copy made before the upgrade")
