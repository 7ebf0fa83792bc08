"""The command line: `keping --help` teaches; every command ends with an exit code that means something."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import typer

from flows.cli_options import DEFAULT_CONFIG, ConfigOption, JsonOption, VerboseOption
from flows.release_commands import Kit, register
from transforms.errors import Exit, MachineError, ReviewError, UsageError

if TYPE_CHECKING:
    from flows.outcome import RunOutcome
    from flows.request import RunRequest
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


@app.command()
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

    Writes databases, drop files, keping.toml and PLANTED.md (what to look for in the packs) into the
    folder, runs the newest month and mails it into the folder's outbox. Made again, it changes nothing.

    Example: keping demo --customers 2000 --months 36
    """
    from flows.demo import make_demo
    from flows.progress import on_terminal

    with on_terminal(verbose) as tell:
        outcome = make_demo(folder, customers=customers, months=months, seed=seed, until=until, tell=tell)
    _print(outcome.as_dict(), outcome.told(), json_output)
    _leave(outcome.exit_code)


@app.command()
def check(config: ConfigOption = DEFAULT_CONFIG, json_output: JsonOption = False) -> None:
    """Try everything a run needs, without running: configuration, sources, columns, fonts, mail.

    One line each: ok, or what is wrong and what to do. Reads a few rows and sends nothing; a warehouse and
    an archive that are not there yet are made, empty.
    """
    from flows.check import check_everything

    results = check_everything(_settings(config))
    _print([result.as_dict() for result in results], [result.told() for result in results], json_output)
    _leave(next((result.exit_code for result in results if result.exit_code), Exit.DONE))


@app.command()
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
    from flows import clock
    from flows.catching_up import months_due
    from flows.request import RunRequest, month_asked

    settings = _settings(config)
    if month is not None and catch_up:
        raise UsageError("--catch-up goes without --month: it finds the months that were missed. Nothing was run.")
    due = [month_asked(month, clock.now(), settings)] if not catch_up else months_due(settings, clock.now(), catch_up)
    outcomes = [_reviewed(settings, RunRequest(one, tuple(tier or ()), send, dry_run), verbose) for one in due]
    shown = [outcome.as_dict() for outcome in outcomes]
    _print(shown if catch_up else shown[0], [line for outcome in outcomes for line in outcome.told()], json_output)
    _leave(next((outcome.exit_code for outcome in outcomes if outcome.exit_code), Exit.DONE))


def _reviewed(settings: Settings, asked: RunRequest, verbose: bool) -> RunOutcome:
    """One month, as a flow run of the Prefect server where one is configured."""
    from flows.progress import on_terminal

    if os.environ.get("PREFECT_API_URL"):
        from flows.monthly import run_on_prefect

        return run_on_prefect(settings, asked)
    from flows.run import run_month

    with on_terminal(verbose) as tell:
        return run_month(settings, asked, tell=tell)


@app.command()
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

    Each month has its own cut-off and the policy of its time. Nothing is published without --promote and
    nothing mailed without --send; months that do not differ get no new revision. May be killed: the same
    command goes on where it stopped.

    Example: keping backfill 2026-01 2026-06 --reason "orders of March came late" --promote
    """
    from flows import clock
    from flows.progress import on_terminal
    from flows.request import backfill_asked

    settings = _settings(config)
    asked = backfill_asked(first, last, reason, clock.now(), settings, promote=promote, send=send)
    if os.environ.get("PREFECT_API_URL"):
        from flows.backfill_flow import backfill_on_prefect

        outcome = backfill_on_prefect(settings, asked)
    else:
        from flows.backfill import backfill as carry_out

        with on_terminal(verbose) as tell:
            outcome = carry_out(settings, asked, tell=tell)
    _print(outcome.as_dict(), outcome.told(), json_output)
    _leave(outcome.exit_code)


@app.command()
def explain(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.")],
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Any kept month; default: the newest.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
) -> None:
    """Why a customer has this grade: inputs, points, cuts, and the change since last month in parts that add up.

    Says what the customer's grade rests on as it was published, and the smallest single change that would
    bring a lost grade back.

    Example: keping explain C001 --month 2026-10
    """
    from flows.explaining import explained

    told = explained(_settings(config), customer, month)
    _print(told.as_dict(), told.told(), json_output)


@app.command()
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
    from flows.reporting import packs_listed

    rows, lines = packs_listed(_settings(config), known_at)
    _print(rows, lines, json_output)


@app.command()
def verify(
    pack: Annotated[str, typer.Argument(metavar="PACK", help="A PDF, also a mailed copy; or its name in the archive.")],
    again: Annotated[bool, typer.Option("--again", help="Also compute and print the revision anew from the archive, and compare.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
) -> None:
    """Whether a pack, its evidence and its manifest are the very bytes that were published; exit code 8 if not.

    Example: keping verify 2026-10/r0/company.en.pdf
    """
    from flows.reporting import verdict_told

    verdict = verdict_told(_settings(config), pack, again=again)
    _print(verdict.as_dict(), verdict.told(), json_output)
    _leave(Exit.REFUTED if verdict.problems or verdict.erased_at else Exit.DONE)


@app.command()
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
    from flows.reporting import expectation_told, status_told

    settings = _settings(config)
    if expect is not None:
        expectation = expectation_told(settings, expect, by)
        _print(expectation.as_dict(), expectation.told(), json_output)
        _leave(Exit.DONE if expectation.met else Exit.REFUTED)
        return
    if by is not None:
        raise UsageError("--by goes with --expect YYYY-MM: the month that must be out by then.")
    state, lines = status_told(settings)
    _print(state, lines, json_output)


@app.command()
def deliveries(
    config: ConfigOption = DEFAULT_CONFIG,
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Default: all months.")] = None,
    json_output: JsonOption = False,
) -> None:
    """Who got what, when, and which bytes: the ledger of deliveries."""
    from flows.reporting import deliveries_listed

    rows, lines = deliveries_listed(_settings(config), month)
    _print(rows, lines, json_output)


@app.command()
def deliver(
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="The published month.")],
    config: ConfigOption = DEFAULT_CONFIG,
    tier: Annotated[list[str] | None, typer.Option(metavar="TIER", help="Only this tier's packs; may be repeated.")] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Also what the relay rejected.")] = False,
    json_output: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Mail what is published and not yet accepted, to today's recipients.

    What was accepted is never sent again; what is uncertain waits for `keping resolve`. Every attempt
    sends the same bytes.

    Example: keping deliver --month 2026-10
    """
    from flows.mail_month import mail_month
    from flows.progress import on_terminal

    settings = _settings(config)
    with on_terminal(verbose) as tell:
        outcome = mail_month(settings, _month(month), tiers=tuple(tier or ()), retry_rejected=retry_failed, tell=tell)
    _print(outcome.as_dict(), outcome.told(), json_output)
    _leave(outcome.exit_code)


