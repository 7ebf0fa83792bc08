"""What a month's packs are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from expectations.findings import Finding
from expectations.suites import Suites
from reports.revised import no_revisions
from transforms.inputs import Standard
from transforms.month import Month
from transforms.review import MonthReview
from transforms.tables.merging import Merged


@dataclass(frozen=True)
class PackMaterial:
    """All that a month's packs are made of: finished numbers and where they come from; no clock, no database.

    previous   last month's `MonthReview.customers` (empty on the first month)
    history    `FIGURE_COLUMNS` plus `month` (`YYYY-MM`), earlier months only
    quality    one row per table and month, see `flows.snapshots.store.Pulled.quality`
    known_at   aware instant at which the sources were read; the only time a pack prints as its own
    revised    earlier months that say something else now, see `reports.revised`
    sample_notice  printed on every page, such as "invented sample data"; empty for real data
    """

    company: str
    currency: str
    timezone: str
    month: Month
    revision: int
    known_at: datetime
    run_id: str
    code_version: str
    review: MonthReview
    history: pd.DataFrame
    previous: pd.DataFrame
    quality: pd.DataFrame
    findings: tuple[Finding, ...]
    min_n: int = 10
    flag_n: int = 30
    sample_notice: str = ""
    revised: pd.DataFrame = field(default_factory=no_revisions)
    known: frozenset[str] = frozenset()
    """Ids of all customers that the company knows, also of those whom the month's review has no row of."""
    standards: tuple[Standard, ...] = ()
    """The policies that the months of `history` were scored by, oldest first."""
    merged: Merged = field(default_factory=dict)
    """Records that count as another customer."""
    year_ago: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"customer_id": pd.Series([], dtype="str")}))
    """What the review of twelve months before said of the customers (`transforms.inputs.YEAR_AGO_COLUMNS`)."""
    suites: Suites | None = None
    """The rules that the rows of this month were checked by; None: not told, and not printed."""
    segment: str = ""
    """Which filter the material was cut by (`reports.scoping.limit_to_scope`); empty: by none."""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The company's own words for its values (regions, channels, roles, causes), by language."""
    segment_words: str = ""
