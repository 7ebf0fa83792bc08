"""Findings in the reader's words: what was refused and why, what is missing, what cannot be compared."""

from __future__ import annotations

from expectations.findings import Finding, Severity
from reports.blocks import Block, Cell, Column, Paragraph, Table, Tone
from reports.glyphs import clean
from reports.i18n import N_
from reports.view import View
from transforms.month import Month

TABLES = {
    "customers": N_("customers"),
    "orders": N_("orders"),
    "refunds": N_("refunds"),
    "order_lines": N_("order lines"),
    "tickets": N_("tickets"),
    "surveys": N_("survey answers"),
    "identities": N_("ids of other systems"),
    "fx_rates": N_("exchange rates"),
    "costs": N_("costs"),
    "plans": N_("plans"),
    "contacts": N_("contacts"),
    "quotes": N_("quotes"),
    "campaigns": N_("campaigns"),
    "registers": N_("registers"),
    "recipients": N_("recipients"),
}

REFUSED = {
    "missing": N_("refused, a required value is missing"),
    "type": N_("refused, a value cannot be read as what it should be"),
    "choice": N_("refused, a word that is not among the known ones"),
    "range": N_("refused, a value outside its range"),
    "impossible": N_("refused, a date that does not exist"),
    "implausible": N_("refused, a date that cannot be right"),
    "conflict": N_("refused, several rows of one key contradict each other"),
    "duplicate_key": N_("refused, an older version of a row that is there"),
    "quote": N_("refused, a line with a quotation mark that is never closed"),
    "shape": N_("refused, a line with too many or too few cells"),
}
"""Why rows are refused, by the last part of the rule."""

TOLD = {
    "unattributed": N_("no customer is named; they count for the company, for no grade"),
    "merged": N_("merged into another record and counted as one customer"),
    "unknown": N_("a customer is named whom nobody knows; they count for the company, for no grade"),
    "none": N_("no rows; have the data of the month arrived?"),
    "unusual": N_("far fewer rows than usual; was the export interrupted?"),
    "stale": N_("the newest row is days older than the month’s end; are all rows in?"),
    "empty": N_("the column is supplied, but empty in every row"),
    "nobody": N_("the customer named stands for nobody; all these rows count as one customer"),
    "crowded": N_("one customer has half of the rows or more; is it a key for all who have none?"),
    "jump": N_("far more rows than usual; was something loaded twice?"),
    "garbled": N_("text was read in another encoding than it was written in"),
    "glyphs": N_("names hold characters that the fonts of the packs lack; these customers are printed by id"),
    "refused": N_("more of the money is refused than may be"),
}
"""What else is told by the last part of the rule alone."""


STRANGE_BUYERS = "orders.customer_id.unknown"
"""Who orders is known by the orders themselves: of all tables this one alone grades customers that no table lists."""

MAPPED = {
    "changed": N_("is read otherwise than before; published months stay as they were, later ones are made anew"),
    "gone": N_("is read otherwise than before; months that its source gives no more stay as they were read"),
    "read_anew": N_("is read otherwise than before; its earlier months were read anew"),
    "same": N_("is read otherwise than before; no row differs"),
    "new": N_("is new; its rows of earlier months are read as well"),
    "unknown": N_("earlier months were kept without a note of how they were read"),
}
"""What came of a table's mapping that was changed, by the last part of its rule (`<table>.mapping.<what>`)."""

PLANNED = {
    "plans.indicator.strange": N_("plans: no indicator is called {word}, so its target is held against nothing."),
    "plans.tier.strange": N_("plans: no tier is called {word}, so its targets are held against nothing."),
    "plans.scope.company": N_("plans: {word} is computed for the company alone, so its target of a tier is held against nothing."),
    "plans.target.twice": N_("plans: different targets are set for one figure ({word}); none of them is taken."),
}
"""What is wrong with targets, by rule; the first example is the word, the second the nearest name."""


def table_name(view: View, table: str) -> str:
    """A table in the reader's words."""
    return view._(TABLES[table]) if table in TABLES else clean(table, 30)


