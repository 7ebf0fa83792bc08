"""The help desk's cases: who asks or complains about what, how fast it is answered and solved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from flows.sample.company import SLOW_REGION, World
from flows.sample.seasons import Flags, Floats, Ints, Moments, Season
from flows.sample.standing import CUT_A, CUT_B, OrderMonths, is_rated, scores

SLOW_MONTHS, SLOW_FACTOR = 4, 4.5
COMPLAINT_MONTHS, COMPLAINT_FACTOR = 2, 2.4
GAP_BACK, GAP_LENGTH = 1, np.timedelta64(3, "D")
"""The export of the month before the newest lacks its three busiest days in a row."""

SLA_HOURS = {"normal": 48, "high": 24, "urgent": 8}
_KINDS = np.array(["complaint", "enquiry", "request", "suggestion", "praise"], dtype=object)
_CAUSES = {
    "complaint": ("late delivery", "damaged in transport", "wrong item", "product fault", "billing error"),
    "enquiry": ("order status", "price", "how to use", "invoice"),
    "request": ("change of order", "spare part", "installation", "return label"),
    "suggestion": ("assortment", "web shop", "packaging"),
    "praise": ("friendly staff", "fast delivery"),
}
_TEAMS = {"complaint": "care", "enquiry": "front desk", "request": "front desk", "suggestion": "care", "praise": "front desk"}


@dataclass(frozen=True)
class Cases:
    """Cases as frame (one row per case, in order of opening); the three days and the rows that the export lost."""

    frame: pd.DataFrame
    gap_first: date
    gap_last: date
    lost: int


def cases(world: World, orders: pd.DataFrame, mood: Floats, book: OrderMonths, rng: np.random.Generator) -> Cases:
    """Cases after orders (likelier in a sour mood) and out of the blue; silent customers open none."""
    season = world.season
    quiet = np.isin(np.arange(len(world.customers)), world.playing("silent"))
    who = orders["customer"].to_numpy()
    place = np.minimum(season.place(orders["ordered"].to_numpy()), season.months - 1)
    known = (who >= 0) & ~quiet[who] & (orders["state"] != "X").to_numpy()
    felt = mood[who, place]
    about = np.flatnonzero(known & (rng.random(len(orders)) < 0.07 + 0.27 * (1 - felt)))
    after = np.rint(rng.gamma(2.0, 2.2, len(about)) * 86400).astype("timedelta64[s]")
    from_orders = pd.DataFrame(
        {"customer": who[about], "opened": orders["ordered"].to_numpy()[about] + after, "order_id": orders["order_id"].to_numpy()[about]}
    )
    from_orders["opened"] = _in_waking_hours(from_orders["opened"].to_numpy(), rng)
    blue = rng.poisson(0.05, (len(world.customers), season.months)) * (book.last_day >= 0) * ~quiet[:, None]
    blue_who, blue_place = np.nonzero(blue)
    out_of_the_blue = pd.DataFrame({"customer": blue_who, "opened": season.draw(blue_place.astype(np.int64), rng), "order_id": ""})
    frame = pd.concat([from_orders, out_of_the_blue], ignore_index=True)
    frame = frame[frame["opened"] < season.horizon].reset_index(drop=True)
    frame["type"] = _types(frame, mood[frame["customer"].to_numpy(), np.minimum(_places(frame, world), season.months - 1)], rng)
    gap = _busiest_days(frame["opened"].to_numpy(), season)
    frame = pd.concat([frame, _more_complaints_of_b(frame, world, book, gap, rng)], ignore_index=True)
    handled = _handle(frame, world, rng)
    missing = _within(handled["opened"].to_numpy(), gap)
    first, last = (day.astype("datetime64[D]").item() for day in (gap, gap + GAP_LENGTH - np.timedelta64(1, "s")))
    return Cases(handled[~missing].reset_index(drop=True), first, last, int(missing.sum()))


def steady_b(book: OrderMonths) -> Ints:
    """Places of customers who stand well inside the middle grade in the newest month."""
    newest = book.orders.shape[1] - 1
    score = scores(book, newest)
    return np.flatnonzero(is_rated(book, newest) & (score > CUT_B + 4) & (score < CUT_A - 4))


def _places(frame: pd.DataFrame, world: World) -> Ints:
    return world.season.place(frame["opened"].to_numpy())


def _in_waking_hours(moments: Moments, rng: np.random.Generator) -> Moments:
    days = moments.astype("datetime64[D]").astype("datetime64[s]")
    seconds = np.clip(rng.normal(13.5, 3.2, len(moments)), 6.5, 23.5) * 3600
    moments_in_hours: Moments = days + np.rint(seconds).astype("timedelta64[s]")
    return moments_in_hours


def _types(frame: pd.DataFrame, felt: Floats, rng: np.random.Generator) -> np.ndarray:
    draw = rng.random(len(frame))
    complaint = np.where(frame["order_id"] == "", 0.1, 0.18 + 0.45 * (1 - felt))
    rest = rng.choice(4, len(frame), p=[0.48, 0.34, 0.1, 0.08]) + 1
    return _KINDS[np.where(draw < complaint, 0, rest)]


def _busiest_days(opened: Moments, season: Season) -> np.datetime64:
    """The begin of the three days in a row, inside the month of the gap, in which most was opened."""
    month = season.months - 1 - GAP_BACK
    begins = [season.at(month, day, 0.0) for day in range(3, 26)]
    return max(begins, key=lambda begin: int(_within(opened, begin).sum()))


def _within(opened: Moments, gap: np.datetime64) -> Flags:
    inside: Flags = (opened >= gap) & (opened < gap + GAP_LENGTH)
    return inside


def _more_complaints_of_b(
    frame: pd.DataFrame, world: World, book: OrderMonths, gap: np.datetime64, rng: np.random.Generator
) -> pd.DataFrame:
    """Enough extra complaints, outside the gap, for the middle grade's rate to be a multiple of the half year before."""
    season = world.season
    newest = season.months - 1
    crowd = np.flatnonzero((world.customers["part"] == "").to_numpy())
    members = np.intersect1d(steady_b(book), crowd)
    if season.months < 8 or len(members) == 0:
        return frame.iloc[:0]
    places = _places(frame, world)
    theirs = np.isin(frame["customer"].to_numpy(), members) & (frame["type"] == "complaint").to_numpy()
    theirs &= ~_within(frame["opened"].to_numpy(), gap)
    before = range(newest - COMPLAINT_MONTHS - 5, newest - COMPLAINT_MONTHS + 1)
    usual = sum(int((theirs & (places == month)).sum()) for month in before) / max(1, int(book.orders[members][:, list(before)].sum()))
    added: list[pd.DataFrame] = []
    for month in range(newest - COMPLAINT_MONTHS + 1, newest + 1):
        aim = round(usual * COMPLAINT_FACTOR * int(book.orders[members, month].sum()))
        missing = max(0, aim - int((theirs & (places == month)).sum()))
        who = rng.choice(members, missing)
        opened = season.draw(np.full(missing, month, dtype=np.int64), rng)
        opened = np.where(_within(opened, gap), opened + GAP_LENGTH, opened)
        added.append(
            pd.DataFrame({"customer": who, "opened": opened, "order_id": "", "type": "complaint", "cause": "damaged in transport"})
        )
    return pd.concat(added, ignore_index=True)


