"""A query in the form in which two queries are compared: what is written otherwise and asks for the same is the same."""

from __future__ import annotations

import re

_MYSQL = ("mysql", "mariadb")
_COMMENT = {True: r"--(?=\s|$)[^\n]*|\#[^\n]*|/\*.*?\*/", False: r"--[^\n]*|/\*.*?\*/"}
"""How a comment is written, by whether the dialect is MySQL's, where `5--1` is a sum and `#` begins a comment."""
_HINT = r"/\*[!+M].*?\*/"
"""Comments that the database reads: they are part of the query."""
_QUOTED = r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]"""
_DOLLARS = r"\$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$"


def plain_query(query: str, dialect: str) -> str:
    """The query without comments and with single blanks; literals, quoted names, hints and case stay as they are.

    What cannot be told apart for certain (a backslash may hide a quotation mark; comments within comments) is left as
    it is written: such a query counts as changed when a blank of it is.
    """
    mysql = dialect in _MYSQL
    kept = "|".join([_HINT, _QUOTED, *([] if mysql else [_DOLLARS])])
    pattern = re.compile(rf"(?P<kept>{kept})|(?P<comment>{_COMMENT[mysql]})|(?P<blank>\s+)", re.DOTALL)
    if "\\" in query or any("/*" in found["comment"][2:] for found in pattern.finditer(query) if found["comment"]):
        return query.strip()
    pieces: list[str] = []
    begun = 0
    for found in pattern.finditer(query):
        pieces.append(query[begun : found.start()])
        begun = found.end()
        if found["kept"]:
            pieces.append(found["kept"])
        elif next((piece for piece in reversed(pieces) if piece), " ") != " ":
            pieces.append(" ")
    return "".join([*pieces, query[begun:]]).strip()
