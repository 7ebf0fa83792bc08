"""Control totals: what the source itself counts, held against what arrived."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from expectations.findings import Finding, Severity
from flows.intake.books import Books
from flows.intake.calendar import UNKNOWN, Calendar
from flows.intake.tables import Tally
from flows.sources.chunks import Block, Total, Totals
from transforms.money import UNITS
from transforms.tables.instants import NoTimezoneError, read_instant


def compare(block: Block, totals: Totals, tally: Tally) -> list[Finding]:
    """A critical finding per total that differs: rows, money (where the source can add it up), newest row."""
    found: list[Finding] = []

    def differ(what: str, there: object, here: object) -> None:
        message = (
            f"{block.name}: the source counts {what} {there}, but {here} arrived. "
            "The read was not whole, or a type is lost on the way. Run again; if it stays so, ask who runs the source."
        )
        found.append(Finding(block.table, f"{block.table}.control.{what}", Severity.CRITICAL, message))

    if totals.whole.rows != tally.rows:
        differ("rows", f"{totals.whole.rows:,}", f"{tally.rows:,}")
    money = totals.whole.money
    if money is not None and not tally.unread_money:
        units = money * UNITS
        spare = Decimal(0)
        if not totals.exact_money or int(money.as_tuple().exponent) < -4:  # each row was rounded, or the source adds binary fractions
            spare = Decimal(tally.rows) / 2 + abs(units) * Decimal("1e-9") + 1
        if abs(units - tally.money) > spare:
            differ("money", money, Decimal(tally.money) / UNITS)
    newest = moment(totals.whole.newest, block)
    if newest is not None and tally.newest is not None and not tally.unread_times:
        # A database without a type for moments compares their texts, in which formats may be mixed within a day.
        spread = pd.Timedelta(days=1) if isinstance(totals.whole.newest, str) else pd.Timedelta(microseconds=1)
        if abs(newest - tally.newest) >= spread:
            differ("newest", newest, tally.newest)
    return found


def book(books: Books, blocks: list[tuple[Block, Totals, Tally]], table: str, calendar: Calendar) -> None:
    """Write the source's own totals into the books: per month where every block's source can tell, else nothing."""
    # Rows that the source cannot place in time are those that we could not either, or else its months are not ours.
    placed = sum(totals.unplaced for _, totals, _ in blocks) <= books.page(table, UNKNOWN).read
    by_month = placed and all(totals.months for _, totals, _ in blocks)
    timeless = all(block.spec.time is None or block.spec.column(block.spec.time).kind.value != "instant" for block, _, _ in blocks)
    if not blocks or not (by_month or timeless):
        return
    parts: dict[int, list[tuple[Block, Total, bool]]] = {}
    for block, totals, tally in blocks:
        plain = not tally.foreign
        for code, total in totals.months.items() if by_month else [(UNKNOWN, totals.whole)]:
            parts.setdefault(code, []).append((block, total, plain))
    for code, found in sorted(parts.items()):
        page = books.page(table, code)
        page.source_rows = sum(total.rows for _, total, _ in found)
        sums = [total.money for _, total, plain in found if plain and total.money is not None and total.money.is_finite()]
        if len(sums) == len(found):
            page.source_money = int((sum(sums, Decimal(0)) * UNITS).to_integral_value())
        moments = [moment(total.newest, block) for block, total, _ in found]
        known = [value for value in moments if value is not None]
        page.source_newest = max(known) if known else None


def moment(value: object, block: Block) -> pd.Timestamp | None:
    """The source's newest time as an instant; None where it does not name one."""
    if value is None or block.spec.time is None or block.spec.column(block.spec.time).kind.value != "instant":
        return None
    try:
        read = read_instant(pd.Series([value], dtype=object), block.settings.timezone).values.iloc[0]
    except NoTimezoneError:
        return None
    return None if pd.isna(read) else pd.Timestamp(read)
