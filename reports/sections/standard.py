"""The grading standard: its health, whether it predicted value, how it spreads, who set grades by hand, and when it is looked at again."""

from __future__ import annotations

import pandas as pd

from reports.blocks import Block, Cell, Column, Paragraph, Section, Side, Table
from reports.formats import finite
from reports.glyphs import clean
from reports.sections.common import change_cell, measures, rows_shown_line
from reports.sections.standard_log import change_log, reviews
from reports.sections.words import group_word
from reports.view import View
from transforms.policy.rules import UNRATED

ROWS = 8
HEALTH = (
    *("standard_unrated", "standard_borderline", "standard_held", "standard_overrides"),
    *("standard_upgrades_reversed", "standard_multiple", "standard_inputs"),
)
TIER_HEALTH = ("standard_borderline", "standard_held", "standard_overrides", "standard_upgrades_reversed")
GROUPS = ("region", "role")
"""Columns of the customers by which the spread of grades is shown, where they are told; none of them is an input."""


def standard(view: View) -> Section | None:
    """Company: the whole standard. Tier: who of it stands near a line or in a grade set by hand."""
    if not len(view.customers) or "score" not in view.customers:
        return None
    near, manual = _borderline(view), _overrides(view)
    if view.tier is not None or view.material.segment:
        blocks: list[Block] = [measures(view, view._("Health of the standard"), TIER_HEALTH)]
        blocks += [block for block in (_change_of_standard(view), near, manual) if block is not None]
        return Section("standard", view._("The grading standard among these customers"), tuple(blocks))
    spread = [table for name in GROUPS if (table := _spread(view, name)) is not None]
    small = [_health(view), _prediction(view), *spread, *_both_standards(view)]
    blocks = [Side(tuple(small[place : place + 1]), tuple(small[place + 1 : place + 2])) for place in range(0, len(small), 2)]
    blocks.append(Paragraph(_fairness(view), "note"))
    blocks += [block for block in (near, manual) if block is not None]
    blocks += [Side((change_log(view),), (reviews(view),))]
    return Section("standard", view._("The grading standard"), tuple(blocks))


def _health(view: View) -> Table:
    """Counts of the standard itself, with the change on the month before."""
    heads = (Column(view._("Measure"), width="50"), Column(view.formats.month_short(view.month), numeric=True))
    rows = tuple(
        (Cell(view.title(name)), Cell(view.value(number), muted=number.value is None), change_cell(view, name))
        for name in HEALTH
        for number in (view.company(name),)
    )
    return Table(view._("Health of the standard"), (*heads, Column(view._("Change"), numeric=True)), rows, compact=True)


def _prediction(view: View) -> Table | Paragraph:
    """Did the grade predict value? Grades of a year ago with what they brought since."""
    found = view.company("grade_value_correlation")
    title = view._("Did the grade predict value?")
    if found.value is None:
        text = view._("{title} There is no answer yet: {reason}.", title=title, reason=view.value(found))
        return Paragraph(text, "note")
    heads = (
        Column(view._("Grade a year ago"), width="18"),
        Column("n", numeric=True, width="12"),
        Column(view._("Mean revenue since"), numeric=True, width="28"),
        Column(view._("95% interval"), numeric=True, width="42"),
    )
    rows = []
    for grade in view.material.review.policy.grades:
        number = view.of_tier(grade.tier, "grade_value_since")
        rows.append(
            (
                Cell(view.grade_name(grade.grade)),
                Cell(view.formats.count(number.n)),
                Cell(view.value(number), muted=number.value is None),
                Cell(view.interval(number), muted=True),
            )
        )
    turned = view.company("grade_value_inversions")
    told = (
        view._("Each grade brought more per customer than the one below it.")
        if turned.value == 0
        else view._("Inversions: {count}; a lower grade brought more per customer than the one above it.", count=view.value(turned))
    )
    note = view._(
        "Rank correlation of score and revenue since: {value} ({interval}, n={n}). {told}",
        value=view.value(found),
        interval=view.interval(found),
        n=view.formats.count(found.n),
        told=told,
    )
    return Table(title, heads, tuple(rows), note=note, compact=True)


def _spread(view: View, name: str) -> Table | None:
    """How the grades lie in each group, largest groups first; only where there are two of them."""
    everyone = view.customers
    if name not in everyone or everyone[name].nunique() < 2:
        return None
    grades = [*(grade.grade for grade in view.material.review.policy.grades), UNRATED]
    counts = pd.crosstab(everyone[name], everyone["grade"]).reindex(columns=grades, fill_value=0)
    sizes = counts.sum(axis=1)
    order = sorted(counts.index, key=lambda group: (-int(sizes[group]), str(group)))
    titles = {"region": view._("Grades by region"), "role": view._("Grades by role")}
    heads = (
        Column(view._("Group"), width="34"),
        Column("n", numeric=True),
        *(Column(view.grade_name(grade), numeric=True) for grade in grades),
    )
    rows = [
        (
            Cell(group_word(view, str(group))),
            Cell(view.formats.count(int(sizes[group]))),
            *(Cell(view.formats.share(int(counts.loc[group, grade]) / int(sizes[group]), 0)) for grade in grades),
        )
        for group in order[:ROWS]
    ]
    return Table(titles[name], heads, tuple(rows), note=rows_shown_line(view, len(rows), len(order)), compact=True)


def _fairness(view: View) -> str:
    """What makes the standard fair and operable, in one paragraph."""
    policy = view.material.review.policy
    total = len(view.customers)
    graded = total - int((view.customers["grade"] == UNRATED).sum())
    said = view._(
        "Every one of {total} customers is graded ({graded}) or listed as unrated with its cause, by {count} grades with one pass mark "
        "each. Gender, age, birth date and occupation are never inputs; equal inputs give equal grades.",
        total=view.formats.count(total),
        graded=view.formats.count(graded),
        count=view.formats.count(len(policy.grades)),
    )
    return view.words.join([said, _short_history(view)])


