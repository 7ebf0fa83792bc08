"""Figures: every indicator for the company, each tier and what belongs to nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from transforms.classes.groupings import ATTRIBUTE, PROFILE, groups
from transforms.classes.segments import Segment
from transforms.classes.topics import topics
from transforms.facts.matching import locate
from transforms.facts.surveys import scaled_answers
from transforms.figures import SCALE, Figure, Indicator, Reason, Scope, figure_frame
from transforms.indicators.all import MEASURES
from transforms.indicators.declare import MONTH, Measure, Part, filled_columns
from transforms.indicators.everybody import Everybody
from transforms.indicators.service import measured_tickets
from transforms.indicators.splits import splits
from transforms.inputs import History, MonthInputs, SurveyRules
from transforms.lifetime.outlook import Outlook
from transforms.money import BoolArray, IntArray
from transforms.month import Month
from transforms.policy.rules import Policy
from transforms.statistics.estimates import Estimate, no_source
from transforms.statistics.xmr import signals

LOOKBACK = 24
"""Months of history that a signal looks at."""


def summarise(parts: Sequence[Part], history: History) -> pd.DataFrame:
    """Every figure of a month's scopes, in `FIGURE_COLUMNS`, sorted by scope, scope value and indicator.

    `previous` is the same figure of the month before, `change` the difference to it; `signal` says whether
    the value lies outside the natural limits of the months before (only where there are twelve of them, and
    only for figures of the month itself: windows of twelve months overlap and would give false alarms).
    """
    rules, month = parts[0].inputs.rules, parts[0].inputs.month
    alike: dict[tuple[Scope, str], list[Part]] = {}
    for part in parts:
        alike.setdefault((part.scope, part.family), []).append(part)
    found = [
        Computed(measure.indicator, part, estimate(measure, part, rules))
        for measure in MEASURES.values()
        for kind, those in alike.items()
        if measure.concerns(*kind)
        for part in those
    ]
    compared = _compare(found, history.figures, month)
    return figure_frame([*compared, *splits(compared, history.figures, month)])


def scopes(
    inputs: MonthInputs,
    customers: pd.DataFrame,
    policy: Policy,
    segments: Sequence[Segment] = (),
    outlook: Outlook | None = None,
    history: History | None = None,
) -> Iterator[Part]:
    """The company, each tier of the policy, what belongs to no customer, the segments asked for, groups and topics.

    Tiers and unattributed add up to the company in orders and money. Tickets and answers of people who never
    ordered count for the company alone.
    """
    nobody = {str(name): int(units) for name, units in inputs.unattributed.sum().items()}
    tickets, answers = measured_tickets(inputs.tickets, inputs.month, inputs.timezone), scaled_answers(inputs.surveys)
    told, everybody = filled_columns(inputs), Everybody(customers, inputs.window)

    def part(
        scope: Scope,
        value: str,
        rows: IntArray | None,
        asked: pd.DataFrame,
        said: pd.DataFrame,
        beside: Mapping[str, int],
        family: str = "",
    ) -> Part:
        return Part(scope, value, inputs, policy, everybody, rows, asked, said, told, beside, outlook, family, history)

    yield part(Scope.COMPANY, "", None, tickets, answers, nobody)
    (asking, answering), _ = locate(customers["customer_id"], [inputs.tickets["customer_id"], answers["customer_id"]])

    def of(scope: Scope, value: str, chosen: BoolArray) -> Part:
        here = np.append(chosen, False)
        asked, answered = (here[np.minimum(places, len(chosen))] for places in (asking, answering))
        return part(scope, value, np.flatnonzero(chosen), tickets.loc[asked], answers.loc[answered], {})

    for tier in policy.tiers:
        yield of(Scope.TIER, tier, (customers["tier"] == tier).to_numpy(dtype=bool))
    yield part(Scope.UNATTRIBUTED, "", np.empty(0, dtype=np.int64), tickets.iloc[:0], answers.iloc[:0], nobody)
    for segment in segments:
        yield of(Scope.SEGMENT, segment.name, segment.rows_in(customers, inputs.customers))
    for group in (*groups(customers, inputs.rules.min_n), *topics(inputs, customers)):
        yield part(Scope.SEGMENT, group.name, group.rows, tickets, answers, {}, group.family)


def estimate(measure: Measure, part: Part, rules: SurveyRules) -> Estimate:
    """One indicator of one scope, or the reason why it has no value."""
    words = measure.indicator
    if part.family in (ATTRIBUTE, PROFILE) and len(part) < rules.min_n:
        return Estimate(None, len(part), method=f"withheld below {rules.min_n} customers", reason=Reason.TOO_FEW)
    supplied = any(table in part.inputs.supplied for table in words.needs)
    estimate = measure.compute(part) if supplied else no_source(f"no table of {' or '.join(words.needs)}")
    return _enough(estimate, words, rules)


class Computed(NamedTuple):
    """One indicator of one scope, not yet compared with the months before."""

    words: Indicator
    part: Part
    estimate: Estimate

    def figure(self, last: float, signal: str) -> Figure:
        """The figure, beside last month's value (NaN: none)."""
        made = self.estimate
        previous = None if np.isnan(last) else float(last)
        return Figure(
            scope=self.part.scope,
            scope_value=self.part.scope_value,
            indicator=self.words.name,
            value=made.value,
            n=made.n,
            lower=made.lower,
            upper=made.upper,
            method=made.method,
            label=made.label or self.words.label,
            reason=made.reason,
            previous=previous,
            change=None if previous is None or made.value is None else made.value - previous,
            signal=signal if self.words.window == MONTH else "",
            scale=made.scale,
            detail=made.detail,
        )


