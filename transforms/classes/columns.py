"""Every customer's classes: value, behaviour, attributes and source, with the numbers they come from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.classes.lost import VALUE_CLASSES, Loss, behaviour_class
from transforms.classes.portfolio import rfm_codes
from transforms.classes.priority import declared_budget
from transforms.classes.profile import (
    age_band,
    attributes,
    basket_change,
    completeness,
    contacts_of,
    feedback_rate,
    gap_band,
    largest_group,
    rule_fields,
)
from transforms.classes.roles import is_commercial, roles, status
from transforms.classes.value import REVENUE, value_parts, value_score
from transforms.facts.matching import Lookup
from transforms.grades.standing import GradeStanding
from transforms.inputs import MonthInputs
from transforms.money import UNITS, FloatArray
from transforms.policy.declared_segments import assign_segments
from transforms.policy.rules import UNRATED, Policy
from transforms.statistics.ranks import percent_rank
from transforms.tables.columns import names_of_codes
from transforms.voice.loyalty import behavioural_loyalty

PRACTICE_CLASSES = ("high_value", "developable", "ordinary")
"""The practice taxonomy: of high value; not, but worth developing; the rest. `developable` is no behaviour and no prospect."""


def class_columns(
    inputs: MonthInputs,
    known: Lookup,
    stands: GradeStanding,
    loss: Loss,
    last_word_at: pd.Series,
    policy: Policy,
) -> dict[str, object]:
    """Columns by name, one entry per row of the window; money as Int64 ten-thousandths.

    role, status, segment            `unknown`, `lapsed` and `other` included: everybody has one
    historic_value, current_value   two numbers, never added up; nor is the third, potential value (`transforms.classes.value`)
    potential_by_rule, p_active, peer_gap, quoted_value   potential as it is ranked, and what it is made of
    value_score, potential_rank      0-100 against the frozen reference
    priority                         mean of priority_power, priority_loyalty and priority_value, each 0-100; see `classes.priority`
    priority_power, priority_power_from   rank of the budget that the customer declared in a quote, else of the peers' spending (a proxy)
    value_class, practice_class, behaviour_class   `unrated` below the shortest history, and for employees and stockholders
    purchase_score, usage_score, feedback_score    behaviour 0-100; missing where nothing tells it: usage has no source yet
    rfm_code                         111-555, information only
    region, industry, source_channel, gender, occupation, kind, age_band   `unknown` is a group
    main_channel, main_category, gap_band, gap_spread, basket_change, basket_slope, season_start   habits of buying
    contacts_12m, visits_12m, last_contact_on, completeness
    """
    assert policy.reference is not None
    window, month, size = inputs.window, inputs.month, len(inputs.window)
    role = roles(known.column(inputs.customers["role"]) if "role" in inputs.customers else None, size)
    segment = assign_segments(rule_fields(inputs, known), size, policy.segments)
    parts = value_parts(inputs, stands.measured, segment, loss.is_lost, policy)
    score, potential_rank = value_score(parts, policy)
    rated = stands.rated
    number = np.where(~rated, 3, np.where(score >= policy.value.high_cut, 0, np.where(score >= policy.value.mid_cut, 1, 2)))
    practice = np.where(number == 3, 3, np.where(number == 0, 0, np.where(potential_rank >= policy.classes.developable_cut, 1, 2)))
    behaviour = behaviour_class(window, stands.measured, last_word_at, month, inputs.timezone, policy)
    contacts = contacts_of(inputs)
    grids, orders = policy.reference.grids, window["orders_12m"].to_numpy()
    asked = bool({"surveys", "tickets"} & inputs.supplied) and "feedback_rate" in grids
    profile = attributes(inputs, known)
    current = grids["net_12m" if parts.basis == REVENUE else "margin_12m"]
    budget = declared_budget(inputs)
    power, margin = percent_rank(np.where(np.isnan(budget), parts.peer_p75, budget), current), percent_rank(parts.current, current)
    loyal = behavioural_loyalty(stands.ranked, rated)
    birth = known.column(inputs.customers["birth_date"]) if "birth_date" in inputs.customers else None
    return {
        "role": role,
        "status": status(window["month_orders"], window["orders_12m"]),
        "segment": segment,
        **{f"{name}_value": money(getattr(parts, name)) for name in ("historic", "current", "quoted")},
        "potential_by_rule": money(parts.potential),
        "p_active": parts.p_active,
        "peer_gap": money(parts.gap),
        "value_score": np.where(rated, score, np.nan),
        "potential_rank": np.where(rated, potential_rank, np.nan),
        "priority": np.where(rated, (power + loyal + margin) / 3, np.nan),
        "priority_power": power,
        "priority_power_from": names_of_codes(("declared", "peers"), np.isnan(budget).astype(np.int64)),
        "priority_loyalty": loyal,
        "priority_value": margin,
        "value_class": names_of_codes((*VALUE_CLASSES, UNRATED), number),
        "practice_class": names_of_codes((*PRACTICE_CLASSES, UNRATED), practice),
        "behaviour_class": behaviour.where(is_commercial(role), UNRATED),
        "purchase_score": (stands.ranked["orders_per_month"] + 100 - stands.ranked["recency_days"]) / 2,
        "usage_score": np.full(size, np.nan),
        "feedback_score": percent_rank(feedback_rate(inputs), grids["feedback_rate"]) if asked else np.full(size, np.nan),
        "rfm_code": rfm_codes(stands.measured["recency_days"], orders.astype(np.float64), stands.measured["net_12m"], policy.reference),
        **profile,
        "age_band": age_band(birth, month, size),
        "main_channel": largest_group(inputs.channels_12m, "channel", "orders", window["customer_id"]),
        "main_category": largest_group(inputs.lines_12m, "category", "amount", window["customer_id"]),
        "gap_band": gap_band(window["median_gap_days"].to_numpy(dtype=np.float64)),
        **{name: _numbers_or_missing(window, name) for name in ("gap_spread", "basket_slope", "season_start")},
        "basket_change": basket_change(window),
        **contacts,
        "completeness": completeness(inputs, known, policy),
    }


def _numbers_or_missing(window: pd.DataFrame, name: str) -> FloatArray:
    """A column of the window that not every month has; NaN where it has not."""
    return window[name].to_numpy(dtype=np.float64) if name in window else np.full(len(window), np.nan)


def money(values: FloatArray) -> object:
    """Currency units as Int64 ten-thousandths."""
    return pd.array(np.rint(values * UNITS).astype(np.int64), dtype="Int64")
