"""Customers and classes: the base from month to month, who belongs to which class, and what each class gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.blocks import Block, Cell, Column, Paragraph, Section, Side, Table
from reports.glyphs import clean
from reports.pack_facts import Number
from reports.sections.class_groups import behaviour_profile, groups, register, roles, segments, short
from reports.sections.class_lists import SHOWN, accounts, core, priority
from reports.sections.common import abreast, measures
from reports.sections.strategy import differentiation, group_strategy_table, process, strategy_matrix
from reports.sections.words import group_word
from reports.view import View
from transforms.classes.columns import PRACTICE_CLASSES
from transforms.classes.groupings import PROFILED
from transforms.classes.lost import BEHAVIOUR_CLASSES, VALUE_CLASSES
from transforms.classes.profile import GAP_BANDS
from transforms.classes.registers import entries
from transforms.classes.value import LOST, MODEL, SILENCE
from transforms.figures import Detail, Unit
from transforms.policy.rules import UNRATED

BASE = (
    *("base_opening", "customers_new", "base_reactivated", "customers_lost", "base_merged", "base_restated", "customers_current"),
    *("customers_bought", "customers_active_12m"),
)
"""What came and went up to the customers with us; then how many of all who ever bought did so in the month and in twelve."""
LEANING = ("historic_value", "current_value", "potential_value", "gini", "top1_customers_share", "top5_customers_share")
MORE = (
    "top10_customers_share",
    "core_customers",
    "prospects",
    "file_completeness",
    "unknown_role_share",
    "unknown_source_share",
    "unknown_industry_share",
)
ASKED = ("gap_median_days", "orders_per_opening", "feedback_acknowledged", "feedback_closed_loop", "feedback_first_update_hours")
ACTED = ("feedback_adopted", "actions_due", "actions_done", "actions_overdue", "actions_effect", "strategy_cells_missing", "needs_uncoded")


def classes(view: View) -> Section | None:
    """The company's pack shows every class and crossing; a tier's pack what its own customers are."""
    if "value_class" not in view.customers or not len(view.customers):
        return None
    blocks = _company(view) if view.tier is None else _tier(view)
    return Section("classes", view._("Customers and classes"), tuple(blocks))


def _company(view: View) -> list[Block]:
    blocks: list[Block] = [
        Paragraph(_basis(view), "lead"),
        measures(view, view._("The base from month to month"), BASE),
        register(view),
        Side((_crossing(view, "behaviour_class", BEHAVIOUR_CLASSES),), (_crossing(view, "practice_class", PRACTICE_CLASSES),)),
    ]
    told = [name for name in (*LEANING, *MORE, *ASKED, *ACTED) if view.own(name).value is not None]
    blocks.append(measures(view, view._("How concentrated the base is"), told, _potential(view)))
    blocks += _habits(view)
    blocks += [table for table in (behaviour_profile(view), roles(view), segments(view), groups(view)) if table]
    industries = view.groups("industry")
    blocks += abreast(_crossing(view, "industry", industries[:SHOWN]) if industries else None, _separating(view))
    blocks += [table for table in (_needs(view),) if table]
    blocks += [table for table in (_profile(view), _markets(view)) if table]
    blocks += [table for table in (strategy_matrix(view), differentiation(view), group_strategy_table(view)) if table]
    blocks += [table for table in (core(view), accounts(view), process(view)) if table]
    return [*blocks, Paragraph(_missing(view), "note")]


def _tier(view: View) -> list[Block]:
    told = [name for name in (*BASE, *LEANING, "core_customers", "file_completeness", *ASKED) if view.own(name).value is not None]
    side = (_mix(view, "value_class", (*VALUE_CLASSES, UNRATED)), _mix(view, "behaviour_class", (*BEHAVIOUR_CLASSES, UNRATED)))
    blocks: list[Block] = [
        measures(view, view._("The base, and how concentrated it is"), told, _potential(view)),
        Side((side[0],), (side[1],)),
    ]
    lists = (strategy_matrix(view), core(view), priority(view), accounts(view))
    return [*blocks, *_habits(view), *(table for table in lists if table)]


def _basis(view: View) -> str:
    if view.own("current_value").detail is Detail.MARGIN:
        return view._("Value is margin this month: the cost of enough orders is known.")
    return view._("Value is net revenue this month, for everybody: costs are not known for enough orders.")


def _potential(view: View) -> str:
    """By what the potential value of these customers was told: the model, silence, or that they are lost."""
    if "p_active_from" not in view.customers:
        return ""
    by = view.customers["p_active_from"].value_counts()
    model, silence, lost = (int(by.get(source, 0)) for source in (MODEL, SILENCE, LOST))
    if model:
        return view._(
            "Potential value: the gap to the peers x the model’s P(alive), for {model} customers; by silence for {silence}; "
            "{lost} are lost and have no gap counted.",
            model=view.formats.count(model),
            silence=view.formats.count(silence),
            lost=view.formats.count(lost),
        )
    return view._(
        "Potential value: the gap to the peers, less with every silent day, as no lifetime model is fitted; "
        "{lost} are lost and have no gap counted.",
        lost=view.formats.count(lost),
    )


def _crossing(view: View, dimension: str, rows: Sequence[str]) -> Table:
    heads = (Column(group_word(view, dimension)), *(Column(group_word(view, value), numeric=True) for value in VALUE_CLASSES))
    body: list[tuple[Cell, ...]] = []
    for row in rows:
        names = [f"{dimension}+value_class={row}+{value}" for value in VALUE_CLASSES]
        counts = [view.of_group(name, "group_customers") for name in names]
        sums = [view.of_group(name, "group_net_12m") for name in names]
        cells = [Cell(view.formats.count(n.value or 0), view.formats.money_short(m.value or 0)) for n, m in zip(counts, sums, strict=True)]
        body.append((Cell(group_word(view, row)), *cells))
    captions = {"behaviour_class": view._("Behaviour by value"), "practice_class": view._("Practice class by value class")}
    return Table(captions.get(dimension) or view._("Industry by value class"), heads, tuple(body), compact=True, inline=True)


def _separating(view: View) -> Table | None:
    names = [name for name in view.groups("separates", "separation") if view.of_group(f"separates={name}", "separation").value is not None]
    if not names:
        return None
    ordered = sorted(names, key=lambda name: -(view.of_group(f"separates={name}", "separation").value or 0))
    shown = ordered if len(ordered) <= 10 else [*ordered[:5], *ordered[-5:]]  # the most and the least separating
    heads = (
        Column(view._("Measure"), width="52"),
        Column(view._("Between classes"), numeric=True),
        Column(view._("Based on"), numeric=True),
    )
    rows = [
        (
            Cell(group_word(view, name)),
            short(view, f"separates={name}", "separation"),
            Cell(view.basis(view.of_group(f"separates={name}", "separation"))),
        )
        for name in shown
    ]
    return Table(view._("What separates the value classes, most first"), heads, tuple(rows), compact=True)


def _needs(view: View) -> Table | None:
    codes = view.groups("need", "need_share")
    if not codes:
        return None
    numbers = {code: view.of_group(f"need={code}", "need_share") for code in codes}
    heads = (
        Column(view._("Need or pain")),
        Column(view._("Named by"), numeric=True),
        Column(view._("95% interval"), numeric=True),
        Column(view._("Last month"), numeric=True),
    )
    rows = []
    for code, number in sorted(numbers.items(), key=lambda one: (-(one[1].value or 0), one[0])):
        before = "" if number.previous is None else view.formats.figure(number.previous, Unit.SHARE)
        moved = (
            number.previous is not None
            and number.lower is not None
            and number.upper is not None
            and not number.lower <= number.previous <= number.upper
        )
        mark = view._("{value}, changed", value=before) if moved else before
        rows.append(
            (
                Cell(clean(code, 40)),
                Cell(view.value(number), view.basis(number)),
                Cell(view.interval(number), muted=True),
                Cell(mark, muted=not moved),
            )
        )
    return Table(view._("What customers need, and what changed"), heads, tuple(rows), compact=True)


def _markets(view: View) -> Table | None:
    names = view.groups("market", "market_share")
    if not names:
        return None
    heads = (Column(view._("Market (external input)")), Column(view._("Our share"), numeric=True), Column(view._("Source")))
    rows = [
        (_market(view, name), Cell(view.value(number), muted=number.value is None), Cell(clean(number.method, 80), muted=True))
        for name in names
        for number in (view.of_group(f"market={name}", "market_share"),)
    ]
    return Table(view._("Target markets"), heads, tuple(rows), compact=True)


def _market(view: View, entry_id: str) -> Cell:
    """Whom a market is made of, with the number of its entry in the register."""
    rows = entries(view.material.review.registers, "market")
    groups = rows.loc[(rows["entry_id"] == entry_id).to_numpy(dtype=bool, na_value=False), "field_value"].dropna()
    return Cell(clean(groups.iloc[0], 40) if len(groups) else view._("All customers"), clean(entry_id, 40))


def _mix(view: View, column: str, names: Sequence[str], caption: str = "") -> Table:
    """Customers of the pack by the words of a column; who has none of these words is not shown."""
    held = view.customers[column].value_counts()
    total = len(view.customers)
    rows = [
        (
            Cell(group_word(view, name)),
            Cell(view.formats.count(int(held.get(name, 0)))),
            Cell(view.formats.share(int(held.get(name, 0)) / total)),
        )
        for name in names
        if held.get(name, 0)
    ]
    heads = (Column(group_word(view, column)), Column(view._("Customers"), numeric=True), Column(view._("Share"), numeric=True))
    told = caption or view._("Own customers by {dimension}", dimension=group_word(view, column))
    return Table(told, heads, tuple(rows), compact=True)


def _habits(view: View) -> list[Block]:
    """How the pack's customers buy: by their own interval, and by the channel of most orders where channels are told."""
    if "gap_band" not in view.customers:
        return []
    intervals = _mix(view, "gap_band", GAP_BANDS, view._("Customers by their interval"))
    channels = view.customers["main_channel"].dropna()
    if channels.empty:
        return [intervals]
    sizes = channels.value_counts()
    largest = sorted(sizes.index, key=lambda name: (-sizes[name], str(name)))[:SHOWN]
    caption = view._("Customers by main channel, 12 months")
    seasonal = int(view.customers["season_start"].notna().sum())
    note = (
        view.words.plural(
            "{count} customer shows a season (needs two years of orders).",
            "{count} customers show a season (needs two years of orders).",
            seasonal,
            count=view.formats.count(seasonal),
        )
        if seasonal
        else ""
    )
    return [Side((replace(intervals, note=note),), (_mix(view, "main_channel", largest, caption),))]


