"""What one pack is about, worked out once for all its languages: its own customers and figures, and the company's."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from reports.actions import ActionList, action_list
from reports.evidence import csv_bytes, customers_table, figures_table
from reports.formats import finite
from reports.material import PackMaterial
from transforms.classes.segments import MARK
from transforms.figures import SCALE, Detail, Indicator, Reason, Scale, Scope, Unit, scale_of
from transforms.indicators.bridge import Bridge, Sums, bridge_of, has_bridge
from transforms.indicators.comparable import Gap
from transforms.indicators.targets import Target
from transforms.messages import Ground, Message, count_judged, rank_messages, with_plays
from transforms.money import to_units
from transforms.month import Month
from transforms.statistics.judging import Against
from transforms.why.evidence import explanations

TREND_MONTHS = 13


@dataclass(frozen=True)
class Number:
    """A figure as it is read from the frame; `value` is None exactly where `reason` says why."""

    indicator: str
    value: float | None
    n: int | None
    lower: float | None
    upper: float | None
    method: str
    label: str
    reason: str | None
    previous: float | None
    change: float | None
    signal: str
    figure_id: str
    scale: Scale | None = None
    detail: Detail | None = None

    @property
    def has_source(self) -> bool:
        return self.reason != Reason.NOT_SUPPLIED


@dataclass(frozen=True)
class Usual:
    """Where the newest month would usually lie: its limits, what it was held against, and how odd it is."""

    expected: float
    low: float
    high: float
    beyond: float
    chance: float
    basis: int
    against: Against


@dataclass(frozen=True)
class PackFacts:
    """What one pack may see, in no language yet. `tier` is None for the company pack."""

    material: PackMaterial
    tier: str | None
    catalogue: Mapping[str, Indicator]

    @cached_property
    def figures(self) -> dict[tuple[str, str, str], Number]:
        """The pack's own figures and the company's, by scope, scope value and indicator."""
        return {
            (str(row["scope"]), str(row["scope_value"]), str(row["indicator"])): _number(row) for row in self._figures.to_dict("records")
        }

    @cached_property
    def company_value(self) -> str:
        """What the company's figures are filed under."""
        return next((value for scope, value, _ in self.figures if scope == Scope.COMPANY), "")

    @cached_property
    def _figures(self) -> pd.DataFrame:
        """Of a tier's pack: the tier's and the company's; of the company's: all."""
        frame = self.material.review.figures
        if self.tier is None:
            return frame
        own = (frame["scope"] == Scope.TIER) & (frame["scope_value"] == self.tier)
        return frame[own | (frame["scope"] == Scope.COMPANY)]

    def visible_figures(self) -> pd.DataFrame:
        """The figures that this pack may show and carry: its own scope's and the company's."""
        frame = self._figures
        if self.material.segment:
            # Filed as the tier's own for the pack's sections; printed as what they are.
            parts = (frame["scope"] == Scope.TIER).to_numpy(dtype=bool) | (self.tier is None)
            bases = frame["scope_value"].map(lambda tier: f"tier-{tier}" if tier else "company").astype("str")
            names = bases + f"{MARK}{self.material.segment}"
            frame = frame.assign(
                scope=frame["scope"].astype("str").mask(parts, Scope.SEGMENT.value), scope_value=frame["scope_value"].mask(parts, names)
            )
        return frame.reset_index(drop=True)

    @cached_property
    def trend_months(self) -> tuple[Month, ...]:
        """The months of a trend: at most 13, from the oldest one known, this one last."""
        known = self.material.history["month"].astype(str).min() if len(self.material.history) else ""
        this = self.material.month
        oldest = Month.parse(known) if known else this
        first = max(this.index - TREND_MONTHS + 1, min(oldest.index, this.index))
        return tuple(Month.from_index(index) for index in range(first, this.index + 1))

    @cached_property
    def history(self) -> dict[tuple[str, str, str], dict[str, tuple[float, Scale | None]]]:
        """Earlier values of the trend and of the year before it that may be compared, with their scale.

        By scope, scope value and indicator, then by month.
        """
        found: dict[tuple[str, str, str], dict[str, tuple[float, Scale | None]]] = {}
        frame = self.material.history
        if len(frame):
            own = (frame["scope"] == Scope.COMPANY) | ((frame["scope"] == Scope.TIER) & (frame["scope_value"].isin(self._tiers)))
            frame = frame[own & (frame["month"] >= str(self.trend_months[0] - 12))]
            columns = (frame[name].tolist() for name in ("scope", "scope_value", "indicator", "month", "value", *SCALE))
            for scope, value, indicator, month, number, low, high in zip(*columns, strict=True):
                known = finite(number)
                if known is not None and self.gap(str(indicator), Month.parse(str(month))) is None:
                    found.setdefault((str(scope), str(value), str(indicator)), {})[str(month)] = (known, scale_of(low, high))
        return found

    def gap(self, indicator: str, month: Month) -> Gap | None:
        """Why an indicator's value of a month is held against no other; None: it may be."""
        known, words = self.material.review.comparable, self.catalogue.get(indicator)
        return None if known is None or words is None else known.gap(words, month)

    def since(self, indicator: str) -> Month | None:
        """The first month whose value may be held against another; None: not known."""
        known, words = self.material.review.comparable, self.catalogue.get(indicator)
        return None if known is None or words is None else known.since(words)

    @cached_property
    def usual(self) -> dict[tuple[str, str, str], Usual]:
        """What the months before make one expect of the pack's own figures and the company's."""
        frame = self.material.review.usual
        own = ((frame["scope"] == Scope.TIER) & (frame["scope_value"].isin(self._tiers))) | (frame["scope"] == Scope.COMPANY)
        return {(row["scope"], row["scope_value"], row["indicator"]): _usual(row) for row in frame[own].to_dict("records")}

    @property
    def _tiers(self) -> tuple[str, ...]:
        """The tiers whose figures the pack may show."""
        return self.material.review.policy.tiers if self.tier is None else (self.tier,)

    @cached_property
    def ground(self) -> Ground:
        """What the pack's messages are made from: its own scopes' figures and its own customers; never the company's in a tier's pack."""
        review, customers = self.material.review, self.customers
        kinds = [Scope.TIER.value] if self.tier is not None else [Scope.TIER.value, Scope.COMPANY.value]

        def own(frame: pd.DataFrame) -> pd.DataFrame:
            inside = (frame["scope"] == Scope.COMPANY) | frame["scope_value"].isin(self._tiers)
            return frame[frame["scope"].isin(kinds) & inside]

        listed = customers[customers["act_rank"].notna()] if "act_rank" in customers else customers.iloc[:0]
        net = int(customers["net_12m"].sum()) if "net_12m" in customers else 0
        by_tier = customers.groupby("tier")["net_12m"].sum() if net > 0 else pd.Series(dtype="int64")
        shares = {(Scope.TIER.value, str(tier)): max(0.0, float(units) / net) for tier, units in by_tier.items()}
        targets = [one for one in review.targets if one.scope in kinds and (one.scope is Scope.COMPANY or one.scope_value in self._tiers)]
        return Ground(own(review.figures), own(review.usual), targets, listed, shares if self.tier is None else {}, net)

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """What the pack's first page says, most important first."""
        return with_plays(rank_messages(self.ground), self.material.review.policy, self.material.month)

    @property
    def comparisons(self) -> int:
        """How many figures were held against their usual range for the messages."""
        return count_judged(self.ground)

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of the pack's own customers, by id; the id where there is none."""
        ids = self.customers["customer_id"].astype("str")
        names = self.customers.get("name", ids)
        return {key: name if isinstance(name, str) and name.strip() else key for key, name in zip(ids, names, strict=True)}

    @property
    def months_before(self) -> int:
        """How many months of the history lie before this one."""
        return self.material.history["month"].nunique() if len(self.material.history) else 0

    def unit(self, indicator: str) -> Unit:
        known = self.catalogue.get(indicator)
        return known.unit if known else Unit.RATIO

    @cached_property
    def targets(self) -> dict[str, Target]:
        """The pack's own scorecard, by indicator in its order: of its tier, or of the company."""
        scope = (Scope.COMPANY, "") if self.tier is None else (Scope.TIER, self.tier)
        return {one.indicator: one for one in self.material.review.targets if (one.scope, one.scope_value) == scope}

    # customers

    @cached_property
    def customers(self) -> pd.DataFrame:
        """The pack's customers, one row each, as the review has them."""
        frame = self.material.review.customers
        if self.tier is not None:
            frame = frame[frame["tier"] == self.tier]
        return frame.reset_index(drop=True)

    @cached_property
    def previous(self) -> pd.DataFrame:
        """Last month's rows of the pack's customers of this month, by customer_id."""
        frame = self.material.previous
        if not len(frame):
            return frame
        return frame[frame["customer_id"].isin(self.customers["customer_id"])].reset_index(drop=True)

    @cached_property
    def explanations(self) -> pd.DataFrame:
        """Why each of the pack's customers has its grade, in their order (`transforms.why.evidence`)."""
        return explanations(self.customers, self.previous, self.material.review.policy)

    @cached_property
    def actions(self) -> ActionList:
        """The customers to act on whom this pack shows, who else has a reason, and what is seen of last month's list."""
        return action_list(self.material.review, self.tier)

    @cached_property
    def bridge(self) -> Bridge | None:
        """From last month's customers and money of the pack's own scope to this month's; None without last month's review."""
        customers, before = self.material.review.customers, self.material.previous
        if not has_bridge(customers, before):
            return None
        return bridge_of(customers, before, self.tier, *self._nobody())

    def _nobody(self) -> tuple[Sums, Sums]:
        """What orders that name no customer brought last month and this."""
        months = self.material.history["month"].astype("str") == str(self.material.month - 1)
        return _of_nobody(self.material.history.loc[months]), _of_nobody(self.material.review.figures)

    @cached_property
    def moves(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The pack's customers who rose and who fell a grade, most money first, ties by id."""
        customers = self.customers
        if not len(customers) or "previous_grade" not in customers:
            return customers.iloc[:0], customers.iloc[:0]
        order = {grade.grade: place for place, grade in enumerate(self.material.review.policy.grades)}
        before, after = customers["previous_grade"].map(order), customers["grade"].map(order)
        sort = ["net_12m", "customer_id"] if "net_12m" in customers else ["customer_id"]
        ascending = [False, True] if len(sort) == 2 else [True]
        rose, fell = ((moved).fillna(False).to_numpy(dtype=bool) for moved in (after < before, after > before))
        one, other = (customers[moved].sort_values(sort, ascending=ascending, kind="stable") for moved in (rose, fell))
        return one, other

    # evidence

    @cached_property
    def tables(self) -> dict[str, bytes]:
        """The CSV files that travel inside the pack, by name."""
        figures = figures_table(self.visible_figures(), self.material.month, self.material.revision, self.catalogue)
        return {
            "figures.csv": csv_bytes(figures, money_columns=()),
            "customers.csv": csv_bytes(customers_table(self.customers)),
            "explanations.csv": csv_bytes(self.explanations, money_columns=()),
        }


def _usual(row: Mapping[Hashable, object]) -> Usual:
    known = {name: float(str(row[name])) for name in ("expected", "usual_low", "usual_high", "beyond", "chance", "basis")}
    low, high, basis = known.pop("usual_low"), known.pop("usual_high"), known.pop("basis")
    return Usual(**known, low=low, high=high, basis=int(basis), against=Against(str(row["against"])))


def customers_with_us(customers: pd.DataFrame) -> pd.DataFrame:
    """The customers who are lost neither at the month's beginning nor at its end: only they can rise, stay or fall."""
    if not {"is_lost", "was_lost"} <= set(customers):
        return customers
    return customers.loc[~(customers["is_lost"] | customers["was_lost"]).to_numpy(dtype=bool)]


def _of_nobody(figures: pd.DataFrame) -> Sums:
    """The unattributed figures of one month as money; nought where there is none."""
    own = figures.loc[(figures["scope"] == Scope.UNATTRIBUTED).to_numpy(dtype=bool)]
    found = {str(name): finite(value) or 0 for name, value in zip(own["indicator"], own["value"], strict=True)}
    return Sums(0, *(to_units(found.get(name, 0)) for name in ("net_revenue", "net_revenue_12m")))


def _number(row: Mapping[Hashable, object]) -> Number:
    n = finite(row["n"])
    value = finite(row["value"])
    reason = row["reason"]
    said = str(reason) if isinstance(reason, str) and reason else None
    return Number(
        indicator=str(row["indicator"]),
        value=value,
        n=None if n is None else int(n),
        lower=finite(row["lower"]),
        upper=finite(row["upper"]),
        method=_text(row["method"]),
        label=_text(row["label"]),
        reason=None if value is not None else said or Reason.NO_DATA.value,
        previous=finite(row["previous"]),
        change=finite(row["change"]),
        signal=_text(row["signal"]),
        figure_id=_text(row["figure_id"]),
        scale=scale_of(row.get("scale_low"), row.get("scale_high")),
        detail=Detail(detail) if isinstance(detail := row.get("detail"), str) and detail else None,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
