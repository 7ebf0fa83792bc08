"""What moved the company: the change of a figure split into the mix of its tiers and the rates within them.

A mean over customers or answers is a sum over tiers of share x own mean, so its change is split into a part
of the shares (mix) and a part of the means (rate), without a rest (`transforms.statistics.shapley.mix_and_rate`).
Net revenue is customers x share x net per customer and has a third part: how many customers there are (size).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.figures import SCALE, Figure, Reason, Scale, Scope, scale_of
from transforms.indicators.movements import MEANS, TOTAL, part_name
from transforms.money import FloatArray
from transforms.month import Month
from transforms.statistics.shapley import mix_and_rate, shapley

OUTSIDE = "outside"
"""The group of what belongs to no tier, or to tiers whose own figure is withheld."""

METHOD = "change since last month; Das Gupta over tiers"
PRINTED = 1e-9
SPLIT = (*MEANS, TOTAL, "customers_base")
"""Figures that are split, or that splitting needs."""


@dataclass(frozen=True)
class TierShare:
    """One tier's share in a figure: `n` customers or answers, and their mean."""

    n: float
    mean: float


@dataclass(frozen=True)
class MonthFigures:
    """One month's figures by scope, scope value and indicator: value, n, scale."""

    by_key: Mapping[tuple[str, str, str], tuple[float | None, float | None, Scale | None]]

    @classmethod
    def of_figures(cls, figures: Sequence[Figure]) -> MonthFigures:
        told = (one for one in figures if one.indicator in SPLIT)
        return cls({(one.scope.value, one.scope_value, one.indicator): (one.value, one.n, one.scale) for one in told})

    @classmethod
    def of_frame(cls, frame: pd.DataFrame, month: Month) -> MonthFigures:
        """The figures of a kept month; none where it was not kept with their n."""
        if frame.empty or not {"n", "value", *SCALE} <= set(frame.columns):
            return cls({})
        rows = frame[(frame["month"].astype(str) == str(month)) & frame["indicator"].isin(SPLIT)]
        columns = (rows[name] for name in ("scope", "scope_value", "indicator", "value", "n", *SCALE))
        return cls(
            {
                (str(scope), "" if pd.isna(value) else str(value), str(indicator)): (_number(number), _number(n), scale_of(low, high))
                for scope, value, indicator, number, n, low, high in zip(*columns, strict=True)
            }
        )

    def value(self, scope: Scope, scope_value: str, indicator: str) -> float | None:
        return self.by_key.get((scope.value, scope_value, indicator), (None, None, None))[0]

    def withheld_tiers(self, indicator: str) -> set[str]:
        """Tiers whose figure rests on too few to be told."""
        return {
            tier
            for (scope, tier, name), (own, n, _) in self.by_key.items()
            if scope == Scope.TIER and name == indicator and own is None and n
        }

    def groups(self, indicator: str, outside: Collection[str]) -> dict[str, TierShare] | None:
        """The company's figure taken apart; its tiers and what is outside of them add up to it. None where it has no value.

        Tiers named in `outside` are not told apart.
        """
        whole = self.by_key.get((Scope.COMPANY.value, "", indicator))
        mean, n, scale = whole or (None, None, None)
        if mean is None or not n:
            return None
        groups: dict[str, TierShare] = {}
        for (scope, tier, name), (own, count, own_scale) in self.by_key.items():
            if scope == Scope.TIER and name == indicator and own is not None and count and tier not in outside:
                if own_scale != scale:
                    return None
                groups[tier] = TierShare(count, own)
        rest = n - sum(group.n for group in groups.values())
        if rest < -PRINTED:
            return None
        total = mean * n - sum(group.n * group.mean for group in groups.values())
        if rest > PRINTED:
            groups[OUTSIDE] = TierShare(rest, total / rest)
        return groups


def splits(now: Sequence[Figure], history: pd.DataFrame, month: Month) -> Iterator[Figure]:
    """The parts of the changes since last month: of the company in whole, of each tier what it carries of them.

    Without a figure on both sides, or with another scale, there is no split but a reason.
    """
    after, before = MonthFigures.of_figures(now), MonthFigures.of_frame(history, month - 1)
    tiers = [figure.scope_value for figure in now if figure.scope is Scope.TIER and figure.indicator == TOTAL]
    supplied = {figure.indicator: figure.reason is not Reason.NOT_SUPPLIED for figure in now if figure.scope is Scope.COMPANY}
    for indicator in MEANS:
        yield from _of_mean(indicator, before, after, tiers, supplied.get(indicator, False))
    yield from _of_total(before, after, tiers, supplied.get(TOTAL, False))


