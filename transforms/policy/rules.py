"""Scoring rules as frozen, versioned values that check themselves.

A policy is the company's choice: grades, weights, cut-offs, hold bands, minimum
samples, and the reference distributions that percentile ranks are taken against.
None of its defaults comes from the teaching texts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from datetime import date
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, PlainValidator

from transforms.errors import PolicyError, Problem
from transforms.month import Month
from transforms.policy.acting import Acting
from transforms.policy.assumptions import Assumptions
from transforms.policy.declared_segments import DeclaredSegments
from transforms.policy.plain import Flag, Number, Text, Whole

UNRATED = "unrated"
"""Tier of customers whose history is too short for a grade."""


def _month(value: Any) -> Month:
    return value if isinstance(value, Month) else Month.parse(str(value))


def _month_or_none(value: Any) -> Month | None:
    return None if value is None else _month(value)


def _frozen(value: Any) -> Any:
    """`auto` stands for distributions that are still to be frozen."""
    return None if value == "auto" else value


@dataclass(frozen=True)
class Grade:
    """One grade, best first in the policy: its tier id, its names, and the score from which it is earned."""

    grade: Text
    tier: Text
    name_en: Text
    name_zh: Text
    cut: Number
    """Lowest score (0-100) of the grade; the last grade's cut is 0."""
    band: Number | None = None
    """Points of the hold band around this cut; None: `hold.band`."""
    months_below: Whole | None = None
    """Months in a row below this cut after which the grade is lost; None: `hold.months_below`."""


@dataclass(frozen=True)
class Weights:
    """Shares of the three parts of the grade score; they add up to 1."""

    history: Number = 0.3
    frequency: Number = 0.3
    amount: Number = 0.4


@dataclass(frozen=True)
class Hold:
    """What keeps grades from flapping: a band around each cut, patience below it, one grade a month down."""

    band: Number = 2.0
    """Points: promote at cut + band, demote below cut - band."""
    months_below: Whole = 3
    """Demoted also after this many months in a row below the cut itself."""
    recheck_months: Whole = 12
    """An upgrade is taken back if a refund within so many months shows that it was not earned; 0: never."""


@dataclass(frozen=True)
class Loyalty:
    """Weights of the loyalty index (behaviour, satisfaction, recommendation) and the share that must be known."""

    behaviour: Number = 0.5
    satisfaction: Number = 0.2
    recommendation: Number = 0.3
    minimum_share: Number = 0.5
    """Least weight that must be known; below it there is no index."""
    attitude_cut: Number = 80.0
    """Attitude (0-100) from which it counts as high: 8 of 10 on the recommendation question."""
    behaviour_cut: Number = 50.0
    """Behavioural loyalty (0-100) from which it counts as high."""


@dataclass(frozen=True)
class Value:
    """Value classes: weights of historic, current and potential value, and the scores from which a class is earned."""

    history: Number = 0.25
    current: Number = 0.5
    potential: Number = 0.25
    high_cut: Number = 70.0
    mid_cut: Number = 40.0


@dataclass(frozen=True)
class Behaviour:
    """Behaviour classes: when a customer counts as loyal, and how long as active."""

    loyal_orders: Whole = 4
    """Least orders in twelve months."""
    loyal_intervals: Number = 1.5
    """Greatest silence, in own median intervals."""
    loyal_tenure_months: Whole = 12
    active_months: Whole = 3


@dataclass(frozen=True)
class Classes:
    """The classes beside the grade: core, Pareto, practice; when margins count; what a complete customer file holds."""

    core_share: Number = 0.8
    """Share of current value that the core customers give together."""
    abc_a: Number = 0.8
    abc_b: Number = 0.95
    abc_including: Flag = False
    """Whether a customer's own share counts toward the limit; by default the one who crosses it is still inside."""
    developable_cut: Number = 70.0
    """Rank of potential value (0-100) from which a customer who is not of high value is developable."""
    cost_share: Number = 0.95
    """Share of the month's orders whose cost must be known for value to be margin; below it is revenue for everybody."""
    card_fields: tuple[Text, ...] = ("name", "kind", "role", "region", "industry", "source_channel", "account_manager", "preferred_channel")
    """Fields of the customers table that a complete file holds."""

    def __post_init__(self) -> None:
        shares = (self.core_share, self.abc_a, self.abc_b, self.cost_share)
        if not all(0 < share <= 1 for share in shares) or self.abc_a >= self.abc_b or not 0 <= self.developable_cut <= 100:
            raise ValueError("core_share, abc_a < abc_b and cost_share are in (0, 1], developable_cut is 0-100")


@dataclass(frozen=True)
class Satisfaction:
    """Shrinkage of a customer's satisfaction toward the reference mean."""

    prior_answers: Number = 3.0
    prior_mean: Number | None = None
    """0-1; None: taken at the freeze from the company's own answers."""


@dataclass(frozen=True)
class Economics:
    """What the value section reckons with: company choices, none of them measured."""

    discount_rate: Number = 0.1
    """Yearly, for money of later years."""
    horizon_years: Whole = 5
    """How far the retention scenario looks."""
    satisfied_from: Number = 75.0
    """Satisfaction index (0-100) from which a customer counts as satisfied."""
    riser_growth: Number = 0.25
    """Growth of twelve-month net from which a customer below the best tier counts as a riser."""


