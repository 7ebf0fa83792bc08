"""Tables of what people decide about releases: approvals, waivers, who gets no mail, test mails, and where the warehouse lives.

Rows are appended and never changed; what counts is the newest word.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, String, Table, Text, UniqueConstraint

from flows.warehouse.schema import Serial, metadata
from flows.warehouse.types import Instant

approvals = Table(
    "approvals",
    metadata,
    Column("approval_id", Serial, primary_key=True),
    Column("month", String(7), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("pack", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("list_digest", String(64), nullable=False),
    Column("reasons", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Instant, nullable=False),
    ForeignKeyConstraint(["month", "revision", "pack", "locale"], ["packs.month", "packs.revision", "packs.pack", "packs.locale"]),
    Index("ix_approvals_month_revision", "month", "revision"),
)
"""One released pack: `digest` is of its bytes, `list_digest` of who was to get it; `reasons` say what it had waited for."""

waivers = Table(
    "waivers",
    metadata,
    Column("waiver_id", Serial, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("month", String(7), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("until", String(10), nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
"""A critical rule that a month may pass all the same, up to and including the day `until`."""

suppressions = Table(
    "suppressions",
    metadata,
    Column("suppression_id", Serial, primary_key=True),
    Column("address", Text, nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("kind in ('opted_out', 'bounced', 'lifted')", name="known_kind"),
)
"""Addresses (as compared) that get no mail; of several rows of one address the newest counts."""

bounces = Table(
    "bounces",
    metadata,
    Column("bounce_id", Serial, primary_key=True),
    Column("address", Text, nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("status", Text, nullable=False),
    Column("diagnostic", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("report_digest", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("kind in ('hard', 'soft')", name="known_kind"),
    UniqueConstraint("address", "report_digest"),
)
"""Delivery status notifications that came back, each read once."""

test_sends = Table(
    "test_sends",
    metadata,
    Column("test_id", Serial, primary_key=True),
    Column("delivery_key", String(64), nullable=False, index=True),
    Column("month", String(7), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("pack", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("pack_digest", String(64), nullable=False),
    Column("message_id", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reply", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("outcome in ('dot_sent', 'accepted', 'deferred', 'rejected', 'unknown')", name="known_outcome"),
    ForeignKeyConstraint(["month", "revision", "pack", "locale"], ["packs.month", "packs.revision", "packs.pack", "packs.locale"]),
)
"""Mails that somebody had sent to a test address, each step of each; no delivery has such a key, and none counts for them."""

places = Table(
    "places",
    metadata,
    Column("place_id", Serial, primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("words", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
"""Where the warehouse lives; the newest row counts, and a copy found elsewhere does not mail."""