@app.command()
def resolve(
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its key, or the beginning of it; `keping deliveries` lists them.")],
    config: ConfigOption = DEFAULT_CONFIG,
    sent: Annotated[bool, typer.Option("--sent", help="The relay took it: count it as accepted.")] = False,
    resend: Annotated[bool, typer.Option("--resend", help="The relay did not: send the same bytes again, now.")] = False,
    json_output: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Decide an uncertain delivery: its sender was lost between the final dot and the relay's answer.

    Look for its Message-ID in the relay's log first. Nothing uncertain is ever sent again without you.

    Example: keping resolve 3fa94c --sent
    """
    from flows.mail_month import resolve as decided
    from flows.progress import on_terminal
    from transforms.errors import UsageError

    if sent == resend:
        raise UsageError("say either --sent (the relay took it) or --resend (it did not). Nothing was decided.")
    settings = _settings(config)
    with on_terminal(verbose) as tell:
        outcome = decided(settings, delivery, "sent" if sent else "resend", tell=tell)
    _print(outcome.as_dict(), outcome.told(), json_output)
    _leave(outcome.exit_code)


@app.command()
def forget(
    customer: Annotated[str | None, typer.Argument(metavar="CUSTOMER", help="The customer_id, as the sources have it.")] = None,
    again: Annotated[bool, typer.Option("--again", help="All who were forgotten before and came back with a restored copy.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Erase a person: id, name and personal fields leave warehouse, snapshots and published packs; the sums stay.

    A keyed pseudonym takes the person's place, also in whatever is read again. Published revisions that named
    the person lose their bytes, keep a tombstone with their digests (`keping verify` says "erased"), and are
    published once more without the person. Nothing is mailed. May be killed: the same command goes on.

    Example: keping forget C-1042
    """
    from flows.erasure.forget import forget as forgotten
    from flows.erasure.forget import forget_again
    from flows.progress import on_terminal

    if (customer is None) == (not again):
        raise UsageError("name one customer, or say --again for all who were forgotten before. Nothing was erased.")
    settings = _settings(config)
    with on_terminal(verbose) as tell:
        outcomes = forget_again(settings, tell=tell) if customer is None else [forgotten(settings, customer, tell=tell)]
    lines = [line for outcome in outcomes for line in outcome.told()] or ["nobody who was forgotten has come back."]
    _print([outcome.as_dict() for outcome in outcomes] if again else outcomes[0].as_dict(), lines, json_output)
    _leave(max((outcome.exit_code for outcome in outcomes), default=Exit.DONE))


@app.command()
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
    from flows.progress import on_terminal
    from flows.simulate import simulate as simulated

    settings = _settings(config)
    with on_terminal(verbose) as tell:
        outcome = simulated(settings, policy, months, out, tell)
    _print(outcome.as_dict(), outcome.told(), json_output)


policy_app = typer.Typer(
    name="policy",
    help="The scoring standard: what is in force, what a file would change, and versions that are made to stay.",
    no_args_is_help=True,
    add_completion=False,
)
app.add_typer(policy_app)


@policy_app.command("show")
def policy_show(
    config: ConfigOption = DEFAULT_CONFIG,
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Default: the last complete month.")] = None,
    json_output: JsonOption = False,
) -> None:
    """The policy in force in a month, in words: weights, cuts, hold, reference, digest, author, reason.

    Example: keping policy show --month 2026-10
    """
    from flows.policy_commands import show

    shown = show(_settings(config), month)
    _print(shown.as_dict(), shown.told(), json_output)


@policy_app.command("check")
def policy_check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file, wherever it lies.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
) -> None:
    """Everything that is wrong with a policy file, with key and line (exit code 2), and what it would change.

    Example: keping policy check drafts/2027.toml
    """
    from flows.policy_commands import check as checked

    outcome = checked(_settings(config), file)
    _print(outcome.as_dict(), outcome.told(), json_output)
    _leave(outcome.exit_code)


