"""Mistakes of `make mutation` that change no figure: each with the line it is made in, what is done to it, and why nothing comes of it."""

from __future__ import annotations

from collections.abc import Mapping

ANYWHERE: Mapping[tuple[str, str], str] = {
    ("@dataclass(frozen=True)", "True becomes False"): "nobody writes to a value: the checker of types refuses it",
}
"""(line, change) -> the reason, in whatever module."""

EQUIVALENT: Mapping[str, Mapping[tuple[str, str], str]] = {
    "transforms/indicators/costs.py": {
        ('return no_data("nothing was spent on keeping", keep.n or 0)', "0 becomes 1"): "costs were spread over customers: n is 1 at least",
        (
            'return Estimate(win.value / keep.value, (win.n or 0) + (keep.n or 0), method=f"{win.n} won, {keep.n} kept")',
            "0 becomes 1",
        ): "both have a value, so that both n are 1 at least",
    },
    "transforms/indicators/effort.py": {
        (
            'quotes = quotes.loc[(quotes["quoted_at"] >= first).to_numpy(dtype=bool)].reset_index(drop=True)',
            "True becomes False",
        ): "the former places stand in a column that nobody reads",
    },
    "transforms/indicators/information.py": {
        (
            'satisfied = rows.loc[(rows["share"] >= part.policy.economics.satisfied_from / 100 - 1e-9).to_numpy(dtype=bool)]',
            "GtE becomes Gt",
        ): "no answer lies a billionth below the bound",
        (
            'sour = rows.loc[(rows["share"] <= DISSATISFIED_TO + 1e-9).to_numpy(dtype=bool)]',
            "LtE becomes Lt",
        ): "no answer lies a billionth above the bound",
    },
}
"""Module -> (line, change) -> the reason."""
