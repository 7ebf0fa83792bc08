"""What it costs to lose a customer, and what keeping more of them would bring: from the company's own numbers.

No quoted figure enters a sum here. Word of mouth is reckoned apart, only where the company itself has said how
many people hear of it, and is labelled an assumption.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.figures import Better, Label, Unit
from transforms.indicators.declare import MONTH, ORDERS, YEAR_WINDOW, Part, indicator
from transforms.indicators.everybody import Everybody
from transforms.indicators.retention import retention_counts
from transforms.money import UNITS, BoolArray, FloatArray, IntArray
from transforms.policy.assumptions import Assumption
from transforms.statistics.estimates import Estimate, no_data

WEEKS_A_YEAR = 365.25 / 7
POINTS = (-5, -1, 1, 5)
"""Changes of the yearly retention rate, in percentage points, that the scenario tells."""


def weekly_net(part: Part | Everybody, rows: IntArray) -> FloatArray:
    """What the customers in these rows spent a week while buying, in currency units; missing for those with one purchase day.

    Net since the first order / weeks from the first order to the last, and one median interval more, which the last
    order had to last for.
    """
    first, last = (part.days(name)[rows] for name in ("first_order_on", "last_order_on"))
    days = (last - first).astype(np.int64) + part.numbers("median_gap_days")[rows]
    net = (part.integers("total_gross")[rows] - part.integers("total_refunds")[rows]) / UNITS
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(days > 0, net / days * 7, np.nan)


def years_to_stay(yearly_churn: float, horizon: int) -> float:
    """Years that a customer would be expected to stay, within the horizon.

    Each year the share r = 1 - churn stays: 1 + r + r^2 + ... over `horizon` years. Nobody lost: the whole horizon.
    """
    return float(sum((1 - yearly_churn) ** year for year in range(horizon)))


@dataclass(frozen=True)
class LostCustomers:
    """Who was lost in the month, and what each would have spent: one row per customer, dearest first.

    weekly  in currency units, measured or the company's median; `own`: measured on the customer
    direct  weekly x weeks a year x years
    """

    customer_id: pd.Series
    weekly: FloatArray
    own: BoolArray
    direct: FloatArray
    years: float | None
    """Estimated remaining years; None: there is no earlier year to tell how many are lost in one."""

    def __len__(self) -> int:
        return len(self.weekly)

    @property
    def total(self) -> float | None:
        """What all of them would have spent, as far as it is known."""
        known = self.direct[~np.isnan(self.direct)]
        return float(known.sum()) if len(known) else None

    @property
    def rows(self) -> pd.DataFrame:
        """The same as a frame, for tables: customer_id, weekly, own, direct."""
        columns = {"customer_id": self.customer_id, "weekly": self.weekly, "own": self.own, "direct": self.direct}
        return pd.DataFrame(columns).astype({"customer_id": "str"})


def is_newly_lost(part: Part) -> BoolArray:
    """Those who crossed the rule of loss in the month."""
    return part.flags("is_lost") & ~part.flags("was_lost")


def lost_customers_of(part: Part) -> LostCustomers:
    """The lost customers of a scope with the measured and the estimated half of their cost, both shown.

    Customers with a single purchase day have no weekly spend of their own; the median of the company's customers that
    have one stands for it, and the row says so. Without such a customer the row has no amount. Who got more back
    than was spent costs nothing. Median and years left are the company's whatever the scope, so that a customer costs the
    same in every pack, and the tiers add up to the company.
    """
    return part.once("lost customers", lambda: _find_lost_customers(part))


def _find_lost_customers(part: Part) -> LostCustomers:
    lost = np.flatnonzero(is_newly_lost(part))
    weekly = weekly_net(part, lost)
    own = ~np.isnan(weekly)
    everybody = part.everybody
    middle = np.nan if own.all() else everybody.once("median weekly net", lambda: _median_weekly_net(everybody))
    years = everybody.once("years left", lambda: _years(everybody, part.policy.economics.horizon_years))
    spent = np.maximum(np.where(own, weekly, middle), 0.0)
    direct = spent * WEEKS_A_YEAR * (np.nan if years is None else years)
    order = np.lexsort((-spent, -direct))  # customers come sorted by id, which settles what is left
    ids = pd.Series(part["customer_id"].array.take(lost[order]))
    return LostCustomers(ids, spent[order], own[order], direct[order], years)


def _median_weekly_net(everybody: Everybody) -> float:
    weekly = weekly_net(everybody, np.arange(len(everybody)))
    return float(np.nanmedian(weekly)) if not np.isnan(weekly).all() else np.nan


def _years(everybody: Everybody, horizon: int) -> float | None:
    stayed, before = retention_counts(everybody)
    return years_to_stay(1 - stayed / before, horizon) if before else None


@indicator(
    "lost_customer_cost",
    title="Cost of the customers lost in the month",
    unit=Unit.MONEY,
    better=Better.LOWER,
    formula="sum over customers lost in the month of own weekly net x weeks a year x expected years left "
    "(by the company's retention, to the horizon of the policy)",
    window=MONTH,
    needs=ORDERS,
    section="value",
    label=Label.ESTIMATE,
    serves=("S203",),
)
def lost_customer_cost(part: Part) -> Estimate:
    found = lost_customers_of(part)
    n = len(found)
    if n == 0:
        return Estimate(0.0, 0, method="nobody was lost in the month")
    if found.total is None or found.years is None:
        return no_data("no weekly spend or no earlier year to tell how long customers stay", n)
    own = int(found.own.sum())
    return Estimate(
        found.total, n, method=f"{found.years:.2f} years left; weekly spend measured for {own} of {n}, else the company's median"
    )


@dataclass(frozen=True)
class WordOfMouth:
    """What the quoted chain of word of mouth would add to a loss: an assumption from end to end."""

    influenced: float
    lost_others: float
    extra: float


def word_of_mouth(direct: float, assumed: Mapping[str, Assumption]) -> WordOfMouth | None:
    """Others lost by hearsay, and what they would have spent, as REQUIREMENTS S203 and A21 read the quoted chain.

        influenced = r1 x h x (1 + r2);  lost_others = influenced x q;  extra = lost_others x direct

    r1 `wom_told` people hear of it from the customer, a share h `wom_influenced` of them is influenced and tells r2
    `wom_told_each` others each, a share q `wom_lost` of all the influenced stops buying. None unless all four are on:
    r1 and r2 have no quoted value, their digits are lost.
    """
    used = [assumed[key] for key in ("wom_told", "wom_influenced", "wom_told_each", "wom_lost")]
    if not all(one.usable for one in used):
        return None
    told, share, each, stop = (one.value or 0.0 for one in used)
    influenced = told * share * (1 + each)
    return WordOfMouth(influenced, influenced * stop, influenced * stop * direct)


def present_value(net_a_year: float, retention: float, discount_rate: float, horizon: int) -> float:
    """Value today of a customer who brings `net_a_year` now and in every further year in which it stays.

    sum over t = 0 .. horizon of net x r^t / (1 + d)^t
    """
    return float(sum(net_a_year * (retention / (1 + discount_rate)) ** year for year in range(horizon + 1)))


@dataclass(frozen=True)
class Scenario:
    """One line of the retention scenario: the rate looked at, the value per customer, the change against today's rate."""

    points: int
    retention: float
    value: float
    change: float


