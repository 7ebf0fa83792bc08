"""Lost or still with us, and the classes by value and by behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.money import BoolArray, FloatArray
from transforms.month import Month
from transforms.policy.rules import Policy
from transforms.tables.columns import names_of_codes

VALUE_CLASSES = ("high", "mid", "low")
BEHAVIOUR_CLASSES = ("loyal", "active", "latent")
"""`latent` is the behaviour type of those who do nothing now; potential value and prospects are other things."""


@dataclass(frozen=True)
class Loss:
    """Who is lost at the month's end, and who was at its beginning."""

    is_lost: BoolArray
    was_lost: BoolArray

    @property
    def in_month(self) -> BoolArray:
        """Those who crossed the line in the month."""
        return self.is_lost & ~self.was_lost


def lost_customers(window: pd.DataFrame, contract_end: pd.Series | None, lost_last_month: BoolArray, month: Month, policy: Policy) -> Loss:
    """Who counts as lost (REQUIREMENTS A19, S140).

    Lost after more than max(lost_days, lost_intervals x own median interval) calendar days without an order,
    or once the contract has ended and no order came after it. An order brings a customer back. Whether
    somebody was lost when the month began is worked out by the same rule, for those who ordered in the
    month it is what last month's review said.
    """
    patience = np.fmax(policy.lost_days, policy.lost_intervals * window["median_gap_days"].to_numpy(dtype=np.float64))
    last = window["last_order_on"].to_numpy(dtype="datetime64[D]")
    end = None if contract_end is None else contract_end.to_numpy(dtype="datetime64[D]")

    def lost_at(day: np.datetime64) -> BoolArray:
        silent: BoolArray = (day - last).astype(np.int64) > patience
        if end is not None:
            silent = silent | (~np.isnat(end) & (end <= day) & (last <= end))
        return silent

    ordered = (window["month_orders"] > 0).to_numpy()
    before = lost_at(np.datetime64((month - 1).last_day, "D"))
    return Loss(lost_at(np.datetime64(month.last_day, "D")), np.where(ordered, lost_last_month, before))


def behaviour_class(
    window: pd.DataFrame, measured: Mapping[str, FloatArray], last_word_at: pd.Series, month: Month, timezone: str, policy: Policy
) -> pd.Series:
    """Loyal, active or latent (REQUIREMENTS S32); exactly one for everybody.

    loyal   at least `loyal_orders` orders in twelve months, silent for no longer than `loyal_intervals` own
            median intervals, and `loyal_tenure_months` months with us
    active  not loyal, but an order, a ticket or a survey answer in the last `active_months` months
    latent  the rest
    """
    rule = policy.behaviour
    silence = measured["recency_days"]
    with np.errstate(invalid="ignore"):
        in_step = silence <= rule.loyal_intervals * window["median_gap_days"].to_numpy(dtype=np.float64)
    loyal = (window["orders_12m"].to_numpy() >= rule.loyal_orders) & in_step & (measured["tenure_months"] >= rule.loyal_tenure_months)
    since = month - (rule.active_months - 1)
    ordered = window["last_order_on"].to_numpy(dtype="datetime64[D]") >= np.datetime64(since.first_day, "D")
    spoke = (last_word_at >= pd.Timestamp(since.start(timezone))).fillna(False).to_numpy(dtype=bool)
    return names_of_codes(BEHAVIOUR_CLASSES, np.where(loyal, 0, np.where(ordered | spoke, 1, 2)))
