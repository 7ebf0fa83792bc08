"""From last month's customers and money to this month's, in lines that add up in print, and what the same customers did."""

from __future__ import annotations

from collections.abc import Callable

from reports.blocks import Cell, Column, Table
from reports.i18n import N_
from reports.sections.words import joined_words, left_words
from reports.view import View
from transforms.figures import Unit
from transforms.indicators.bridge import Bridge, BridgeLine, Flow, Sums
from transforms.money import UNITS, amount

LINES = {
    Flow.SAME: N_("the same customers ({n})"),
    Flow.NEW: N_("new customers"),
    Flow.BACK: N_("came back"),
    Flow.LOST: N_("lost"),
    Flow.GONE: N_("merged or erased"),
    Flow.REFUNDS: N_("refunds of older orders"),
    Flow.NOBODY: N_("orders without a customer"),
}


def bridge_table(view: View) -> Table | None:
    """Customers, the month's net and twelve months' net from the end of last month to the end of this; None without last month."""
    bridge = view.facts.bridge
    if bridge is None:
        return None
    heads = (
        Column(view._("Movement"), width="37"),
        Column(view._("Customers"), numeric=True, width="17"),
        Column(view._("Net of the month"), numeric=True, width="23"),
        Column(view._("12-month net"), numeric=True, width="23"),
    )
    counts = _columns(bridge, lambda one: one.customers, 1)
    money = [_columns(bridge, lambda one: one.month_net, UNITS), _columns(bridge, lambda one: one.net_12m, UNITS)]
    first, last = view.formats.month(view.month - 1), view.formats.month(view.month)
    words = [first, *(_line_words(view, bridge, line) for line in bridge.lines), last]
    rows = tuple(
        (
            Cell(said),
            Cell(view.formats.count(number) if ends else _signed(view, number, Unit.COUNT)),
            *(Cell(view.formats.money(one, 0) if ends else _signed(view, one, Unit.MONEY)) for one in moneys),
        )
        for said, number, moneys, ends in zip(
            words, counts, zip(*money, strict=True), [True, *([False] * len(bridge.lines)), True], strict=True
        )
    )
    title = view._("From {first} to {last}", first=first, last=last)
    return Table(title, heads, rows, note=_note(view, bridge), last_is_total=True, compact=True, adds_up=True)


def same_customers_sentence(view: View) -> str:
    """What the customers who are in the tier in both months brought, then and now; nothing where there are none."""
    bridge = view.facts.bridge
    if bridge is None or not bridge.same_customers:
        return ""
    before, now = amount(bridge.same_before.month_net), amount(bridge.same_now.month_net)
    said = {"n": view.formats.count(bridge.same_customers), "money": view.formats.money_short(now)}
    change = view.formats.change(now - before, before, Unit.MONEY)
    return view.words.plural(
        "The {n} customer who was here a month ago, too, brought {money} ({change}).",
        "The {n} customers who were here a month ago, too, brought {money} ({change}).",
        bridge.same_customers,
        change=change,
        **said,
    )


def _columns(bridge: Bridge, measure: Callable[[Sums], int], unit: int) -> list[int]:
    """Opening, lines and closing in whole units, rounded along the way so that they add up as they are printed."""
    opening, closing = measure(bridge.opening), measure(bridge.closing)
    steps = [round(opening / unit)]
    reached, shown = opening, steps[0]
    for line in bridge.lines:
        reached += measure(line.moved)
        steps.append(round(reached / unit) - shown)
        shown += steps[-1]
    return [*steps, round(closing / unit)]


def _line_words(view: View, bridge: Bridge, line: BridgeLine) -> str:
    grade = next((one.grade for one in view.material.review.policy.grades if one.tier == line.tier), line.tier)
    if line.flow in (Flow.JOINED, Flow.LEFT):
        return joined_words(view, grade) if line.flow is Flow.JOINED else left_words(view, grade)
    return view._(LINES[line.flow], n=view.formats.count(bridge.same_customers))


def _signed(view: View, value: int, unit: Unit) -> str:
    if not value:
        return "0"
    text = view.formats.count(value) if unit is Unit.COUNT else view.formats.money(value, 0)
    return f"+{text}" if value > 0 else text


def _note(view: View, bridge: Bridge) -> str:
    said, lost = [], len(view.customers) - bridge.closing.customers
    if lost > 0:
        said.append(
            view.words.plural(
                "{n} lost customer with this last grade is not counted here.",
                "{n} lost customers with this last grade are not counted here.",
                lost,
                n=view.formats.count(lost),
            )
        )
    if any(line.flow is Flow.REFUNDS for line in bridge.lines):
        said.append(view._("Refunds of older orders: what customers got back beyond what they bought in the same span."))
    return view.words.join(said)
