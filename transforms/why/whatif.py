"""What another standard would have done: two cards walked over the same months, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from transforms.grades.grading import YEAR, grade_names, plain_grade
from transforms.grades.standing import GradeStanding, next_standing
from transforms.money import FloatArray
from transforms.month import Month
from transforms.policy.rules import UNRATED, Policy
from transforms.statistics.separation import Contest, contest

PARTS = ("history", "frequency", "amount")
CAUSES = ("score", "cuts", "hold", "rating")


@dataclass(frozen=True)
class MonthUnder:
    """One month under both cards.

    matrix     grade under the current card x grade under the candidate -> customers, best first, `unrated` last;
               row sums are the current card's counts, column sums the candidate's
    moved      customers whose grade differs; `rose` and `fell` where both cards have the same grades in order
    money      twelve-month net of those who moved, and of all, in ten-thousandths
    causes     of those who moved: why, see `cause`
    """

    month: Month
    current: str
    matrix: pd.DataFrame
    moved: int
    rose: int | None
    fell: int | None
    money: int
    all_money: int
    causes: dict[str, int]


@dataclass(frozen=True)
class Simulation:
    """The candidate against the standard in force, month by month.

    movers   who would move in the newest month, most money first: customer_id, current, candidate,
             current_score, candidate_score, history, frequency, amount (points by which each part changes the score),
             net_12m (ten-thousandths), cause
    every    the same rows of every month shown, with the column month
    contest  how well both cards told kept from lost customers, a year ahead; None with `why_not`
    """

    candidate: Policy
    months: tuple[MonthUnder, ...]
    movers: pd.DataFrame
    every: pd.DataFrame
    contest: Contest | None
    contest_month: Month | None
    why_not: str = ""


@dataclass
class _Course:
    """One card on its way through the months."""

    last: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"customer_id": pd.Series([], dtype="str")}))

    def step(self, window: pd.DataFrame, month: Month, policy: Policy) -> GradeStanding:
        found = next_standing(window, month, self.last, policy)
        self.last = found.columns_to_keep(window["customer_id"], policy)
        return found


def simulate_months(
    windows: Iterable[tuple[Month, pd.DataFrame]], current: Callable[[Month], Policy], candidate: Policy, shown: int
) -> Simulation:
    """Grade every month under both cards, from the first on; tell of the last `shown` of them.

    `windows` holds every month from the first of history, oldest first, each with the rows that its review was
    computed from. Both cards begin without earlier grades, so that only the rules differ. The current card is
    the policy that each month stands under. Manual grades are left aside: rules are compared with rules.
    """
    courses = (_Course(), _Course())
    rows: list[pd.DataFrame] = []
    told: list[MonthUnder] = []
    waiting: dict[Month, pd.DataFrame] = {}
    verdict: Contest | None = None
    verdict_month: Month | None = None
    for month, window in windows:
        policy = current(month)
        both = courses[0].step(window, month, policy), courses[1].step(window, month, candidate)
        frame = _side_by_side(window, both, (policy, candidate))
        year_ago = waiting.pop(month - YEAR, None)
        if year_ago is not None:
            verdict, verdict_month = _contest(year_ago, window, (current(month - YEAR), candidate)), month - YEAR
        waiting[month] = frame.loc[frame["active"], ["customer_id", *_SCORES, *_GRADES]]
        told = [*told, _month(month, frame, policy, candidate)][-shown:]
        rows = [*rows, _movers(frame).assign(month=str(month))][-shown:]
    if not told:
        raise ValueError("a simulation needs at least one month")
    why_not = ""
    if verdict is None:
        why_not = "no month has twelve later months"
    elif verdict.difference.value is None:
        why_not = f"too few: {verdict.kept} kept, {verdict.lost} lost"
    every = pd.concat(rows, ignore_index=True)
    return Simulation(candidate, tuple(told), rows[-1].drop(columns="month"), every, verdict, verdict_month, why_not)


_SCORES = ("current_score", "candidate_score")
_GRADES = ("current", "candidate")


def _side_by_side(window: pd.DataFrame, both: tuple[GradeStanding, GradeStanding], cards: tuple[Policy, Policy]) -> pd.DataFrame:
    """One row per customer: both grades and scores, what changed the score, and why the grade differs."""
    one, two = both
    names = [grade_names(stand.graded.grade, card).fillna(UNRATED) for stand, card in zip(both, cards, strict=True)]
    parts = {part: _points(two, cards[1], part) - _points(one, cards[0], part) for part in PARTS}
    net = window["gross_12m"].to_numpy() - window["refunds_12m"].to_numpy()
    return pd.DataFrame(
        {
            "customer_id": window["customer_id"].reset_index(drop=True),
            "current": names[0],
            "candidate": names[1],
            "current_score": one.scored["score"],
            "candidate_score": two.scored["score"],
            **parts,
            "net_12m": net,
            "cause": cause(one, two, cards),
            "active": (window["orders_12m"] > 0).to_numpy(dtype=bool),
            "current_place": one.graded.grade,
            "candidate_place": two.graded.grade,
        }
    )


def _points(stand: GradeStanding, card: Policy, part: str) -> FloatArray:
    points: FloatArray = getattr(card.weights, part) * stand.scored[f"{part}_score"]
    return points


def cause(one: GradeStanding, two: GradeStanding, cards: tuple[Policy, Policy]) -> pd.Series:
    """The first of these that makes the two cards differ, for every customer, moved or not.

    rating  only one of them grades the customer at all
    score   by the current cuts the new score is in another grade than the old one
    cuts    the new cuts put the new score elsewhere
    hold    the scores alone would give the same grade: the hold rules keep one of them
    """
    old, new = one.scored["score"], two.scored["score"]
    plain_old = grade_names(plain_grade(old, cards[0]), cards[0])
    new_by_old_cuts = grade_names(plain_grade(new, cards[0]), cards[0])
    plain_new = grade_names(plain_grade(new, cards[1]), cards[1])
    names = np.full(len(old), "hold", dtype=object)
    names[(new_by_old_cuts != plain_new).fillna(False).to_numpy(dtype=bool)] = "cuts"
    names[(plain_old != new_by_old_cuts).fillna(False).to_numpy(dtype=bool)] = "score"
    names[np.isnan(old) != np.isnan(new)] = "rating"
    return pd.Series(names, dtype="str")


def _movers(frame: pd.DataFrame) -> pd.DataFrame:
    moved = frame.loc[(frame["current"] != frame["candidate"]).to_numpy(dtype=bool)]
    kept = ["customer_id", *_GRADES, *_SCORES, *PARTS, "net_12m", "cause"]
    return moved.sort_values(["net_12m", "customer_id"], ascending=[False, True], kind="stable", ignore_index=True)[kept]


def _month(month: Month, frame: pd.DataFrame, policy: Policy, candidate: Policy) -> MonthUnder:
    moved = (frame["current"] != frame["candidate"]).to_numpy(dtype=bool)
    orders = [[*(grade.grade for grade in card.grades), UNRATED] for card in (policy, candidate)]
    counts = pd.crosstab(frame["current"], frame["candidate"])
    matrix = counts.reindex(index=orders[0], columns=orders[1], fill_value=0).astype("int64")
    comparable = orders[0] == orders[1]
    one, two = frame["current_place"].to_numpy(), frame["candidate_place"].to_numpy()
    rated = (one >= 0) & (two >= 0)
    causes = frame.loc[moved, "cause"].value_counts()
    return MonthUnder(
        month,
        policy.version,
        matrix,
        int(moved.sum()),
        int((rated & (two < one)).sum()) if comparable else None,
        int((rated & (two > one)).sum()) if comparable else None,
        int(frame.loc[moved, "net_12m"].sum()),
        int(frame["net_12m"].sum()),
        {name: int(causes.get(name, 0)) for name in CAUSES},
    )


def _contest(then: pd.DataFrame, now: pd.DataFrame, cards: tuple[Policy, Policy]) -> Contest:
    """What became, within twelve months, of those who were active and whom both cards graded."""
    graded = then.loc[(then["current_score"].notna() & then["candidate_score"].notna()).to_numpy(dtype=bool)]
    ordered = now.set_index("customer_id")["orders_12m"].reindex(graded["customer_id"]).fillna(0).to_numpy()
    worst = [(graded[name] == card.grades[-1].grade).to_numpy(dtype=bool) for name, card in zip(_GRADES, cards, strict=True)]
    scores = [graded[name].to_numpy(dtype=np.float64) for name in _SCORES]
    return contest(ordered > 0, (scores[0], scores[1]), (worst[0], worst[1]))
