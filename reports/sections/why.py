"""Why this grade: one line per customer with inputs, points, score, cut, and grade before and after."""

from __future__ import annotations

from collections.abc import Mapping

from reports.blocks import Cell, Column, Paragraph, Section, Table
from reports.formats import finite
from reports.glyphs import clean
from reports.view import View
from reports.why import is_set_by_hand

ROWS = 10


def why(view: View) -> Section | None:
    """The first lines of the evidence, most money first; all of them travel in explanations.csv. None where nobody has a score."""
    told = view.explanations
    scored = told[told["score"].notna()]
    if scored.empty:
        return None
    net = view.customers.set_index("customer_id")["net_12m"] if "net_12m" in view.customers else None
    if net is not None:
        scored = scored.assign(_net=scored["customer_id"].map(net).astype("Float64").astype("float64").fillna(0.0))
        scored = scored.sort_values(["_net", "customer_id"], ascending=[False, True], kind="stable")
    heads = (
        Column(view._("Customer"), width="26"),
        Column(view._("Months"), numeric=True),
        Column(view._("Silent days"), numeric=True),
        Column(view._("Orders per month"), numeric=True),
        Column(view._("Yearly net"), numeric=True),
        Column(view._("Score"), numeric=True),
        Column(view._("Pass mark"), numeric=True),
        Column(view._("Grade"), width="13"),
    )
    rows = [_line(view, {str(key): value for key, value in row.items()}) for row in scored.head(ROWS).to_dict("records")]
    note = (
        view._(
            "Showing {shown} of {total}; all are in the attached file explanations.csv.",
            shown=view.formats.count(len(rows)),
            total=view.formats.count(len(scored)),
        )
        if len(rows) < len(scored)
        else ""
    )
    lead = view._(
        "Each input with the points that it gives, beneath it; the points add up to the score. The pass mark is that of the grade which "
        "the score alone would give; beneath the score stands its change. Standard: {policy}.",
        policy=clean(view.material.review.policy.version, 40),
    )
    table = Table(view._("From inputs to grade, most net revenue first"), heads, tuple(rows), note=note, compact=True)
    return Section("why", view._("Why this grade"), (Paragraph(lead), table))


def _line(view: View, row: Mapping[str, object]) -> tuple[Cell, ...]:
    def points(name: str) -> str:
        return view.formats.difference(finite(row[f"points_{name}"]), 1)

    number = view.formats.number
    before, after = row["previous_grade"], row["grade"]
    grade = view.grade_name(after)
    moved = grade if before == after else view._("{before} → {after}", before=view.grade_name(before), after=grade)
    told = view._("by score {grade}", grade=view.grade_name(row["would_be"])) if row["would_be"] != after else ""
    if is_set_by_hand(row):
        author, reason = (clean(row[name], 60) if isinstance(row[name], str) else "" for name in ("override_author", "override_reason"))
        told = view.words.apart(part for part in (view._("set by hand"), author, reason) if part)
    return (
        view.customer_cell(row),
        Cell(number(finite(row["tenure_months"]), 0), points("tenure")),
        Cell(number(finite(row["recency_days"]), 0), points("recency")),
        Cell(number(finite(row["orders_per_month"]), 2), points("orders")),
        Cell(view.formats.money(finite(row["annual_net"]), 0), points("net")),
        Cell(
            number(finite(row["score"]), 1), view.formats.difference(finite(row["change_score"]), 1) if finite(row["change_score"]) else ""
        ),
        Cell(number(finite(row["cut"]), 0)),
        Cell(moved, told),
    )