@policy_app.command("freeze")
def policy_freeze(
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="The reviewed month whose customers become the reference.")],
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Its rules; default: the policy in force.")] = None,
    effective: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM", help="Takes effect then; default: the month after.")] = None,
    out: Annotated[str | None, typer.Option(metavar="NAME", help="File name in the policies folder; never one that is there.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
) -> None:
    """Write a new version whose reference distributions are frozen at a month, into the policies folder.

    Example: keping policy freeze --month 2026-10 --from 2027-01
    """
    from flows.policy_commands import freeze

    made = freeze(_settings(config), file, month, effective, out)
    state = {"file": str(made.file), "reference": str(made.table), "version": made.policy.version, "digest": made.policy.digest}
    lines = [
        f"{made.file}: policy {made.policy.version}, in force from {made.policy.effective_from}, digest {made.policy.digest[:12]}",
        f"{made.table}: the distributions it is frozen with; keep both files together.",
        *(["It is the only file of the folder, so months before it use it too."] if made.alone else []),
    ]
    _print(state, lines, json_output)


def _month(text: str) -> Month:
    from transforms.errors import UsageError
    from transforms.month import Month

    try:
        return Month.parse(text)
    except ValueError as error:
        raise UsageError(f"{error}. Nothing was mailed.") from error


def _settings(config: Path) -> Settings:
    from flows.settings import load

    settings = load(config)
    _SECRETS.update(settings.secrets())
    return settings


_SECRETS: set[str] = set()
_AS_JSON = "--json"


def _print(state: Any, lines: list[str], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(state, ensure_ascii=False, indent=2, default=str))
    else:
        for line in lines:
            typer.echo(line)


def _leave(code: int) -> None:
    if code:
        raise typer.Exit(int(code))


register(app, Kit(_settings, _print, _month))


def main() -> None:
    """Run a command; expected trouble prints its message without a traceback, bugs keep theirs."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    sys.exit(_guarded(lambda: app(standalone_mode=False)))


def _guarded(command: Callable[[], Any]) -> int:
    try:
        result = command()
        return int(result) if isinstance(result, int) else Exit.DONE
    except click.exceptions.Exit as leaving:
        return int(leaving.exit_code)
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except (KeyboardInterrupt, click.Abort):
        return _complain("interrupted. What was published stays published; the same command goes on where this one stopped.", Exit.MACHINE)
    except ReviewError as error:
        return _complain(str(error), error.exit_code)
    except OSError as error:
        trouble = _machine_trouble(error)
        if trouble is None:
            return _bug()
        return _complain(str(trouble), trouble.exit_code)
    except MemoryError:
        return _complain(
            "this machine ran out of memory. Nothing half-made was published; free some, then run the same command again.", Exit.MACHINE
        )
    except Exception:
        return _bug()


def _machine_trouble(error: OSError) -> MachineError | None:
    """Trouble of disk or rights, as a message; None for what is rather a bug."""
    import errno

    words = {
        errno.ENOSPC: "no space left",
        errno.EDQUOT: "disk quota used up",
        errno.EROFS: "read-only file system",
        errno.EACCES: "no permission",
        errno.EPERM: "no permission",
    }
    if error.errno not in words:
        return None
    place = error.filename or "the disk"
    return MachineError(f"{words[error.errno]}: {place}. Nothing half-made was published.\nMend it, then run the same command again.")


def _complain(message: str, code: int) -> int:
    """Say what is wrong to the person on stderr, and where JSON was asked for, to the program on stdout."""
    from flows.redact import redacted

    said = redacted(message, _SECRETS)
    typer.echo(f"keping: {said}", err=True)
    if _AS_JSON in sys.argv[1:]:
        typer.echo(json.dumps({"ending": "error", "exit_code": int(code), "error": said}, ensure_ascii=False, indent=2))
    return int(code)


def _bug() -> int:
    from flows.redact import redacted

    typer.echo(redacted(traceback.format_exc(), _SECRETS), err=True)
    return _complain("this is a bug. Nothing half-made was published; please report it with the lines above.", Exit.BUG)


if __name__ == "__main__":
    main()
