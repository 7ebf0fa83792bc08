"""Every number that a pack prints, with what it is and the id by which `keping trace` finds it again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from reports.blocks import (
    ActionCards,
    Block,
    Bullets,
    Cell,
    Chart,
    Heading,
    Highlights,
    Kpi,
    Kpis,
    Paragraph,
    Section,
    Side,
    Table,
    Terms,
)
from reports.numerals import Numeral
from reports.pack import ReviewPack
from reports.told import Named, Ours, leaves
from reports.workbook.sheets import Grid, Sheet, Value

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
"""Letters and digits of the id of a number that is no figure of `figures.csv`; a figure's id has six."""

_NUMBER = re.compile(r"[+−-]?[¥€$£₩]?\d[\d,]*(?:\.\d+)?(?:E[+-]?\d+)?(?:[KMBT](?![A-Za-z])|[万亿])?%?")
_DAY = re.compile(r"\d{4}-\d{2}(?:-\d{2})?|\b\d{4}\s?年(?:\s?\d{1,2}\s?月)?(?:\s?\d{1,2}\s?日)?|\d{1,2}\s?月(?:\s?\d{1,2}\s?日)?")
_MONTH = re.compile(r"^(?:19|20)\d\d$|(?:\d{1,2} )?\b(?:[A-Z][a-z]{2,8}) \d{4}(?:, \d{2}:\d{2}(?: UTC)?)?|\b\d{2}:\d{2}\b")
_DRAWN = re.compile(r">([^<]+)<")
_SPOKEN = re.compile(r"<(title|desc)[^>]*>[^<]*</\1>")
"""What is said of a picture to those who do not see it: its title and its sentence once more."""


class NumberKind(StrEnum):
    """What a number on a page is."""

    FIGURE = "figure"
    """One of `figures.csv`, or what was said of it: n, interval, change."""
    CUSTOMER = "customer"
    """It stands in the row of a customer, or in a text about one."""
    NUMBER = "number"
    """Counted or added up for the place where it stands."""
    WORDS = "words"
    """Part of a sentence of ours or of a name: a window of 12 months, a scale to 100. No figure."""
    DATE = "date"
    """A day, a month, a time. No figure."""
    NAME = "name"
    """Digits within an id or a name. No figure."""


NO_FIGURES = frozenset({NumberKind.WORDS, NumberKind.DATE, NumberKind.NAME})


@dataclass(frozen=True)
class PrintedNumber:
    """One number where it stands: section or sheet, block, row, column, the text it is part of, and its own letters.

    `figure` is the id of the figure that it is, `role` which of that figure's numbers; `about` the customer whose it is.
    """

    id: str
    kind: NumberKind
    section: str
    block: str
    row: str
    column: str
    text: str
    number: str
    figure: str = ""
    role: str = ""
    about: str = ""
    in_workbook: bool = False
    value: float | int | None = None
    """The unrounded number, where it is known."""

    @property
    def place(self) -> str:
        """Where it stands, from the section to the column."""
        return " > ".join(word for word in (self.section, self.block, self.row, self.column) if word)


@dataclass(frozen=True)
class _Text:
    """A text of a pack with its place; `names` are the customers it is about."""

    section: str
    block: str
    row: str
    column: str
    text: Value
    about: str = ""
    in_workbook: bool = False


class _Maker(Protocol):
    """How a block makes a text of its section."""

    def __call__(self, block: str, row: str, column: str, told: Value, about: str = "") -> _Text: ...


def printed_numbers(pack: ReviewPack) -> tuple[PrintedNumber, ...]:
    """All numbers of a pack's pages and workbook in the order of reading.

    Ids are unique, and the same where the same stands in the same place, in whatever month. Digits that are no figure have no id,
    and their kind says what they are instead.
    """
    found: list[PrintedNumber] = []
    seen: dict[tuple[str, ...], int] = {}
    for one in _texts(pack):
        for digits in _digits(one.text):
            about = digits.about or one.about
            kind = NumberKind.CUSTOMER if digits.kind is NumberKind.NUMBER and about else digits.kind
            name = ""
            if kind not in NO_FIGURES:
                place = (*_letters(one), digits.role, digits.figure)
                seen[place] = seen.get(place, 0) + 1
                name = _id((*place, str(seen[place])))
            where = {"section": one.section, "block": one.block, "row": one.row, "column": one.column, "text": str(one.text)}
            known = {"number": digits.number, "figure": digits.figure, "role": digits.role, "about": about}
            found.append(PrintedNumber(name, kind, **where, **known, in_workbook=one.in_workbook, value=digits.value))
    return tuple(found)


def _letters(one: _Text) -> tuple[str, ...]:
    """What makes a place the same in another month: a sentence is known by its words, without its numbers."""
    return (one.section, _NUMBER.sub("#", one.block), _NUMBER.sub("#", one.row), one.column, one.about, str(one.in_workbook))


def _id(place: Sequence[str]) -> str:
    number = int.from_bytes(hashlib.blake2b("|".join(place).encode(), digest_size=8).digest(), "big")
    return "".join(LETTERS[(number >> (5 * place)) & 31] for place in range(LENGTH))