def _of_mean(indicator: str, before: MonthFigures, after: MonthFigures, tiers: Sequence[str], supplied: bool) -> Iterator[Figure]:
    outside = before.withheld_tiers(indicator) | after.withheld_tiers(indicator)
    sides = before.groups(indicator, outside), after.groups(indicator, outside)
    kinds = ("mix", "rate")
    scales = {side.by_key.get((Scope.COMPANY.value, "", indicator), (None, None, None))[2] for side in (before, after)}
    if sides[0] is None or sides[1] is None or len(scales) > 1:
        yield from _absent(indicator, kinds, supplied)
        return
    names = sorted({*sides[0], *sides[1]})
    counts = [np.array([side[name].n if name in side else 0.0 for name in names]) for side in (sides[0], sides[1])]
    means = [np.array([side[name].mean if name in side else np.nan for name in names], dtype=np.float64) for side in (sides[0], sides[1])]
    found = mix_and_rate((counts[0] / counts[0].sum(), counts[1] / counts[1].sum()), (means[0], means[1]))
    for kind, parts in zip(kinds, (found.mix, found.rate), strict=True):
        yield Figure(Scope.COMPANY, "", part_name(indicator, kind), float(parts.sum()), int(counts[1].sum()), method=METHOD)
        for place, name in enumerate(names):
            if name in tiers:
                yield Figure(Scope.TIER, name, part_name(indicator, kind), float(parts[place]), int(counts[1][place]), method=METHOD)


def _of_total(before: MonthFigures, after: MonthFigures, tiers: Sequence[str], supplied: bool) -> Iterator[Figure]:
    """Net revenue: number of customers, their shares in the tiers, net per customer, and what belongs to no customer."""
    kinds = ("size", "mix", "rate", "outside")
    whole = [side.value(Scope.COMPANY, "", TOTAL) for side in (before, after)]
    names = sorted({tier for scope, tier, name in (*before.by_key, *after.by_key) if scope == Scope.TIER and name == TOTAL})
    counts = [np.array([side.value(Scope.TIER, name, "customers_base") or 0.0 for name in names]) for side in (before, after)]
    money = [np.array([side.value(Scope.TIER, name, TOTAL) or 0.0 for name in names]) for side in (before, after)]
    if None in whole or not counts[0].sum() or not counts[1].sum():
        yield from _absent(TOTAL, kinds, supplied)
        return
    shares = [count / count.sum() for count in counts]
    each = [np.divide(net, count, out=np.full(len(names), np.nan), where=count > 0) for net, count in zip(money, counts, strict=True)]
    each = [np.nan_to_num(np.where(np.isnan(own), other, own)) for own, other in (each, each[::-1])]
    totals = [float(count.sum()) for count in counts]

    def per_tier(new: Sequence[bool]) -> FloatArray:
        money_of_tiers: FloatArray = totals[new[0]] * shares[new[1]] * each[new[2]]
        return money_of_tiers

    parts = dict(zip(("size", "mix", "rate"), shapley(per_tier, 3), strict=True))
    known = [float(np.sum(net)) for net in money]
    parts["outside"] = np.array([(whole[1] or 0.0) - known[1] - ((whole[0] or 0.0) - known[0])])
    for kind in kinds:
        yield Figure(Scope.COMPANY, "", part_name(TOTAL, kind), round(float(parts[kind].sum()), 6), int(totals[1]), method=METHOD)
        if kind != "outside":
            for place, name in enumerate(names):
                if name in tiers:
                    value = round(float(parts[kind][place]), 6)
                    yield Figure(Scope.TIER, name, part_name(TOTAL, kind), value, int(counts[1][place]), method=METHOD)


def _absent(indicator: str, kinds: Sequence[str], supplied: bool) -> Iterator[Figure]:
    reason = Reason.NO_DATA if supplied else Reason.NOT_SUPPLIED
    for kind in kinds:
        yield Figure(Scope.COMPANY, "", part_name(indicator, kind), None, method=METHOD, reason=reason)


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[call-overload,arg-type]
