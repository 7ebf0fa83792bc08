"""Grades: how many stand where and came from where, who is held, and how the scores lie."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import pandas as pd

from reports.blocks import Block, Cell, Chart, Column, Paragraph, Section, Table
from reports.charts import concentration, histogram
from reports.pack_facts import customers_with_us
from reports.sections.common import abreast, known_indicators, measures
from reports.sections.matrices import flows, movement_table, over_a_year, year_of_the_tier
from reports.sections.movements import figure_changes
from reports.sections.value_tables import risers
from reports.view import View, money_of

IN_FIGURES = (
    *("net_revenue", "orders", "average_order_value", "customers_active_12m", "customers_new", "customers_lost", "retention_rate", "nrr"),
    *("repeat_purchase_rate", "revenue_at_risk"),
)
"""The month in figures: what is asked of every month, news or not; how the money is spread is drawn."""

OF_A_TIER = tuple(name for name in IN_FIGURES if name not in ("customers_new", "customers_lost", "retention_rate"))
"""A tier wins and loses customers by other tiers, too: the bridge of the first page counts them all. And of those who are in it
now nearly all have stayed; what became of those of a year ago is a sentence (`reports.sections.matrices.year_of_the_tier`)."""

_BINS = 25


def grades(view: View) -> Section:
    """What is read: the month in figures, and the company's tiers with who moved between them, or who grows in a tier."""
    tier = view.tier is not None
    blocks: list[Block] = [
        Paragraph(_lead(view), "lead"),
        measures(view, view._("The month in figures"), known_indicators(view, *(OF_A_TIER if tier else IN_FIGURES))),
    ]
    if tier:
        year = year_of_the_tier(view)
        blocks += [Paragraph(year)] if year else []
        moved = None if view.facts.bridge is not None else movement_table(view)
        blocks += [*([moved] if moved is not None else []), *_growing(view)]
    else:
        moved_figures = figure_changes(view)
        blocks += [_by_tier(view), *abreast(movement_table(view), _concentration(view)), *([moved_figures] if moved_figures else [])]
    return Section("grades", view._("Grades and movements"), tuple(blocks))


def grades_in_full(view: View) -> Section:
    """For the workbook: all that is known of how customers are spread and moved, by month and by year."""
    standing = (_by_tier(view), over_a_year(view)) if view.tier is None else (_beside_company(view),)
    told = (*standing, movement_table(view), _scores(view))
    blocks: list[Block] = [Paragraph(_lead(view), "lead"), *(block for block in told if block)]
    held = _held_sentence(view)
    if held:
        blocks.append(Paragraph(held, "note"))
    return Section("grades", view._("Grades and movements"), tuple(blocks))


def _growing(view: View) -> list[Block]:
    found = view.material.review.economics
    own = None if found is None else found.scopes.get(view.tier or "")
    table = None if own is None else risers(view, own.risers)
    return [] if table is None else [table]


def movement_sentence(view: View) -> str:
    """How many rose and fell; for a tier, how many joined and left."""
    up, down = (len(customers_with_us(moved)) for moved in view.facts.moves)
    if view.tier is None:
        if not up and not down:
            return view._("No customer changed grade.")
        return view.words.plural(
            "{up} customer rose a grade and {down} fell.",
            "{up} customers rose a grade and {down} fell.",
            up,
            up=view.formats.count(up),
            down=view.formats.count(down),
        )
    joined, left = flows(view)
    came = sum(count for _, count in joined)
    went = sum(count for _, count in left)
    if not came and not went:
        return view._("Nobody joined or left this tier.")
    return view._("{came} joined this tier and {went} left it.", came=view.formats.count(came), went=view.formats.count(went))


def _lead(view: View) -> str:
    total = len(view.customers)
    if not total:
        return view._("No customers are in this tier in {month}.", month=view.formats.month(view.month))
    if view.tier is None:
        first = view.words.plural("{n} customer is in the base.", "{n} customers are in the base.", total, n=view.formats.count(total))
    else:
        base = len(view.material.review.customers)
        first = view._(
            "{n} customers are in this tier, {share} of the base.", n=view.formats.count(total), share=view.formats.share(total / base)
        )
    return view.words.join([first, movement_sentence(view)])


