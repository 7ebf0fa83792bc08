"""Messages that carried a forgotten person: frozen bytes and outbox files are removed, what was mailed is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flows.archive.office import Office
from flows.delivery.ledger import DeliveryHold, Held, Ledger
from flows.delivery.trial import FOLDER, trials_of
from flows.machine.files import inside, machine_trouble
from flows.settings import Settings
from transforms.month import Month

SUPERSEDED = Held(DeliveryHold.SUPERSEDED, "its pack held a person who was forgotten; the redacted revision takes its place")
_GONE_OUT = ("accepted", "unknown", "dot_sent")


@dataclass(frozen=True)
class Removed:
    """How many message files were removed, and the copies that lie with their recipients and cannot be called back."""

    files: int
    copies: tuple[Mapping[str, str], ...]


def remove_messages(office: Office, revisions: Collection[str], packs: Mapping[str, Collection[str]]) -> Removed:
    """Remove the messages of erased revisions (`2026-05/r0`); `packs` says which packs of a month named the person."""
    warehouse = office.warehouse
    ledger, removed, copies = Ledger(warehouse), 0, []
    for row in warehouse.deliveries():
        if f"{row['month']}/r{row['revision']}" not in revisions:
            continue
        ledger.hold(row["delivery_key"], SUPERSEDED)
        removed += _remove_files(office.settings, row)
        if row["state"] in _GONE_OUT and _concerns(row, packs):
            copies.append({name: str(row[name]) for name in ("month", "revision", "pack", "locale", "address", "state")})
    for row in trials_of(warehouse):
        if f"{row['month']}/r{row['revision']}" in revisions:
            removed += _remove_files(office.settings, row)
            if row["outcome"] in ("accepted", "unknown") and _concerns(row, packs):
                copies.append({**{name: str(row[name]) for name in ("month", "revision", "pack", "locale", "address")}, "state": "test"})
    return Removed(removed + _remove_nobodys(office), tuple(copies))


def _remove_nobodys(office: Office) -> int:
    """Frozen bytes that no delivery names, as of a process that was killed while it wrote them, or of a mail that was built anew."""
    named = {row["message_digest"] for row in office.warehouse.deliveries()}
    folder = inside(office.settings.outbox_path, "messages")
    left = [path for path in sorted(folder.iterdir()) if path.name not in named] if folder.is_dir() else []
    for path in left:
        with machine_trouble(path, "erasing a message"):
            path.unlink()
    return len(left)


def _concerns(row: Mapping[str, Any], packs: Mapping[str, Collection[str]]) -> bool:
    """Whether the mail's pack is one that named the person, or a part of one."""
    return any(row["pack"] == pack or row["pack"].startswith(f"{pack}~") for pack in packs.get(row["month"], ()))


def _remove_files(settings: Settings, row: Mapping[str, Any]) -> int:
    root, month = settings.outbox_path, str(Month.parse(row["month"]))
    paths = [inside(root, "messages", row["message_digest"])] if row.get("message_digest") else []
    for folder in (inside(root, month), inside(root, FOLDER, month)):
        paths += sorted(folder.glob(f"*-{row['delivery_key'][:16]}.eml")) if folder.is_dir() else []
    found = [path for path in paths if path.is_file()]
    for path in found:
        with machine_trouble(path, "erasing a message"):
            path.unlink()
    return len(found)
