"""The program and what its commands share: reading the configuration, printing, leaving with a code that means something."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from transforms.errors import UsageError

if TYPE_CHECKING:
    from flows.settings import Settings
    from transforms.month import Month

EPILOG = (
    "Exit codes: 0 done · 1 a bug · 2 wrong usage, configuration or policy · 3 held by a quality gate · "
    "4 a source or server cannot be reached · 5 published, but some deliveries are not accepted · "
    "6 the same month is being run by someone else · 7 the machine gave out · 8 a check said no."
)

app = typer.Typer(
    name="keping",
    help="Keping (客评): monthly customer reviews. Reads orders, tickets and surveys, grades every customer, "
    "prints one review pack per tier and mails it to that tier's managers.\n\n"
    "Start with `keping demo`; then `keping check` with your own keping.toml, and `keping run`.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

SECRETS: set[str] = set()
"""What the configuration read last keeps secret; no message shows it."""


def load_settings(config: Path) -> Settings:
    from flows.settings import load

    settings = load(config)
    SECRETS.update(settings.secrets())
    return settings


def customer_of(settings: Settings, text: str) -> str:
    """The customer that is meant by an id, or by the address of somebody who is known by it alone."""
    from transforms.tables.identities import pseudonym_of

    by_address = any(block.same_as == "email" for blocks in settings.tables.values() for block in blocks)
    return (pseudonym_of("email", text) if by_address else None) or text


def month_of(text: str) -> Month:
    from transforms.month import Month

    try:
        return Month.parse(text)
    except ValueError as error:
        raise UsageError(f"{error}. Nothing was mailed.") from error


def show(state: Any, lines: list[str], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(state, ensure_ascii=False, indent=2, default=str))
    else:
        for line in lines:
            typer.echo(line)


def leave(code: int) -> None:
    if code:
        raise typer.Exit(int(code))
