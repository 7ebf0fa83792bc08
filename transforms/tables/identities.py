"""One person under several ids: keys of other systems and contact data become the customer's own id, or one that says nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from transforms.tables.ids import one_spelling

CONTACTS = ("email", "phone")
"""Systems whose keys are contact data: they are compared in one spelling, and never become an id as they are."""

DIGEST = 16
"""Letters of the id of somebody who is known by contact data alone."""

_LEAST_DIGITS = 7
_BRACKETED = re.compile(r".*<([^<>]+)>\s*", re.DOTALL)
_INTERNATIONAL_DIGITS = 10
"""A number longer than this that begins with the calling code is written with it."""


def plain_email(text: str) -> str:
    """An address as it is compared: `Ann <ANN@Example.org>` is `ann@example.org`; empty where it is none."""
    bare = _BRACKETED.sub(r"\1", one_spelling(text)).strip().removeprefix("mailto:").casefold()
    name, at, host = bare.partition("@")
    return bare if name and at and "." in host and not re.search(r"[\s@]", host) else ""


def plain_phone(text: str, calling_code: str | None) -> str:
    """A number as it is compared: digits with their calling code; empty where there are fewer than seven.

    A number without `+` or `00` is one of the company's own country where its `calling_code` is known, else its bare digits.
    """
    said = one_spelling(text)
    digits = re.sub(r"\D", "", said.replace("(0)", ""))
    if len(digits) < _LEAST_DIGITS:
        return ""
    if said.startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    if calling_code and digits.startswith(calling_code) and len(digits) > _INTERNATIONAL_DIGITS:
        return digits
    return (calling_code or "") + digits.lstrip("0")


def plain_key(system: str, text: str, calling_code: str | None) -> str:
    """A key in the spelling in which it is compared; empty where it is no key of that system."""
    if system == "email":
        return plain_email(text)
    return plain_phone(text, calling_code) if system == "phone" else text.strip()


@dataclass(frozen=True)
class Recognised:
    """Customers' ids in place of a system's keys, for how many rows there was a key, and of how many the customer is known."""

    ids: pd.Series
    asked: int
    matched: int


@dataclass(frozen=True)
class Identities:
    """Who is known by which key of which system.

    customers     (system, key as it is compared) -> customer_id
    ambiguous     keys that name more than one customer: they name nobody
    calling_code  of phone numbers that are written without one
    """

    customers: Mapping[tuple[str, str], str]
    ambiguous: frozenset[tuple[str, str]] = frozenset()
    calling_code: str | None = None

    @classmethod
    def of(cls, rows: pd.DataFrame, calling_code: str | None = None) -> Identities:
        """From canonical rows of the table of identities: `system`, `key`, `customer_id`."""
        named: dict[tuple[str, str], set[str]] = {}
        for system, key, customer in zip(rows["system"], rows["key"], rows["customer_id"], strict=True):
            plain = plain_key(str(system), str(key), calling_code)
            if plain:
                named.setdefault((str(system), plain), set()).add(str(customer))
        one = {key: next(iter(ids)) for key, ids in named.items() if len(ids) == 1}
        return cls(one, frozenset(key for key, ids in named.items() if len(ids) > 1), calling_code)

    def recognise(self, keys: pd.Series, system: str) -> Recognised:
        """The customer's id for each key of a system.

        A key that nobody is known by becomes an id of its own that no other system can have: `crm:17`, and of contact data a
        digest, `email:` and sixteen letters, the same for the same person wherever it comes from. Among e-mail addresses a value
        without `@`, and among phone numbers one with fewer than seven digits, is a customer's id as it is. Missing stays missing.
        """
        given = keys.dropna()
        told: dict[str, tuple[str, bool, bool]] = {}
        for text in given.unique().tolist():
            told[text] = self._one(text, system)
        ids = keys.map({text: name for text, (name, _, _) in told.items()}).astype(keys.dtype)
        counts = given.value_counts()
        asked = sum(int(count) for text, count in counts.items() if told[str(text)][1])
        matched = sum(int(count) for text, count in counts.items() if told[str(text)][2])
        return Recognised(ids, asked, matched)

    def _one(self, text: str, system: str) -> tuple[str, bool, bool]:
        """The id, whether the text is a key of the system, and whether a customer is known by it."""
        plain = plain_key(system, text, self.calling_code)
        if not plain:
            return (text if "@" not in text else f"{system}:{_digest(text.casefold())}"), False, False
        known = self.customers.get((system, plain))
        if known is not None:
            return known, True, True
        return f"{system}:{_digest(plain) if system in CONTACTS else plain}", True, False


def pseudonym_of(system: str, text: str, calling_code: str | None = None) -> str | None:
    """The id under which somebody is kept who is known by contact data alone; None where the text is no such data."""
    plain = plain_key(system, text, calling_code) if system in CONTACTS else ""
    return f"{system}:{_digest(plain)}" if plain else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST]
