"""The ledger's tables: one row per delivery, one row per step it took."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, String, Table, Text
from sqlalchemy.schema import ForeignKey

from flows.warehouse.schema import Serial, metadata
from flows.warehouse.types import Instant

STATES = ("planned", "built", "claimed", "dot_sent", "accepted", "deferred", "rejected", "unknown", "held")

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_key", String(64), primary_key=True),
    Column("month", String(7), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("pack", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("pack_digest", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("message_digest", String(64)),
    Column("message_id", Text),
    Column("reply", Text, nullable=False),
    Column("relay_id", Text, nullable=False),
    Column("planned_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("hold", String(16)),
    CheckConstraint("state in ('" + "', '".join(STATES) + "')", name="known_state"),
    ForeignKeyConstraint(["month", "revision", "pack", "locale"], ["packs.month", "packs.revision", "packs.pack", "packs.locale"]),
    Index("ix_deliveries_month_revision", "month", "revision"),
)
"""`recipient` is the address as compared (all lower case), `address` as written to; `fence` grows with every claim;
`hold` is the kind of the reason (`flows.delivery.ledger.DeliveryHold`), told exactly while a delivery is held."""

delivery_events = Table(
    "delivery_events",
    metadata,
    Column("event_id", Serial, primary_key=True),
    Column("delivery_key", String(64), ForeignKey("deliveries.delivery_key"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("state_before", String(16), nullable=False),
    Column("state_after", String(16), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("note", Text, nullable=False),
)
