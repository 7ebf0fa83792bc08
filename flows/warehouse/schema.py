"""The warehouse's tables: what was run, what was found, what was published, who got it.

Rows are appended. What a reader may have seen (reviews, figures, transitions, policies,
publications, packs, delivery_events) is guarded by triggers against UPDATE and DELETE;
the migrations make them. Money is whole ten-thousandths, instants are UTC, months are
`YYYY-MM`. The tables that deliveries need are in `flows.warehouse.ledger_schema`.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from flows.warehouse.types import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Serial = BigInteger().with_variant(Integer, "sqlite")
"""A row number that the database gives; SQLite counts only INTEGER keys by itself."""

installation = Table(
    "installation",
    metadata,
    Column("installation_id", Integer, primary_key=True, autoincrement=False),
    Column("company", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("installation_id = 1", name="one_row"),
)
"""Whose warehouse this is; `environment` is the mark that a copied database is told by."""

upgrades = Table(
    "upgrades",
    metadata,
    Column("schema_version", String(16), primary_key=True),
    Column("code_version", Text, nullable=False),
    Column("upgraded_at", Instant, nullable=False),
)
"""Which version of the program brought the schema to which version."""

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(48), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("month", String(7), nullable=False, index=True),
    Column("started_at", Instant, nullable=False),
    Column("code_version", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
)

run_ends = Table(
    "run_ends",
    metadata,
    Column("run_id", String(48), ForeignKey("runs.run_id"), primary_key=True),
    Column("ended_at", Instant, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("policy_version", Text),
    Column("policy_digest", String(64)),
    Column("known_at", Instant),
    Column("input_digest", String(64)),
)
"""How a run ended; a run without a row here was killed or is still going on."""

policies = Table(
    "policies",
    metadata,
    Column("version", Text, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("written_version", Text, nullable=False),
    Column("written_digest", String(64), nullable=False),
    Column("effective_from", String(7), nullable=False),
    Column("body", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("run_id", String(48), ForeignKey("runs.run_id"), nullable=False),
)
"""Every policy that a review was scored by; `body` is its canonical JSON.

`written_version` and `written_digest` are of the policy as its file had it, before its reference was frozen.
"""

reviews = Table(
    "reviews",
    metadata,
    Column("review_id", Serial, primary_key=True),
    Column("run_id", String(48), ForeignKey("runs.run_id"), nullable=False),
    Column("month", String(7), nullable=False),
    Column("revision", Integer),
    Column("kind", String(16), nullable=False),
    Column("known_at", Instant, nullable=False),
    Column("policy_version", Text, ForeignKey("policies.version"), nullable=False),
    Column("policy_digest", String(64), nullable=False),
    Column("input_digest", String(64), nullable=False),
    Column("code_version", Text, nullable=False),
    Column("kept_at", Instant, nullable=False),
    Column("supplied", JSON, nullable=False),
    Column("customer_columns", JSON, nullable=False),
    Index("ix_reviews_month_review_id", "month", "review_id"),
)
"""One kept review; `revision` is empty where a month was only replayed for its history.

