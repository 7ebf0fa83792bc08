"""Mail by SMTP: one message, one recipient, one connection, and an honest word on what came of it.

    before the final dot   4xx, refused connection, drop, timeout -> deferred;  5xx -> rejected
    after the final dot    250 -> accepted;  4xx -> deferred;  5xx -> rejected;  anything else -> unknown

Trouble that no other message would escape (a relay that is away, a login that is refused) is always
deferred, and says how far it reaches.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flows.delivery.smtp_session import Account, Patience, RefusedError, Session, Stops
from flows.delivery.transports import Envelope, Reply
from flows.settings import Settings
from transforms.errors import MachineError, UnreachableError, UsageError

_QUEUE_IDS = (
    re.compile(r"queued as ([^\s;,]+)", re.IGNORECASE),
    re.compile(r"\b(?:internal)?id[=:]\s*([^\s;,\]]+)", re.IGNORECASE),
    re.compile(r"^(?:2\.\d+\.\d+\s+)?(\S+) message accepted", re.IGNORECASE),
    re.compile(r"^(?:2\.\d+\.\d+\s+)?ok[:,]?\s+(\S*\d\S*)", re.IGNORECASE),
)
"""How relays name a message they took: Postfix, Exim and Exchange, Sendmail, others."""


@dataclass(frozen=True)
class SmtpRelay:
    """A mail relay as the configuration names it; every message has a connection of its own."""

    host: str
    port: int
    security: str
    context: ssl.SSLContext | None
    account: Account | None = field(repr=False)
    silence_seconds: float
    message_seconds: float

    drops_repeats = False

    @classmethod
    def of(cls, settings: Settings) -> SmtpRelay:
        """The relay of `[delivery.smtp]`; a UsageError where its certificate authority cannot be read."""
        smtp = settings.delivery.smtp
        account = Account(smtp.username, smtp.password.get_secret_value()) if smtp.username and smtp.password else None
        context = None if smtp.security == "none" else _verifying(settings.absolute(smtp.ca_file) if smtp.ca_file else None)
        return cls(smtp.host, smtp.port, smtp.security, context, account, smtp.timeout_seconds, smtp.deadline_seconds)

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"

    def send(self, message: bytes, envelope: Envelope, before_dot: Callable[[], None]) -> Reply:
        """Hand one message over; `before_dot` is called when all of it but the final dot has gone out."""
        _refuse_unclean(message)
        session = self._session()
        try:
            early = self._up_to_the_dot(session, message, envelope)
            if early is not None:
                return early
            before_dot()
            return self._the_dot(session)
        finally:
            session.close()  # which never completes a message

    def check(self, largest_mail_mb: float) -> str:
        """Connect, encrypt and log in without sending; an UnreachableError says what does not work.

        A UsageError where the relay takes less than the largest mail we may send: such a pack would be refused.
        """
        session = self._session()
        try:
            session.open(self.security, self.context, self.account)
            largest = session.takes()
            encrypted = session.sock.version() if isinstance(session.sock, ssl.SSLSocket) else None
        except (RefusedError, OSError) as error:
            raise UnreachableError(
                f"the mail relay {self.place}: {_words(error)}. Nothing was sent.\n"
                "Look at [delivery.smtp]: host, port, security, ca_file, username, password."
            ) from error
        finally:
            session.leave()
        if largest is not None and largest < largest_mail_mb * 1_000_000:
            raise UsageError(
                f"the mail relay {self.place} takes {largest:,} bytes at most; delivery.largest_mail_mb is {largest_mail_mb:g}, "
                f"so a pack between the two would be refused. Nothing was sent.\n"
                f"Set largest_mail_mb = {largest // 10_000 / 100:g}: larger packs then come zipped or by reference."
            )
        parts = [
            f"relay {self.place}",
            f"{self.security} ({encrypted})" if encrypted else "not encrypted",
            f"logged in as {self.account.username}" if self.account else "no login",
            f"messages up to {largest / 1_000_000:.1f} MB" if largest else "no limit of size told",
        ]
        return ", ".join(parts) + "; nothing was sent"

    def _session(self) -> Session:
        secrets = [self.account.password] if self.account else []
        return Session(self.host, self.port, Patience(self.silence_seconds, self.message_seconds), secrets)

    def _up_to_the_dot(self, session: Session, message: bytes, envelope: Envelope) -> Reply | None:
        """Everything but the final dot; a reply where it ends here, None where the dot is next."""
        reached: Stops = "round"
        try:
            session.open(self.security, self.context, self.account)
            reached = ""
            misfit = _misfit(session, message, envelope)
            if misfit:
                session.leave()
                return Reply("rejected", misfit)
            options = [f"SIZE={len(message)}"] * session.has_extn("size") + ["BODY=8BITMIME"] * (not message.isascii())
            session.ask("MAIL", " ".join([f"FROM:<{envelope.sender}>", *options]))
            session.ask("RCPT", f"TO:<{envelope.address}>")
            session.ask("DATA", expected=3)
            session.send(_stuff_dots(message))
        except RefusedError as error:
            session.leave()
            concerns_all = error.stops or error.for_now
            return Reply("deferred" if concerns_all else "rejected", str(error), stops=error.stops)
        except OSError as error:
            untrusted = isinstance(error, ssl.SSLCertVerificationError)
            return Reply("deferred", f"relay {self.place}: {_words(error)}", stops="sending" if untrusted else reached)
        return None

    def _the_dot(self, session: Session) -> Reply:
        """The final dot and the relay's verdict on the message."""
        # A relay may look into a message before it answers: from here on, no silence counts but the deadline.
        patience = session.patience
        patience.silence = patience.whole
        patience.extend(self.silence_seconds)
        try:
            session.send(b".\r\n")
        except OSError as error:
            # The three bytes are handed over whole or with an error: without the last of them no message is complete.
            return Reply("deferred", f"relay {self.place}: {_words(error)} before the final dot left")
        try:
            code, text = session.getreply()
        except OSError as error:
            return Reply("unknown", f"relay {self.place}: {_words(error)} after the final dot")
        session.leave()
        said = session.reply_line("", code, text)
        if 200 <= code <= 299:
            return Reply("accepted", said, queue_id(session.plain(text)))
        if 400 <= code <= 499:
            return Reply("deferred", f"{said} (after the final dot)", stops="round" if code == 421 else "")
        if 500 <= code <= 599:
            return Reply("rejected", f"{said} (after the final dot)")
        return Reply("unknown", f"{said} (after the final dot)")


