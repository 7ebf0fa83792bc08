"""What must be true of a finished month, whatever the method: results are distrusted as inputs are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import chain

import numpy as np
import pandas as pd

from expectations.findings import Finding, Severity
from transforms.figures import Reason

ADDITIVE = ("orders", "gross_revenue", "net_revenue", "refunds")
"""Indicators whose tiers and unattributed part add up to the company; money to the cent, counts exactly."""

RANGES: Mapping[str, tuple[float, float]] = {
    "share": (0.0, 1.0),
    "index": (0.0, 100.0),
    "points": (-100.0, 100.0),
    "count": (0.0, math.inf),
    "hours": (0.0, math.inf),
}
"""What a value of a unit can be at all."""

COLUMN_RANGES: Mapping[str, tuple[float, float]] = {
    "score": (0.0, 100.0),
    "satisfaction_index": (0.0, 100.0),
    "loyalty_index": (0.0, 100.0),
    "behavioural_loyalty": (0.0, 100.0),
    "p_alive": (0.0, 1.0),
    "recency_days": (0.0, math.inf),
    "orders_12m": (0.0, math.inf),
    "satisfaction_n": (0.0, math.inf),
}

CENT = 0.005


def check_results(
    figures: pd.DataFrame,
    customers: pd.DataFrame,
    month: str,
    *,
    units: Mapping[str, str] | None = None,
    expected: Mapping[str, float] | None = None,
) -> list[Finding]:
    """Every promise of the results, broken ones as critical findings; sorted.

    figures    `FIGURE_COLUMNS`, one row per scope and indicator
    customers  one row per customer of the base, with `customer_id` and `tier`
    units      indicator -> unit, for the ranges (indicators it lacks are only checked to be finite)
    expected   company figures as the source itself counts them (`orders`, `gross_revenue`, ...)
    """
    parts = (
        check_finite(figures, customers, month),
        check_ranges(figures, customers, month, units or {}),
        check_base(figures, customers, month),
        check_tiers(figures, month),
        check_reconciliation(figures, month),
        check_groups(figures, month),
        check_totals(figures, month, expected or {}),
    )
    return sorted(chain.from_iterable(parts), key=lambda finding: (finding.rule, finding.examples))


def check_finite(figures: pd.DataFrame, customers: pd.DataFrame, month: str) -> list[Finding]:
    """No NaN and no infinity where a value is claimed; a figure has either a value or a reason."""
    found: list[Finding] = []
    for name, frame in (("figures", figures), ("customers", customers)):
        for column in frame.select_dtypes("number").columns:
            values = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
            if np.isinf(values).any():
                found.append(
                    _finding("results.values.infinite", f"{name}.{column} holds infinite values", month, int(np.isinf(values).sum()))
                )
    if len(figures):
        both = figures["value"].notna() == figures["reason"].notna()
        if both.any():
            names = tuple(sorted(figures.loc[both, "indicator"].astype(str).unique())[:3])
            found.append(_finding("results.values.reason", "figures with neither value nor reason, or both", month, int(both.sum()), names))
    return found


def check_ranges(figures: pd.DataFrame, customers: pd.DataFrame, month: str, units: Mapping[str, str]) -> list[Finding]:
    """Shares 0-1, indices 0-100, points -100..100, counts and hours not negative; bounds around their value."""
    found: list[Finding] = []
    for indicator, rows in figures.groupby("indicator"):
        unit = units.get(str(indicator))
        if unit is None or unit not in RANGES:
            continue
        low, high = RANGES[unit]
        odd = _outside(rows["value"], low, high)
        if odd:
            found.append(_finding("results.figures.range", f"{indicator} is outside {low:g}..{high:g}", month, odd, (str(indicator),)))
    crossed = (figures["lower"] > figures["upper"]).to_numpy(dtype=bool, na_value=False)
    if crossed.any():
        names = tuple(sorted(figures.loc[crossed, "indicator"].astype(str).unique())[:3])
        found.append(
            _finding("results.figures.interval", "intervals whose lower bound is above the upper one", month, int(crossed.sum()), names)
        )
    for column, (low, high) in COLUMN_RANGES.items():
        if column in customers:
            odd = _outside(customers[column], low, high)
            if odd:
                found.append(_finding("results.customers.range", f"customers.{column} is outside {low:g}..{high:g}", month, odd, (column,)))
    return found


def check_base(figures: pd.DataFrame, customers: pd.DataFrame, month: str) -> list[Finding]:
    """The base counted three ways: rows of the customers, the company's figure, the sum over the tiers; no customer twice."""
    found: list[Finding] = []
    twice = int(customers["customer_id"].duplicated().sum())
    if twice:
        found.append(_finding("results.base.twice", "customers occur more than once", month, twice))
    without = int(customers["tier"].isna().sum()) if "tier" in customers else 0
    if without:
        found.append(_finding("results.base.tierless", "customers belong to no tier", month, without))
    company = _value(figures, "company", "customers_base")
    if company is not None and company != len(customers):
        words = f"customers_base is {company:,.0f}, but there are {len(customers):,} customers"
        found.append(_finding("results.base.company", words, month))
    tiers = _tiers(figures, "customers_base")
    if company is not None and tiers is not None and tiers != company:
        found.append(_finding("results.base.tiers", f"the tiers' customers are {tiers:,.0f}, the company's {company:,.0f}", month))
    return found


