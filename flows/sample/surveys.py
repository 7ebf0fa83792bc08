"""Answers to the sample's questionnaires: satisfaction after contacts, recommendation, effort, service quality."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.sample.company import World
from flows.sample.seasons import Floats, Ints, Season
from flows.sample.standing import CUT_B, OrderMonths, is_rated, scores

TEN_POINT_MONTHS = 5
"""The satisfaction question is asked on 1-10 in the newest five months, on 1-5 before."""
FALL = (0.32, 0.43, 0.54)
"""The last grade's mean satisfaction (0-1) in the newest month, the one before, and the one before that."""
EFFORT_EVERY = 6
DIMENSIONS = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")

_COMMENTS = (
    "",
    "",
    "",
    "all fine",
    "很满意，谢谢",
    "送货太慢",
    'The driver said "tomorrow", twice',
    "包装破损，\n第二次了",
    "a bit expensive, but good",
    "客服态度好",
    "no answer on the phone; still waiting",
    "希望增加茶叶品种",
)

COLUMNS = ("customer", "answered", "sent", "felt", "touchpoint")


def satisfaction(
    world: World, orders: pd.DataFrame, cases: pd.DataFrame, mood: Floats, book: OrderMonths, rng: np.random.Generator
) -> pd.DataFrame:
    """Satisfaction answers: after deliveries, after solved cases, and each quarter from everybody who ever bought.

    The very pleased and the very cross answer more often than those in between.
    """
    season = world.season
    parts = [_after_orders(orders, mood, season, rng), _after_cases(cases, mood, season, rng), _quarterly(world, mood, book, rng)]
    answers = _within_months(pd.concat(parts, ignore_index=True), season)
    back = season.months - 1 - season.place(answers["answered"].to_numpy())
    felt = answers["felt"].to_numpy(dtype=np.float64).copy()
    theirs = np.isin(answers["customer"].to_numpy(), last_grade(world, book))
    for months_ago, aim in enumerate(FALL if season.months >= 8 else ()):
        sour = theirs & (back == months_ago)
        if sour.any():
            felt[sour] = _shift_to(felt[sour], aim)
    top = np.where(back < TEN_POINT_MONTHS, 10, 5)
    score = np.clip(np.rint(1 + felt * (top - 1)), 1, top).astype(np.int64)
    return _with_numbers(answers.assign(score=score, top=top), "Q", rng)


def _shift_to(felt: Floats, aim: float) -> Floats:
    """The same answers, shifted together until their mean within 0-1 is `aim`."""
    low, high = -1.0, 1.0
    for _ in range(30):
        half = (low + high) / 2
        low, high = (half, high) if np.clip(felt + half, 0, 1).mean() < aim else (low, half)
    return np.clip(felt + high, 0, 1)


def recommendation(world: World, mood: Floats, book: OrderMonths, promoters: Ints, rng: np.random.Generator) -> pd.DataFrame:
    """Recommendation 0-10: quarterly invitations, some who answer twice, and the parts that are sure to answer."""
    season = world.season
    who, place = np.nonzero(book.last_day >= 0)
    asked = (who + place) % 3 == 0
    who, place = who[asked], place[asked]
    came = rng.random(len(who)) < _willing(mood[who, place], 0.34)
    who, place = who[came], place[came]
    twice = rng.random(len(who)) < 0.05
    sure = np.concatenate([promoters, np.array(world.playing("silent") + world.playing("defector"), dtype=np.int64)])
    back = np.tile(np.arange(min(4, season.months)), len(sure))
    who = np.concatenate([who, who[twice], np.repeat(sure, min(4, season.months))])
    place = np.concatenate([place, place[twice], season.months - 1 - back]).astype(np.int64)
    bought = book.last_day[who, place] >= 0
    answers = _answers(who[bought], season.draw(place[bought], rng), mood[who[bought], place[bought]], "relationship", rng, spread=0.13)
    answers = _within_months(answers, season)
    raised = np.isin(answers["customer"].to_numpy(), promoters)
    score = np.clip(np.rint(answers["felt"].to_numpy() * 11.2 - 0.4), 0, 10)
    lowered = np.isin(answers["customer"].to_numpy(), world.playing("silent"))
    score = np.where(raised, np.maximum(score, 9), np.where(lowered, np.minimum(score, 4), score)).astype(np.int64)
    return _with_numbers(answers.assign(score=score), "R", rng)


