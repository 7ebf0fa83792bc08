"""Historic, current and potential value: three numbers per customer, one basis for everybody in a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from transforms.facts.matching import Lookup, locate
from transforms.figures import Detail
from transforms.inputs import MonthInputs
from transforms.money import UNITS, BoolArray, FloatArray
from transforms.policy.rules import Policy, Reference
from transforms.statistics.ranks import frozen_grid, percent_rank, round_scores

MARGIN, REVENUE = Detail.MARGIN.value, Detail.REVENUE.value

PEER_QUANTILE = 0.75
LEAST_DECIDED = 10
"""Decided quotes below which a win rate says nothing."""

MODEL, SILENCE, LOST = "model", "silence", "lost"
"""What says how far a customer is still with us: P(alive) of the fitted model, the rule of silence, or that the customer is lost."""

PEERS = "peer_p75|"
"""Grid of one entry per segment: the 75th percentile of its current value at the freeze."""


@dataclass(frozen=True)
class ValueParts:
    """One entry per customer, in currency units; the three are never added up.

    historic   value from the first order to the end of month M-12
    current    value of the last twelve months; refunds in the month they were given
    potential  p_active x gap + quoted: what peers spend more, as far as the customer is still with us, and open quotes
    p_active   the share of the gap that is counted, 0-1, by the rule of silence
    gap        max(0, peer_p75 - current)
    quoted     open quotes x win rate x margin rate
    peer_p75   the 75th percentile of the peers' current value in the frozen reference
    basis      `margin` or `revenue`, the same for everybody
    """

    historic: FloatArray
    current: FloatArray
    potential: FloatArray
    p_active: FloatArray
    gap: FloatArray
    quoted: FloatArray
    peer_p75: FloatArray
    basis: str


def value_basis(inputs: MonthInputs, policy: Policy) -> str:
    """Margin where the cost of enough of the month's orders is known, else revenue for everybody (never mixed).

    Enough is `classes.cost_share` (95 %) of the orders of the month, or of twelve months where the month has none.
    The standard must have been frozen with costs too: margins have no rank among revenues.
    """
    window = inputs.window
    if "costed_orders_12m" not in window:
        return REVENUE
    ending = "month_{}" if int(window["month_orders"].sum()) else "{}_12m"
    orders = int(window[ending.format("orders")].sum())
    costed = int(window[ending.format("costed_orders")].sum())
    known = orders > 0 and costed >= policy.classes.cost_share * orders
    frozen = policy.reference is None or f"{MARGIN}_12m" in policy.reference.grids
    return MARGIN if known and frozen else REVENUE


def net_or_margin(window: pd.DataFrame, measured: Mapping[str, FloatArray], basis: str) -> tuple[FloatArray, FloatArray]:
    """Historic and current value on a basis: net, less the cost of what was sold where the basis is margin."""
    historic, current = measured["historic_net"], measured["net_12m"]
    if basis == MARGIN:
        year, ever = window["cost_12m"].to_numpy() / UNITS, window["total_cost"].to_numpy() / UNITS
        return historic - (ever - year), current - year
    return historic, current


def value_parts(
    inputs: MonthInputs,
    measured: Mapping[str, FloatArray],
    segment: pd.Series,
    lost: BoolArray,
    policy: Policy,
    basis: str | None = None,
) -> ValueParts:
    """The three parts of every customer's value (REQUIREMENTS S22-S24), as value classes read them.

    potential = p_active x max(0, P75 of the peers' current value - current) + open quotes x margin rate x win rate

    Peers are the customer's segment, at the freeze; a segment without a frozen value stands against the
    whole base. p_active is the rule of silence, max(0, 1 - silence / patience), with patience = max(lost_days,
    lost_intervals x own median interval), and 0 for the lost: a class depends on its own customer and the frozen
    standard alone, a fitted model on everybody. What is printed is `with_p_alive`. The win rate is that of the
    quotes decided in twelve months (10 at least, else quotes add nothing).
    """
    assert policy.reference is not None
    basis = basis or value_basis(inputs, policy)
    historic, current = net_or_margin(inputs.window, measured, basis)
    gaps = inputs.window["median_gap_days"].to_numpy(dtype=np.float64)
    patience = np.fmax(policy.lost_days, policy.lost_intervals * gaps)
    p_active = np.where(lost, 0.0, np.clip(1 - measured["recency_days"] / patience, 0.0, 1.0))
    peer, offered = peer_values(segment, policy.reference, basis), quoted_value(inputs, basis)
    gap = np.maximum(0.0, peer - current)
    return ValueParts(historic, current, p_active * gap + offered, p_active, gap, offered, peer, basis)


def with_p_alive(customers: pd.DataFrame) -> pd.DataFrame:
    """The same customers, their potential value told by P(alive) where the month's lifetime model tells it (REQUIREMENTS S24).

    p_active        P(alive) of the model; by the rule of silence where the month has no fitted model; 0 for the lost
    p_active_from   `model`, `silence` or `lost`: which of them it is
    potential_value   p_active x peer_gap + quoted_value, Int64 ten-thousandths

    An estimate beside the classes: `potential_by_rule`, `potential_rank` and all that is graded stay as they were.
    Needs the columns of `transforms.classes.columns.class_columns`, `is_lost`, and `p_alive` where a model was asked for.
    """
    lost, rule = customers["is_lost"].to_numpy(dtype=bool), customers["p_active"].to_numpy(dtype=np.float64)
    alive = np.full(len(customers), np.nan)
    if "p_alive" in customers:
        alive = customers["p_alive"].to_numpy(dtype=np.float64, na_value=np.nan)
    told = ~np.isnan(alive) & ~lost
    p_active = np.where(told, alive, rule)
    gap, offered = (customers[name].to_numpy(dtype=np.int64) for name in ("peer_gap", "quoted_value"))
    source = np.where(lost, 2, np.where(told, 0, 1))
    by_model = np.rint(p_active * gap).astype(np.int64) + offered
    potential = np.where(told, by_model, customers["potential_by_rule"].to_numpy(dtype=np.int64))
    return customers.assign(
        p_active=p_active,
        p_active_from=pd.Series(pd.Series([MODEL, SILENCE, LOST], dtype="str").array.take(source)),
        potential_value=pd.array(potential, dtype="Int64"),
    )


def peer_values(segment: pd.Series, reference: Reference, basis: str) -> FloatArray:
    """The frozen 75th percentile of current value in each customer's segment, else in the whole base."""
    grid = reference.grids["net_12m" if basis == REVENUE else f"{MARGIN}_12m"]
    everybody = grid[int(PEER_QUANTILE * (len(grid) - 1))]
    codes, names = pd.factorize(segment)
    values = np.array([reference.grids.get(f"{PEERS}{basis}|{name}", (everybody,))[0] for name in names])
    return values[codes] if len(values) else np.empty(0)


def quoted_value(inputs: MonthInputs, basis: str) -> FloatArray:
    """Open quotes per customer, weighted by the win rate and the margin rate of twelve months; 0 where there are none."""
    size, quotes = len(inputs.window), inputs.quotes
    rate = win_rate(quotes)
    if rate is None or quotes.empty:
        return np.zeros(size)
    opened = quotes.loc[(quotes["result"].isna() & quotes["customer_id"].notna()).to_numpy(dtype=bool)]
    sums = opened.groupby("customer_id", sort=True)["amount"].sum()
    (places,), _ = locate(inputs.window["customer_id"], [sums.index.to_series().reset_index(drop=True)])
    amounts = np.nan_to_num(Lookup.of(places, size).numbers(sums.reset_index(drop=True))) / UNITS
    return amounts * rate * margin_rate(inputs, basis)


def win_rate(quotes: pd.DataFrame) -> float | None:
    """Won quotes of those decided in twelve months; None below ten."""
    decided = quotes["result"].dropna()
    return float((decided == "won").mean()) if len(decided) >= LEAST_DECIDED else None


def margin_rate(inputs: MonthInputs, basis: str) -> float:
    """Margin of twelve months over their net, 0-1; 1 where the basis is revenue."""
    if basis == REVENUE:
        return 1.0
    window = inputs.window
    net = int(window["gross_12m"].sum()) - int(window["refunds_12m"].sum())
    return min(1.0, max(0.0, (net - int(window["cost_12m"].sum())) / net)) if net > 0 else 0.0


def value_score(parts: ValueParts, policy: Policy) -> tuple[FloatArray, FloatArray]:
    """V = weighted mean of the ranks of historic, current and potential value (REQUIREMENTS S25), and the rank of the last.

    Ranks are taken against the frozen reference. A reference of before potential value was frozen gives no rank
    of it; its weight is then shared by the other two.
    """
    assert policy.reference is not None
    grids, rule = policy.reference.grids, policy.value
    historic, current = ("historic_net", "net_12m") if parts.basis == REVENUE else (f"historic_{MARGIN}", f"{MARGIN}_12m")
    ranked = rule.history * percent_rank(parts.historic, grids[historic]) + rule.current * percent_rank(parts.current, grids[current])
    weight = rule.history + rule.current
    name = f"potential_{parts.basis}"
    if name not in grids:
        return round_scores(ranked / weight), np.full(len(ranked), np.nan)
    potential = percent_rank(parts.potential, grids[name])
    return round_scores((ranked + rule.potential * potential) / (weight + rule.potential)), potential


def value_grids(
    inputs: MonthInputs, measured: Mapping[str, FloatArray], segment: pd.Series, lost: BoolArray, chosen: BoolArray, policy: Policy
) -> dict[str, tuple[float, ...]]:
    """The distributions of value to freeze beside the grade's: margins where costs are known, peers, potential value.

    `policy` carries a reference with the grade's own grids; `chosen` are the customers that stand for the base.
    """
    assert policy.reference is not None
    grids: dict[str, tuple[float, ...]] = {}
    bases = [REVENUE]
    if value_basis(inputs, replace(policy, reference=None)) == MARGIN:
        bases.append(MARGIN)
    for basis in bases:
        historic, current = net_or_margin(inputs.window, measured, basis)
        if basis == MARGIN:
            grids |= {f"historic_{MARGIN}": frozen_grid(historic[chosen]), f"{MARGIN}_12m": frozen_grid(current[chosen])}
        names = segment.to_numpy()
        for name in sorted(set(names[chosen].tolist())):
            own = current[chosen & (names == name)]
            grids[f"{PEERS}{basis}|{name}"] = (frozen_grid(own)[750],)
    for basis in bases:
        parts = value_parts(inputs, measured, segment, lost, _with(policy, grids), basis=basis)
        grids[f"potential_{basis}"] = frozen_grid(parts.potential[chosen])
    return grids


def _with(policy: Policy, grids: Mapping[str, tuple[float, ...]]) -> Policy:
    assert policy.reference is not None
    return replace(policy, reference=replace(policy.reference, grids={**policy.reference.grids, **grids}))
