"""What the sample's people write down by hand: strategies, actions, promises, decisions, improvements, manual grades, markets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from flows.sample.company import World
from flows.sample.lines import LAUNCH_BACK
from flows.sample.relations import FEEDBACK, large_accounts
from flows.sample.seasons import Ints, Season, spring_festival
from flows.sample.standing import CUT_B, OrderMonths, is_rated, scores, window_net
from flows.sample.tickets import Cases

PLANNED_VISITS = 4.0
"""What the strategy of the high value class promises each year, and habit does not keep."""
EMPTY_CELL = ("latent", "high")
ALIKE_CELLS = (("active", "mid"), ("active", "low"))
OVERDUE = 5
DECIDED_BACK = LAUNCH_BACK + 1
TREATED = 16
ADOPTED_SHARE = 0.15
MARKET_SIZE = 60_000_000.0

STRATEGY_COLUMNS = (
    "No",
    "From",
    "ReviewBy",
    "Until",
    "Behaviour",
    "Value",
    "Field",
    "Group",
    "Title",
    "Text",
    "Owner",
    "Indicator",
    "Plan",
)
LOG_COLUMNS = (
    *("List", "No", "Entered", "Due", "Closed", "State", "Owner", "By", "Client", "Tier", "Field", "Group", "Subject", "Text", "Reason"),
    *("Outcome", "Number", "Unit", "Source"),
)
_BEHAVIOURS, _VALUES = ("loyal", "active", "latent"), ("high", "mid", "low")
_CELLS = {
    ("loyal", "high"): ("Key account care", "A named manager, a visit each quarter, first call in shortage", "li.na"),
    ("loyal", "mid"): ("Grow the basket", "Offer a second product group twice a year", "wang.lei"),
    ("loyal", "low"): ("Keep it simple", "Web shop and app; no visits", "sun.yue"),
    ("active", "high"): ("Bind by service", "Service check every half year, spare machine on loan", "li.na"),
    ("active", "mid"): ("Newsletter", "Monthly letter with one offer", "sun.yue"),
    ("active", "low"): ("Newsletter", "Monthly letter with one offer", "sun.yue"),
    ("latent", "mid"): ("Ask why", "One call by the manager, then rest", "zhao.min"),
    ("latent", "low"): ("Let rest", "No effort; the web shop stays open", "sun.yue"),
}


@dataclass(frozen=True)
class Registers:
    """The hand-kept files before any dirt, and the customers that facts are about (places)."""

    strategies: pd.DataFrame
    log: pd.DataFrame
    manual: pd.DataFrame
    holidays: pd.DataFrame
    campaigns: pd.DataFrame
    graded_by_hand: int | None
    promised: int | None
    adopted: int


def strategies(season: Season) -> pd.DataFrame:
    """`strategies.xlsx`: eight of nine class cells, two of them alike in every word, promises in numbers, and three groups."""
    begin, review = season.month(max(0, season.months - 15)).first_day, (season.until + 4).last_day
    rows: list[dict[str, object]] = [
        {"Behaviour": behaviour, "Value": value, "Title": title, "Text": text, "Owner": owner}
        for (behaviour, value), (title, text, owner) in _CELLS.items()
    ]
    rows += [
        {"Value": "high", "Title": "Visits", "Owner": "li.na", "Indicator": "group_visits", "Plan": PLANNED_VISITS},
        {"Value": "low", "Title": "Visits", "Owner": "sun.yue", "Indicator": "group_visits", "Plan": 0.5},
        {"Behaviour": "latent", "Title": "Calls", "Owner": "zhao.min", "Indicator": "group_contacts", "Plan": 1.0},
        _group("region", "West", "Second depot in Chengdu", "chen.hao", "group_satisfaction", 65.0),
        _group("source_channel", "referral", "Thank who recommends", "li.na", "group_retention", 0.9),
        _group("industry", "hotel", "Breakfast package", "wang.lei", "group_retention", 0.8),
    ]
    made = [{"No": f"ST-{number:02d}", "From": begin, "ReviewBy": review, **row} for number, row in enumerate(rows, start=1)]
    old = {
        "No": "ST-00",
        "From": season.first.first_day,
        "Until": begin - timedelta(days=1),
        "Title": "Everybody alike",
        "Owner": "sun.yue",
    }
    return pd.DataFrame([{"Behaviour": "latent", "Value": "high", **old}, *made], columns=list(STRATEGY_COLUMNS))


def _group(field: str, group: str, title: str, owner: str, indicator: str, plan: float) -> dict[str, object]:
    return {"Field": field, "Group": group, "Title": title, "Owner": owner, "Indicator": indicator, "Plan": plan}


def office_log(world: World, book: OrderMonths, opened: Cases, rng: np.random.Generator) -> tuple[pd.DataFrame, int | None, int]:
    """`log.csv`: actions, decisions, promises and improvements in one list; whose promise is broken; how many tickets were taken up."""
    season = world.season
    rows = [*_actions(world, book, rng), *_decisions(season)]
    promises, broken = _commitments(world, book)
    improvements, adopted = _improvements(world, opened, rng)
    return _listed([*rows, *promises, *improvements]), broken, adopted


def _listed(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Entries as one list, numbered within each register."""
    frame = pd.DataFrame(rows, columns=list(LOG_COLUMNS))
    number = frame.groupby("List", sort=False).cumcount() + 1
    return frame.assign(No=[f"{which[:3].upper()}-{count:03d}" for which, count in zip(frame["List"], number.tolist(), strict=True)])


