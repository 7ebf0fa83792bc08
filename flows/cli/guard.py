"""How a command ends: expected trouble as a message, bugs with their traceback, each with its exit code."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

import typer

from flows.cli.program import SECRETS
from transforms.errors import Exit, MachineError, ReviewError

_AS_JSON = "--json"

# Typer may carry its own copy of click's errors; the base of what it raises for wrong usage is found either way.
_WrongUsage: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
_INTERRUPTED = 130
"""What Typer makes of Ctrl-C; none of our exit codes."""


def run_guarded(command: Callable[[], Any]) -> int:
    try:
        result = command()
        if result == _INTERRUPTED:
            return _tell_interruption()
        return int(result) if isinstance(result, int) else Exit.DONE
    except typer.Exit as leaving:
        return int(leaving.exit_code)
    except _WrongUsage as error:
        # Nothing typed at all has shown the help, and has no words of its own.
        return _complain(_usage_words(error), Exit.USAGE) if error.format_message() else Exit.USAGE
    except (KeyboardInterrupt, typer.Abort):
        return _tell_interruption()
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


def _usage_words(error: Any) -> str:
    """What is wrong with what was typed, and where it stands how it is typed."""
    command = getattr(getattr(error, "ctx", None), "command_path", "keping")
    said = error.format_message().rstrip(".")
    return f"{said}{'' if said.endswith('?') else '.'} Nothing was run.\nHow it is typed: {command} --help"


def _tell_interruption() -> int:
    return _complain("interrupted. What was published stays published; the same command goes on where this one stopped.", Exit.MACHINE)


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
    from flows.machine.redact import redact

    said = redact(message, SECRETS)
    typer.echo(f"keping: {said}", err=True)
    if _AS_JSON in sys.argv[1:]:
        typer.echo(json.dumps({"ending": "error", "exit_code": int(code), "error": said}, ensure_ascii=False, indent=2))
    return int(code)


def _bug() -> int:
    from flows.machine.redact import redact

    typer.echo(redact(traceback.format_exc(), SECRETS), err=True)
    return _complain("this is a bug. Nothing half-made was published; please report it with the lines above.", Exit.BUG)
