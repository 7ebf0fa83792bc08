"""The suites as a whole: which rules there are, and a version that changes with any of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from expectations.engine import suite
from expectations.findings import Severity
from transforms.tables.contract import TABLES


@dataclass(frozen=True)
class Suites:
    """All rules that rows are checked by: one set for every tier, region and pack of a month.

    version  twelve letters and digits; another one where any rule, its arguments or its severity in force differ
    rules    names of the rules by canonical table, sorted
    """

    version: str
    rules: Mapping[str, tuple[str, ...]]


def suites(severities: Mapping[str, Severity] | None = None) -> Suites:
    """The suites with the severities that the configuration sets per rule."""
    changed = {rule: severity.value for rule, severity in (severities or {}).items()}
    said = [[*line[:-1], changed.get(line[1], line[-1])] for line in _lines()]
    version = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:12]
    return Suites(version, _by_table())


@cache
def _lines() -> tuple[tuple[str, str, str, str, str], ...]:
    """Every rule as table, name, kind of check, arguments and own severity, sorted."""
    found = []
    for table in TABLES:
        for expectation in suite(table) or []:
            config = expectation.configuration
            arguments = json.dumps(config.kwargs, sort_keys=True, default=str)
            severity = str(getattr(expectation.severity, "value", expectation.severity) or Severity.CRITICAL.value)
            found.append((table, str((expectation.meta or {}).get("rule", "")), str(config.type), arguments, severity))
    return tuple(sorted(found))


@cache
def _by_table() -> Mapping[str, tuple[str, ...]]:
    rules: dict[str, set[str]] = {}
    for table, rule, *_ in _lines():
        rules.setdefault(table, set()).add(rule)
    return MappingProxyType({table: tuple(sorted(names)) for table, names in sorted(rules.items())})
