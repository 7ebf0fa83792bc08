"""The first schema: runs, reviews, publications and the ledger of deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from flows.warehouse.migrations.guards import guard_accepted, guard_rows
from flows.warehouse.types import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("installation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("installation_id = 1", name=op.f("ck_installation_one_row")),
        sa.PrimaryKeyConstraint("installation_id", name=op.f("pk_installation")),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(length=48), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_month"), "runs", ["month"])

    op.create_table(
        "upgrades",
        sa.Column("schema_version", sa.String(length=16), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("upgraded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("schema_version", name=op.f("pk_upgrades")),
    )
    op.create_table(
        "gates",
        sa.Column("gate_id", SERIAL, nullable=False),
        sa.Column("run_id", sa.String(length=48), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("critical", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("infos", sa.Integer(), nullable=False),
        sa.Column("passed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_gates_run_id_runs")),
        sa.PrimaryKeyConstraint("gate_id", name=op.f("pk_gates")),
    )
    op.create_index(op.f("ix_gates_run_id"), "gates", ["run_id"])

    op.create_table(
        "policies",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("written_version", sa.Text(), nullable=False),
        sa.Column("written_digest", sa.String(length=64), nullable=False),
        sa.Column("effective_from", sa.String(length=7), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("run_id", sa.String(length=48), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_policies_run_id_runs")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_policies")),
    )
    op.create_table(
        "run_ends",
        sa.Column("run_id", sa.String(length=48), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("exit_code", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=True),
        sa.Column("policy_digest", sa.String(length=64), nullable=True),
        sa.Column("known_at", Instant(), nullable=True),
        sa.Column("input_digest", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_run_ends_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_ends")),
    )
    op.create_table(
        "findings",
        sa.Column("finding_id", SERIAL, nullable=False),
        sa.Column("gate_id", SERIAL, nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("of_rows", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("examples", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["gate_id"], ["gates.gate_id"], name=op.f("fk_findings_gate_id_gates")),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_gate_id"), "findings", ["gate_id"])

    op.create_table(
        "quality",
        sa.Column("quality_id", SERIAL, nullable=False),
        sa.Column("gate_id", SERIAL, nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("read", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), nullable=False),
        sa.Column("duplicates", sa.BigInteger(), nullable=False),
        sa.Column("more", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["gate_id"], ["gates.gate_id"], name=op.f("fk_quality_gate_id_gates")),
        sa.PrimaryKeyConstraint("quality_id", name=op.f("pk_quality")),
    )
    op.create_index(op.f("ix_quality_gate_id"), "quality", ["gate_id"])

    op.create_table(
        "reviews",
        sa.Column("review_id", SERIAL, nullable=False),
        sa.Column("run_id", sa.String(length=48), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("kept_at", Instant(), nullable=False),
        sa.Column("supplied", sa.JSON(), nullable=False),
        sa.Column("customer_columns", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["policy_version"], ["policies.version"], name=op.f("fk_reviews_policy_version_policies")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_reviews_run_id_runs")),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_reviews")),
    )
    op.create_index("ix_reviews_month_review_id", "reviews", ["month", "review_id"])

    op.create_table(
        "customers",
        sa.Column("review_id", SERIAL, autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("previous_grade", sa.Text(), nullable=True),
        sa.Column("score", sa.Float(precision=53), nullable=True),
        sa.Column("orders_12m", sa.BigInteger(), nullable=True),
        sa.Column("net_12m", sa.BigInteger(), nullable=True),
        sa.Column("net_total", sa.BigInteger(), nullable=True),
        sa.Column("satisfaction_index", sa.Float(precision=53), nullable=True),
        sa.Column("loyalty_index", sa.Float(precision=53), nullable=True),
        sa.Column("more", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.review_id"], name=op.f("fk_customers_review_id_reviews")),
        sa.PrimaryKeyConstraint("review_id", "customer_id", name=op.f("pk_customers")),
    )
    op.create_index("ix_customers_customer_id", "customers", ["customer_id"])

    op.create_table(
        "figures",
        sa.Column("review_id", SERIAL, autoincrement=False, nullable=False),
        sa.Column("figure_id", sa.String(length=16), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("known_at", Instant(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(length=48), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("scope_value", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("value", sa.Float(precision=53), nullable=True),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("lower", sa.Float(precision=53), nullable=True),
        sa.Column("upper", sa.Float(precision=53), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("previous", sa.Float(precision=53), nullable=True),
        sa.Column("change", sa.Float(precision=53), nullable=True),
        sa.Column("signal", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.review_id"], name=op.f("fk_figures_review_id_reviews")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_figures_run_id_runs")),
        sa.PrimaryKeyConstraint("review_id", "figure_id", name=op.f("pk_figures")),
    )
    op.create_index("ix_figures_month_indicator", "figures", ["month", "indicator"])

    op.create_table(
        "publications",
        sa.Column("publication_id", SERIAL, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("review_id", SERIAL, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("manifest_digest", sa.String(length=64), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.review_id"], name=op.f("fk_publications_review_id_reviews")),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_publications")),
        sa.UniqueConstraint("month", "revision", name=op.f("uq_publications_month")),
    )
    op.create_table(
        "snapshots",
        sa.Column("review_id", SERIAL, autoincrement=False, nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("money", sa.BigInteger(), nullable=True),
        sa.Column("newest", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.review_id"], name=op.f("fk_snapshots_review_id_reviews")),
        sa.PrimaryKeyConstraint("review_id", "table_name", "month", "digest", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "transitions",
        sa.Column("review_id", SERIAL, autoincrement=False, nullable=False),
        sa.Column("grade_before", sa.Text(), nullable=False),
        sa.Column("grade_after", sa.Text(), nullable=False),
        sa.Column("customers", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.review_id"], name=op.f("fk_transitions_review_id_reviews")),
        sa.PrimaryKeyConstraint("review_id", "grade_before", "grade_after", name=op.f("pk_transitions")),
    )
    op.create_table(
        "packs",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("publication_id", SERIAL, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.publication_id"], name=op.f("fk_packs_publication_id_publications")),
        sa.PrimaryKeyConstraint("month", "revision", "pack", "locale", name=op.f("pk_packs")),
    )
    op.create_table(
        "deliveries",
        sa.Column("delivery_key", sa.String(length=64), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pack_digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("message_digest", sa.String(length=64), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("relay_id", sa.Text(), nullable=False),
        sa.Column("planned_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "state in ('planned', 'built', 'claimed', 'dot_sent', 'accepted', 'deferred', 'rejected', 'unknown', 'held')",
            name=op.f("ck_deliveries_known_state"),
        ),
        sa.ForeignKeyConstraint(
            ["month", "revision", "pack", "locale"],
            ["packs.month", "packs.revision", "packs.pack", "packs.locale"],
            name=op.f("fk_deliveries_month_packs"),
        ),
        sa.PrimaryKeyConstraint("delivery_key", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_month_revision", "deliveries", ["month", "revision"])

    op.create_table(
        "delivery_events",
        sa.Column("event_id", SERIAL, nullable=False),
        sa.Column("delivery_key", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("state_before", sa.String(length=16), nullable=False),
        sa.Column("state_after", sa.String(length=16), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_key"], ["deliveries.delivery_key"], name=op.f("fk_delivery_events_delivery_key_deliveries")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_delivery_events")),
    )
    op.create_index(op.f("ix_delivery_events_delivery_key"), "delivery_events", ["delivery_key"])

    for table in ("reviews", "figures", "transitions", "policies", "publications", "packs", "run_ends", "delivery_events"):
        guard_rows(table)
    guard_accepted()


def downgrade() -> None:
    raise NotImplementedError("a warehouse only goes forward; put back the copy made before the upgrade")
