"""What a killed process was writing: temporary names say whose they are, so that the next run can clear those of the dead.

A name carries `.<host>p<process>.`; whatever a living process of this machine, or any other machine, writes is left alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
from collections.abc import Iterable
from functools import cache
from pathlib import Path

WRITING = ".writing"
"""Folder for files under way, beside the folders that they are for."""

_MARK = re.compile(r"\.([0-9a-f]{6})p([0-9]{1,10})\.")


def mark() -> str:
    """The part of a temporary name that says who writes."""
    return f"{_host()}p{os.getpid()}"


@cache
def _host() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]


def is_abandoned(name: str) -> bool:
    """Whether a temporary name is that of a process of this machine that is no more."""
    found = _MARK.search(name)
    if found is None or found[1] != _host():
        return False
    try:
        os.kill(int(found[2]), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def sweep(folders: Iterable[Path]) -> int:
    """Remove what dead processes left in these folders (not below them); returns how much that was."""
    swept = 0
    for folder in folders:
        if not folder.is_dir():
            continue
        with os.scandir(folder) as entries:
            left = [entry for entry in entries if entry.name.startswith(".") and is_abandoned(entry.name)]
        for entry in left:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                Path(entry.path).unlink(missing_ok=True)
            swept += 1
    return swept


def sweep_all(archive: Path, outbox: Path) -> int:
    """Clear what dead processes left in archive and outbox; what staging holds is for the next run to use."""
    below = [path for path in outbox.iterdir() if path.is_dir() and not path.is_symlink()] if outbox.is_dir() else []
    snapshots, facts = archive / "snapshots", archive / "facts"
    return sweep([archive, snapshots, snapshots / WRITING, facts / WRITING, outbox, *below])
