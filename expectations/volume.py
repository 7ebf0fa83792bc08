"""What no expectation on a column sees: tables without rows, months that are missing or unusually thin, stale or empty columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from expectations.findings import Finding, Severity
from expectations.values import MILLISECONDS, NOTHING_SAID, SECONDS, look_of
from transforms.money import amount
from transforms.month import Month

UNUSUAL_SHARE = 0.2
"""A month with less than this share of the usual rows is held: an import was probably interrupted."""

THIN_SHARE = 0.5
"""A month with less than this share of the usual rows is told: half a load is no rare accident."""

JUMP = 3.0
"""A month with more than this many times the usual rows is told: was something loaded twice, or a filter lost?"""

THIN_ROWS = 30
"""Where fewer rows than this are usual, half of them may stay away by chance; of thirty about once in a thousand months."""

HISTORY_MONTHS = 12
LEAST_HISTORY = 3

STALE_DAYS = 3
"""Orders whose newest row is older than this at the month's end may not be complete."""

FEEDING = frozenset({"orders", "order_lines"})
"""Tables without which there is no review."""

NEVER_EMPTY = frozenset({"orders", "order_lines", "customers", "tickets", "surveys", "recipients"})


def check_empty(table: str, read: int) -> list[Finding]:
    """A configured table that brought no row at all; refunds, costs, plans and rates may rightly have none."""
    if read:
        return []
    severity = Severity.CRITICAL if table in NEVER_EMPTY else Severity.WARNING
    message = f"{table}: no row at all. See that the query or file still brings what it should, then run again."
    return [Finding(table, f"{table}.rows.none", severity, message)]


def check_months(
    table: str,
    accepted: Mapping[Month, int],
    first: Month,
    last: Month,
    thin_share: float = THIN_SHARE,
    refused: Mapping[Month, int] | None = None,
) -> list[Finding]:
    """Months without rows, with less than a fifth or less than `thin_share` of what is usual, or with far more; one finding per month.

    `refused` are the rows that were read of each month and not accepted: what did arrive is not called missing.
    Usual is the median of the up to twelve months before that have rows (at least three of them).
    For orders a month without rows or with less than a fifth is critical, elsewhere a warning. A thin month is a
    warning, and told only where enough rows are usual for it to be no chance; so is a month with more than three times
    as many.
    """
    severity = Severity.CRITICAL if table in FEEDING else Severity.WARNING
    found: list[Finding] = []
    history: list[int] = []
    for index in range(first.index, last.index + 1):
        month = Month.from_index(index)
        rows, lost = accepted.get(month, 0), (refused or {}).get(month, 0)
        besides = f"; {lost:,} more were read and refused, see quarantine" if lost else ""
        usual = median(history[-HISTORY_MONTHS:]) if len(history) >= LEAST_HISTORY else None
        if rows == 0:
            expected = f", usual are {usual:,.0f}" if usual is not None else ""
            message = f"{table} {month}: no rows{expected}. Ask whether the month's data have arrived, then run it again."
            if lost:
                message = f"{table} {month}: all {lost:,} rows are refused{expected}. See quarantine for what is wrong with them."
            found.append(Finding(table, f"{table}.rows.none", severity, message, str(month)))
            continue
        if usual is not None and rows < UNUSUAL_SHARE * usual:
            change = 100 * (rows - usual) / usual
            message = (
                f"{table} {month}: {rows:,} rows, usual are {usual:,.0f} ({change:+.0f} %){besides}. "
                f"Ask whether the import was interrupted; if the month is right: keping waive {table}.rows.unusual --month {month} ..."
            )
            found.append(Finding(table, f"{table}.rows.unusual", severity, message, str(month), rows, int(usual)))
        elif usual is not None and usual >= THIN_ROWS and rows < thin_share * usual:
            change = 100 * (rows - usual) / usual
            message = (
                f"{table} {month}: only {rows:,} rows, usual are {usual:,.0f} ({change:+.0f} %){besides}. "
                "Ask whether all of the month's data have arrived; if not, run it again when they have."
            )
            found.append(Finding(table, f"{table}.rows.thin", Severity.WARNING, message, str(month), rows, int(usual)))
        elif usual is not None and usual >= THIN_ROWS and rows > JUMP * usual:
            message = (
                f"{table} {month}: {rows:,} rows, {rows / usual:.1f} times the usual {usual:,.0f}. "
                "Was something loaded twice under other keys, or has the query lost a condition?"
            )
            found.append(Finding(table, f"{table}.rows.jump", Severity.WARNING, message, str(month), rows, rows))
        history.append(rows)
    return found


