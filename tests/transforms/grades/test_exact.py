"""Grades and indices of random customers against a second implementation in exact fractions, edges of every rule included."""

from __future__ import annotations

import os
import random
import secrets
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from tests.transforms.builders import Company, canonical
from transforms.freezing import freeze_reference
from transforms.inputs import History
from transforms.month import Month
from transforms.policy.rules import MEASURES, Policy, Reference, Satisfaction, builtin
from transforms.scoring import no_history, score_customers

BEGIN, LAST = Month(2022, 3), Month(2024, 6)
REVIEWED = [LAST - 2, LAST - 1, LAST]
CHOSEN = (70, 72, 68, 40, 42, 38)
"""Scores on which a rule turns: cuts, and cuts with their bands."""
SCALES = (("csat", 1, 5), ("acsi", 1, 10), ("nps", 0, 10), ("nps", 0, 10), ("loyalty", 1, 5), ("csat", 1, 7))
TOPS = {"tenure_months": 100, "recency_days": 1000, "orders_per_month": 10, "annual_net": 10_000}
EVEN = {name: [Fraction(TOPS.get(name, 10_000) * step, 1000) for step in range(1001)] for name in MEASURES}
"""A reference as plain as can be: evenly spread, so that many scores are short decimal numbers."""


# --- random customers -----------------------------------------------------------------------


@dataclass
class Person:
    """What one customer did: (day, ten-thousandths, status), (day, ten-thousandths) and (day, instrument, score, low, high)."""

    orders: list[tuple[date, int, str]] = field(default_factory=list)
    refunds: list[tuple[date, int]] = field(default_factory=list)
    answers: list[tuple[date, str, int, int, int]] = field(default_factory=list)


def day_between(dice: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=dice.randint(0, (last - first).days))


