"""Which customers a mail lists: the reader's own accounts, else the first of the list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.mail.letter import MailedAccount, PackWords

FIRST = 10
"""Customers listed for a reader who manages none of them."""
OWN = 20
"""Most of the reader's own."""


@dataclass(frozen=True)
class Accounts:
    """The customers a mail lists, most money at stake first; `total` counts those that it leaves out, too."""

    rows: tuple[MailedAccount, ...]
    total: int
    own: bool


def accounts(packs: Iterable[PackWords], manages: frozenset[str]) -> Accounts:
    """The reader's own accounts among the customers to act on of these packs; where there are none, the first ten of all.

    Who is on the lists of several packs is listed once. `manages` are the reader's names as `name_key` makes them.
    """
    found: dict[str, MailedAccount] = {}
    for pack in packs:
        for one in pack.listed:
            found.setdefault(one.customer_id, one)
    everyone = sorted(found.values(), key=lambda one: (one.rank, one.customer_id))
    own = [one for one in everyone if one.manager and name_key(one.manager) in manages]
    chosen: Sequence[MailedAccount] = own or everyone
    return Accounts(tuple(chosen[: OWN if own else FIRST]), len(chosen), bool(own))


def name_key(name: str) -> str:
    """A person's name as it is compared: `Li Na`, `li.na` and `LI_NA` are one."""
    return re.sub(r"[\s._-]+", "", unicodedata.normalize("NFKC", name).casefold())


def name_keys(name: str, address: str, others: Iterable[str] = ()) -> frozenset[str]:
    """The names under which a reader may stand as an account manager: the name, the address, what stands before its @, and others."""
    return frozenset(key for text in (name, address, address.rpartition("@")[0], *others) if (key := name_key(text)))
