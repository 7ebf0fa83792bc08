"""One word for one thing: what packs say, held against the glossary and the habits of print of both languages.

`python -m flows.upkeep.wording` prints every fault with its place and fails where there is one.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from babel.messages.pofile import read_po

from reports.i18n import LOCALES, messages_in_code
from reports.languages import SOURCE_LOCALE

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
PLAYS = ROOT / "transforms" / "policy" / "plays.toml"

HAN = "\u4e00-\u9fff"
_WIDE = "，。；：！？（）“”、…"
_PLACE = re.compile(r"\{(\w+)\}")
_LATIN = frozenset({"file", "zone", "version", "model", "historic", "current", "potential"})
"""Values that are written in Latin letters or stand in a formula, so that a space may stand beside them."""

Rule = tuple[re.Pattern[str], str]

CHINESE: tuple[Rule, ...] = (
    (re.compile(rf"[{HAN}）”][,;:!?]|[,;:!?][{HAN}（“]|[{HAN}][()]|[()][{HAN}]"), "punctuation beside Chinese is full-width"),
    (re.compile(r"[「」『』\"']"), "quotes are “ ”"),
    (re.compile(rf"[{HAN}]\.\.\.|\.\.\.[{HAN}]|--"), "an ellipsis is ……, a dash is ——"),
    (re.compile(rf"[{HAN}] [{HAN}]"), "no space between Chinese characters"),
    (re.compile(rf"[{_WIDE}] | [{_WIDE}]"), "no space beside full-width punctuation"),
    (re.compile(rf"[\d%}}] [{HAN}]|[{HAN}] [\d{{]"), "no space between a number and its unit"),
    (re.compile(rf"[{HAN}][A-Za-z]{{2}}|[A-Za-z]{{2}}[{HAN}]"), "a space between Chinese and a Latin word"),
    (re.compile(rf"[{HAN}）] ?/ ?[{HAN}（]"), "a ratio is written with ÷"),
    (re.compile(rf"[{HAN}）] - "), "minus is −"),
    (re.compile(r"\d-\d"), "a span of numbers is written with –"),
    (re.compile(r"[\d}](?:百分点|pp)"), "a difference of shares is 个百分点"),
    (re.compile(r"千分之|每千"), "a rate per thousand is ‰"),
    (re.compile(rf"(?<!目标)完成率|(?<![{HAN}])完成[{{\d]"), "the share of a target that was reached is 目标完成率"),
)

ENGLISH: tuple[Rule, ...] = (
    (re.compile(r"\{(?:title|measure|name|names)\} (?:was|is|has|were|are)\b"), "a verb that many a title would not agree with"),
    (re.compile(r"\d %"), "no space before %"),
    (re.compile(r"\"|``"), "quotes are “ ”"),
    (re.compile(r"\.\.\."), "an ellipsis is …"),
    (re.compile(r"  (?!to →)"), "one space, not two"),
    (re.compile(r" [,;:.!?](?:\s|$)"), "no space before punctuation"),
    (re.compile(r"\b(?:let go|leans? on|who is nobody|dear(?:er|est))\b", re.I), "no reader would say it so"),
)


@dataclass(frozen=True)
class Term:
    """A thing, its word in both languages, and the words that are not used for it."""

    english: str
    not_english: tuple[str, ...]
    chinese: str
    not_chinese: tuple[str, ...]

    def faults_of(self, text: str, language: str) -> Iterator[str]:
        """What a text in `en` or `zh` calls otherwise."""
        rivals, right = (self.not_chinese, self.chinese) if language == "zh" else (self.not_english, self.english)
        for rival in rivals:
            word, _, names = rival.partition(" (")
            left = text
            for name in (one.strip() for one in names.rstrip(")").split(";") if one):
                left = left.replace(name, "")
            found = word in left if language == "zh" else re.search(rf"\b{re.escape(word)}\b", left, re.I)
            if found:
                yield f"“{word}”: the word is “{right}”"


@dataclass(frozen=True)
class Said:
    """One message in one language, and where it stands."""

    place: str
    language: str
    text: str

    @cached_property
    def faults(self) -> tuple[str, ...]:
        return tuple(f"{self.place}: {fault}: {self.text}" for fault in faults_of(self.text, self.language, TERMS))


def terms(page: str) -> tuple[Term, ...]:
    """The rows of the glossary's table of words that are used and words that are not."""
    _, _, table = page.partition("| Word | Not |")
    rows = [[cell.strip() for cell in row.strip("| ").split("|")] for row in table.splitlines()[2:] if row.startswith("|")]
    return tuple(Term(word, _listed(rivals), chinese, _listed(others)) for word, rivals, chinese, others in rows)


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in cell.split(",") if one.strip())


TERMS = terms(GLOSSARY.read_text(encoding="utf-8"))


def faults_of(text: str, language: str, known: tuple[Term, ...]) -> Iterator[str]:
    """What is wrong with one text in `en` or `zh`: words, and how it is printed."""
    plain = _PLACE.sub("", text)
    for term in known:
        yield from term.faults_of(plain, language)
    shown = text if language == "en" else _PLACE.sub(lambda place: "L" if place[1] in _LATIN else place[0], text)
    for rule, says in CHINESE if language == "zh" else ENGLISH:
        if rule.search(shown):
            yield says


def sayings() -> Iterator[Said]:
    """Every message in English after its place in the code, every translation after its line, every play in both languages."""
    for place, message in messages_in_code():
        for text in [message] if isinstance(message, str) else message:
            yield Said(place, "en", text)
    yield from translations()
    yield from plays()


def translations() -> Iterator[Said]:
    """The Chinese catalogue, message by message."""
    file = LOCALES / "zh_CN" / "LC_MESSAGES" / "keping.po"
    with file.open("rb") as held:
        for entry in (one for one in read_po(held, locale="zh_CN") if one.id):
            for text in [entry.string] if isinstance(entry.string, str) else entry.string or ():
                yield Said(f"{file.relative_to(ROOT)}:{entry.lineno}", "zh", text)


def plays() -> Iterator[Said]:
    """What the built-in plays tell people to do."""
    lines = PLAYS.read_text(encoding="utf-8").splitlines()
    for text in _texts(tomllib.loads("\n".join(lines))):
        line = next((number for number, one in enumerate(lines, start=1) if text in one), 0)
        yield Said(f"{PLAYS.relative_to(ROOT)}:{line}", "zh" if re.search(f"[{HAN}]", text) else SOURCE_LOCALE, text)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(one)


def main() -> int:
    """Print every fault; 1 where there is one, else 0."""
    found = [fault for one in sayings() for fault in one.faults]
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
