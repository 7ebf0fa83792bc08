"""How an indicator is declared: its words and its computation, together and once.

    @indicator("orders", title="Orders", unit=Unit.COUNT, better=Better.HIGHER, ...)
    def orders(part: Part) -> Estimate:
        ...

That is all it takes: figures, packs and `docs/indicators.md` read the catalogue.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd

from transforms.classes.value import value_basis
from transforms.figures import Better, Indicator, Label, Scope, Unit
from transforms.indicators.everybody import Everybody
from transforms.inputs import History, MonthInputs
from transforms.lifetime.outlook import Outlook
from transforms.money import BoolArray, FloatArray, IntArray
from transforms.policy.rules import Policy
from transforms.statistics.estimates import Estimate

Found = TypeVar("Found")

MONTH = "month"
"""Window of an indicator that speaks of the month itself; only these get a signal, as other windows overlap."""
YEAR_WINDOW = "12 months"
MONTH_END = "month's end"

CUSTOMER_SCOPES = (Scope.COMPANY, Scope.TIER)
COMPANY_ONLY = (Scope.COMPANY,)
GROUPS = (Scope.SEGMENT,)
"""Classes, crossings and topics; `families` says which kinds of them."""
MONEY_SCOPES = (Scope.COMPANY, Scope.TIER, Scope.UNATTRIBUTED)

ORDERS = ("orders", "order_lines")
"""What money is computed from: either table will do."""


@dataclass(frozen=True)
class Part:
    """What one scope's figures are computed from: its customers, tickets and answers, and its money.

    `part["net_12m"]` is a column of `customers` (the scored ones) or of the window, for this scope's
    customers only; `numbers`, `integers`, `flags`, `days` and `holds_word` give it as an array, which is cheaper.
    `beside` holds sums of orders that belong to no customer: they count in `total`, for the company and for
    the unattributed scope.
    """

    scope: Scope
    scope_value: str
    inputs: MonthInputs
    policy: Policy
    everybody: Everybody
    """The scored customers of the whole company, shared by all scopes of the month."""
    chosen: IntArray | None
    """Rows of the scope's customers; None: all."""
    tickets: pd.DataFrame
    """As `transforms.indicators.service.measured_tickets` made them."""
    answers: pd.DataFrame
    """As `transforms.facts.surveys.scaled_answers` made them."""
    told: frozenset[tuple[str, str]]
    """Columns of tickets and surveys that some row of the whole company fills, as (table, column)."""
    beside: Mapping[str, int] = field(default_factory=dict)
    outlook: Outlook | None = None
    """The lifetime models of the company."""
    family: str = ""
    """What kind of group a segment is, see `transforms.classes.groupings`; empty for company and tiers."""
    history: History | None = None
    """What earlier months said, where the scope was made with it."""
    _kept: dict[str, object] = field(default_factory=dict, init=False, repr=False)

    @property
    def customers(self) -> pd.DataFrame:
        """The scored customers of the whole company."""
        return self.everybody.customers

    def __getitem__(self, name: str) -> pd.Series:
        def taken() -> pd.Series:
            column = self.everybody.column(name)
            return column if self.chosen is None else pd.Series(column.array.take(self.chosen), copy=False)

        return self.once(f"column {name}", taken)

    @property
    def value_basis(self) -> str:
        """What value is this month: margin, or revenue for everybody."""
        return value_basis(self.inputs, self.policy)

    def __len__(self) -> int:
        return len(self.everybody) if self.chosen is None else len(self.chosen)

    def once(self, name: str, compute: Callable[[], Found]) -> Found:
        """What several figures and tables of the scope share, computed for the first of them."""
        if name not in self._kept:
            self._kept[name] = compute()
        return cast(Found, self._kept[name])

    def numbers(self, name: str) -> FloatArray:
        """A column as floats, NaN where missing."""
        return self._own(self.everybody.numbers(name))

    def integers(self, name: str) -> IntArray:
        """A column that is never missing, as whole numbers."""
        return self._own(self.everybody.integers(name))

    def flags(self, name: str) -> BoolArray:
        """A column of yes and no."""
        return self._own(self.everybody.flags(name))

    def days(self, name: str) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
        """A column of days."""
        return self._own(self.everybody.days(name))

    def holds_word(self, name: str, word: str) -> BoolArray:
        """Whose text column holds this word."""
        return self._own(self.everybody.holds_word(name, word))

    def members(self) -> BoolArray:
        """Who of everybody belongs to the scope."""

        def marked() -> BoolArray:
            inside = np.zeros(len(self.everybody), dtype=bool)
            inside[slice(None) if self.chosen is None else self.chosen] = True
            return inside

        return self.once("members", marked)

    def total(self, name: str) -> int:
        """Exact sum of a window column, with what belongs to no customer where the scope has it."""
        own = int(self.integers(name).sum()) if self.scope is not Scope.UNATTRIBUTED else 0
        return own + self.beside.get(name, 0)

    def _own(self, of_everybody: np.ndarray[tuple[int], np.dtype[Any]]) -> np.ndarray[tuple[int], np.dtype[Any]]:
        return of_everybody if self.chosen is None else of_everybody.take(self.chosen)

    def tells(self, table: str, *columns: str) -> bool:
        """Whether the source fills all these columns; one that is empty in every row is not supplied."""
        return all((table, column) in self.told for column in columns)