def check_fresh(table: str, newest: datetime | None, month: Month, end: datetime) -> list[Finding]:
    """A warning where a table's newest row is days older than the month's end."""
    if newest is None or end - newest <= timedelta(days=STALE_DAYS):
        return []
    days = (end - newest).days
    message = f"{table} {month}: the newest row is from {newest:%Y-%m-%d %H:%M} UTC, {days} days before the month's end; are all rows in?"
    return [Finding(table, f"{table}.rows.stale", Severity.WARNING, message, str(month))]


MEANT_EMPTY = {"recipients": frozenset({"filter_field", "filter_value", "formats", "locale"})}
"""Columns in which an empty cell has a meaning of its own: a reader without a filter sees all, in every form."""


def check_empty_columns(table: str, supplied: Iterable[str], filled: Iterable[str], required: Iterable[str], rows: int) -> list[Finding]:
    """Columns that are supplied and hold nothing in any row: critical where the column is required.

    Columns that say something by being empty (`MEANT_EMPTY`) are none.
    """
    if rows == 0:
        return []
    found = []
    for column in sorted(set(supplied) - set(filled) - MEANT_EMPTY.get(table, frozenset())):
        severity = Severity.CRITICAL if column in set(required) else Severity.WARNING
        message = f"{table}.{column} is supplied but empty in all {rows:,} rows. See whether the source still fills it."
        found.append(Finding(table, f"{table}.{column}.empty", severity, message, rows=rows, of_rows=rows))
    return found


@dataclass(frozen=True)
class Broken:
    """Rows of one table and month that one rule sent to quarantine; `of_rows` were read there.

    Where the month is not known (empty), `of_rows` are all rows read of the table. `values` are the refused values with
    how often they occur, most frequent first, `distinct` how many different ones there are.
    """

    table: str
    month: str
    rule: str
    rows: int
    of_rows: int
    examples: tuple[str, ...] = ()
    values: tuple[tuple[str, int], ...] = ()
    """The most frequent values, and how often each was there."""

    @property
    def where(self) -> str:
        return f"{self.table} {self.month}".strip()

    @property
    def others(self) -> int:
        """Rows whose value is none of the named ones."""
        return self.rows - sum(rows for _, rows in self.values)

    @property
    def values_in_words(self) -> str:
        """Values with counts, and what may be done about them."""
        if not self.values:
            return ""
        listed = ", ".join(f"{value[:60]!r} {rows:,}" for value, rows in self.values)
        look = look_of(value for value, _ in self.values)
        listed += f" and {self.others:,} more" if self.others else ""
        return f" Values: {listed}{f' ({look})' if look else ''}.{advice_on(self.rule, look)}"


ADVICE = {
    SECONDS: ' Say that they are: epoch = "s".',
    MILLISECONDS: ' Say that they are: epoch = "ms".',
    NOTHING_SAID: " Name them in empty = [...].",
}
"""What to write in the block about values that look like something."""