@dataclass(frozen=True)
class Reference:
    """Frozen distributions: for each measure the sorted percentile grid that ranks are read from.

    `month` is the month they were frozen at. `grids` maps a measure to its 1,001 quantiles
    (0.0 %, 0.1 %, ... 100.0 %) over the rated base of that month.
    """

    __pydantic_config__ = ConfigDict(extra="ignore")

    month: Text
    customers: Whole
    grids: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Policy:
    """One version of the scoring rules; `version` names it, `digest` is of every rule in it."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    version: Text
    effective_from: Annotated[Month, PlainValidator(_month)]
    author: Text
    reason: Text
    grades: tuple[Grade, ...]
    unrated_name_en: Text = "Unrated"
    unrated_name_zh: Text = "未评级"
    unrated_months: Whole = 3
    """A customer is graded once the first order is at least this many months old."""
    weights: Weights = field(default_factory=Weights)
    hold: Hold = field(default_factory=Hold)
    loyalty: Loyalty = field(default_factory=Loyalty)
    satisfaction: Satisfaction = field(default_factory=Satisfaction)
    value: Value = field(default_factory=Value)
    behaviour: Behaviour = field(default_factory=Behaviour)
    economics: Economics = field(default_factory=Economics)
    acting: Acting = field(default_factory=Acting)
    classes: Classes = field(default_factory=Classes)
    segments: DeclaredSegments = ()
    """Declared segments, the first that fits counts; none: everybody is in `other`."""
    assumptions: Assumptions = ()
    """What this policy says of quoted figures; see `transforms.policy.assumptions` for the others."""
    lost_days: Whole = 365
    """Lost after max(lost_days, lost_intervals x own median interval) without an order."""
    lost_intervals: Number = 3.0
    warn_days: Whole = 180
    """Silence after which an active customer's revenue counts as at risk."""
    reference: Annotated[Reference | None, BeforeValidator(_frozen)] = None
    """None: `auto`, to be frozen when the policy is first used, at the month that `transforms.freezing.month_to_freeze` names."""
    reference_month: Annotated[Month | None, PlainValidator(_month_or_none)] = None
    """The month to freeze at where `reference` is `auto`; None: by the rule."""
    borderline: Number = 2.0
    """Points around a cut within which a customer is listed as borderline."""
    owner: Text = ""
    """Who answers for the standard."""
    review_due: Text = ""
    """Last day, YYYY-MM-DD, on which the standard is to be looked at anew; empty: none is set."""
    effort: Text = ""
    """What the standard costs to run, in words; entered by hand, as no data can tell it."""

    def __post_init__(self) -> None:
        problems = list(_contradictions(self))
        if problems:
            raise PolicyError(self.version, problems)

    @cached_property
    def digest(self) -> str:
        """sha256 of the policy's canonical JSON: two policies with one digest score alike."""
        return hashlib.sha256(canonical_json(self).encode()).hexdigest()

    @property
    def bands(self) -> tuple[float, ...]:
        """The hold band of each grade's cut, best grade first."""
        return tuple(self.hold.band if grade.band is None else grade.band for grade in self.grades)

    @property
    def patience(self) -> tuple[int, ...]:
        """Months in a row below each grade's cut after which it is lost, best grade first."""
        return tuple(self.hold.months_below if grade.months_below is None else grade.months_below for grade in self.grades)

    @property
    def tiers(self) -> tuple[str, ...]:
        """Tier ids, best first, `unrated` last."""
        return (*(grade.tier for grade in self.grades), UNRATED)

    def tier_name(self, tier: str, locale: str) -> str:
        """The tier's name in the reader's language."""
        chinese = locale.startswith("zh")
        if tier == UNRATED:
            return self.unrated_name_zh if chinese else self.unrated_name_en
        grade = next(grade for grade in self.grades if grade.tier == tier)
        return grade.name_zh if chinese else grade.name_en

    def freeze(self, reference: Reference, prior_mean: float | None) -> Policy:
        """The same rules with their reference distributions fixed, as a version of its own."""
        satisfaction = self.satisfaction
        if satisfaction.prior_mean is None and prior_mean is not None:
            satisfaction = replace(satisfaction, prior_mean=prior_mean)
        return replace(self, reference=reference, satisfaction=satisfaction, version=f"{self.version}@{reference.month}")