def check_tiers(figures: pd.DataFrame, month: str) -> list[Finding]:
    """Tiers + unattributed = company, for orders and money; net = gross - refunds in every scope."""
    found: list[Finding] = []
    for indicator in ADDITIVE:
        company, tiers = _value(figures, "company", indicator), _tiers(figures, indicator)
        if company is None or tiers is None:
            continue
        parts = tiers + (_value(figures, "unattributed", indicator) or 0.0)
        if abs(parts - company) > CENT + 1e-12 * abs(company):
            words = f"{indicator}: tiers and unattributed make {parts:,.2f}, the company {company:,.2f}"
            found.append(_finding("results.tiers.sum", words, month, examples=(indicator,)))
    money = figures[figures["indicator"].isin(["gross_revenue", "refunds", "net_revenue"])]
    wide = money.pivot_table(index=["scope", "scope_value"], columns="indicator", values="value", aggfunc="first", dropna=False)
    if {"gross_revenue", "refunds", "net_revenue"} <= set(wide.columns):
        gap = (wide["gross_revenue"] - wide["refunds"] - wide["net_revenue"]).abs()
        odd = gap > CENT + 1e-12 * wide["gross_revenue"].abs()
        scopes = [" ".join(map(str, scope)).strip() for scope in wide.index[odd.to_numpy(dtype=bool)]]
        found += [_finding("results.money.net", f"{scope}: net is not gross - refunds", month) for scope in scopes]
    return found


def check_reconciliation(figures: pd.DataFrame, month: str) -> list[Finding]:
    """Opening + new + came back - lost - merged + restated = customers now, in the company and in every tier."""
    plus, minus = ("base_opening", "customers_new", "base_reactivated", "base_restated"), ("customers_lost", "base_merged")
    rows = figures[figures["scope"].astype(str).isin(["company", "tier"])]
    wide = rows[rows["indicator"].isin([*plus, *minus, "customers_current"])].pivot_table(
        index=["scope", "scope_value"], columns="indicator", values="value", aggfunc="first"
    )
    if not {"base_opening", "customers_new", "base_reactivated", "customers_lost", "customers_current"} <= set(wide.columns):
        return []
    parts = wide.reindex(columns=[*plus, *minus]).fillna(0.0)
    odd = (parts[list(plus)].sum(axis=1) - parts[list(minus)].sum(axis=1) - wide["customers_current"]).abs() > CENT
    scopes = [" ".join(map(str, scope)).strip() for scope in wide.index[odd.to_numpy(dtype=bool)]]
    words = "opening, new, came back, lost and merged do not make the customers at the end"
    return [_finding("results.base.reconciled", f"{scope}: {words}", month) for scope in scopes]


def check_groups(figures: pd.DataFrame, month: str) -> list[Finding]:
    """The classes of every dimension hold each customer of the base exactly once."""
    company = _value(figures, "company", "customers_base")
    rows = figures[(figures["indicator"] == "group_customers") & (figures["scope"].astype(str) == "segment")]
    if company is None or rows.empty:
        return []
    dimension = rows["scope_value"].astype(str).str.partition("=")[0]
    # a group that is withheld still tells its n
    sums = rows["n"].astype("float64").groupby(dimension).sum()
    return [
        _finding("results.groups.sum", f"the groups of {name} hold {total:,.0f} customers, the base {company:,.0f}", month)
        for name, total in sums.items()
        if abs(total - company) > CENT
    ]


def check_totals(figures: pd.DataFrame, month: str, expected: Mapping[str, float]) -> list[Finding]:
    """The company's figures against what the books of the pull say."""
    found = []
    for indicator, wanted in sorted(expected.items()):
        company = _value(figures, "company", indicator)
        if company is None or abs(company - wanted) > CENT + 1e-12 * abs(wanted):
            words = f"{indicator}: the books say {wanted:,.2f}, the review {'nothing' if company is None else f'{company:,.2f}'}"
            found.append(_finding("results.books", words, month, examples=(indicator,)))
    return found


def _value(figures: pd.DataFrame, scope: str, indicator: str) -> float | None:
    rows = figures[(figures["scope"].astype(str) == scope) & (figures["indicator"] == indicator)]["value"].dropna()
    return float(rows.iloc[0]) if len(rows) else None


def _tiers(figures: pd.DataFrame, indicator: str) -> float | None:
    """The sum over the tiers; None where there is none, or one of them is withheld."""
    rows = figures[(figures["scope"].astype(str) == "tier") & (figures["indicator"] == indicator)]
    if rows.empty or (rows["value"].isna() & (rows["reason"].astype(str) != Reason.NO_DATA)).any():
        return None
    return math.fsum(rows["value"].dropna())


def _outside(values: pd.Series, low: float, high: float) -> int:
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    return int(((numbers < low - 1e-9) | (numbers > high + 1e-9)).sum())


def _finding(rule: str, message: str, month: str, rows: int = 0, examples: Iterable[str] = ()) -> Finding:
    words = f"results {month}: {message}. This is a mistake of ours or of the data behind it; nothing is published."
    return Finding("results", rule, Severity.CRITICAL, words, month, rows, examples=tuple(examples))