def findings_table(view: View, findings: list[Finding], most: int) -> Block:
    """What holds or changes the meaning of numbers first, refused rows after it; capped, and says so."""
    if not findings:
        return Paragraph(view._("All checks passed: no findings."), "body")
    found = sorted(findings, key=_weight)
    heads = (
        Column(view._("Severity"), width="10"),
        Column(view._("Finding"), width="76"),
        Column(view._("Rows"), numeric=True, width="14"),
    )
    note = ""
    if len(found) > most:
        note = view._(
            "Showing the gravest {shown} of {total}; the others stand in the workbook.",
            shown=view.formats.count(most),
            total=view.formats.count(len(found)),
        )
    return Table(view._("Findings"), heads, tuple(_line(view, finding) for finding in found[:most]), note=note, compact=True, inline=True)


def finding_sentence(view: View, finding: Finding) -> str:
    """One finding as a sentence in the reader's language; a rule that has no words here speaks as it does to the operator."""
    last = finding.rule.rpartition(".")[2]
    if finding.rule.endswith(".days.missing") and len(finding.examples) == 2:
        return view._(
            "{table}: no rows from {first} to {last}, where some are usual; were these days exported?",
            table=table_name(view, finding.table),
            first=finding.examples[0],
            last=finding.examples[1],
        )
    if finding.rule.endswith(".scale.changed") and len(finding.examples) == 3:
        instrument, item, since = finding.examples
        return view._(
            "{question}: asked on another scale since {month}; means before and after cannot be compared, the index can.",
            question=clean(f"{instrument} {item}", 60),
            month=view.formats.month(Month.parse(since)),
        )
    if finding.rule in PLANNED and finding.examples:
        near = finding.examples[1:2]
        said = view._(PLANNED[finding.rule], word=clean(finding.examples[0], 40))
        return view.words.join([said, view._("Did you mean {name}?", name=clean(near[0], 40))]) if near else said
    if finding.rule.endswith(f".mapping.{last}") and last in MAPPED:
        return view._("{table}: {said}.", table=table_name(view, finding.table), said=view._(MAPPED[last]))
    if finding.rule == STRANGE_BUYERS:
        return view._(
            "orders: a customer is named whom the table of customers does not know; they are graded without name, region or manager."
        )
    if finding.rule == "policy.reference.short" and len(finding.examples) == 2:
        return view._(
            "Customers are ranked against {month}, when less than a whole year of orders was known.",
            month=view.formats.month(Month.parse(finding.examples[1])),
        )
    words = REFUSED if _is_refusal(finding) else TOLD
    if last not in words:
        return clean(finding.message, 260)
    column = finding.rule.split(".")[1] if finding.rule.count(".") == 2 and (_is_refusal(finding) or last in ("empty", "garbled")) else ""
    what = table_name(view, finding.table) + (f", {clean(column, 40)}" if column else "")
    if not finding.examples:
        return view._("{table}: {said}.", table=what, said=view._(words[last]))
    some = view.words.list_of(list(dict.fromkeys(clean(example, 40) for example in finding.examples))[:3])
    return view._("{table}: {said} (first: {examples}).", table=what, said=view._(words[last]), examples=some)


def _weight(finding: Finding) -> tuple[bool, bool, int, str, str, str]:
    grave = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}
    critical = finding.severity is Severity.CRITICAL
    return not critical, _is_refusal(finding), grave[finding.severity], finding.table, finding.rule, finding.month


def _is_refusal(finding: Finding) -> bool:
    return finding.severity is not Severity.CRITICAL and finding.rows > 0 and finding.rule.rpartition(".")[2] in REFUSED


def _line(view: View, finding: Finding) -> tuple[Cell, ...]:
    severities = {Severity.CRITICAL: view._("critical"), Severity.WARNING: view._("warning"), Severity.INFO: view._("info")}
    rows = view.formats.count(finding.rows) if finding.rows else ""
    if finding.of_rows and finding.rows:
        rows = view._("{rows} of {all}", rows=rows, all=view.formats.count(finding.of_rows))
    tone = Tone.BAD if finding.severity is Severity.CRITICAL else Tone.PLAIN
    return (Cell(severities[finding.severity], tone=tone), Cell(finding_sentence(view, finding), _beneath(view, finding)), Cell(rows))


def _beneath(view: View, finding: Finding) -> str:
    """The rule; and where somebody has waived it who, until when and why."""
    rule = clean(finding.rule, 80)
    if len(finding.waived) != 3:
        return rule
    author, until, reason = (clean(text, 120) for text in finding.waived)
    return view._("{rule} · waived by {author} until {day}: {reason}", rule=rule, author=author, day=until, reason=reason)
