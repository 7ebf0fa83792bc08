"""Numbers, money, shares, times and reasons as a reader of one language expects them.

Everything rounds half to even on the decimal value, and nothing prints `nan`, `inf`,
`NaT` or `None`: what is missing is said in words.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from numbers import Integral

import pandas as pd
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, get_currency_precision, get_currency_symbol

from reports.glyphs import printable
from reports.i18n import Words, words
from reports.numerals import Numeral, money_form, number_form, share_form, signed_form, worded_form
from reports.told import Ours, Sentence
from transforms.figures import Reason, Unit
from transforms.month import Month

NO_CURRENCY = "XXX"
"""ISO 4217 for text in which no money is told."""

MINUS = "−"
DASH = "–"

_PLACE = "#"
"""Stands for a number in words that are made into a number format."""

_WIDE = Context(prec=400)
_TOO_LONG = Decimal(10) ** 18
_TOO_LARGE = 1e15
_NARROW_SIGNS = {"CNY": "¥"}
"""Signs where a pack, which has one currency and names it, needs no country before the sign."""


class Formats:
    """All formats of one locale and currency; every method takes None and says so."""

    def __init__(self, locale: str, currency: str) -> None:
        self.locale = locale
        self.currency = currency
        self.words: Words = words(locale)
        self._written = self.words.written
        self._babel = Locale.parse(locale)

    # numbers

    def count(self, value: float | int | None) -> str:
        """A whole number with thousands separators."""
        return self.number(value, 0)

    def number(self, value: float | int | None, digits: int) -> str:
        """A number with exactly `digits` decimals."""
        known = finite(value)
        if known is None:
            return DASH
        text = self._with_sign(_round(known, digits), lambda number: str(format_decimal(number, _pattern(digits), locale=self._babel)))
        return Numeral(text, known, number_form(digits))

    def money(self, value: float | int | None, digits: int | None = None) -> str:
        """Currency units with the currency's sign; whole units from 1,000 on, else its usual decimals."""
        known = finite(value)
        if known is None:
            return DASH
        if digits is None:
            digits = 0 if abs(known) >= 1000 else int(get_currency_precision(self.currency))
        symbol = self._symbol()
        shape = f"{symbol}{_pattern(digits)}"
        text = self._with_sign(
            _round(known, digits),
            lambda number: str(format_currency(number, self.currency, shape, locale=self._babel, currency_digits=False)),
        )
        return Numeral(text, known, money_form(self._sign(), digits))

    def money_short(self, value: float | int | None) -> str:
        """Money at a glance: ¥1.24M, ¥380K in English; 124万元, 1.30亿元 in Chinese. For axes and large figures."""
        known = finite(value)
        if known is None:
            return DASH
        if abs(known) >= _TOO_LARGE:
            return f"{MINUS if known < 0 else ''}{self._sign()}{abs(known):.2E}"
        word = self._written.money.get(self.currency, "")
        sign = "" if word else self._sign()
        for size, letter in self._written.steps:
            if abs(known) >= size * 0.9995:
                scaled = known / size
                digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
                return self._with_sign(_round(scaled, digits), self._plain, sign, letter + word)
        return self._with_sign(_round(known, 0), self._plain, after=word) if word else self.money(known, 0)

    def share(self, value: float | None, digits: int = 1) -> str:
        """0-1 as a percentage."""
        known = finite(value)
        return DASH if known is None else Numeral(self.number(known * 100, digits) + "%", known, share_form(digits))

    def share_points(self, value: float | None, digits: int = 1) -> str:
        """A difference of shares as percentage points, with its sign."""
        known = finite(value)
        return DASH if known is None else self.words._("{number} pp", number=self.difference(known * 100, digits))

    def difference(self, value: float | None, digits: int) -> str:
        """A difference: always with its sign, zero without one."""
        known = finite(value)
        if known is None:
            return DASH
        text = self.number(known, digits)
        return Numeral(f"+{text}" if _round(known, digits) > 0 else text, known, signed_form(number_form(digits)))

    def hours(self, value: float | None, days: bool | None = None) -> str:
        """A duration in hours, in days from 48 hours on; `days` settles it, so that one axis has one unit."""
        known = finite(value)
        if known is None:
            return DASH
        if abs(known) >= 48 if days is None else days:
            text = self.words._("{number} days", number=self.number(known / 24, 1))
        else:
            text = self.words._("{number} h", number=self.number(known, 1))
        # in a spreadsheet a column has one unit
        return Numeral(text, known, worded_form(self.words._("{number} h", number=_PLACE), _PLACE, 1))

    def days(self, value: float | None) -> str:
        """A duration in days."""
        known = finite(value)
        if known is None:
            return DASH
        text = self.words.plural("{number} day", "{number} days", round(known), number=self.count(known))
        return Numeral(text, known, worded_form(self.words._("{number} days", number=_PLACE), _PLACE, 0))

    # figures

    def figure(self, value: float | None, unit: Unit) -> str:
        """A figure's value in the shape of its unit."""
        match unit:
            case Unit.COUNT:
                return self.count(value)
            case Unit.MONEY:
                return self.money(value)
            case Unit.SHARE:
                return self.share(value)
            case Unit.INDEX:
                return self.number(value, 1)
            case Unit.POINTS | Unit.BALANCE:
                return self.difference(value, 0)
            case Unit.SCORE:
                return self.number(value, 2)
            case Unit.HOURS:
                return self.hours(value)
            case Unit.DAYS:
                return self.days(value)
            case Unit.PER_THOUSAND:
                known = finite(value)
                if known is None:
                    return DASH
                text = self.words._("{number} per 1,000", number=self.number(known, 1))
                return Numeral(text, known, worded_form(self.words._("{number} per 1,000", number=_PLACE), _PLACE, 1))
            case Unit.RATIO:
                return self.number(value, 2)

    def axis(self, value: float | None, unit: Unit) -> str:
        """A figure's value where room is short: on axes and beside chart marks."""
        match unit:
            case Unit.MONEY:
                return self.money_short(value)
            case Unit.SHARE:
                known = finite(value)
                return self.share(value, 0 if known is not None and abs(known) >= 0.095 else 1)
            case Unit.PER_THOUSAND:
                return self.number(value, 1)
            case _:
                return self.figure(value, unit)

    def change(self, change: float | None, previous: float | None, unit: Unit) -> str:
        """A change in words a manager uses: percent of what grows, points of what has a scale.

        No percentage across a change of sign: from 72,400 to -52,600 is no "-172.7%" of anything.
        """
        known, before = finite(change), finite(previous)
        if known is None:
            return DASH
        match unit:
            case Unit.SHARE:
                return self.share_points(known)
            case Unit.COUNT | Unit.MONEY:
                if before is not None and before > 0 and -before <= known < 10 * before:
                    return Sentence((self.difference(known / before * 100, 1), Ours("%")))
                return self.difference(known, 0) if unit is Unit.COUNT else _with_plus(known, self.money(known))
            case Unit.POINTS | Unit.BALANCE:
                return self.difference(known, 0)
            case Unit.SCORE | Unit.RATIO:
                return self.difference(known, 2)
            case Unit.HOURS | Unit.DAYS:
                text = self.hours(known) if unit is Unit.HOURS else self.days(known)
                return _with_plus(known, text)
            case Unit.INDEX | Unit.PER_THOUSAND:
                return self.difference(known, 1)

    def interval(self, lower: float | None, upper: float | None, unit: Unit) -> str:
        """A 95 % interval, or nothing where there is none."""
        if finite(lower) is None or finite(upper) is None:
            return ""
        if unit is Unit.SHARE:
            return self.words._("{low} to {high}", low=self.share(lower, 0), high=self.share(upper, 0))
        if unit is Unit.PER_THOUSAND:
            return self.words._("{low} to {high}", low=self.number(lower, 1), high=self.number(upper, 1))
        return self.words._("{low} to {high}", low=self.figure(lower, unit), high=self.figure(upper, unit))

    def reason(self, reason: str | None, n: float | None) -> str:
        """Why there is no value, in words."""
        known = finite(n)
        match Reason(reason) if reason in set(Reason) else Reason.NO_DATA:
            case Reason.NOT_SUPPLIED:
                return self.words._("not supplied")
            case Reason.TOO_FEW if known is not None:
                return self.words._("too few (n={n})", n=self.count(known))
            case Reason.TOO_FEW:
                return self.words._("too few")
            case Reason.HELD:
                return self.words._("held back")
            case _ if known is not None:
                return self.words._("no data (n={n})", n=self.count(known))
            case _:
                return self.words._("no data")

    # time

    def month(self, month: Month) -> str:
        """October 2026, 2026年10月."""
        return str(format_date(month.first_day, self._written.month, locale=self._babel))

    def month_short(self, month: Month) -> str:
        """Oct 2026, 2026年10月."""
        return str(format_date(month.first_day, self._written.month_short, locale=self._babel))

    def month_tick(self, month: Month) -> str:
        """Oct, 10月: under an axis that names the years apart."""
        return str(format_date(month.first_day, self._written.month_tick, locale=self._babel))

    def season(self, start: float | None) -> str:
        """Mar to May, 3月 至 5月: three calendar months in a row, wherever they begin."""
        first = finite(start)
        if first is None:
            return DASH
        names = [self.month_tick(Month(2001, (int(first) - 1 + ahead) % 12 + 1)) for ahead in (0, 2)]
        return self.words._("{low} to {high}", low=names[0], high=names[1])

    def day(self, day: date | None) -> str:
        """2026-10-31: for tables."""
        return DASH if day is None or pd.isna(day) else day.strftime("%Y-%m-%d")

    def date(self, day: date) -> str:
        """31 October 2026, 2026年10月31日: in text."""
        return str(format_date(day, self._written.date, locale=self._babel))

    def money_form(self, digits: int = 0) -> str:
        """The number format of money in a spreadsheet."""
        return money_form(self._sign(), digits)

    def instant(self, moment: datetime | None) -> str:
        """An aware instant in UTC, with the zone said."""
        if moment is None or pd.isna(moment):
            return DASH
        return str(format_datetime(moment.astimezone(UTC).replace(tzinfo=None), self._written.instant, locale=self._babel))

    def _symbol(self) -> str:
        """The currency's sign, quoted for a number pattern; its code where our fonts lack the sign."""
        return "'" + self._sign().replace("'", "''") + "'"

    def _sign(self) -> str:
        symbol = _NARROW_SIGNS.get(self.currency) or str(get_currency_symbol(self.currency, locale=self._babel))
        if not set(symbol) <= printable():
            symbol = self.currency
        return symbol if len(symbol) < 3 else symbol + "\u00a0"

    def _plain(self, number: Decimal) -> str:
        exponent = number.as_tuple().exponent
        digits = -exponent if isinstance(exponent, int) else 0
        return str(format_decimal(number, _pattern(max(0, digits)), locale=self._babel))

    def _with_sign(self, number: Decimal, show: Callable[[Decimal], str], before: str = "", after: str = "") -> str:
        """Show a rounded number: a minus that is a minus, and powers of ten where digits would fill the line."""
        text = show(abs(number)) if abs(number) < _TOO_LONG else f"{abs(number):.2E}"
        return f"{MINUS if number < 0 else ''}{before}{text}{after}"


@lru_cache(maxsize=16)
def formats(locale: str, currency: str) -> Formats:
    """The formats of a locale and reporting currency."""
    return Formats(locale, currency)


def finite(value: object) -> float | int | None:
    """A number, or None for everything that is no finite number; whole numbers stay whole."""
    if value is None or value is pd.NA or value is pd.NaT or isinstance(value, bool):
        return None
    if isinstance(value, Integral):
        return int(value)
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _round(value: float | int, digits: int) -> Decimal:
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    rounded = number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN, context=_WIDE)
    return rounded if rounded else abs(rounded)


def _with_plus(known: float, text: str) -> str:
    return Sentence((Ours("+"), text)) if known > 0 else text


def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")
