"""A policy as a TOML file that people read and keep, and the distributions it was frozen with as a table beside it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import zip_longest
from typing import Any

import tomlkit

from transforms.policy.rules import MEASURES, Policy, Reference, canonical_json
from transforms.statistics.ranks import STEPS


def policy_to_toml(policy: Policy, reference: Mapping[str, Any] | None = None) -> str:
    """The policy as TOML; read again it is the same policy, with `reference` in the place of its distributions.

    `reference` holds plain values, for example the name of the file in which the distributions lie.
    """
    read: dict[str, Any] = json.loads(canonical_json(replace(policy, reference=None)))
    plain = {item.name: _in_declared_order(read[item.name], getattr(policy, item.name)) for item in fields(policy) if item.name in read}
    plain["reference"] = dict(reference) if reference else "auto"
    # TOML wants what is no table before the first table.
    return tomlkit.dumps(dict(sorted(plain.items(), key=lambda item: _is_table(item[1]))))


def _in_declared_order(plain: Any, rule: Any) -> Any:
    """A section's keys in the order in which the policy declares them, as people know it; TOML has no word for nothing."""
    if isinstance(plain, list):
        return [_in_declared_order(one, entry) for one, entry in zip(plain, rule, strict=True)]
    if not isinstance(plain, Mapping) or not is_dataclass(rule):
        return plain
    return {item.name: plain[item.name] for item in fields(rule) if plain.get(item.name) is not None}


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and isinstance(value[0], Mapping))


def reference_csv(reference: Reference) -> str:
    """The distributions as a table: one column per measure, one row per entry; a shorter distribution leaves its last cells empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = list(reference.grids)
    writer.writerow(["entry", *names])
    columns = zip_longest(*(reference.grids[name] for name in names))
    writer.writerows([step, *("" if value is None else repr(value) for value in row)] for step, row in enumerate(columns))
    return out.getvalue()


def reference_grids(text: str) -> dict[str, tuple[float, ...]]:
    """The distributions that `reference_csv` wrote; a ValueError says what is wrong with the table."""
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or rows[0][:1] != ["entry"]:
        raise ValueError("the first column is not `entry`")
    found = {name: tuple(float(row[place]) for row in rows[1:] if row[place]) for place, name in enumerate(rows[0][1:], start=1)}
    for name in MEASURES:
        if len(found.get(name, ())) != STEPS + 1:
            raise ValueError(f"{name} has {len(found.get(name, ()))} entries; {STEPS + 1} are needed, one per tenth of a percent")
    return found
