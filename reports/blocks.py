"""What a pack is made of: plain values, chosen and worded, which templates only lay out."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Tone(StrEnum):
    """Whether a change is good or bad news; everything else has no colour."""

    PLAIN = ""
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True)
class Cell:
    """One table cell: its text, and what stands small beneath or beside it."""

    text: str
    detail: str = ""
    tone: Tone = Tone.PLAIN
    muted: bool = False
    """Words in place of a number, printed lighter."""
    shade: int = 0
    """0-4: how dark the cell's ground is, in tables that are read as pictures."""
    art: str = ""
    """A picture made by `reports.charts`, in place of the text."""
    beside: str = ""
    """A picture after the text."""


@dataclass(frozen=True)
class Column:
    title: str
    numeric: bool = False
    width: str = ""
    """Share of the table's width in percent; empty: as wide as needed."""


@dataclass(frozen=True)
class Table:
    """Rows under a head; the first cell names the row, a row of one cell names those that follow. `note` says what was left out."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    last_is_total: bool = False
    compact: bool = False
    inline: bool = False
    """Details stand beside their cell's text, not beneath."""
    adds_up: bool = False
    """The first row is an opening, the last a closing, and those between move the one to the other in every numeric column."""


@dataclass(frozen=True)
class Chart:
    """A picture, its title, and the sentence that says what it shows."""

    title: str
    art: str
    sentence: str


@dataclass(frozen=True)
class Paragraph:
    text: str
    role: str = "body"
    """body, lead, note or notice."""


@dataclass(frozen=True)
class Bullets:
    items: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True)
class Terms:
    """Words and what they mean, in two columns."""

    rows: tuple[tuple[str, str], ...]
    title: str = ""


@dataclass(frozen=True)
class Kpi:
    """One headline number with all that makes it honest."""

    title: str
    value: str
    basis: str
    change: str = ""
    tone: Tone = Tone.PLAIN
    signal: str = ""
    company: str = ""
    spark: str = ""
    missing: bool = False
    figure_id: str = ""


@dataclass(frozen=True)
class Kpis:
    """The first as cards, the rest as rows."""

    cards: tuple[Kpi, ...]
    rows: tuple[Kpi, ...]
    heads: tuple[str, ...] = ()
    """Column heads of the rows: indicator, month, change, course, basis, and in a tier's pack the company."""
    widths: tuple[int, ...] = ()
    """Their shares of the table's width in percent."""


@dataclass(frozen=True)
class Highlight:
    """One message of the first page: what happened, why, who does what by when, and a picture of it.

    `short` says it in the few words that the subject of a mail has room for.
    """

    sentence: str
    because: str = ""
    action: str = ""
    art: str = ""
    tone: Tone = Tone.PLAIN
    figure_id: str = ""
    short: str = ""


@dataclass(frozen=True)
class Highlights:
    """What a reader must know, most important first."""

    title: str
    rows: tuple[Highlight, ...]


@dataclass(frozen=True)
class ActionCard:
    """One customer to act on: who it is, what is at stake, why, what to do, who and by when, and what else must be known."""

    name: str
    key: str
    money: str
    art: str
    why: str
    also: str
    what: str
    who: str
    facts: str


@dataclass(frozen=True)
class ActionCards:
    """Cards in two columns, read row by row."""

    cards: tuple[ActionCard, ...]


@dataclass(frozen=True)
class Side:
    """Blocks beside blocks."""

    left: tuple[Block, ...]
    right: tuple[Block, ...]


@dataclass(frozen=True)
class Heading:
    text: str


Block = Table | Chart | Paragraph | Bullets | Terms | Kpis | Highlights | ActionCards | Side | Heading


@dataclass(frozen=True)
class Section:
    """One part of a pack: its heading goes into the bookmarks. `name` is the same in every language.

    `annex` marks what is looked up and not read through; it stands after everything else.
    """

    name: str
    title: str
    blocks: tuple[Block, ...]
    annex: bool = False


@dataclass(frozen=True)
class Running:
    """What each page says about itself, above and below."""

    company: str
    pack: str
    month: str
    state: str
    run: str
    page: str
    """With `{page}` and `{pages}`."""
    notice: str = ""


@dataclass(frozen=True)
class Attached:
    """A file inside the PDF."""

    name: str
    description: str
    content: bytes = field(repr=False)
