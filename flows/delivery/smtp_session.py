"""One connection to a mail relay that cannot hang: no silence and no whole message outlasts its limit."""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NoReturn

from flows.machine.redact import one_line, redact

CHUNK = 65_536
"""Bytes handed to the socket at a time, so that the limits are looked at while a long message goes out."""
TALK_LIMIT = 1_000_000
"""Bytes that a relay may say to one message; more is no conversation."""

Stops = Literal["", "round", "sending"]
"""What trouble with one message means for the others: nothing, none now, none until somebody has looked."""


class RefusedError(Exception):
    """The relay said no: its code, what it was asked, and what that means for other messages."""

    def __init__(self, code: int, text: str, stops: Stops = "") -> None:
        super().__init__(text)
        self.code = code
        self.stops = stops

    @property
    def for_now(self) -> bool:
        """Whether another try may succeed; a reply that cannot be read says nothing final."""
        return not 500 <= self.code <= 599


@dataclass(frozen=True)
class Account:
    """What the relay knows us by."""

    username: str
    password: str


class Patience:
    """How long we wait: `silence` seconds for each word of the relay, `whole` seconds for all of it together."""

    def __init__(self, silence: float, whole: float) -> None:
        self.silence = silence
        self.whole = whole
        self._end = time.monotonic() + whole

    @property
    def remaining_seconds(self) -> float:
        return self._end - time.monotonic()

    def extend(self, seconds: float) -> None:
        """Wait at least that long from now on."""
        self._end = max(self._end, time.monotonic() + seconds)

    def next_wait(self) -> float:
        """Seconds that the next step may take; a TimeoutError once all of them are used up."""
        if self.remaining_seconds <= 0:
            raise TimeoutError(f"more than {self.whole:g} s for one message")
        return min(self.remaining_seconds, self.silence)


