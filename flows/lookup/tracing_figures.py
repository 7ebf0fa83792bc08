"""One figure of figures.csv counted again: by its formula over the kept rows, and where it has one by a plain query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from flows.lookup.plain import PlainRows
from flows.review.printing import PrintJob
from flows.review.scoring import Scorer
from reports.formats import finite
from transforms.figures import Indicator, Scope
from transforms.indicators.all import CATALOGUE, MEASURES
from transforms.indicators.declare import Measure, Part
from transforms.indicators.summary import estimate, scopes
from transforms.money import amount

TOLERANCE = 1e-9
"""How far two numbers may lie apart, as a share of the larger: sums in another order."""

_SHOWN = {
    "orders": ("order_id", "customer_id", "ordered_at", "amount", "status"),
    "refunds": ("refund_id", "customer_id", "refunded_at", "amount", "order_id"),
    "tickets": ("ticket_id", "customer_id", "opened_at", "type", "cause", "first_response_at", "resolved_at"),
    "surveys": ("response_id", "customer_id", "answered_at", "instrument", "item", "score", "scale_min", "scale_max"),
}
"""What of a row is shown: what its figures read, and by what it is found at the source; no comment."""


@dataclass(frozen=True)
class Recount:
    """A month computed anew from its snapshots: the review, and what its figures are computed from."""

    job: PrintJob
    scorer: Scorer

    @cached_property
    def plain(self) -> PlainRows:
        return PlainRows(self.scorer.chain, self.job.review.month, self.job.settings.company.timezone, self.job.merged)

    @cached_property
    def anew(self) -> Mapping[str, Mapping[str, Any]]:
        """The figures of the review that was computed anew, by id."""
        return {
            str(row["figure_id"]): {str(name): cell for name, cell in row.items()} for row in self.job.review.figures.to_dict("records")
        }

    def part(self, scope: Scope, value: str) -> Part | None:
        """What the figures of one scope are computed from; nothing of it was read yet."""
        review = self.job.review
        inputs = self.scorer.inputs_of(review.month, self.job.history)
        made = scopes(inputs, review.customers, review.policy, self.job.segments, review.outlook, self.job.history)
        return next((part for part in made if (part.scope, part.scope_value) == (scope, value)), None)


@dataclass(frozen=True)
class FigureTrace:
    """A figure as it was published, and as it was counted again."""

    id: str
    indicator: Indicator | None
    row: Mapping[str, Any]
    """Its line of figures.csv."""
    again: float | None
    """By its formula, from the kept rows."""
    query: str
    """The plain query, where it has one."""
    counted: float | None
    """What that gives."""
    rows: Mapping[str, pd.DataFrame]

    @property
    def value(self) -> float | None:
        return finite(self.row["value"])

    @property
    def agrees(self) -> bool:
        """Whether all ways of counting give the published value; a value that is withheld is held against the formula alone."""
        by_query = not self.query or self.value is None or _same(self.value, self.counted)
        return _same(self.value, self.again) and by_query

    def as_dict(self) -> dict[str, Any]:
        """Plain values for programs."""
        told = {name: None if cell != cell else cell for name, cell in self.row.items()}
        words = self.indicator
        return {
            **told,
            "title": None if words is None else words.title,
            "formula": None if words is None else words.formula,
            "window": None if words is None else words.window,
            "recomputed": self.again,
            "query": self.query or None,
            "counted_by_query": self.counted,
            "agrees": self.agrees,
        }

    def lines(self) -> list[str]:
        """The same for people."""
        row, words = self.row, self.indicator
        scope = " ".join(str(cell) for cell in (row["scope"], row["scope_value"]) if cell == cell and cell)
        lines = [f"  figure      {self.id} {row['indicator']} of {scope}, {row['month']}: {words.title if words else ''}"]
        if words:
            lines.append(f"  formula     {words.formula} ({words.window})")
        if row["method"] == row["method"]:
            lines.append(f"  method      {row['method']}")
        lines.append(f"  published   {_told(self.value)}" + (f" ({row['reason']})" if row["reason"] == row["reason"] else ""))
        lines.append(f"  by formula  {_told(self.again)}   from the kept rows: {'agrees' if _same(self.value, self.again) else 'DIFFERS'}")
        if self.query and self.value is not None:
            lines.append(f"  by query    {_told(self.counted)}   {'agrees' if _same(self.value, self.counted) else 'DIFFERS'}")
            lines.append(f"              {self.query}")
        beside = [
            f"{name} {_told(finite(row[name]))}" for name in ("n", "lower", "upper", "previous", "change") if finite(row[name]) is not None
        ]
        return [*lines, f"  with        {', '.join(beside)}"] if beside else lines


def trace_figure(recount: Recount, published: pd.DataFrame, name: str) -> FigureTrace | None:
    """The figure of an id, counted again; None where figures.csv has no such id."""
    found = published[published["figure_id"] == name]
    if found.empty:
        return None
    row = {str(key): cell for key, cell in found.iloc[0].to_dict().items()}
    indicator, value = str(row["indicator"]), str(row["scope_value"]) if isinstance(row["scope_value"], str) else ""
    scope, measure = Scope(row["scope"]), MEASURES.get(indicator)
    part = recount.part(scope, value) if measure is not None else None
    again = finite(recount.anew.get(name, {}).get("value"))
    if part is not None and measure is not None:
        again = estimate(measure, part, part.inputs.rules).value
    mine = _members(part) if part is not None and scope not in (Scope.COMPANY, Scope.UNATTRIBUTED) else None
    query = recount.plain.query(indicator, scope) if part is not None else ""
    counted = recount.plain.value(query, mine or ()) if query else None
    rows = _rows(recount, indicator, part, measure, mine) if part is not None and measure is not None else {}
    return FigureTrace(name, CATALOGUE.get(indicator), row, again, query, counted, rows)


def _members(part: Part) -> list[str]:
    return part["customer_id"].astype("str").tolist()


def _rows(recount: Recount, indicator: str, part: Part, measure: Measure, mine: list[str] | None) -> dict[str, pd.DataFrame]:
    """The rows behind a figure: those that its query reads; else the customers with the columns that its formula read,
    and the tickets and answers that it looked at."""
    plain = recount.plain
    if plain.query(indicator, part.scope):
        found = plain.rows_behind(indicator, mine)
        if part.scope is Scope.UNATTRIBUTED:
            found = {table: rows[rows["customer_id"].isna()] for table, rows in found.items()}
        return {table: _shown(table, rows) for table, rows in found.items()}
    rows = {"customers": _read_columns(part)} if part.everybody.columns_read and len(part) else {}
    for table, held, known in (("tickets", part.tickets, part.inputs.tickets), ("surveys", part.answers, part.inputs.surveys)):
        if table in measure.indicator.needs and not held.empty:
            rows[table] = _shown(table, known.loc[held.index])
    return rows


def _read_columns(part: Part) -> pd.DataFrame:
    """The scope's customers with what the formula read of them, money in currency units; without those of whom all is nought."""
    names = [name for name in dict.fromkeys(("customer_id", *part.everybody.columns_read)) if name != "customer_id"]
    read = pd.DataFrame({name: part[name] for name in names})
    for name in names:
        if any(word in name for word in ("net", "gross", "refunds", "value_", "_value", "margin", "cost")) and read[name].dtype == "int64":
            read[name] = [amount(int(units)) for units in read[name]]
    said = read.notna().any(axis=1) & ~(read.isin([0, False]) | read.isna()).all(axis=1)
    return pd.DataFrame({"customer_id": part["customer_id"], **{name: read[name] for name in names}})[said].reset_index(drop=True)


def _shown(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[[name for name in _SHOWN[table] if name in rows]].reset_index(drop=True)


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= TOLERANCE * max(1.0, abs(one), abs(other))


def _told(value: float | None) -> str:
    return "no value" if value is None else f"{value:,.6f}".rstrip("0").rstrip(".")
