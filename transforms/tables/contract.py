"""The canonical tables: what a query or a file must give, column by column.

The data dictionary (`docs/data-dictionary.md`), the checks on the way in and the
types of the snapshots are all made from here, so a column is added in one place.
"""

from __future__ import annotations

from transforms.tables.columns import KEY, ColumnSpec, Kind, TableSpec
from transforms.tables.columns import of_kind as _of
from transforms.tables.columns import text as _text
from transforms.tables.relations import CAMPAIGNS, CONTACTS, QUOTES, REGISTERS

__all__ = ["KEY", "NOT_COUNTED", "TABLES", "ColumnSpec", "Kind", "TableSpec"]

CUSTOMERS = TableSpec(
    "customers",
    grain="one row per customer",
    key=("customer_id",),
    time=None,
    columns=(
        _text("customer_id", "the customer's own id, the same in every table", **KEY),
        _text("name", "name as printed in packs", personal=True),
        _text("kind", "person or company", choices=("person", "company")),
        _text("role", "consumer, dealer, employee or stockholder", choices=("consumer", "dealer", "employee", "stockholder")),
        _text("region", "region, from the company's own list"),
        _text("industry", "industry, from the company's own list"),
        _text("source_channel", "where the customer came from"),
        _text("account_manager", "who looks after the customer"),
        _of(Kind.DAY, "first_seen", "first day known, also before the first order"),
        _text("referred_by", "customer_id of who recommended us"),
        _of(Kind.FLAG, "related_to_employee", "belongs to an employee's family"),
        _of(Kind.DAY, "contract_end", "last day of the contract"),
        _of(Kind.LIST, "constraints", "what keeps the customer from leaving: contract, sole_source, ..."),
        _of(Kind.DAY, "birth_date", "birth date; never leaves the warehouse", personal=True),
        _text("gender", "as stated by the customer", personal=True),
        _text("occupation", "as stated by the customer", personal=True),
        _of(Kind.DAY, "anniversary", "a day the customer wants remembered", personal=True),
        _text("preferred_channel", "how the customer wants to be reached"),
        _text("member_level", "level in a loyalty programme"),
        _text("contact_style", "manual note on how to deal with the customer", personal=True),
        _text("merged_into", "customer_id that this record was merged into"),
    ),
)

NOT_COUNTED = ("cancelled", "pending")
"""Statuses of what is no order: taken back, or not one yet."""

ORDERS = TableSpec(
    "orders",
    grain="one row per order",
    key=("order_id",),
    time="ordered_at",
    money="amount",
    events=("refunded_at",),
    columns=(
        _text("order_id", "the order's id", **KEY),
        _text("customer_id", "who ordered; empty: unattributed", required=True),
        _of(Kind.INSTANT, "ordered_at", "when the order was placed", **KEY),
        _of(Kind.MONEY, "amount", "net of discount, before refunds; negative: a credit at ordered_at", **KEY),
        _text("currency", "ISO code; empty: the reporting currency", empty_says=True),
        _text(
            "status",
            "completed, cancelled, returned, open (placed, not finished: it counts) or pending (not paid or not confirmed yet: it does not "
            "count before it is); default completed",
            choices=("completed", "cancelled", "returned", "open", "pending"),
            empty_says=True,
        ),
        _of(
            Kind.MONEY,
            "refund_amount",
            "money given back, positive, at the rate of the day it was given back; empty: none",
            empty_says=True,
        ),
        _of(Kind.INSTANT, "refunded_at", "when it was given back; empty: at ordered_at", empty_says=True),
        _of(Kind.MONEY, "cost", "cost of what was sold"),
        _of(Kind.MONEY, "discount", "discount given, positive"),
        _text("channel", "where the order came in"),
        _text("site", "shop, branch or web site"),
        _text("salesperson", "who sold"),
        _text("promo_code", "promotion used"),
        _of(Kind.INSTANT, "delivered_at", "when it arrived"),
        _of(Kind.INSTANT, "updated_at", "when the row last changed"),
    ),
)

