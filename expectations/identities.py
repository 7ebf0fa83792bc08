"""Ids of other systems: whom they stand for, and how many rows of each source are of customers who are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from expectations.findings import Finding, Severity
from expectations.telling import meta, vocabulary

LOW_SHARE = 0.5
"""Where fewer rows than this are of known customers, the key is rather another one than the shop's."""

LEAST_ROWS = 20
"""With fewer rows half of them may be strangers by chance."""


def expectations() -> list[Any]:
    """What every row of the table must keep."""
    gxe = vocabulary()
    return [
        gxe.ExpectColumnValuesToMatchRegex(
            column="system",
            regex=r"^[a-z0-9][a-z0-9._-]*$",
            severity="critical",
            meta=meta("identities.system.form", "names of systems that are no short word, as `same_as` must name them"),
        ),
    ]


def check_matches(table: str, matches: Mapping[tuple[str, str], tuple[int, int]]) -> list[Finding]:
    """How many rows of each block are of a customer who is known by the key that they carry; one finding for a table.

    `matches` has rows with a key, and of them those of known customers, by the block's name and the system. A warning where
    fewer than half of a block's rows are: the key is rather another one than the shop's.
    """
    told = {key: found for key, found in sorted(matches.items()) if found[0]}
    if not told:
        return []
    parts = [
        f"{matched:,} of {asked:,} by {system} in {where} ({matched / asked:.0%})" for (where, system), (asked, matched) in told.items()
    ]
    low = any(matched < LOW_SHARE * asked and asked >= LEAST_ROWS for asked, matched in told.values())
    advice = ". See that both sides write the same key; the others count as customers of their own" if low else ""
    asked, matched = (sum(found[place] for found in told.values()) for place in (0, 1))
    severity = Severity.WARNING if low else Severity.INFO
    message = f"{table}: rows of customers who are known by their key: {'; '.join(parts)}{advice}."
    return [Finding(table, f"{table}.customer_id.matched", severity, message, "", asked - matched, asked)]


def check_ambiguous(keys: Collection[tuple[str, str]]) -> list[Finding]:
    """Keys that name several customers; counted by system, never shown, as they may be somebody's address."""
    if not keys:
        return []
    systems = pd.Series([system for system, _ in keys]).value_counts().sort_index()
    said = ", ".join(f"{system} {count:,}" for system, count in systems.items())
    message = f"identities: {len(keys):,} keys stand for more than one customer ({said}); they count as nobody's. Merge the customers"
    return [Finding("identities", "identities.key.ambiguous", Severity.WARNING, message, "", len(keys))]


def check_contacts(table: str, customer_ids: pd.Series) -> list[Finding]:
    """A warning where addresses stand in place of ids: they would be printed in packs."""
    held = int(customer_ids.str.contains("@", regex=False, na=False).sum())
    if not held:
        return []
    message = 'name the customer by an e-mail address, which packs would show; write same_as = "email" in the block'
    return [Finding(table, f"{table}.customer_id.contact", Severity.WARNING, message, "", held, len(customer_ids))]
