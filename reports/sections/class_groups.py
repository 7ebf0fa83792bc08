"""Groups in the section on classes: the register with its rules, roles, segments, other groups, and how each class behaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from reports.blocks import Cell, Column, Table
from reports.formats import finite
from reports.glyphs import clean
from reports.i18n import N_
from reports.sections.class_lists import NAMED, SHOWN
from reports.sections.words import group_word
from reports.view import View
from transforms.classes.lost import BEHAVIOUR_CLASSES
from transforms.figures import Detail, Reason
from transforms.policy.rules import UNRATED

FEATURES = ("group_customer_share", "group_value_share", "group_tenure_median", "group_orders_median", "group_satisfaction", "group_nps")
DIMENSIONS = ("source_channel", "industry", "region")
GROUP_MEASURES = {
    "group_new": N_("New"),
    "group_net_12m": N_("12-month net"),
    "group_value_share": N_("Value share"),
    "group_satisfaction": N_("Satisfaction index"),
    "group_retention": N_("Retention"),
    "group_high_share": N_("High-value share"),
    "group_acquisition_cost": N_("Cost of winning one"),
}
"""Figures of groups with the short names that a column head has room for."""
SEGMENT_MEASURES = {
    "group_net_12m": N_("12-month net"),
    "group_value_share": N_("Value share"),
    "group_basket_median": N_("Median basket"),
}
ROLE_MONEY = {"group_net_12m": N_("12-month net"), "group_value_share": N_("Value share")}
ROLE_VOICE = {"group_satisfaction": N_("Satisfaction index"), "group_nps": N_("NPS")}
INSIDE = ("employee", "stockholder")
"""Roles of which satisfaction alone is told: they are no part of the business that is graded."""
NO_SHARE = {Detail.BELOW_ZERO: N_("below 0"), Detail.ABOVE_ALL: N_("over 100%")}
"""What a column of shares says of value that is no share."""


def register(view: View) -> Table:
    """Each class with its rule, made from the policy itself, its size and its features; the classes of a dimension add up to the base."""
    rules, note = _rules(view)
    heads = [Column(view._("Class"), width="32"), Column(view._("Customers"), numeric=True)]
    heads += [Column(words, numeric=True) for words in (view._("Share"), view._("Value share"), view._("Months"), view._("Orders"))]
    heads += [Column(view._("Satisfaction"), numeric=True), Column(view._("NPS"), numeric=True)]
    rows = [
        _register_row(view, f"{dimension}={name}", words)
        for dimension, classes in rules.items()
        for name, words in (*classes.items(), (UNRATED, group_word(view, dimension)))
        if name != UNRATED or view.of_group(f"{dimension}={UNRATED}", "group_customers").value
    ]
    return Table(view._("Class register"), tuple(heads), tuple(rows), note=note, compact=True, inline=True)


def _rules(view: View) -> tuple[dict[str, dict[str, str]], str]:
    """The rule of every class by dimension, in words; and all of them as the program applies them."""
    policy = view.material.review.policy
    value, behaviour, practice = policy.value, policy.behaviour, policy.classes
    rules = {
        "value_class": {
            "high": view._("V from {cut}", cut=f"{value.high_cut:g}"),
            "mid": view._("V from {cut}", cut=f"{value.mid_cut:g}"),
            "low": view._("V below {cut}", cut=f"{value.mid_cut:g}"),
        },
        "practice_class": {
            "high_value": view._("value class high"),
            "developable": view._("not high, potential rank from {cut}", cut=f"{practice.developable_cut:g}"),
            "ordinary": view._("the others"),
        },
        "behaviour_class": {
            "loyal": view._(
                "{orders} orders, in step, {months} months with us", orders=behaviour.loyal_orders, months=behaviour.loyal_tenure_months
            ),
            "active": view._("spoke or ordered in {months} months", months=behaviour.active_months),
            "latent": view._("the others"),
        },
    }
    historic, current, potential = (view.formats.share(share, 0) for share in (value.history, value.current, value.potential))
    said = view._(
        "V = {historic} historic, {current} current, {potential} potential value, as ranks of the frozen reference: a company choice. "
        "Classes rank potential by silence alone, never by a model.",
        historic=historic,
        current=current,
        potential=potential,
    )
    applied = (
        f"high: value_score >= {value.high_cut:g}",
        f"mid: value_score >= {value.mid_cut:g}",
        f"developable: potential_rank >= {practice.developable_cut:g}",
        f"loyal: orders_12m >= {behaviour.loyal_orders}, recency_days <= {behaviour.loyal_intervals:g} * median_gap_days, "
        f"tenure_months >= {behaviour.loyal_tenure_months}",
    )
    code = view._("In columns of customers.csv: {rules}.", rules=view.words.apart(applied))
    return rules, view.words.join([said, code])


def _register_row(view: View, name: str, rule: str) -> tuple[Cell, ...]:
    size = view.of_group(name, "group_customers")
    cells = [Cell(group_word(view, name.partition("=")[2]), rule), Cell(view.formats.count(size.value or 0))]
    return (*cells, *(short(view, name, indicator) for indicator in FEATURES))


def short(view: View, name: str, indicator: str) -> Cell:
    """A group's figure in a narrow column: nothing for a group without customers, a dash where it has no data."""
    number = view.of_group(name, indicator)
    if number.value is None and number.n is None:
        return Cell("")
    if number.reason == Reason.NO_DATA and not number.n:
        return Cell("–", muted=True)
    if number.detail in NO_SHARE:
        return Cell(view._(NO_SHARE[number.detail]), muted=True)
    if number.value is not None and indicator.endswith("_median"):
        return Cell(view.formats.number(number.value, 1))
    return Cell(view.value(number), muted=number.value is None)