REFUNDS = TableSpec(
    "refunds",
    grain="one row per refund",
    key=("refund_id",),
    time="refunded_at",
    money="amount",
    columns=(
        _text("refund_id", "the refund's id", **KEY),
        _text("customer_id", "who got the money back; empty: unattributed", required=True),
        _of(Kind.INSTANT, "refunded_at", "when it was given back", **KEY),
        _of(Kind.MONEY, "amount", "money given back, positive", **KEY),
        _text("currency", "ISO code; empty: the reporting currency", empty_says=True),
        _text("order_id", "the order it belongs to"),
    ),
)

ORDER_LINES = TableSpec(
    "order_lines",
    grain="one row per order line",
    key=("order_id", "line_id"),
    time="ordered_at",
    money="line_amount",
    columns=(
        _text("order_id", "the order's id", **KEY),
        _text("sku", "what was ordered", **KEY),
        _text("line_id", "the line's id within the order; without it lines have no key"),
        _text("customer_id", "who ordered; empty: unattributed"),
        _of(Kind.INSTANT, "ordered_at", "when the order was placed; empty: as its order", empty_says=True),
        _of(Kind.NUMBER, "quantity", "pieces; negative on returns", **KEY),
        _of(Kind.MONEY, "unit_price", "price of one piece, net of discount", **KEY),
        _text("category", "product group"),
        _of(Kind.MONEY, "list_price", "price of one piece before discount"),
        _of(Kind.MONEY, "discount", "discount given on the line, positive, already taken off the unit price"),
        _of(Kind.MONEY, "cost", "cost of the line"),
        _of(Kind.NUMBER, "returned_quantity", "pieces that came back"),
        _text("return_reason", "why they came back"),
        _of(Kind.FLAG, "is_custom", "made to order"),
    ),
)

TICKETS = TableSpec(
    "tickets",
    grain="one row per ticket",
    key=("ticket_id",),
    time="opened_at",
    events=("first_response_at", "resolved_at", "sla_due_at"),
    columns=(
        _text("ticket_id", "the ticket's id", **KEY),
        _text("customer_id", "who asked", required=True),
        _of(Kind.INSTANT, "opened_at", "when it was opened", **KEY),
        _text(
            "type", "complaint, enquiry, request, suggestion or praise", choices=("complaint", "enquiry", "request", "suggestion", "praise")
        ),
        _text(
            "info_kind",
            "what it tells of: need, innovation (of product or service), competitor, satisfaction or company (its development); "
            "any other word counts as none of them",
        ),
        _text("cause", "cause, from the company's own list"),
        _text("component", "product or part concerned"),
        _text("channel", "how it came in"),
        _text("priority", "priority, from the company's own list"),
        _text("team", "team that handles it"),
        _text("agent", "who handles it"),
        _of(Kind.INSTANT, "first_response_at", "first answer by a person"),
        _of(Kind.INSTANT, "resolved_at", "last time it was solved; empty: open", empty_says=True),
        _of(Kind.COUNT, "reopened_count", "how often it was opened again"),
        _of(Kind.COUNT, "transfers", "how often it changed hands"),
        _of(Kind.INSTANT, "sla_due_at", "when it had to be solved"),
        _of(Kind.FLAG, "sla_met", "solved in time, where the help desk says so itself"),
        _of(Kind.MONEY, "compensation", "money given in compensation"),
        _text("order_id", "the order it is about"),
        _of(Kind.INSTANT, "updated_at", "when the row last changed"),
    ),
)

SURVEYS = TableSpec(
    "surveys",
    grain="one row per answer to one item",
    key=("response_id", "instrument", "item"),
    time="answered_at",
    columns=(
        _text("response_id", "one filled-in questionnaire", **KEY),
        _text("customer_id", "who answered", required=True),
        _of(Kind.INSTANT, "answered_at", "when it was answered", **KEY),
        _text("instrument", "csat, nps, ces, acsi, servqual, loyalty, need, ...", **KEY),
        _text("item", "which question", **KEY),
        _of(Kind.NUMBER, "score", "the answer on the item's own scale", required=True),
        _of(Kind.NUMBER, "scale_min", "lowest answer on the scale"),
        _of(Kind.NUMBER, "scale_max", "highest answer on the scale"),
        _of(Kind.NUMBER, "expectation", "expected score on the same scale"),
        _of(Kind.NUMBER, "importance", "stated importance"),
        _text("dimension", "dimension of the item"),
        _text("touchpoint", "moment of truth asked about"),
        _text("mode", "how it was asked: mail, phone, web, ..."),
        _of(Kind.INSTANT, "sent_at", "when the questionnaire was sent"),
        _text("respondent_role", "role of who answered"),
        _text("comment", "free text; never leaves the warehouse", personal=True),
    ),
)

