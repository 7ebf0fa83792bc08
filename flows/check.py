"""`keping check`: everything a run needs, tried without running; one line each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.settings import Settings
from transforms.errors import Exit, ReviewError


@dataclass(frozen=True)
class CheckLine:
    """One thing that was tried: ok with what was found, or the problem and what to do."""

    what: str
    found: str
    problem: str = ""
    exit_code: Exit = Exit.DONE

    def line(self) -> str:
        return f"{'problem' if self.problem else 'ok':<8}{self.what}: {self.problem or self.found}"

    def as_dict(self) -> dict[str, Any]:
        return {"what": self.what, "ok": not self.problem, "found": self.found, "problem": self.problem, "exit_code": int(self.exit_code)}


def check_everything(settings: Settings) -> list[CheckLine]:
    """Configuration, sources and columns, policies, warehouse, archive, fonts and renderer, mail, and where there is one the schedule."""
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
    return [configuration, *_sources(settings), *(_try(what, step) for what, step in tried)]


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

    for what, error in check(settings):
        if error is None:
            yield CheckLine(what, "as the contract needs them" if what.startswith("tables.") else "reachable")
        else:
            yield _problem(what, error)


def _policies(settings: Settings) -> str:
    from flows.policies.frozen import read_written_policies

    versions = read_written_policies(settings.policies_path).versions
    return ", ".join(f"{policy.version} from {policy.effective_from}" for policy in versions)


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
    from reports.render import test_page

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
