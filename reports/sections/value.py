"""Value: who stays and what that is worth, where the money comes from, what the lost would have brought."""

from __future__ import annotations

from reports.blocks import Block, Cell, Column, Paragraph, Section, Table
from reports.sections.common import indicators_with_source, measures, of_today
from reports.view import View
from transforms.indicators.economics import ScopeValueTables
from transforms.indicators.lost_customers import LostCustomers, WordOfMouth

HEADLINES = ("churn_rate_lost", "grr", "retention_plus_5_value", "win_to_keep_ratio", "loyal_revenue_share")
"""What a reader in a hurry should know beside the month in figures; expectations stand with the estimates, the rest in the workbook."""
LOST_ROWS = 3


def value(view: View) -> Section | None:
    """What staying and leaving are worth; read in the company's pack, a sheet in a tier's. Left out where the month has no economics."""
    found = view.material.review.economics
    own = None if found is None else found.scopes.get(view.tier or "")
    if found is None or own is None or not len(view.customers):
        return None
    note = view._("All definitions and tables: “{section}” in the workbook.", section=view._("Economics in detail"))
    title = view._("What staying and leaving are worth")
    blocks: list[Block] = [
        Paragraph(_lead(view, own), "lead"),
        measures(view, title, indicators_with_source(view, *HEADLINES), view.words.join([of_today(view), note])),
    ]
    lost = _lost_customers_table(view, own.lost)
    if lost is not None:
        blocks += [lost, *_hearsay(view, own.hearsay, own.lost)]
    return Section("value", view._("What customers are worth"), tuple(blocks))


def _lead(view: View, own: ScopeValueTables) -> str:
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
    return view.words.join(found) or view._("There is too little history yet to say what staying is worth.")


def _lost_customers_table(view: View, lost: LostCustomers) -> Table | None:
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
        Column(view._("Net per week"), numeric=True),
        Column(view._("Years left (estimate)"), numeric=True),
        Column(view._("Would have brought (estimate)"), numeric=True),
    )
    note = view._("Weekly net x weeks a year x years left; years left follow from the company’s retention, to the horizon of the policy.")
    return Table(
        view._("Customers lost this month, costliest first"), heads, tuple(rows), note=note, last_is_total=True, compact=True, inline=True
    )


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