def effort(world: World, cases: pd.DataFrame, mood: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """Effort 1-7 (7: very easy), asked every half year of those whose cases were solved in the last six months; newest month included."""
    season = world.season
    waves: list[pd.DataFrame] = []
    done = cases[cases["solved"].notna()]
    solved = season.place(done["solved"].to_numpy())
    for place in range(season.months - 1, -1, -EFFORT_EVERY):
        theirs = np.unique(done["customer"].to_numpy()[(solved <= place) & (solved > place - EFFORT_EVERY)])
        who = theirs[rng.random(len(theirs)) < 0.35]
        moments = season.at(place, 8, 9.0) + rng.integers(0, 12 * 86400, len(who)).astype("timedelta64[s]")
        waves.append(_answers(who, moments, mood[who, place], "support", rng, spread=0.16))
    answers = _within_months(pd.concat(waves, ignore_index=True), season)
    score = np.clip(np.rint(1 + answers["felt"].to_numpy() * 6), 1, 7).astype(np.int64)
    return _with_numbers(answers.assign(score=score), "E", rng)


def service_quality(world: World, mood: Floats, book: OrderMonths, rng: np.random.Generator) -> pd.DataFrame:
    """One wave in the newest month: expected and perceived service, 1-7, five dimensions; one row per answer and dimension."""
    season = world.season
    newest = season.months - 1
    base = np.flatnonzero(book.last_day[:, newest] >= 0)
    who = base[rng.random(len(base)) < 0.14]
    moments = season.at(newest, 4, 9.0) + rng.integers(0, 20 * 86400, len(who)).astype("timedelta64[s]")
    wave = _with_numbers(_within_months(_answers(who, moments, mood[who, newest], "relationship", rng, spread=0.1), season), "V", rng)
    rows = wave.loc[wave.index.repeat(len(DIMENSIONS))].reset_index(drop=True)
    dimension = np.tile(np.arange(len(DIMENSIONS)), len(wave))
    bias = np.array([0.06, -0.1, -0.14, 0.02, 0.04])[dimension]
    expected = np.clip(np.rint(rng.normal(5.9, 0.7, len(rows))), 1, 7).astype(np.int64)
    perceived = np.clip(np.rint(1.4 + (rows["felt"].to_numpy() + bias) * 6 + rng.normal(0, 0.5, len(rows))), 1, 7).astype(np.int64)
    return rows.assign(dimension=np.array(DIMENSIONS, dtype=object)[dimension], expected=expected, perceived=perceived)


def last_grade(world: World, book: OrderMonths) -> Ints:
    """Places of the crowd that stand clearly in the last grade in the newest month."""
    newest = book.orders.shape[1] - 1
    low = is_rated(book, newest) & (scores(book, newest) < CUT_B)
    return np.flatnonzero(low & (world.customers["part"] == "").to_numpy())


def _willing(felt: Floats, ordinary: float) -> Floats:
    return np.clip(ordinary * (0.75 + 1.6 * np.abs(felt - 0.62)), 0, 1)


def _answers(
    who: np.ndarray, moments: np.ndarray, mood: Floats, touchpoint: str, rng: np.random.Generator, *, spread: float
) -> pd.DataFrame:
    sent = moments - rng.integers(3600, 4 * 86400, len(who)).astype("timedelta64[s]")
    felt = np.clip(mood + rng.normal(0, spread, len(who)), 0, 1)
    return pd.DataFrame({"customer": who, "answered": moments, "sent": sent, "felt": felt, "touchpoint": touchpoint})[list(COLUMNS)]


def _after_orders(orders: pd.DataFrame, mood: Floats, season: Season, rng: np.random.Generator) -> pd.DataFrame:
    there = orders[orders["delivered"].notna() & (orders["customer"] >= 0)]
    who = there["customer"].to_numpy()
    felt = mood[who, np.minimum(season.place(there["ordered"].to_numpy()), season.months - 1)]
    late = np.clip(0.04 * (there["wait_days"].to_numpy() - 4.0), 0, 0.3)
    chosen = rng.random(len(there)) < 0.42 * _willing(felt, 0.3)
    moments = there["delivered"].to_numpy() + rng.integers(7200, 5 * 86400, len(there)).astype("timedelta64[s]")
    return _answers(who[chosen], moments[chosen], (felt - late)[chosen], "delivery", rng, spread=0.12)


def _after_cases(cases: pd.DataFrame, mood: Floats, season: Season, rng: np.random.Generator) -> pd.DataFrame:
    solved = cases[cases["solved"].notna()]
    who = solved["customer"].to_numpy()
    felt = mood[who, np.minimum(season.place(solved["opened"].to_numpy()), season.months - 1)]
    hours = (solved["solved"].to_numpy() - solved["opened"].to_numpy()).astype("timedelta64[s]").astype(np.int64) / 3600
    felt = felt - 0.06 * np.log2(np.maximum(hours, 12) / 24)
    chosen = rng.random(len(solved)) < _willing(felt, 0.3)
    moments = solved["solved"].to_numpy() + rng.integers(1800, 2 * 86400, len(solved)).astype("timedelta64[s]")
    return _answers(who[chosen], moments[chosen], felt[chosen], "support", rng, spread=0.14)


def _quarterly(world: World, mood: Floats, book: OrderMonths, rng: np.random.Generator) -> pd.DataFrame:
    season = world.season
    who, place = np.nonzero(book.last_day >= 0)
    asked = (who + place) % 3 == 0
    who, place = who[asked], place[asked]
    silent = np.isin(who, world.playing("silent"))
    chosen = (rng.random(len(who)) < _willing(mood[who, place], 0.3)) | silent
    who, place = who[chosen], place[chosen]
    return _answers(who, season.draw(place.astype(np.int64), rng), mood[who, place], "relationship", rng, spread=0.11)


def _within_months(answers: pd.DataFrame, season: Season) -> pd.DataFrame:
    """Answers given within the sample's months, in order of time."""
    moments = answers["answered"].to_numpy()
    inside = (moments >= season.start(0)) & (moments < season.start(season.months))
    return answers[inside].sort_values(["answered", "customer"], kind="stable", ignore_index=True)


def _with_numbers(answers: pd.DataFrame, letter: str, rng: np.random.Generator) -> pd.DataFrame:
    comments = np.array(_COMMENTS, dtype=object)[rng.integers(0, len(_COMMENTS), len(answers))]
    return answers.assign(response_id=[f"{letter}{number:07d}" for number in range(1, len(answers) + 1)], comment=comments)
