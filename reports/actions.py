"""The customers to act on that one pack shows, in no language yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from reports.formats import finite
from transforms.actions.aftermath import AFTERMATHS
from transforms.money import amount
from transforms.policy.acting import Occasion
from transforms.review import MonthReview


@dataclass(frozen=True)
class Action:
    """One customer on the list; money in currency units.

    reason, reasons   the main reason, and all of them, the most urgent first (`transforms.policy.acting.Occasion`)
    measure           the number that says the main reason (`transforms.actions.reasons.find_reasons`)
    play              the id of what is to be done
    owner             the account manager by name, or a team of the policy by id; `by_team` says which
    due               the day by which it is done
    stake, net        money at stake, and net of twelve months
    months            net of each of the last twelve months, oldest first; empty where months are not told
    orders            the orders of the same months
    before, result    last month's main reason and what is seen of it since; None for who was not on last month's list
    """

    row: Mapping[str, object]
    rank: int
    """0: has a reason, and is not on the list."""
    reason: str
    reasons: tuple[str, ...]
    measure: float | None
    play: str
    owner: str
    by_team: bool
    due: date
    stake: float
    net: float
    months: tuple[float, ...] = ()
    orders: tuple[int, ...] = ()
    before: str | None = None
    result: str | None = None

    @property
    def customer_id(self) -> str:
        return str(self.row["customer_id"])


@dataclass(frozen=True)
class ActionGroup:
    """Customers on the list who share their main reason, most money first; `weight` is what a unit of it counts for."""

    reason: str
    actions: tuple[Action, ...]
    weight: float

    @property
    def stake(self) -> float:
        return sum(one.stake for one in self.actions)

    @property
    def orders_a_month(self) -> tuple[float, float] | None:
        """Orders of all of them a month: of the oldest three of the twelve months, and of the newest three; None where not told."""
        if not all(one.orders for one in self.actions):
            return None
        first, last = (sum(sum(one.orders[part]) for one in self.actions) / 3 for part in (slice(0, 3), slice(-3, None)))
        return first, last


@dataclass(frozen=True)
class Counted:
    """Customers with a reason who are not on the list: how many, and the money at stake."""

    reason: str
    customers: int
    stake: float


@dataclass(frozen=True)
class ActionList:
    """The list of one pack, most money first; who else has a reason, by reason; and what is seen of last month's list, by result."""

    listed: tuple[Action, ...] = ()
    rest: tuple[Counted, ...] = ()
    results: tuple[tuple[str, int], ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def stake(self) -> float:
        return sum(one.stake for one in self.listed)

    @property
    def groups(self) -> tuple[ActionGroup, ...]:
        """Those on the list by their main reason, the group with most money at stake (times its weight) first."""
        reasons = dict.fromkeys(one.reason for one in self.listed)
        found = (
            ActionGroup(reason, tuple(one for one in self.listed if one.reason == reason), self.weights.get(reason, 1.0))
            for reason in reasons
        )
        return tuple(sorted(found, key=lambda group: (-group.stake * group.weight, group.reason)))


def action_list(review: MonthReview, tier: str | None) -> ActionList:
    """What the pack of a tier (None: the company's) shows: the customers whose list it is, as the review has cut it.

    The review's customers are those that the pack's readers may see; a review that knows no list gives an empty one.
    """
    customers = review.customers
    if "act_rank" not in customers:
        return ActionList()
    own = customers if tier is None else customers[(customers["act_tier"] == tier).fillna(False).to_numpy(dtype=bool)]
    on_list = own["act_rank"].notna().to_numpy(dtype=bool)
    listed = own[on_list].sort_values("act_rank", kind="stable")
    other = own[~on_list & own["act_reason"].notna().to_numpy(dtype=bool)]
    rest = [
        Counted(reason.value, len(rows), amount(int(rows["act_stake"].sum())))
        for reason in Occasion
        if len(rows := other[other["act_reason"] == reason.value])
    ]
    where = customers["act_tier"].fillna(customers["tier"])
    seen = customers["act_result"].notna() & (True if tier is None else where == tier)
    results = Counter(customers.loc[seen.to_numpy(dtype=bool), "act_result"].tolist())
    months = _months(review.courses, listed["customer_id"])
    return ActionList(
        tuple(_action(row, months) for row in listed.to_dict("records")),
        tuple(rest),
        tuple((result, results[result]) for result in AFTERMATHS if results[result]),
        {reason.value: review.policy.acting.play(reason).weight for reason in Occasion},
    )


def action_of(row: Mapping[Hashable, object] | Mapping[str, object]) -> Action | None:
    """What one customer's line of a review says is to be done, on the list or not; None where it names no reason."""
    return _action(row, {}) if _text(row.get("act_reason")) and _text(row.get("act_play")) else None


def _action(
    row: Mapping[Hashable, object] | Mapping[str, object], months: Mapping[str, tuple[tuple[float, ...], tuple[int, ...]]]
) -> Action:
    named = {str(key): value for key, value in row.items()}
    net, orders = months.get(str(named["customer_id"]), ((), ()))
    owner, manager = str(named["act_owner"]), named.get("account_manager")
    return Action(
        row=named,
        rank=int(finite(named["act_rank"]) or 0),
        reason=str(named["act_reason"]),
        reasons=tuple(str(named["act_reasons"]).split(",")),
        measure=finite(named["act_measure"]),
        play=str(named["act_play"]),
        owner=owner,
        by_team=owner != manager,
        due=pd.Timestamp(str(named["act_due_on"])).date(),
        stake=amount(int(finite(named["act_stake"]) or 0)),
        net=amount(int(finite(named["net_12m"]) or 0)),
        months=net,
        orders=orders,
        before=_text(named.get("act_before")),
        result=_text(named.get("act_result")),
    )


def _months(courses: pd.DataFrame, ids: Sequence[str] | pd.Series) -> dict[str, tuple[tuple[float, ...], tuple[int, ...]]]:
    told = courses[courses["customer_id"].isin(list(ids))]
    return {
        str(key): (tuple(amount(int(net)) for net in rows["net"]), tuple(int(orders) for orders in rows["orders"]))
        for key, rows in told.groupby("customer_id", sort=True)
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
