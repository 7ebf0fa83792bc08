"""Marketing's campaigns: what each cost, whom it reached, and which customers and orders it is to bring."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from flows.sample.seasons import Season

DEAR_SOURCE, CHEAP_SOURCE = "fair", "search"
_COLUMNS = ("Title", "Kind", "Via", "Source", "Promo", "Spent", "Reached", "Answered")
_KINDS: tuple[tuple[str, tuple[int, ...], int, int, tuple[object, ...]], ...] = (
    ("FA", (3, 9), 10, 4, ("Trade fair", "event", "fair", DEAR_SOURCE, "", 36_000.0, 900, 140)),
    ("SE", (2, 4, 6, 8, 10, 12), 1, 50, ("Search words", "acquisition", "web", CHEAP_SOURCE, "WELCOME8", 7_000.0, 21_000, 760)),
    ("DD", (11,), 1, 11, ("Double eleven", "retention", "app", "campaign", "DOUBLE11", 12_000.0, 4_000, 610)),
    ("ML", (4, 8, 10), 11, 20, ("Letter to customers", "mailing", "mail", "", "", 1_800.0, 90, 13)),
)
"""Letters of the code, the months of a year, first day, days, and the columns above; the fair costs much and brings few."""


def campaigns(season: Season) -> pd.DataFrame:
    """`campaigns.xlsx`: one row per campaign, with real date cells."""
    rows = []
    for when in (season.month(month) for month in range(season.months)):
        for letters, months, day, days, told in _KINDS:
            if when.number not in months:
                continue
            begins = when.first_day + timedelta(days=day - 1)
            title, *rest = told
            dated = {"Code": f"{letters}{when.year % 100}{when.number:02d}", "Begins": begins, "Ends": begins + timedelta(days=days - 1)}
            rows.append({**dated, **dict(zip(_COLUMNS, (f"{title} {when}", *rest), strict=True)), "Owner": "marketing"})
    return pd.DataFrame(rows, columns=["Code", "Begins", "Ends", *_COLUMNS, "Owner"])


def mailing_codes(season: Season) -> list[tuple[str, int]]:
    """Code and place of the month of each mailing campaign, oldest first."""
    whole = campaigns(season)
    letters = whole[whole["Kind"] == "mailing"]
    first = season.first.year * 12 + season.first.number
    return [(str(code), day.year * 12 + day.month - first) for code, day in zip(letters["Code"], letters["Begins"], strict=True)]
