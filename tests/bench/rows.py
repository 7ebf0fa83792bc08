"""One measured figure as a row of bench.json."""

from __future__ import annotations

from typing import TypedDict


class Row(TypedDict):
    """`ratio` is `figure` divided by what it is compared with in the same run; it must not exceed `limit`."""

    name: str
    figure: float
    unit: str
    compared_with: str
    ratio: float
    limit: float
    within: bool


def row(name: str, figure: float, unit: str, compared_with: str, other: float, limit: float) -> Row:
    """A row, rounded for reading; whether it is within is decided before rounding."""
    ratio = figure / other
    return Row(
        name=name,
        figure=round(figure, 3),
        unit=unit,
        compared_with=compared_with,
        ratio=round(ratio, 3),
        limit=limit,
        within=ratio <= limit,
    )
