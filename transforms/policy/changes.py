"""What differs between two policies, key by key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from transforms.policy.rules import Policy, builtin, canonical_json


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
