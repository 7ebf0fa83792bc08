"""From which grade to which: the last month's movements and the year's, in numbers only."""

from __future__ import annotations

import pandas as pd

from reports.blocks import Cell, Column, Table
from reports.sections.words import joined_words, left_words
from reports.view import View
from transforms.grades.transitions import LOST, NEW, UNKNOWN, year_on, year_transitions
from transforms.policy.rules import UNRATED


def _ranks(view: View) -> list[str]:
    return [*(grade.grade for grade in view.material.review.policy.grades), UNRATED]


def _transitions(view: View) -> dict[tuple[str, str], int]:
    frame = view.material.review.transitions
    return {
        (str(before), str(after)): int(count)
        for before, after, count in zip(frame["grade_before"], frame["grade_after"], frame["customers"], strict=True)
    }


def _own_grade(view: View) -> str:
    policy = view.material.review.policy
    return next((grade.grade for grade in policy.grades if grade.tier == view.tier), UNRATED)


def moves_of_tier(view: View, tier: str) -> tuple[int, int]:
    """How many customers a tier won since last month and how many it lost, to other tiers, as new and as lost ones."""
    tiers = {grade.grade: grade.tier for grade in view.material.review.policy.grades} | {UNRATED: UNRATED}
    came = went = 0
    for (before, after), count in _transitions(view).items():
        from_tier, to_tier = tiers.get(before), tiers.get(after)
        came += count if to_tier == tier and from_tier != tier else 0
        went += count if from_tier == tier and to_tier != tier else 0
    return came, went


def flows(view: View) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Where a tier's customers came from and where last month's went, grades with counts; those who stayed apart."""
    counts, own = _transitions(view), _own_grade(view)
    order = [*_ranks(view), "unknown", "new", "lost"]
    joined = [(grade, counts.get((grade, own), 0)) for grade in order if grade != own]
    left = [(grade, counts.get((own, grade), 0)) for grade in order if grade != own]
    return [row for row in joined if row[1]], [row for row in left if row[1]]


def movement_table(view: View) -> Table | None:
    """Company: the whole matrix. Tier: from where and to where, in numbers only."""
    counts = _transitions(view)
    if not counts:
        return None
    if view.tier is None:
        before = [grade for grade in [*_ranks(view), "unknown", "new", "lost"] if any(key[0] == grade for key in counts)]
        after = [grade for grade in [*_ranks(view), "lost"] if any(key[1] == grade for key in counts)]
        heads = (Column(view._("from ↓  to →"), width="24"), *(Column(view.grade_name(grade), numeric=True) for grade in after))
        widest = max([count for (old, new), count in counts.items() if old != new], default=0)
        rows = [
            (Cell(view.grade_name(old)), *(_matrix_cell(view, counts.get((old, new), 0), old == new, widest) for new in after))
            for old in before
        ]
        note = view._("Counts of customers; movements are tinted, the diagonal stayed.")
        return Table(view._("From last month’s grade to this month’s"), heads, tuple(rows), note=note, compact=True)
    joined, left = flows(view)
    stayed = counts.get((_own_grade(view), _own_grade(view)), 0)
    rows = [(Cell(view._("stayed")), Cell(view.formats.count(stayed)))]
    rows += [(Cell(joined_words(view, g)), Cell(f"+{view.formats.count(n)}")) for g, n in joined]
    rows += [(Cell(left_words(view, g)), Cell(f"−{view.formats.count(n)}")) for g, n in left]
    heads = (Column(view._("Movement"), width="70"), Column(view._("Customers"), numeric=True))
    return Table(view._("Who came and who went"), heads, tuple(rows), compact=True)


def _matrix_cell(view: View, count: int, stayed: bool, widest: int) -> Cell:
    if not count:
        return Cell("·", muted=True)
    shade = 0 if stayed or not widest else 1 + min(3, int(4 * count / (widest + 1)))
    return Cell(view.formats.count(count), shade=shade, muted=stayed)


def year_of_the_tier(view: View) -> str:
    """What became of a tier's customers of a year ago, in a sentence; nothing where their grades did not rest on a whole year."""
    grade = next((one.grade for one in view.material.review.policy.grades if one.tier == view.tier), None)
    whole = view.company("retention_rate").value is not None and not view.material.segment
    moved = _since_a_year(view) if grade is not None and whole else None
    if grade is None or moved is None:
        return ""
    on = year_on(moved, grade, view.material.review.policy)
    if not on.then:
        return ""
    said = {name: view.formats.count(number) for name, number in on._asdict().items()}
    share = view.formats.share((on.stayed + on.rose) / on.then)
    text = view._(
        "Of the {then} customers in this tier a year ago {stayed} still are and {rose} rose ({share}); {fell} fell and {lost} are lost.",
        share=share,
        **said,
    )
    return view.words.join([text, view._("{other} have no grade now.", **said) if on.other else ""])


def _since_a_year(view: View) -> pd.DataFrame | None:
    year_ago = view.material.year_ago
    if "grade" not in year_ago or not len(year_ago):
        return None
    return year_transitions(view.material.review.customers, year_ago, view.month, view.material.review.policy)


def over_a_year(view: View) -> Table | None:
    """The whole company's matrix from twelve months ago; None without that month's review."""
    moved = None if view.tier is not None else _since_a_year(view)
    if moved is None:
        return None
    counts = {
        (str(before), str(after)): int(count)
        for before, after, count in zip(moved["grade_before"], moved["grade_after"], moved["customers"], strict=True)
    }
    order = [*(grade.grade for grade in view.material.review.policy.grades), UNRATED, UNKNOWN, NEW, LOST]
    before = [name for name in order if any(key[0] == name for key in counts)]
    after = [name for name in order if any(key[1] == name for key in counts)]
    heads = (Column(view._("from ↓  to →"), width="24"), *(Column(view.grade_name(name), numeric=True) for name in after))
    rows = [(Cell(view.grade_name(old)), *(_count(view, counts.get((old, new), 0), muted=old == new) for new in after)) for old in before]
    note = view._("Counts of customers; the row of a grade adds up to those who had it then.")
    return Table(view._("From the grade of twelve months ago"), heads, tuple(rows), note=note, compact=True)


def _count(view: View, count: int, muted: bool) -> Cell:
    return Cell(view.formats.count(count), muted=muted) if count else Cell("·", muted=True)
