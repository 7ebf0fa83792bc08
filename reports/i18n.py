"""Words in the reader's language: gettext catalogues, read from their `.po` files as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from gettext import c2py
from pathlib import Path

from babel import Locale
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from reports.languages import LANGUAGES, SOURCE_LOCALE
from reports.told import Ours, around, fill, in_a_row
from transforms.errors import UsageError
from transforms.figures import Indicator
from transforms.indicators.all import MEASURES

LOCALES = Path(__file__).resolve().parent / "locale"


class Words:
    """One language: `_` says a sentence, `plural` the right one of two, values filled in by name.

    Values are put in as they are and can be found again in what is said (`reports.told`); a message is ours, never the data's.
    """

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self.written = LANGUAGES[locale]
        self._catalogue = _catalogue(locale)

    @property
    def lang(self) -> str:
        """The language as documents state it: `zh-CN`."""
        return self.locale.replace("_", "-")

    def _(self, message: str, /, **values: object) -> str:
        found = self._catalogue.get(message) if self._catalogue else None
        text = str(found.string) if found and found.string else message
        return fill(text, values) if values else Ours(text)

    def plural(self, one: str, many: str, number: int, /, **values: object) -> str:
        """The sentence for that many things; how the number is written is the caller's, as one of the values."""
        text = one if number == 1 else many
        if self._catalogue:
            found = self._catalogue.get((one, many))
            if found and found.string and found.string[0]:
                text = found.string[c2py(self._catalogue.plural_expr)(number)]
        return fill(text, values) if values else Ours(text)

    def list_of(self, items: Iterable[str]) -> str:
        """`a, b and c`, as the language joins them."""
        held = list(items)
        return around(str(format_list(held, locale=Locale.parse(self.locale))), held)

    def apart(self, items: Iterable[str]) -> str:
        """Items that do not add up to a sentence, set apart by semicolons."""
        return in_a_row(self.written.semicolon, items)

    def join(self, sentences: Iterable[str]) -> str:
        """Sentences in a row: with a space between them where the language has one."""
        return in_a_row(self.written.space, (sentence for sentence in sentences if sentence))


@lru_cache(maxsize=8)
def words(locale: str) -> Words:
    """The words of a locale; a UsageError names those there are."""
    if locale not in available():
        raise UsageError(f"there is no {locale!r} pack language; possible: {', '.join(available())}. Nothing was rendered.")
    return Words(locale)


def available() -> tuple[str, ...]:
    """All languages that packs can be made in."""
    return tuple(sorted(LANGUAGES))


def messages_in_code() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Every message in code, templates and indicators, after its `file:line`: what a catalogue must hold, no more, no less."""
    rooms = [("**.py", "python"), ("**.j2", "jinja2.ext.babel_extract")]
    found = extract_from_dir(
        str(LOCALES.parent),
        method_map=rooms,
        options_map={"**.j2": {"trimmed": "true", "silent": "false"}},
        keywords={"_": None, "N_": None, "plural": (1, 2)},
    )
    for file, line, message, _comments, _context in found:
        yield f"reports/{file}:{line}", message
    for measure in MEASURES.values():
        for text in _said_of(measure.indicator):
            yield measure.place, text


def _said_of(indicator: Indicator) -> tuple[str, ...]:
    return (indicator.title, indicator.formula, indicator.window)


def vocabulary() -> Iterator[str]:
    """All that packs say of themselves in any language: messages, and the words of the indicators."""
    for locale in available():
        for entry in _catalogue(locale) or ():
            for text in (entry.id, entry.string):
                yield from [text] if isinstance(text, str) else text or ()
    for name, measure in MEASURES.items():
        yield from (name, *_said_of(measure.indicator))


def N_(message: str) -> str:  # noqa: N802 - the name by which gettext tools know it
    """Mark a message for the catalogues that is said elsewhere."""
    return message


@lru_cache(maxsize=8)
def _catalogue(locale: str) -> Catalog | None:
    if locale == SOURCE_LOCALE:
        return None
    with (LOCALES / locale / "LC_MESSAGES" / "keping.po").open("rb") as file:
        return read_po(file, locale=locale, domain="keping")
