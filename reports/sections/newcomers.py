"""Customers too new for a grade, in the company's pack: how many, how they begin, who of them matters most."""

from __future__ import annotations

import pandas as pd

from reports.blocks import Block, Cell, Column, Paragraph, Section, Table
from reports.glyphs import NAME_LIMIT, clean
from reports.sections.common import known_indicators
from reports.sections.plays import PlayWords
from reports.sections.words import group_word
from reports.view import View, amount_of
from transforms.policy.rules import UNRATED

MEASURES = ("net_revenue", "orders", "average_order_value", "csat_mean", "nps", "complaint_rate", "first_response_hours_median")
ROWS = 8
ORIGINS = ("source_channel", "region")
"""Columns of the customers by which it is told where they come from; the first that is known of two groups or more counts."""


def newcomers(view: View) -> Section | None:
    """One page in place of a pack of their own; left out of a tier's pack, and where nobody is unrated."""
    everyone = view.material.review.customers
    own = everyone[everyone["tier"] == UNRATED]
    if view.tier is not None or view.material.segment or not len(own):
        return None
    blocks: list[Block] = [Paragraph(_lead(view, own), "lead"), _measures(view)]
    origins = _origins(view, own)
    blocks += [*([origins] if origins is not None else []), _largest(view, own)]
    return Section("newcomers", view._("Customers without a grade yet"), tuple(blocks))


def _lead(view: View, own: pd.DataFrame) -> str:
    policy = view.material.review.policy
    first = int(own["is_new"].astype("boolean").fillna(False).sum())
    return view.words.join(
        [
            view.words.plural(
                "{n} customer has no grade: a grade is given once the first order is {months} months old, "
                "and never to employees or stockholders.",
                "{n} customers have no grade: a grade is given once the first order is {months} months old, "
                "and never to employees or stockholders.",
                len(own),
                n=view.formats.count(len(own)),
                months=view.formats.count(policy.unrated_months),
            ),
            view.words.plural(
                "{n} ordered for the first time in {month}.",
                "{n} ordered for the first time in {month}.",
                first,
                n=view.formats.count(first),
                month=view.formats.month(view.month),
            ),
        ]
    )


def _measures(view: View) -> Table:
    """How they begin, beside all customers."""
    heads = (
        Column(view._("Measure"), width="34"),
        Column(view.formats.month_short(view.month), numeric=True),
        Column(view._("95% interval"), numeric=True, width="19"),
        Column(view._("Based on"), numeric=True, width="14"),
        Column(view._("Company"), numeric=True, width="15"),
    )
    rows: list[tuple[Cell, ...]] = []
    for name in known_indicators(view, *MEASURES):
        number = view.of_tier(UNRATED, name)
        if not number.has_source:
            continue
        rows.append(
            (
                Cell(view.title(name)),
                Cell(view.value(number), muted=number.value is None),
                Cell(view.interval(number), muted=True),
                Cell(view.basis(number), muted=True),
                Cell(view.value(view.company(name)), muted=True),
            )
        )
    return Table(view._("How they begin"), heads, tuple(rows), compact=True)


def _origins(view: View, own: pd.DataFrame) -> Table | None:
    """Where they come from, beside all customers: shares of those of whom it is known."""
    everyone = view.material.review.customers
    name = next((name for name in ORIGINS if name in own and own[name].nunique() >= 2), None)
    if name is None:
        return None
    counts, all_counts = own[name].value_counts(), everyone[name].value_counts()
    order = sorted(counts.index, key=lambda group: (-int(counts[group]), str(group)))[:ROWS]
    heads = (
        Column(view._("Group"), width="40"),
        Column(view._("Customers"), numeric=True),
        Column(view._("Share"), numeric=True),
        Column(view._("Share of all customers"), numeric=True),
    )
    rows = tuple(
        (
            Cell(group_word(view, str(group))),
            Cell(view.formats.count(int(counts[group]))),
            Cell(view.formats.share(int(counts[group]) / int(counts.sum()))),
            Cell(view.formats.share(int(all_counts[group]) / int(all_counts.sum())), muted=True),
        )
        for group in order
    )
    titles = {"source_channel": view._("Where they come from"), "region": view._("Where they are")}
    return Table(titles[name], heads, rows, compact=True)


def _largest(view: View, own: pd.DataFrame) -> Table:
    """Those who have brought most: whom to greet in person."""
    order = own.assign(_net=own["net_12m"].astype("Int64").fillna(0)).sort_values(["_net", "customer_id"], ascending=[False, True])
    plays = PlayWords(view.words, view.formats, view.material.review.policy)
    rows: list[tuple[Cell, ...]] = []
    for row in order.head(ROWS).to_dict("records"):
        named = {str(key): value for key, value in row.items()}
        rows.append(
            (
                view.customer_cell(named),
                Cell(plays.day(named.get("first_order_on"))),
                Cell(view.formats.count(named.get("orders_12m"))),
                Cell(view.formats.money(amount_of(named.get("net_12m")), 0)),
                Cell(clean(manager, NAME_LIMIT) if isinstance(manager := named.get("account_manager"), str) else ""),
            )
        )
    heads = (
        Column(view._("Customer"), width="38"),
        Column(view._("First order")),
        Column(view._("Orders"), numeric=True),
        Column(view._("12-month net"), numeric=True),
        Column(view._("Who"), width="18"),
    )
    note = ""
    if len(own) > len(rows):
        note = view._(
            "Showing the top {shown} of {total}; all are in the attached file customers.csv.",
            shown=view.formats.count(len(rows)),
            total=view.formats.count(len(own)),
        )
    return Table(view._("Who has brought most so far"), heads, tuple(rows), note=note, compact=True, inline=True)