def advice_on(rule: str, look: str) -> str:
    """What to write in the block, where something can be said there about values that a rule refuses."""
    column, what = rule.split(".")[-2:]
    if look in ADVICE:
        return ADVICE[look]
    match what:
        case "choice":
            return f' Say what they mean: map.{column} = {{ "..." = "..." }}.'
        case "ambiguous":
            return ' Is the point a decimal sign? Write decimal = "."; does it set thousands apart? Write thousands = ".".'
        case "nps_scale":
            return ' NPS is asked on 0 to 10 and pools with nothing else; give the question another instrument, such as "recommend".'
        case "stray":
            return " They are years older than all others: a mistyped year? If history does begin there, set company.history_from."
        case "digits":
            return " The number was rounded on its way and is no id any more; have it written as text."
    return ""


def check_quarantine(broken: Iterable[Broken]) -> list[Finding]:
    """One finding per rule and month; critical where the rule refuses most rows, so that a type has changed."""
    found = []
    for part in broken:
        most = part.rows * 2 > part.of_rows
        first = ", ".join(part.examples)
        message = f"{part.where}: {part.rows:,} of {part.of_rows:,} rows are refused by {part.rule} (first: {first}).{part.values_in_words}"
        message += " Most rows fail: what the source gives there is not what the block says it is." if most else " See quarantine for each."
        severity = Severity.CRITICAL if most else Severity.WARNING
        found.append(Finding(part.table, part.rule, severity, message, part.month, part.rows, part.of_rows, part.examples))
    return found


def check_lost_values(broken: Iterable[Broken]) -> list[Finding]:
    """One warning per rule and month on values that cannot be read and are left empty; their rows count."""
    found = []
    for part in broken:
        column = part.rule.split(".")[-2]
        first = ", ".join(part.examples)
        message = (
            f"{part.where}: {column} cannot be read in {part.rows:,} of {part.of_rows:,} rows and is left empty there; "
            f"the rows count ({part.rule}; first: {first}).{part.values_in_words}"
        )
        found.append(Finding(part.table, part.rule, Severity.WARNING, message, part.month, part.rows, part.of_rows, part.examples))
    return found


def check_orders_without_customer(month: str, without: int, orders: int) -> list[Finding]:
    """The share of orders without a customer: counted in the company's money, in no tier."""
    if not without:
        return []
    message = f"orders {month}: {without:,} of {orders:,} orders have no customer; they form the scope unattributed."
    return [Finding("orders", "orders.customer_id.unattributed", Severity.WARNING, message, month, without, orders)]


@dataclass(frozen=True)
class Booked:
    """What was read of one table and month, in rows and money (ten-thousandths), and how much of it is refused.

    `unread` are refused rows whose money cannot be read.
    """

    table: str
    month: str
    rows: int
    refused: int
    money: int
    refused_money: int
    unread: int = 0


def check_refused_money(books: Iterable[Booked], limit: float) -> list[Finding]:
    """A critical finding for each table and month of whose money more than `limit` (a share, 0-1) is refused.

    A refused row whose money cannot be read counts with the mean of those whose money can: the message then says "about".
    """
    found = []
    for page in books:
        readable = page.rows - page.unread
        mean = page.money / readable if readable else 0.0
        total, lost = page.money + mean * page.unread, page.refused_money + mean * page.unread
        if total <= 0 or lost <= limit * total:
            continue
        about = "about " if page.unread else ""
        whose = (
            f"{page.month}: {about}{lost / total:.0%} of the month's money is"
            if page.month
            else f"{about}{lost / total:.0%} of all money is"
        )
        undated = "" if page.month else " in rows of no known month"
        message = (
            f"{page.table}{' ' if page.month else ': '}{whose} refused{undated} ({page.refused:,} of {page.rows:,} rows, "
            f"{about}{amount(round(lost)):,.2f} of {amount(round(total)):,.2f}); "
            f"at most {limit:.0%} may be (quality.refused_money). See quarantine for what is wrong with them."
        )
        rule = f"{page.table}.money.refused"
        found.append(Finding(page.table, rule, Severity.CRITICAL, message, page.month, page.refused, page.rows))
    return found
