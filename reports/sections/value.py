"""Value: who stays and what that is worth, what a lost customer costs, whether resources follow value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.blocks import Block, Cell, Column, Paragraph, Section, Side, Table
from reports.sections.common import known_here, measures
from reports.sections.value_outside import markets_table, told_table
from reports.sections.value_tables import buckets, classes, cohorts, resources_table, risers, win_win
from reports.view import Number, View
from transforms.losing import LostCustomers, Scenario, WordOfMouth
from transforms.statistics import Estimate
from transforms.worth import Economics, ScopeEconomics

STAYING = (
    *("retention_rate", "churn_rate", "churn_rate_silent", "churn_rate_lost", "churn_rate_model", "customers_reactivated_12m"),
    *("nrr", "grr", "revenue_churn_rate", "revenue_left_rate", "replacement_ratio", "replacement_ratio_customers"),
)
"""Retention and churn by every definition, side by side; then money, then replacement."""
WINNING = (
    *("acquisition_cost_per_new", "retention_cost_per_kept", "win_to_keep_ratio", "service_cost_ratio"),
    *("win_rate_existing", "win_rate_new", "lost_on_price_share", "wins_above_rival_share", "referred_new_share"),
    *("referred_net_per_customer", "satisfied_purchase_ratio", "new_product_share", "loyal_revenue_share"),
    *("effort_new_contact_share", "effort_new_discount_share", "service_first_share", "improvements_adopted_share"),
)
LOST_ROWS = 5


def value(view: View) -> Section | None:
    """The economics of the scope; left out where the month has none."""
    found = view.material.review.economics
    own = None if found is None else found.scopes.get(view.tier or "")
    if found is None or own is None or not len(view.customers):
        return None
    staying = measures(view, view._("Who stays: one question, several stated definitions"), _told(view, STAYING))
    blocks: list[Block] = [Paragraph(_lead(view, own), "lead"), replace(staying, compact=True, note=_of_today(view))]
    blocks += _beside(_survival(view, found) if view.tier is None else None, _scenarios(view, own.scenarios))
    lost = _lost(view, own.lost)
    if lost is not None:
        blocks.append(lost)
        blocks += _hearsay(view, own.hearsay, own.lost)
    blocks += _beside(buckets(view), win_win(view, own.field))
    tables = (
        cohorts(view, found.triangle) if view.tier is None else None,
        classes(view, own.classes),
        risers(view, own.risers) if view.tier is not None else None,
        markets_table(view, found.markets) if view.tier is None else None,
    )
    blocks += [table for table in tables if table is not None]
    beside = [table for table in (resources_table(view, found.resources), told_table(view, own.told)) if table is not None]
    winning = _winning(view)
    blocks += [Side((winning,), tuple(beside))] if winning is not None and beside else [*([winning] if winning else []), *beside]
    missing = _missing(view)
    if missing:
        blocks.append(Paragraph(missing, "note"))
    return Section("value", view._("What customers are worth"), tuple(blocks), new_page=True)


def _of_today(view: View) -> str:
    """What a tier's retention cannot say: who left is hardly ever in a good tier now."""
    if view.tier is None:
        return ""
    return view._("Of the customers who are in this tier now: who stopped buying has often fallen to another tier by then.")


def _winning(view: View) -> Table | None:
    """Own costs, quotes and referrals: each figure with what it rests on."""
    numbers = [view.own(name) for name in _told(view, WINNING)]
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


def _told(view: View, names: Sequence[str]) -> list[str]:
    return [name for name in known_here(view, *names) if view.own(name).supplied]


def _missing(view: View) -> str:
    """What is not measured, by name, in one sentence."""
    absent = [view.title(name) for name in WINNING if name in view.catalogue and not view.own(name).supplied]
    return view._("Not supplied, so not measured: {names}.", names=view.words.apart(absent)) if absent else ""


def _lead(view: View, own: ScopeEconomics) -> str:
    found: list[str] = []
    retention, money = view.own("retention_rate"), view.own("nrr")
    if retention.value is not None and money.value is not None:
        found.append(
            view._(
                "{share} of the customers of the year before stayed; the money of that year became {nrr} times as much.",
                share=view.value(retention),
                nrr=view.value(money),
            )
        )
    cost = view.own("lost_customer_cost")
    if cost.value and own.lost.years is not None:
        found.append(
            view.words.plural(
                "The {count} customer lost this month would have brought about {money} (estimate).",
                "The {count} customers lost this month would have brought about {money} (estimate).",
                len(own.lost),
                count=view.formats.count(len(own.lost)),
                money=view.formats.money(cost.value, 0),
            )
        )
    return view.words.joined(found) or view._("There is too little history yet to say what staying is worth.")


def _beside(left: Block | None, right: Block | None) -> list[Block]:
    """Two blocks beside one another, or the one there is."""
    if left is not None and right is not None:
        return [Side((left,), (right,))]
    return [block for block in (left, right) if block is not None]


def _survival(view: View, found: Economics) -> Table | None:
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
            Cell("" if line.points == 0 else f"{view.formats.signed(100 * line.change, 1)}%", muted=line.points == 0),
        )
        for line in lines
    ]
    note = view._(
        "Own net per retained customer over {years} years at {rate} a year (company choices); no quoted factor is used.",
        years=rule.horizon_years,
        rate=view.formats.share(rule.discount_rate, 0),
    )
    return Table(view._("What another retention rate would be worth (estimate)"), heads, tuple(rows), note=note, compact=True, inline=True)


def _lost(view: View, lost: LostCustomers) -> Table | None:
    """The dearest customers lost in the month: measured spend, estimated years, and their product."""
    if not len(lost.rows):
        return None
    known = view.customers.set_index("customer_id", drop=False)
    named = lost.rows.loc[lost.rows["customer_id"].isin(known.index).to_numpy(dtype=bool)]
    years = view._("not known") if lost.years is None else view.formats.number(lost.years, 1)
    rows: list[tuple[Cell, ...]] = []
    for key, weekly, own, direct in named.head(LOST_ROWS).itertuples(index=False):
        row = {str(name): cell for name, cell in known.loc[key].items()}
        rows.append(
            (
                view.customer_cell(row),
                Cell(view.formats.money(weekly), view._("measured") if own else view._("median of the others")),
                Cell(years),
                Cell(view.formats.money(direct, 0)),
            )
        )
    total = view.words.plural("{count} lost customer", "{count} lost customers", len(lost.rows), count=view.formats.count(len(lost.rows)))
    rows.append((Cell(total), Cell(""), Cell(""), Cell(view.formats.money(lost.total, 0))))
    heads = (
        Column(view._("Customer"), width="40"),
        Column(view._("Net a week"), numeric=True),
        Column(view._("Years left (estimate)"), numeric=True),
        Column(view._("Would have brought (estimate)"), numeric=True),
    )
    note = view._("Weekly net x weeks a year x years left; years left follow from own retention, to the horizon of the policy.")
    return Table(view._("Customers lost this month, dearest first"), heads, tuple(rows), note=note, last_is_total=True, inline=True)


def _hearsay(view: View, found: WordOfMouth | None, lost: LostCustomers) -> list[Block]:
    """Word of mouth, apart and labelled; nothing where the company has not given its numbers."""
    if found is None:
        return []
    text = view._(
        "Assumption, not measured: if each of the {count} spoke as the policy assumes, {others} others would be lost to hearsay "
        "for each, {money} more in all. No figure of this pack contains it.",
        count=view.formats.count(len(lost.rows)),
        others=view.formats.number(found.lost_others, 1),
        money=view.formats.money(found.extra, 0),
    )
    return [Paragraph(text, "note")]
