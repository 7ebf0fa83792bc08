"""Whether a finished pack names a customer whom its readers must not see."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property, lru_cache
from html import unescape
from io import StringIO
from unicodedata import is_normalized, normalize

import pandas as pd

from reports.evidence import EVIDENCE_COLUMNS
from reports.glyphs import NAME_LIMIT, clean, printable
from reports.i18n import available, vocabulary, words
from reports.identifiers import tokens_of
from reports.numerals import Numeral
from reports.told import Named, Ours, Sentence, leaves
from reports.workbook.read import description_of, read_sheets
from reports.workbook.sheets import ID_HEAD, Grid
from transforms.tables.merging import Merged, with_merged_records

MOST = 20
"""The most marks that one place is told with; one is enough to block a release."""

_CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_APART = "\0"
"""Stands between texts that are looked at each for itself: no blank, and part of no name."""
_WORD = re.compile(r"\w")
_DRAWN = re.compile(r">([^<]+)<")
_STARTS = re.compile(rf"(?!\Z)(?:(?<=\W)|(?<={_CJK.pattern})|(?<=\w)(?={_CJK.pattern}))")
"""Where within a run of letters and signs a word may begin: after a sign, and before and after every Chinese, Japanese or Korean one."""


@dataclass(frozen=True)
class Leak:
    """Foreign customers in one pack: where they were seen, and by which ids and names."""

    place: str
    ids: tuple[str, ...]
    names: int

    @property
    def count(self) -> int:
        return len(self.ids) + self.names


@dataclass(frozen=True)
class Register:
    """Every customer that the company knows: id -> name (empty where it has none).

    `common` are words that are no sign of a customer, whoever is called so. Records that were merged into a customer are
    that customer's.
    """

    names: Mapping[str, str]
    common: tuple[str, ...] = ()
    merged: Merged = field(default_factory=dict)

    @classmethod
    def of(cls, *frames: pd.DataFrame, common: Iterable[str] = (), merged: Merged | None = None) -> Register:
        """From frames with `customer_id` and, if they have it, `name`."""
        found: dict[str, str] = dict.fromkeys(merged or {}, "")
        for frame in frames:
            ids = frame["customer_id"].astype("str").tolist()
            names = frame["name"].tolist() if "name" in frame else [""] * len(ids)
            found |= {key: name if isinstance(name, str) else "" for key, name in zip(ids, names, strict=True)}
        return cls(found, tuple(common), merged or {})

    @cached_property
    def ids(self) -> frozenset[str]:
        """Ids that are a sign wherever they stand; a bare number of few digits, or a short word, is none in running text."""
        return frozenset(key for key in self.names if _telling(key))

    @cached_property
    def phrases(self) -> frozenset[str]:
        """Names in the one normal form in which texts are looked at: as they are, and as a pack prints them."""
        forms = (form for name in self.names.values() if name for form in _forms(name))
        return frozenset(squeezed for form in forms if (squeezed := _squeeze(form)) and _long_enough(squeezed))

    @cached_property
    def heads(self) -> Mapping[str, tuple[int, ...]]:
        return _heads(self.phrases)

    def foreign(self, own: pd.DataFrame) -> Foreign:
        """What is foreign to a pack of these customers."""
        texts = [name for name in EVIDENCE_COLUMNS if name in own and name != "customer_id"]
        told = {value for name in texts for value in own[name].dropna().unique().tolist() if isinstance(value, str)}
        return Foreign(
            self,
            with_merged_records(own, self.merged),
            frozenset(_squeeze(form) for value in (*told, *self.common) if value for form in _forms(value)),
        )


@dataclass(frozen=True)
class Foreign:
    """All customers but a pack's own, to hold a text against."""

    register: Register
    own: frozenset[str]
    told: frozenset[str]
    """Texts that the pack's own customers bring along, squeezed."""
    built: Built | None = None
    """The pack as it was built, where it is at hand: what the finished files say of it has been judged there."""

    def beside(self, pack: object) -> Foreign:
        """The same for the finished files of a pack that was looked at as it was built."""
        return replace(self, built=Built.of(pack))

    def in_pack(self, place: str, pack: object) -> Leak | None:
        """The foreign customers of a pack before it is laid out: those whose cells and names it holds, exactly; and those whom a text
        names that is neither words of ours nor a number nor a name that says whose it is."""
        built = Built.of(pack) if self.built is None else self.built
        ids = {key for key in built.about if key not in self.own}
        plain = _APART.join(built.plain)
        ids |= {token for token in tokens_of(plain) if token in self.register.ids and token not in self.own}
        return self._leak(place, ids, set(self._phrases(plain, laid_out=False)))

    def in_texts(self, place: str, texts: Iterable[str]) -> Leak | None:
        """The foreign customers that any of these texts names, each looked at for itself; None where they name none."""
        return self._names_in(place, _APART.join(texts), laid_out=False)

    def in_text(self, place: str, text: str) -> Leak | None:
        """The foreign customers that a laid out text names; None where it names none.

        A name may be broken over lines, and the next cell may follow it like one more word: an own name before a blank is
        that name, though with the number after it (`Branch 1`, `2`) it would be another's (`Branch 12`).
        """
        return self._names_in(place, text, laid_out=True)

    def _names_in(self, place: str, text: str, laid_out: bool) -> Leak | None:
        ids = {token for token in tokens_of(text) if token in self.register.ids and token not in self.own}
        return self._leak(place, ids, {name for name in self._phrases(text, laid_out) if not self._explains(name, laid_out)})

    def _explains(self, name: str, laid_out: bool) -> bool:
        """Whether a name is part of a text of the pack, or on a page what stands side by side there: it was judged before the layout.

        On a page a name that ends in a number (`Customer 12`) is explained as well by a text that ends as it begins, as the
        number may be any beside it.
        """
        if self.built is None:
            return False
        if not laid_out:
            return name in self._within_texts
        word = name.rstrip("0123456789")
        return name in self._side_by_side or (word != name and self.built.ends_with(word))

    @cached_property
    def _within_texts(self) -> frozenset[str]:
        """Foreign names that a text of the pack holds."""
        return frozenset() if self.built is None else frozenset(self._phrases(_APART.join(self.built.texts), laid_out=False))

    @cached_property
    def _side_by_side(self) -> frozenset[str]:
        """Foreign names that the texts of the pack hold or give when they are set down one after the other."""
        return frozenset() if self.built is None else frozenset(self._phrases("\n".join(self.built.texts), laid_out=True))

    def in_table(self, place: str, text: str) -> Leak | None:
        """The foreign customers that a CSV names: a cell is an id or a name as a whole, short numbers only as customer_id."""
        rows = list(csv.reader(StringIO(text)))
        column = rows[0].index("customer_id") if rows and "customer_id" in rows[0] else None
        keys = set() if column is None else {key for row in rows[1:] for key in (row[column], row[column].removeprefix("'"))}
        return self._in_cells(place, {cell.removeprefix("'") for row in rows for cell in row}, keys)

    def in_sheet(self, place: str, rows: Sequence[Sequence[str]]) -> Leak | None:
        """The foreign customers that a sheet names: as a whole cell, in a sentence, or by a short number in a column of ids."""
        cells = {cell for row in rows for cell in row if cell}
        keys: set[str] = set()
        for number, row in enumerate(rows):
            for column, head in enumerate(row):
                if head in _id_heads():
                    keys |= {below[column] for below in rows[number + 1 :] if column < len(below)}
        found = [self._in_cells(place, cells, keys), self.in_texts(place, sorted(cells))]
        seen = [leak for leak in found if leak is not None]
        return Leak(place, tuple(sorted({key for leak in seen for key in leak.ids})), max(leak.names for leak in seen)) if seen else None

    def _in_cells(self, place: str, cells: Collection[str], keys: Collection[str]) -> Leak | None:
        """Foreign ids and names that are a whole cell; of `keys`, which are nothing but ids, the short ones, too."""
        ids = {cell for cell in cells if cell in self.register.ids and cell not in self.own}
        ids |= {key for key in keys if key in self.register.names and key not in self.own}
        names = {name for cell in cells if (name := _squeeze(cell)) in self.register.phrases and name not in self.told}
        return self._leak(place, ids, names)

    def _leak(self, place: str, ids: set[str], names: set[str]) -> Leak | None:
        names = {name for name in names if name not in _own_words()}
        return Leak(place, tuple(sorted(ids)[:MOST]), len(names)) if ids or names else None

    @cached_property
    def _lengths(self) -> Mapping[str, tuple[int, ...]]:
        """First two letters -> how long the foreign and the own phrases are that begin so, longest first."""
        both, own = dict(self.register.heads), _heads(self.told)
        for head, lengths in own.items():
            both[head] = tuple(sorted({*lengths, *both.get(head, ())}, reverse=True))
        return both

    def _phrases(self, text: str, laid_out: bool) -> Iterator[str]:
        """Foreign names in a text, whatever its line breaks; a longer own name wins over a foreign one within it."""
        squeezed, starts, blanks = _without_blanks(text)
        ends = {*starts, len(squeezed)}
        lengths = self._lengths
        end = 0
        for start in starts:
            if start < end:
                continue
            for length in lengths.get(squeezed[start : start + 2], ()):
                phrase = squeezed[start : start + length]
                if start + length not in ends and _WORD.match(squeezed[start + length : start + length + 1] or " "):
                    continue
                if phrase in self.told:
                    end = start + length
                    break
                if phrase in self.register.phrases and not (laid_out and self._own_before(squeezed[start : start + length], start, blanks)):
                    yield phrase

    def _own_before(self, phrase: str, start: int, blanks: Collection[int]) -> bool:
        """Whether a foreign name is an own one and a number that follows it after a blank."""
        number = len(phrase.rstrip("0123456789"))
        return any(start + place in blanks and phrase[:place] in self.told for place in range(number, len(phrase)))


