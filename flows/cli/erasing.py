"""The command that erases a person: forget."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption, VerboseOption
from flows.cli.program import app, customer_of, leave, load_settings, show
from transforms.errors import Exit, UsageError

PANEL = "Erasing"


@app.command(rich_help_panel=PANEL)
def forget(
    customer: Annotated[str | None, typer.Argument(metavar="CUSTOMER", help="The customer_id, as the sources have it.")] = None,
    again: Annotated[bool, typer.Option("--again", help="All who were forgotten before and came back with a restored copy.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Erase a person: id, name and personal fields leave warehouse, snapshots and published packs; the sums stay.

    A keyed pseudonym takes the person's place, also in whatever is read again.
    Published revisions that named the person lose their bytes and are published once more without the person;
    what stays of them is a tombstone with their digests (`keping verify` says "erased").
    Nothing is mailed. May be killed: the same command goes on.

    Example: keping forget C-1042
    """
    from flows.erasure.forget import forget as forgotten
    from flows.erasure.forget import forget_again
    from flows.machine.progress import on_terminal

    if (customer is None) == (not again):
        raise UsageError("name one customer, or say --again for all who were forgotten before. Nothing was erased.")
    settings = load_settings(config)
    with on_terminal(verbose) as tell:
        outcomes = (
            forget_again(settings, tell=tell) if customer is None else [forgotten(settings, customer_of(settings, customer), tell=tell)]
        )
    lines = [line for outcome in outcomes for line in outcome.lines()] or ["nobody who was forgotten has come back."]
    show([outcome.as_dict() for outcome in outcomes] if again else outcomes[0].as_dict(), lines, json_output)
    leave(max((outcome.exit_code for outcome in outcomes), default=Exit.DONE))
