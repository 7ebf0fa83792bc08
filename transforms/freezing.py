"""The distributions that the classes are read from, frozen with the grade's own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from transforms.classes import lost_customers
from transforms.declared_segments import assigned
from transforms.facts.matching import Lookup
from transforms.inputs import MonthInputs
from transforms.money import BoolArray, FloatArray
from transforms.policy import Policy
from transforms.profile import feedback_rate, rule_fields
from transforms.ranks import frozen_grid
from transforms.value import value_grids


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
    segment = assigned(rule_fields(inputs, known), size, policy.segments)
    orders = window["orders_12m"].to_numpy()
    grids = value_grids(inputs, measured, segment, lost, chosen, policy) | {"orders_12m": frozen_grid(orders[chosen].astype(np.float64))}
    if {"surveys", "tickets"} & inputs.supplied:
        rate = feedback_rate(inputs)
        grids["feedback_rate"] = frozen_grid(rate[chosen])
    return grids
