"""One pack's view of a month: its own customers and figures, the company's totals, in one language."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from reports.blocks import Cell, Tone
from reports.charts.canvas import fit_words
from reports.formats import Formats, finite, formats
from reports.glyphs import NAME_LIMIT, clean, printed_name
from reports.i18n import N_, Words, words
from reports.material import PackMaterial
from reports.numerals import Numeral, number_form
from reports.pack_facts import Number, PackFacts, Usual
from reports.tokens import points
from reports.told import Named, Sentence
from transforms.figures import Better, Indicator, Label, Reason, Scale, Scope, Unit, figure_id
from transforms.indicators.comparable import Gap
from transforms.indicators.targets import Target
from transforms.money import amount
from transforms.month import Month
from transforms.policy.rules import UNRATED
from transforms.statistics.judging import Signal

Row = Mapping[str, object] | Mapping[Hashable, object]
"""One customer's columns by name."""


@dataclass(frozen=True)
class View:
    """What one pack may see, and the words and formats in which it says it."""

    facts: PackFacts
    locale: str

    @property
    def material(self) -> PackMaterial:
        return self.facts.material

    @property
    def tier(self) -> str | None:
        return self.facts.tier

    @property
    def catalogue(self) -> Mapping[str, Indicator]:
        return self.facts.catalogue

    # words

    @cached_property
    def words(self) -> Words:
        return words(self.locale)

    @cached_property
    def formats(self) -> Formats:
        return formats(self.locale, self.material.currency)

    def _(self, message: str, /, **values: object) -> str:
        return self.words._(message, **values)

    @property
    def month(self) -> Month:
        return self.material.month

    @property
    def tier_names(self) -> dict[str, str]:
        """Tier ids, best first, with their printed names."""
        policy = self.material.review.policy
        return {tier: clean(policy.tier_name(tier, self.locale), NAME_LIMIT) for tier in policy.tiers}

    @property
    def scope_name(self) -> str:
        if self.tier is not None:
            return self.tier_names[self.tier]
        return clean(self.material.segment_words, NAME_LIMIT) if self.material.segment else self._("Company")

    @property
    def pack_title(self) -> str:
        """What the pack is a review of."""
        if self.material.segment:
            words = clean(self.material.segment_words, NAME_LIMIT)
            tier = self._("Company") if self.tier is None else self.tier_names[self.tier]
            return self._("Review of {tier}, {filter}", tier=tier, filter=words)
        return self._("Company review") if self.tier is None else self._("Review of {tier}", tier=self.scope_name)

    def grade_name(self, grade: object) -> str:
        """A grade as printed in cells: its letter; unrated, new and lost in words."""
        text = "" if grade is None or pd.isna(grade) else str(grade)  # type: ignore[call-overload]
        spoken = {UNRATED: N_("unrated"), "new": N_("new"), "lost": N_("lost"), "unknown": N_("unknown"), "": N_("unknown")}
        return self._(spoken[text]) if text in spoken else clean(text, 20)

    def title(self, indicator: str) -> str:
        """An indicator's name in the reader's language."""
        known = self.catalogue.get(indicator)
        return self._(known.title) if known else indicator

    def unit(self, indicator: str) -> Unit:
        return self.facts.unit(indicator)

    # figures

    def own(self, indicator: str) -> Number:
        """The pack's own figure: of its tier, or of the company."""
        return self.company(indicator) if self.tier is None else self.of_tier(self.tier, indicator)

    def company(self, indicator: str) -> Number:
        return self._find(Scope.COMPANY, self.facts.company_value, indicator)

    def holds(self, indicator: str) -> bool:
        """Whether the month has such a figure of the pack's own scope, with or without a value; some are of the company alone."""
        scope = (Scope.COMPANY, self.facts.company_value) if self.tier is None else (Scope.TIER, self.tier)
        return (*scope, indicator) in self.facts.figures

    def of_tier(self, tier: str, indicator: str) -> Number:
        """A tier's figure; in a tier pack only its own can be asked for."""
        if self.tier not in (None, tier):
            raise PermissionError(f"the pack of tier {self.tier} asked for a figure of tier {tier}")
        return self._find(Scope.TIER, tier, indicator)

    def _find(self, scope: Scope, value: str, indicator: str) -> Number:
        found = self.facts.figures.get((scope, value, indicator))
        if found is not None:
            return found
        known = self.catalogue.get(indicator)
        supplied = known is None or not known.needs or any(self.has(table) for table in known.needs)
        reason = Reason.NO_DATA if supplied else Reason.NOT_SUPPLIED
        return Number(indicator, None, None, None, None, "", Label.MEASURED, reason, None, None, "", figure_id(scope, value, indicator))

    def of_group(self, name: str, indicator: str) -> Number:
        """A figure of a group of the company's customers, such as `value_class=high`; only the company's pack has them."""
        if self.tier is not None:
            raise PermissionError(f"the pack of tier {self.tier} asked for a figure of the company's group {name}")
        return self._find(Scope.SEGMENT, name, indicator)

    def groups(self, dimension: str, indicator: str = "group_customers") -> list[str]:
        """The values of a dimension that the month has figures for, largest first; of equal ones by name."""
        found = [
            (value, number) for (scope, value, name), number in self.facts.figures.items() if scope == Scope.SEGMENT and name == indicator
        ]
        own = [(value.partition("=")[2], number) for value, number in found if value.partition("=")[0] == dimension]
        return [value for value, number in sorted(own, key=lambda one: (-(one[1].n or 0), one[0]))]

    def target(self, indicator: str) -> Target | None:
        """How the pack's own figure stands to its target and to last year; None where its scorecard has no such line."""
        return self.facts.targets.get(indicator)

    def has(self, *tables: str) -> bool:
        """Whether any of the canonical tables is configured."""
        return any(table in self.material.review.supplied for table in tables)

    @property
    def trend_months(self) -> tuple[Month, ...]:
        return self.facts.trend_months

    def series(self, indicator: str, company: bool = False) -> tuple[float | None, ...]:
        """The figure's values over `trend_months`, this month's last; None where there is none, or none that may be compared.

        A score that was asked on another scale than this month's is no point of its line.
        """
        if company or self.tier is None:
            return self.series_of(Scope.COMPANY, self.facts.company_value, indicator)
        return self.series_of(Scope.TIER, self.tier, indicator)

    def series_of(self, scope: Scope, scope_value: str, indicator: str) -> tuple[float | None, ...]:
        """The same of one scope; the company's pack may ask for its tiers."""
        if scope is Scope.TIER and self.tier not in (None, scope_value):
            raise PermissionError(f"the pack of tier {self.tier} asked for the months of tier {scope_value}")
        now = self._find(scope, self.facts.company_value if scope is Scope.COMPANY else scope_value, indicator)
        earlier = self._earlier(now, scope, scope_value)
        return (*(None if point is None or (now.scale is not None and point[1] != now.scale) else point[0] for point in earlier), now.value)

    def year_ago(self, indicator: str) -> tuple[float | None, ...]:
        """Last year's value for each of `trend_months`, of the pack's own scope and this month's scale; empty where none is known."""
        scope, value = (Scope.COMPANY, self.facts.company_value) if self.tier is None else (Scope.TIER, self.tier)
        now, known = self.own(indicator), self.facts.history.get((scope.value, value, indicator), {})
        points = [known.get(str(month - 12)) for month in self.trend_months]
        values = tuple(None if one is None or (now.scale is not None and one[1] != now.scale) else one[0] for one in points)
        return values if any(one is not None for one in values) else ()

    def changed_scale(self, indicator: str) -> bool:
        """Whether months of the trend are left out because they were asked on another scale."""
        scope, value = (Scope.COMPANY, self.facts.company_value) if self.tier is None else (Scope.TIER, self.tier)
        now = self.own(indicator)
        earlier = self._earlier(now, scope, value)
        return now.scale is not None and any(point is not None and point[1] != now.scale for point in earlier)

    def _earlier(self, now: Number, scope: Scope, scope_value: str) -> list[tuple[float, Scale | None] | None]:
        """The value and scale of each month of the trend before this one."""
        earlier = self.facts.history.get((scope.value, scope_value, now.indicator), {})
        return [earlier.get(str(month)) for month in self.trend_months[:-1]]

    # printed figures

    def value(self, number: Number) -> str:
        """The value in its unit, or the words for its absence."""
        if number.value is None:
            return _known(self.formats.reason(number.reason, number.n), number, "n")
        return _known(self.formats.figure(number.value, self.unit(number.indicator)), number, "value")

    def short(self, number: Number) -> str:
        """The value where room is short, still known as the figure's; the words for its absence."""
        if number.value is None:
            return self.value(number)
        return short_value(self, number.value, self.unit(number.indicator), number.figure_id)

    def basis(self, number: Number) -> str:
        """What the number rests on: n, marked where it is small; counts and money are full counts, however few."""
        if number.n is None:
            return ""
        text = _known(self._("n={n}", n=self.formats.count(number.n)), number, "n")
        counted = self.unit(number.indicator) in (Unit.COUNT, Unit.BALANCE, Unit.MONEY)
        small = number.value is not None and number.n < self.material.flag_n and not counted
        return self._("{basis}, few", basis=text) if small else text

    def interval(self, number: Number) -> str:
        return _known(self.formats.interval(number.lower, number.upper, self.unit(number.indicator)), number, "interval")

    def change(self, number: Number) -> str:
        if number.change is None:
            return ""
        return _known(self.formats.change(number.change, number.previous, self.unit(number.indicator)), number, "change")

    def tone(self, number: Number) -> Tone:
        """Good or bad only where a signal or the interval says that the change is more than chance, else grey."""
        known = self.catalogue.get(number.indicator)
        if known is None or known.better is Better.NEITHER or not number.change or not any(c in "123456789" for c in self.change(number)):
            return Tone.PLAIN
        rises = number.change > 0
        if not (_stands_apart(number) or (number.signal and Signal(number.signal).rises == rises)):
            return Tone.PLAIN
        return Tone.GOOD if rises == (known.better is Better.HIGHER) else Tone.BAD

    def gap(self, indicator: str) -> Gap | None:
        """Why the month's figure is compared with no other month; None: it may be."""
        return self.facts.gap(indicator, self.month)

    def usual(self, number: Number) -> Usual | None:
        """Where a figure of the pack's own scope would usually lie."""
        scope = (Scope.COMPANY.value, self.facts.company_value) if self.tier is None else (Scope.TIER.value, self.tier)
        return self.facts.usual.get((*scope, number.indicator))

    def cell(self, number: Number, detail: str = "") -> Cell:
        """The figure as a table cell."""
        return Cell(self.value(number), detail or self.interval(number), muted=number.value is None)

    # customers

    @property
    def customers(self) -> pd.DataFrame:
        return self.facts.customers

    @property
    def previous(self) -> pd.DataFrame:
        return self.facts.previous

    @property
    def explanations(self) -> pd.DataFrame:
        return self.facts.explanations

    def known_column(self, name: str) -> pd.Series:
        """A column of the pack's customers as float, missing where the review does not have it."""
        if name not in self.customers:
            return pd.Series([float("nan")] * len(self.customers), dtype="float64")
        return self.customers[name].astype("Float64").astype("float64")

    def customer(self, row: Row) -> tuple[str, str]:
        """A customer's printed name (the id where there is none that our fonts can print) and printed id."""
        about = str(row["customer_id"])
        key = clean(about, 32)
        return Named(printed_name(row.get("name"), key), about), Named(key, about)

    def name_of(self, customer_id: str) -> str:
        """The printed name of one of the pack's customers, by id."""
        return Named(printed_name(self.facts.names[customer_id], clean(customer_id, 32)), customer_id)

    def short_name(self, row: Row, room: float) -> str:
        """A customer's printed name, cut to fit `room` points of body text."""
        return Named(fit_words(self.customer(row)[0], room, points("size-body")), str(row["customer_id"]))

    def customer_cell(self, row: Row) -> Cell:
        """A customer by name, with the id beneath; by id alone where there is no name."""
        name, key = self.customer(row)
        return Cell(name, "" if name == key else key)


