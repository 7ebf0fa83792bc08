"""Options that every command understands alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[Path, typer.Option("--config", "-c", envvar="KEPING_CONFIG", help="Configuration file.", show_default=True)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="One line per step, with the seconds since the start.")]
DEFAULT_CONFIG = Path("keping.toml")