def _tier_counts(view: View) -> list[tuple[str, str, int, int | None]]:
    """Tier id, name, customers now, customers last month (None where there was none)."""
    now = view.material.review.customers["tier"].value_counts()
    before = view.material.previous["tier"].value_counts() if "tier" in view.material.previous and len(view.material.previous) else None
    return [
        (tier, name, int(now.get(tier, 0)), None if before is None else int(before.get(tier, 0)))
        for tier, name in view.tier_names.items()
        if view.tier in (None, tier)
    ]


def _by_tier(view: View) -> Table:
    """One row per tier, all customers beneath."""
    everyone = view.material.review.customers
    all_net = money_of(everyone, "net_12m")
    heads = (
        Column(view._("Grade"), width="24"),
        Column(view._("Customers"), numeric=True),
        Column(view._("Change"), numeric=True),
        Column(view._("Share"), numeric=True),
        Column(view._("12-month net"), numeric=True),
        Column(view._("Share of net"), numeric=True),
        Column(view._("Mean score"), numeric=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for tier, name, now, before in _tier_counts(view):
        own = everyone[everyone["tier"] == tier]
        rows.append(_tier_row(view, name, own, now, before, len(everyone), all_net))
    before_all = len(view.material.previous) or None
    rows.append(_tier_row(view, view._("All customers"), everyone, len(everyone), before_all, len(everyone), all_net))
    return Table(view._("Grades and what they bring"), heads, tuple(rows), note=_beside_customers(view, all_net), last_is_total=True)


def _beside_customers(view: View, all_net: float) -> str:
    """What lies between the customers' money and the company's: orders that name no customer."""
    whole = view.company("net_revenue_12m").value
    if whole is None or round(whole - all_net, 2) == 0:
        return ""
    return view._(
        "With {rest} of orders that name no customer, the company’s 12-month net is {whole}.",
        rest=view.formats.money(whole - all_net, 0),
        whole=view.formats.money(whole, 0),
    )


def _tier_row(view: View, name: str, own: pd.DataFrame, now: int, before: int | None, base: int, all_net: float) -> tuple[Cell, ...]:
    net = money_of(own, "net_12m")
    mean = _mean(own, "score")
    return (
        Cell(name),
        Cell(view.formats.count(now)),
        Cell(view.formats.difference(None if before is None else now - before, 0), muted=True),
        Cell(view.formats.share(now / base if base else None)),
        Cell(view.formats.money(net, 0)),
        Cell(view.formats.share(net / all_net if all_net > 0 else None)),
        Cell(view.formats.number(mean, 1), muted=mean is None),
    )


def _beside_company(view: View) -> Table:
    """The tier in one column, all customers in the other."""
    everyone = view.material.review.customers
    own, net, all_net = view.customers, money_of(view.customers, "net_12m"), money_of(everyone, "net_12m")
    before = _tier_counts(view)[0][3]

    rows = [
        (view._("Customers"), view.formats.count(len(own)), view.formats.count(len(everyone))),
        (view._("Customers, month before"), view.formats.count(before), view.formats.count(len(view.material.previous) or None)),
        (view._("12-month net"), view.formats.money(net, 0), view.formats.money(all_net, 0)),
        (
            view._("Share of net"),
            view.formats.share(net / all_net if all_net > 0 else None),
            view.formats.share(1.0 if all_net > 0 else None),
        ),
        (
            view._("12-month net per customer"),
            view.formats.money(net / len(own) if len(own) else None),
            view.formats.money(all_net / len(everyone) if len(everyone) else None),
        ),
        (
            view._("12-month orders per customer"),
            view.formats.number(_mean(own, "orders_12m"), 1),
            view.formats.number(_mean(everyone, "orders_12m"), 1),
        ),
        (view._("Mean score"), view.formats.number(_mean(own, "score"), 1), view.formats.number(_mean(everyone, "score"), 1)),
    ]
    heads = (Column(view._("Measure"), width="50"), Column(view.scope_name, numeric=True), Column(view._("All customers"), numeric=True))
    return Table(
        view._("This tier beside all customers"),
        heads,
        tuple((Cell(name), Cell(own), Cell(all_, muted=True)) for name, own, all_ in rows),
        compact=True,
    )


def _mean(frame: pd.DataFrame, column: str) -> float | None:
    """The mean of what is known; None where nothing is."""
    values = frame[column].astype("Float64").dropna() if column in frame else pd.Series(dtype="Float64")
    return float(values.mean()) if len(values) else None


def _scores(view: View) -> Chart | None:
    """How the pack's scores lie, with the cuts of the grades."""
    scores = view.known_column("score").dropna().to_numpy()
    if not len(scores):
        return None
    policy = view.material.review.policy
    counts, edges = np.histogram(np.clip(scores, 0, 100), bins=_BINS, range=(0, 100))
    band = policy.borderline
    near = int(sum(1 for score in scores if any(abs(score - grade.cut) <= band for grade in policy.grades if grade.cut > 0)))
    title = view._("Scores and pass marks")
    sentence = view._(
        "The median score is {median}; {near} of {total} customers stand within {band} points of a pass mark.",
        median=view.formats.number(float(np.median(scores)), 1),
        near=view.formats.count(near),
        total=view.formats.count(len(scores)),
        band=view.formats.number(band, 0),
    )
    cuts = [(grade.cut, view.grade_name(grade.grade)) for grade in policy.grades]
    words = [view.formats.count(edge) if edge % 20 == 0 else "" for edge in edges]
    art = histogram(f"{title}. {sentence}", [int(count) for count in counts], [float(edge) for edge in edges], cuts, words)
    return Chart(title, art, sentence)


def _concentration(view: View) -> Chart | None:
    """Cumulated share of the active customers' twelve-month net, largest first, with the figure `top20_share`; only of positive net."""
    top20 = view.own("top20_share")
    net = view.known_column("net_12m")
    units = sorted((int(value) for value in net[view.known_column("orders_12m") > 0].dropna()), reverse=True)
    total = sum(units)
    if len(units) < 5 or total <= 0 or top20.value is None:
        return None
    steps = [0, *accumulate(units)]
    keep = sorted({round(place * len(units) / 60) for place in range(61)})
    shares = [(place / len(units), min(1.0, steps[place] / total)) for place in keep]
    top = -(-len(units) // 5)
    title = view._("How the money is spread")
    part = view.value(top20)
    sentence = view._(
        "The largest fifth of {n} buying customers brings {share} of their twelve-month net revenue; the largest one {first}.",
        n=view.formats.count(len(units)),
        share=part,
        first=view.formats.share(units[0] / total),
    )
    art = concentration(
        f"{title}. {sentence}",
        shares,
        (top / len(units), top20.value),
        view._("{share} from the top 20%", share=part),
        view._("customers, largest first"),
        view._("share of net"),
    )
    return Chart(title, art, sentence)


def _held_sentence(view: View) -> str:
    """How many the hold rule kept where they were."""
    if "held" not in view.customers:
        return ""
    held = int(view.customers["held"].astype("boolean").fillna(False).sum())
    if not held:
        return ""
    policy = view.material.review.policy
    rules = set(zip(policy.bands[:-1], policy.patience[:-1], strict=True))
    if len(rules) > 1:
        return view._(
            "Customers in another grade than their score alone would give: {n}; "
            "each boundary has its own hold rule, see the method section.",
            n=view.formats.count(held),
        )
    ((band, months),) = rules
    return view.words.plural(
        "{n} customer stands in another grade than the score alone would give: a change needs {band} points beyond a pass mark, "
        "or {months} months in a row below it.",
        "{n} customers stand in another grade than their score alone would give: a change needs {band} points beyond a pass mark, "
        "or {months} months in a row below it.",
        held,
        n=view.formats.count(held),
        band=view.formats.number(band, 0),
        months=months,
    )