@dataclass(frozen=True)
class _Digits:
    """Digits of a text, and what they are."""

    kind: NumberKind
    number: str
    figure: str = ""
    role: str = ""
    about: str = ""
    value: float | int | None = None


def _digits(text: Value) -> Iterator[_Digits]:
    if isinstance(text, date):
        yield _Digits(NumberKind.DATE, text.isoformat())
    elif isinstance(text, int | float):
        yield _Digits(NumberKind.NUMBER, repr(text), value=text)
    elif isinstance(text, str):
        for leaf in leaves(text):
            yield from _of_leaf(leaf)


def _of_leaf(leaf: str) -> Iterator[_Digits]:
    if isinstance(leaf, Numeral):
        yield _Digits(NumberKind.FIGURE if leaf.source else NumberKind.NUMBER, str(leaf), leaf.source, leaf.role, value=leaf.value)
    elif isinstance(leaf, Named):
        yield from (_Digits(NumberKind.NAME, found, about=leaf.about) for found in _NUMBER.findall(leaf))
    elif isinstance(leaf, Ours):
        yield from (_Digits(NumberKind.WORDS, found) for found in _NUMBER.findall(leaf))
    else:
        yield from _of_plain(leaf)


def _of_plain(text: str) -> Iterator[_Digits]:
    """Digits of a text of which nothing is known: days and months, then parts of words, then numbers."""
    for form in (_DAY, _MONTH):
        yield from (_Digits(NumberKind.DATE, found) for found in form.findall(text))
        text = form.sub(" ", text)
    for match in _NUMBER.finditer(text):
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        is_word = before.isalpha() or after.isalpha()
        yield _Digits(NumberKind.NAME if is_word else NumberKind.NUMBER, match.group())


def _texts(pack: ReviewPack) -> Iterator[_Text]:
    for section in pack.sections:
        for block in section.blocks:
            yield from _of_block(section, block)
    for sheet in pack.sheets:
        for shelved in sheet.blocks:
            yield from _of_block(sheet, shelved)


def _of_block(section: Section | Sheet, block: Block | Grid) -> Iterator[_Text]:
    shelved = isinstance(section, Sheet)

    def text(block: str, row: str, column: str, told: Value, about: str = "") -> _Text:
        return _Text(section.title, block, row, column, told, about, shelved)

    match block:
        case Side():
            for one in (*block.left, *block.right):
                yield from _of_block(section, one)
        case Table():
            yield from _of_table(text, block)
        case Grid():
            yield from _of_grid(text, block)
        case Chart():
            yield from (text(block.title, "", "", told) for told in (block.title, block.sentence))
            art = "" if shelved else block.art  # a workbook holds what pictures say, not the pictures
            yield from (text(block.title, "drawn", "", told) for told in _DRAWN.findall(_SPOKEN.sub("", art)))
        case Kpis():
            for kpi in (*block.cards, *block.rows):
                yield from _of_kpi(text, kpi)
        case Highlights():
            for said in block.rows:
                yield from (text(block.title, said.sentence, name, told) for name, told in _told(said, "sentence", "because", "action"))
        case ActionCards():
            for card in block.cards:
                about = card.key.about if isinstance(card.key, Named) else ""
                named = _told(card, "name", "key", "money", "why", "also", "what", "who", "facts")
                yield from (text("", card.key, name, told, about) for name, told in named)
        case Terms():
            yield from (text(block.title, name, "", told) for name, meaning in block.rows for told in (name, meaning))
        case Bullets():
            yield from (text(block.title, item, "", item) for item in block.items)
        case Paragraph():
            yield text("", block.text, "", block.text)
        case Heading():
            yield text("", block.text, "", block.text)


def _told(value: object, *names: str) -> list[tuple[str, str]]:
    return [(name, told) for name in names if (told := getattr(value, name))]


def _of_kpi(text: _Maker, kpi: Kpi) -> Iterator[_Text]:
    yield from (text(kpi.title, "", name, told) for name, told in _told(kpi, "title", "value", "basis", "change", "company"))


def _of_table(text: _Maker, table: Table) -> Iterator[_Text]:
    yield text(table.caption, "", "", table.caption)
    for column in table.columns:
        yield text(table.caption, "", "", column.title)
    for row in table.rows:
        name, about = row[0].text, _about(row)
        for place, cell in enumerate(row):
            title = table.columns[place].title if len(row) == len(table.columns) else ""
            for told in (cell.text, cell.detail):
                if told:
                    yield text(table.caption, name, title, told, about)
    if table.note:
        yield text(table.caption, "note", "", table.note)


def _about(row: Iterable[Cell]) -> str:
    """The customer in whose row a cell stands."""
    named = (part.about for cell in row for told in (cell.text, cell.detail) for part in leaves(told) if isinstance(part, Named))
    return next(named, "")


def _of_grid(text: _Maker, grid: Grid) -> Iterator[_Text]:
    yield text("", "note", "", grid.note)
    for row in zip(*(one.values for one in grid.fields), strict=True):
        about = next((value.about for value in row if isinstance(value, Named)), "")
        name = about or str(row[0])
        for field, value in zip(grid.fields, row, strict=True):
            if value not in (None, ""):
                yield text("", name, field.title, value, about)