def _short_history(view: View) -> str:
    """How many stand by a year that is reckoned up from less."""
    if "short_history" not in view.customers:
        return ""
    count = int(view.customers["short_history"].astype("boolean").fillna(False).sum())
    return view.words.plural(
        "{count} customer has a short history, of less than twelve months: what it brought is reckoned up to a year.",
        "{count} customers have a short history, of less than twelve months: what they brought is reckoned up to a year.",
        count,
        count=view.formats.count(count),
    )


def _borderline(view: View) -> Table | None:
    """Who stands within the borderline points of a cut, nearest first: with what the score alone would give."""
    policy = view.material.review.policy
    cuts = [grade.cut for grade in policy.grades if grade.cut > 0]
    scores = view.known_column("score")
    away = scores.map(lambda score: min((score - cut for cut in cuts), key=abs) if score == score else float("nan"))
    near = view.customers.assign(away=away)[(away.abs() <= policy.borderline).to_numpy(dtype=bool)]
    if not len(near):
        return None
    near = near.assign(reach=near["away"].abs()).sort_values(["reach", "customer_id"], kind="stable")
    heads = (
        Column(view._("Customer"), width="44"),
        Column(view._("Grade")),
        Column(view._("By score alone")),
        Column(view._("Score"), numeric=True),
        Column(view._("From the pass mark"), numeric=True),
    )
    rows = [
        (
            view.customer_cell(row),
            Cell(view.grade_name(row["grade"])),
            Cell(view.grade_name(row.get("would_be")), muted=row.get("would_be") == row["grade"]),
            Cell(view.formats.number(finite(row["score"]), 1)),
            Cell(view.formats.difference(finite(row["away"]), 1)),
        )
        for row in near.head(ROWS).to_dict("records")
    ]
    title = view._("Within {points} points of a pass mark", points=view.formats.number(policy.borderline, 0))
    return Table(title, heads, tuple(rows), note=rows_shown_line(view, len(rows), len(near)), compact=True, inline=True)


def _overrides(view: View) -> Table | None:
    """Grades that were set by hand, each beside the rule's."""
    if "override_grade" not in view.customers:
        return None
    manual = view.customers[view.customers["override_grade"].notna().to_numpy(dtype=bool)]
    if not len(manual):
        return None
    heads = (
        Column(view._("Customer"), width="30"),
        Column(view._("By hand")),
        Column(view._("By rule")),
        Column(view._("Until")),
        Column(view._("Author and reason"), width="34"),
    )
    rows = []
    for row in manual.head(ROWS).to_dict("records"):
        until = row["override_until"]
        said = view._("{author}: {reason}", author=clean(row["override_author"], 40), reason=clean(row["override_reason"], 80))
        rows.append(
            (
                view.customer_cell(row),
                Cell(view.grade_name(row["override_grade"])),
                Cell(view.grade_name(row["rule_grade"])),
                Cell(str(until)[:10]),
                Cell(said),
            )
        )
    return Table(view._("Grades set by hand"), heads, tuple(rows), note=rows_shown_line(view, len(rows), len(manual)), inline=True)


def _change_of_standard(view: View) -> Paragraph | None:
    """A month whose standard changed, to a tier's readers: how many are theirs, or no longer theirs, for that alone."""
    frame, grades = view.material.review.standards, view.material.review.policy.grades
    if not len(frame) or view.tier is None or view.material.segment:
        return None
    told = [view._("The standard changed this month.")]
    tiers = {UNRATED: UNRATED, **{grade.grade: grade.tier for grade in grades}}
    if frame["grade_old"].isin(list(tiers)).all():  # a grade that is gone has no tier any more
        was, now = ((frame[name].map(tiers) == view.tier).to_numpy(dtype=bool) for name in ("grade_old", "grade_new"))
        came, left = (view.formats.count(int(frame.loc[moved, "customers"].sum())) for moved in (now & ~was, was & ~now))
        told.append(
            view._("By rule, {came} customers are in this tier only because of that, and {left} are no longer.", came=came, left=left)
        )
    return Paragraph(view.words.join(told))


def _both_standards(view: View) -> list[Block]:
    """A month whose standard changed: its counts under the old one and the new one."""
    frame = view.material.review.standards
    if not len(frame):
        return []
    old, new = (frame.groupby(name, sort=False)["customers"].sum() for name in ("grade_old", "grade_new"))
    grades = list(dict.fromkeys([*frame["grade_new"], *frame["grade_old"]]))
    ranked = [*(grade.grade for grade in view.material.review.policy.grades), UNRATED]
    grades.sort(key=lambda grade: ranked.index(grade) if grade in ranked else len(ranked))
    moved = int(frame.loc[(frame["grade_old"] != frame["grade_new"]).to_numpy(dtype=bool), "customers"].sum())
    heads = (
        Column(view._("Grade by rule")),
        Column(view._("By last month’s standard"), numeric=True),
        Column(view._("By the new one"), numeric=True),
    )
    rows = [
        (Cell(view.grade_name(grade)), Cell(view.formats.count(int(old.get(grade, 0)))), Cell(view.formats.count(int(new.get(grade, 0)))))
        for grade in grades
    ]
    note = view._("{moved} customers stand in another grade only because the standard changed.", moved=view.formats.count(moved))
    return [Table(view._("The standard changed this month"), heads, tuple(rows), note=note, compact=True)]
