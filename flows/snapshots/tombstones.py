"""Who was forgotten: pseudonyms made with a key of the archive's own, so that a later pull knows the person and no reader does."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from flows.machine.files import inside, machine_trouble, make_folder, write_atomic
from transforms.errors import BusyError, MachineError
from transforms.tables.erasure import IDENTIFIERS, PSEUDONYM, erased_rows, identifiers_of

FOLDER = ".erased"
_KEY = "key"


@dataclass(frozen=True)
class Tombstone:
    """One erasure, without any word of who it was.

    `begun_at` and `finished_at` are instants, the second empty while it is under way. `snapshots` maps the digest of
    every snapshot that held the person to that of its successor; `revisions` are the published folders that did
    (`2026-05/r0`).
    """

    pseudonym: str
    begun_at: str
    finished_at: str = ""
    snapshots: Mapping[str, str] = field(default_factory=dict)
    revisions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Erasures:
    """All who were forgotten in one archive; empty, and free of cost, where nobody was."""

    root: Path
    key: bytes
    stones: Mapping[str, Tombstone]

    @classmethod
    def of(cls, archive: Path) -> Erasures:
        """The erasures of an archive; a MachineError where there are some and their key is gone."""
        folder = inside(archive, FOLDER)
        if not folder.is_dir():
            return cls(archive, b"", {})
        with machine_trouble(folder, "reading who was forgotten"):
            files = sorted(folder.glob(f"{PSEUDONYM}*.json"))
            stones = {path.stem: _read(path) for path in files}
            key = inside(folder, _KEY)
            secret = bytes.fromhex(key.read_text(encoding="ascii").strip()) if key.is_file() else b""
        if stones and len(secret) < 32:
            raise MachineError(
                f"{key} is gone or damaged: {len(stones)} forgotten customer(s) could not be recognised and would come back. "
                "Nothing was read.\nPut the key back from a copy, then run the same command again."
            )
        return cls(archive, secret, stones)

    def with_key(self) -> Erasures:
        """The same with a key, made and kept where there is none yet."""
        if self.key:
            return self
        secret = secrets.token_bytes(32)
        write_atomic(inside(make_folder(inside(self.root, FOLDER)), _KEY), secret.hex().encode())
        return replace(self, key=secret)

    def refuse_while_under_way(self) -> None:
        """A BusyError while a person is being forgotten, or where that was interrupted: nothing may be read or printed then."""
        for stone in self.stones.values():
            if not stone.finished_at:
                raise BusyError(
                    f"a person is being forgotten ({stone.pseudonym}, since {stone.begun_at[:16]}). Nothing was read or mailed.\n"
                    "Wait until it has ended; if it was interrupted, type the same `keping forget` again first."
                )

    def pseudonym(self, customer: str) -> str:
        """What stands for a customer once forgotten: a keyed digest, the same each time, that leads to nobody without the key."""
        return PSEUDONYM + hmac.new(self.key, customer.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]

    def pseudonyms_of(self, customers: Iterable[str]) -> dict[str, str]:
        """Which of these ids are of forgotten customers, with their pseudonyms."""
        if not self.stones:
            return {}
        named = ((customer, self.pseudonym(customer)) for customer in customers)
        return {customer: pseudonym for customer, pseudonym in named if pseudonym in self.stones}

    def apply(self, rows: pd.DataFrame, table: str) -> pd.DataFrame:
        """Canonical rows just read, with forgotten customers as they were left."""
        if not self.stones:
            return rows
        ids = {str(one) for name in identifiers_of(table) if name in rows for one in rows[name].dropna().unique()}
        return erased_rows(rows, table, self.pseudonyms_of(ids))

    def scrub(self, quarantine: pd.DataFrame) -> pd.DataFrame:
        """Refused rows in which no forgotten customer's id stands as the refused value."""
        if not self.stones or not len(quarantine):
            return quarantine
        own = quarantine["column"].isin(IDENTIFIERS)
        known = self.pseudonyms_of({str(value) for value in quarantine.loc[own, "value"].dropna().unique()})
        return quarantine.assign(value=quarantine["value"].where(~own, quarantine["value"].replace(known)))

    def successor(self, digest: str) -> str:
        """The snapshot that stands in for one that held a forgotten customer; itself where it never did."""
        following = {old: new for stone in self.stones.values() for old, new in stone.snapshots.items()}
        while digest in following:
            digest = following[digest]
        return digest

    def keep(self, stone: Tombstone) -> Erasures:
        """Write a tombstone down, whole; returns the erasures with it."""
        data = json.dumps(asdict(stone), sort_keys=True, indent=1).encode() + b"\n"
        write_atomic(inside(make_folder(inside(self.root, FOLDER)), f"{stone.pseudonym}.json"), data)
        return replace(self, stones={**self.stones, stone.pseudonym: stone})


def begin_erasure(pseudonym: str, now: datetime) -> Tombstone:
    """The tombstone of an erasure that begins now."""
    return Tombstone(pseudonym, now.isoformat())


def _read(path: Path) -> Tombstone:
    try:
        raw = json.loads(path.read_bytes())
        return Tombstone(raw["pseudonym"], raw["begun_at"], raw["finished_at"], raw["snapshots"], tuple(raw["revisions"]))
    except (ValueError, KeyError, TypeError) as error:
        raise MachineError(
            f"{path} is damaged ({type(error).__name__}). Nothing was read.\nPut it back from a copy: it keeps a person forgotten."
        ) from error