def _size(view: View, name: str) -> Cell:
    """How many a group has, and which share of all that is; of a withheld group neither."""
    size, share = view.of_group(name, "group_customers"), view.of_group(name, "group_customer_share")
    return Cell(view.value(size), "" if share.value is None else view.value(share), muted=size.value is None)


def _heads(view: View, first: str, measures: Mapping[str, str]) -> list[Column]:
    heads = [Column(first, width="20"), Column(view._("Customers, share"), numeric=True)]
    return [*heads, *(Column(view._(words), numeric=True) for words in measures.values())]


def roles(view: View) -> Table | None:
    """The base by role, unknown roles counted; of employees and stockholders nothing but their number and what they say."""
    names = view.groups("role")
    if not names:
        return None
    rows = []
    for role in names:
        name = f"role={role}"
        money = [Cell("–", muted=True) if role in INSIDE else short(view, name, one) for one in ROLE_MONEY]
        voice = [
            Cell(cell.text, view.basis(number) if number.value is not None else "", muted=cell.muted)
            for one in ROLE_VOICE
            for cell, number in ((short(view, name, one), view.of_group(name, one)),)
        ]
        rows.append((Cell(group_word(view, role)), _size(view, name), *money, *voice))
    heads = _heads(view, group_word(view, "role"), ROLE_MONEY | ROLE_VOICE)
    note = view._("Employees and stockholders have no grade and no class of value; of them satisfaction alone is told.")
    return Table(view._("The base by role"), tuple(heads), tuple(rows), note=note, compact=True, inline=True)


def segments(view: View) -> Table | None:
    """The segments that the policy declares and the others: what they bring, their usual basket, and what they buy most."""
    names = view.groups("segment")
    if not names:
        return None
    people = view.customers
    bought = people["main_category"] if "main_category" in people else pd.Series([None] * len(people), dtype="str")
    told = bool(bought.notna().any())
    heads = _heads(view, group_word(view, "segment"), SEGMENT_MEASURES)
    heads += [Column(view._("Bought most"), width="24")] if told else []
    rows = []
    for segment in names:
        name = f"segment={segment}"
        cells = [Cell(group_word(view, segment)), _size(view, name), *(short(view, name, one) for one in SEGMENT_MEASURES)]
        if told:
            cells.append(Cell(view.words.apart(_most(bought[(people["segment"] == segment).to_numpy(dtype=bool)]))))
        rows.append(tuple(cells))
    note = view._("Bought most: the main category of most customers.") if told else ""
    return Table(view._("Customers by segment"), tuple(heads), tuple(rows), note=note, compact=True, inline=True)


def _most(names: pd.Series) -> list[str]:
    """The most frequent names, ties by name."""
    counts = names.dropna().value_counts()
    return [clean(name, 24) for name in sorted(counts.index, key=lambda name: (-counts[name], str(name)))[:NAMED]]


def groups(view: View) -> Table | None:
    """The largest groups of each dimension, one dimension after the other; a measure that none of them has is left out."""
    found = [(dimension, view.groups(dimension)) for dimension in DIMENSIONS]
    shown = [f"{dimension}={name}" for dimension, names in found for name in names[:SHOWN]]
    measured = {one: words for one, words in GROUP_MEASURES.items() if any(view.of_group(name, one).value is not None for name in shown)}
    if not shown:
        return None
    rows = []
    for name in shown:
        dimension, _, value = name.partition("=")
        first = Cell(group_word(view, value), group_word(view, dimension))
        rows.append((first, _size(view, name), *(short(view, name, one) for one in measured)))
    note = _left_out(view, found)
    heads = _heads(view, view._("Group"), measured)
    return Table(view._("Customers by group"), tuple(heads), tuple(rows), note=note, compact=True, inline=True)


def _left_out(view: View, found: Sequence[tuple[str, Sequence[str]]]) -> str:
    more = [
        view._("{dimension}: {shown} of {total}", dimension=group_word(view, dimension), shown=SHOWN, total=len(names))
        for dimension, names in found
        if len(names) > SHOWN
    ]
    return view._("The largest groups only. {more}.", more=view.words.apart(more)) if more else ""


def behaviour_profile(view: View) -> Table | None:
    """How the customers of each behaviour class buy, use and speak: the medians of three ranks; what no source tells is no zero."""
    people = view.customers
    if "purchase_score" not in people:
        return None
    heads = (
        Column(group_word(view, "behaviour_class"), width="28"),
        *(Column(words, numeric=True) for words in (view._("Purchase"), view._("Usage"), view._("Feedback"))),
    )
    rows = []
    for name in BEHAVIOUR_CLASSES:
        own = people[(people["behaviour_class"] == name).to_numpy(dtype=bool)]
        if len(own):
            cells = (_middle(view, own, column) for column in ("purchase_score", "usage_score", "feedback_score"))
            rows.append((Cell(group_word(view, name)), *cells))
    if not rows:
        return None
    note = view._("Medians of ranks 0-100. No canonical table holds usage: it is not supplied, which is not zero.")
    return Table(view._("Behaviour profile"), heads, tuple(rows), note=note, compact=True)


def _middle(view: View, own: pd.DataFrame, column: str) -> Cell:
    known = own[column].astype("Float64").dropna() if column in own else pd.Series(dtype="Float64")
    middle = finite(known.median()) if len(known) else None
    return Cell(view._("not supplied") if middle is None else view.formats.number(middle, 0), muted=middle is None)
