"""What one block of the configuration means by what its source writes: one value, applied in one place to every way in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from transforms.tables.amounts import Amounts

NOTHING = ("NULL", "null", "(NULL)", "(null)", "\\N", "<NA>", "0000-00-00", "0000-00-00 00:00:00")
"""Words that programs write where there is no value, unless a block names its own."""

UNIX = MappingProxyType({"s": 1_000_000, "ms": 1_000, "us": 1})
"""Microseconds in one unit of a count since 1970."""

Letters = Literal["as written", "upper", "lower"]


@dataclass(frozen=True)
class Reading:
    """How one block writes its values.

    where     its place in the configuration
    timezone  whose clock its local times are of
    amounts   signs of its numbers
    empty     words that stand for nothing, as they are written
    epoch     unit of times given as a count since 1970 (UTC); None: a bare number is no time
    maps      column -> what the source writes -> what it means ("" for nothing)
    json      column -> path of the key ("address.city") whose value its JSON cells are read for
    ids       capitals of ids: as written, or all one way, where the source does not care
    """

    where: str
    timezone: str | None = None
    amounts: Amounts = field(default_factory=Amounts)
    empty: tuple[str, ...] = NOTHING
    epoch: str | None = None
    maps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    json: Mapping[str, str] = field(default_factory=dict)
    ids: Letters = "as written"
