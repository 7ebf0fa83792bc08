"""The command line: `keping --help` teaches; every command ends with an exit code that means something."""

from __future__ import annotations

import os
import sys

from flows.cli.guard import guarded
from flows.cli.program import app

# In the order in which the help shows them.
# isort: off
from flows.cli import reviewing, looking, mailing, policy, erasing  # noqa: F401

# isort: on

__all__ = ["app", "guarded", "main"]


def main() -> None:
    """Run a command; expected trouble prints its message without a traceback, bugs keep theirs."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # Arrow's own keeps some 13 MB that are not in use
    sys.exit(guarded(lambda: app(standalone_mode=False)))
