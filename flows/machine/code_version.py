"""Which code made a number: the version of the package and a digest of everything that shapes a pack."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_SHAPING = {".py", ".j2", ".css", ".po", ".ttf"}
_PACKAGES = ("transforms", "expectations", "reports", "flows")


@cache
def code_version() -> str:
    """For example `0.1.0+3f9c2a71d0`: changes with any line of code, template, style, catalogue or font."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for file in sorted((root / package).rglob("*")):
            if file.suffix in _SHAPING and file.is_file():
                digest.update(file.relative_to(root).as_posix().encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    try:
        number = version("keping")
    except PackageNotFoundError:
        number = "0"
    return f"{number}+{digest.hexdigest()[:10]}"
