"""What a pack's first page says: at most five messages, most important first, none of them noise.

A figure of the month is news where steady months would look as odd less than once in twenty packs: its `chance` (see
`transforms.statistics.judging`) times the number of figures looked at is below 5 %. A target is missed where chance alone does not
explain it. Who is to be acted on comes from `transforms.actions`. Of figures that say the same thing one is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd

from transforms.figures import Better, Scope, figure_id
from transforms.indicators.all import CATALOGUE
from transforms.indicators.targets import Standing, Target
from transforms.month import Month
from transforms.policy.acting import Occasion
from transforms.policy.rules import Policy
from transforms.statistics.judging import Against, Signal

MOST = 5
MEASURES = 3
"""Most messages about figures where there are customers to act on, too."""
GROUPS = 2
"""Most messages about customers."""
FALSE_ALARMS = 0.05
"""Packs of steady months that may claim something."""

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "sales": ("net_revenue", "orders", "average_order_value", "customers_bought", "gross_revenue"),
    "refunds": ("refunds",),
    "won": ("customers_new",),
    "lost": ("customers_lost", "lost_customer_cost"),
    "satisfaction": ("satisfaction_index", "csat_mean", "csat_top2_share"),
    "recommendation": ("nps",),
    "complaints": ("complaint_rate", "complaints"),
    "answer": ("first_response_hours_median",),
    "solution": ("resolution_hours_median", "reopen_rate", "first_contact_resolution"),
    "promise": ("sla_attainment",),
    "feedback": ("feedback_closed_loop", "feedback_acknowledged"),
    "discount": ("discounted_orders_share",),
}
"""Figures that may make a message, by what they are about: no stocks that only grow, no bookkeeping. A family has one message."""

FAMILY_OF = {name: family for family, names in FAMILIES.items() for name in names}

OF_SOME = ("answer", "solution", "promise", "feedback")
"""Families that concern those alone who wrote or were answered; all others concern every customer of their scope."""

OCCASIONS: Mapping[str, Occasion] = {
    "refunds": Occasion.REFUND,
    "lost": Occasion.LOST,
    "satisfaction": Occasion.UNHAPPY,
    "recommendation": Occasion.UNHAPPY,
    "complaints": Occasion.COMPLAINT,
}
"""The reason to act whose play answers a figure of the family, where there is one."""


SAME: Mapping[str, Occasion] = {"refunds": Occasion.REFUND, "lost": Occasion.LOST}
"""Families whose news and whose customers to act on are the same event of the month."""


class MessageKind(StrEnum):
    """What a message is about."""

    SIGNAL = "signal"
    TARGET = "target"
    CUSTOMER = "customer"
    NOTE = "note"


@dataclass(frozen=True)
class Message:
    """One message of a first page; what it does not have is None or empty.

    `value` is the month's figure in the indicator's unit, `expected`, `low` and `high` where it usually lies, `against` what
    that was drawn from. Of customers `occasion` is the reason, `customers` their ids, most money first, `stake` their money
    in ten-thousandths. `owners` are names of people or ids of teams, `play` is the id of what is to be done by `due`.
    """

    kind: MessageKind
    weight: float
    scope: Scope = Scope.COMPANY
    scope_value: str = ""
    indicator: str = ""
    value: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    chance: float | None = None
    signal: Signal = Signal.NONE
    against: Against = Against.NOTHING
    target: float | None = None
    last_year: float | None = None
    standing: Standing = Standing.NO_TARGET
    occasion: Occasion | None = None
    customers: tuple[str, ...] = ()
    stake: int = 0
    owners: tuple[str, ...] = ()
    play: str = ""
    due: pd.Timestamp | None = None

    @property
    def figure_id(self) -> str:
        return figure_id(self.scope, self.scope_value, self.indicator) if self.indicator else ""

    @property
    def is_bad(self) -> bool:
        """Whether the figure went the wrong way, or missed its target."""
        if self.kind is MessageKind.TARGET:
            return True
        better = CATALOGUE[self.indicator].better if self.indicator in CATALOGUE else Better.NEITHER
        rose = self.value is not None and self.expected is not None and self.value > self.expected
        return better is (Better.LOWER if rose else Better.HIGHER)


@dataclass(frozen=True)
class Ground:
    """What the messages of one pack are made from; every frame holds the pack's own scopes and customers alone.

    figures    `FIGURE_COLUMNS`; usual: `USUAL_COLUMNS`; targets of the same scopes
    listed     rows of `transforms.actions.listing`'s list that stand in this pack
    money      share of the pack's money that each scope brings, 0-1, by (scope, scope value)
    net_12m    the pack's twelve-month net, ten-thousandths
    """

    figures: pd.DataFrame
    usual: pd.DataFrame
    targets: Sequence[Target]
    listed: pd.DataFrame
    money: Mapping[tuple[str, str], float]
    net_12m: int


def rank_messages(ground: Ground) -> tuple[Message, ...]:
    """At most `MOST` messages, most important first."""
    found = _without_echoes(_one_per_family([*_signals(ground), *_missed(ground)]))
    found, others = _joined(found, _groups(ground))
    groups = others[:GROUPS]
    measures = found[: MOST - len(groups)]
    ranked = sorted([*measures[:MEASURES], *groups], key=_rank)
    spare = sorted(measures[MEASURES:], key=_rank)[: MOST - len(ranked)]
    return (*ranked, *spare)


def _without_echoes(measures: list[Message]) -> list[Message]:
    """Without net revenue where what was given back in the same scope makes most of its fall: that is told already."""
    given_back = {(one.scope, one.scope_value): one for one in measures if one.indicator == "refunds"}

    def echoes(message: Message) -> bool:
        other = given_back.get((message.scope, message.scope_value))
        if message.indicator != "net_revenue" or other is None or not (message.is_bad and other.is_bad):
            return False
        fell, rose = _off(message), _off(other)
        return fell is not None and rose is not None and rose >= -fell / 2

    return [one for one in measures if not echoes(one)]


def _off(message: Message) -> float | None:
    return None if message.value is None or message.expected is None else message.value - message.expected


def _joined(measures: list[Message], groups: list[Message]) -> tuple[list[Message], list[Message]]:
    """Figures that the customers of a group make: one message, with the group's owners, play and day."""
    told = {SAME[FAMILY_OF[one.indicator]]: one for one in measures if FAMILY_OF[one.indicator] in SAME and one.is_bad}
    same = {one.occasion: one for one in groups if one.occasion is not None and one.occasion in told}
    joined: list[Message] = []
    for one in measures:
        occasion = SAME.get(FAMILY_OF[one.indicator])
        group = same.get(occasion) if occasion is not None and one.is_bad else None
        joined.append(one if group is None else replace(one, owners=group.owners, play=group.play, due=group.due))
    return joined, [one for one in groups if one.occasion not in same]