def _enough(estimate: Estimate, words: Indicator, rules: SurveyRules) -> Estimate:
    """Survey figures that rest on too few answers are withheld; their n is not."""
    if not words.survey or estimate.value is None or estimate.n is None or estimate.n >= rules.min_n:
        return estimate
    method = f"{estimate.method}; withheld below {rules.min_n}"
    return Estimate(None, estimate.n, method=method, reason=Reason.TOO_FEW, scale=estimate.scale)


def _compare(found: list[Computed], before: pd.DataFrame, month: Month) -> list[Figure]:
    """The figures with last month's value, the change, and the signal."""
    past = _past(found, before, month)
    newest = np.array([np.nan if item.estimate.value is None else item.estimate.value for item in found])
    return [item.figure(last, flag) for item, last, flag in zip(found, past[:, -1], signals(past, newest), strict=True)]


def _past(found: list[Computed], before: pd.DataFrame, month: Month) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Values of the months before, one row per figure, the last column last month; NaN where there is none.

    Only figures of the month itself are looked up in all months, as only they get a signal. A score on another scale
    than today's is no value to compare with: a questionnaire that changed its scale would look like customers who
    changed their mind.
    """
    past = np.full((len(found), LOOKBACK), np.nan)
    if before.empty:
        return past
    place = {(item.part.scope.value, item.part.scope_value, item.words.name): number for number, item in enumerate(found)}
    columns = {str(month - back): LOOKBACK - back for back in range(1, LOOKBACK + 1)}
    codes, held = pd.factorize(before["month"].astype("str"))
    column = np.array([*(columns.get(str(one), -1) for one in held), -1], dtype=np.int64)[codes]
    signalled = sorted({item.words.name for item in found if item.words.window == MONTH})
    asked = (column == LOOKBACK - 1) | ((column >= 0) & before["indicator"].isin(signalled).to_numpy(dtype=bool))
    asked &= before["value"].notna().to_numpy(dtype=bool)
    before, column = before.loc[asked], column[asked]
    keys = zip(*(before[name].to_numpy(dtype=object, na_value="") for name in ("scope", "scope_value", "indicator")), strict=True)
    rows = np.array([place.get(key, -1) for key in keys], dtype=np.int64)
    known = rows >= 0
    if set(SCALE) <= set(before.columns):
        scales = np.array([(np.nan, np.nan) if (one := item.estimate.scale) is None else (one.low, one.high) for item in found])
        scored = np.flatnonzero(known & ~np.isnan(scales[rows, 0]))
        told = before.iloc[scored][list(SCALE)].to_numpy(dtype=np.float64)
        known[scored] = (scales[rows[scored]] == told).all(axis=1)
    past[rows[known], column[known]] = before["value"].to_numpy(dtype=np.float64)[known]
    return past
