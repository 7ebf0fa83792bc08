"""What a backfill would change: month by month, as data and as a page, beside what is published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from flows.warehouse.reading import KeptMonth
from reports.evidence import csv_bytes
from transforms.indicators.all import CATALOGUE
from transforms.indicators.restatement import Restatement, compare_reviews
from transforms.money import amount
from transforms.month import Month

TOTALS = (
    *("orders", "gross_revenue", "refunds", "net_revenue", "customers_base"),
    *("satisfaction_index", "loyalty_index", "nps", "complaint_rate"),
)
"""The company's figures that the page shows; the data has every figure that differs."""

SHOWN = 10
COLUMNS = ("month", "what", "scope", "name", "before", "after")

Row = tuple[str, str, str, str, str, str]
"""One difference, by `COLUMNS`."""
TableChange = tuple[str, int | None, int, int | None, int | None]


@dataclass(frozen=True)
class MonthComparison:
    """One month as it would be against what readers know, in the words and rows in which it is told.

    `known` is what readers know: `never`, `replayed` or a revision; `changed` says whether they would see anything new.
    """

    month: Month
    known: str
    changed: bool
    figures: int
    grades: int
    customers: int
    told: str
    rows: tuple[Row, ...]
    """All differences, see `comparison_csv`."""
    lines: tuple[str, ...]
    """Its part of the page."""

    def to_json(self) -> bytes:
        """The comparison as it is kept beside the staged month."""
        return json.dumps({**asdict(self), "month": str(self.month)}, sort_keys=True).encode()

    @classmethod
    def from_json(cls, data: bytes) -> MonthComparison:
        raw = json.loads(data)
        rows = tuple((str(a), str(b), str(c), str(d), str(e), str(f)) for a, b, c, d, e, f in raw["rows"])
        return cls(**{**raw, "month": Month.parse(raw["month"]), "rows": rows, "lines": tuple(raw["lines"])})


def compare_months(before: KeptMonth | None, after: KeptMonth) -> MonthComparison:
    """Hold a staged month against the one that readers know."""
    old = after if before is None else before
    if before is None:
        difference = compare_reviews(after.customers.head(0), after.figures.head(0), after.customers, after.figures)
    else:
        difference = compare_reviews(before.customers, before.figures, after.customers, after.figures)
    changed = before is None or difference.changed or not before.transitions.equals(after.transitions)
    revision = old.review.revision
    tables = _tables(old, after)
    return MonthComparison(
        month=after.review.month,
        known="never" if before is None else "replayed" if revision is None else f"r{revision}",
        changed=changed,
        figures=len(difference.figures),
        grades=len(difference.grades),
        customers=len(difference.moves),
        told=_month_line(before, after, difference, changed),
        rows=() if before is None else tuple(_rows(before, after, difference, tables)),
        lines=tuple(_month_lines(before, after, difference, tables)) if before is not None and changed else (),
    )


def _tables(before: KeptMonth, after: KeptMonth) -> list[TableChange]:
    """Per table of the month that differs: name, rows before and after, money before and after (ten-thousandths)."""
    old, new = before.own(), after.own()
    found: list[TableChange] = []
    for table in sorted({*old, *new}):
        was, now = old.get(table), new.get(table)
        if was is None or now is None or was["digest"] != now["digest"]:
            rows = (None if was is None else int(was["rows"]), 0 if now is None else int(now["rows"]))
            found.append((table, *rows, None if was is None else was["money"], None if now is None else now["money"]))
    return found


def _month_line(before: KeptMonth | None, after: KeptMonth, difference: Restatement, changed: bool) -> str:
    """The month in one line."""
    month = after.review.month
    if before is None:
        return f"{month}: never reviewed before; {len(after.customers):,} customers"
    if not changed:
        return f"{month}: no change"
    net = difference.of("net_revenue")
    parts = [] if net is None else [f"net revenue {_number(net[0])} -> {_number(net[1])}"]
    figures, grades, moves = (len(frame) for frame in (difference.figures, difference.grades, difference.moves))
    parts.append(f"{figures} figures, {grades} grades, {moves} customers differ")
    return f"{month}: " + "; ".join(parts)


