"""The packs of one person as one mail: the same letter gives the same bytes, for ever."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import format_datetime, parsedate_to_datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from reports.i18n import words
from reports.mail.body import body_of, html_of, text_of
from reports.mail.headers import FOLD, flat, header, header_address, header_text
from reports.mail.letter import Letter, PackFile

NAMES_PACKS = "X-Keping-Delivery"
HEADERS = (
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", NAMES_PACKS),
    *("MIME-Version", "Content-Type"),
)
"""The headers of every message, and no others."""

_NAMED = re.compile(r"sha256=([0-9a-f]{64})")
_XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def message_id(key: str, sender: str) -> str:
    """The message's own id: made from its key, so that every attempt carries the same."""
    return f"<{key[:40]}@{sender.rpartition('@')[2].rstrip('>').lower()}>"


def message_key(delivery_keys: Sequence[str]) -> str:
    """The name of a mail that carries these deliveries: of one alone its own key."""
    keys = sorted(delivery_keys)
    return keys[0] if len(keys) == 1 else hashlib.sha256("|".join(keys).encode()).hexdigest()


def build_message(letter: Letter) -> bytes:
    """The message as bytes ready for the wire; a ValueError for an address that is not exactly one.

    Fixed for a letter: id, date, part boundaries, order of headers. The packs and their digests stand in a header, for who
    looks a mail up, and nowhere in the text.
    """
    body = body_of(letter)
    cte = "base64" if words(letter.locale).written.dense else "quoted-printable"
    message = EmailMessage(policy=SMTP)
    message.set_content(text_of(body), cte=cte)
    message.add_alternative(html_of(body), subtype="html", cte=cte)
    message.set_boundary(f"=_keping_text_{letter.key[:40]}")
    message.make_mixed()
    for file in letter.files:
        _attach(message, file, zipped=letter.form == "zip")
    message.set_boundary(f"=_keping_{letter.key[:40]}")
    head = [
        header("From", header_address("", letter.sender)),
        header("To", header_address(flat(letter.name), letter.address)),
        header("Subject", header_text(body.subject)),
        header("Date", format_datetime(letter.sent_at.astimezone(UTC))),
        header("Message-ID", message_id(letter.key, letter.sender)),
        header("Auto-Submitted", "auto-generated"),
        header("X-Auto-Response-Suppress", "All"),
        header(NAMES_PACKS, FOLD.join(f"{pack.pdf.name} sha256={_digest(pack.pdf.data)};" for pack in letter.packs)),
    ]
    return "".join(head).encode("ascii") + message.as_bytes()


def _attach(message: EmailMessage, file: PackFile, zipped: bool) -> None:
    if zipped:
        message.add_attachment(_zip(file), maintype="application", subtype="zip", filename=f"{file.name}.zip")
    else:
        subtype = "pdf" if file.name.endswith(".pdf") else _XLSX
        message.add_attachment(file.data, maintype="application", subtype=subtype, filename=file.name)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


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
        found += [_digest(pdf) for pdf in ([whole] if kind == "application/pdf" else _unzip(whole))]
    return found


def attached_workbooks(message: bytes) -> list[str]:
    """sha256 of every workbook attached to a finished message."""
    parsed = BytesParser(policy=SMTP).parsebytes(message)
    found = [part.get_payload(decode=True) for part in parsed.walk() if part.get_content_type() == f"application/{_XLSX}"]
    return [_digest(content) for content in found if isinstance(content, bytes)]


def named_packs(message: bytes) -> list[str]:
    """sha256 of every pack that a finished message says it is about, attached or not."""
    return _NAMED.findall(str(BytesParser(policy=SMTP).parsebytes(message)[NAMES_PACKS] or ""))


def _zip(file: PackFile) -> bytes:
    """One file in a ZIP file; the same file, the same bytes."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(ZipInfo(file.name), file.data, ZIP_DEFLATED, 9)
    return out.getvalue()


def _unzip(whole: bytes) -> list[bytes]:
    """The PDFs in a ZIP file of ours; none where it is not one."""
    try:
        with ZipFile(BytesIO(whole)) as file:
            return [file.read(name) for name in file.namelist() if name.endswith(".pdf")]
    except (BadZipFile, OSError):
        return []


def date_of(message: bytes) -> datetime:
    """When a finished message says that it was written."""
    return parsedate_to_datetime(str(BytesParser(policy=SMTP).parsebytes(message, headersonly=True)["Date"]))


def header_names(message: bytes) -> list[str]:
    """The names of a finished message's headers, as a reader's program would find them, sorted."""
    return sorted(BytesParser(policy=SMTP).parsebytes(message).keys())


def envelope_of(message: bytes) -> list[str]:
    """All addresses that a finished message's To, Cc and Bcc name."""
    parsed = BytesParser(policy=SMTP).parsebytes(message)
    return [address.addr_spec for name in ("To", "Cc", "Bcc") for header in parsed.get_all(name, []) for address in header.addresses]
