"""One pack as one mail to one person: the same letter gives the same bytes, for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import format_datetime
from io import BytesIO
from typing import Literal
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from reports.formats import NO_CURRENCY, formats
from reports.i18n import words
from reports.mail.headers import flat, header, header_address, header_text
from transforms.month import Month

HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Type")
"""The headers of every message, and no others."""

_HEADLINES = 5
_SUBJECT_LIMIT = 180


Form = Literal["pdf", "zip", "reference"]
FORMS: tuple[Form, ...] = ("pdf", "zip", "reference")
"""In the order in which they are tried where a message would be too large."""


@dataclass(frozen=True)
class Letter:
    """All that one message is made of; `key` is the delivery's, `headlines` are (title, printed value).

    `restated` is the reason of a later revision, empty for a first publication. A `test` says so in its subject and in
    its first line: it went to nobody's reader.
    """

    key: str
    sender: str
    address: str
    name: str
    company: str
    month: Month
    revision: int
    restated: str
    title: str
    locale: str
    known_at: datetime
    published_at: datetime
    file_name: str
    pdf: bytes
    headlines: Sequence[tuple[str, str]] = ()
    form: Form = "pdf"
    """How the pack travels: attached, attached in a ZIP file, or named by its place in the archive."""
    place: str = ""
    test: bool = False


def message_id(key: str, sender: str) -> str:
    """The message's own id: made from the delivery's key, so that every attempt carries the same."""
    return f"<{key[:40]}@{sender.rpartition('@')[2].rstrip('>').lower()}>"


def build_message(letter: Letter) -> bytes:
    """The message as bytes ready for the wire; a ValueError for an address that is not exactly one.

    Fixed for a letter: id, date (of publication, not of sending), part boundary, order of headers.
    """
    message = EmailMessage(policy=SMTP)
    message.set_content(_body(letter), cte="base64" if words(letter.locale).written.dense else "quoted-printable")
    if letter.form == "pdf":
        message.add_attachment(letter.pdf, maintype="application", subtype="pdf", filename=letter.file_name)
    else:
        message.make_mixed()
    if letter.form == "zip":
        message.add_attachment(_zip(letter), maintype="application", subtype="zip", filename=f"{letter.file_name}.zip")
    message.set_boundary(f"=_keping_{letter.key[:40]}")
    head = [
        header("From", header_address("", letter.sender)),
        header("To", header_address(flat(letter.name), letter.address)),
        header("Subject", header_text(_subject(letter))),
        header("Date", format_datetime(letter.published_at.astimezone(UTC))),
        header("Message-ID", message_id(letter.key, letter.sender)),
        header("Auto-Submitted", "auto-generated"),
        header("X-Auto-Response-Suppress", "All"),
    ]
    return "".join(head).encode("ascii") + message.as_bytes()


def attached_pdfs(message: bytes) -> list[str]:
    """sha256 of every PDF attached to a finished message, also within a ZIP file, as a reader's program would find them."""
    parsed = BytesParser(policy=SMTP).parsebytes(message)
    found = []
    for part in parsed.walk():
        kind = part.get_content_type()
        if kind not in ("application/pdf", "application/zip"):
            continue
        content = part.get_payload(decode=True)
        whole = content if isinstance(content, bytes) else b""
        found += [hashlib.sha256(pdf).hexdigest() for pdf in ([whole] if kind == "application/pdf" else _unzip(whole))]
    return found


def names_pack(message: bytes, digest: str) -> bool:
    """Whether a finished message without attachment names the pack by its whole sha256 instead."""
    parsed = BytesParser(policy=SMTP).parsebytes(message)
    texts = [part.get_payload(decode=True) for part in parsed.walk() if part.get_content_type() == "text/plain"]
    return any(isinstance(text, bytes) and f"sha256 {digest}".encode() in text for text in texts)


def _zip(letter: Letter) -> bytes:
    """The pack in a ZIP file; the same pack, the same bytes."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=9) as file:
        file.writestr(ZipInfo(letter.file_name), letter.pdf, ZIP_DEFLATED, 9)
    return out.getvalue()


def _unzip(whole: bytes) -> list[bytes]:
    """The PDFs in a ZIP file of ours; none where it is not one."""
    try:
        with ZipFile(BytesIO(whole)) as file:
            return [file.read(name) for name in file.namelist() if name.endswith(".pdf")]
    except (BadZipFile, OSError):
        return []


def header_names(message: bytes) -> list[str]:
    """The names of a finished message's headers, as a reader's program would find them, sorted."""
    return sorted(BytesParser(policy=SMTP).parsebytes(message).keys())


def envelope_of(message: bytes) -> list[str]:
    """All addresses that a finished message's To, Cc and Bcc name."""
    parsed = BytesParser(policy=SMTP).parsebytes(message)
    return [address.addr_spec for name in ("To", "Cc", "Bcc") for header in parsed.get_all(name, []) for address in header.addresses]


def _subject(letter: Letter) -> str:
    said = words(letter.locale)
    parts = {"company": flat(letter.company), "month": str(letter.month), "title": flat(letter.title)}
    subject = said._("{company}: customer review {month}, {title}", **parts)
    if letter.restated:
        subject = said._("Restated (r{revision}): {subject}", revision=letter.revision, subject=subject)
    if letter.test:
        subject = said._("Test, not sent to readers: {subject}", subject=subject)
    return subject if len(subject) <= _SUBJECT_LIMIT else subject[: _SUBJECT_LIMIT - 1] + "…"


def _body(letter: Letter) -> str:
    said, shaped = words(letter.locale), formats(letter.locale, NO_CURRENCY)
    month = shaped.month(letter.month)
    name = flat(letter.name)
    lines = [said._("Dear {name},", name=name) if name else said._("Dear colleague,"), ""]
    if letter.test:
        lines += [said._("This is a test. It has gone to you alone; no reader has got this pack by it."), ""]
    if letter.restated:
        lines += [
            said._("This restates {month}: it takes the place of what was sent before.", month=month),
            said._("Why: {reason}", reason=flat(letter.restated)),
            "",
        ]
    title = flat(letter.title)
    if letter.form == "reference":
        lines += [
            said._("the customer review of {month} is ready: {title}.", month=month, title=title),
            said._("It is too large to be mailed ({size} MB). You find it in the archive:", size=f"{len(letter.pdf) / 1_000_000:.1f}"),
            flat(letter.place),
            f"sha256 {hashlib.sha256(letter.pdf).hexdigest()}",
            "",
        ]
    else:
        lines += [said._("attached is the customer review of {month}: {title}.", month=month, title=title), ""]
    if letter.form == "zip":
        lines += [said._("It is large and comes as a ZIP file."), ""]
    if letter.headlines:
        lines += [said._("In short:")]
        lines += [f"- {flat(title)}: {flat(value)}" for title, value in letter.headlines[:_HEADLINES]]
        lines += [""]
    lines += [
        said._("The figures are as known at {instant}.", instant=shaped.instant(letter.known_at)),
        said._(
            "Revision {revision} · sha256 of the file: {digest}",
            revision=letter.revision,
            digest=hashlib.sha256(letter.pdf).hexdigest()[:16],
        ),
        "",
        flat(letter.company),
    ]
    return "\n".join(lines) + "\n"