`customer_columns` lists the columns of its customers with their types, in order.
"""

figures = Table(
    "figures",
    metadata,
    Column("review_id", Serial, ForeignKey("reviews.review_id"), primary_key=True, autoincrement=False),
    Column("figure_id", String(16), primary_key=True),
    Column("month", String(7), nullable=False),
    Column("revision", Integer),
    Column("known_at", Instant, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("run_id", String(48), ForeignKey("runs.run_id"), nullable=False),
    Column("scope", String(16), nullable=False),
    Column("scope_value", Text, nullable=False),
    Column("indicator", Text, nullable=False),
    Column("value", Float(53)),
    Column("n", BigInteger),
    Column("lower", Float(53)),
    Column("upper", Float(53)),
    Column("method", Text, nullable=False),
    Column("label", String(16), nullable=False),
    Column("reason", String(16)),
    Column("previous", Float(53)),
    Column("change", Float(53)),
    Column("signal", Text, nullable=False),
    Column("detail", String(16)),
    Column("scale_low", Float(53)),
    Column("scale_high", Float(53)),
    Index("ix_figures_month_indicator", "month", "indicator"),
)

customers = Table(
    "customers",
    metadata,
    Column("review_id", Serial, ForeignKey("reviews.review_id"), primary_key=True, autoincrement=False),
    Column("customer_id", Text, primary_key=True),
    Column("name", Text),
    Column("tier", Text),
    Column("grade", Text),
    Column("previous_grade", Text),
    Column("score", Float(53)),
    Column("orders_12m", BigInteger),
    Column("net_12m", BigInteger),
    Column("net_total", BigInteger),
    Column("satisfaction_index", Float(53)),
    Column("loyalty_index", Float(53)),
    Column("more", JSON, nullable=False),
    Index("ix_customers_customer_id", "customer_id"),
)
"""One row per review and customer; columns that the method adds lie in `more` and need no migration."""

transitions = Table(
    "transitions",
    metadata,
    Column("review_id", Serial, ForeignKey("reviews.review_id"), primary_key=True, autoincrement=False),
    Column("grade_before", Text, primary_key=True),
    Column("grade_after", Text, primary_key=True),
    Column("customers", BigInteger, nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("review_id", Serial, ForeignKey("reviews.review_id"), primary_key=True, autoincrement=False),
    Column("table_name", Text, primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("money", BigInteger),
    Column("newest", Instant),
    Column("mapping", String(16)),
)
"""What a review was computed from; `mapping` is empty where an older program kept it, which did not know by which it was read."""

mappings = Table(
    "mappings",
    metadata,
    Column("mapping_id", Serial, primary_key=True),
    Column("table_name", Text, nullable=False),
    Column("digest", String(16), nullable=False),
    Column("parts", JSON, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("run_id", String(48), ForeignKey("runs.run_id"), nullable=False),
    UniqueConstraint("table_name", "digest"),
)
"""By which mappings tables were read, oldest first; `parts` names each part of the configuration by a digest, never by its text."""

gates = Table(
    "gates",
    metadata,
    Column("gate_id", Serial, primary_key=True),
    Column("run_id", String(48), ForeignKey("runs.run_id"), nullable=False, index=True),
    Column("month", String(7), nullable=False),
    Column("gate", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("critical", Integer, nullable=False),
    Column("warnings", Integer, nullable=False),
    Column("infos", Integer, nullable=False),
    Column("passed_at", Instant, nullable=False),
)

findings = Table(
    "findings",
    metadata,
    Column("finding_id", Serial, primary_key=True),
    Column("gate_id", Serial, ForeignKey("gates.gate_id"), nullable=False, index=True),
    Column("table_name", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("month", String(7), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("of_rows", BigInteger, nullable=False),
    Column("message", Text, nullable=False),
    Column("examples", JSON, nullable=False),
)

quality = Table(
    "quality",
    metadata,
    Column("quality_id", Serial, primary_key=True),
    Column("gate_id", Serial, ForeignKey("gates.gate_id"), nullable=False, index=True),
    Column("table_name", Text, nullable=False),
    Column("month", String(7), nullable=False),
    Column("read", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("more", JSON, nullable=False),
)
"""The books of a pull, as they were, also where they did not add up and the month was held."""

publications = Table(
    "publications",
    metadata,
    Column("publication_id", Serial, primary_key=True),
    Column("month", String(7), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("review_id", Serial, ForeignKey("reviews.review_id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("manifest_digest", String(64), nullable=False),
    Column("input_digest", String(64), nullable=False),
    Column("published_at", Instant, nullable=False),
    UniqueConstraint("month", "revision"),
)

packs = Table(
    "packs",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("pack", Text, primary_key=True),
    Column("locale", Text, primary_key=True),
    Column("publication_id", Serial, ForeignKey("publications.publication_id"), nullable=False),
    Column("file", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
)
