"""How a frozen message leaves: one small protocol, and the outbox of `.eml` files behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from flows.machine.files import digest_of, inside, machine_trouble, make_folder, slug, write_atomic
from transforms.errors import MachineError
from transforms.month import Month


@dataclass(frozen=True)
class Envelope:
    """To whom exactly one message goes, and under which delivery."""

    key: str
    month: Month
    sender: str
    address: str
    label: str
    """Readable beginning of a file name: pack, language, person."""


@dataclass(frozen=True)
class Reply:
    """What the other side said; `unknown` where nobody can tell whether it took the message.

    `stops` says how far the trouble reaches: this message alone, all messages for now (`round`), or all
    until somebody has looked (`sending`).
    """

    outcome: Literal["accepted", "deferred", "rejected", "unknown"]
    text: str = ""
    relay_id: str = ""
    stops: Literal["", "round", "sending"] = ""


class Transport(Protocol):
    """One way out. `send` calls `before_dot` when the message is about to be complete, and not at all if it is refused before."""

    @property
    def drops_repeats(self) -> bool:
        """Whether a second copy of the same delivery is dropped, so that offering it again is harmless."""
        ...

    def send(self, message: bytes, envelope: Envelope, before_dot: Callable[[], None]) -> Reply:
        """Hand over one message to one recipient; trouble of this machine is a MachineError."""
        ...


class Outbox:
    """Writes each message as `<outbox>/<month>/<name>.eml`; a delivery has one name, so it is there once."""

    drops_repeats = True

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, envelope: Envelope) -> Path:
        """Where the message lies, or will: a readable name that ends with the delivery's key."""
        return inside(self.root, str(envelope.month), f"{slug(envelope.label, 60).rpartition('-')[0] or 'pack'}-{envelope.key[:16]}.eml")

    def send(self, message: bytes, envelope: Envelope, before_dot: Callable[[], None]) -> Reply:
        """Put the file in place in one step, or find that it is there already."""
        path = self.path(envelope)
        make_folder(path.parent)
        before_dot()
        if path.exists():
            if digest_of(path) != hashlib.sha256(message).hexdigest():
                raise MachineError(
                    f"{path} is there with other bytes than this delivery's. It was not overwritten.\n"
                    "Move it away, then run the same command again."
                )
            return Reply("accepted", "in the outbox already", path.name)
        write_atomic(path, message)
        return Reply("accepted", "in the outbox", path.name)


class FrozenMessages:
    """Messages as they were built, by digest: every attempt sends these bytes and no others."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, message: bytes) -> str:
        """Keep a message; returns its sha256."""
        digest = hashlib.sha256(message).hexdigest()
        path = self._path(digest)
        if not path.is_file():
            make_folder(path.parent)
            write_atomic(path, message)
        return digest

    def read(self, digest: str) -> bytes:
        """The bytes of a kept message; a MachineError if they are gone or no longer the same."""
        path = self._path(digest)
        with machine_trouble(path, "reading a frozen message"):
            message = path.read_bytes()
        if hashlib.sha256(message).hexdigest() != digest:
            raise MachineError(f"{path} no longer holds the bytes that were frozen. It was not sent.\nPut it back from a copy.")
        return message

    def has(self, digest: str) -> bool:
        """Whether the bytes of that digest are kept."""
        return self._path(digest).is_file()

    def _path(self, digest: str) -> Path:
        return inside(self._root, "messages", digest)
