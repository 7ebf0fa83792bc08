"""Data quality: what was read, what was refused, whether it agrees with the source, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from expectations.findings import Finding, Severity
from reports.blocks import Block, Cell, Column, Paragraph, Section, Table, Tone
from reports.formats import finite
from reports.glyphs import clean, missing_glyphs
from reports.sections.findings import findings_table, table_name
from reports.view import View, amount_of

FINDINGS, PAGE_FINDINGS = 500, 6
"""The most findings that the workbook and the page tell, gravest first."""
OPERATING = ("recipients",)
"""Tables about who reads a pack; they are the operator's matter, not the reader's."""

WANTED = ("orders", "customers", "refunds", "tickets", "surveys", "costs", "plans")
"""Tables whose absence a reader should know of."""


def trust_line(view: View) -> str:
    """Accepted, refused, findings, freshness: whether this month can be trusted, in one line."""
    rows = _rows_of_month(view)
    read, accepted = _sum(rows, "read"), _sum(rows, "accepted")
    refused = _sum(rows, "quarantined")
    found = [
        view._(
            "Data: {accepted} of {read} rows accepted ({share}), {refused} refused.",
            accepted=view.formats.count(accepted),
            read=view.formats.count(read),
            share=view.formats.share(accepted / read if read else None),
            refused=view.formats.count(refused),
        )
    ]
    severities = [finding.severity for finding in _readers_findings(view)]
    warnings, critical = severities.count(Severity.WARNING), severities.count(Severity.CRITICAL)
    if critical:
        found.append(view.words.plural("{n} critical finding was waived.", "{n} critical findings were waived.", critical, n=critical))
    if warnings:
        found.append(view.words.plural("{n} warning.", "{n} warnings.", warnings, n=warnings))
    if not critical and not warnings:
        found.append(view._("No warnings."))
    if _disagreeing(view):
        found.append(view._("Totals differ from the source; see “{section}”.", section=view._("Data quality")))
    return view.words.join(found)


def quality(view: View) -> Section:
    """Books per table, every finding by severity, and what was not there: for the workbook."""
    books = _books(view, _rows_of_month(view))
    blocks = (Paragraph(trust_line(view), "lead"), books, *_absent(view), findings_table(view, _readers_findings(view), FINDINGS))
    return Section("quality", view._("Data quality"), blocks)


def quality_page(view: View) -> Section:
    """What a reader must know to trust the pages: the sum, what was not there, and the gravest findings."""
    blocks = (Paragraph(trust_line(view), "lead"), *_absent(view), findings_table(view, _readers_findings(view), PAGE_FINDINGS))
    return Section("quality", view._("Data quality"), blocks)


def _absent(view: View) -> list[Block]:
    blocks: list[Block] = []
    absent = [table_name(view, table) for table in WANTED if not _has_table(view, table)]
    if absent:
        text = view._(
            "Not supplied: {tables}. What needs them is left out or says so; nothing is set to zero.", tables=view.words.list_of(absent)
        )
        blocks.append(Paragraph(text, "note"))
    unprinted = _unprintable(view)
    if unprinted:
        blocks.append(Paragraph(unprinted, "note"))
    return blocks


def _rows_of_month(view: View) -> pd.DataFrame:
    """One row per table: the books of this month with those of rows and tables that have no month."""
    frame = view.material.quality
    frame = frame[frame["month"].isin([str(view.month), ""]) & ~frame["table"].isin(OPERATING)]
    if not len(frame):
        return frame
    return frame.groupby("table", sort=True, as_index=False).agg(
        read=("read", "sum"),
        accepted=("accepted", "sum"),
        quarantined=("quarantined", "sum"),
        duplicates=("duplicates", "sum"),
        money_read=("money_read", _total),
        money_accepted=("money_accepted", _total),
        source_rows=("source_rows", _total),
        source_money=("source_money", _total),
        freshest=("freshest", "max"),
        carried=("carried", _total),
        derived_from=("derived_from", lambda tables: next((table for table in tables if isinstance(table, str) and table), "")),
        note=("note", lambda notes: "; ".join(sorted({note for note in notes if isinstance(note, str) and note}))),
    )


def _total(column: pd.Series) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [int(value) for value in column if finite(value) is not None]
    return sum(known) if known else None


def _sum(frame: pd.DataFrame, column: str) -> int:
    return int(frame[column].sum()) if len(frame) else 0


def _readers_findings(view: View) -> list[Finding]:
    """The findings that concern readers."""
    return [finding for finding in view.material.findings if finding.table not in OPERATING]


def _has_table(view: View, table: str) -> bool:
    if table == "orders":
        return view.has("orders", "order_lines")
    return view.has(table)


def _disagreeing(view: View) -> set[str]:
    """Tables of which the source counted other than what was read."""
    return {finding.table for finding in view.material.findings if ".control." in finding.rule}


def _books(view: View, rows: pd.DataFrame) -> Block:
    if not len(rows):
        return Paragraph(view._("No rows were read for this month."), "notice")
    heads = (
        Column(view._("Table"), width="24"),
        Column(view._("Read"), numeric=True),
        Column(view._("Accepted"), numeric=True),
        Column(view._("Refused"), numeric=True),
        Column(view._("Duplicates"), numeric=True),
        Column(view._("Money accepted"), numeric=True, width="13"),
        Column(view._("Source total"), width="12"),
        Column(view._("Newest row"), width="11"),
        *((Column(view._("Rules held"), numeric=True, width="9"),) if view.material.suites else ()),
    )
    lines = [_book_line(view, {str(key): value for key, value in row.items()}) for row in rows.to_dict("records")]
    note = view._(
        "Read = accepted + refused + duplicates, in rows and in money. Refused rows are kept with their reason outside this pack."
    )
    note = view.words.join([note, _suite(view)])
    return Table(view._("Rows of the month, table by table"), heads, tuple(lines), note=note, compact=True, inline=True)


def _book_line(view: View, row: dict[str, object]) -> tuple[Cell, ...]:
    source_rows, source_money = finite(row["source_rows"]), finite(row["source_money"])
    if str(row["table"]) in _disagreeing(view):
        total = Cell(view._("differs"), tone=Tone.BAD)
    elif source_rows is None:
        total = Cell(view._("none asked"), muted=True)
    elif source_rows == finite(row["read"]) and source_money in (None, finite(row["money_read"])):
        total = Cell(view._("agrees"))
    else:
        total = Cell(view._("{rows} at the source", rows=view.formats.count(source_rows)), muted=True)
    table = str(row["table"])
    newest = row.get("freshest")
    held, count = _rules_that_hold(view, table)
    return (
        Cell(
            table_name(view, table),
            _note(view, row),
        ),
        Cell(view.formats.count(finite(row["read"]))),
        Cell(view.formats.count(finite(row["accepted"]))),
        Cell(view.formats.count(finite(row["quarantined"]))),
        Cell(view.formats.count(finite(row["duplicates"]))),
        Cell(view.formats.money(amount_of(row["money_accepted"]), 0)),
        total,
        Cell(view.formats.day(newest.tz_convert(view.material.timezone) if isinstance(newest, pd.Timestamp) else None)),
        *(
            (Cell(f"{held} / {count}", tone=Tone.PLAIN if held == count else Tone.BAD),)
            if count
            else (Cell("–"),)
            if view.material.suites
            else ()
        ),
    )


def _suite(view: View) -> str:
    """The suite by its version, and how many of its rules hold."""
    if view.material.suites is None:
        return ""
    held = {
        table: _rules_that_hold(view, table) for table in view.material.suites.rules if _has_table(view, table) and table not in OPERATING
    }
    return view._(
        "Suite {version}: {count} rules, the same for every tier, region and pack; {held} hold, {broken} do not.",
        version=view.material.suites.version,
        count=view.formats.count(sum(count for _, count in held.values())),
        held=view.formats.count(sum(one for one, _ in held.values())),
        broken=view.formats.count(sum(count - one for one, count in held.values())),
    )


def _rules_that_hold(view: View, table: str) -> tuple[int, int]:
    """How many rules of a table's suite hold this month, and how many there are."""
    names = view.material.suites.rules.get(table, ()) if view.material.suites else ()
    broken = {finding.rule for finding in view.material.findings}
    return sum(name not in broken for name in names), len(names)


def _note(view: View, row: Mapping[str, object]) -> str:
    """What the books say beside a table; books that were kept before they told it in numbers say it in their own words."""
    carried, derived_from, note = finite(row["carried"]), row["derived_from"], row["note"]
    said = [view._("derived from: {table}", table=table_name(view, str(derived_from)))] if derived_from else []
    said += [view._("{n} of them carried by orders", n=view.formats.count(carried))] if carried else []
    return view.words.apart(said) if said else clean(note, 80) if isinstance(note, str) else ""


def _unprintable(view: View) -> str:
    """How many names hold characters that our fonts lack; they are printed by id, and whole in the evidence."""
    if "name" not in view.customers:
        return ""
    names = [name for name in view.customers["name"] if isinstance(name, str)]
    if not missing_glyphs("".join(names)):
        return ""
    count = sum(1 for name in names if missing_glyphs(name))
    return view.words.plural(
        "{n} name holds characters that the pack’s fonts lack; the customer is printed by id, and the name is whole in the attached "
        "file customers.csv.",
        "{n} names hold characters that the pack’s fonts lack; the customers are printed by id, and the names are whole in the attached "
        "file customers.csv.",
        count,
        n=view.formats.count(count),
    )
