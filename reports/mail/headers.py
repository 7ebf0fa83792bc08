"""The one builder of mail headers: text from data can neither end a header nor begin another.

Written out here because the standard library (3.11, 3.12) unfolds encoded words and long quoted
names in ways that let line breaks and second addresses through.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterator

_PLAIN_TEXT = re.compile(r"[A-Za-z0-9 ,.:;()/+_-]{0,60}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ]{0,59}")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})")
_WORD_BYTES = 42
"""Bytes per encoded word, so that its line stays below 76 characters."""

FOLD = "\r\n "


def flat(text: str) -> str:
    """Text from data on one line, without controls, hidden and direction marks, and without what a header would decode."""
    plain = "".join(" " if is_dangerous(letter) else letter for letter in text)
    return " ".join(plain.replace("=?", "= ?").split())


def header(name: str, value: str) -> str:
    """One header line, folded where it is long; `value` is made by the functions below, or is plain ASCII of our own."""
    if not name.isascii() or not re.fullmatch(r"[A-Za-z-]+", name):
        raise ValueError(f"{name!r} is no header name")
    for line in value.split(FOLD):
        if not line.isascii() or not line.isprintable():
            raise ValueError(f"the header {name} must be printable ASCII; encode its text first")
    return f"{name}: {value}\r\n"


def header_text(text: str) -> str:
    """Text for a header, encoded where it is more than plain; a ValueError for controls and hidden marks."""
    refuse_dangerous(text)
    return text if _PLAIN_TEXT.fullmatch(text) else FOLD.join(_encoded_words(text))


def header_address(name: str, address: str) -> str:
    """One name and exactly one plain address for a header; a ValueError for anything that would read as more."""
    refuse_dangerous(address)
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"{address[:60]!r} is not exactly one plain address")
    refuse_dangerous(name)
    if not name:
        return address
    shown = name if _PLAIN_NAME.fullmatch(name) else FOLD.join(_encoded_words(name))
    return f"{shown}{FOLD if len(shown) + len(address) > 60 else ' '}<{address}>"


def refuse_dangerous(text: str) -> None:
    """A ValueError that names the code points which no header may hold."""
    bad = sorted({f"U+{ord(letter):04X}" for letter in text if is_dangerous(letter)})
    if bad:
        raise ValueError(f"a header must not hold {', '.join(bad)}")


def is_dangerous(letter: str) -> bool:
    """Controls, line and paragraph separators, hidden and direction marks, broken characters."""
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _encoded_words(text: str) -> Iterator[str]:
    """The text as encoded words of RFC 2047, none of which splits a character."""
    chunk = b""
    for letter in text:
        piece = letter.encode()
        if len(chunk) + len(piece) > _WORD_BYTES:
            yield _encode(chunk)
            chunk = b""
        chunk += piece
    yield _encode(chunk)


def _encode(chunk: bytes) -> str:
    return f"=?utf-8?b?{b64encode(chunk).decode('ascii')}?="
