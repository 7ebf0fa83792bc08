"""Policy files: reading one with the distributions it names, and writing a new version frozen at a month."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flows.machine.files import FOLDER_MODE, inside, machine_trouble
from transforms.errors import UsageError
from transforms.month import Month
from transforms.policy.reading import policy_from_mapping
from transforms.policy.rules import Policy
from transforms.policy.text import policy_to_toml, reference_csv, reference_grids

_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


def read_policy(file: Path) -> Policy:
    """The policy in a file, with the distributions of the table it names; every problem is named with the file."""
    return policy_from_mapping(with_distributions(raw_policy(file), file), file.name)


def raw_policy(file: Path) -> dict[str, Any]:
    """The file's plain values."""
    return raw_of(text_of(file), file.name)


def text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"policy {file} cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}. Nothing was scored.") from error


def raw_of(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"policy {where} is not TOML: {error}") from error


def with_distributions(raw: dict[str, Any], file: Path) -> dict[str, Any]:
    """The plain values with `reference.file`, a table beside the policy, read and put in its place.

    The table must have the sha256 that the policy names: distributions that were changed afterwards are refused.
    """
    reference = raw.get("reference")
    if not isinstance(reference, dict) or "file" not in reference:
        return raw
    table = inside(file.resolve().parent, str(reference["file"]))
    try:
        data = table.read_bytes()
    except OSError as error:
        raise UsageError(
            f"policy {file.name}: reference.file {table.name} cannot be read: {error.strerror}. Nothing was scored."
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != reference.get("sha256"):
        raise UsageError(
            f"policy {file.name}: {table.name} is not the table it was frozen with (sha256 {digest[:12]}, "
            f"the policy says {str(reference.get('sha256'))[:12]}). Nothing was scored.\n"
            "Put the table back as it was, or freeze a new version: keping policy freeze --month YYYY-MM."
        )
    try:
        grids = reference_grids(data.decode())
    except (ValueError, IndexError) as error:
        raise UsageError(f"policy {file.name}: {table.name}: {error}. Nothing was scored.") from error
    kept = {"month": reference.get("month"), "customers": reference.get("customers", 0), "grids": grids}
    return {**raw, "reference": kept}


@dataclass(frozen=True)
class Written:
    """A new version that was written: its file, the table of distributions beside it, and the policy they make."""

    file: Path
    table: Path
    policy: Policy
    alone: bool
    """Whether the folder holds no other version, so that it also stands for all months before."""


def write_frozen_policy(folder: Path, frozen: Policy, version: str, effective_from: Month, reason: str, name: str | None) -> Written:
    """Write a frozen policy as a version of its own into `folder`; a file that is there already is never touched."""
    assert frozen.reference is not None
    stem = _PLAIN.sub("-", (name or version).removesuffix(".toml")).strip("-.") or "policy"
    file, table = inside(folder, f"{stem}.toml"), inside(folder, f"{stem}.reference.csv")
    for path in (file, table):
        if path.exists():
            raise UsageError(f"{path} is there already; a policy file is never written over. Nothing was written.\nSay --out NAME.")
    policy = replace(frozen, version=version, effective_from=effective_from, reason=reason)
    data = reference_csv(frozen.reference).encode()
    says = {
        "month": frozen.reference.month,
        "customers": frozen.reference.customers,
        "file": table.name,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    with machine_trouble(file, "writing a policy"):
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        _new(table, data)
        _new(file, policy_to_toml(policy, says).encode())
    return Written(file, table, read_policy(file), len(list(folder.glob("*.toml"))) == 1)


def _new(path: Path, data: bytes) -> None:
    with path.open("xb") as out:
        out.write(data)
