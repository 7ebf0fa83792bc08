"""The tables of the value section that need a page's width: cohorts, loyalty classes, resources, risers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from reports.blocks import Cell, Column, Table
from reports.i18n import N_
from reports.view import View
from transforms.indicators.loyalty_value import LoyaltyClass, TierResources
from transforms.statistics.triangle import Triangle

RISERS = 3
COHORTS = 9
CROWDED = 8
"""From so many measures on a table's first column leaves them room."""

TYPES = {
    "true": N_("True"),
    "latent": N_("Latent"),
    "spurious": N_("Spurious"),
    "none": N_("None"),
    "unclassified": N_("Not asked, or too new"),
}


def cohorts(view: View, found: Triangle) -> Table | None:
    """Customers by month of first order, and which share of them ordered in each month after."""
    if len(found.cohorts) < 3:
        return None
    ages = len(found.average)
    heads = (
        Column(view._("First order"), width="12"),
        Column(view._("Customers"), numeric=True, width="10"),
        *(Column(view._("+{months}", months=age), numeric=True) for age in range(1, ages + 1)),
    )
    rows = [
        (
            Cell(view.formats.month_short(row.month)),
            Cell(view.formats.count(row.customers), muted=True),
            *(_shaded_cell(view, share) for share in row.shares),
        )
        for row in found.cohorts[-COHORTS:]
    ]
    average = tuple(Cell("" if share is None else view.formats.share(share, 0)) for share in found.average)
    rows.append((Cell(view._("All cohorts")), Cell(""), *average))
    note = view._(
        "Share of each cohort that ordered in the month so many months after the first order; empty cells are still to come. "
        "The last row weighs all cohorts of the history by their size."
    )
    return Table(view._("Cohorts"), heads, tuple(rows), note=note, last_is_total=True, compact=True)


def _shaded_cell(view: View, share: float | None) -> Cell:
    if share is None:
        return Cell("")
    return Cell(view.formats.share(share, 0), shade=0 if share <= 0 else min(4, 1 + int(share * 8)))


def classes(view: View, lines: Sequence[LoyaltyClass]) -> Table | None:
    """What each loyalty type brings and asks for."""
    if not lines:
        return None
    share, number, money = view.formats.share, view.formats.number, view.formats.money
    given = [
        (view._("Share of net"), [share(line.net_share) for line in lines], True),
        (view._("Net per customer"), [money(line.net_per_customer, 0) for line in lines], True),
        (view._("Discount"), [share(line.discount_share) for line in lines], _any(line.discount_share for line in lines)),
        (view._("Refunded"), [share(line.refund_share) for line in lines], True),
        (
            view._("Tickets per customer"),
            [number(line.tickets_per_customer, 1) for line in lines],
            _any(line.tickets_per_customer for line in lines),
        ),
        (
            view._("Service cost per customer"),
            [money(line.service_cost_per_customer, 0) for line in lines],
            _any(line.service_cost_per_customer for line in lines),
        ),
        (view._("Referred per 100"), [number(line.referred_per_100, 1) for line in lines], _any(line.referred_per_100 for line in lines)),
        (view._("Spread of months"), [number(line.month_spread, 2) for line in lines], _any(line.month_spread for line in lines)),
        (view._("Marketing / net"), [share(line.marketing_share) for line in lines], _any(line.marketing_share for line in lines)),
    ]
    shown = [(name, cells) for name, cells, told in given if told]
    heads = (
        Column(view._("Loyalty type"), width="20" if len(shown) < CROWDED else "14"),
        Column(view._("Customers"), numeric=True),
        *(Column(name, numeric=True) for name, _ in shown),
    )
    rows = tuple(
        (Cell(view._(TYPES[line.kind])), Cell(view.formats.count(line.customers)), *(Cell(cells[place]) for _, cells in shown))
        for place, line in enumerate(lines)
    )
    note = view._("Spread of months: standard deviation of the twelve monthly nets over their mean; the smaller, the steadier.")
    absent = view.words.apart(name for name, _, told in given if not told)
    lines_of_note = [note, view._("Not supplied: {names}.", names=absent) if absent else ""]
    caption = view._("What loyalty is worth: active customers by type, twelve months")
    return Table(caption, heads, rows, note=view.words.join(lines_of_note), compact=True)


def _any(cells: object) -> bool:
    return any(cell is not None for cell in cells)  # type: ignore[attr-defined]


def resources_table(view: View, lines: Sequence[TierResources]) -> Table | None:
    """What each tier brings and what it gets; a tier's pack shows its own line alone."""
    own = [line for line in lines if view.tier in (None, line.tier)]
    names = ((N_("Tickets"), "ticket_share"), (N_("Contacts"), "contact_share"), (N_("Discount"), "discount_share"))
    told = [(view._(words), name) for words, name in names if any(getattr(line, name) is not None for line in lines)]
    if not own or not told:
        return None
    heads = (
        Column(view._("Tier"), width="24"),
        Column(view._("Share of net"), numeric=True),
        *(Column(words, numeric=True) for words, _ in told),
    )
    rows: list[tuple[Cell, ...]] = []
    for line in own:
        cells = []
        for _, name in told:
            share = getattr(line, name)
            index = line.index(share)
            detail = "" if index is None else view._("index {index}", index=view.formats.number(index, 2))
            cells.append(Cell(view.formats.share(share), detail))
        rows.append((Cell(view.tier_names[line.tier]), Cell(view.formats.share(line.net_share)), *cells))
    note = view._("Index = share of the resource / share of net; above 1 a tier gets more than it brings. Twelve months.")
    return Table(view._("Do resources follow value?"), heads, tuple(rows), note=note, compact=True, inline=True)


def risers(view: View, found: pd.DataFrame) -> Table | None:
    """Customers below the best tier that grow: those not to be neglected."""
    if not len(found):
        return None
    known = view.customers.set_index("customer_id", drop=False)
    rows = []
    for line in found.head(RISERS).to_dict("records"):
        row = {str(name): cell for name, cell in known.loc[line["customer_id"]].items()}
        cells = [view.customer_cell(row)]
        if view.tier is None:
            cells.append(Cell(view.tier_names[str(row["tier"])]))
        cells += [
            Cell(view.formats.money(line["net_12m"], 0)),
            Cell(view.formats.money(line["prior_net"], 0)),
            Cell(f"{view.formats.difference(100 * line['growth'], 0)}%"),
        ]
        rows.append(tuple(cells))
    heads = (
        Column(view._("Customer"), width="36"),
        *((Column(view._("Tier")),) if view.tier is None else ()),
        Column(view._("12-month net"), numeric=True),
        Column(view._("Year before"), numeric=True),
        Column(view._("Change"), numeric=True),
    )
    rule = view.formats.share(view.material.review.policy.economics.riser_growth, 0)
    note = view._(
        "{total} customers below the best tier grew by {growth} or more; shown: the greatest gains.",
        total=view.formats.count(len(found)),
        growth=rule,
    )
    return Table(view._("Risers below the best tier"), heads, tuple(rows), note=note, compact=True, inline=True)