def _handle(frame: pd.DataFrame, world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Add causes, people, answers and solutions; what would happen after the sources were read is not there yet."""
    season = world.season
    frame = frame.sort_values(["opened", "customer", "order_id"], kind="stable", ignore_index=True)
    count = len(frame)
    opened = frame["opened"].to_numpy()
    kind = frame["type"].to_numpy()
    priority = np.where(kind == "complaint", np.where(rng.random(count) < 0.3, "urgent", "high"), "normal").astype(object)
    west = (world.customers["region"].to_numpy() == SLOW_REGION)[frame["customer"].to_numpy()]
    slow = west & (_places(frame, world) >= season.months - SLOW_MONTHS)
    answer_hours = rng.lognormal(np.log(2.6), 0.85, count) * np.where(priority == "urgent", 0.6, 1.0) * np.where(slow, SLOW_FACTOR, 1.0)
    solve_hours = answer_hours + rng.lognormal(np.log(17.0), 0.95, count) * np.where(kind == "complaint", 1.3, 0.8)
    answered = opened + np.rint(answer_hours * 3600).astype("timedelta64[s]")
    solved = opened + np.rint(solve_hours * 3600).astype("timedelta64[s]")
    forgotten = rng.random(count) < 0.012
    answered = np.where(answered < season.horizon, answered, np.datetime64("NaT", "s"))
    solved = np.where((solved < season.horizon) & ~forgotten, solved, np.datetime64("NaT", "s"))
    sla = np.array([SLA_HOURS[str(level)] for level in priority]).astype("timedelta64[h]").astype("timedelta64[s]")
    causes = [_CAUSES[str(name)][draw % len(_CAUSES[str(name)])] for name, draw in zip(kind, rng.integers(0, 60, count), strict=True)]
    given = frame["cause"] if "cause" in frame else pd.Series([None] * count, dtype=object)
    good_will = (kind == "complaint") & (rng.random(count) < 0.12) & ~np.isnat(solved)
    return frame.assign(
        ticket_id=np.arange(50_001, 50_001 + count),
        cause=given.where(given.notna(), pd.Series(causes, dtype=object)),
        component=np.array(["coffee machine", "tea set", "delivery", "web shop", "invoice"], dtype=object)[rng.integers(0, 5, count)],
        channel=np.array(["phone", "mail", "app", "chat"], dtype=object)[rng.choice(4, count, p=[0.3, 0.25, 0.25, 0.2])],
        priority=priority,
        team=[_TEAMS[str(name)] for name in kind],
        agent=np.array(["a.hale", "g.fenn", "m.niall", "xu.ting", "gao.rui", "deng.wen"], dtype=object)[rng.integers(0, 6, count)],
        answered=answered,
        solved=solved,
        reopened=np.where(np.isnat(solved), 0, rng.poisson(0.07, count)),
        transfers=rng.poisson(0.3, count),
        due=opened + sla,
        compensation_cents=np.where(good_will, rng.integers(10, 200, count) * 100, 0),
        changed=np.fmax(np.fmax(opened, answered), solved),
    )
