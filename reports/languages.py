"""The languages that packs are made in. Another one is a line here and its catalogue, `locale/<locale>/LC_MESSAGES/keping.po`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Language:
    """How a language writes what is no sentence; as English does where nothing else is said.

    comma, semicolon, space   between items, between items that do not add up to a sentence, between sentences
    steps     sizes from which money at a glance is cut short, largest first, with their signs
    month, month_short, month_tick   Unicode date patterns: in text, in tables, under an axis
    date, instant                    a day in text, without and with the time of day
    money     words that stand behind money at a glance, by currency, in place of the sign before it
    whole     what belongs to the number before it, as a pattern: no line ends between the two
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
    money: Mapping[str, str] = field(default_factory=dict)
    whole: str = r"(?:\d+ )?(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}" + (
        r"|[+−]?\d[\d,.]* (?:h|pp|per 1,000|days?|months?|years?|points?|orders?|customers?|tickets?|complaints?|answers?)\b"
    )
    dense: bool = False


CHINESE = Language(
    "，",
    "；",
    "",
    ((1e8, "亿"), (1e4, "万")),
    *("yyyy年M月", "yyyy年M月", "M月", "yyyy年M月d日", "yyyy年M月d日 HH:mm 'UTC'"),
    money={"CNY": "元", "HKD": "港元", "TWD": "新台币", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "JPY": "日元"},
    whole=r"\d{4}年(?:\d+月(?:\d+日)?)?|[+−]?[¥$€£]?\d[\d,.]*[%‰]?(?:个百分点|个月|小时|[万亿]?元|[万亿]|[天年月日位分份件笔项行次家单倍级起])",
    dense=True,
)

SOURCE_LOCALE = "en"
"""The language in which messages are written in code and templates; it needs no catalogue."""

LANGUAGES = {
    SOURCE_LOCALE: Language(),
    "zh_CN": CHINESE,
}
"""Locale -> how it is written."""
