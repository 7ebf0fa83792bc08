"""Why a score and a grade changed, in words: sentences from templates, every number in them one of the evidence."""

from __future__ import annotations

from collections.abc import Mapping

from reports.formats import Formats, finite
from reports.i18n import N_, Words

CAUSES: Mapping[str, tuple[str, str]] = {
    "tenure": (N_("shorter history"), N_("longer history")),
    "recency": (N_("longer silence"), N_("shorter silence")),
    "orders": (N_("fewer orders per month"), N_("more orders per month")),
    "net": (N_("lower yearly net"), N_("higher yearly net")),
    "policy": (N_("policy changed"), N_("policy changed")),
    "restated": (N_("earlier data restated"), N_("earlier data restated")),
    "appeared": (N_("no score any more"), N_("first score")),
    "hold": (N_("hold rules"), N_("hold rules")),
}
"""Part of a change -> what it is called where it pulls down and where it lifts."""

Row = Mapping[str, object]
"""One customer's line of `transforms.why.evidence`."""


def causes(words: Words, formats: Formats, row: Row, digits: int = 1, prefix: str = "change") -> str:
    """The parts of a change that print as more than nothing, largest first: `fewer orders per month −4.0, lower yearly net −1.7`."""
    parts = [(name, finite(row.get(f"{prefix}_{name}"))) for name in CAUSES]
    known = [(name, part) for name, part in parts if part is not None and _shows(formats, part, digits)]
    known.sort(key=lambda item: -abs(item[1]))
    said = [words._("{cause} {part}", cause=words._(CAUSES[name][part > 0]), part=formats.difference(part, digits)) for name, part in known]
    said = ["\u00a0".join(text.rsplit(" ", 1)) for text in said]  # no line ends between a cause and its number
    return words.written.comma.join(said)


def score_change(words: Words, formats: Formats, row: Row, digits: int = 1) -> str:
    """`−6.2 = fewer orders per month −4.0, lower yearly net −1.7`; words where the score did not change, or nothing is known."""
    change = finite(row.get("change_score"))
    if change is None:
        return words._("no month before to compare with")
    said = causes(words, formats, row, digits)
    if not said:
        return words._("score unchanged")
    return words._("{change} = {causes}", change=formats.difference(change, digits), causes=said)


def reason_of_move(words: Words, formats: Formats, row: Row) -> str:
    """Why a customer stands in another grade: the change of score, and whether the hold rules had a part in it."""
    said = score_change(words, formats, row)
    if is_set_by_hand(row):
        return words.apart([said, words._("set by hand")])
    hold, steps = finite(row.get("steps_hold")), finite(row.get("grade_steps"))
    if hold and steps and hold * steps > 0:
        said = words.apart(
            [said, words._("no longer held by the hold rules") if steps < 0 else words._("beyond the band of the hold rules")]
        )
    return said


def is_set_by_hand(row: Row) -> bool:
    """Whether another grade stands than the rules give."""
    rule = row.get("rule_grade")
    return isinstance(rule, str) and rule != row.get("grade")


def way_back(words: Words, formats: Formats, row: Row) -> str:
    """The smallest single change that would bring the lost grade back; words where no single one would."""
    measure, amount = row.get("restore_measure"), finite(row.get("restore_amount"))
    if not isinstance(measure, str):
        return ""
    return amount_back(words, formats, measure, amount) if amount is not None else words._("no single measure")


def amount_back(words: Words, formats: Formats, measure: str, amount: float) -> str:
    """How much of one measure: `2 more orders in twelve months`."""
    match measure:
        case "orders":
            return words.plural(
                "{n} more order in twelve months", "{n} more orders in twelve months", round(amount), n=formats.count(amount)
            )
        case "net":
            return words._("{money} more net in twelve months", money=formats.money(amount, 0))
        case _:
            return words.plural("a last order {n} day later", "a last order {n} days later", round(amount), n=formats.count(amount))


def _shows(formats: Formats, part: float, digits: int) -> bool:
    return any(digit in "123456789" for digit in formats.number(part, digits))
