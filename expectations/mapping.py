"""A table that is read by another mapping than before: whether its kept months say something else, and what readers know of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from expectations.findings import Finding, Severity
from transforms.month import Month

SHOWN_PARTS = 4


@dataclass(frozen=True)
class Remapped:
    """What came of reading a table's kept months anew.

    months      all kept months of the mapping before
    differing   those whose rows are others now
    gone        the oldest ones, of which the source gives no row any more, with `gone_rows` kept rows
    published   published months, before the asked ones, that stand on differing or gone months
    newest      the newest published month
    parts       what differs of the configuration; `last_used` the day on which the mapping before was used last
    """

    table: str
    months: tuple[Month, ...]
    differing: tuple[Month, ...] = ()
    gone: tuple[Month, ...] = ()
    gone_rows: int = 0
    published: tuple[Month, ...] = ()
    newest: Month | None = None
    parts: tuple[str, ...] = ()
    last_used: str = ""

    @property
    def words(self) -> str:
        """What is so, in one clause: `orders is read otherwise (tables.orders[1].query)`."""
        return f"{self.table} is read otherwise ({parts_in_words(self.parts)})"


def check_mapping(found: Remapped, month: Month) -> list[Finding]:
    """What a changed mapping does to the asked `month`: critical where a published month says something else by now.

    Months that were never published are read anew by themselves: a warning says so. Where no row differs, a note.
    A table that is new contradicts nobody.
    """
    table, count = found.table, len(found.months)
    span = span_in_words(found.months)

    def finding(what: str, severity: Severity, message: str, months: Sequence[Month] = ()) -> Finding:
        return Finding(table, f"{table}.mapping.{what}", severity, message, str(month), len(months), count, found.parts[:SHOWN_PARTS])

    if not found.last_used:
        message = f"{table} is new: its rows of {count} earlier month(s) ({span}) are read as well. What is published without it stays."
        return [finding("new", Severity.INFO, message)]
    since = f"the mapping before was last used on {found.last_used}"
    said: list[Finding] = []
    if found.gone:
        message = (
            f"{found.words}; {since}. The source gives no row of {span_in_words(found.gone)} any more, {len(found.gone)} month(s) that are "
            f"kept with {found.gone_rows:,} rows. Bring them back in a block of their own, or let history begin later "
            f'(company.history_from = "{found.gone[-1] + 1}"). Waived, they stay as they were read before.'
        )
        said.append(finding("gone", Severity.CRITICAL, message, found.gone))
    if found.published:
        first, last = found.published[0], found.newest or found.published[-1]
        differing = f"the rows of {len(found.differing)} of {count} kept month(s) differ ({span_in_words(found.differing)})"
        message = (
            f"{found.words}; {since}: {differing}, and {len(found.published)} published month(s) stand on them "
            f"({span_in_words(found.published)}). Restate them: keping backfill {first} {last} "
            f'--reason "{table} is read otherwise" --promote. '
            "Waived, what is published stays, and later months are made by today's mapping alone."
        )
        said.append(finding("changed", Severity.CRITICAL, message, found.differing))
    elif found.differing:
        message = (
            f"{found.words}; {since}. The rows of {len(found.differing)} of {count} kept month(s) differ "
            f"({span_in_words(found.differing)}); no published month before this one stands on them, and they were read anew."
        )
        said.append(finding("read_anew", Severity.WARNING, message, found.differing))
    elif not found.gone:
        message = f"{found.words}; {since}. No row of the {count} kept month(s) ({span}) differs."
        said.append(finding("same", Severity.INFO, message))
    return said


def note_unknown_mapping(table: str, months: Sequence[Month], month: Month) -> Finding:
    """A note that an older program kept months without saying by which mapping."""
    message = (
        f"{table}: {len(months)} month(s) ({span_in_words(months)}) were kept by an older program, which did not note by which mapping "
        "they were read; they count as read by today's. "
        f"If the block was corrected since: keping backfill {months[0]} {months[-1]} --reason ..."
    )
    return Finding(table, f"{table}.mapping.unknown", Severity.INFO, message, str(month), len(months), len(months))


def span_in_words(months: Sequence[Month]) -> str:
    """`2026-01 to 2026-05`; one month alone by its name."""
    return str(months[0]) if len(months) == 1 else f"{months[0]} to {months[-1]}" if months else "none"


def parts_in_words(parts: Sequence[str]) -> str:
    """Some parts of the configuration by name."""
    more = f" and {len(parts) - SHOWN_PARTS} more" if len(parts) > SHOWN_PARTS else ""
    return (", ".join(parts[:SHOWN_PARTS]) or "its tables") + more
