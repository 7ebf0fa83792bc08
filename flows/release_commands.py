"""The commands by which people decide about releases: approve, waive, suppress, bounces, moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli_options import DEFAULT_CONFIG, ConfigOption, JsonOption, VerboseOption

if TYPE_CHECKING:
    from flows.settings import Settings
    from transforms.month import Month


@dataclass(frozen=True)
class Kit:
    """What commands share: reading the configuration, printing, a month from its text."""

    settings: Callable[[Path], Settings]
    show: Callable[[Any, list[str], bool], None]
    month: Callable[[str], Month]


def register(app: typer.Typer, kit: Kit) -> None:
    """Put the commands onto the program's command line."""

    @app.command()
    def approve(
        month: Annotated[str, typer.Option(metavar="YYYY-MM", help="The published month.")],
        tier: Annotated[list[str] | None, typer.Option(metavar="TIER", help="Only this tier's packs; may be repeated.")] = None,
        config: ConfigOption = DEFAULT_CONFIG,
        json_output: JsonOption = False,
        verbose: VerboseOption = False,
    ) -> None:
        """Release packs that wait: for approval, or because readers or figures jumped. Mails nothing.

        Bound to the packs' bytes and to today's list of readers: other bytes or a new revision must be approved
        anew. Then `keping deliver` mails them.

        Example: keping approve --month 2026-10 --tier a
        """
        from flows.approving import approve_month
        from flows.progress import on_terminal

        with on_terminal(verbose) as tell:
            outcome = approve_month(kit.settings(config), kit.month(month), tiers=tuple(tier or ()), tell=tell)
        kit.show(outcome.as_dict(), outcome.told(), json_output)

    @app.command()
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
        from flows.waivers import waive as waived

        lines = waived(kit.settings(config), rule, kit.month(month), reason, until)
        kit.show({"rule": rule, "month": month, "until": until, "told": lines}, lines, json_output)

    @app.command()
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
        from flows.suppression import suppress as suppressed

        lines = suppressed(kit.settings(config), address, reason, lift=lift)
        kit.show({"address": address, "lift": lift, "told": lines}, lines, json_output)

    @app.command()
    def bounces(
        place: Annotated[Path, typer.Argument(metavar="FOLDER|FILE", help="Messages that came back: a folder, one message, or an mbox.")],
        config: ConfigOption = DEFAULT_CONFIG,
        json_output: JsonOption = False,
    ) -> None:
        """Read mail that came back (delivery status notifications): addresses that are no good get no more mail.

        Each notification counts once, and only if it returns one of our own messages. The owner is told.

        Example: keping bounces /var/mail/bounces
        """
        from flows.bounces import read_bounces

        outcome = read_bounces(kit.settings(config), place)
        kit.show(outcome.as_dict(), outcome.told(), json_output)

    @app.command()
    def moved(
        reason: Annotated[str, typer.Option("--reason", help="Why, in a few words.")],
        config: ConfigOption = DEFAULT_CONFIG,
        json_output: JsonOption = False,
    ) -> None:
        """Say that this warehouse has moved here on purpose, so that it may mail from here.

        A copy that is found elsewhere than where it was made mails nothing through a relay until this is said.

        Example: keping moved --reason "new server"
        """
        from flows.whereabouts import moved_here

        lines = moved_here(kit.settings(config), reason)
        kit.show({"told": lines}, lines, json_output)
