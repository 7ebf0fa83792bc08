"""`make doctor`: what this machine lacks or has otherwise than locked, one line each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import typer

from flows.upkeep.locked import deviations, unsafe
from flows.upkeep.system import missing

ROOM_MB = 500
"""Free space below which a month may not fit."""


def complaints() -> Iterator[str]:
    """Everything that is not as it should be, with what to do."""
    if packages := missing():
        yield f"system libraries of the PDF renderer are missing: apt-get install {' '.join(packages)}"
    differing = deviations()
    if differing:
        more = f" (and {len(differing) - 3} more)" if len(differing) > 3 else ""
        yield f"the environment is not the locked one: {'; '.join(differing[:3])}{more}. Remove .venv, then `make setup`"
    yield from unsafe()
    free = shutil.disk_usage(Path.cwd()).free // 1_000_000
    if free < ROOM_MB:
        yield f"only {free} MB are free here; a month with its packs and snapshots may need more"
    if os.environ.get("PREFECT_SERVER_ANALYTICS_ENABLED", "").lower() in ("1", "true", "yes"):
        yield "PREFECT_SERVER_ANALYTICS_ENABLED is on: unset it, so that Prefect reports to nobody"


def main() -> int:
    """Say what is wrong, or that all is well; 7 where something is."""
    found = list(complaints())
    for line in found or ["all is well: libraries, locked packages, room."]:
        typer.echo(line)
    return 7 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
