"""Small invented months to print: whatever a test does not name is filled in here, the same each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from expectations.findings import Finding, Severity
from reports.pack import PackMaterial
from transforms.actions.aftermath import RESULT_COLUMNS as AFTERMATH_COLUMNS
from transforms.actions.listing import list_actions
from transforms.actions.signs import Signs
from transforms.figures import FIGURE_COLUMNS, Figure, Reason, Scope, Unit, figure_frame
from transforms.indicators.all import CATALOGUE
from transforms.month import Month
from transforms.policy.rules import MEASURES, Reference, builtin
from transforms.review import MonthReview

MONTH = Month(2026, 10)
KNOWN_AT = datetime(2026, 11, 1, 2, 15, tzinfo=UTC)
GRADE_OF = {"a": "A", "b": "B", "c": "C", "unrated": "unrated"}
EVERYTHING = frozenset({"customers", "orders", "tickets", "surveys"})

_NAMES = (
    "Harbour Lane Trading",
    "杭州云帆贸易有限公司",
    "Müller & Söhne GmbH",
    "王建国",
    "Łódź Papier",
    "Ana Conceição",
    "广州锦程酒店管理集团",
    "O’Neill Foods",
)

VALUES: Mapping[str, float] = {
    "customers_base": 600,
    "customers_current": 560,
    "customers_active_12m": 480,
    "customers_new": 18,
    "customers_lost": 9,
    "orders": 812,
    "gross_revenue": 1_900_000.0,
    "refunds": 56_789.45,
    "net_revenue": 1_843_210.55,
    "net_revenue_12m": 21_500_000.0,
    "average_order_value": 2339.9,
    "repeat_purchase_rate": 0.612,
    "retention_rate": 0.784,
    "churn_rate": 0.216,
    "nrr": 1.043,
    "grr": 0.861,
    "top20_share": 0.694,
    "revenue_at_risk": 604_000.0,
    "csat_mean": 4.12,
    "csat_top2_share": 0.771,
    "nps": 31.0,
    "ces": 5.2,
    "servqual_gap": -0.4,
    "satisfaction_index": 77.8,
    "loyalty_index": 63.4,
    "behavioural_loyalty": 58.2,
    "share_true_loyalty": 0.38,
    "share_latent_loyalty": 0.22,
    "share_spurious_loyalty": 0.17,
    "share_no_loyalty": 0.23,
    "tickets_opened": 143,
    "tickets_open": 21,
    "complaints": 37,
    "complaint_rate": 45.6,
    "first_response_hours_median": 3.4,
    "resolution_hours_median": 61.0,
    "sla_attainment": 0.913,
    "reopen_rate": 0.062,
    "first_contact_resolution": 0.71,
}
"""The company's values; indicators that are not named here are 10."""


