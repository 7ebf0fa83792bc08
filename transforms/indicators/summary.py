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
from transforms.figures import Indicator, Reason, Scope, figure_frame
from transforms.indicators.all import MEASURES
from transforms.indicators.comparable import Comparability
from transforms.indicators.comparing import Computed, compare
from transforms.indicators.declare import Measure, Part, filled_columns
from transforms.indicators.everybody import Everybody
from transforms.indicators.service import measured_tickets
from transforms.indicators.splits import splits
from transforms.inputs import History, MonthInputs, SurveyRules
from transforms.lifetime.outlook import Outlook
from transforms.money import BoolArray, IntArray
from transforms.policy.rules import Policy
from transforms.statistics.estimates import Estimate, no_source


class Summary(NamedTuple):
    """A month's figures, in `FIGURE_COLUMNS`, sorted by scope, scope value and indicator; and their usual ranges.

    `usual` has `transforms.indicators.comparing.USUAL_COLUMNS`, a row for each figure with twelve months to judge it by.
    """

    figures: pd.DataFrame
    usual: pd.DataFrame


def summarise(parts: Sequence[Part], history: History, comparable: Comparability) -> Summary:
    """Every figure of a month's scopes.

    `previous` is the same figure of the month before, where the two may be compared, `change` the difference to it;
    `signal` is what Wheeler's rules say (`transforms.statistics.judging`).
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
    compared = compare(found, history.figures, month, comparable, rules)
    figures = figure_frame([*compared.figures, *splits(compared.figures, history.figures, month)])
    return Summary(figures, compared.usual)


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


def _enough(estimate: Estimate, words: Indicator, rules: SurveyRules) -> Estimate:
    """Survey figures that rest on too few answers are withheld; their n is not."""
    if not words.survey or estimate.value is None or estimate.n is None or estimate.n >= rules.min_n:
        return estimate
    method = f"{estimate.method}; withheld below {rules.min_n}"
    return Estimate(None, estimate.n, method=method, reason=Reason.TOO_FEW, scale=estimate.scale)