def short_value(view: View, value: float | None, unit: Unit, source: str) -> str:
    """A figure's value where room is short, with the id of the figure that it is."""
    text = view.formats.axis(value, unit)
    if value is None or isinstance(text, Numeral):
        return text.of(source, "value") if isinstance(text, Numeral) else text
    return Numeral(text, value, number_form(2), source, "value")


def _known(text: str, number: Number, role: str) -> str:
    """A text whose numbers are those of a figure, told by the figure's id."""
    if isinstance(text, Numeral):
        return text.of(number.figure_id, role)
    return Sentence(_known(part, number, role) for part in text.parts) if isinstance(text, Sentence) else text


def _stands_apart(number: Number) -> bool:
    """Whether a change is larger than two samples of this month's size would show by chance once in twenty."""
    if number.lower is None or number.upper is None or number.change is None:
        return False
    return abs(number.change) > math.sqrt(2) * (number.upper - number.lower) / 2


def money_of(frame: pd.DataFrame, column: str) -> float:
    """The sum of a money column in currency units, exact before it is divided."""
    return amount(int(frame[column].sum())) if column in frame and len(frame) else 0.0


def amount_of(units: object) -> float | None:
    """Ten-thousandths of one cell in currency units; None where the cell is empty."""
    known = finite(units)
    return None if known is None else amount(int(known))
