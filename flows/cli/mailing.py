"""Commands by which people mail, and decide what may be mailed: deliver, resolve, approve, waive, suppress, bounces, moved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption, VerboseOption
from flows.cli.program import app, leave, load_settings, month_of, show
from transforms.errors import UsageError

PANEL = "Mailing"


@app.command(rich_help_panel=PANEL)
def deliver(
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="The published month.")],
    config: ConfigOption = DEFAULT_CONFIG,
    tier: Annotated[list[str] | None, typer.Option(metavar="TIER", help="Only this tier's packs; may be repeated.")] = None,
    retry_failed: Annotated[
        bool,
        typer.Option(
            "--retry-failed", help="Also what the relay rejected; what was too large is built smaller where the limit says so now."
        ),
    ] = False,
    test_send: Annotated[
        str | None, typer.Option("--test-send", metavar="ADDRESS", help="Only a look: each pack once to this test address, to no reader.")
    ] = None,
    json_output: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Mail what is published and not yet accepted, to today's recipients: one mail a person with all packs of theirs.

    What was accepted is never sent again; what is uncertain waits for `keping resolve`.
    Every attempt sends the same bytes.

    With --test-send each pack goes once to that address, marked as a test in its subject, also if it still waits for approval.
    Readers get nothing then, and nothing counts as delivered.
    The address must be in delivery.test_addresses, or be the owner's.

    Example: keping deliver --month 2026-10 · keping deliver --month 2026-10 --tier a --test-send me@example.com
    """
    from flows.delivery.month import mail_month
    from flows.machine.progress import on_terminal

    settings = load_settings(config)
    if test_send is not None:
        from flows.delivery.trial import mail_trial

        if retry_failed:
            raise UsageError("--test-send tries every pack once and has nothing to retry: leave --retry-failed out. Nothing was mailed.")
        tested = mail_trial(settings, month_of(month), test_send, tiers=tuple(tier or ()))
        show(tested.as_dict(), tested.lines(), json_output)
        leave(tested.exit_code)
        return
    with on_terminal(verbose) as tell:
        outcome = mail_month(settings, month_of(month), tiers=tuple(tier or ()), retry_rejected=retry_failed, tell=tell)
    show(outcome.as_dict(), outcome.lines(), json_output)
    leave(outcome.exit_code)


@app.command(rich_help_panel=PANEL)
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
    from flows.delivery.month import resolve as decided
    from flows.machine.progress import on_terminal

    if sent == resend:
        raise UsageError("say either --sent (the relay took it) or --resend (it did not). Nothing was decided.")
    settings = load_settings(config)
    with on_terminal(verbose) as tell:
        outcome = decided(settings, delivery, "sent" if sent else "resend", tell=tell)
    show(outcome.as_dict(), outcome.lines(), json_output)
    leave(outcome.exit_code)


@app.command(rich_help_panel=PANEL)
def approve(
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="The published month.")],
    tier: Annotated[list[str] | None, typer.Option(metavar="TIER", help="Only this tier's packs; may be repeated.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Release packs that wait: for approval, or because readers or figures jumped. Mails nothing.

    Bound to the packs' bytes and to today's list of readers: other bytes or a new revision must be approved anew.
    Then `keping deliver` mails them.

    Example: keping approve --month 2026-10 --tier a
    """
    from flows.delivery.approving import approve_month
    from flows.machine.progress import on_terminal

    with on_terminal(verbose) as tell:
        outcome = approve_month(load_settings(config), month_of(month), tiers=tuple(tier or ()), tell=tell)
    show(outcome.as_dict(), outcome.lines(), json_output)


@app.command(rich_help_panel=PANEL)
def waive(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule that holds the month; `keping status` names it.")],
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="The month that may pass.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; the packs print it.")],
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day on which it counts.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
) -> None:
    """Let one month pass one critical rule; printed in the packs with author, reason and day.

    Missing columns, checks that broke, results that do not add up and leaks cannot be waived.

    Example: keping waive orders.rows.unusual --month 2026-10 --reason "holiday week" --until 2026-11-10
    """
    from flows.review.waivers import waive as waived

    lines = waived(load_settings(config), rule, month_of(month), reason, until)
    show({"rule": rule, "month": month, "until": until, "told": lines}, lines, json_output)


@app.command(rich_help_panel=PANEL)
def suppress(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="One mail address.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in a few words.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="Mail goes there again.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
) -> None:
    """Send no more mail to one address, or mail it again; nobody else's mail changes.

    Example: keping suppress boss@example.com --reason "asked to be taken off"
    """
    from flows.delivery.suppression import suppress as suppressed

    lines = suppressed(load_settings(config), address, reason, lift=lift)
    show({"address": address, "lift": lift, "told": lines}, lines, json_output)


@app.command(rich_help_panel=PANEL)
def bounces(
    place: Annotated[Path, typer.Argument(metavar="FOLDER|FILE", help="Messages that came back: a folder, one message, or an mbox.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
) -> None:
    """Read mail that came back (delivery status notifications): addresses that are no good get no more mail.

    Each notification counts once, and only if it returns one of our own messages. The owner is told.

    Example: keping bounces /var/mail/bounces
    """
    from flows.delivery.bounces import read_bounces

    outcome = read_bounces(load_settings(config), place)
    show(outcome.as_dict(), outcome.lines(), json_output)


@app.command(rich_help_panel=PANEL)
def moved(
    reason: Annotated[str, typer.Option("--reason", help="Why, in a few words.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
) -> None:
    """Say that this warehouse has moved here on purpose, so that it may mail from here.

    A copy that is found elsewhere than where it was made mails nothing through a relay until this is said.

    Example: keping moved --reason "new server"
    """
    from flows.warehouse.whereabouts import record_move

    lines = record_move(load_settings(config), reason)
    show({"told": lines}, lines, json_output)
