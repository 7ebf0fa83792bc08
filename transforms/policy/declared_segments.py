"""Segments: declared rules, one segment for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import AfterValidator, BeforeValidator

from transforms.policy.plain import Text

OTHER = "other"
"""Segment of customers that no rule takes; without rules it is everybody's."""

FIELDS = ("kind", "role", "region", "industry", "source_channel", "member_level", "preferred_channel", "account_manager")
"""Columns of the customers table that a rule may look at."""


def _named(raw: Any) -> Any:
    """A segment without a name is called by its id."""
    if not isinstance(raw, Mapping) or "segment" not in raw:
        return raw
    return {"name_en": raw["segment"], "name_zh": raw["segment"], **raw}


def _listed(raw: Any) -> Any:
    """One value stands for a list of one; what is no text is taken as it is written."""
    return (raw,) if isinstance(raw, str) else tuple(str(one) for one in raw) if isinstance(raw, list | tuple) else raw


@dataclass(frozen=True)
class DeclaredSegment:
    """One segment: a name, and for each field the values of which the customer has one; all fields must fit.

    The first rule that fits takes the customer, so segments never overlap; who fits none is in `other`.
    """

    segment: Text
    name_en: Text
    name_zh: Text
    where: Mapping[str, Annotated[tuple[str, ...], BeforeValidator(_listed)]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.where) - set(FIELDS))
        if unknown:
            raise ValueError(f"segment {self.segment!r} looks at {', '.join(unknown)}; possible are {', '.join(FIELDS)}")
        if not self.where:
            raise ValueError(f"segment {self.segment!r} names no field; who fits no rule is in {OTHER!r} anyway")
        if self.segment == OTHER or not self.segment.replace("-", "").replace("_", "").isalnum():
            raise ValueError(f"segment id {self.segment!r}: letters, digits, - and _, and not {OTHER!r}")

    @property
    def words(self) -> str:
        """The rule as it is printed: made from the rule itself, so that it cannot say something else."""
        return " & ".join(f"{name} in ({', '.join(values)})" for name, values in sorted(self.where.items()))


def _once(found: tuple[DeclaredSegment, ...]) -> tuple[DeclaredSegment, ...]:
    names = [one.segment for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"segments declared twice: {', '.join(twice)}")
    return found


DeclaredSegments = Annotated[tuple[Annotated[DeclaredSegment, BeforeValidator(_named)], ...], AfterValidator(_once)]
"""Segments as a policy declares them; none twice."""


def assign_segments(customers: Mapping[str, pd.Series], size: int, segments: Sequence[DeclaredSegment]) -> pd.Series:
    """The segment of each customer; `customers` holds the columns of FIELDS that are known, one entry per customer."""
    number = np.full(size, len(segments), dtype=np.int64)
    for place, segment in reversed(list(enumerate(segments))):
        fits = np.ones(size, dtype=bool)
        for name, values in segment.where.items():
            fits &= customers[name].isin(values).to_numpy(dtype=bool) if name in customers else np.zeros(size, dtype=bool)
        number[fits] = place
    names = pd.Series([*(one.segment for one in segments), OTHER], dtype="str")
    return pd.Series(names.array.take(number))
