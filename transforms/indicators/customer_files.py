"""What the customer files lack."""

from __future__ import annotations

from transforms.classes.roles import UNKNOWN
from transforms.figures import Better, Unit
from transforms.indicators.declare import MONTH_END, Part, indicator
from transforms.statistics.estimates import Estimate, no_data, share_of


def _unknown_share(name: str, column: str, title: str, row: str) -> None:
    @indicator(
        name,
        title=title,
        unit=Unit.SHARE,
        better=Better.LOWER,
        formula=f"customers of the base whose {column.replace('_', ' ')} is unknown / all",
        window=MONTH_END,
        needs=("customers",),
        section="classes",
        serves=(row,),
    )
    def unknown(part: Part) -> Estimate:
        return share_of(int(part.holds_word(column, UNKNOWN).sum()), len(part))


_unknown_share("unknown_role_share", "role", "Customers of unknown role", "S01")
_unknown_share("unknown_industry_share", "industry", "Customers of unknown industry", "S18")
_unknown_share("unknown_source_share", "source_channel", "Customers of unknown source", "S35")


@indicator(
    "file_completeness",
    title="Completeness of customer files",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="mean share of the policy's file fields that are filled, over the customers of the base",
    window=MONTH_END,
    needs=("customers",),
    section="classes",
    serves=("S39",),
)
def file_completeness(part: Part) -> Estimate:
    filled = part.numbers("completeness")
    return Estimate(float(filled.mean()), len(filled), method="mean over customers") if len(filled) else no_data()