def leaks_in(foreign: Foreign, pack: object, pdf: bytes, workbook: bytes = b"") -> list[Leak]:
    """Every place of a pack, as it was built and as it was finished, that names a foreign customer."""
    foreign = foreign.beside(pack)
    found = [foreign.in_pack("the pack as built", pack)]
    for place, text in finished_texts(pdf):
        look = foreign.in_table if place.endswith(".csv") else foreign.in_text
        found.append(look(place, text))
    if workbook:
        found.append(foreign.in_texts("what its workbook says of itself", description_of(workbook).splitlines()))
        found += [foreign.in_sheet(f"sheet {tab!r} of its workbook", rows) for tab, rows in read_sheets(workbook)]
    return [leak for leak in found if leak is not None]


@lru_cache(maxsize=1)
def _id_heads() -> frozenset[str]:
    """How a workbook heads its columns of ids, in every language."""
    return frozenset(words(locale)._(ID_HEAD) for locale in available())


def finished_texts(pdf: bytes) -> Iterator[tuple[str, str]]:
    """All that a finished PDF says: its pages, bookmarks, description and attachments, as (place, text)."""
    import pypdfium2  # type: ignore[import-untyped]

    document = pypdfium2.PdfDocument(pdf)
    try:
        yield "its description", "\n".join(str(value) for value in document.get_metadata_dict().values())
        yield "its bookmarks", "\n".join(item.get_title() for item in document.get_toc())
        yield "its pages", "\n".join(page.get_textpage().get_text_bounded() for page in document)
        for number in range(document.count_attachments()):
            attachment = document.get_attachment(number)
            yield f"attached {attachment.get_name()}", bytes(attachment.get_data()).decode("utf-8", "replace")
    finally:
        document.close()


