"""Commands that only look: explain, card, packs, verify, trace, status, deliveries, simulate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption, VerboseOption
from flows.cli.program import app, customer_of, leave, load_settings, show
from reports.languages import LANGUAGES
from transforms.errors import Exit, UsageError

PANEL = "Looking"
LANGUAGE = f"{' or '.join(LANGUAGES)}; default: the company's first language."


@app.command(rich_help_panel=PANEL)
def explain(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.")],
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Any kept month; default: the newest.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
) -> None:
    """Why a customer has this grade: inputs, points, cuts, and the change since last month in parts that add up.

    Says what the customer's grade rests on as it was published, and which smallest single change brings a lost grade back.

    Example: keping explain C001 --month 2026-10
    """
    from flows.lookup.explaining import explain_grade

    settings = load_settings(config)
    told = explain_grade(settings, customer_of(settings, customer), month)
    show(told.as_dict(), told.lines(), json_output)


@app.command(rich_help_panel=PANEL)
def card(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.")],
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Any kept month; default: the newest.")] = None,
    locale: Annotated[
        str | None, typer.Option(metavar="LOCALE", help=f"{' or '.join(LANGUAGES)}; default: the company's first language.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to; default: card-<customer>-<month>.<locale>.pdf here.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
) -> None:
    """One customer on a page: who it is, its grade and why, its course, habits, contacts and outlook, as a PDF.

    As published in that month. It names a person: whoever may read the company's pack may read it.

    Example: keping card C001 --month 2026-10
    """
    from flows.lookup.card import write_card

    settings = load_settings(config)
    made = write_card(settings, customer_of(settings, customer), month, locale, out)
    show(made.as_dict(), made.lines(), json_output)


@app.command(rich_help_panel=PANEL)
def packs(
    config: ConfigOption = DEFAULT_CONFIG,
    known_at: Annotated[
        str | None, typer.Option("--known-at", metavar="DATE", help="Only what counted at the end of that day, YYYY-MM-DD.")
    ] = None,
    json_output: JsonOption = False,
) -> None:
    """What is published: month, revision, pack, language, digest, file.

    Example: keping packs --known-at 2026-06-01
    """
    from flows.lookup.reporting import list_packs

    rows, lines = list_packs(load_settings(config), known_at)
    show(rows, lines, json_output)


@app.command(rich_help_panel=PANEL)
def verify(
    pack: Annotated[str, typer.Argument(metavar="PACK", help="A PDF, also a mailed copy; or its name in the archive.")],
    again: Annotated[bool, typer.Option("--again", help="Also compute and print the revision anew from the archive, and compare.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
) -> None:
    """Whether a pack, its evidence and its manifest are the very bytes that were published; exit code 8 if not.

    Example: keping verify 2026-10/r0/company.en.pdf
    """
    from flows.lookup.reporting import check_pack

    verdict = check_pack(load_settings(config), pack, again=again)
    show(verdict.as_dict(), verdict.lines(), json_output)
    leave(Exit.REFUTED if verdict.problems or verdict.erased_at else Exit.DONE)


@app.command(rich_help_panel=PANEL)
def trace(
    pack: Annotated[str, typer.Argument(metavar="PACK", help="A PDF or workbook, also a mailed copy; or its name in the archive.")],
    number: Annotated[
        str | None, typer.Argument(metavar="ID", help="The id of a number, or of a figure in figures.csv; default: list all ids.")
    ] = None,
    find: Annotated[str, typer.Option("--find", metavar="WORDS", help="Of the list: only what holds these words, id or customer.")] = "",
    workbook: Annotated[bool, typer.Option("--workbook", help="Of the list: the numbers of the workbook, too.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE.csv", help="With ID: also write all rows behind it; never over a file.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
) -> None:
    """Where a printed number comes from: what it is, counted again from the kept rows, and those rows; exit code 8 if it differs.

    The pack is built anew from what is kept, and its number held against the published file. A figure is counted by its formula
    once more, and where it has one by a plain query, which is shown. Nothing is written but what --out asks for.

    Example: keping trace 2026-10/r0/company.en.pdf --find "net revenue"
    """
    from flows.lookup.tracing import list_numbers, trace_number

    settings = load_settings(config)
    if number is None:
        if out is not None:
            raise UsageError("--out goes with an ID: it takes the rows behind one number.")
        rows, lines = list_numbers(settings, pack, find, workbook)
        show(rows, lines, json_output)
        return
    found = trace_number(settings, pack, number, out)
    show(found.as_dict(), found.lines(), json_output)
    leave(Exit.DONE if found.agrees else Exit.REFUTED)


@app.command(rich_help_panel=PANEL)
def status(
    config: ConfigOption = DEFAULT_CONFIG,
    expect: Annotated[
        str | None, typer.Option("--expect", metavar="YYYY-MM", help="Exit with 8 if this month is not out; says what is missing.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="DATE", help="With --expect: the last day on which it is in time.")] = None,
    json_output: JsonOption = False,
) -> None:
    """The last runs, what the quality gates said, what is published and what was delivered.

    Example for a watchdog: keping status --expect 2026-10 --by 2026-11-03
    """
    from flows.lookup.reporting import check_month_is_out, read_status

    settings = load_settings(config)
    if expect is not None:
        expectation = check_month_is_out(settings, expect, by)
        show(expectation.as_dict(), expectation.lines(), json_output)
        leave(Exit.DONE if expectation.is_met else Exit.REFUTED)
        return
    if by is not None:
        raise UsageError("--by goes with --expect YYYY-MM: the month that must be out by then.")
    state, lines = read_status(settings)
    show(state, lines, json_output)


@app.command(rich_help_panel=PANEL)
def deliveries(
    config: ConfigOption = DEFAULT_CONFIG,
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Default: all months.")] = None,
    json_output: JsonOption = False,
) -> None:
    """Who got what, when, and which bytes: the ledger of deliveries."""
    from flows.lookup.reporting import list_deliveries

    rows, lines = list_deliveries(load_settings(config), month)
    show(rows, lines, json_output)


@app.command(rich_help_panel=PANEL)
def simulate(
    policy: Annotated[Path, typer.Argument(metavar="POLICY.toml", help="The candidate: a policy file, wherever it lies.")],
    config: ConfigOption = DEFAULT_CONFIG,
    months: Annotated[int, typer.Option(min=1, max=240, help="How many months to tell of, the newest last.")] = 12,
    out: Annotated[Path | None, typer.Option(help="Also write all movers (.csv) or a page (.md); never over a file.")] = None,
    json_output: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Who would move under another policy, and why; which of the two tells better who stays. Writes nothing.

    Both policies grade the kept months anew, from the first on, so that only the rules differ.

    Example: keping simulate drafts/2027.toml --months 24
    """
    from flows.lookup.simulating import simulate as simulated
    from flows.machine.progress import on_terminal

    settings = load_settings(config)
    with on_terminal(verbose) as tell:
        outcome = simulated(settings, policy, months, out, tell)
    show(outcome.as_dict(), outcome.lines(), json_output)
