"""How sources spell what free columns say: the one place where the method knows words of a company's own data."""

from __future__ import annotations

import pandas as pd

REFERRAL = ("referral", "referred", "recommendation", "推荐", "转介绍")
"""A source channel that means another customer's recommendation."""
PRICE = ("price", "价格")
"""The price as the reason why a quote was lost."""
SERVICE = ("service", "reliability", "服务", "可靠")
"""Service as the reason why a quote was won."""


def says(column: pd.Series, spellings: tuple[str, ...]) -> pd.Series:
    """Where a free column holds one of the spellings, whatever its capitals; a missing cell says nothing."""
    return column.str.lower().isin(spellings)
