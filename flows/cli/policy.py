"""Commands about the scoring standard: policy show, check, freeze."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli import program
from flows.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption
from flows.cli.program import app, leave, load_settings

policy_app = typer.Typer(
    name="policy",
    help="The scoring standard: what is in force, what a file would change, and versions that are made to stay.",
    no_args_is_help=True,
    add_completion=False,
)
app.add_typer(policy_app, rich_help_panel="The standard")


@policy_app.command("show")
def policy_show(
    config: ConfigOption = DEFAULT_CONFIG,
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Default: the last complete month.")] = None,
    json_output: JsonOption = False,
) -> None:
    """The policy in force in a month, in words: weights, cuts, hold, reference, digest, author, reason.

    Example: keping policy show --month 2026-10
    """
    from flows.lookup.policies import show

    shown = show(load_settings(config), month)
    program.show(shown.as_dict(), shown.lines(), json_output)


@policy_app.command("check")
def policy_check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file, wherever it lies.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json_output: JsonOption = False,
) -> None:
    """Everything that is wrong with a policy file, with key and line (exit code 2), and what it would change.

    Example: keping policy check drafts/2027.toml
    """
    from flows.lookup.policies import check as checked

    outcome = checked(load_settings(config), file)
    program.show(outcome.as_dict(), outcome.lines(), json_output)
    leave(outcome.exit_code)


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
    from flows.lookup.policies import freeze

    made = freeze(load_settings(config), file, month, effective, out)
    state = {"file": str(made.file), "reference": str(made.table), "version": made.policy.version, "digest": made.policy.digest}
    lines = [
        f"{made.file}: policy {made.policy.version}, in force from {made.policy.effective_from}, digest {made.policy.digest[:12]}",
        f"{made.table}: the distributions it is frozen with; keep both files together.",
        *(["It is the only file of the folder, so months before it use it too."] if made.alone else []),
    ]
    program.show(state, lines, json_output)


@policy_app.command("unfreeze")
def policy_unfreeze(config: ConfigOption = DEFAULT_CONFIG, json_output: JsonOption = False) -> None:
    """Take back the frozen reference, and all that was graded by it, while nothing is published yet (else exit code 2).

    The next run freezes anew: at the policy's reference_month, or at the first month with a whole year of orders.

    Example: keping policy unfreeze
    """
    from flows.lookup.policies import unfreeze

    reviews, versions = unfreeze(load_settings(config))
    lines = [
        f"{', '.join(versions)}: no longer frozen; {reviews} unpublished review(s) that were graded by it are taken back."
        if versions
        else "nothing was frozen yet; nothing was changed.",
        *(["The next run reads the history again and freezes the reference anew."] if versions else []),
    ]
    program.show({"versions": list(versions), "reviews": reviews}, lines, json_output)
