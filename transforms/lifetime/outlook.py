"""What a month's review says about the future: its forecast, last year's forecast against what came, and the churn model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.facts.matching import Lookup, locate
from transforms.inputs import MonthInputs
from transforms.lifetime.beta_geometric import Fit
from transforms.lifetime.churn import MONTHS_BEFORE, ChurnTest, churn_test
from transforms.lifetime.fitting import NotFitted
from transforms.lifetime.forecast import YEAR, Forecast, forecast
from transforms.lifetime.state import BaseState
from transforms.money import UNITS, FloatArray
from transforms.policy.assumptions import in_force
from transforms.policy.rules import Policy

NO_REPEAT = "no repeat yet"
NOT_FITTED = "not fitted"

OUTLOOK_MONEY = ("expected_net_12m", "expected_margin_12m", "value_36m", "forecast_net_12m")
"""Columns of `Outlook.columns` that hold ten-thousandths."""


@dataclass(frozen=True)
class Outlook:
    """The models of one month; everything in it is an estimate, and no grade looks at it.

    now        the forecast from the reviewed month's end
    year_ago   the forecast that the same method would have made twelve months before, from what was known then;
               None while the history is shorter than 24 months
    prior_net, prior_days   what each customer brought in the year before that: the naive forecast
    churn      None while the history is too short or there are too few customers
    columns    customers.csv columns, one entry per customer of the review
    """

    now: Forecast
    year_ago: Forecast | None
    churn: ChurnTest | None
    margin_share: float | None
    columns: pd.DataFrame

    @property
    def fit(self) -> Fit | NotFitted:
        return self.now.purchases


def look_ahead(inputs: MonthInputs, policy: Policy) -> Outlook | None:
    """The models of a month; None where they are not asked for or nobody has ordered.

    p_alive, p_active_12m   probability of not having left / of an order in the next twelve months
    lifetime_note           empty; `no repeat yet`: rests on what customers do in general; `not fitted`: no model
    expected_orders_12m     purchase days to be expected in the next twelve months
    expected_net_12m        net revenue to be expected in them
    expected_margin_12m     the same less cost, where every order of the last twelve months tells its cost
    value_36m               net revenue of the next 36 months, discounted at the policy's `assumptions.discount_rate`
    days_12m                purchase days of the last twelve months
    forecast_orders_12m, forecast_net_12m   what was to be expected a year ago for the months that are now known
    prior_days_12m, prior_net_12m           the year before that, for the naive forecast "as last year"
    p_lost_12m              the churn model's probability of no order for a year, where it beats the rules of thumb
    """
    if not inputs.models or inputs.window.empty:
        return None
    now = BaseState.of(inputs.window, inputs.month)
    earlier = {back: BaseState.of(frame, inputs.month - back) for back, frame in inputs.earlier.items() if len(frame)}
    held = 0 if inputs.first_month is None else inputs.month.index - inputs.first_month.index + 1
    discount = in_force(policy.assumptions)["discount_rate"]
    ahead = forecast(now, discount.value if discount.usable else None)
    before = forecast(earlier[YEAR], None) if held >= 2 * YEAR and YEAR in earlier else None
    churn = None
    if before is not None and held >= 2 * YEAR + MONTHS_BEFORE and 2 * YEAR in earlier:
        rule = None if isinstance(before.purchases, NotFitted) else 1 - before.p_active
        churn = churn_test(now, earlier, rule)
    margin = _margin_share(inputs.window)
    return Outlook(ahead, before, churn, margin, _columns(now, inputs.window, ahead, before, earlier.get(2 * YEAR), churn, margin))


def with_outlook(customers: pd.DataFrame, outlook: Outlook | None) -> pd.DataFrame:
    """The review's customers with the columns of the outlook; rows are the same, in the same order."""
    if outlook is None:
        return customers
    return customers.assign(**{str(name): outlook.columns[name].array for name in outlook.columns})


def _columns(
    now: BaseState,
    window: pd.DataFrame,
    ahead: Forecast,
    before: Forecast | None,
    two_years: BaseState | None,
    churn: ChurnTest | None,
    margin: float | None,
) -> pd.DataFrame:
    fitted = not isinstance(ahead.purchases, NotFitted)
    note = np.where(now.days > 1, "", NO_REPEAT) if fitted else np.full(len(now), NOT_FITTED)
    then = np.full((len(now), 4), np.nan)
    if before is not None:
        then = _then(now, before, two_years)
    columns: dict[str, object] = {
        "p_alive": ahead.p_alive,
        "expected_net_12m": _units(ahead.net),
        "p_active_12m": ahead.p_active,
        "expected_orders_12m": ahead.orders,
        "expected_margin_12m": _units(np.full(len(now), np.nan) if margin is None else np.round(ahead.net * margin, 2)),
        "value_36m": _units(ahead.value),
        "lifetime_note": pd.Series(note, dtype="str"),
        "days_12m": window["days_12m"].to_numpy(),
        "forecast_orders_12m": then[:, 0],
        "forecast_net_12m": _units(then[:, 1]),
        "prior_days_12m": pd.array(then[:, 2], dtype="Float64").astype("Int64"),
        "prior_net_12m": pd.array(then[:, 3], dtype="Float64").astype("Int64"),
        "p_lost_12m": np.full(len(now), np.nan) if churn is None else churn.probability,
    }
    return pd.DataFrame(columns)


def _then(now: BaseState, before: Forecast, two_years: BaseState | None) -> FloatArray:
    """Of the reviewed customers last year's forecasts of orders and net, and days and net (units) of the year before; NaN where new."""
    state = before.state
    days, net = state.days.copy(), state.gross - state.refunds
    if two_years is not None:
        (places,), _ = locate(state.customer_id, [two_years.customer_id])
        older = Lookup.of(places, len(state))
        days[older.is_known] -= two_years.days[older.rows[older.is_known]]
        net[older.is_known] -= (two_years.gross - two_years.refunds)[older.rows[older.is_known]]
    (places,), _ = locate(now.customer_id, [state.customer_id])
    there = Lookup.of(places, len(now))
    values = np.column_stack([before.orders, before.net, days.astype(np.float64), net.astype(np.float64)])
    found = np.full((len(now), 4), np.nan)
    found[there.is_known] = values[there.rows[there.is_known]]
    return found


def _margin_share(window: pd.DataFrame) -> float | None:
    """Margin as a share of net over twelve months, where every order tells its cost; None otherwise."""
    if "cost_12m" not in window:
        return None
    net, cost = int((window["gross_12m"] - window["refunds_12m"]).sum()), int(window["cost_12m"].sum())
    complete = int(window["costed_orders_12m"].sum()) == int(window["orders_12m"].sum())
    return (net - cost) / net if complete and net > 0 else None


def _units(amounts: FloatArray) -> pd.Series:
    """Currency units, rounded to cents, as ten-thousandths; missing stays missing."""
    missing = np.isnan(amounts)
    units = np.where(missing, 0, np.rint(np.where(missing, 0.0, amounts) * 100)).astype(np.int64) * (UNITS // 100)
    return pd.Series(pd.arrays.IntegerArray(units, missing))
