"""A policy from plain values: whole, or refused with every problem and its key in one message."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from transforms.errors import PolicyError, Problem, UsageError, key_of, nearest
from transforms.policy.rules import Policy, builtin, canonical_json

_KINDS = {
    "float_type": "a number",
    "finite_number": "a number",
    "int_type": "a whole number",
    "string_type": "a text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "mapping_type": "a table",
    "dict_type": "a table",
    "dataclass_type": "a table",
}
_LISTS = ("grades", "segments")


def policy_from_json(text: str) -> Policy:
    """The policy that `canonical_json` wrote."""
    return policy_from_mapping(json.loads(text), "warehouse")


def policy_from_toml(text: str, where: str) -> Policy:
    """Read one policy file; every problem is named with the file."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"policy {where} is not TOML: {error}") from error
    return policy_from_mapping(raw, where)


def policy_from_mapping(raw: Mapping[str, Any], where: str) -> Policy:
    """Build a policy from plain values; a PolicyError names everything that is wrong with them."""
    try:
        return _reader().validate_python(dict(raw))
    except ValidationError:
        raise PolicyError(where, policy_problems(raw)) from None


def policy_problems(raw: Mapping[str, Any]) -> list[Problem]:
    """All problems at once: unknown and missing keys, values of a wrong kind, and rules that contradict each other.

    A value that is wrong is left out before the rest is put together, so that one mistake does not hide another.
    """
    details = _details(raw)
    faulty = {detail["loc"][0] for detail in details if detail["loc"]}
    if not faulty:
        return [problem for detail in details for problem in _told(detail)]
    grades = json.loads(canonical_json(builtin()))["grades"]
    instead = {"version": "?", "effective_from": "2000-01", "author": "?", "reason": "?", "grades": grades}
    rest = {**instead, **{key: value for key, value in raw.items() if key not in faulty}}
    more = [detail for detail in _details(rest) if not detail["loc"]]
    return [problem for detail in (*details, *more) for problem in _told(detail)]


@cache
def _reader() -> TypeAdapter[Policy]:
    return TypeAdapter(Policy)


def _details(raw: Mapping[str, Any]) -> list[ErrorDetails]:
    try:
        _reader().validate_python(dict(raw))
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _told(detail: ErrorDetails) -> Iterator[Problem]:
    """One complaint as key and words."""
    place, key, value = detail["loc"], key_of(detail["loc"]), detail["input"]
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, PolicyError):
        yield from cause.problems
    elif detail["type"] == "unexpected_keyword_argument":
        yield key, f"unknown key{nearest(str(place[-1]), _keys_at(place[:-1]))}"
    elif detail["type"] == "missing":
        yield key, "missing"
    elif detail["type"] == "tuple_type" and key in _LISTS:
        yield key, f"is no list of tables; write [[{key}]] for each"
    elif detail["type"] == "dataclass_type" and len(place) == 1:
        yield key, f"is no table; write [{key}]"
    elif detail["type"] in _KINDS:
        yield key, f"{repr(value)[:60]} is not {_KINDS[detail['type']]}"
    else:
        yield key, detail["msg"].removeprefix("Value error, ")


def _keys_at(place: tuple[int | str, ...]) -> list[str]:
    """The keys that are known at a place of a policy."""
    kind: Any = Policy
    for part in (part for part in place if isinstance(part, str)):
        kind = next((one for one in _kinds_in(get_type_hints(kind).get(part)) if is_dataclass(one)), kind)
    return [item.name for item in fields(kind)]


def _kinds_in(hint: Any) -> Iterator[Any]:
    yield hint
    for inner in get_args(hint):
        yield from _kinds_in(inner)
