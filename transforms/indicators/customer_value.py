"""Historic, current and potential value of the customers; the three are never added up."""

from __future__ import annotations

from transforms.classes.value import LOST, MODEL, SILENCE
from transforms.figures import Better, Detail, Label, Unit
from transforms.indicators.declare import ORDERS, YEAR_WINDOW, Part, indicator
from transforms.lifetime.forecast import PACKS
from transforms.money import UNITS, FloatArray
from transforms.statistics.estimates import Estimate


def current_values(part: Part) -> FloatArray:
    return part.numbers("current_value") / UNITS


def current_values_of_all(part: Part) -> FloatArray:
    return part.everybody.numbers("current_value") / UNITS


def _declare_value(column: str, title: str, row: str) -> None:
    @indicator(
        column,
        title=title,
        unit=Unit.MONEY,
        better=Better.HIGHER,
        formula=f"sum of the customers' {column.replace('_', ' ')}; the three values are never added up",
        window=YEAR_WINDOW,
        needs=ORDERS,
        section="classes",
        serves=(row,),
    )
    def summed(part: Part) -> Estimate:
        basis = Detail(part.value_basis)
        return Estimate(int(part.integers(column).sum()) / UNITS, len(part), method=f"value is {basis}", detail=basis)


_declare_value("historic_value", "Historic value (before the last 12 months)", "S22")
_declare_value("current_value", "Current value (12 months)", "S23")


@indicator(
    "potential_value",
    title="Potential value (estimate)",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    formula="sum of each customer's gap to the peers' P75 x p_active (P(alive) of the model, by silence where none is fitted), "
    "and open quotes x win rate x margin rate",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="classes",
    label=Label.ESTIMATE,
    serves=("S24",),
)
def potential_value(part: Part) -> Estimate:
    by = {source: int(part.holds_word("p_active_from", source).sum()) for source in (MODEL, SILENCE, LOST)}
    said = f"value is {part.value_basis}; p_active by P(alive) of {PACKS}: {by[MODEL]}, by silence: {by[SILENCE]}, lost: {by[LOST]}"
    return Estimate(int(part.integers("potential_value").sum()) / UNITS, len(part), method=said)
