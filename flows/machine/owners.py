"""Which process did something, so that another one can tell whether it still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def this_process() -> str:
    """`host:pid:start`; the start tells a process from a later one that was given its number."""
    return f"{socket.gethostname()}:{os.getpid()}:{_start_of(os.getpid())}"


def is_alive(owner: str) -> bool | None:
    """Whether the process still runs; None where that cannot be told from here (another machine)."""
    host, pid, started = owner.rsplit(":", 2) if owner.count(":") >= 2 else ("", "", "")
    if host != socket.gethostname() or not pid.isdecimal():
        return None
    now = _start_of(int(pid))
    if now:
        return now == started
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return started == ""


def _start_of(pid: int) -> str:
    """When the process began, in ticks since the machine did; empty where the system does not say, or it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The name in parentheses may hold anything; the fields after it are plain.
    fields = text.rpartition(")")[2].split()
    # A zombie has ended; it only waits to be counted.
    return "" if fields[0] == "Z" else fields[19]