def with_plays(messages: Iterable[Message], policy: Policy, month: Month) -> tuple[Message, ...]:
    """The messages with who does what by when: bad figures get the play for what they are about, where there is one."""
    return tuple(_with_play(message, policy, month) for message in messages)


def _with_play(message: Message, policy: Policy, month: Month) -> Message:
    occasion = OCCASIONS.get(FAMILY_OF.get(message.indicator, ""))
    if occasion is None or not message.is_bad or message.play:
        return message
    play = policy.acting.play(occasion)
    due = pd.Timestamp(month.last_day) + pd.Timedelta(days=play.days)
    return replace(message, owners=(play.team,), play=play.play, due=due)


def count_judged(ground: Ground) -> int:
    """How many figures were held against their usual range, whatever came of it."""
    return len(_candidates(ground.usual))


def _rank(message: Message) -> tuple[float, str, str, str]:
    return -message.weight, message.indicator, message.scope_value, str(message.occasion)


def _candidates(usual: pd.DataFrame) -> pd.DataFrame:
    return usual[usual["indicator"].isin(list(FAMILY_OF)) & usual["chance"].notna()]


def _signals(ground: Ground) -> Iterable[Message]:
    """Figures that are news."""
    candidates = _candidates(ground.usual)
    told = candidates[candidates["chance"] < FALSE_ALARMS / max(len(candidates), 1)]
    values, people = _values(ground.figures), _People.of(ground.figures)
    targets = {(one.scope.value, one.scope_value, one.indicator): one for one in ground.targets}
    for row in told.to_dict("records"):
        key = (str(row["scope"]), str(row["scope_value"]), str(row["indicator"]))
        value, signal = values[key]
        aim = targets.get(key)
        message = Message(
            kind=MessageKind.SIGNAL,
            weight=float(row["beyond"]) * ground.money.get(key[:2], 1.0) * people.share(*key),
            scope=Scope(key[0]),
            scope_value=key[1],
            indicator=key[2],
            value=value,
            expected=float(row["expected"]),
            low=float(row["usual_low"]),
            high=float(row["usual_high"]),
            chance=float(row["chance"]),
            signal=signal,
            against=Against(row["against"]),
            target=aim.target if aim else None,
            last_year=aim.last_year if aim else None,
            standing=aim.standing if aim else Standing.NO_TARGET,
        )
        yield message if message.is_bad else _lighter(message)


def _lighter(message: Message) -> Message:
    """Good news weighs half: what went wrong is to be acted on."""
    return replace(message, weight=message.weight / 2)