def customers(size: int = 60, tiers: tuple[str, ...] = ("a", "b", "c", "unrated"), seed: int = 7, **columns: Any) -> pd.DataFrame:
    """`MonthReview.customers` of an invented base, sorted by customer_id; named columns win."""
    random = np.random.default_rng(seed)
    score = np.round(random.beta(2, 2, size) * 100, 2)
    tier = np.select([score >= 70, score >= 40], ["a", "b"], "c").astype(object)
    tier[:: max(9, size // 12)] = "unrated"
    tier = np.array([one if one in tiers else tiers[0] for one in tier], dtype=object)
    grade = [GRADE_OF.get(one, one.upper()) for one in tier]
    before = [("B" if one == "A" else "A" if one == "B" else one) if place % 11 == 0 else one for place, one in enumerate(grade)]
    net = (random.lognormal(8.5, 1.2, size) * 10_000).astype("int64")
    answers = random.integers(0, 11, size)
    frame = pd.DataFrame(
        {
            "customer_id": [f"C-{place:05d}" for place in range(size)],
            "name": [f"{_NAMES[place % len(_NAMES)]} {place // len(_NAMES) + 1}" for place in range(size)],
            "tier": tier,
            "grade": grade,
            "previous_grade": before,
            "held": pd.array([place % 17 == 0 for place in range(size)], dtype="boolean"),
            "score": np.where(tier == "unrated", np.nan, score),
            "recency_days": pd.array(random.integers(0, 300, size), dtype="Int64"),
            "orders_12m": pd.array(random.integers(0, 40, size), dtype="Int64"),
            "net_12m": pd.array(net, dtype="Int64"),
            "net_total": pd.array(net * 3, dtype="Int64"),
            "satisfaction_index": np.where(random.random(size) < 0.4, np.round(random.beta(5, 2, size) * 100, 1), np.nan),
            "nps_score": np.where(random.random(size) < 0.5, answers, np.nan),
            "loyalty_index": np.round(random.beta(3, 2, size) * 100, 1),
            "satisfaction_n": pd.array(random.integers(0, 4, size), dtype="Int64"),
            "ladder": [("loyalty", "consideration", None)[place % 3] for place in range(size)],
            "is_new": [place % 40 == 0 for place in range(size)],
            "is_lost": False,
            "was_lost": False,
            "birth_date": ["1980-01-01"] * size,
        }
    )
    return frame.assign(**columns) if columns else frame


def figures(
    scopes: tuple[str, ...] = ("a", "b", "c", "unrated"),
    supplied: frozenset[str] = EVERYTHING,
    values: Mapping[str, float | None] | None = None,
) -> pd.DataFrame:
    """A figure of every catalogue indicator for the company and each tier; named values win for all scopes."""
    found: list[Figure] = []
    places = [(Scope.COMPANY, "", 1.0), *((Scope.TIER, tier, 0.8 - 0.1 * place) for place, tier in enumerate(scopes))]
    for scope, scope_value, factor in places:
        for name, indicator in CATALOGUE.items():
            unit, needs, value = indicator.unit, indicator.needs, VALUES.get(name, 10.0)
            if needs and not set(needs) & supplied:
                found.append(Figure(scope, scope_value, name, None, reason=Reason.NOT_SUPPLIED))
                continue
            now = (values or {}).get(name, value * (factor if unit in (Unit.COUNT, Unit.MONEY) else 0.9 + 0.1 * factor))
            if now is None:
                found.append(Figure(scope, scope_value, name, None, n=4, reason=Reason.TOO_FEW))
                continue
            now = float(round(now)) if unit is Unit.COUNT else now
            spread = abs(now) * 0.05
            survey = indicator.survey
            found.append(
                Figure(
                    scope,
                    scope_value,
                    name,
                    now,
                    n=round(190 * factor) if survey else round(480 * factor),
                    lower=now - spread if survey else None,
                    upper=now + spread if survey else None,
                    previous=now * 0.97,
                    change=now * 0.03,
                    signal="above" if name == "complaints" else "",
                )
            )
    return figure_frame(found)


def history(now: pd.DataFrame, months: int = 12, seed: int = 3) -> pd.DataFrame:
    """Earlier months of the same figures, wandering a little."""
    random = np.random.default_rng(seed)
    frames = []
    for back in range(months, 0, -1):
        drift = 1 + random.normal(0, 0.05, len(now)) - 0.004 * back
        frames.append(now.assign(value=now["value"] * drift, month=str(MONTH - back)))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*FIGURE_COLUMNS, "month"])


def transitions(frame: pd.DataFrame, lost: int = 3) -> pd.DataFrame:
    """Counts of grade before and after, with some new and some lost."""
    counts = frame.groupby(["previous_grade", "grade"], as_index=False).size()
    counts = counts.set_axis(["grade_before", "grade_after", "customers"], axis=1)
    more = pd.DataFrame({"grade_before": ["new", "C"], "grade_after": ["unrated", "lost"], "customers": [5, lost]})
    return pd.concat([counts, more], ignore_index=True)


