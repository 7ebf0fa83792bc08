"""Numbers as they are printed that still know what they are, so that a workbook can sort, filter and add them up."""

from __future__ import annotations

COUNT = "#,##0"
DAY = "yyyy-mm-dd"


class Numeral(str):
    """A printed number: its text wherever text is wanted, and with it the value and the number format of a spreadsheet.

    `source` says which figure it is, by its id in `figures.csv`, where it is one of them; `role` which of the figure's numbers.
    """

    __slots__ = ("form", "role", "source", "value")

    value: float | int
    form: str
    source: str
    role: str

    def __new__(cls, text: str, value: float | int, form: str, source: str = "", role: str = "") -> Numeral:
        made = super().__new__(cls, text)
        made.value, made.form, made.source, made.role = value, form, source, role
        return made

    def __reduce__(self) -> tuple[type[Numeral], tuple[str, float | int, str, str, str]]:
        return Numeral, (str(self), self.value, self.form, self.source, self.role)

    def of(self, source: str, role: str) -> Numeral:
        """The same number, known as one of a figure's."""
        return Numeral(str(self), self.value, self.form, source, role)


def number_form(digits: int) -> str:
    """Exactly `digits` decimals, thousands set apart."""
    return COUNT + ("." + "0" * digits if digits else "")


def share_form(digits: int) -> str:
    """0-1 as a percentage."""
    return "0" + ("." + "0" * digits if digits else "") + "%"


def worded_form(words: str, number: str, digits: int) -> str:
    """A number within words, such as `{number} h` with `number` in the place of the number."""
    before, _, after = words.partition(number)
    return f"{literal(before)}{number_form(digits)}{literal(after)}"


def money_form(sign: str, digits: int) -> str:
    """Currency units with the currency's sign in front."""
    return f"{literal(sign)}{number_form(digits)};-{literal(sign)}{number_form(digits)}"


def signed_form(form: str) -> str:
    """The same with a sign before what is not nought."""
    return f"+{form};-{form};{form}"


def literal(words: str) -> str:
    """Words that stand in a number format as they are."""
    return f'"{words}"' if words else ""
