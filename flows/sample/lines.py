"""What the orders were of: products, and the lines that each order's money is made of, with what came back and why."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.sample.company import World
from flows.sample.seasons import Floats, Ints

LAUNCH_BACK = 7
"""The new product group is sold since so many months before the newest."""
NEW_GROUP = "cold brew"
RETURNED, BREAKAGE = "GR-07", "arrived broken"
RETURN_MONTHS = 4
"""One grinder comes back broken in the newest four months."""

_GROUPS: dict[str, tuple[str, float]] = {
    "tea": ("TE", 60.0),
    "coffee beans": ("CB", 90.0),
    "tea ware": ("TW", 220.0),
    "coffee machines": ("CM", 1800.0),
    "grinders": ("GR", 480.0),
    "filters and care": ("FC", 25.0),
    "gift sets": ("GS", 260.0),
    NEW_GROUP: ("CO", 45.0),
}
"""Product group -> the letters of its numbers, and what a piece costs about, in CNY."""
GROUPS = tuple(_GROUPS)
PER_GROUP = 8
_SHARES = np.array([0.2, 0.24, 0.13, 0.07, 0.07, 0.19, 0.1])
_REASONS = np.array(["not as described", "wrong item", "changed mind", "too late", BREAKAGE], dtype=object)
_PIECES = np.array([1, 2, 4, 5, 10, 20, 25, 50, 100])
"""Numbers of pieces that divide any amount of hundredths into ten-thousandths."""

LINE_COLUMNS = ("order", "line", "sku", "group", "pieces", "cents", "cost_cents", "discount_cents", "returned", "reason", "engraved")


def articles() -> pd.DataFrame:
    """The shop's list of articles: number, product group, title."""
    rows = [
        {"sku": f"{letters}-{number:02d}", "group": group, "title": f"{group} no. {number}"}
        for group, (letters, _) in _GROUPS.items()
        for number in range(1, PER_GROUP + 1)
    ]
    return pd.DataFrame(rows)


def order_lines(orders: pd.DataFrame, world: World, rng: np.random.Generator) -> pd.DataFrame:
    """One to four lines for every order; `order` is its place. Amount, cost and discount of an order are those of its lines.

    Customers keep to two product groups of their own; the new group comes in with its launch. What was given back whole
    came back whole, of what was given back in part one line came back. Money in hundredths of the order's currency.
    """
    number = rng.choice(4, len(orders), p=[0.45, 0.3, 0.17, 0.08]) + 1
    order = np.repeat(np.arange(len(orders)), number)
    line = np.arange(len(order)) - np.repeat(np.cumsum(number) - number, number) + 1
    share = _shares(rng.uniform(0.4, 1.6, len(order)), order, number)
    cents, cost, discount = (_split(orders[name].to_numpy(), share, line, number) for name in ("amount", "cost", "discount"))
    group = _groups(orders, world, order, rng)
    price = np.array([usual for _, usual in _GROUPS.values()])[group] * 100 * rng.uniform(0.8, 1.3, len(order))
    pieces = _PIECES[np.searchsorted(_PIECES, np.maximum(1, cents / price), side="right") - 1]
    item = rng.integers(1, PER_GROUP + 1, len(order))
    lines = pd.DataFrame(
        {
            "order": order,
            "line": line,
            "group": np.array(GROUPS, dtype=object)[group],
            "item": item,
            "pieces": pieces,
            "cents": cents,
            "cost_cents": cost,
            "discount_cents": discount,
            "engraved": (group == GROUPS.index("tea ware")) & (rng.random(len(order)) < 0.12),
        }
    )
    return _sent_back(lines, orders, world, rng)[list(LINE_COLUMNS)]


def _shares(weight: Floats, order: Ints, number: Ints) -> Floats:
    """The part of its order that lies before the end of each line, 0-1."""
    total = np.repeat(np.bincount(order, weights=weight, minlength=len(number)), number)
    before = np.cumsum(weight) - weight
    first = np.repeat(before[np.cumsum(number) - number], number)
    return np.asarray((before + weight - first) / total, dtype=np.float64)


def _split(whole: Ints, end: Floats, line: Ints, number: Ints) -> Ints:
    """Hundredths of each line, so that every order's lines add up to its whole."""
    reached = np.rint(np.repeat(whole, number) * end).astype(np.int64)
    before = np.concatenate([[0], reached[:-1]])
    return np.asarray(reached - np.where(line == 1, 0, before), dtype=np.int64)


def _groups(orders: pd.DataFrame, world: World, order: Ints, rng: np.random.Generator) -> Ints:
    """The product group of each line as a number: mostly one of the customer's two, and the new one since its launch."""
    count = len(world.customers)
    own = rng.choice(len(_SHARES), (count + 1, 2), p=_SHARES)
    who = orders["customer"].to_numpy()[order]
    free = rng.choice(len(_SHARES), len(order), p=_SHARES)
    habit = rng.random(len(order))
    group = np.where((habit < 0.5) & (who >= 0), own[who, 0], np.where((habit < 0.75) & (who >= 0), own[who, 1], free))
    since = world.season.place(orders["ordered"].to_numpy())[order] - (world.season.months - 1 - LAUNCH_BACK)
    fresh = rng.random(len(order)) < np.where(since >= 0, np.minimum(0.06 + 0.03 * since, 0.25), 0.0)
    return np.where(fresh, GROUPS.index(NEW_GROUP), group).astype(np.int64)


def _sent_back(lines: pd.DataFrame, orders: pd.DataFrame, world: World, rng: np.random.Generator) -> pd.DataFrame:
    """With pieces that came back, why, and the grinder that comes back broken."""
    order = lines["order"].to_numpy()
    refund, amount = orders["refund"].to_numpy()[order], orders["amount"].to_numpy()[order]
    whole = (refund > 0) & (refund == amount)
    part = (refund > 0) & ~whole & (lines["line"] == 1).to_numpy()
    pieces = lines["pieces"].to_numpy()
    some = np.clip(np.rint(pieces * refund / np.maximum(amount, 1)), 1, pieces).astype(np.int64)
    returned = np.where(whole, pieces, np.where(part, some, 0))
    reason = _REASONS[rng.choice(len(_REASONS), len(orders), p=[0.24, 0.2, 0.26, 0.2, 0.1])][order]
    paid = orders["refunded"].to_numpy()
    known = np.where(np.isnat(paid), world.season.start(0), paid)
    fresh = (world.season.place(known) > world.season.months - 1 - RETURN_MONTHS) & ~np.isnat(paid)
    broken = (fresh & (rng.random(len(orders)) < 0.4) & ~orders["scripted"].to_numpy(dtype=bool))[order]
    broken &= (returned > 0) & (lines["line"] == 1).to_numpy()
    group = lines["group"].where(~broken, "grinders")
    letters = group.map({name: letters for name, (letters, _) in _GROUPS.items()})
    item = np.where(broken, int(RETURNED[-2:]), lines["item"])
    return lines.assign(
        group=group,
        sku=[f"{letter}-{number:02d}" for letter, number in zip(letters, item.tolist(), strict=True)],
        returned=returned,
        reason=np.where(returned > 0, np.where(broken, BREAKAGE, reason), ""),
        engraved=lines["engraved"] & ~broken,
    )