def comparison_csv(months: Sequence[MonthComparison]) -> bytes:
    """All differences, one row each: month, what, scope, name, before, after.

    `what` is rows, money, figure, grade, customer_net, customer_score or policy.
    """
    rows = [row for month in months for row in month.rows]
    frame = pd.DataFrame({name: pd.Series([row[place] for row in rows], dtype="str") for place, name in enumerate(COLUMNS)})
    return csv_bytes(frame, money_columns=())


def _rows(before: KeptMonth, after: KeptMonth, difference: Restatement, tables: Sequence[TableChange]) -> Iterator[Row]:
    name = str(after.review.month)
    policies = before.review.policy_version, after.review.policy_version
    if policies[0] != policies[1]:
        yield (name, "policy", "", "", *policies)
    for table, rows_before, rows_after, money_before, money_after in tables:
        yield (name, "rows", "table", table, _cell(rows_before), _cell(rows_after))
        if money_before is not None or money_after is not None:
            yield (name, "money", "table", table, _money(money_before), _money(money_after))
    for row in difference.figures.itertuples():
        yield (name, "figure", f"{row.scope} {row.scope_value}".strip(), str(row.indicator), _cell(row.before), _cell(row.after))
    for row in difference.grades.itertuples():
        yield (name, "grade", "customer", str(row.customer_id), _cell(row.before), _cell(row.after))
    for row in difference.moves.itertuples():
        yield (name, "customer_net", "customer", str(row.customer_id), _money(row.net_before), _money(row.net_after))
        yield (name, "customer_score", "customer", str(row.customer_id), _cell(row.score_before), _cell(row.score_after))


def comparison_page(months: Sequence[MonthComparison], *, company: str, reason: str) -> str:
    """The comparison as a Markdown page: an overview, then each month that differs."""
    changed = [month for month in months if month.changed]
    lines = [f"# {company}: backfill {months[0].month} to {months[-1].month}", "", f"Reason: {_flat(reason)}", ""]
    lines += [f"{len(changed)} of {len(months)} months differ from what is published.", ""]
    lines += ["| month | published | figures | grades | customers |", "|---|---|---:|---:|---:|"]
    for month in months:
        counts = " | ".join(f"{count:,}" for count in (month.figures, month.grades, month.customers))
        lines.append(f"| {month.month} | {month.known} | {counts} |")
    for month in changed:
        if month.lines:
            lines += ["", f"## {month.month}", "", *month.lines]
    return "\n".join(lines) + "\n"


def _month_lines(before: KeptMonth, after: KeptMonth, difference: Restatement, tables: Sequence[TableChange]) -> Iterator[str]:
    yield f"Policy: {before.review.policy_version} before, {after.review.policy_version} now."
    if tables:
        yield from ("", "| table | rows before | rows now | money before | money now |", "|---|---:|---:|---:|---:|")
        for table, rows_before, rows_after, money_before, money_after in tables:
            yield f"| {table} | {_cell(rows_before)} | {rows_after} | {_money(money_before)} | {_money(money_after)} |"
    totals = [(name, difference.of(name)) for name in TOTALS]
    if any(values for _, values in totals):
        yield from ("", "| company figure | before | now |", "|---|---:|---:|")
        yield from (f"| {CATALOGUE[name].title} | {_number(values[0])} | {_number(values[1])} |" for name, values in totals if values)
    if len(difference.grades):
        yield from ("", "| customer | grade before | grade now |", "|---|---|---|")
        for row in difference.grades.head(SHOWN).itertuples():
            yield f"| {_flat(str(row.customer_id))} | {_cell(row.before)} | {_cell(row.after)} |"
        yield from _more(len(difference.grades))
    if len(difference.moves):
        yield from ("", "| largest moves | twelve-month net before | now |", "|---|---:|---:|")
        for row in difference.moves.head(SHOWN).itertuples():
            yield f"| {_flat(str(row.customer_id))} | {_money(row.net_before)} | {_money(row.net_after)} |"
        yield from _more(len(difference.moves))


def _more(count: int) -> Iterator[str]:
    if count > SHOWN:
        yield from ("", f"Showing {SHOWN} of {count:,}; all are in comparison.csv.")


def _cell(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value)


def _money(value: object) -> str:
    return "" if _cell(value) == "" else f"{amount(int(str(value))):.2f}"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:,.2f}"


def _flat(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
