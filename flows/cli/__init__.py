"""The command line: `keping --help` teaches; every command ends with an exit code that means something."""

from __future__ import annotations

import sys

from flows.cli.guard import run_guarded
from flows.cli.program import app
from flows.machine.process import set_up

# In the order in which the help shows them.
# isort: off
from flows.cli import starting, reviewing, looking, mailing, policy, erasing  # noqa: F401

# isort: on

__all__ = ["app", "main", "run_guarded"]


def main() -> None:
    """Run a command; expected trouble prints its message without a traceback, bugs keep theirs."""
    set_up()
    sys.exit(run_guarded(lambda: app(standalone_mode=False)))
