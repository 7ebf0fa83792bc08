"""Files that are whole or absent: one builder of paths, one way to write, one way to say what went wrong."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.machine.leftovers import mark
from transforms.errors import MachineError, UsageError

FOLDER_MODE = 0o700
FILE_MODE = 0o600

_UNSAFE = re.compile(r"[^a-z0-9]+")
_WORDS = {
    errno.ENOSPC: "no space left",
    errno.EDQUOT: "disk quota used up",
    errno.EROFS: "read-only file system",
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
    errno.EXDEV: "another file system",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.EISDIR: "a folder stands where a file is needed",
    errno.EIO: "the disk reports an error",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EMFILE: "too many open files",
    errno.ENFILE: "too many open files",
    errno.ELOOP: "a symbolic link stands where a file or folder is needed",
}


@contextmanager
def machine_trouble(path: Path, doing: str, need: int | None = None) -> Iterator[None]:
    """Say trouble with the disk in plain words: what was being done, where, and how much room it needs."""
    try:
        yield
    except OSError as error:
        words = _WORDS.get(error.errno or 0) or error.strerror or str(error)
        size = f", needs about {max(1, -(-need // 1_000_000))} MB" if need and error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        raise MachineError(
            f"{doing}: {words} at {path}{size}. What was published before stands; nothing half-made was published or mailed.\n"
            "Mend it, then run the same command again."
        ) from error


def slug(text: str, limit: int = 40) -> str:
    """A readable file name for text that came from data; two different texts never share one.

    Letters of other scripts are dropped from the readable part; the digest keeps the names apart.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    readable = _UNSAFE.sub("-", plain).strip("-")[:limit].strip("-")
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{readable}-{digest}" if readable else digest


def inside(root: Path, *parts: str) -> Path:
    """The one builder of paths below a folder of ours: no way out of it, and through no symbolic link.

    Each part is one plain name; anything else is a UsageError.
    """
    path = root
    for part in parts:
        if not _is_plain(part):
            raise UsageError(f"{part[:80]!r} cannot be the name of a file or folder. Nothing was written.")
        path = path / part
        with machine_trouble(path, "looking for a file"):
            linked = path.is_symlink()
        if linked:
            raise MachineError(
                f"{path} is a symbolic link; we follow none inside {root}. Nothing was written.\nReplace it by the folder or file itself."
            )
    return path


def _is_plain(part: str) -> bool:
    if part in ("", ".", "..") or "/" in part or "\\" in part or part != part.strip() or part.startswith("~"):
        return False
    return len(part.encode("utf-8", "surrogatepass")) <= 200 and not any(_is_hidden(letter) for letter in part)


def _is_hidden(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] == "C" or category in ("Zl", "Zp")


def make_folder(path: Path) -> Path:
    """A folder for its owner alone; parents are made likewise, existing ones stay as they are."""
    with machine_trouble(path, "making a folder"):
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
            sync_folder(folder.parent)
        if not path.is_dir():
            raise OSError(errno.ENOTDIR, "", str(path))
    return path


def write_atomic(path: Path, data: bytes) -> str:
    """Write a file so that a reader, also after a power cut, sees all of it or none; returns its sha256."""
    temporary = path.with_name(f".{path.name[:100]}.{mark()}.{secrets.token_hex(4)}.part")
    with machine_trouble(path, "writing a file", need=len(data)):
        try:
            write_durably(temporary, data)
            temporary.replace(path)
            sync_folder(path.parent)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return hashlib.sha256(data).hexdigest()


def write_durably(path: Path, data: bytes) -> None:
    """Write a new file and wait until the disk has it; an OSError if one of that name is there."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the disk has a folder's names."""
    _sync(path, os.O_DIRECTORY)


def sync_file(path: Path) -> None:
    """Wait until the disk has a file's bytes."""
    _sync(path, os.O_NOFOLLOW)


def _sync(path: Path, kind: int) -> None:
    handle = os.open(path, os.O_RDONLY | kind)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest_of(path: Path) -> str:
    """sha256 of a file; a symbolic link is not followed."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_tree(path: Path) -> None:
    """Remove a folder of ours with all that is in it; harmless when it is not there."""
    with machine_trouble(path, "clearing a folder"):
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.exists():
            shutil.rmtree(path)


def files_below(folder: Path) -> dict[str, Path]:
    """Everything in a folder but folders, by its name relative to it (`quarantine/orders.csv`), sorted."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if not stat.S_ISDIR(path.lstat().st_mode):
            found[path.relative_to(folder).as_posix()] = path
    return found
