"""Why somebody should act on a customer: every reason with its bound and the number that says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.actions.signs import Signs
from transforms.classes.roles import INTERNAL
from transforms.grades.grading import NONE, SHORTEST, YEAR, earned_grade, grade_numbers, ranks, scores
from transforms.money import UNITS, BoolArray, FloatArray, IntArray
from transforms.month import Month
from transforms.policy.acting import Occasion
from transforms.policy.rules import Policy
from transforms.statistics.ranks import percent_rank
from transforms.tables.erasure import PSEUDONYM
from transforms.why.score import kept_measures


@dataclass(frozen=True)
class Found:
    """One reason: whom it concerns, and the number that says it; one entry per customer."""

    holds: BoolArray
    measure: FloatArray


def find_reasons(customers: pd.DataFrame, signs: Signs, month: Month, policy: Policy) -> Mapping[Occasion, Found]:
    """Every reason (`transforms.policy.acting.Occasion`) with whom it concerns.

    The measure is, in the order of the reasons: days of silence; days to the contract's end; complaints open; days of silence;
    satisfaction index; refunds of the month in currency units; complaints settled late; points of score lost in the month; points
    of satisfaction lost; satisfaction index; net of the month in currency units; points above the cut; points of score with the order.

    The company's own people, forgotten persons and customers lost before the month have no reason. What is not known
    (no survey, no contract, no ticket) is no reason either.
    """
    rule = policy.acting
    silence, index, score = (_floats(customers, name) for name in ("recency_days", "satisfaction_index", "score"))
    lost, was_lost, new = (_flags(customers, name) for name in ("is_lost", "was_lost", "is_new"))
    net, tickets = _floats(customers, "net_12m") / UNITS, _floats(customers, "tickets_12m")
    here = ~lost & ~_outside(customers)
    quiet = (tickets == 0) & signs.asks_tickets
    days_left = (signs.contract_end - pd.Timestamp(month.last_day)).dt.days.to_numpy(dtype=np.float64, na_value=np.nan)
    fall = signs.index_before - index
    grade = grade_numbers(customers["grade"], policy)
    ruled = grade_numbers(customers["rule_grade"], policy) == grade if "rule_grade" in customers else np.ones(len(customers), dtype=bool)
    cuts = np.array([one.cut for one in policy.grades])
    above = np.where((grade != NONE) & (grade < len(cuts) - 1), score - cuts[grade], np.nan)
    month_net = _floats(customers, "month_net") / UNITS
    with np.errstate(invalid="ignore"):
        unhappy = index < rule.unhappy_below
        found = {
            Occasion.LOST: (lost & ~was_lost & ~_outside(customers), silence),
            Occasion.CONTRACT: (here & (days_left > 0) & (days_left <= rule.contract_days), days_left),
            Occasion.COMPLAINT: (here & (signs.complaints_open > 0), signs.complaints_open),
            Occasion.SILENT: (here & (silence >= policy.warn_days) & (net > 0), silence),
            Occasion.UNHAPPY_QUIET: (here & unhappy & quiet, index),
            Occasion.REFUND: (here & (signs.refunds > 0) & (signs.refunds >= rule.refund_share * signs.gross_12m), signs.refunds / UNITS),
            Occasion.COMPLAINT_LATE: (here & (signs.complaints_late > 0), signs.complaints_late),
            Occasion.DEMOTED: (here & ruled & _fell_by_behaviour(customers), -_floats(customers, "change_score")),
            Occasion.SATISFACTION_FELL: (here & signs.answered & (fall >= rule.satisfaction_fall), fall),
            Occasion.UNHAPPY: (here & unhappy & ~quiet, index),
            Occasion.NEW_VALUABLE: (here & new & (_yearly_rank(month_net, policy) >= rule.new_rank), month_net),
            Occasion.NEAR_CUT: (here & ruled & (above >= 0) & (above < rule.near_cut), above),
            Occasion.ONE_ORDER: _one_order(customers, here & ruled & ~new & (silence < policy.warn_days), grade, policy),
        }
    return {reason: Found(holds, np.asarray(measure, dtype=np.float64)) for reason, (holds, measure) in found.items()}


def _outside(customers: pd.DataFrame) -> BoolArray:
    """Who is no customer to act on: the company's own people, and persons who are forgotten."""
    own = customers["role"].isin(INTERNAL).to_numpy(dtype=bool) if "role" in customers else np.zeros(len(customers), dtype=bool)
    erased: BoolArray = own | customers["customer_id"].str.startswith(PSEUDONYM).to_numpy(dtype=bool)
    return erased


def _fell_by_behaviour(customers: pd.DataFrame) -> BoolArray:
    """Whose grade fell, and more than half of the fall is the customer's own doing: silence, orders, net, or a hold that ran out."""
    own = [_floats(customers, f"steps_{name}") for name in ("recency", "orders", "net", "hold")]
    steps = _floats(customers, "grade_steps")
    with np.errstate(invalid="ignore"):
        fell: BoolArray = (steps < 0) & (sum(own, start=np.zeros(len(customers))) < steps / 2)
    return fell


def _yearly_rank(month_net: FloatArray, policy: Policy) -> FloatArray:
    """Rank (0-100) of a month's net among the twelve-month nets of the frozen reference."""
    assert policy.reference is not None
    return percent_rank(np.nan_to_num(month_net), policy.reference.grids["net_12m"])


def _one_order(customers: pd.DataFrame, chosen: BoolArray, grade: IntArray, policy: Policy) -> tuple[BoolArray, FloatArray]:
    """Who would earn a better grade with one more order of the own mean size, and the score it would give; the silence stays."""
    assert policy.reference is not None
    measured = kept_measures(customers) if {"observed_months", "tenure_months"} <= set(customers.columns) else None
    after = np.full(len(customers), np.nan)
    orders = _floats(customers, "orders_12m")
    asked = chosen & (grade > 0) & (orders > 0)
    if measured is None or not asked.any():
        return np.zeros(len(customers), dtype=bool), after
    part = {name: values[asked] for name, values in measured.items()}
    spread = np.maximum(_floats(customers, "observed_months")[asked], SHORTEST)
    usual = _floats(customers, "net_12m")[asked] / UNITS / orders[asked]
    net = part["annual_net"] + usual * YEAR / spread
    more = {**part, "orders_per_month": part["orders_per_month"] + 1 / spread, "annual_net": net, "net_12m": net, "historic_net": net}
    after[asked] = scores(ranks(more, policy.reference), np.ones(int(asked.sum()), dtype=bool), policy)["score"]
    reached = np.zeros(len(customers), dtype=bool)
    reached[asked] = (earned_grade(after[asked], policy) < grade[asked]) & (usual > 0)
    with np.errstate(invalid="ignore"):
        reached &= earned_grade(np.nan_to_num(_floats(customers, "score")), policy) >= grade
    return reached, after


def _floats(customers: pd.DataFrame, name: str) -> FloatArray:
    """A column as floats, NaN where it, or its cell, is missing."""
    if name not in customers:
        return np.full(len(customers), np.nan)
    return customers[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _flags(customers: pd.DataFrame, name: str) -> BoolArray:
    return customers[name].to_numpy(dtype=bool) if name in customers else np.zeros(len(customers), dtype=bool)
