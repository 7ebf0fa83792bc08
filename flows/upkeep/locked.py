"""The locked environment: what the lock says, what is installed, and the bill of materials made from both."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parents[2] / "requirements.lock"
PROJECT = LOCK.with_name("pyproject.toml")
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


def read_lock(lock: Path = LOCK) -> dict[str, Pinned]:
    """The packages of the lock by their normal names; those that this system does not take are left out."""
    from packaging.markers import Marker

    here = (one for one in _read_packages(lock.read_text(encoding="utf-8")) if not one.only or Marker(one.only).evaluate())
    return dict(sorted((one.name, one) for one in here))


def _read_packages(text: str) -> Iterator[Pinned]:
    current: re.Match[str] | None = None
    hashes: list[str] = []
    for line in text.splitlines():
        started = _PIN.match(line.strip()) if not line.startswith(" ") else None
        if started:
            if current:
                yield _package(current, hashes)
            current, hashes = started, []
        hashes += re.findall(r"--hash=sha256:([0-9a-f]{64})", line)
    if current:
        yield _package(current, hashes)


def _package(found: re.Match[str], hashes: list[str]) -> Pinned:
    return Pinned(normal(found[1]), found[2], tuple(hashes), (found[3] or "").strip())


def normal(name: str) -> str:
    """A package's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_versions() -> dict[str, str]:
    """Every installed package but ourselves and the installers, by normal name, with its version."""
    found = {normal(one.metadata["Name"]): one.version for one in metadata.distributions()}
    return {name: version for name, version in sorted(found.items()) if name not in TOOLS | {OURSELVES}}


def deviations() -> list[str]:
    """How the environment differs from the lock, one line each; empty in a locked environment."""
    wanted, have = read_lock(), installed_versions()
    found = [f"{name} {one.version} is locked, but not installed" for name, one in wanted.items() if name not in have]
    found += [
        f"{name} {have[name]} is installed, locked is {one.version}"
        for name, one in wanted.items()
        if name in have and have[name] != one.version
    ]
    return found + [f"{name} {version} is installed, but not locked" for name, version in have.items() if name not in wanted]


def unsafe() -> list[str]:
    """Installed packages that are older than is safe."""
    have = installed_versions()
    return [
        f"{name} {have[name]} is older than {'.'.join(map(str, floor))}, which mends a hole"
        for name, floor in FLOORS.items()
        if name in have and _numbers(have[name]) < floor
    ]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0]))


def bill_of_materials() -> dict[str, Any]:
    """Every installed package as a CycloneDX document: version, licence, what it needs, where it comes from, and the locked hashes.

    `cyclonedx-py` writes it from the environment, offline; it cannot know which files were installed, so the hashes are
    the lock's. The same environment gives the same document: no serial number, no time.
    """
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--no-validate"]
    command += ["--pyproject", str(PROJECT), sys.executable]
    bill: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)  # noqa: S603
    wanted = read_lock()
    for component in bill["components"]:
        locked = wanted.get(normal(component["name"]))
        if locked is not None and locked.version == component["version"]:
            component["hashes"] = [{"alg": "SHA-256", "content": digest} for digest in locked.hashes]
    return bill


def main() -> None:
    """`make sbom`: write var/sbom.cdx.json."""
    target = Path("var/sbom.cdx.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill_of_materials(), indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