def scenarios(net_a_year: float, retention: float, discount_rate: float, horizon: int, points: Sequence[int] = POINTS) -> list[Scenario]:
    """What another retention rate would be worth, by the company's own numbers; rates beyond 0 and 1 are left out.

    The change is in shares of today's value and does not depend on the money: it is the retention rate's alone.
    """
    today = present_value(net_a_year, retention, discount_rate, horizon)
    found: list[Scenario] = []
    for point in sorted((*points, 0)):
        rate = retention + point / 100
        if 0 <= rate <= 1 and today > 0:
            value = present_value(net_a_year, rate, discount_rate, horizon)
            found.append(Scenario(point, rate, value, value / today - 1))
    return found


def net_per_retained_customer(part: Part) -> tuple[float, int]:
    """Twelve-month net of the customers that ordered in both years, per customer, and how many they are."""
    kept = (part.integers("prior_orders") > 0) & (part.integers("orders_12m") > 0)
    net = (part.integers("gross_12m") - part.integers("refunds_12m"))[kept]
    return (int(net.sum()) / UNITS / len(net), len(net)) if len(net) else (0.0, 0)


def scenarios_of(part: Part) -> list[Scenario]:
    """The retention scenario of a scope; empty where there is no earlier year or no positive net."""
    (stayed, before), (net, _) = retention_counts(part), net_per_retained_customer(part)
    rule = part.policy.economics
    return scenarios(net, stayed / before, rule.discount_rate, rule.horizon_years) if before and net > 0 else []


@indicator(
    "retention_plus_5_value",
    title="Value of five points more retention",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="present value of a retained customer at own retention + 5 points / at own retention, - 1; discount and horizon of the policy",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="value",
    label=Label.ESTIMATE,
    serves=("S207", "Q07", "Q08"),
)
def retention_plus_5_value(part: Part) -> Estimate:
    rule = part.policy.economics
    method = f"scenario over {rule.horizon_years} years, {100 * rule.discount_rate:g} % a year"
    found = {line.points: line for line in scenarios_of(part)}
    n = net_per_retained_customer(part)[1]
    return (
        Estimate(found[5].change, n, method=method)
        if 5 in found
        else no_data(f"{method}; no earlier year, or five points more are not possible", n)
    )
