"""One mail address, exactly one, and a name that cannot smuggle a header."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reports.mail.headers import flat, is_dangerous

# The dot-atom of RFC 5322 without quoting: what every relay agrees on.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
NAME_LIMIT = 120


@dataclass(frozen=True)
class Address:
    """One addr-spec: as written to (domain in lower case) and as compared (all of it in lower case)."""

    written: str
    compared: str


def address_of(text: str) -> Address:
    """Read one address; a ValueError says what is wrong without repeating more than a few letters of it.

    Refused are controls and line separators anywhere, a second address, display names, comments,
    quoting, and letters that need an extension of the mail protocol before the @. Domains in other
    scripts are written in their ASCII form.
    """
    if not text.strip():
        raise ValueError("email is empty")
    if any(is_dangerous(letter) for letter in text):
        raise ValueError(f"email {_escape_start(text)} holds a line break or another control character")
    if text.count("@") != 1 or any(letter in text for letter in ',;<>()[]\\" :'):
        raise ValueError(f"email {_escape_start(text)} is not exactly one plain address")
    local, domain = text.split("@")
    if not local.isascii():
        raise ValueError(f"email {_escape_start(text)} has letters before the @ that not every relay takes; use its ASCII form")
    try:
        host = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"email {_escape_start(text)} has no valid domain") from error
    host = host.lower()
    if len(local) > 64 or len(host) > 253 or not _LOCAL.fullmatch(local) or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise ValueError(f"email {_escape_start(text)} is not a valid address")
    return Address(f"{local}@{host}", f"{local.lower()}@{host}")


def display_name(text: str) -> str:
    """A name fit for a header and a greeting: one line, no hidden marks, not longer than a line."""
    return flat(text)[:NAME_LIMIT].strip()


def _escape_start(text: str) -> str:
    """Enough of an address to find its row, escaped."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