def _missed(ground: Ground) -> Iterable[Message]:
    """Targets that were missed by more than chance explains."""
    usual = {(str(row["scope"]), str(row["scope_value"]), str(row["indicator"])): row for row in ground.usual.to_dict("records")}
    people = _People.of(ground.figures)
    for one in ground.targets:
        if one.standing is not Standing.MISSED or one.indicator not in FAMILY_OF or one.actual is None or one.target is None:
            continue
        key = (one.scope.value, one.scope_value, one.indicator)
        row = usual.get(key)
        if row and one.lower is None and abs(one.actual - one.target) <= (row["usual_high"] - row["usual_low"]) / 6:
            continue  # a sum without an interval: its target lies within what a month varies by
        yield Message(
            kind=MessageKind.TARGET,
            weight=_distance(one) * ground.money.get(key[:2], 1.0) * people.share(*key),
            scope=one.scope,
            scope_value=one.scope_value,
            indicator=one.indicator,
            value=one.actual,
            expected=float(row["expected"]) if row else None,
            low=float(row["usual_low"]) if row else None,
            high=float(row["usual_high"]) if row else None,
            against=Against(row["against"]) if row else Against.NOTHING,
            target=one.target,
            last_year=one.last_year,
            standing=one.standing,
        )


@dataclass(frozen=True)
class _People:
    """How many a figure rests on, and how many active customers each scope has."""

    n: Mapping[tuple[str, str, str], float]
    customers: Mapping[tuple[str, str], float]

    @staticmethod
    def of(figures: pd.DataFrame) -> _People:
        rows = figures[figures["n"].notna()]
        cells = zip(rows["scope"], rows["scope_value"].fillna(""), rows["indicator"], rows["n"], strict=True)
        n = {(str(scope), str(value), str(name)): float(count) for scope, value, name, count in cells}
        return _People(n, {key[:2]: count for key, count in n.items() if key[2] == "customers_active_12m"})

    def share(self, scope: str, scope_value: str, indicator: str) -> float:
        """What a figure counts for, 0-1: the square root of the share of the scope's customers that it rests on; 1 where that is not known.

        The root, as its standing out of the usual shrinks with the root of those it rests on already.
        """
        n, customers = self.n.get((scope, scope_value, indicator)), self.customers.get((scope, scope_value))
        if FAMILY_OF[indicator] not in OF_SOME or n is None or not customers:
            return 1.0
        return min(1.0, math.sqrt(n / customers))


def _distance(target: Target) -> float:
    """How far the target was missed, as a share of it: 1 is as much as the whole; at most 3."""
    assert target.actual is not None and target.target is not None
    return min(abs(target.actual - target.target) / abs(target.target), 3.0) if target.target else 1.0


def _one_per_family(messages: Iterable[Message]) -> list[Message]:
    """The weightiest of each family; a signal wins over a missed target of the same figure, as it holds it too."""
    best: dict[str, Message] = {}
    for message in sorted(messages, key=_rank):
        family = FAMILY_OF[message.indicator]
        kept = best.get(family)
        same = kept is not None and (kept.scope, kept.scope_value, kept.indicator) == (
            message.scope,
            message.scope_value,
            message.indicator,
        )
        if kept is None or (same and message.kind is MessageKind.SIGNAL):
            best[family] = message
    return sorted(best.values(), key=_rank)


def _groups(ground: Ground) -> list[Message]:
    """Customers who are to be acted on for the same reason, most money at stake first."""
    if ground.listed.empty:
        return []
    found: list[Message] = []
    for reason, rows in ground.listed.groupby("act_reason", sort=True):
        rows = rows.sort_values("act_rank", kind="stable")
        stake = int(rows["act_stake"].sum())
        found.append(
            Message(
                kind=MessageKind.CUSTOMER,
                weight=stake / ground.net_12m if ground.net_12m > 0 else 0.0,
                occasion=Occasion(str(reason)),
                customers=tuple(rows["customer_id"].astype("str")),
                stake=stake,
                owners=tuple(dict.fromkeys(rows["act_owner"].dropna().astype("str"))),
                play=str(rows["act_play"].iloc[0]),
                due=rows["act_due_on"].min(),
            )
        )
    return sorted(found, key=_rank)


def _values(figures: pd.DataFrame) -> dict[tuple[str, str, str], tuple[float | None, Signal]]:
    rows = figures[figures["indicator"].isin(list(FAMILY_OF))]
    cells = zip(rows["scope"], rows["scope_value"].fillna(""), rows["indicator"], rows["value"], rows["signal"], strict=True)
    return {
        (str(scope), str(value), str(name)): (None if number is None or np.isnan(number) else float(number), Signal(flag or ""))
        for scope, value, name, number, flag in cells
    }