def filled_columns(inputs: MonthInputs) -> frozenset[tuple[str, str]]:
    """Which columns of tickets and surveys the sources fill; where there is no row to judge by, nothing is denied."""
    if inputs.told is not None:
        return inputs.told
    frames = {"tickets": inputs.tickets, "surveys": inputs.surveys}
    return frozenset(
        (table, str(column))
        for table, frame in frames.items()
        for column in frame.columns
        if frame.empty or bool(frame[column].notna().any())
    )


Compute = Callable[[Part], Estimate]


@dataclass(frozen=True)
class Measure:
    """An indicator, the function that computes it for a scope, and the scopes it exists for."""

    indicator: Indicator
    compute: Compute
    scopes: tuple[Scope, ...]
    families: tuple[str, ...]
    """The kinds of groups that it is computed for, where the scope is a segment."""
    module: str
    """The subject that declares it."""
    line: int
    """Where in the module it is declared."""

    @property
    def file(self) -> str:
        """The file that declares it: `transforms/indicators/service.py`."""
        return f"{self.module.replace('.', '/')}.py"

    @property
    def place(self) -> str:
        """File and line of the declaration: `transforms/indicators/service.py:41`."""
        return f"{self.file}:{self.line}"

    def concerns(self, scope: Scope, family: str = "") -> bool:
        """Whether this is computed for a kind of scope; the part of a tier that a reader is limited to has the figures of a tier."""
        if scope is not Scope.SEGMENT:
            return scope in self.scopes
        return family in self.families if family else Scope.TIER in self.scopes


_MEASURES: dict[str, Measure] = {}


def indicator(
    name: str,
    *,
    title: str,
    unit: Unit,
    better: Better,
    formula: str,
    window: str,
    needs: tuple[str, ...],
    section: str,
    label: Label = Label.MEASURED,
    serves: tuple[str, ...] = (),
    survey: bool = False,
    scopes: tuple[Scope, ...] = CUSTOMER_SCOPES,
    families: tuple[str, ...] = (),
) -> Callable[[Compute], Compute]:
    """Put an indicator into the catalogue, with the function below it as its computation."""

    module, line = _declared_at()

    def registered(compute: Compute) -> Compute:
        if name in _MEASURES:
            raise ValueError(f"the indicator {name} is declared twice; the first stands in {_MEASURES[name].place}")
        words = Indicator(name, title, unit, better, formula, window, needs, section, label, serves, survey)
        _MEASURES[name] = Measure(words, compute, scopes, families, module, line)
        return compute

    return registered


def _declared_at() -> tuple[str, int]:
    """The module that is being read and its line, also where one of its functions declares several indicators."""
    frame = sys._getframe(2)
    while frame.f_code.co_name != "<module>" and frame.f_back:
        frame = frame.f_back
    return str(frame.f_globals["__name__"]), frame.f_lineno


def measures_in(module: str) -> Mapping[str, Measure]:
    """The indicators that one module declares, in its own order."""
    return {name: measure for name, measure in _MEASURES.items() if measure.module == module}