def _contradictions(policy: Policy) -> Iterator[Problem]:
    """What the rules say against each other, each with its key."""
    cuts = [grade.cut for grade in policy.grades]
    if not 2 <= len(policy.grades) <= 6:
        yield "grades", f"{len(policy.grades)} grades; between 2 and 6 are possible"
    if cuts != sorted(cuts, reverse=True) or len(set(cuts)) != len(cuts):
        yield "grades", f"cuts {cuts} do not fall from the best grade to the last"
    if cuts and cuts[-1] != 0:
        yield "grades", f"the last grade's cut is {cuts[-1]}; it must be 0 so that every customer has a grade"
    if len({grade.tier for grade in policy.grades} | {UNRATED}) != len(policy.grades) + 1:
        yield "grades", "tier ids repeat, or one is called 'unrated'"
    for number, tier in enumerate((grade.tier for grade in policy.grades), start=1):
        if not tier.replace("-", "").replace("_", "").isalnum() or not tier.isascii() or tier != tier.lower():
            yield f"grades[{number}].tier", f"tier id {tier!r}: only a-z, 0-9, - and _ (it becomes a file name)"
    total = policy.weights.history + policy.weights.frequency + policy.weights.amount
    if abs(total - 1) > 1e-9:
        yield "weights", f"the weights add up to {total:g}, not to 1"
    if min(policy.weights.history, policy.weights.frequency, policy.weights.amount) < 0:
        yield "weights", "a weight is negative"
    if min(policy.bands, default=0) < 0 or min(policy.patience, default=1) < 1:
        yield "hold", "a band must be >= 0 and months_below >= 1"
    earned = [cut + band for cut, band in zip(cuts, policy.bands, strict=True)][:-1]
    if earned != sorted(earned, reverse=True) or len(set(earned)) != len(earned):
        yield "hold", f"with their bands the cuts are {earned}; they must fall from the best grade to the last"
    if policy.hold.recheck_months < 0:
        yield "hold.recheck_months", "must be >= 0"
    if policy.borderline < 0:
        yield "borderline", "must be >= 0"
    if policy.review_due and not _is_day(policy.review_due):
        yield "review_due", f"{policy.review_due!r} is no day; write YYYY-MM-DD"
    rule = policy.economics
    if not 0 <= rule.discount_rate <= 1 or not 1 <= rule.horizon_years <= 30 or not 0 <= rule.satisfied_from <= 100:
        yield "economics", "discount_rate is 0-1, horizon_years 1-30, satisfied_from 0-100"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def builtin() -> Policy:
    """The policy that applies where no policy file exists: A, B, C and unrated."""
    return Policy(
        version="builtin-1",
        effective_from=Month(1980, 1),
        author="Keping",
        reason="built in; a company choice is still to be made",
        grades=(
            Grade("A", "a", "A customers", "A 级客户", 70.0),
            Grade("B", "b", "B customers", "B 级客户", 40.0),
            Grade("C", "c", "C customers", "C 级客户", 0.0),
        ),
    )


@dataclass(frozen=True)
class Policies:
    """All versions, by effective month; months before the first use the first."""

    versions: tuple[Policy, ...]

    def in_force(self, month: Month) -> Policy:
        """The policy of a month: the newest that is effective then, else the first."""
        ordered = sorted(self.versions, key=lambda policy: policy.effective_from)
        started = [policy for policy in ordered if policy.effective_from <= month]
        return started[-1] if started else ordered[0]


def canonical_json(value: Any) -> str:
    """A policy as JSON with sorted keys, for digests and the warehouse; rules that came later stand in it only where they are set."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


_FIRST_FORM: Mapping[type, frozenset[str]] = {
    Policy: frozenset(
        [
            "version",
            "effective_from",
            "author",
            "reason",
            "grades",
            "unrated_name_en",
            "unrated_name_zh",
            "unrated_months",
            "weights",
            "hold",
            "loyalty",
            "satisfaction",
            "value",
            "behaviour",
            "lost_days",
            "lost_intervals",
            "warn_days",
            "reference",
        ]
    ),
    Grade: frozenset(["grade", "tier", "name_en", "name_zh", "cut"]),
    Weights: frozenset(["history", "frequency", "amount"]),
    Hold: frozenset(["band", "months_below"]),
    Loyalty: frozenset(["behaviour", "satisfaction", "recommendation", "minimum_share", "attitude_cut", "behaviour_cut"]),
    Value: frozenset(["history", "current", "potential", "high_cut", "mid_cut"]),
    Behaviour: frozenset(["loyal_orders", "loyal_intervals", "loyal_tenure_months", "active_months"]),
    Satisfaction: frozenset(["prior_answers", "prior_mean"]),
    Reference: frozenset(["month", "customers", "grids"]),
}
"""What the first policies wrote. It never grows: a rule that came later is written only where it is not at its default,
so that a policy recorded before the rule existed keeps its digest. The default of such a rule therefore never changes."""


def _plain(value: Any) -> Any:
    if isinstance(value, Month):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        first = next((_FIRST_FORM[kind] for kind in type(value).__mro__ if kind in _FIRST_FORM), frozenset[str]())
        own = [(item, getattr(value, item.name)) for item in fields(value)]
        return {item.name: _plain(rule) for item, rule in own if item.name in first or not _is_default(item, rule)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


def _is_default(item: Field[Any], rule: Any) -> bool:
    if item.default_factory is not MISSING:
        return bool(rule == item.default_factory())
    return item.default is not MISSING and bool(rule == item.default)


MEASURES = ("tenure_months", "recency_days", "orders_per_month", "annual_net", "net_12m", "historic_net")
"""What is ranked against the frozen reference; money in currency units, so that a policy can be read."""