def anybody(dice: random.Random) -> Person:
    first = day_between(dice, date(2022, 3, 1), date(2024, 6, 30))
    days = [first, *(day_between(dice, first, date(2024, 6, 30)) for _ in range(dice.choice((0, 1, 3, 8, 20, 40))))]
    person = Person([(day, dice.choice((0, 1, 99_999, 10_000 * dice.randint(1, 900))), "") for day in days])
    person.orders += [(day_between(dice, first, date(2024, 6, 30)), 5_000_000, "cancelled") for _ in range(dice.choice((0, 0, 1)))]
    for day, amount, _ in dice.sample(person.orders, k=min(len(person.orders), dice.choice((0, 0, 1, 3)))):
        person.refunds.append((day_between(dice, day, date(2024, 6, 30)), dice.choice((amount, amount // 3, 10_000))))
    return person


def on_the_edge(dice: random.Random, score: Fraction) -> Person:
    """An old customer whose amount is what the even reference needs for exactly that score at the end of the last month."""
    while True:
        first = day_between(dice, date(2022, 3, 1), date(2023, 5, 31))
        last = day_between(dice, date(2024, 1, 1), date(2024, 6, 20))
        number = 12 * dice.randint(1, 9)
        other = exact_score(EVEN, whole_months(first, LAST), (LAST.last_day - last).days, Fraction(number, 12), Fraction(0))
        annual = (score - other) / Fraction("0.4") * 100
        units = annual * 10_000
        if 0 < annual < 10_000 and units.denominator == 1:
            days = [last, *(day_between(dice, date(2023, 7, 1), last) for _ in range(number - 1))]
            each = units.numerator // number
            paid = [each] * (number - 1) + [units.numerator - each * (number - 1)]
            return Person([(first, 10_000, ""), *((day, amount, "") for day, amount in zip(days, paid, strict=True))])


def with_answers(dice: random.Random, person: Person) -> Person:
    for _ in range(dice.choice((0, 0, 1, 2, 5))):
        instrument, low, high = dice.choice(
            (("csat", 1, 5), ("acsi", 1, 10), ("nps", 0, 10), ("nps", 0, 10), ("loyalty", 1, 5), ("csat", 1, 7))
        )
        person.answers.append((day_between(dice, date(2023, 5, 1), date(2024, 6, 30)), instrument, dice.randint(low, high), low, high))
    return person


def people(dice: random.Random, size: int) -> list[Person]:
    """Every second one stands on an edge, or a ten-thousandth of money beside it."""
    made = []
    for number in range(size):
        person = on_the_edge(dice, Fraction(dice.choice(CHOSEN))) if number % 2 else anybody(dice)
        if number % 6 == 5:
            day, amount, status = person.orders[-1]
            person.orders[-1] = (day, max(amount + dice.choice((-1, 1)), 0), status)
        made.append(with_answers(dice, person))
    return made


def company(everybody: Sequence[Person]) -> Company:
    orders: list[dict[str, Any]] = []
    refunds: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for number, person in enumerate(everybody):
        one = {"customer_id": f"c{number:05}"}
        for day, units, status in person.orders:
            orders.append(
                {**one, "order_id": f"o{len(orders)}", "ordered_at": f"{day} 12:00", "amount": decimal(units), "status": status or None}
            )
        for day, units in person.refunds:
            refunds.append({**one, "refund_id": f"r{len(refunds)}", "refunded_at": f"{day} 13:00", "amount": decimal(units)})
        for place, (day, instrument, score, low, high) in enumerate(person.answers):
            answers.append(
                {
                    **one,
                    "response_id": f"s{number:05}-{place}",
                    "item": "overall",
                    "answered_at": f"{day} 14:00",
                    "instrument": instrument,
                    "score": score,
                    "scale_min": low,
                    "scale_max": high,
                }
            )
    return Company(canonical("orders", orders), canonical("refunds", refunds), surveys=canonical("surveys", answers), first=BEGIN)


def decimal(units: int) -> str:
    return f"{units // 10_000}.{units % 10_000:04}"


# --- the second implementation: docs/method/grades.md and METHODS, in fractions ----------------


def whole_months(first: date, month: Month) -> int:
    """Months of which every day but the first order's own eve has passed by the month's end."""
    return month.index + 1 - (first.year * 12 + first.month - 1) - (first.day > 1)


def rank(value: Fraction, grid: Sequence[Fraction]) -> Fraction:
    """0-100: the middle of the entries that equal the value, else in proportion between its neighbours."""
    if value < grid[0]:
        return Fraction(0)
    if value > grid[-1]:
        return Fraction(100)
    below = bisect_left(grid, value)
    equal = bisect_right(grid, value) - below
    if equal:
        return (Fraction(below) + Fraction(equal - 1, 2)) / 10
    low, high = grid[below - 1], grid[below]
    return (below - 1 + (value - low) / (high - low)) / 10


def exact_score(grids: dict[str, list[Fraction]], tenure: int, silence: int, frequency: Fraction, annual: Fraction) -> Fraction:
    history = (rank(Fraction(tenure), grids["tenure_months"]) + 100 - rank(Fraction(silence), grids["recency_days"])) / 2
    return (
        Fraction("0.3") * history
        + Fraction("0.3") * rank(frequency, grids["orders_per_month"])
        + Fraction("0.4") * rank(annual, grids["annual_net"])
    )


@dataclass
class Measured:
    """One customer at a month's end."""

    tenure: int
    silence: int
    observed: int
    frequency: Fraction
    annual: Fraction
    refunded: int

    @property
    def rated(self) -> bool:
        return self.tenure >= 3


def measured(person: Person, month: Month) -> Measured | None:
    end, begin = month.last_day, (month - 11).first_day
    bought = sorted((day, units) for day, units, status in person.orders if status != "cancelled" and day <= end)
    if not bought:
        return None
    first = bought[0][0]
    observed = min(max(month.index - (first.year * 12 + first.month - 1) + 1, 1), 12)
    net = sum(units for day, units in bought if day >= begin) - sum(units for day, units in person.refunds if begin <= day <= end)
    return Measured(
        whole_months(first, month),
        (end - bought[-1][0]).days,
        observed,
        Fraction(sum(day >= begin for day, _ in bought), max(observed, 3)),
        Fraction(net * 12, max(observed, 3) * 10_000),
        sum(units for day, units in person.refunds if month.first_day <= day <= end),
    )


@dataclass
class Stand:
    """A customer's grade, what the next month needs, and the upgrade that may be taken back."""

    grade: int | None
    would_be: int | None
    below: int = 0
    raised: tuple[int, Month, Fraction, Fraction, int, int] | None = None
    """Grade before, month, score, annual amount and observed months then, refunds since."""


CUTS = [Fraction(70), Fraction(40), Fraction(0)]
BAND, PATIENCE = Fraction(2), 3


def earned(score: Fraction) -> int:
    return next(number for number, cut in enumerate(CUTS) if cut == 0 or score >= cut + BAND)


def judged(score: Fraction, previous: int | None, below: int) -> Stand:
    plain = next(number for number, cut in enumerate(CUTS) if score >= cut or cut == 0)
    if previous is None:
        return Stand(plain, plain)
    if earned(score) < previous:
        return Stand(earned(score), plain)
    months = below + 1 if score < CUTS[previous] else 0
    if months and (score < CUTS[previous] - BAND or months >= PATIENCE):
        return Stand(previous + 1, plain, int(score < CUTS[previous + 1]))
    return Stand(previous, plain, months)


def stand(now: Measured, score: Fraction, last: Stand | None, month: Month, grids: dict[str, list[Fraction]]) -> Stand:
    previous = last.grade if last else None
    found = judged(score, previous, last.below if last else 0)
    if previous is None or last is None:
        return found
    refunds = last.raised[5] + now.refunded if last.raised else 0
    taken = False
    if last.raised and now.refunded:
        before, _, score_then, annual, observed, _ = last.raised
        less = annual - Fraction(refunds * 12, observed * 10_000)
        anew = score_then - Fraction("0.4") * (rank(annual, grids["annual_net"]) - rank(less, grids["annual_net"]))
        if anew < CUTS[previous] + BAND and earned(score) > previous:
            other = judged(score, before, 0)
            taken = other.grade is not None and found.grade is not None and other.grade > found.grade
            found = other if taken else found
    if found.grade is not None and found.grade < previous:
        found.raised = (previous, month, score, now.annual, max(now.observed, 3), 0)
    elif last.raised and found.grade == previous and not taken:
        found.raised = (*last.raised[:5], refunds)
    return found


def shares(person: Person, instruments: Sequence[str], month: Month) -> list[Fraction]:
    """Answers of twelve months as 0-1 of their scale, oldest first."""
    begin, end = (month - 11).first_day, month.last_day
    rows = sorted((day, place, answer) for place, (day, *answer) in enumerate(person.answers))
    return [Fraction(score - low, high - low) for day, _, (name, score, low, high) in rows if name in instruments and begin <= day <= end]


def mean(parts: Sequence[Fraction]) -> Fraction:
    return sum(parts, Fraction(0)) / len(parts)


def exact_indices(person: Person, now: Measured, grids: dict[str, list[Fraction]], month: Month, prior: Fraction) -> dict[str, Any]:
    """Satisfaction (METHODS 9.3: shrunk to the prior), recommendation, attitude, behaviour, loyalty; None where nothing tells it."""
    satisfied, said, loyal = (shares(person, names, month) for names in (("csat", "acsi"), ("nps",), ("loyalty",)))
    satisfaction = 100 * (sum(satisfied, Fraction(0)) + 3 * prior) / (len(satisfied) + 3) if satisfied else None
    recommended = 100 * said[-1] if said else None
    told = [part for part in (recommended, 100 * mean(loyal) if loyal else None) if part is not None]
    attitude = mean(told) if told else None
    behaviour = None
    if now.rated:
        numbers = {"annual_net": now.annual, "orders_per_month": now.frequency, "tenure_months": Fraction(now.tenure)}
        behaviour = mean([rank(value, grids[name]) for name, value in numbers.items()])
    parts = [(Fraction("0.5"), behaviour), (Fraction("0.2"), satisfaction), (Fraction("0.3"), recommended)]
    weight = sum((share for share, part in parts if part is not None), Fraction(0))
    index = sum((share * part for share, part in parts if part is not None), Fraction(0)) / weight if weight >= Fraction(1, 2) else None
    kind = "unclassified"
    if attitude is not None and behaviour is not None:
        kind = {(True, True): "true", (True, False): "latent", (False, True): "spurious", (False, False): "none"}[
            attitude >= 80, behaviour >= 50
        ]
    return {
        "satisfaction_index": satisfaction,
        "nps_score": None if recommended is None else recommended / 10,
        "attitude": attitude,
        "behavioural_loyalty": behaviour,
        "loyalty_index": index,
        "loyalty_type": kind,
    }


def exact_grid(values: Sequence[Fraction]) -> list[Fraction]:
    """Entry i is the smallest value that at least i of a thousand do not exceed."""
    ordered = sorted(values)
    return [ordered[max(0, -(-step * len(ordered) // 1000) - 1)] for step in range(1001)]


# --- agreement ------------------------------------------------------------------------------

INDICES = ("score", "satisfaction_index", "nps_score", "attitude", "behavioural_loyalty", "loyalty_index")


def differences(
    everybody: Sequence[Person], whole: Company, frozen: Policy, grids: dict[str, list[Fraction]], prior: Fraction
) -> list[str]:
    """Where the product and the fractions disagree over the reviewed months, one line each; and that there was something to compare.

    `whole` is everybody as one company.
    """
    history, stands, found, on_edges = no_history(), dict[str, Stand](), [], 0
    for month in REVIEWED:
        review = score_customers(whole.inputs(month), history, frozen)
        history = History(review, history.figures)
        rows = review.set_index("customer_id").to_dict("index")
        for number, person in enumerate(everybody):
            now, name = measured(person, month), f"c{number:05}"
            if now is None:
                found += [f"{month} {name}: reviewed before its first order"] if name in rows else []
                continue
            row = rows.pop(name)
            exact: dict[str, Any] = exact_indices(person, now, grids, month, prior)
            exact |= {"score": None, "grade": "unrated", "would_be": "unrated", "months_below": 0}
            if now.rated:
                score = exact_score(grids, now.tenure, now.silence, now.frequency, now.annual)
                stands[name] = stand(now, score, stands.get(name), month, grids)
                one = stands[name]
                assert one.grade is not None and one.would_be is not None
                exact |= {"score": score, "grade": "ABC"[one.grade], "would_be": "ABC"[one.would_be], "months_below": one.below}
                on_edges += score in CHOSEN
            found += [f"{month} {name}: {key} is {row[key]}, exactly {value}" for key, value in exact.items() if not same(row[key], value)]
        found += [f"{month} {name}: not known to the fractions" for name in rows]
    assert on_edges > len(everybody) / 5 or grids is not EVEN, "too few customers stand on an edge"
    return found


def same(told: Any, exact: Any) -> bool:
    if exact is None:
        return bool(pd.isna(told))
    return told == exact if isinstance(exact, str | int) else bool(abs(Fraction(told) - exact) < Fraction(1, 10**9))


SIZES = [pytest.param(200, id="200"), pytest.param(10_000, id="10000", marks=pytest.mark.soak)]


@pytest.mark.simulated
@pytest.mark.parametrize("size", SIZES)
def test_grades_and_indices_are_those_of_exact_fractions_on_and_beside_every_edge(size: int) -> None:
    seed = int(os.environ.get("KEPING_SEED") or secrets.randbelow(10**6))
    print(f"seed {seed} (KEPING_SEED={seed} replays it)")
    everybody = people(random.Random(seed), size)
    grids = {name: tuple(float(entry) for entry in grid) for name, grid in EVEN.items()}
    policy = replace(builtin(), reference=Reference("2024-04", size, grids), satisfaction=Satisfaction(3.0, 0.8))
    assert differences(everybody, company(everybody), policy, EVEN, Fraction("0.8")) == []


@pytest.mark.simulated
@pytest.mark.parametrize("size", [pytest.param(100, id="100"), pytest.param(2_000, id="2000", marks=pytest.mark.soak)])
def test_against_a_reference_that_the_customers_made_themselves_they_are_the_same_too(size: int) -> None:
    seed = int(os.environ.get("KEPING_SEED") or secrets.randbelow(10**6))
    print(f"seed {seed} (KEPING_SEED={seed} replays it)")
    everybody = people(random.Random(seed), size)
    whole = company(everybody)
    frozen = freeze_reference(whole.inputs(LAST), replace(builtin(), satisfaction=Satisfaction(3.0)))
    now = [found for found in (measured(person, LAST) for person in everybody) if found is not None and found.rated]
    values = {
        "tenure_months": [Fraction(one.tenure) for one in now],
        "recency_days": [Fraction(one.silence) for one in now],
        "orders_per_month": [one.frequency for one in now],
        "annual_net": [one.annual for one in now],
    }
    grids = {name: exact_grid(found) for name, found in values.items()}
    assert frozen.reference is not None
    for name, grid in grids.items():
        assert [float(entry) for entry in grid] == pytest.approx(list(frozen.reference.grids[name]), rel=1e-14), name
    answers = [share for person in everybody if measured(person, LAST) for share in shares(person, ("csat", "acsi"), LAST)]
    assert differences(everybody, whole, frozen, grids, mean(answers)) == []