def quality() -> pd.DataFrame:
    """The books of four tables."""
    newest = pd.Timestamp("2026-10-31 15:40", tz="UTC")
    rows = [
        ("orders", str(MONTH), 8_412, 8_370, 30, 12, 18_900_000_000, 18_432_105_500, newest, 8_412, 18_900_000_000, ""),
        ("surveys", str(MONTH), 1_204, 1_199, 5, 0, None, None, newest, None, None, "two files"),
        ("tickets", str(MONTH), 143, 143, 0, 0, None, None, newest, 143, None, ""),
        ("customers", "", 612, 611, 0, 1, None, None, None, 612, None, ""),
    ]
    names = [
        "table",
        "month",
        "read",
        "accepted",
        "quarantined",
        "duplicates",
        "money_read",
        "money_accepted",
        "freshest",
        "source_rows",
        "source_money",
        "note",
    ]
    frame = pd.DataFrame(rows, columns=names)
    for name in ("money_read", "money_accepted", "source_rows", "source_money"):
        frame[name] = frame[name].astype("Int64")
    return frame.assign(freshest=pd.to_datetime(frame["freshest"], utc=True), carried=0, derived_from="")


def findings() -> tuple[Finding, ...]:
    return (
        Finding(
            "orders",
            "orders.customer_id.missing",
            Severity.WARNING,
            "30 orders have no customer; ask the shop team to export again.",
            str(MONTH),
            30,
            8_412,
            ("10234",),
        ),
        Finding("surveys", "surveys.score.range", Severity.INFO, "5 answers lie outside the instrument's scale.", str(MONTH), 5, 1_204),
    )


def with_list(people: pd.DataFrame) -> pd.DataFrame:
    """The customers with who of them is to be acted on, read from their own columns alone; `act_...` columns that are there win."""
    nobody = np.zeros(len(people), dtype=np.int64)
    signs = Signs(
        contract_end=pd.Series([pd.NaT] * len(people), dtype="datetime64[us]"),
        asks_tickets=True,
        tickets_open=nobody,
        complaints_open=nobody,
        complaints_late=nobody,
        answered=np.zeros(len(people), dtype=bool),
        index_before=np.full(len(people), np.nan),
        refunds=nobody,
        gross_12m=nobody + 1,
        peak=nobody,
    )
    policy = builtin().freeze(Reference("2026-09", 590, dict.fromkeys(MEASURES, (0.0,) * 1001)), None)
    listed = list_actions(people.reset_index(drop=True), signs, MONTH, policy)
    return (
        people.reset_index(drop=True)
        .assign(**{name: column for name, column in listed.items() if name not in people})
        .assign(**{name: None for name in AFTERMATH_COLUMNS if name not in people})
    )


def material(
    size: int = 60,
    supplied: frozenset[str] = EVERYTHING,
    months: int = 12,
    base: pd.DataFrame | None = None,
    values: Mapping[str, float | None] | None = None,
    **changes: Any,
) -> PackMaterial:
    """A whole month's material; `changes` replace its fields."""
    people = with_list(customers(size) if base is None else base)
    numbers = figures(supplied=supplied, values=values)
    policy = builtin().freeze(Reference("2026-09", 590, {"net": (0.0, 1.0)}), None)
    earlier_tier = people["tier"].where(people["grade"] == people["previous_grade"], people["previous_grade"].str.lower())
    known = people.assign(score=people["score"] + 4.0, net_12m=(people["net_12m"] * 103) // 100, tier=earlier_tier)
    made = PackMaterial(
        company="Hanlin Trading",
        currency="CNY",
        timezone="Asia/Shanghai",
        month=MONTH,
        revision=0,
        known_at=KNOWN_AT,
        run_id="run-1",
        code_version="0.1.0+1a2b3c4d",
        review=MonthReview(MONTH, policy, supplied, people, numbers, transitions(people)),
        history=history(numbers, months),
        previous=known if months else known.iloc[:0],
        quality=quality(),
        findings=findings(),
        sample_notice="",
    )
    return replace(made, **changes)
