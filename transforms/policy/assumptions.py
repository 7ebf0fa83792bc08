"""Figures that are quoted, not measured: each with its source, shown beside the company's own, and with a switch.

A quoted figure enters no computed number. What is computed with an assumption (word of mouth alone) is printed
apart and says so. Digits that the teaching texts have lost stay lost: such a key has no value until somebody gives one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Origin(StrEnum):
    """Which teaching text a figure is quoted in."""

    SERVICE_MOMENTS = "moments of truth"
    LOYALTY = "loyalty management"
    SERVICE_SYSTEM = "service system"
    COMPANY = "company"
    """Set by the company's own policy."""


@dataclass(frozen=True)
class Assumption:
    """One assumption: its key, the number in use, and who says so.

    `value` None: nobody has given one (the source has lost its digits, or the company switched it off, `on` False).
    """

    key: str
    value: float | None
    source: str
    on: bool = True

    @property
    def usable(self) -> bool:
        return self.on and self.value is not None


QUOTED: Mapping[str, Assumption] = {
    one.key: one
    for one in (
        Assumption("keep_to_win_ratio", 0.2, Origin.SERVICE_MOMENTS),
        Assumption("sell_existing", 0.5, Origin.SERVICE_MOMENTS),
        Assumption("sell_new", 0.15, Origin.SERVICE_MOMENTS),
        Assumption("benchmark_churn", 0.333, Origin.LOYALTY),
        Assumption("wom_influenced", 0.5, Origin.LOYALTY),
        Assumption("wom_lost", 0.25, Origin.LOYALTY),
        Assumption("wom_told", None, Origin.LOYALTY),
        Assumption("wom_told_each", None, Origin.LOYALTY),
        Assumption("discount_rate", 0.1, Origin.COMPANY),
    )
}
"""What the texts quote and a policy may change, switch off, or fill in where the digits are lost (Q01, Q05, Q11, Q13-Q15)."""

_SHARES = frozenset({"discount_rate", "keep_to_win_ratio", "sell_existing", "sell_new", "benchmark_churn", "wom_influenced", "wom_lost"})


def in_force(own: Sequence[Assumption]) -> dict[str, Assumption]:
    """Every known assumption as a policy has it: its own words win over the quoted ones."""
    return {**QUOTED, **{one.key: one for one in own}}


def assumptions_from(raw: object) -> tuple[Assumption, ...]:
    """Assumptions as a policy says them; a ValueError names what cannot be.

        [assumptions]
        benchmark_churn = 0.25                                 # another value
        keep_to_win_ratio = false                              # switched off: printed nowhere
        wom_told = { value = 9, source = "own survey 2026" }   # without a default: the quoted digits are lost

    The list form is what the warehouse keeps.
    """
    if isinstance(raw, Mapping):
        return tuple(_one(str(key), said) for key, said in sorted(raw.items()))
    if isinstance(raw, Sequence) and not isinstance(raw, str):
        return tuple(_checked(Assumption(**one)) for one in raw)
    raise ValueError("assumptions: a table of key = number, false, or { value, source }")


def _one(key: str, said: Any) -> Assumption:
    if key not in QUOTED:
        raise ValueError(f"assumptions.{key} is not known; possible: {', '.join(sorted(QUOTED))}")
    quoted = QUOTED[key]
    if said is True:
        return quoted
    if said is False:
        return Assumption(key, quoted.value, quoted.source, on=False)
    if isinstance(said, Mapping):
        unknown = sorted(set(said) - {"value", "source"})
        if unknown or "value" not in said:
            raise ValueError(f"assumptions.{key}: a value and its source are needed, nothing else ({', '.join(unknown) or 'no value'})")
        return _checked(Assumption(key, said["value"], str(said.get("source", Origin.COMPANY))))
    return _checked(Assumption(key, said, Origin.COMPANY))


def _checked(one: Assumption) -> Assumption:
    if one.key not in QUOTED:
        raise ValueError(f"assumptions.{one.key} is not known; possible: {', '.join(sorted(QUOTED))}")
    if one.value is None:
        return one
    if isinstance(one.value, bool) or not isinstance(one.value, int | float) or not 0 <= one.value < 1e6:
        raise ValueError(f"assumptions.{one.key} is {one.value!r}; a number from 0 is needed, or false to switch it off")
    if one.key in _SHARES and one.value > 1:
        raise ValueError(f"assumptions.{one.key} is {one.value:g}; it is a share between 0 and 1")
    return Assumption(one.key, float(one.value), str(one.source), one.on)
