"""A row of the table: what one figure must be, and how a person gets to it with paper and pencil."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import EllipsisType

from transforms.classes.groupings import CROSS, DIMENSIONS, PROFILE
from transforms.classes.topics import MARKET, METRIC, NEED
from transforms.figures import Reason, Scope
from transforms.review import MonthReview

COMPANY, TIER, UNATTRIBUTED, SEGMENT = Scope.COMPANY, Scope.TIER, Scope.UNATTRIBUTED, Scope.SEGMENT
NO_DATA, TOO_FEW, NOT_SUPPLIED = Reason.NO_DATA, Reason.TOO_FEW, Reason.NOT_SUPPLIED
FAMILY_OF = {**DIMENSIONS, "separates": METRIC, "need": NEED, "market": MARKET}


@dataclass(frozen=True)
class Row:
    """One figure of a company's review, worked out by hand.

    indicator, scope, scope_value   which figure; `scope_value` as in `figures`: a tier, `value_class=high`, empty for the company
    value       the number, or the reason why there is none
    working     how a person gets to it
    n           what the number rests on; None: the figure tells none
    lower, upper   ends of its interval to six places; None: it has none; left out: not looked at
    method      what the figure says of how it was made, word for word; left out: not looked at
    near        how far off a value may be that cannot be written down exactly, as a root; 0: exact
    """

    indicator: str
    scope: Scope
    scope_value: str
    value: float | Reason
    working: str
    n: int | None
    lower: float | EllipsisType | None = ...
    upper: float | EllipsisType | None = ...
    near: float = 0.0
    method: str | None = None

    @property
    def family(self) -> str:
        """The kind of group that a segment is; empty for all other scopes and for segments asked for by name."""
        dimension, is_group, _ = self.scope_value.partition("=")
        if self.scope is not SEGMENT or not is_group:
            return ""
        return FAMILY_OF.get(dimension) or (PROFILE if dimension.endswith("+tier") else CROSS)


Reviewed = Callable[[], MonthReview]
"""A company of the table: makes its review once, however often it is asked."""

Rows = Mapping[Reviewed, Sequence[Row]]
"""What a subject's file holds under the name `ROWS`: its rows by the company they are of."""


def whole_table() -> Iterator[tuple[Reviewed, Row]]:
    """The rows of all subjects, with their companies: of every `rows_<subject>.py` beside this file."""
    for file in sorted(Path(__file__).parent.glob("rows_*.py")):
        rows: Rows = import_module(f"{__package__}.{file.stem}").ROWS
        yield from ((company, row) for company, listed in rows.items() for row in listed)
