"""Numbers as people and programs write them: signs, groups of thousands, currency signs; what may mean two things is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

SIGNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "CNY": ("CN¥", "¥", "元", "RMB", "人民币"),
        "USD": ("US$", "$"),
        "EUR": ("€",),
        "GBP": ("£",),
        "JPY": ("JP¥", "¥", "円"),
        "HKD": ("HK$", "$"),
        "TWD": ("NT$", "$", "元"),
        "SGD": ("S$", "$"),
        "AUD": ("A$", "$"),
        "CAD": ("C$", "$"),
        "KRW": ("₩", "원"),
        "INR": ("₹", "Rs."),
        "CHF": ("Fr.", "SFr."),
    }
)
"""What stands beside an amount in a currency, besides its ISO code."""

THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
"""Currencies whose amounts have three decimals, so that 1.250 is no sign of thousands."""

AMBIGUOUS = r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+"
"""A point that may set thousands apart."""

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: 0xA5, 0x2212: 0x2D, 0x2013: 0x2D, 0xFE63: 0x2D}
_BLANKS = (" ", "\u00a0", "\u202f", "\u2009")
_APOSTROPHES = ("'", "\u2019")


@dataclass(frozen=True)
class Amounts:
    """How a block writes its numbers.

    decimal    the decimal sign
    thousands  the sign between groups of three; None: blanks and apostrophes, and the other sign where it cannot be a decimal one
    signs      currency signs that may stand beside an amount
    sure       somebody said which sign is the decimal one; else a column in which every point has three digits after it is refused
    """

    decimal: str = "."
    thousands: str | None = None
    signs: tuple[str, ...] = ()
    sure: bool = True


def signs_of(currency: str) -> tuple[str, ...]:
    """What may stand beside amounts in a currency, longest first."""
    return tuple(sorted({*SIGNS.get(currency, ()), currency} - {""}, key=lambda sign: (-len(sign), sign)))


def exact_decimal(text: str, amounts: Amounts = Amounts()) -> Decimal | None:
    """A number as written by a person or a program, or None where it is not surely one.

    Negative are `-5`, `5-`, `(5)` and the typographic minus signs; a currency sign may stand before or after. Groups of
    three may be set apart by blanks and apostrophes, or by the sign that is not the decimal one; that sign alone ("1,234"
    with a decimal point) is refused, since it may as well be a decimal comma, unless `thousands` says what it is.
    """
    negative, bare = _without_sign(text, amounts.signs)
    if bare is None:
        return None
    whole, point, rest = bare.partition(amounts.decimal)
    other = "," if amounts.decimal == "." else "."
    stated = () if amounts.thousands in (None, other) else (amounts.thousands or "",)
    for sign in (*_BLANKS, *_APOSTROPHES, *stated):
        if sign and sign in whole:
            whole = _without_grouping(whole, sign)
    if other in whole:
        grouped = whole.count(other) > 1 or bool(point) or amounts.thousands == other
        whole = _without_grouping(whole, other) if grouped else "?"
    if "_" in bare or not (whole + rest).isascii() or (whole + rest)[:1] in ("+", "-"):
        return None
    try:
        value = Decimal(f"{whole}{'.' if point else ''}{rest}")
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value.adjusted()) > 60:
        return Decimal(0) if value.is_finite() and value == 0 else None
    return -value if negative else value


def _without_sign(text: str, signs: tuple[str, ...]) -> tuple[bool, str | None]:
    """Whether a number is negative, and what is left of it without sign and currency; None where it has two signs."""
    bare = text.translate(_WIDE).strip()
    found = ""
    if bare.startswith("(") and bare.endswith(")"):
        found, bare = "-", bare[1:-1].strip()
    for step in range(2):  # a sign may stand before the currency or after it
        for place, cut in ((0, slice(1, None)), (-1, slice(None, -1))):
            if bare[place : place + 1 or None] in ("+", "-") and len(bare) > 1:
                if found:
                    return False, None
                found, bare = bare[place], bare[cut].strip()
        if step == 0:
            bare = _without_currency(bare, signs)
    return found == "-", bare


def _without_currency(bare: str, signs: tuple[str, ...]) -> str:
    for sign in signs:
        if bare.startswith(sign):
            return bare[len(sign) :].strip()
        if bare.endswith(sign):
            return bare[: -len(sign)].strip()
    return bare


def _without_grouping(whole: str, sign: str) -> str:
    first, *others = whole.split(sign)
    fine = 1 <= len(first) <= 3 and first.isdigit() and all(len(part) == 3 and part.isdigit() for part in others)
    return "".join([first, *others]) if fine else "?"
