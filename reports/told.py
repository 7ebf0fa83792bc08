"""Sentences that still know what was put into them, and names that still know whose they are.

A number, a name and our own words look alike once they are laid out. Until then they are kept apart: by that a printed
number is found again in the evidence (`reports.printed`), and a customer where only others may be (`reports.leaks`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from string import Formatter


class Ours(str):
    """Words of ours: what a message says around its values."""

    __slots__ = ()


class Named(str):
    """A customer's printed name or id, and whose it is."""

    __slots__ = ("about",)

    about: str

    def __new__(cls, text: str, about: str) -> Named:
        made = super().__new__(cls, text)
        made.about = about
        return made

    def __reduce__(self) -> tuple[type[Named], tuple[str, str]]:
        return Named, (str(self), self.about)


class Sentence(str):
    """A sentence and its parts in their order: words of ours, and the values between them as they were given."""

    __slots__ = ("parts",)

    parts: tuple[str, ...]

    def __new__(cls, parts: Iterable[str]) -> Sentence:
        held = tuple(parts)
        made = super().__new__(cls, "".join(held))
        made.parts = held
        return made

    def __reduce__(self) -> tuple[type[Sentence], tuple[tuple[str, ...]]]:
        return Sentence, (self.parts,)

    def __add__(self, other: str) -> Sentence:
        return Sentence((*self.parts, other))

    def __radd__(self, other: str) -> Sentence:
        return Sentence((other, *self.parts))


def fill(message: str, values: Mapping[str, object]) -> Sentence:
    """A message of ours with its named values in their places."""
    parts: list[str] = []
    for words, name, form in _places(message):
        if words:
            parts.append(Ours(words))
        if name:
            value = values[name]
            parts.append(value if isinstance(value, str) and not form else format(value, form))
    return Sentence(parts)


def in_a_row(between: str, texts: Iterable[str]) -> Sentence:
    """Texts in a row with words of ours between them."""
    parts: list[str] = []
    for text in texts:
        if parts and between:
            parts.append(Ours(between))
        parts.append(text)
    return Sentence(parts)


def around(text: str, items: Iterable[str]) -> str:
    """A text into which items were put in their order, with the items apart again; as it is where they do not stand there."""
    parts: list[str] = []
    end = 0
    for item in items:
        start = text.find(item, end)
        if start < 0:
            return text
        parts += [Ours(text[end:start]), item]
        end = start + len(item)
    return Sentence(part for part in (*parts, Ours(text[end:])) if part)


def leaves(text: str) -> Iterator[str]:
    """The parts of a text that have no parts themselves, in their order."""
    if isinstance(text, Sentence):
        for part in text.parts:
            yield from leaves(part)
    elif text:
        yield text


@lru_cache(maxsize=4096)
def _places(message: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((words, name or "", form or "") for words, name, form, _ in Formatter().parse(message))
