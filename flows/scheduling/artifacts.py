"""What a run leaves on the Prefect page: its summary, links to the packs, the books of the data, the deliveries."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from flows.backfills.outcome import BackfillOutcome
from flows.delivery.month import MailOutcome
from flows.machine.redact import one_line
from flows.review.outcome import RunOutcome
from flows.settings import Settings
from flows.warehouse.store import Warehouse
from transforms.month import Month

BOOKS = ("table", "month", "read", "accepted", "quarantined", "duplicates")
DELIVERY = ("pack", "locale", "address", "state", "reason", "changed_at")
SHOWN = 200
"""Rows of one table on the page; the files and `keping deliveries` have them all."""


def leave_review(settings: Settings, outcome: RunOutcome) -> None:
    """The summary of a month, a link to its folder, what was read and refused, and what was mailed."""
    month = outcome.month
    create_markdown_artifact(key=f"review-{month}", markdown=outcome.as_markdown(), description=f"Review of {month}")
    if outcome.folder is not None:
        _leave_link(f"packs-{month}", outcome.folder, f"Where the files of {month} lie")
        _leave_table(f"quality-{month}", books(outcome.folder / "quality.csv", month), f"Rows read and refused for {month}")
    if outcome.deliveries:
        _leave_deliveries(settings, month, outcome.revision)


def leave_backfill(outcome: BackfillOutcome) -> None:
    """The comparison of a backfill: in words, and a row a month."""
    key = f"backfill-{outcome.first}-{outcome.last}"
    create_markdown_artifact(key=key, markdown=outcome.as_markdown(), description=f"{outcome.first} to {outcome.last}: {outcome.reason}")
    if outcome.folder is not None:
        _leave_link(f"{key}-files", outcome.folder, "Where the comparison and each month's tables lie")
    rows = [{"month": str(done.month), "ending": done.ending.value, "in words": done.line()} for done in outcome.months]
    _leave_table(f"{key}-months", rows, "What differs, month by month")


def leave_mail(settings: Settings, outcome: MailOutcome) -> None:
    """Who has got a month's packs by now, and who has not."""
    report = outcome.report
    create_markdown_artifact(
        key=f"deliver-{report.month}",
        markdown="\n".join(f"- {one_line(line)}" for line in outcome.lines()),
        description=f"Mail of {report.month} r{report.revision}",
    )
    _leave_deliveries(settings, report.month, report.revision)


def books(file: Path, month: Month) -> list[dict[str, Any]]:
    """The rows of a published `quality.csv` that concern the month or have no date; none where there is no such file."""
    if not file.is_file():
        return []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [{name: row.get(name, "") for name in BOOKS} for row in csv.DictReader(lines) if row.get("month") in ("", str(month))]


def _leave_deliveries(settings: Settings, month: Month, revision: int | None) -> None:
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment, create=False) as warehouse:
        rows = warehouse.deliveries(month, revision)
    _leave_table(f"deliveries-{month}", [{name: row[name] for name in DELIVERY} for row in rows], f"Who has got {month} r{revision}")


def _leave_table(key: str, rows: Iterable[Mapping[str, Any]], description: str) -> None:
    shown = [{name: one_line(str("" if value is None else value)) for name, value in row.items()} for row in rows]
    if shown:
        more = f"; the first {SHOWN} of {len(shown)} rows" if len(shown) > SHOWN else ""
        create_table_artifact(key=key, table=shown[:SHOWN], description=description + more)


def _leave_link(key: str, folder: Path, description: str) -> None:
    create_link_artifact(key=key, link=folder.as_uri(), link_text=str(folder), description=description)
