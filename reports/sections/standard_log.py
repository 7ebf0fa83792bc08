"""When the standard changed and why, and when it is to be looked at again."""

from __future__ import annotations

from datetime import date

import pandas as pd

from reports.blocks import Cell, Column, Table, Tone
from reports.glyphs import clean
from reports.view import View
from transforms.inputs import Standard

ROWS = 5


def change_log(view: View) -> Table:
    """Every standard of the months known, newest first: from which month on it counted, its author and reason."""
    heads = (Column(view._("Standard"), width="32"), Column(view._("Since"), width="16"), Column(view._("Author and reason")))
    rows = [
        (
            Cell(clean(one.version, 60)),
            Cell(str(one.since)),
            Cell(view._("{author}: {reason}", author=clean(one.author, 40), reason=clean(one.reason, 120))),
        )
        for one in _standards(view)[:ROWS]
    ]
    return Table(view._("Changes of the standard"), heads, tuple(rows), compact=True)


def _standards(view: View) -> list[Standard]:
    """First month known, version, author and reason of each standard, the newest first."""
    policy = view.material.review.policy
    found = {one.version: one for one in view.material.standards}
    found.setdefault(policy.version, Standard(view.month, policy.version, policy.author, policy.reason))
    return sorted(found.values(), key=lambda one: (one.since, one.version), reverse=True)


def reviews(view: View) -> Table:
    """The review calendar: owner, due day (red once it has passed), and what the last looks at the standard decided."""
    policy = view.material.review.policy
    due = Cell(view._("not set"), muted=True)
    if policy.review_due:
        late = date.fromisoformat(policy.review_due) <= view.month.last_day
        due = Cell(view._("{day}: overdue", day=policy.review_due), tone=Tone.BAD) if late else Cell(policy.review_due)
    decisions = {"keep": view._("keep"), "change": view._("change"), "retire": view._("retire")}
    unknown = view._("not told; how long each run took is in the list of runs")
    rows = [
        (Cell(view._("Owner of the standard")), Cell(clean(policy.owner, 60) if policy.owner else view._("not named"))),
        (Cell(view._("To be reviewed by")), due),
        (Cell(view._("Effort (entered by hand)")), Cell(clean(policy.effort, 200) if policy.effort else unknown, muted=not policy.effort)),
    ]
    for row in view.material.review.records.head(3).to_dict("records"):
        day = "" if pd.isna(row["opened_on"]) else str(row["opened_on"])[:10]
        decided, evidence, author = (clean(row[name], 160) if isinstance(row[name], str) else "" for name in ("outcome", "body", "author"))
        said = view._("{decision}: {evidence} ({author})", decision=decisions.get(decided, decided), evidence=evidence, author=author)
        rows.append((Cell(view._("Reviewed on {day}", day=day)), Cell(said)))
    heads = (Column(view._("Review"), width="45"), Column(view._("State")))
    return Table(view._("Review of the standard"), heads, tuple(rows), compact=True)
