"""`keping check`: everything a run needs, tried without running; one line each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from expectations.findings import Severity
from expectations.mapping import parts_in_words, span_in_words
from flows.archive.changed import ChangedMapping
from flows.intake.looking import Looked
from flows.machine import clock
from flows.machine.redact import one_line, redact
from flows.settings import Settings
from transforms.errors import Exit, ReviewError
from transforms.month import Month

SHOWN = 8
"""Findings about the values of one block that are told."""


@dataclass(frozen=True)
class CheckLine:
    """One thing that was tried: ok with what was found, or the problem and what to do."""

    what: str
    found: str
    problem: str = ""
    exit_code: Exit = Exit.DONE
    warning: str = ""
    """What a run would publish in spite of."""

    def line(self) -> str:
        mark = "problem" if self.problem else "warning" if self.warning else "ok"
        return f"{mark:<8}{self.what}: {self.problem or self.warning or self.found}"

    def as_dict(self) -> dict[str, Any]:
        told = {"found": self.found, "problem": self.problem, "warning": self.warning}
        return {"what": self.what, "ok": not self.problem, **told, "exit_code": int(self.exit_code)}


def check_everything(settings: Settings) -> list[CheckLine]:
    """Configuration, sources, columns and a few rows, policies, warehouse, archive, fonts and renderer, mail, the schedule if there is one.

    Worst first: what a run would stop or hold at, what it would warn of, what is well.
    """
    tried: list[tuple[str, Callable[[], str]]] = [
        ("policies", lambda: _policies(settings)),
        ("warehouse", lambda: _warehouse(settings)),
        ("archive", lambda: _archive(settings)),
        ("fonts and renderer", lambda: _page(settings)),
        ("mail", lambda: _mail(settings)),
    ]
    if home := os.environ.get("KEPING_HOME"):  # it runs by a schedule of Prefect's
        tried.append(("schedule", lambda: _schedule(settings, Path(home))))
    configuration = CheckLine(
        "configuration", f"{len(settings.sources)} source(s), {len(settings.tables)} table(s), months of {settings.company.timezone}"
    )
    lines = [configuration, *_sources(settings), *history_lines(settings), *(_try(what, step) for what, step in tried)]
    return sorted(lines, key=lambda line: (not line.problem, not line.warning))


def _try(what: str, step: Callable[[], str]) -> CheckLine:
    try:
        return CheckLine(what, step())
    except ReviewError as error:
        return _problem(what, error)


def _problem(what: str, error: ReviewError) -> CheckLine:
    """The trouble as one line, with the exit code that a run would end with."""
    return CheckLine(what, "", " ".join(str(error).split()), error.exit_code)


def _sources(settings: Settings) -> Iterator[CheckLine]:
    from flows.intake import check

    columns = check(settings)
    away = frozenset(what.removeprefix("source ") for what, error in columns if error is not None and what.startswith("source "))
    looked = _looked(settings, away)
    for what, error in columns:
        one = looked.get(what.partition(" ")[0])
        if error is not None:
            yield _problem(what, error)
        elif one is None:
            yield CheckLine(what, "as the contract needs them" if what.startswith("tables.") else "reachable")
        elif one.error is not None:
            yield _problem(what, one.error)
        else:
            yield CheckLine(what, f"as the contract needs them; {one.rows:,} row(s) of {one.which} looked at")
            yield from _value_lines(one, settings.secrets())


def _looked(settings: Settings, away: frozenset[str]) -> dict[str, Looked]:
    """What a few rows of each block show, by the block's place in the configuration; of sources that are away nothing."""
    from flows.intake import look

    last = Month.last_complete(clock.now(), settings.company.timezone)
    return {one.block.where: one for one in look(settings, last, away)}