def queue_id(text: str) -> str:
    """The relay's own name for a message, from the text after its 250; empty where it gives none."""
    return next((found[1].strip("<>.")[:100] for pattern in _QUEUE_IDS if (found := pattern.search(text))), "")


def _misfit(session: Session, message: bytes, envelope: Envelope) -> str:
    """Why this relay cannot take this message, known before it is sent; empty where it can."""
    largest = session.takes()
    if largest is not None and len(message) > largest:
        return f"the message has {len(message):,} bytes; the relay takes {largest:,} at most"
    if not message.isascii() and not session.has_extn("8bitmime"):
        return "the message needs 8BITMIME, which the relay does not offer"
    if not (envelope.address + envelope.sender).isascii():
        return "the address needs SMTPUTF8; write its domain in ASCII form"
    return ""


def _refuse_unclean(message: bytes) -> None:
    """Only whole lines go out: a lone CR or LF could end the message early for one relay and not for the next."""
    rest = message.replace(b"\r\n", b"")
    if b"\r" in rest or b"\n" in rest or not message.endswith(b"\r\n"):
        raise MachineError(
            "a frozen message holds broken lines. It was not sent.\nThis must not happen: keep the outbox folder and report it."
        )


def _stuff_dots(message: bytes) -> bytes:
    """The body as it travels: a dot that begins a line is doubled."""
    return re.sub(rb"(?m)^\.", b"..", message)


def _verifying(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror if isinstance(error, FileNotFoundError) else "it holds no certificate that can be read"
        raise UsageError(f"delivery.smtp.ca_file {ca_file}: {reason}. Nothing was mailed.") from error


def _words(error: Exception) -> str:
    """Trouble of a connection in a few words."""
    match error:
        case RefusedError():
            return str(error)
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message}; set delivery.smtp.ca_file or correct the host"
        case ssl.SSLError():
            return f"the encryption failed: {(error.reason or str(error)).lower().replace('_', ' ')}"
        case TimeoutError():
            return str(error) if "one message" in str(error) else "no answer in time"
        case ConnectionRefusedError():
            return "connection refused"
        case OSError() if "timed out" in str(error):
            return "no answer in time"
        case OSError() if "one message" in str(error):
            return str(error).rpartition(": ")[2]
        case _:
            return "connection lost" if "closed" in str(error) or isinstance(error, ConnectionError) else " ".join(str(error).split())[:200]
