"""What the sample's head office keeps beside the CRM: who gets which pack, costs, and targets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.sample.seasons import Season

_RECIPIENTS = (
    ("chen.wei@example.com", "陈伟", "zh_CN", "a", "", "", "", ""),
    ("s.oshaughnessy@example.com", "Siobhán O'Shaughnessy", "en", "a|b", "", "", "", ""),
    ("liu.fang@example.com", "刘芳", "zh_CN", "b", "", "", "", ""),
    ("m.marchbank@example.com", "Miles Marchbank", "en", "c|unrated", "", "", "", ""),
    ("zhang.min@example.com", "张敏", "zh_CN", "c", "", "", "", ""),
    ("board@example.com", "Board office", "en", "*", "", "", "", ""),
    ("hu.jian@example.com", "胡建", "zh_CN", "company", "", "", "", ""),
    ("t.former@example.com", "Tamsin Former", "en", "a|b|c", "", "", "2020-01-01", "2020-12-31"),
)
"""email, name, locale, tiers, filter_field, filter_value, valid_from, valid_to; the last one has left."""


def recipients() -> pd.DataFrame:
    """`recipients.csv`: managers per tier, in their language; example.com receives no mail."""
    names = ["Mail", "Name", "Language", "Tiers", "FilterField", "FilterValue", "From", "To"]
    return pd.DataFrame(_RECIPIENTS, columns=names)


def costs(season: Season, rng: np.random.Generator) -> pd.DataFrame:
    """`costs.csv`: one row per month, kind and tier (empty: the company as a whole)."""
    kinds = (("acquisition", "", 26_000), ("marketing", "", 14_000), ("retention", "", 9_000))
    shared = (("service", "a", 11_000), ("service", "b", 9_000), ("service", "c", 6_500))
    rows = [
        {"Month": str(season.month(month)), "Kind": kind, "Tier": tier, "Amount": round(usual * float(rng.uniform(0.85, 1.15)), 2)}
        for month in range(season.months)
        for kind, tier, usual in (*kinds, *shared)
    ]
    return pd.DataFrame(rows)


def plans(season: Season, net_by_month: np.ndarray) -> pd.DataFrame:
    """`plans.csv`: targets for the newest twelve months; net revenue is aimed at what came, and six per cent."""
    rows: list[dict[str, str | float]] = []
    for month in range(max(0, season.months - 12), season.months):
        name = str(season.month(month))
        goals: tuple[tuple[str, str, str, float], ...] = (
            ("net_revenue", "company", "", round(float(net_by_month[month]) / 100 * 1.06, -3)),
            ("nps", "company", "", 10.0),
            ("sla_attainment", "company", "", 0.85),
            ("csat_top2_share", "tier", "a", 0.6),
            ("complaint_rate", "tier", "b", 60.0),
        )
        rows += [{"Month": name, "Indicator": item, "Scope": scope, "Which": which, "Target": aim} for item, scope, which, aim in goals]
    return pd.DataFrame(rows)
