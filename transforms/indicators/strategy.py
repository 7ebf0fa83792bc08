"""Strategies and actions: what was planned for whom, what was done, and whether it shows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.classes.registers import entries, missing_cells
from transforms.figures import Better, Label, Reason, Scope, Unit
from transforms.indicators.declare import COMPANY_ONLY, MONTH, MONTH_END, Part, indicator
from transforms.month import Month
from transforms.statistics.estimates import Estimate, count_of, no_data


@indicator(
    "strategy_cells_missing",
    title="Class cells without a strategy",
    unit=Unit.COUNT,
    better=Better.LOWER,
    formula="of the nine cells of behaviour class and value class those without an entry in force in the register `strategy`",
    window=MONTH_END,
    needs=("registers",),
    section="classes",
    serves=("S11", "S37"),
    scopes=COMPANY_ONLY,
)
def strategy_cells_missing(part: Part) -> Estimate:
    return count_of(len(missing_cells(part.inputs.registers, part.inputs.month)), 9)


def _actions(part: Part) -> pd.DataFrame:
    rows = entries(part.inputs.registers, "action")
    if part.scope is not Scope.TIER:
        return rows
    of_tier = (rows["tier"] == part.scope_value).to_numpy(dtype=bool)
    return rows.loc[of_tier | rows["customer_id"].isin(part["customer_id"]).to_numpy(dtype=bool)]


def _in_month(days: pd.Series, month: Month) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    inside = (days >= pd.Timestamp(month.first_day)) & (days <= pd.Timestamp(month.last_day))
    return inside.to_numpy(dtype=bool)


@indicator(
    "actions_due",
    title="Actions due in the month",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    formula="entries of the register `action` due in the month",
    window=MONTH,
    needs=("registers",),
    section="classes",
    serves=("S20",),
    label=Label.MANUAL,
)
def actions_due(part: Part) -> Estimate:
    return count_of(int(_in_month(_actions(part)["due_on"], part.inputs.month).sum()))


@indicator(
    "actions_done",
    title="Actions done in the month",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="entries of the register `action` closed in the month",
    window=MONTH,
    needs=("registers",),
    section="classes",
    serves=("S20",),
    label=Label.MANUAL,
)
def actions_done(part: Part) -> Estimate:
    return count_of(int(_in_month(_actions(part)["closed_on"], part.inputs.month).sum()))


@indicator(
    "actions_overdue",
    title="Actions overdue",
    unit=Unit.COUNT,
    better=Better.LOWER,
    formula="entries of the register `action` due by the month's end and not closed",
    window=MONTH_END,
    needs=("registers",),
    section="classes",
    serves=("S20",),
    label=Label.MANUAL,
)
def actions_overdue(part: Part) -> Estimate:
    rows = _actions(part)
    late = (rows["due_on"] <= pd.Timestamp(part.inputs.month.last_day)) & rows["closed_on"].isna()
    return count_of(int(late.to_numpy(dtype=bool).sum()))


@indicator(
    "actions_effect",
    title="Customers who ordered: followed up less not followed up",
    unit=Unit.POINTS,
    better=Better.HIGHER,
    formula="share who ordered in the month of customers with an action closed in the three months before, less the share of the others "
    "with the same mix of value classes, in percentage points; not causal: who is treated was not drawn by lot",
    window=MONTH,
    needs=("registers",),
    section="classes",
    serves=("S20",),
    label=Label.ESTIMATE,
    scopes=COMPANY_ONLY,
)
def actions_effect(part: Part) -> Estimate:
    rows, month = _actions(part), part.inputs.month
    recent = (rows["closed_on"] >= pd.Timestamp((month - 3).first_day)) & (rows["closed_on"] < pd.Timestamp(month.first_day))
    treated = part["customer_id"].isin(rows.loc[recent.to_numpy(dtype=bool), "customer_id"]).to_numpy(dtype=bool)
    ordered, classes = part.integers("month_orders") > 0, part["value_class"]
    n, difference = 0, 0.0
    for name in sorted(set(classes[treated])):
        own, other = treated & (classes == name).to_numpy(), ~treated & (classes == name).to_numpy()
        if other.any():
            n += int(own.sum())
            difference += own.sum() * (ordered[own].mean() - ordered[other].mean())
    if n == 0:
        return no_data("nobody treated has anybody untreated beside")
    if n < part.inputs.rules.min_n:
        return Estimate(None, n, method="fewer treated customers than may be compared", reason=Reason.TOO_FEW)
    return Estimate(100 * difference / n, n, method="standardised by value class; not causal")
