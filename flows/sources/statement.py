"""A configured query, made ready for a driver: its two parameters, and nothing else, are replaced."""

from __future__ import annotations

import re
from dataclasses import dataclass

from transforms.errors import UsageError

_PARAMETERS = ("start", "end")


@dataclass(frozen=True)
class Statement:
    """One SELECT with `:start` and `:end` found outside of literals, quoted names and comments."""

    pieces: tuple[tuple[str, str], ...]
    """(text, parameter that follows it or "")."""

    @property
    def asks_range(self) -> bool:
        """Whether the query asks for a stretch of time itself."""
        return any(parameter for _, parameter in self.pieces)

    def render(self, style: str) -> str:
        """The SQL text in a driver's parameter style: `named` (:start), `pyformat` (%(start)s) or `dollar` ($start)."""
        form = {"named": ":{}", "pyformat": "%({})s", "dollar": "${}"}[style]
        text = ""
        for plain, parameter in self.pieces:
            text += plain.replace("%", "%%") if style == "pyformat" else plain
            text += form.format(parameter) if parameter else ""
        return text


def parse(query: str, where: str, dialect: str) -> Statement:
    """Cut a query at its parameters; a second statement in it is a UsageError."""
    escape = r"(?:[^'\\]|\\.|'')*" if dialect in ("mysql", "mariadb") else r"(?:[^']|'')*"
    pattern = re.compile(
        rf"""(?P<skip> [eE]'(?:[^'\\]|\\.|'')*' | '{escape}' | "(?:[^"]|"")*" | `[^`]*` | --[^\n]* | /\*.*?\*/
              | \$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$ | ::)
          | (?P<end>;)
          | (?<![:\w]):(?P<name>start|end)\b(?!:)""",
        re.VERBOSE | re.DOTALL,
    )
    pieces: list[tuple[str, str]] = []
    begun = 0
    for found in pattern.finditer(query):
        if found["end"]:
            if re.sub(r"--[^\n]*|/\*.*?\*/|[\s;]", "", query[found.end() :], flags=re.DOTALL):
                raise UsageError(f"{where}.query holds more than one statement; nothing was run. A block has one SELECT.")
            query = query[: found.start()]
            break
        if found["name"]:
            pieces.append((query[begun : found.start()], found["name"]))
            begun = found.end()
    pieces.append((query[begun:].rstrip(), ""))
    first = re.sub(r"^(?:\s|--[^\n]*\n|/\*.*?\*/|\()*", "", query, flags=re.DOTALL)[:6].lower()
    if not first.startswith(("select", "with", "values", "from")):
        raise UsageError(f"{where}.query is not a SELECT (it begins with {query.strip()[:20]!r}); nothing was run.")
    return Statement(tuple(pieces))
