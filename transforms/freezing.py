"""The distributions that the classes are read from, frozen with the grade's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from transforms.classes.lost import lost_customers
from transforms.classes.profile import feedback_rate, rule_fields
from transforms.classes.roles import is_commercial, roles
from transforms.classes.value import value_grids
from transforms.errors import HeldError, UsageError
from transforms.facts.matching import Lookup, locate
from transforms.facts.surveys import SATISFACTION_INSTRUMENTS
from transforms.grades.grading import freeze_grids, is_rated, measures
from transforms.inputs import MonthInputs
from transforms.money import BoolArray, FloatArray
from transforms.month import Month
from transforms.policy.declared_segments import assign_segments
from transforms.policy.rules import MEASURES, Policy, Reference
from transforms.statistics.ranks import frozen_grid

WHOLE_YEAR = 12


def month_to_freeze(policy: Policy, first: Month, last: Month) -> Month:
    """The month whose customers become a policy's reference, whichever command uses the policy first.

    `reference_month` where the policy names one; else the first month that has a whole year of orders behind it, `first`
    being the first with any, and not before the policy takes effect. A history that ends before that, at `last`, gives its
    last month: the reference is then of less than a year (`is_short_reference`), and which month it is depends on what was asked for first.
    A UsageError where the named month lies outside of what was read.
    """
    named = policy.reference_month
    if named is None:
        return min(max(first + (WHOLE_YEAR - 1), policy.effective_from), last)
    if not first <= named <= last:
        raise UsageError(
            f"policy {policy.version}: reference_month = {named} lies outside of the orders that were read, {first} to {last}.\n"
            f"Nothing was scored. Name a month between them, or review {named} or a later month first."
        )
    return named


def is_short_reference(policy: Policy, first: Month) -> bool:
    """Whether a frozen policy ranks against less than a whole year of orders though nobody asked for that."""
    frozen = policy.reference
    return frozen is not None and policy.reference_month is None and Month.parse(frozen.month) < first + (WHOLE_YEAR - 1)


def class_grids(
    inputs: MonthInputs, known: Lookup, measured: Mapping[str, FloatArray], chosen: BoolArray, policy: Policy
) -> dict[str, tuple[float, ...]]:
    """Grids by measure for the customers that stand for the base: values on each basis, peers, orders, feedback.

    `policy` carries a reference with the grade's own grids. A standard frozen before a measure was thought of
    lacks its grid, and what is read from it is then missing.
    """
    window, size = inputs.window, len(inputs.window)
    contract_end = known.column(inputs.customers["contract_end"]) if "contract_end" in inputs.customers else None
    lost = lost_customers(window, contract_end, np.zeros(size, dtype=bool), inputs.month, policy).is_lost
    segment = assign_segments(rule_fields(inputs, known), size, policy.segments)
    orders = window["orders_12m"].to_numpy()
    grids = value_grids(inputs, measured, segment, lost, chosen, policy) | {"orders_12m": frozen_grid(orders[chosen].astype(np.float64))}
    if {"surveys", "tickets"} & inputs.supplied:
        rate = feedback_rate(inputs)
        grids["feedback_rate"] = frozen_grid(rate[chosen])
    return grids


def freeze_reference(inputs: MonthInputs, policy: Policy) -> Policy:
    """The same policy with its distributions taken from this month's rated customers, for good.

    Employees and stockholders are no part of it. Each grid holds 1,001 entries (`transforms.statistics.ranks.frozen_grid`).
    Where nobody is rated yet, all customers of the base stand in. The satisfaction prior, if it is not set, becomes
    the mean of the twelve months' answers as 0-1. Without any customer there is nothing to freeze: a HeldError,
    unless orders were never supplied: a review of tickets or surveys alone grades nobody.
    """
    if inputs.window.empty and "orders" not in inputs.supplied:
        nobody = dict.fromkeys(MEASURES, frozen_grid(np.zeros(1)))
        return policy.freeze(Reference(str(inputs.month), 0, nobody), None)
    if inputs.window.empty:
        raise HeldError(
            f"{inputs.month}: no customer has an order by the end of the month, so there is nothing to grade against.\n"
            "Nothing was published. Check the orders source, or run a month that has orders."
        )
    measured = measures(inputs.window, inputs.month)
    (places,), _ = locate(inputs.window["customer_id"], [inputs.customers["customer_id"]])
    known = Lookup.of(places, len(inputs.window))
    role = roles(known.column(inputs.customers["role"]) if "role" in inputs.customers else None, len(inputs.window))
    commercial = is_commercial(role)
    rated = is_rated(measured, policy) & commercial
    chosen = rated if rated.any() else commercial if commercial.any() else np.ones_like(rated)
    grids = freeze_grids(measured, chosen)
    grids |= class_grids(inputs, known, measured, chosen, replace(policy, reference=Reference(str(inputs.month), 0, grids)))
    answers = inputs.survey_window.loc[inputs.survey_window["instrument"].isin(SATISFACTION_INSTRUMENTS)]
    told = int(answers["answers"].sum())
    prior = float(answers["score_sum"].sum()) / told if told else None
    return policy.freeze(Reference(str(inputs.month), int(chosen.sum()), grids), prior)