def _count_or_withheld(view: View, number: Number) -> Cell:
    """A count of people; of a withheld one not even the n, which is the very number."""
    if number.n is None:
        return Cell("–", muted=True)
    return Cell(view.formats.reason(number.reason, None) if number.value is None else view.value(number), muted=number.value is None)


def _profile(view: View) -> Table | None:
    """Who the customers of each tier are: attributes by tier, groups of too few withheld."""
    names = {attribute: view.groups(attribute) for attribute in PROFILED}
    shown = [(attribute, value) for attribute, values in names.items() for value in values[:SHOWN]]
    if not shown:
        return None
    heads = (
        Column(view._("Attribute"), width="28"),
        *(Column(name, numeric=True) for name in view.tier_names.values()),
        Column(view._("All"), numeric=True),
    )
    rows = []
    for attribute, value in shown:
        numbers = [view.of_group(f"{attribute}+tier={value}+{tier}", "group_customers") for tier in view.tier_names]
        whole = view.of_group(f"{attribute}={value}", "group_customers")
        cells = [_count_or_withheld(view, one) for one in (*numbers, whole)]
        rows.append((Cell(group_word(view, value), group_word(view, attribute)), *cells))
    note = view._("As told in the customers table, at the month’s end; groups of fewer than {n} are withheld.", n=view.material.min_n)
    return Table(view._("Attributes by tier"), heads, tuple(rows), note=note, compact=True, inline=True)


def _missing(view: View) -> str:
    """What nobody supplies, in one line; browsing is always in it, as no canonical table holds it."""
    words = {
        "customers": view._("customers"),
        "surveys": view._("survey answers"),
        "contacts": view._("contacts"),
        "quotes": view._("quotes"),
        "campaigns": view._("campaigns"),
        "registers": view._("registers"),
    }
    lost = [word for table, word in words.items() if not view.has(table)]
    lost.append(view._("browsing (no table holds it)"))
    return view._("Not supplied: {tables}; what needs them is left out here.", tables=", ".join(lost))