class Session(smtplib.SMTP):
    """smtplib's conversation with limits on time and talk, and with encryption and login done once and strictly."""

    def __init__(self, host: str, port: int, patience: Patience, secrets: Iterable[str] = ()) -> None:
        # Without a host the library neither connects nor asks the network for a name of this machine.
        super().__init__(local_hostname="localhost")
        self.host, self.port = host, port
        self.patience = patience
        self._secrets = frozenset(secrets)

    # the way in

    def open(self, security: str, context: ssl.SSLContext | None, account: Account | None) -> None:
        """Connect, encrypt, introduce ourselves, log in; a RefusedError or OSError says what did not work."""
        self.sock = socket.create_connection((self.host, self.port), timeout=self.patience.next_wait())
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.local_hostname = _own_name(self.sock)
        if security == "tls":
            self._encrypt(context)
        self._require_success("connecting", *self.getreply())
        self._introduce()
        if security == "starttls":
            if not self.has_extn("starttls"):
                raise RefusedError(500, "the relay offers no STARTTLS; nothing is sent in clear", "sending")
            self._require_success("STARTTLS", *self.docmd("STARTTLS"))
            self._encrypt(context)
            self._introduce()
        if account is not None:
            self._log_in(account)

    def _introduce(self) -> None:
        self._require_success("EHLO", *self.ehlo())

    def _encrypt(self, context: ssl.SSLContext | None) -> None:
        if context is None or self.sock is None:
            raise RefusedError(500, "an encrypted connection was asked for without a way to verify it", "sending")
        self.sock.settimeout(self.patience.next_wait())
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
        # What was said before encryption counts no longer.
        self.file = None
        self.ehlo_resp, self.esmtp_features, self.does_esmtp = None, {}, False

    def _log_in(self, account: Account) -> None:
        """One attempt with one mechanism: a wrong password is told once, not until the account is locked."""
        if not isinstance(self.sock, ssl.SSLSocket):
            raise RefusedError(500, "no password is sent over a connection that is not encrypted", "sending")
        offered = str(self.esmtp_features.get("auth", "")).upper().split()
        if "PLAIN" in offered:
            code, text = self.docmd("AUTH", "PLAIN " + _base64(f"\0{account.username}\0{account.password}"))
        elif "LOGIN" in offered:
            code, text = self.docmd("AUTH", "LOGIN")
            for answer in (account.username, account.password):
                if code == 334:
                    code, text = self.docmd(_base64(answer))
        else:
            raise RefusedError(500, f"the relay offers no login that we know (AUTH {' '.join(offered) or 'not offered'})", "sending")
        self._require_success("AUTH", code, text)

    def _require_success(self, asked: str, code: int, text: bytes) -> None:
        """Go on after a 2xx; anything else concerns every message, not only this one."""
        if not 200 <= code <= 299:
            raise RefusedError(code, self.reply_line(asked, code, text), "sending" if 500 <= code <= 599 else "round")

    # one message

    def ask(self, command: str, arguments: str = "", expected: int = 2) -> None:
        """One command of a message; a RefusedError unless the reply's first digit is as expected."""
        code, text = self.docmd(command, arguments)
        if code // 100 != expected:
            self.refuse(f"{command} {arguments.partition(':')[0]}".strip(), code, text)

    def refuse(self, asked: str, code: int, text: bytes) -> NoReturn:
        """Raise what a reply means: 421 is for all messages now, 530 and its kin until somebody has looked."""
        stops: Stops = "round" if code == 421 else "sending" if code in (530, 534, 535, 538) else ""
        raise RefusedError(code, self.reply_line(asked, code, text), stops)

    def reply_line(self, asked: str, code: int, text: bytes) -> str:
        """A reply as one short line without secrets."""
        known = f"{code} " if 100 <= code <= 999 else "an unreadable reply "
        return f"{known}{self.plain(text)}".strip() + (f" (at {asked})" if asked else "")

    def plain(self, text: bytes) -> str:
        """What the relay wrote, on one line, without controls and secrets."""
        return one_line(redact(" ".join(text.decode("utf-8", "replace").split()), self._secrets))[:200]

    def takes(self) -> int | None:
        """Bytes of the largest message the relay says it takes; None where it does not say."""
        size = str(self.esmtp_features.get("size", "")).split(" ", 1)[0]
        return int(size) if size.isdecimal() and int(size) > 0 else None

    # the limits

    def send(self, s: str | bytes) -> None:  # type: ignore[override]
        data = memoryview(s.encode("ascii") if isinstance(s, str) else s)
        for start in range(0, len(data), CHUNK):
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected("the connection is closed")
            self.sock.settimeout(self.patience.next_wait())
            self.sock.sendall(data[start : start + CHUNK])

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Heard(self.sock, self.patience))
        return super().getreply()

    def leave(self) -> None:
        """Say goodbye without waiting for an answer, and close."""
        try:
            if self.sock is not None:
                self.sock.settimeout(1)
                self.sock.sendall(b"QUIT\r\n")
        except OSError:
            pass  # what mattered has been said
        finally:
            self.close()


class _Heard(io.RawIOBase):
    """The relay's bytes, each wait within the limits."""

    def __init__(self, sock: socket.socket, patience: Patience) -> None:
        self._sock, self._patience, self._heard = sock, patience, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self._sock.settimeout(self._patience.next_wait())
        try:
            count = self._sock.recv_into(buffer)
        except TimeoutError:
            self._patience.next_wait()  # says so where it was not this wait but all of them together
            raise
        self._heard += count
        if self._heard > TALK_LIMIT:
            raise OSError("the relay talks without end")
        return count


def _base64(text: str) -> str:
    return b64encode(text.encode("utf-8")).decode("ascii")


def _own_name(sock: socket.socket) -> str:
    """How we introduce ourselves: this machine's full name, else the address we speak from; nobody is asked for it."""
    name = socket.gethostname()
    if "." in name and name.isascii():
        return name
    address = str(sock.getsockname()[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
