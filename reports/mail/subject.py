"""The subject of a mail: the news, short enough to be read where mails are listed."""

from __future__ import annotations

import re
import unicodedata

from reports.formats import NO_CURRENCY, formats
from reports.i18n import words
from reports.mail.headers import flat
from reports.mail.letter import Letter, PackWords

COLUMNS = 78
"""The most that a subject is wide; a Chinese letter is as wide as two Latin ones."""
_REMARK = re.compile(r"\s*[(（][^()（）0-9]*[)）](?![0-9.,])")
ABOUT = 30
"""The most of it that says whom the news is about."""


def subject_of(letter: Letter) -> str:
    """The first message of the most important pack in short; packs that were published without messages are named instead."""
    packs = sorted((pack.words for pack in letter.packs), key=lambda one: one.order)
    leading = next((one for one in packs if one.messages), next((one for one in packs if one.news), None))
    if leading is None:
        return _framed(letter, _plain_subject(letter, packs))
    said = words(letter.locale)
    about = shorten(flat(leading.about), ABOUT)
    month = formats(letter.locale, NO_CURRENCY).month(letter.month)
    return _framed(letter, said._("{about}, {month}: {news}", about=about, month=month, news=flat(leading.news)))


def _plain_subject(letter: Letter, packs: list[PackWords]) -> str:
    said = words(letter.locale)
    first, more = flat(packs[0].title), len(packs) - 1
    title = said._("{title} and {n} more", title=first, n=more) if more else first
    return said._("{company}: customer review {month}, {title}", company=flat(letter.company), month=str(letter.month), title=title)


def _framed(letter: Letter, news: str) -> str:
    """With what must be said of the mail itself, for which the news gives way."""
    said = words(letter.locale)

    def framed(subject: str) -> str:
        if letter.restated:
            subject = said._("Restated (r{revision}): {subject}", revision=letter.revision, subject=subject)
        if letter.part[1] > 1:
            subject = said._("{subject} ({part} of {parts})", subject=subject, part=letter.part[0], parts=letter.part[1])
        return said._("Test, not sent to readers: {subject}", subject=subject) if letter.test else subject

    return framed(shorten(news, COLUMNS - columns(framed(""))))


def shorten(text: str, most: int) -> str:
    """A text that is at most so wide: what is in brackets gives way first, unless it is a number; then it is cut between words, and
    never within or right after a number, which would read as another.
    """
    if columns(text) > most:
        text = _REMARK.sub("", text)
    if columns(text) <= most:
        return text
    end = 0
    while end < len(text) and columns(text[: end + 1]) < most:
        end += 1
    for at in range(end, 0, -1):
        kept = text[:at].rstrip(" ,;:，；：、（(")
        if kept and _ends_a_word(text, at) and not kept[-1].isnumeric():
            return f"{kept}…"
    return f"{text[:end].rstrip('0123456789.,')}…"


def columns(text: str) -> int:
    """How wide a text is, in Latin letters."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _ends_a_word(text: str, at: int) -> bool:
    return " " in text[at - 1 : at + 1] or any(columns(letter) == 2 for letter in text[at - 1 : at + 1])
