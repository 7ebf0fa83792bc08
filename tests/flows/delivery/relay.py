"""A small mail relay that does as it is told: it keeps what it accepts, and can fail at any point in any way."""

from __future__ import annotations

import base64
import socket
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

POINTS = ("connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "dot")
USER, PASSWORD = "keping", "hush-hush-1"
HOLD_SECONDS = 20.0
"""Longest silence; every client of the tests gives up sooner."""


@dataclass
class Fault:
    """At `point`, the first `times` times: a reply (`451 later`), `drop` (no word, connection cut) or `silence`."""

    point: str
    reply: str
    times: int = 10**9


class Cut(Exception):
    """The connection ends here."""


@dataclass
class Sink:
    """What the relay saw: `accepted` it took (recipient, bytes), `offered` had their final dot, `commands` came in."""

    accepted: list[tuple[str, bytes]] = field(default_factory=list)
    offered: list[tuple[str, bytes]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    clear_logins: int = 0
    connections: int = 0

    @property
    def recipients(self) -> list[str]:
        return [address for address, _ in self.accepted]


class TestRelay:
    """A relay on 127.0.0.1; use it in a `with` block."""

    __test__ = False

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        login: bool = False,
        size: int | None = None,
        mechanisms: str = "PLAIN LOGIN",
        port: int = 0,
    ) -> None:
        self.tls, self.implicit, self.login, self.size, self.mechanisms = tls, implicit, login, size, mechanisms
        self.faults: list[Fault] = []
        self.cut_after: int | None = None
        """Bytes, of both directions together, after which the next connection is cut."""
        self.passed = 0
        """Bytes of both directions of the conversation that ended last."""
        self.sink = Sink()
        self.on_dot: Callable[[str], None] = lambda address: None
        """Called when a message is complete and kept, before the 250 leaves."""
        self.accept_before_fault = True
        """Whether a relay that drops or falls silent after the dot has kept the message."""
        self._lock = threading.Lock()
        relay = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                Conversation(relay, self.request).held()

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._closing = threading.Event()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> TestRelay:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def passed_when_done(self) -> int:
        """Bytes of the conversation just had, once the relay's side of it has ended too."""
        while not self.passed:
            time.sleep(0.01)
        return self.passed

    def fault_at(self, point: str) -> str | None:
        with self._lock:
            for fault in self.faults:
                if fault.point == point and fault.times > 0:
                    fault.times -= 1
                    return fault.reply
        return None

    def silent(self) -> None:
        self._closing.wait(HOLD_SECONDS)


class Conversation:
    """One connection."""

    def __init__(self, relay: TestRelay, sock: socket.socket) -> None:
        self.relay, self.sock, self.heard = relay, sock, b""
        relay.sink.connections += 1
        self.budget, relay.cut_after = relay.cut_after, None
        self.secure, self.known, self.passed = False, False, 0
        self.sender, self.recipient = "", ""

    def held(self) -> None:
        try:
            if self.relay.implicit:
                self._encrypt()
            if self._faulty("connect"):
                return
            self._say("220 relay.test ESMTP")
            while self._command(self._line()):
                pass
        except (Cut, OSError):
            pass
        finally:
            self.relay.passed = self.passed
            self.sock.close()

    def _command(self, line: str) -> bool:
        verb = line.split(" ", 1)[0].upper()
        self.relay.sink.commands.append(line if verb != "AUTH" else "AUTH")
        handler = getattr(self, f"_{verb.lower()}", None)
        if handler is None:
            self._say("502 what?")
            return True
        return bool(handler(line))

    # commands; each returns whether the conversation goes on

    def _ehlo(self, line: str) -> bool:
        if self._faulty("ehlo"):
            return False
        relay = self.relay
        words = ["relay.test", "8BITMIME"]
        words += [f"SIZE {relay.size}"] if relay.size is not None else []
        words += ["STARTTLS"] if relay.tls and not self.secure else []
        words += [f"AUTH {relay.mechanisms}"] if relay.login and self.secure else []
        self._say("\r\n".join([*(f"250-{word}" for word in words[:-1]), f"250 {words[-1]}"]))  # at once, as relays do
        return True

    def _starttls(self, line: str) -> bool:
        if self._faulty("starttls"):
            return False
        self._say("220 go ahead")
        self._encrypt()
        return True

    def _auth(self, line: str) -> bool:
        sink = self.relay.sink
        sink.clear_logins += not self.secure
        if self._faulty("auth"):
            return False
        if line.upper().startswith("AUTH PLAIN "):
            _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
        else:
            self._say("334 " + base64.b64encode(b"Username:").decode())
            user = base64.b64decode(self._line()).decode()
            self._say("334 " + base64.b64encode(b"Password:").decode())
            password = base64.b64decode(self._line()).decode()
        sink.logins.append(user)
        self.known = (user, password) == (USER, PASSWORD)
        self._say("235 2.7.0 welcome" if self.known else "535 5.7.8 authentication failed")
        return True

    def _mail(self, line: str) -> bool:
        if self.relay.login and not self.known:
            self._say("530 5.7.0 authentication required")
            return True
        if self._faulty("mail"):
            return False
        self.sender = _address(line)
        self._say("250 2.1.0 ok")
        return True

    def _rcpt(self, line: str) -> bool:
        if self._faulty("rcpt"):
            return False
        assert not self.recipient, "one recipient per message"
        self.recipient = _address(line)
        self._say("250 2.1.5 ok")
        return True

    def _data(self, line: str) -> bool:
        if self._faulty("data"):
            return False
        self._say("354 go ahead")
        message = self._message()
        fault = self.relay.fault_at("dot")
        self.relay.sink.offered.append((self.recipient, message))
        if fault is None or (fault in ("drop", "silence") and self.relay.accept_before_fault):
            self.relay.sink.accepted.append((self.recipient, message))
            self.relay.on_dot(self.recipient)
        if fault is not None:
            return not self._fail(fault)
        self._say(f"250 2.0.0 Ok: queued as Q{len(self.relay.sink.accepted)}")
        self.recipient = ""
        return True

    def _quit(self, line: str) -> bool:
        return False

    # the wire

    def _faulty(self, point: str) -> bool:
        """Whether the point fails and the connection ends there; a refusal alone keeps it open."""
        fault = self.relay.fault_at(point)
        if fault is None:
            return False
        if self._fail(fault) or point == "connect":
            return True
        # Refused, not closed: the client goes on, or leaves.
        while self._command(self._line()):
            pass
        return True

    def _fail(self, fault: str) -> bool:
        """Act a fault out; True where the connection is over."""
        if fault == "silence":
            self.relay.silent()
        elif fault == "trickle":
            for letter in "250 2.0.0 ok, but slowly, very slowly, as slowly as it can be" * 9:
                self._say_bytes(letter.encode())
                time.sleep(0.1)
        elif fault != "drop":
            self._say(fault)
            return fault.startswith("421")
        return True

    def _encrypt(self) -> None:
        assert self.relay.tls is not None
        self.sock = self.relay.tls.wrap_socket(self.sock, server_side=True)
        self.secure = True

    def _spend(self, count: int) -> int:
        """How many of so many bytes may still pass."""
        allowed = count if self.budget is None else min(count, self.budget)
        self.budget = None if self.budget is None else self.budget - allowed
        self.passed += allowed
        return allowed

    def _say(self, text: str) -> None:
        self._say_bytes(f"{text}\r\n".encode())

    def _say_bytes(self, data: bytes) -> None:
        allowed = self._spend(len(data))
        self.sock.sendall(data[:allowed])
        if allowed < len(data):
            raise Cut

    def _more(self) -> None:
        data = self.sock.recv(65_536)
        allowed = self._spend(len(data))
        self.heard += data[:allowed]
        if not data or allowed < len(data):
            raise Cut

    def _line(self) -> str:
        while b"\r\n" not in self.heard:
            self._more()
        line, self.heard = self.heard.split(b"\r\n", 1)
        return line.decode("utf-8", "replace")

    def _message(self) -> bytes:
        """The message as it was meant: up to the final dot, doubled dots undone."""
        while not (self.heard.startswith(b".\r\n") or b"\r\n.\r\n" in self.heard):
            self._more()
        body, _, self.heard = (b"\r\n" + self.heard).partition(b"\r\n.\r\n")
        return (body + b"\r\n").replace(b"\r\n..", b"\r\n.")[2:]


def _address(line: str) -> str:
    return line.split("<", 1)[1].split(">", 1)[0]


@dataclass(frozen=True)
class Certificate:
    """A certificate that signs itself, for the names it is given."""

    file: Path
    key: Path

    @classmethod
    def made(cls, folder: Path, names: str = "DNS:localhost,IP:127.0.0.1") -> Certificate:
        folder.mkdir(parents=True, exist_ok=True)
        found = cls(folder / "cert.pem", folder / "key.pem")
        words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        words += ["-keyout", str(found.key), "-out", str(found.file), "-subj", "/CN=localhost", "-addext", f"subjectAltName={names}"]
        subprocess.run(words, check=True, capture_output=True)
        return found

    def for_server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context
