"""The command of the first day: init."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import JsonOption
from flows.cli.program import app, leave, load_settings, show
from transforms.errors import Exit, UsageError

PANEL = "Starting"

if TYPE_CHECKING:
    from flows.first_day.presets import Question


@app.command(rich_help_panel=PANEL)
def init(
    products: Annotated[
        list[str] | None, typer.Option("--from", metavar="PRODUCT", help="A product to read from; may be repeated.")
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option("--at", metavar="PRODUCT=PLACE", help="Its database URL (a password as ${NAME})."),
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", metavar="NAME=VALUE", help="Answers a question beforehand: tax=without, status.wc-shipped=completed, ..."),
    ] = None,
    folder: Annotated[Path, typer.Option("--dir", help="Where keping.toml is written.")] = Path(),
    name: Annotated[str | None, typer.Option(help="The company's name.")] = None,
    timezone: Annotated[str | None, typer.Option(help="IANA name of the zone in which months begin.")] = None,
    currency: Annotated[str | None, typer.Option(help="Reporting currency, ISO code.")] = None,
    locale: Annotated[list[str] | None, typer.Option(help="Language of the packs; may be repeated.")] = None,
    presets: Annotated[list[Path] | None, typer.Option(help="A folder with presets of your own; DIR/presets is looked at anyway.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a keping.toml that is there.")] = False,
    list_known: Annotated[bool, typer.Option("--list", help="Print the known products, and what each asks.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Write keping.toml for the products you use: looks at their databases, asks what only you know, then runs check.

    Read-only; finds tables, prefixes, statuses with their counts, time zone and currency, and says in comments what it took.
    On a terminal it asks; elsewhere it takes what --answer says, or the likely answer, and tells which.
    Passwords stay out of the file: write ${NAME} in the URL, and set NAME in the environment.

    Example: keping init --from woocommerce --at 'woocommerce=mysql+pymysql://reader:${SHOP_PASSWORD}@db/shop' --answer tax=without
    """
    from flows.check import check_everything
    from flows.first_day.init import InitRequest, write_configuration
    from flows.first_day.presets import read_presets

    folders = (*(presets or ()), *([folder / "presets"] if (folder / "presets").is_dir() else []))
    if list_known:
        known = read_presets(folders)
        rows = {
            product: {q.name: f"{q.ask} {' / '.join(q.options)}" for one in variants for q in one.questions}
            for product, variants in known.items()
        }
        show(
            rows,
            [
                f"{product}: {known[product][0].product}" + "".join(f"\n  {n}: {t}" for n, t in asks.items())
                for product, asks in rows.items()
            ],
            json_output,
        )
        return
    company = {key: value for key, value in (("name", name), ("timezone", timezone), ("currency", currency)) if value}
    asked = InitRequest(
        folder / "keping.toml",
        tuple(products or ()),
        _pairs("--at", at),
        _pairs("--answer", answer),
        company,
        tuple(locale or ("en",)),
        folders,
        force,
    )
    written = write_configuration(asked, _ask, _secret)
    results = check_everything(load_settings(written.path))
    shown = {"written": str(written.path), "environment": list(written.variables), "check": [result.as_dict() for result in results]}
    show(shown, [*written.lines, *(result.line() for result in results)], json_output)
    leave(next((result.exit_code for result in results if result.exit_code), Exit.DONE))


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    """NAME=VALUE, as often as it was typed."""
    found: dict[str, str] = {}
    for one in given or ():
        key, equals, value = one.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise UsageError(f"{option} is typed as NAME=VALUE, not {one!r}. Nothing was written.")
        found[key.strip()] = value.strip()
    return found


def _ask(question: Question) -> str:
    """The answer of whoever sits at the terminal; where nobody does, the likely one."""
    if not sys.stdin.isatty():
        return question.default
    options = [option for option in question.options if option]
    said = f"{question.ask} [{' / '.join(options)}]" if len(options) > 1 else question.ask
    while True:
        answer = str(typer.prompt(said, default=question.default, show_default=bool(question.default), err=True)).strip()
        if len(options) < 2 or answer in question.options:
            return answer
        typer.echo(f"one of {', '.join(options)}, please", err=True)


def _secret(variable: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError(f"the environment has no {variable}; set it, for example `export {variable}=...`. Nothing was written.")
    value = str(typer.prompt(f"{variable} (not shown, not written)", hide_input=True, err=True))
    os.environ[variable] = value
    return value
