"""The one redactor: no secret leaves the process in a message or a log line, and one event stays one line."""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote, unquote_plus

MASK = "***"

_SECRET_KEY = r"[\w.%-]*(?:pass|pwd|secret|token|api_?key|credential)[\w.%-]*"  # noqa: S105
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][\w+.-]*://)(?P<user>[^\s:/?#]*):(?P<secret>[^\s]*)@(?=[^\s@]*)", re.IGNORECASE)
_QUERY = re.compile(rf"(?P<key>[?&;]{_SECRET_KEY}=)(?P<secret>[^&;\s'\"]*)", re.IGNORECASE)
_LIBPQ = re.compile(r"(?P<key>\b(?:password|sslpassword|passwd)\s*=\s*)(?P<secret>'(?:[^'\\]|\\.)*'|[^\s'\"]+)", re.IGNORECASE)

SHORTEST = 3
"""Shorter secrets would black out ordinary words; they are masked inside URLs only."""


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without secrets: each known one in every spelling, and whatever stands where URLs keep passwords.

    Known secrets are masked as they are, percent-encoded, as JSON and as Python write them, also within longer words.
    """
    for spelling in _spellings(frozenset(secrets)):
        text = text.replace(spelling, MASK)
    text = _USERINFO.sub(rf"\g<scheme>\g<user>:{MASK}@", text)
    text = _QUERY.sub(rf"\g<key>{MASK}", text)
    return _LIBPQ.sub(rf"\g<key>{MASK}", text)


@lru_cache(maxsize=8)
def _spellings(secrets: frozenset[str]) -> tuple[str, ...]:
    """All ways in which the secrets may be written, longest first so that none leaves a rest."""
    found: set[str] = set()
    for secret in secrets:
        for plain in {secret, unquote(secret), unquote_plus(secret)}:
            encoded = {quote(plain), quote(plain, safe=""), quote_plus(plain)}
            lower = {re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), text) for text in encoded}
            found |= {plain, repr(plain)[1:-1], json.dumps(plain)[1:-1], json.dumps(plain, ensure_ascii=False)[1:-1]} | encoded | lower
    return tuple(sorted((text for text in found if len(text) >= SHORTEST), key=lambda text: (-len(text), text)))


def one_line(text: str) -> str:
    """The text on one line: line breaks, terminal codes and text direction marks are shown as escapes."""
    return "".join(_escape(letter) for letter in text)


def _escape(letter: str) -> str:
    # Cc: controls; Zl, Zp: line and paragraph separators; Cf: marks that hide or turn text; Cs: broken characters.
    if letter.isascii() and letter.isprintable():
        return letter
    return letter.encode("unicode_escape").decode("ascii") if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") else letter


class SafeFormatter(logging.Formatter):
    """Formats log records without secrets; a message is one line, a traceback keeps its own lines."""

    def __init__(self, secrets: Iterable[str], form: str = "%(asctime)s %(levelname)s %(name)s: %(message)s") -> None:
        super().__init__(form)
        self._secrets = frozenset(secrets)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of logging.Formatter
        return one_line(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record), self._secrets)
