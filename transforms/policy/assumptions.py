"""Figures that are quoted, not measured: each with its source, shown beside the company's own, and with a switch.

A quoted figure enters no computed number. What is computed with an assumption (word of mouth alone) is printed
apart and says so. Digits that the teaching texts have lost stay lost: such a key has no value until somebody gives one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import PlainValidator

from transforms.errors import PolicyError


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
    """Assumptions as a policy says them; a PolicyError names all that cannot be.

        [assumptions]
        benchmark_churn = 0.25                                 # another value
        keep_to_win_ratio = false                              # switched off: printed nowhere
        wom_told = { value = 9, source = "own survey 2026" }   # without a default: the quoted digits are lost

    The list form is what the warehouse keeps.
    """
    if isinstance(raw, Mapping):
        said = [(str(key), own) for key, own in sorted(raw.items())]
    elif isinstance(raw, list | tuple) and all(isinstance(one, Mapping) and "key" in one for one in raw):
        said = [(str(one["key"]), {name: own for name, own in one.items() if name != "key"}) for one in raw]
    else:
        raise ValueError("a table of key = number, false, or { value, source } is needed")
    listed = not isinstance(raw, Mapping)
    problems = [(f"assumptions.{key}", wrong) for key, own in said if (wrong := _wrong(key, own, listed))]
    if problems:
        raise PolicyError("", problems)
    return tuple(_one(key, own) for key, own in said)


Assumptions = Annotated[tuple[Assumption, ...], PlainValidator(assumptions_from)]


def _wrong(key: str, own: Any, listed: bool) -> str:
    """Why an assumption cannot be; empty where it can. In the list form a value may be missing: nobody has given one."""
    if key not in QUOTED:
        return f"is not known; possible: {', '.join(sorted(QUOTED))}"
    if isinstance(own, bool):
        return ""
    if isinstance(own, Mapping):
        unknown = sorted(set(own) - {"value", "source", *["on"] * listed})
        if unknown or ("value" not in own and not listed):
            return f"a value and its source are needed, nothing else ({', '.join(unknown) or 'no value'})"
        own = own.get("value")
        if own is None and listed:
            return ""
    if isinstance(own, bool) or not isinstance(own, int | float) or not 0 <= own < 1e6:
        return f"is {own!r}; a number from 0 is needed, or false to switch it off"
    return f"is {own:g}; it is a share between 0 and 1" if key in _SHARES and own > 1 else ""


def _one(key: str, own: Any) -> Assumption:
    quoted = QUOTED[key]
    if isinstance(own, bool):
        return quoted if own else Assumption(key, quoted.value, quoted.source, on=False)
    if not isinstance(own, Mapping):
        return Assumption(key, float(own), Origin.COMPANY)
    value = own.get("value")
    return Assumption(key, None if value is None else float(value), str(own.get("source", Origin.COMPANY)), bool(own.get("on", True)))
