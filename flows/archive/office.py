"""What every step of a month works with: settings, warehouse, archive, the time of day, and whom to tell how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from flows.archive.revisions import Archive
from flows.machine.clock import Clock, now
from flows.machine.progress import Progress, silent
from flows.settings import Settings
from flows.warehouse.store import Warehouse
from reports.glyphs import use_fonts


@dataclass(frozen=True)
class Office:
    """One company's warehouse and archive as its settings name them, open for work."""

    settings: Settings
    warehouse: Warehouse
    archive: Archive
    clock: Clock = now
    tell: Progress = silent

    @classmethod
    @contextmanager
    def open(cls, settings: Settings, *, clock: Clock = now, tell: Progress = silent, create: bool = False) -> Iterator[Office]:
        """The office with its warehouse open, which is closed again afterwards; with `create` it is made where there is none."""
        use_fonts(settings.font_paths)
        company, environment = settings.company.name, settings.delivery.environment
        with Warehouse.open(settings.warehouse_url, company, environment, create=create) as warehouse:
            yield cls(settings, warehouse, Archive(settings.archive_path), clock, tell)

    @property
    def today(self) -> date:
        """The business day it is now, in the company's own time zone."""
        return self.clock().astimezone(self.settings.zone).date()
