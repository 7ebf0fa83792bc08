"""Who types a command, for records of what people decide."""

from __future__ import annotations

import getpass
import os

from reports.mail.addresses import display_name


def who() -> str:
    """The user's name on this machine; the user's number where it has none."""
    try:
        return display_name(getpass.getuser()) or "unknown"
    except (KeyError, OSError):
        return f"user {os.getuid()}"
