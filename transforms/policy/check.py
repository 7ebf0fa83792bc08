"""Everything that is wrong with a policy's plain values, each with its key; and what differs between two policies."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, replace
from functools import cache
from typing import Any, get_type_hints

from transforms.errors import UsageError
from transforms.month import Month
from transforms.policy.rules import Grade, Policy, builtin, canonical_json, policy_from_mapping

Problem = tuple[str, str]
"""A key such as `weights.history` or `grades[2].cut`, and what is wrong there."""

_SPEAKS_OF: tuple[tuple[str, str], ...] = (
    ("weight", "weights"),
    ("band", "hold"),
    ("hold.", "hold"),
    ("borderline", "borderline"),
    ("review_due", "review_due"),
    ("economics", "economics"),
    ("segment", "segments"),
    ("tier id", "grades"),
    ("grade", "grades"),
    ("cut", "grades"),
)
"""Words of a rule's own message -> the key it is about, for the line number; the first that fits."""


def policy_problems(raw: Mapping[str, Any]) -> list[Problem]:
    """All problems at once: unknown and missing keys, values of a wrong kind, and rules that contradict each other.

    A value that is wrong is left out before the rest is put together, so that one mistake does not hide another.
    """
    found = list(_keys(raw, Policy, ""))
    grades = raw.get("grades")
    if isinstance(grades, list):
        for number, grade in enumerate(grades, start=1):
            where = f"grades[{number}]"
            found += _keys(grade, Grade, f"{where}.") if isinstance(grade, Mapping) else [(where, "is no table")]
    elif "grades" in raw:
        found.append(("grades", "is no list of tables; write [[grades]] for each"))
    for name, kind in _sections().items():
        if name in raw:
            section = raw[name]
            found += _keys(section, kind, f"{name}.") if isinstance(section, Mapping) else [(name, f"is no table; write [{name}]")]
    if "effective_from" in raw:
        try:
            Month.parse(str(raw["effective_from"]))
        except ValueError as error:
            found.append(("effective_from", str(error)))
    return found + _contradictions(_without(raw, [key for key, _ in found]))


def _keys(raw: Mapping[str, Any], kind: type[Any], prefix: str) -> Iterator[Problem]:
    known = {item.name: item for item in fields(kind)}
    types = get_type_hints(kind)
    for name, value in raw.items():
        if name not in known:
            near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
            yield f"{prefix}{name}", f"unknown key; did you mean {near[0]!r}?" if near else f"unknown key; known: {', '.join(known)}"
        elif not _fits(value, types[name]):
            yield f"{prefix}{name}", f"{value!r} is not {_WORDS[_base(types[name])]}"
    for name, item in known.items():
        if name not in raw and item.default is MISSING and item.default_factory is MISSING:
            yield f"{prefix}{name}", "missing"


_WORDS: Mapping[Any, str] = {float: "a number", int: "a whole number", str: "a text", bool: "true or false", None: "right"}


def _base(hint: Any) -> Any:
    for kind in (bool, float, int, str):
        if hint is kind or hint == kind | None:
            return kind
    return None


def _fits(value: Any, hint: Any) -> bool:
    """Whether a plain value is of the kind; fields that are no plain value are judged elsewhere."""
    kind = _base(hint)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return kind is None or isinstance(value, kind)


@cache
def _sections() -> dict[str, type[Any]]:
    """The keys of a policy that are tables of plain values, with their kinds."""
    hints = get_type_hints(Policy)
    plain = builtin()
    return {
        item.name: hints[item.name]
        for item in fields(Policy)
        if isinstance(hints[item.name], type)
        and hints[item.name] is not Month
        and hasattr(getattr(plain, item.name), "__dataclass_fields__")
    }


def _without(raw: Mapping[str, Any], keys: list[str]) -> dict[str, Any]:
    """The values without those whose keys are faulty; a faulty key takes its whole section with it."""
    faulty = {re.split(r"[.\[]", key)[0] for key in keys}
    return {name: value for name, value in raw.items() if name not in faulty}


def _contradictions(kept: dict[str, Any]) -> list[Problem]:
    """What the rules that can be read say against each other; what cannot is taken from the built-in policy."""
    plain = builtin()
    stand_in = {"version": "?", "effective_from": "2000-01", "author": "?", "reason": "?"}
    if "grades" not in kept:
        stand_in["grades"] = json.loads(canonical_json(plain))["grades"]
    try:
        policy_from_mapping({**stand_in, **kept}, "?")
    except UsageError as error:
        said = str(error).split(": ", 1)[1]
        return [(_key_of(one), one) for one in said.split("; ")]
    return []


def _key_of(message: str) -> str:
    return next((key for word, key in _SPEAKS_OF if word in message), "")


def policy_changes(old: Policy, new: Policy) -> list[tuple[str, str, str]]:
    """What differs between two policies: key, old value, new value; distributions are told by their month alone."""
    before, after = _flat(old), _flat(new)
    return [
        (key, before.get(key, "none"), after.get(key, "none")) for key in sorted({*before, *after}) if before.get(key) != after.get(key)
    ]


def _flat(policy: Policy) -> dict[str, str]:
    plain = json.loads(canonical_json(replace(policy, reference=None)))
    for item in fields(Policy):
        default = _default_of(item.name)
        if item.name not in plain:
            plain[item.name] = default
        elif isinstance(default, dict) and isinstance(plain[item.name], dict):
            plain[item.name] = {**default, **plain[item.name]}
    plain["reference"] = "auto" if policy.reference is None else f"frozen at {policy.reference.month}"
    return dict(_pairs(plain, ""))


def _default_of(name: str) -> Any:
    value = getattr(builtin(), name)
    return {item.name: getattr(value, item.name) for item in fields(value)} if hasattr(value, "__dataclass_fields__") else value


def _pairs(value: Any, prefix: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _pairs(inner, f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
        for inner in value:
            name = inner.get("grade") or inner.get("name") or inner.get("key") or "?"
            yield from _pairs({key: one for key, one in inner.items() if one != name}, f"{prefix}.{name}")
    else:
        shown = list(value) if isinstance(value, tuple) else value
        yield prefix, "none" if shown is None else str(shown)
