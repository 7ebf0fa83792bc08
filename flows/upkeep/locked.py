"""The locked environment: what the lock says, what is installed, and the bill of materials made from both."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parents[2] / "requirements.lock"
OURSELVES = "keping"
TOOLS = frozenset({"pip", "setuptools", "wheel", "uv"})
"""What installs, and is not part of what is installed."""

FLOORS = {"weasyprint": (70, 0), "jinja2": (3, 1, 6)}
"""Oldest versions that are safe: older WeasyPrint lets a page read local files, older Jinja2 lets a template out of its sandbox."""

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")


@dataclass(frozen=True)
class Pinned:
    """One package of the lock: its version, the sha256 of every file that may be installed for it, and on which systems it is."""

    name: str
    version: str
    hashes: tuple[str, ...]
    only: str = ""


def pinned(lock: Path = LOCK) -> dict[str, Pinned]:
    """The packages of the lock by their normal names; those that this system does not take are left out."""
    from packaging.markers import Marker

    here = (one for one in _read(lock.read_text(encoding="utf-8")) if not one.only or Marker(one.only).evaluate())
    return dict(sorted((one.name, one) for one in here))


def _read(text: str) -> Iterator[Pinned]:
    current: re.Match[str] | None = None
    hashes: list[str] = []
    for line in text.splitlines():
        started = _PIN.match(line.strip()) if not line.startswith(" ") else None
        if started:
            if current:
                yield _made(current, hashes)
            current, hashes = started, []
        hashes += re.findall(r"--hash=sha256:([0-9a-f]{64})", line)
    if current:
        yield _made(current, hashes)


def _made(found: re.Match[str], hashes: list[str]) -> Pinned:
    return Pinned(normal(found[1]), found[2], tuple(hashes), (found[3] or "").strip())


def normal(name: str) -> str:
    """A package's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, str]:
    """Every installed package but ourselves and the installers, by normal name, with its version."""
    found = {normal(one.metadata["Name"]): one.version for one in metadata.distributions()}
    return {name: version for name, version in sorted(found.items()) if name not in TOOLS | {OURSELVES}}


def deviations() -> list[str]:
    """How the environment differs from the lock, one line each; empty in a locked environment."""
    wanted, have = pinned(), installed()
    found = [f"{name} {one.version} is locked, but not installed" for name, one in wanted.items() if name not in have]
    found += [
        f"{name} {have[name]} is installed, locked is {one.version}"
        for name, one in wanted.items()
        if name in have and have[name] != one.version
    ]
    return found + [f"{name} {version} is installed, but not locked" for name, version in have.items() if name not in wanted]


def unsafe() -> list[str]:
    """Installed packages that are older than is safe."""
    have = installed()
    return [
        f"{name} {have[name]} is older than {'.'.join(map(str, floor))}, which mends a hole"
        for name, floor in FLOORS.items()
        if name in have and _numbers(have[name]) < floor
    ]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0]))


def bill_of_materials() -> dict[str, Any]:
    """The installed packages as a CycloneDX 1.5 document: name, version, licence as declared, and the locked hashes.

    The same environment gives the same document: no serial number, no time.
    """
    wanted = pinned()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": OURSELVES, "version": metadata.version(OURSELVES)}},
        "components": [_component(name, version, wanted.get(name)) for name, version in installed().items()],
    }


def _component(name: str, version: str, locked: Pinned | None) -> dict[str, Any]:
    said = metadata.metadata(name)
    expression = (said.get_all("License-Expression") or [""])[0]
    classes = [entry.rpartition(" :: ")[2] for entry in said.get_all("Classifier") or () if entry.startswith("License ::")]
    found: dict[str, Any] = {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}
    if expression or classes:
        found["licenses"] = [{"expression": expression}] if expression else [{"license": {"name": classes[0]}}]
    if locked is not None and locked.version == version:
        found["hashes"] = [{"alg": "SHA-256", "content": digest} for digest in locked.hashes]
    return found


def main() -> None:
    """`make sbom`: write var/sbom.cdx.json."""
    target = Path("var/sbom.cdx.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill_of_materials(), indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
