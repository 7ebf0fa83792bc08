"""Economics in detail: retention by every definition, cohorts, what loyalty brings, winning against keeping, the market."""

from __future__ import annotations

from collections.abc import Sequence

from reports.blocks import Block, Cell, Column, Paragraph, Section, Side, Table
from reports.pack_facts import Number
from reports.sections.common import indicators_with_source, measures, of_section, of_today
from reports.sections.value_outside import information_table, markets_table, tickets_by_type_table
from reports.sections.value_tables import classes, cohorts, resources_table
from reports.view import View
from transforms.indicators.economics import ValueTables
from transforms.indicators.lost_customers import Scenario
from transforms.statistics.estimates import Estimate

STAYING = (
    *("retention_rate", "churn_rate", "churn_rate_silent", "churn_rate_lost", "churn_rate_model", "customers_reactivated_12m"),
    *("nrr", "grr", "revenue_churn_rate", "revenue_left_rate", "replacement_ratio", "replacement_ratio_customers"),
)
"""Retention and churn by every definition, side by side; then money, then replacement."""
STAYING_ELSEWHERE = ("repeat_purchase_rate", "customer_survival_5y")
WINNING = (
    *("acquisition_cost_per_new", "retention_cost_per_kept", "win_to_keep_ratio", "service_cost_ratio"),
    *("win_rate_existing", "win_rate_new", "lost_on_price_share", "wins_above_rival_share", "referred_new_share"),
    *("referred_net_per_customer", "satisfied_purchase_ratio", "new_product_share", "loyal_revenue_share"),
    *("effort_new_contact_share", "effort_new_discount_share", "service_first_share", "improvements_adopted_share"),
)
WINNING_ELSEWHERE = (
    *("lost_customer_cost", "retention_plus_5_value", "referrals_per_100"),
    *("information_adopted_share", "information_items_per_100"),
)
"""Indicators of value that are told on the page on value, or by the tables of what customers told."""


def economics(view: View) -> Section | None:
    """What stands behind the page on value; left out where the month has no economics."""
    found = view.material.review.economics
    own = None if found is None else found.scopes.get(view.tier or "")
    if found is None or own is None or not len(view.customers):
        return None
    title = view._("Who stays: one question, several stated definitions")
    blocks: list[Block] = [measures(view, title, indicators_with_source(view, *_staying(view)), of_today(view))]
    kinds = information_table(view, own.information)
    told = None if kinds else tickets_by_type_table(view, own.told, kinds_told=bool(own.information))
    tables = (
        resources_table(view, found.resources),
        cohorts(view, found.triangle) if view.tier is None else None,
        classes(view, own.classes),
        kinds,
        markets_table(view, found.markets) if view.tier is None else None,
    )
    blocks += [table for table in tables if table is not None]
    left = [table for table in (_winning(view), _survival(view, found) if view.tier is None else None) if table is not None]
    right = [table for table in (_scenarios(view, own.scenarios), told) if table is not None]
    blocks += [Side(tuple(left), tuple(right))] if left and right else [*left, *right]
    missing = _missing(view)
    if missing:
        blocks.append(Paragraph(missing, "note"))
    return Section("economics", view._("Economics in detail"), tuple(blocks))


def _staying(view: View) -> list[str]:
    return of_section(view, "retention", STAYING, STAYING_ELSEWHERE)


def _of_winning(view: View) -> list[str]:
    return of_section(view, "value", WINNING, WINNING_ELSEWHERE)


def _winning(view: View) -> Table | None:
    """Own costs, quotes and referrals: each figure with what it rests on."""
    numbers = [view.own(name) for name in indicators_with_source(view, *_of_winning(view))]
    if not numbers:
        return None
    heads = [
        Column(view._("Measure"), width="60" if view.tier is None else "44"),
        Column(view.formats.month_short(view.month), numeric=True),
    ]
    if view.tier is not None:
        heads.append(Column(view._("Company"), numeric=True))
    rows: list[tuple[Cell, ...]] = []
    for number in numbers:
        row = [Cell(view.title(number.indicator)), Cell(view.value(number), _rests_on(view, number), muted=number.value is None)]
        if view.tier is not None:
            row.append(Cell(view.value(view.company(number.indicator)), muted=True))
        rows.append(tuple(row))
    return Table(view._("Winning against keeping"), tuple(heads), tuple(rows), compact=True, inline=True)


def _rests_on(view: View, number: Number) -> str:
    return view.words.apart(part for part in (view.interval(number), view.basis(number)) if part)


def _missing(view: View) -> str:
    """What is not measured, by name, in one sentence."""
    absent = [view.title(name) for name in _of_winning(view) if name in view.catalogue and not view.own(name).has_source]
    return view._("Not supplied, so not measured: {names}.", names=view.words.apart(absent)) if absent else ""


def _survival(view: View, found: ValueTables) -> Table | None:
    if all(share.value is None for _, share in found.survival):
        return None
    heads = (
        Column(view._("Years since the first order"), width="44"),
        Column(view._("Still buying"), numeric=True),
        Column(view._("95% interval"), numeric=True),
    )
    rows = [
        (Cell(view.formats.count(years)), Cell(view.formats.share(share.value)), Cell(_interval(view, share), muted=True))
        for years, share in found.survival
        if share.value is not None
    ]
    note = view._("Kaplan-Meier over {n} customers; years that nobody was followed are left out.", n=_n(view, found.survival[0][1]))
    return Table(view._("How long customers keep buying (estimate)"), heads, tuple(rows), note=note, compact=True)


def _interval(view: View, found: Estimate) -> str:
    if found.lower is None or found.upper is None:
        return ""
    return view._("{low} to {high}", low=view.formats.share(found.lower), high=view.formats.share(found.upper))


def _n(view: View, found: Estimate) -> str:
    return view.formats.count(found.n)


def _scenarios(view: View, lines: Sequence[Scenario]) -> Table | None:
    if not lines:
        return None
    rule = view.material.review.policy.economics
    heads = (
        Column(view._("Yearly retention"), width="44"),
        Column(view._("Value per customer"), numeric=True),
        Column(view._("Change"), numeric=True),
    )
    rows = [
        (
            Cell(view._("{rate} (today)", rate=view.formats.share(line.retention)))
            if line.points == 0
            else Cell(view.formats.share(line.retention), view.formats.share_points(line.points / 100, 0)),
            Cell(view.formats.money(line.value, 0)),
            Cell("" if line.points == 0 else f"{view.formats.difference(100 * line.change, 1)}%", muted=line.points == 0),
        )
        for line in lines
    ]
    note = view._(
        "Own net per retained customer over {years} years at {rate} a year (company choices); no quoted factor is used.",
        years=rule.horizon_years,
        rate=view.formats.share(rule.discount_rate, 0),
    )
    return Table(view._("What another retention rate would be worth (estimate)"), heads, tuple(rows), note=note, compact=True, inline=True)