def _texts(value: object) -> Iterator[str]:
    """Every text in a plain value, however deep; what is attached and long tables are looked at in the finished files."""
    if isinstance(value, str):
        yield from (unescape(text) for text in _DRAWN.findall(value)) if value.startswith("<") else (value,)
    elif isinstance(value, Grid):
        yield value.note
        for one in value.fields:
            yield one.title
            yield from {text for text in one.values if isinstance(text, Sentence)}
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _texts(item)


@dataclass(frozen=True)
class Built:
    """A pack before it is laid out: whose cells and names it holds, all its texts, and those of which nothing is known."""

    about: frozenset[str]
    texts: tuple[str, ...]
    plain: tuple[str, ...]

    @classmethod
    def of(cls, pack: object) -> Built:
        """From any plain value, however deep."""
        texts = tuple(_texts(pack))
        parts = [part for text in texts for part in leaves(text)]
        about = {part.about for part in parts if isinstance(part, Named)} | set(_about_in_grids(pack))
        return cls(frozenset(about), texts, tuple(part for part in parts if not isinstance(part, Ours | Numeral | Named)))

    def ends_with(self, word: str) -> bool:
        """Whether one of the texts ends with this word, squeezed."""
        return any(end.endswith(word) for end in self._ends)

    @cached_property
    def _ends(self) -> tuple[str, ...]:
        return tuple({_squeeze(text[-80:]) for text in self.texts})


def _about_in_grids(value: object) -> Iterator[str]:
    """The customers of whom the long tables have rows."""
    for sheet in getattr(value, "sheets", ()):
        for block in sheet.blocks:
            if isinstance(block, Grid):
                yield from (cell.about for one in block.fields for cell in one.values if isinstance(cell, Named))


@lru_cache(maxsize=1)
def _own_words() -> frozenset[str]:
    """The words that packs say of themselves, in every language, each message as a whole."""
    return frozenset(_squeeze(one) for one in vocabulary())


def _forms(name: str) -> tuple[str, ...]:
    """A name as it is, and as a pack prints it where that is another text: without what no font of ours holds, cut where it is long."""
    if len(name) <= NAME_LIMIT and (name.isascii() or (is_normalized("NFC", name) and set(name) <= printable())):
        return (name,)
    return name, clean(name, NAME_LIMIT).rstrip("…")


def _telling(key: str) -> bool:
    letters, digits = any(one.isalpha() for one in key), any(one.isdigit() for one in key)
    return len(key) >= 3 if letters and digits else len(key) >= 7


def _long_enough(squeezed: str) -> bool:
    return len(squeezed) >= (3 if _CJK.fullmatch(squeezed[0]) else 5)


def _squeeze(text: str) -> str:
    return "".join(normalize("NFC", text).split()).casefold()


def _without_blanks(text: str) -> tuple[str, list[int], set[int]]:
    """A text without white space, where in it a word may begin, and where there was white space."""
    starts: list[int] = []
    blanks: set[int] = set()
    place = 0
    words = normalize("NFC", text).casefold().split()
    for word in words:
        starts.append(place)
        blanks.add(place)
        starts += [place + one.start() for one in _STARTS.finditer(word)]
        place += len(word)
    return "".join(words), starts, blanks


def _heads(phrases: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """First two letters -> how long the phrases are that begin so."""
    found: dict[str, set[int]] = {}
    for phrase in phrases:
        found.setdefault(phrase[:2], set()).add(len(phrase))
    return {head: tuple(sorted(lengths, reverse=True)) for head, lengths in found.items()}