FX_RATES = TableSpec(
    "fx_rates",
    grain="one row per day and currency",
    key=("date", "currency"),
    time="date",
    columns=(
        _of(Kind.DAY, "date", "day of the rate", **KEY),
        _text("currency", "ISO code", **KEY),
        _of(Kind.NUMBER, "rate", "reporting currency per unit", **KEY),
        _of(Kind.NUMBER, "max_age_days", "days after `date` for which the rate is good where none is newer; empty: 7", empty_says=True),
    ),
)

IDENTITIES = TableSpec(
    "identities",
    grain="one row per key of another system",
    key=("system", "key", "customer_id"),
    time=None,
    columns=(
        _text("system", "email, phone, or a short name of the system whose ids these are; what `same_as` names", **KEY),
        _text("key", "the address, number or id there; read for the join, never kept", personal=True, **KEY),
        _text("customer_id", "the customer's own id", **KEY),
    ),
)

COSTS = TableSpec(
    "costs",
    grain="one row per month, kind and tier",
    key=("month", "kind", "tier"),
    time="month",
    money="amount",
    columns=(
        _text("month", "YYYY-MM", **KEY),
        _text("kind", "acquisition, retention, service, marketing, ...", **KEY),
        _of(Kind.MONEY, "amount", "the cost, positive", **KEY),
        _text("currency", "ISO code; empty: the reporting currency", empty_says=True),
        _text("tier", "tier it belongs to; empty: the company", empty_says=True),
    ),
)

PLANS = TableSpec(
    "plans",
    grain="one row per month, scope and indicator",
    key=("month", "indicator", "scope", "scope_value"),
    time="month",
    columns=(
        _text("month", "YYYY-MM; a year's plan is its twelve months", **KEY),
        _text("indicator", "name of an indicator", **KEY),
        _of(Kind.NUMBER, "target", "value aimed at, in the indicator's unit: shares as 0-1, money in the reporting currency", **KEY),
        _text(
            "scope",
            "company or tier; without one the row is the company's, or the tier's that it names",
            choices=("company", "tier"),
            empty_says=True,
        ),
        _text("scope_value", "the tier's id", empty_says=True),
    ),
)

RECIPIENTS = TableSpec(
    "recipients",
    grain="one row per person and filter",
    key=("email", "tiers", "filter_field", "filter_value", "locale"),
    time=None,
    columns=(
        _text("email", "one address", personal=True, **KEY),
        _text("name", "name in the greeting", personal=True),
        _text("locale", "language of the pack; empty: the company's first"),
        _of(Kind.LIST, "tiers", "tier ids, company, or * for all", **KEY),
        _text("filter_field", "customers column that limits the pack to some customers", empty_says=True),
        _text("filter_value", "value of that column", empty_says=True),
        _of(Kind.DAY, "valid_from", "first day of validity", empty_says=True),
        _of(Kind.DAY, "valid_to", "last day of validity", empty_says=True),
        _of(
            Kind.LIST,
            "formats",
            "pdf (always comes), xlsx (the pack's workbook, too); empty: as delivery.formats has it",
            empty_says=True,
        ),
        _of(Kind.FLAG, "mandatory", "must be told: cannot opt out of these tiers", empty_says=True),
        _of(Kind.FLAG, "opted_out", "wants no more mail; counts for this person alone", empty_says=True),
    ),
)

TABLES: dict[str, TableSpec] = {
    table.name: table
    for table in (
        CUSTOMERS,
        ORDERS,
        REFUNDS,
        ORDER_LINES,
        TICKETS,
        SURVEYS,
        CONTACTS,
        QUOTES,
        CAMPAIGNS,
        REGISTERS,
        IDENTITIES,
        FX_RATES,
        COSTS,
        PLANS,
        RECIPIENTS,
    )
}