def _value_lines(looked: Looked, secrets: frozenset[str]) -> Iterator[CheckLine]:
    """A line for each finding about a block's values, worst first and capped, in which no secret stands."""
    for finding in looked.findings[:SHOWN]:
        column = ".".join(finding.rule.split(".")[:2])
        what = f"{column} ({looked.block.where})"
        said = one_line(redact(finding.message, secrets))
        grave = finding.severity is Severity.CRITICAL
        if finding.severity is Severity.INFO:
            yield CheckLine(what, said)
        else:
            yield CheckLine(what, "", said if grave else "", Exit.HELD if grave else Exit.DONE, "" if grave else said)
    more = looked.findings[SHOWN:]
    if more:
        names = ", ".join(dict.fromkeys(finding.rule.split(".")[1] for finding in more))
        yield CheckLine(looked.block.where, "", warning=f"{len(more)} more to look at: {names}; keping run --dry-run tells all of them")


def history_lines(settings: Settings) -> list[CheckLine]:
    """Whether kept months were read as they would be today; a table of which published months were not is a problem.

    No line where there is no warehouse yet. No row is read: a run compares them, and holds only where one differs.
    """
    from flows.archive.kept import KeptSnapshots
    from flows.review.remapping import Remapping
    from flows.warehouse.store import Warehouse

    try:
        with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment, create=False) as warehouse:
            kept = KeptSnapshots.of(warehouse, settings.archive_path)
            if not kept.newest:
                return []
            remapping = Remapping.of(settings, warehouse, kept, max(kept.newest))
    except ReviewError:  # there is none yet, or the line of the warehouse tells what is wrong with it
        return []
    if not remapping.changes:
        return [CheckLine("history", "every kept month was read as it would be today")]
    return [_history_line(change, remapping.published) for change in remapping.changes]


def _history_line(change: ChangedMapping, published: frozenset[Month]) -> CheckLine:
    what = f"history of {change.table}"
    span = f"{len(change.months)} kept month(s) ({span_in_words(change.months)})"
    if change.last_used is None:
        return CheckLine(what, f"is new: the next run reads its rows of {span} as well")
    words = (
        f"is read otherwise ({parts_in_words(change.parts)}) than {span}; the mapping before was last used on {change.last_used:%Y-%m-%d}"
    )
    known = sorted(month for month in published if month >= change.months[0])
    if not known:
        return CheckLine(what, f"{words}; the next run reads them anew, as none is published")
    command = f'keping backfill {known[0]} {known[-1]} --reason "{change.table} is read otherwise" --promote'
    told = f"{words}. {len(known)} published month(s) stand on them: if a row differs, a run holds. Restate them: {command}"
    return CheckLine(what, "", told, Exit.HELD)


def _policies(settings: Settings) -> str:
    from flows.lookup.policies import describe_reference, standing_policies

    said = [
        f"{policy.version} from {policy.effective_from}, reference {describe_reference(policy)}" for policy in standing_policies(settings)
    ]
    return "; ".join(said)


def _warehouse(settings: Settings) -> str:
    from flows.warehouse.store import Warehouse

    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        return f"{warehouse.place}, environment {warehouse.environment!r}"


def _archive(settings: Settings) -> str:
    from flows.archive.revisions import Archive

    archive = Archive(settings.archive_path)
    archive.check_writable()
    return f"{archive.root} can be written"


def _page(settings: Settings) -> str:
    from reports.glyphs import use_fonts
    from reports.render import test_page

    use_fonts(settings.font_paths)
    pages = [test_page(locale) for locale in settings.company.locales]
    return f"a test page in {' and '.join(settings.company.locales)}, {sum(len(page) for page in pages):,} bytes"


def _mail(settings: Settings) -> str:
    from flows.archive.office import Office
    from flows.delivery.holding import refuse_unknown_names

    with Office.open(settings, create=True) as office:
        refuse_unknown_names(office)
    if settings.delivery.transport == "smtp":
        from flows.delivery.smtp import SmtpRelay

        return SmtpRelay.of(settings).check(settings.delivery.largest_mail_mb)
    return f"outbox at {settings.outbox_path}; nothing leaves this machine"


def _schedule(settings: Settings, home: Path) -> str:
    from flows.scheduling.written_schedule import schedule_line

    return schedule_line(settings, home / "prefect.yaml")
