"""Gather: every configured table, read once, typed, judged, booked, and laid down as monthly snapshots."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from expectations.engine import apply_severities, merge_findings
from expectations.findings import Finding, Severity
from expectations.identities import check_ambiguous
from expectations.volume import (
    Booked,
    Broken,
    check_empty,
    check_empty_columns,
    check_fresh,
    check_lost_values,
    check_months,
    check_orders_without_customer,
    check_quarantine,
    check_refused_money,
)
from flows.intake import control
from flows.intake.books import Books
from flows.intake.calendar import UNDATED_TABLES, UNKNOWN, Calendar, name_of
from flows.intake.opening import blocks, open_sources
from flows.intake.quarantine import QUARANTINE_COLUMNS
from flows.intake.refusals import Refusals
from flows.intake.tables import AHEAD, Intake, Tally
from flows.settings import Settings
from flows.snapshots.store import UNDATED, Pulled, Snapshot, write_snapshot
from flows.snapshots.tombstones import Erasures
from flows.sources.chunks import Block, Source, Span, Totals
from flows.sources.mapping import table_mappings
from transforms.month import Month
from transforms.tables.asof import mask_later
from transforms.tables.contract import NOT_COUNTED, TABLES
from transforms.tables.fx import MAX_AGE_DAYS
from transforms.tables.identities import Identities
from transforms.tables.orders_from_lines import orders_from_lines
from transforms.tables.refunds import refunds_of

OLDEST = Month(1980, 1)
"""Nothing older is asked for."""

REVENUE = ("orders", "order_lines", "refunds")
"""Tables of whose money only a small share may be refused."""

MARK_ROWS = 250_000
"""Rows between two lines of progress."""


def pull(
    settings: Settings,
    first: Month | None,
    last: Month,
    *,
    now: datetime,
    progress: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Pulled:
    """Read every table block once for the months `first` (None: the oldest row) to `last`, and keep what is sound.

    Rows stream in pieces; the good ones become `<archive>/snapshots/<table>/<month>/<digest>.parquet`, masked
    as of each month's end, the others go to quarantine with their reason, and the books must balance. `now`
    is the moment of the run (`known_at`). A source that cannot be reached, a file that cannot be read and a
    missing column are errors; everything else that is wrong is a finding, and the caller decides on the month.
    """
    with ExitStack() as stack:
        sources = stack.enter_context(open_sources(settings, sleep=sleep))
        work = _Work(settings, first, last, now, progress, sources)
        stack.callback(work.close)
        for table in dict.fromkeys(block.table for block in blocks(settings)):
            work.read(table)
        return work.result()


@dataclass
class _Work:
    """A pull under way: what has been read, booked and written so far."""

    settings: Settings
    asked_first: Month | None
    last: Month
    now: datetime
    progress: Callable[[str], None]
    sources: dict[str, Source]
    books: Books = field(default_factory=Books)
    snapshots: dict[str, dict[str, Snapshot]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    quarantine: list[pd.DataFrame] = field(default_factory=list)
    intakes: dict[str, Intake] = field(default_factory=dict)
    rates: pd.DataFrame | None = None
    identities: Identities = field(default_factory=lambda: Identities({}))
    rows_read: int = 0

    def __post_init__(self) -> None:
        company = self.settings.company
        self.calendar = Calendar(self.asked_first or OLDEST, self.last, company.timezone)
        self.folder: Path = self.settings.archive_path / "snapshots"
        self.mappings = table_mappings(self.settings)
        self.erasures = Erasures.of(self.settings.archive_path)
        self.erasures.refuse_while_under_way()
        self.orders: pd.DataFrame | None = None
        self.carried: set[str] = set()
        self.refund_orders: set[str] = set()

    def close(self) -> None:
        for intake in self.intakes.values():
            intake.close()

    def intake(self, table: str) -> Intake:
        if table not in self.intakes:
            intake = Intake(table, self.calendar, self.books, self.now, self.settings.company.currency, self.folder, self.rates)
            intake.identities = self.identities
            intake.opens_history = self.asked_first is None
            self.intakes[table] = intake
        return self.intakes[table]

    # -- reading ----------------------------------------------------------------------------------

    def read(self, table: str) -> None:
        """All blocks of a table: streamed in, counted against the source, settled, written."""
        intake = self.intake(table)
        intake.orders = self.orders if table == "order_lines" else None
        told: list[tuple[Block, Totals, Tally]] = []
        uncounted = False
        for block in (block for block in blocks(self.settings) if block.table == table):
            self._stream(block, intake)
            totals = self._totals(block, intake)
            tally = intake.tallies.get(block.number, Tally())
            if totals is None:
                uncounted = True
            else:
                self.findings += control.compare(block, totals, tally)
                told.append((block, totals, tally))
        if told and not uncounted:
            control.book(self.books, told, table, self.calendar)
        intake.settle()
        if table == "fx_rates":
            self._keep_rates(intake)
        elif table == "identities":
            self._keep_identities(intake)
        elif table != "refunds":  # refunds wait for those that orders carry
            self._write(intake)

    def _stream(self, block: Block, intake: Intake) -> None:
        before, marked = self.rows_read, self.rows_read
        for chunk in self.sources[block.settings.source].read(block, self._span(block.table)):
            intake.take(block, chunk)
            self.rows_read += len(chunk.frame) + len(chunk.refused)
            if self.rows_read - marked >= MARK_ROWS:
                marked = self.rows_read
                self.progress(f"{block.name}: {self.rows_read - before:,} rows so far")
        self.progress(f"{block.name}: {self.rows_read - before:,} rows")

    def _span(self, table: str) -> Span:
        start, end = self.calendar.bounds[0], self.calendar.bounds[-1]
        ages = [block.max_age_days or 0 for block in self.settings.tables.get("fx_rates", ())]
        early = timedelta(days=max([MAX_AGE_DAYS, *ages]) + 1) if table == "fx_rates" else timedelta(0)
        return Span(start - early, end)

    def _totals(self, block: Block, intake: Intake) -> Totals | None:
        """The source's own count, by month from the oldest month that was seen."""
        seen = [code for code in self.books.months(block.table) if code >= 0]
        begin = Month.from_index(min(seen)) if seen else self.last
        bounds = Calendar(begin, self.last, self.calendar.timezone).bounds
        return self.sources[block.settings.source].totals(block, self._span(block.table), bounds, begin.index)

    # -- writing ----------------------------------------------------------------------------------

    def _keep_rates(self, intake: Intake) -> None:
        parts = [rows for _, rows in intake.months()]
        self.rates = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"date": [], "currency": [], "rate": []})
        self._snapshot("fx_rates", UNKNOWN, self.rates)

    def _keep_identities(self, intake: Intake) -> None:
        """Who is known by which key, for the tables that are read next; kept in memory alone."""
        parts = [rows for _, rows in intake.months()]
        if parts:
            self.identities = Identities.of(pd.concat(parts, ignore_index=True), self.settings.company.calling_code)
        self.findings += check_ambiguous(self.identities.ambiguous)

    def _write(self, intake: Intake) -> None:
        table = intake.table
        known: list[pd.DataFrame] = []
        earlier: set[int] = set()
        wants_orders = table == "orders" and "order_lines" in self.settings.tables
        for code, rows in intake.months():
            if table == "orders":
                self._refunds(rows)
                if wants_orders and code != AHEAD:
                    known.append(rows[["order_id", "ordered_at", "customer_id", "currency"]])
            if table == "order_lines" and "orders" not in self.settings.tables:
                self._derive(rows, code, earlier)
            if table == "order_lines":
                self._identical(rows, code)
            if code != AHEAD:
                self._snapshot(table, code, rows)
        if wants_orders:
            none = pd.DataFrame({"order_id": [], "ordered_at": [], "customer_id": [], "currency": []})
            self.orders = pd.concat(known, ignore_index=True) if known else none

    def _snapshot(self, table: str, code: int, rows: pd.DataFrame) -> None:
        """Write one month of a table as of that month's end."""
        spec = TABLES[table]
        month = UNDATED if table in UNDATED_TABLES else name_of(code)
        if month:
            rows = mask_later(rows, spec, Month.from_index(code).end(self.calendar.timezone))
        snapshot = self._keep(self.erasures.apply(rows, table), table, month)
        self.snapshots.setdefault(table, {})[month] = snapshot
        page = self.books.page(table, code)
        page.freshest = None if snapshot.newest is None else pd.Timestamp(snapshot.newest)
        if table == "orders":
            without = int(rows["customer_id"].isna().sum()) if "customer_id" in rows else 0
            self.findings += check_orders_without_customer(month, without, len(rows))

    def _keep(self, rows: pd.DataFrame, table: str, month: str) -> Snapshot:
        """Rows as a snapshot that says by which mapping they were read."""
        return replace(write_snapshot(rows, table, month, self.folder), mapping=self.mappings[table].digest)

    def _refunds(self, orders: pd.DataFrame, part: str = "") -> None:
        """Refunds that these orders carry, to the refunds' own months."""
        found = refunds_of(orders, part)
        cancelled = orders[orders["status"].isin(NOT_COUNTED).to_numpy(dtype=bool)]
        lost = int((cancelled["refund_amount"] > 0).sum()) if "refund_amount" in cancelled else 0
        if lost:
            message = "cancelled or pending orders carry a refund; they are no revenue, so their refund is not counted."
            self.findings.append(Finding("orders", "orders.refund_amount.cancelled", Severity.INFO, message, "", lost, len(orders)))
        if len(found):
            self.carried |= set(found["refund_id"])
            self.refund_orders |= set(found["order_id"])
            self.intake("refunds").take_typed(found, "orders")

    def _derive(self, lines: pd.DataFrame, code: int, earlier: set[int]) -> None:
        """Orders from the lines of one month; lines of an order that began in an earlier month are a part of their own."""
        orders, torn = orders_from_lines(lines)
        month = name_of(code)
        if len(torn):
            message = f"orders {month}: the lines of {len(torn):,} orders name different customers; the earliest line's counts."
            self.findings.append(
                Finding("orders", "orders.customer_id.torn", Severity.WARNING, message, month, len(torn), len(orders), tuple(torn[:3]))
            )
        marks = pd.util.hash_pandas_object(orders["order_id"], index=False).tolist()
        again = pd.Series([mark in earlier for mark in marks], index=orders.index, dtype=bool)
        if again.any():
            message = f"orders {month}: {int(again.sum()):,} orders have lines in an earlier month too; each month counts its own part."
            names = tuple(orders.loc[again, "order_id"].head(3))
            self.findings.append(
                Finding("orders", "orders.order_id.spread", Severity.WARNING, message, month, int(again.sum()), len(orders), names)
            )
        earlier.update(marks)
        orders = orders.assign(currency=self.settings.company.currency, original_amount=orders["amount"])
        self.intake("orders").take_typed(orders.astype({"currency": "str"}), "order_lines", keyed=False)
        self._refunds(orders, f"#{month}")
        self._snapshot("orders", code, orders)
        self.books.page("orders", code).derived_from = "order_lines"

    def _identical(self, lines: pd.DataFrame, code: int) -> None:
        """Count identical lines without a key; they are kept."""
        keyless = lines[lines["line_id"].isna()] if "line_id" in lines else lines
        again = int(keyless.duplicated().sum())
        if again:
            month = name_of(code)
            message = (
                f'order_lines {month}: {again:,} lines without a line_id repeat another one and are kept (duplicates = "drop" drops them).'
            )
            self.findings.append(Finding("order_lines", "order_lines.rows.identical", Severity.INFO, message, month, again, len(lines)))

    # -- closing the books ------------------------------------------------------------------------

    def result(self) -> Pulled:
        """The books closed, all findings made, empty months filled in."""
        if "refunds" in self.intakes:
            self._finish_refunds()
        first = self._first()
        supplied = set(self.settings.tables) - {"identities"}
        derived = "order_lines" in supplied and "orders" not in supplied
        if derived:
            supplied.add("orders")
        if "refunds" in self.snapshots or ("orders" in supplied and "refund_amount" in self.intake("orders").supplied):
            supplied.add("refunds")
        tables = sorted(supplied)
        for table in tables:
            self._fill(table, first)
        for table, intake in sorted(self.intakes.items()):
            if derived and table == "orders":
                intake.settle()
            self.findings += self._findings(intake, first)
            self.quarantine += intake.quarantine.rows
        quality = self.books.frame([*tables, *({"identities"} & set(self.settings.tables))])
        severities = self.settings.quality.severities
        findings = sorted(apply_severities(merge_findings(self.findings), severities), key=lambda f: (f.table, f.rule, f.month))
        return Pulled(
            known_at=self.now.astimezone(UTC),
            first=first,
            last=self.last,
            snapshots={table: dict(sorted(months.items())) for table, months in sorted(self.snapshots.items())},
            quality=quality,
            quarantine=self.erasures.scrub(_in_order(self.quarantine)),
            findings=tuple(findings),
            supplied=frozenset(supplied),
            rows_read=self.rows_read,
        )

    def _finish_refunds(self) -> None:
        intake = self.intakes["refunds"]
        intake.settle()
        for code, rows in intake.months():
            own = rows[~rows["refund_id"].isin(self.carried)] if "order_id" in rows else rows.head(0)
            twice = int(own["order_id"].isin(self.refund_orders).sum()) if len(own) else 0
            if twice:
                month = name_of(code)
                message = (
                    f"refunds {month}: {twice:,} refunds name an order that carries a refund_amount itself; both are counted. "
                    "Give refunds in one place: leave refund_amount out of orders, or leave the refunds table out."
                )
                self.findings.append(Finding("refunds", "refunds.order_id.twice", Severity.WARNING, message, month, twice, len(rows)))
            self._snapshot("refunds", code, rows)
            self.books.page("refunds", code).carried = int(rows["refund_id"].isin(self.carried).sum())

    def _first(self) -> Month:
        if self.asked_first is not None:
            return self.asked_first
        for table in ("orders", "tickets", "surveys"):
            found = [Month.parse(month) for month in self.snapshots.get(table, {}) if month]
            if found:
                return min(found)
        return self.last

    def _fill(self, table: str, first: Month) -> None:
        """An empty snapshot and page for every month that brought nothing."""
        have = self.snapshots.setdefault(table, {})
        empty = pd.DataFrame()
        if table in UNDATED_TABLES:
            if UNDATED not in have:
                self._snapshot(table, UNKNOWN, empty)
            return
        for index in range(first.index, self.last.index + 1):
            self.books.page(table, index)
            if name_of(index) not in have:
                have[name_of(index)] = self._keep(empty, table, name_of(index))

    def _findings(self, intake: Intake, first: Month) -> Iterator[Finding]:
        """All findings on one table."""
        table, spec = intake.table, intake.spec
        read = self.books.total(table, "read")
        for finding in merge_findings(intake.findings):
            accepted_rows = self.books.total(table, "accepted")
            words = f"{table}: {finding.rows:,} of {accepted_rows:,} rows: {finding.message}." if finding.rows else finding.message
            yield replace(finding, message=words, of_rows=accepted_rows if finding.rows else 0)
        if not (table == "refunds" and "refunds" not in self.settings.tables):
            yield from check_empty(table, read)
        yield from intake.match_findings()
        yield from check_empty_columns(table, intake.supplied, intake.filled, spec.required_columns, read)
        refusals = check_quarantine(self._broken(intake, intake.quarantine.refused))
        yield from refusals
        yield from check_lost_values(self._broken(intake, intake.quarantine.lost))
        if table in REVENUE:
            told = {finding.month for finding in refusals if finding.severity is Severity.CRITICAL}  # one cause, one finding
            money = (page for page in self._booked_money(table) if page.month not in told)
            yield from check_refused_money(money, self.settings.quality.refused_money)
        for origin, names in sorted(intake.extras.items()):
            listed = ", ".join(sorted(names)[:8])
            message = f"{table}: {origin} has columns that nobody reads: {listed}. Are they new, or misspelt?"
            yield Finding(table, f"{table}.columns.extra", Severity.WARNING, message, examples=tuple(sorted(names)[:3]))
        for copy, original in sorted(intake.copies.items()):
            message = f"{table}: {copy} holds the same bytes as {original}; its rows count as duplicates. Remove one of them."
            yield Finding(table, f"{table}.files.twice", Severity.WARNING, message, examples=(copy,))
        if intake.lines_astray:
            message = f"order_lines: {intake.lines_astray:,} lines belong to no order of the months that were read; they are left out."
            yield Finding(table, "order_lines.order_id.astray", Severity.INFO, message, rows=intake.lines_astray)
        if table in ("orders", "tickets", "surveys") and read:
            accepted = {Month.from_index(code): self.books.page(table, code).accepted for code in self.books.months(table) if code >= 0}
            begin = first if table == "orders" else max(first, min((month for month, rows in accepted.items() if rows), default=first))
            refused = {month: self.books.page(table, month.index).quarantined for month in accepted}
            yield from check_months(table, accepted, begin, self.last, self.settings.quality.thin_share, refused)
            newest = self.books.page(table, self.last.index).freshest
            if table == "orders" and newest is not None:
                yield from check_fresh(table, newest.to_pydatetime(), self.last, self.last.end(self.calendar.timezone))

    def _broken(self, intake: Intake, refusals: Refusals) -> Iterator[Broken]:
        for rule, code, rows, places, values in refusals:
            of_rows = self.books.page(intake.table, code).read if code >= 0 else self.books.total(intake.table, "read")
            yield Broken(intake.table, name_of(code), rule, rows, of_rows, places, values)

    def _booked_money(self, table: str) -> Iterator[Booked]:
        """Money read and refused, of each month; what is refused of no known month is held against the whole table.

        Rows that are dated after the run are left out: no month that was read lacks them.
        """
        pages = {code: self.books.page(table, code) for code in self.books.months(table)}
        for code, page in pages.items():
            among = [page] if code >= 0 else list(pages.values())
            yield Booked(
                table,
                name_of(code),
                sum(one.read - one.ahead for one in among),
                page.quarantined - page.ahead,
                sum(one.money_read - one.money_ahead for one in among),
                page.money_quarantined - page.money_ahead,
                page.unread_money,
            )


def _in_order(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The quarantine in an order that its content decides; numbers in places count as numbers."""
    texts = [name for name in QUARANTINE_COLUMNS if name != "money"]
    if not parts:
        empty = pd.DataFrame({name: pd.Series(dtype="str") for name in texts})
        return empty.assign(money=pd.Series(dtype="Int64"))[list(QUARANTINE_COLUMNS)]
    frame = pd.concat([part.astype({"money": "Int64"}) for part in parts], ignore_index=True)
    frame = frame.astype(dict.fromkeys(texts, "str"))
    natural = frame["place"].str.replace(r"\d+", lambda found: found[0].zfill(12), regex=True)
    ordered = frame.assign(_place=natural).sort_values(["table", "month", "source", "_place", "rule", "value"], kind="stable")
    return ordered.drop(columns="_place").reset_index(drop=True)