def _actions(world: World, book: OrderMonths, rng: np.random.Generator) -> list[dict[str, object]]:
    """Three a month for tiers, calls to named customers in the newest quarter, and some that are past their day."""
    season = world.season
    newest = season.months - 1
    subjects = ("Call the ten largest", "Check late deliveries", "Send samples of the new group")
    rows: list[dict[str, object]] = []
    for month in range(max(0, newest - 11), newest + 1):
        first = season.month(month).first_day
        for turn, (tier, owner) in enumerate((("a", "li.na"), ("b", "wang.lei"), ("c", "sun.yue"))):
            due = first + timedelta(days=20 + turn)
            closed = due - timedelta(days=int(rng.integers(0, 9)))
            rows.append(_entry("action", first, Due=due, Closed=closed, State="done", Owner=owner, Tier=tier, Subject=subjects[turn]))
    crowd = np.flatnonzero(is_rated(book, newest) & (world.customers["part"] == "").to_numpy())
    chosen = np.sort(rng.choice(crowd, min(TREATED, len(crowd)), replace=False))
    for number, customer in enumerate(world.ids(chosen.tolist())):
        day = season.month(max(0, newest - 1 - number % 2)).first_day + timedelta(days=3 + number)
        done = {"Due": day + timedelta(days=10), "Closed": day + timedelta(days=4), "State": "done", "Outcome": "reached"}
        rows.append(_entry("action", day, Client=customer, Owner="zhao.min", Subject="Call after a quiet quarter", **done))
    begin = season.month(newest).first_day
    for number in range(OVERDUE):
        day = begin + timedelta(days=2 + 3 * number)
        late = {"Due": day + timedelta(days=7), "State": "open", "Owner": "chen.hao", "Tier": "b"}
        rows.append(_entry("action", day, Subject="Packaging of machines: find the cause of the breakage", **late))
    return rows


def _decisions(season: Season) -> list[dict[str, object]]:
    """What was decided, and one that is still to be put into practice."""
    newest = season.months - 1
    told = (
        (9, "Second carrier for the West", "Waiting times", "one carrier for all"),
        (DECIDED_BACK, "Sell cold brew", "Asked for by many", "a trial in one town"),
        (2, "Return label in every box", "Damage in transport", "a hotline"),
    )
    return [
        _entry(
            "decision",
            season.month(newest - back).first_day + timedelta(days=14),
            Owner="board",
            Subject=what,
            Reason=why,
            Outcome=f"instead of {other}",
        )
        for back, what, why, other in told
        if newest >= back
    ]


def _commitments(world: World, book: OrderMonths) -> tuple[list[dict[str, object]], int | None]:
    """Promises to large customers, kept but for the one to the largest of all, which is past its day."""
    season = world.season
    newest = season.months - 1
    best = np.argsort(-window_net(book, newest), kind="stable")[:5]
    begin = season.month(max(0, newest - 2)).first_day
    rows = []
    for number, customer in enumerate(world.ids(best.tolist())):
        due = season.month(newest).first_day + timedelta(days=9)
        kept = {"Closed": due - timedelta(days=3 + number), "State": "done"} if number else {"State": "open"}
        what = "Spare machine on loan" if number == 0 else "Fixed delivery day"
        rows.append(_entry("commitment", begin + timedelta(days=number), Client=customer, Due=due, Owner="li.na", Subject=what, **kept))
    return rows, int(best[0]) if len(best) else None


def _improvements(world: World, opened: Cases, rng: np.random.Generator) -> tuple[list[dict[str, object]], int]:
    """Improvements that name the ticket they go back to; of the newest months' complaints, suggestions and requests."""
    season, cases = world.season, opened.frame
    place = season.place(cases["opened"].to_numpy())
    rows, adopted = [], 0
    ids = world.customers["customer_id"].to_numpy()
    for back in range(min(12, season.months)):
        month = season.months - 1 - back
        mine = cases[(place == month) & cases["type"].isin(FEEDBACK).to_numpy()]
        count = round(len(mine) * (ADOPTED_SHARE if back == 0 else 0.03))
        picked = mine.iloc[np.sort(rng.choice(len(mine), count, replace=False))] if len(mine) else mine
        adopted += len(picked) if back == 0 else 0
        for who, ticket, cause in zip(picked["customer"], picked["ticket_id"], picked["cause"], strict=True):
            day = season.month(month).last_day
            done = bool(rng.random() < 0.55) and back > 0
            end = {"Closed": min(day + timedelta(days=25), season.until.last_day), "State": "done"} if done else {"State": "planned"}
            worth = {"Number": float(rng.integers(2, 40) * 1000), "Unit": "CNY"} if done and rng.random() < 0.6 else {}
            named = {"Client": str(ids[who]), "Field": "ticket_id", "Group": str(ticket), "Owner": "gao.rui"}
            rows.append(_entry("improvement", day, Subject=f"After a ticket: {cause}", **named, **end, **worth))
    return rows, adopted


