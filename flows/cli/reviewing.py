"""Commands that review months: demo, check, run, backfill."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption, VerboseOption
from flows.cli.program import app, leave, load_settings, show
from transforms.errors import Exit, UsageError

PANEL = "Reviewing months"

if TYPE_CHECKING:
    from flows.review.outcome import RunOutcome
    from flows.review.request import RunRequest
    from flows.settings import Settings


@app.command(rich_help_panel=PANEL)
def demo(
    folder: Annotated[Path, typer.Option("--dir", help="Where the sample company is made.")] = Path("var/demo"),
    customers: Annotated[int, typer.Option(min=100, max=100_000, help="How many customers.")] = 600,
    months: Annotated[int, typer.Option(min=3, max=120, help="How many months of history.")] = 24,
    seed: Annotated[int, typer.Option(help="Another seed, another company.")] = 20,
    until: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Newest month; default: the last complete one.")] = None,
    json_output: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Make an invented sample company and review its newest month.

    Writes databases, drop files, keping.toml and PLANTED.md (what to look for in the packs) into the folder.
    Then runs the newest month and mails it into the folder's outbox. Made again, it changes nothing.

    Example: keping demo --customers 2000 --months 36
    """
    from flows.demo import make_demo
    from flows.machine.progress import on_terminal

    with on_terminal(verbose) as tell:
        outcome = make_demo(folder, customers=customers, months=months, seed=seed, until=until, tell=tell)
    show(outcome.as_dict(), outcome.lines(), json_output)
    leave(outcome.exit_code)


@app.command(rich_help_panel=PANEL)
def check(config: ConfigOption = DEFAULT_CONFIG, json_output: JsonOption = False) -> None:
    """Try everything a run needs, without running: configuration, sources, columns, fonts, mail.

    One line each: ok, or what is wrong and what to do.
    Reads a few rows and sends nothing; a warehouse and an archive that are not there yet are made, empty.
    """
    from flows.check import check_everything

    results = check_everything(load_settings(config))
    show([result.as_dict() for result in results], [result.line() for result in results], json_output)
    leave(next((result.exit_code for result in results if result.exit_code), Exit.DONE))


@app.command(rich_help_panel=PANEL)
def run(
    config: ConfigOption = DEFAULT_CONFIG,
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Default: the last complete month.")] = None,
    tier: Annotated[list[str] | None, typer.Option(metavar="TIER", help="Only this tier's packs; may be repeated.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Mail the packs to their recipients.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Make the PDFs, publish and mail nothing.")] = False,
    catch_up: Annotated[
        int, typer.Option("--catch-up", metavar="N", min=0, max=120, help="Also up to N months missed since the newest published one.")
    ] = 0,
    json_output: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Review one month: pull, check, score, keep, print, publish; with --send also mail.

    The first run also replays earlier months in silence, so that previous grades and trends exist.
    The same month again on the same input publishes and mails nothing new, and says so.
    With --catch-up the months that were missed come first, oldest first; if more than N were, none is run.

    Example: keping run --month 2026-10 --send
    """
    from flows.machine import clock
    from flows.review.request import RunRequest, month_to_review
    from flows.scheduling.catching_up import months_due

    settings = load_settings(config)
    if month is not None and catch_up:
        raise UsageError("--catch-up goes without --month: it finds the months that were missed. Nothing was run.")
    due = [month_to_review(month, clock.now(), settings)] if not catch_up else months_due(settings, clock.now(), catch_up)
    outcomes = [_review(settings, RunRequest(one, tuple(tier or ()), send, dry_run, once=bool(catch_up)), verbose) for one in due]
    shown = [outcome.as_dict() for outcome in outcomes]
    show(shown if catch_up else shown[0], [line for outcome in outcomes for line in outcome.lines()], json_output)
    leave(next((outcome.exit_code for outcome in outcomes if outcome.exit_code), Exit.DONE))


@app.command(rich_help_panel=PANEL)
def backfill(
    first: Annotated[str, typer.Argument(metavar="FROM", help="First month, YYYY-MM.")],
    last: Annotated[str, typer.Argument(metavar="TO", help="Last month, YYYY-MM.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; each month that is published anew carries it.")],
    promote: Annotated[bool, typer.Option("--promote", help="Publish the months that differ as new revisions.")] = False,
    send: Annotated[bool, typer.Option("--send", help="With --promote: mail them, marked as restated.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Review past months anew from the data known now, and compare them with what is published.

    Each month has its own cut-off and the policy of its time.
    Nothing is published without --promote, nothing is mailed without --send; months that do not differ get no new revision.
    May be killed: the same command goes on where it stopped.

    Example: keping backfill 2026-01 2026-06 --reason "orders of March came late" --promote
    """
    from flows.machine import clock
    from flows.machine.progress import on_terminal
    from flows.review.request import check_backfill

    settings = load_settings(config)
    asked = check_backfill(first, last, reason, clock.now(), settings, promote=promote, send=send)
    if os.environ.get("PREFECT_API_URL"):
        from flows.backfill_flow import backfill_on_prefect

        outcome = backfill_on_prefect(settings, asked)
    else:
        from flows.backfills.backfill import backfill as carry_out

        with on_terminal(verbose) as tell:
            outcome = carry_out(settings, asked, tell=tell)
    show(outcome.as_dict(), outcome.lines(), json_output)
    leave(outcome.exit_code)


def _review(settings: Settings, asked: RunRequest, verbose: bool) -> RunOutcome:
    """One month, as a flow run of the Prefect server where one is configured."""
    from flows.machine.progress import on_terminal

    if os.environ.get("PREFECT_API_URL"):
        from flows.monthly import run_on_prefect

        return run_on_prefect(settings, asked)
    from flows.review.run import run_month

    with on_terminal(verbose) as tell:
        return run_month(settings, asked, tell=tell)
