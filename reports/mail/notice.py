"""A notice to the owner of the reviews: a month is held or failed, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from reports.mail.headers import flat, header, header_address, header_text


@dataclass(frozen=True)
class Notice:
    """One message to the owner; `digest` is of what it says, so that the same word is left once."""

    sender: str
    address: str
    subject: str
    body: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.address}\n{self.subject}\n{self.body}".encode()).hexdigest()

    def as_bytes(self, written_at: datetime) -> bytes:
        """The message as an `.eml` file."""
        message = EmailMessage(policy=SMTP)
        message.set_content(self.body)
        head = [
            header("From", header_address("", self.sender)),
            header("To", header_address("", self.address)),
            header("Subject", header_text(flat(self.subject))),
            header("Date", format_datetime(written_at.astimezone(UTC))),
            header("Message-ID", f"<notice-{self.digest[:32]}@{self.sender.rpartition('@')[2]}>"),
            header("Auto-Submitted", "auto-generated"),
        ]
        return "".join(head).encode("ascii") + message.as_bytes()


def owner_notice(*, sender: str, address: str, company: str, about: str, lines: Sequence[str]) -> Notice:
    """Tell the owner what did not go as it should: what is wrong, what readers got, what to do."""
    return Notice(sender, address, f"{company}: {about}", "\n".join(lines) + "\n")