def _entry(which: str, opened: date, **more: object) -> dict[str, object]:
    return {"List": which, "Entered": opened, "By": "office", **more}


def manual(world: World, book: OrderMonths) -> tuple[pd.DataFrame, int | None]:
    """`manual.csv`: manual grades (one in force, one without a reason, one that has just ended), accounts, markets, reviews."""
    season = world.season
    newest = season.months - 1
    until = season.until
    crowd = (world.customers["part"] == "").to_numpy() & world.customers["role"].isin(["consumer", "dealer"]).to_numpy()
    low = np.flatnonzero(is_rated(book, newest) & crowd & (scores(book, newest) < CUT_B - 8) & (book.orders[:, -12:].sum(axis=1) > 0))
    large, _ = large_accounts(world, book)
    rows: list[dict[str, object]] = []
    chosen = world.ids(low[:3].tolist())
    lines = (
        {"Reason": "Signed a frame contract for next year", "Due": (until + 5).last_day},
        {"Reason": "", "Due": (until + 5).last_day},
        {"Reason": "Trial of a year", "Due": until.first_day + timedelta(days=19)},
    )
    for customer, line in zip(chosen, lines, strict=False):
        opened = season.month(max(0, newest - 4)).first_day
        rows.append(_entry("override", opened, Client=customer, Group="B", By="li.na", **{"Field": "grade", **line}))
    named, since = large[[1, 3]] if len(large) > 3 else large, season.month(max(0, newest - 6)).first_day
    rows += [_entry("strategic", since, Client=one, By="board", Reason="Reference customer") for one in world.ids(named.tolist())]
    for number, (place, customer) in enumerate(zip(large[:6].tolist(), world.ids(large[:6].tolist()), strict=True)):
        day = season.month(max(0, newest - 9)).first_day
        if number < 4:
            rows.append(_entry("users", day, Client=customer, Number=float(3 + 4 * number), Unit="seats", Source="contract"))
        goal = round(float(window_net(book, newest)[place]) / 100 * (1.25, 0.9, 1.1, 1.6, 1.0, 0.8)[number], -3)
        rows.append(_entry("target", day, Client=customer, Number=goal, Unit="CNY", Source="contract"))
    day = season.month(max(0, newest - 10)).first_day
    for subject, told, text in (
        ("size", MARKET_SIZE, ""),
        ("growth", 0.06, ""),
        ("competition", np.nan, "three chains and many small shops"),
    ):
        rows.append(_entry("market", day, Subject=subject, Number=told, Text=text, Source="trade association (invented)"))
    rows.append(
        _entry("market", day, Field="region", Group="West", Subject="size", Number=9_000_000.0, Source="chamber of commerce (invented)")
    )
    if newest >= 3:
        rows.append(
            _entry("review", season.month(newest - 3).last_day, Outcome="keep", Text="Cuts checked against the year's orders", By="board")
        )
    return _listed(rows), (int(low[0]) if len(low) else None)


def holidays(season: Season) -> pd.DataFrame:
    """`holidays.csv`: days on which greetings go out, each year, and those of Spring Festival, when hardly anybody works."""
    years = range(season.first.year, season.until.year + 2)
    rows = [
        {"No": f"{name}-{year}", "Day": date(year, month, day), "Name": title}
        for year in years
        for name, month, day, title in (("ND", 10, 1, "National Day"), ("NY", 1, 1, "New Year"), ("ANN", 5, 18, "Company anniversary"))
    ]
    rows += [
        {"No": f"SF-{year}-{number}", "Day": spring_festival(year) + timedelta(days=number - 5), "Name": "Spring Festival"}
        for year in years
        for number in range(1, 15)
    ]
    return pd.DataFrame(rows)


def staff(world: World, book: OrderMonths, taken: Ints, rng: np.random.Generator) -> World:
    """The world with the company's own people among its buyers: eight employees and three stockholders, all persons who order."""
    customers = world.customers.copy()
    newest = book.orders.shape[1] - 1
    customers["role"] = customers["role"].where(customers["role"] != "employee", "consumer")
    fit = (customers["part"] == "").to_numpy() & (customers["kind"] == "person").to_numpy() & (customers["referred_by"] == "").to_numpy()
    fit &= book.orders[:, max(0, newest - 11) :].sum(axis=1) >= 3
    able = np.setdiff1d(np.flatnonzero(fit), taken)
    chosen = rng.permutation(able)[:11]
    customers.loc[np.sort(chosen[:8]), "role"] = "employee"
    customers.loc[np.sort(chosen[8:]), "role"] = "stockholder"
    customers.loc[np.sort(chosen[:8]), "related_to_employee"] = "false"
    return World(world.season, customers)
