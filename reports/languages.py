"""The languages that packs are made in. Another one is a line here and its catalogue, `locale/<locale>/LC_MESSAGES/keping.po`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """How a language writes what is no sentence; as English does where nothing else is said.

    comma, semicolon, space   between items, between items that do not add up to a sentence, between sentences
    steps     sizes from which money at a glance is cut short, largest first, with their signs
    month, month_short, month_tick   Unicode date patterns: in text, in tables, under an axis
    date, instant                    a day in text, without and with the time of day
    dense     whether a mail is smaller in base64, as hardly a letter is ASCII
    """

    comma: str = ", "
    semicolon: str = "; "
    space: str = " "
    steps: tuple[tuple[float, str], ...] = ((1e9, "B"), (1e6, "M"), (1e3, "K"))
    month: str = "MMMM yyyy"
    month_short: str = "MMM yyyy"
    month_tick: str = "MMM"
    date: str = "d MMMM yyyy"
    instant: str = "d MMM yyyy, HH:mm 'UTC'"
    dense: bool = False


CHINESE = Language(
    "，", "；", "", ((1e8, "亿"), (1e4, "万")), "yyyy年M月", "yyyy年M月", "M月", "yyyy年M月d日", "yyyy年M月d日 HH:mm 'UTC'", dense=True
)

SOURCE_LOCALE = "en"
"""The language in which messages are written in code and templates; it needs no catalogue."""

LANGUAGES = {
    SOURCE_LOCALE: Language(),
    "zh_CN": CHINESE,
}
"""Locale -> how it is written."""
