"""The sample company's customers: who they are and how they are inclined to behave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.sample.names import AWKWARD, company_names, person_names
from flows.sample.seasons import Floats, Ints, Season
from transforms.errors import UsageError

NAME = "Hanlin Trading (invented sample)"
TIMEZONE = "Asia/Shanghai"
UTC_OFFSET = np.timedelta64(8, "h")
"""Shanghai has kept UTC+8 without summer time in all years that a sample can have."""

REGIONS = ("East", "North", "South", "West", "Central", "Overseas")
SLOW_REGION = "West"
MANAGERS = ("li.na", "wang.lei", "zhao.min", "chen.hao", "sun.yue", "j.marchbank", "t.ashcombe", "liu.yang")
FEWEST_CUSTOMERS, FEWEST_MONTHS = 100, 3

PARTS: dict[str, tuple[int, int]] = {
    "giant": (1, 3),
    "defector": (1, 12),
    "riser": (1, 8),
    "late_refund": (1, 10),
    "flapper": (1, 16),
    "merged_old": (1, 14),
    "merged_new": (1, 14),
    "contract": (1, 8),
    "silent": (8, 12),
    "newly_lost": (5, 16),
}
"""Parts that are played by scripted customers: how many, and the months a sample needs for them."""


@dataclass(frozen=True)
class World:
    """The season and its customers.

    `customers` has one row per customer, index 0..n-1: the columns of the CRM file, and what drives behaviour:
    `part` (empty: one of the crowd), `start` (place of the month of arrival), `rate` (orders in an ordinary month),
    `level` and `spread` (log of an amount in CNY), `temper` (0-1, the satisfaction a customer returns to).
    """

    season: Season
    customers: pd.DataFrame

    def playing(self, part: str) -> list[int]:
        """Places of the customers that play a part; empty where the sample is too short for it."""
        return [int(place) for place in np.flatnonzero(self.customers["part"].to_numpy() == part)]

    def ids(self, places: list[int]) -> list[str]:
        """Customer ids of places, in the same order."""
        held = self.customers["customer_id"].to_numpy()
        return [str(held[place]) for place in places]


def invent_company(season: Season, count: int, rng: np.random.Generator) -> World:
    """Invent `count` customers; UsageError below the sizes at which the sample still says something."""
    if count < FEWEST_CUSTOMERS or season.months < FEWEST_MONTHS:
        raise UsageError(
            f"a sample company needs at least {FEWEST_CUSTOMERS} customers and {FEWEST_MONTHS} months; "
            f"asked for {count} customers and {season.months} months. Nothing was made."
        )
    parts = [part for part, (players, needs) in PARTS.items() if season.months >= needs for _ in range(players)]
    part = np.array(parts + [""] * (count - len(parts)), dtype=object)
    scripted = part != ""
    is_company = np.where(scripted, True, rng.random(count) < 0.4)
    start = _arrivals(season.months, count, rng)
    rate = np.where(is_company, rng.gamma(1.6, 0.8, count), rng.gamma(1.3, 0.55, count))
    level = np.where(is_company, rng.normal(7.1, 0.75, count), rng.normal(5.2, 0.65, count))
    customers = pd.DataFrame(
        {
            "customer_id": _ids(count, rng),
            "name": _names(is_company, rng),
            "part": part,
            "kind": np.where(is_company, "company", "person"),
            "region": np.array(REGIONS, dtype=object)[rng.choice(6, count, p=[0.3, 0.18, 0.2, 0.17, 0.12, 0.03])],
            "start": np.where(scripted, season.months, start),
            "rate": np.where(scripted, 0.0, rate),
            "level": level,
            "spread": rng.uniform(0.25, 0.6, count),
            "temper": np.clip(rng.beta(6.0, 2.4, count), 0.05, 0.98),
        }
    )
    customers.loc[scripted & (customers["region"] == "Overseas"), "region"] = "South"
    customers = _particulars(customers, season, rng)
    awkward = np.flatnonzero(~scripted)[: len(AWKWARD)]
    customers.loc[awkward, "name"] = list(AWKWARD)
    customers.loc[awkward[AWKWARD.index("007")], "customer_id"] = "007"
    return World(season, customers)


def _arrivals(months: int, count: int, rng: np.random.Generator) -> Ints:
    """Just over half were customers before the first month; the others come a few more each month."""
    weights = np.linspace(1.0, 1.6, months)
    weights[0] = 0.0
    later = rng.choice(months, count, p=weights / weights.sum())
    return np.where(rng.random(count) < 0.56, 0, later).astype(np.int64)


def _ids(count: int, rng: np.random.Generator) -> list[str]:
    width = max(4, len(str(count)) + 1)
    return [f"H{10 ** (width - 1) + number}" for number in rng.permutation(count)]


def _names(is_company: np.ndarray, rng: np.random.Generator) -> list[str]:
    count = len(is_company)
    chinese = rng.random(count) < 0.65
    makers = (
        person_names(count, False, rng),
        person_names(count, True, rng),
        company_names(count, False, rng),
        company_names(count, True, rng),
    )
    kind = 2 * is_company.astype(np.int64) + chinese.astype(np.int64)
    return [makers[which][place] for place, which in enumerate(kind)]


def _particulars(customers: pd.DataFrame, season: Season, rng: np.random.Generator) -> pd.DataFrame:
    """What the CRM knows beside name and region; blank where it does not know."""
    count = len(customers)
    is_company = (customers["kind"] == "company").to_numpy()
    start = customers["start"].to_numpy()
    before = rng.integers(20, 1500, count)
    arrived = np.where(start >= season.months, 0, start)
    begins = np.array([season.start(place) for place in range(season.months)]).astype("datetime64[D]")
    first_seen = begins[arrived] - np.where(arrived == 0, before, 0).astype("timedelta64[D]")
    birth = np.datetime64("1955-01-01") + rng.integers(0, 365 * 50, count).astype("timedelta64[D]")
    industries = np.array(["hotel", "restaurant", "office", "retail", "education", "health"], dtype=object)
    channels = np.array(["search", "fair", "shop", "partner", "campaign"], dtype=object)
    contract = is_company & (rng.random(count) < 0.15)
    ends = np.datetime64((season.until + 3).first_day) + rng.integers(0, 500, count).astype("timedelta64[D]")
    return customers.assign(
        role=np.where(is_company & (rng.random(count) < 0.12), "dealer", np.where(rng.random(count) < 0.01, "employee", "consumer")),
        industry=np.where(is_company, industries[rng.integers(0, 6, count)], ""),
        source_channel=np.where(rng.random(count) < 0.07, "", channels[rng.choice(5, count, p=[0.35, 0.15, 0.25, 0.1, 0.15])]),
        account_manager=np.array(MANAGERS, dtype=object)[rng.integers(0, len(MANAGERS), count)],
        first_seen=np.datetime_as_string(first_seen.astype("datetime64[D]")),
        referred_by="",
        related_to_employee=np.where(rng.random(count) < 0.02, "true", "false"),
        contract_end=np.where(contract, np.datetime_as_string(ends), ""),
        constraints=np.where(contract, "contract", ""),
        birth_date=np.where(is_company | (rng.random(count) < 0.5), "", np.datetime_as_string(birth.astype("datetime64[D]"))),
        gender=np.where(is_company, "", np.where(rng.random(count) < 0.5, "f", "m")),
        preferred_channel=np.array(["mail", "phone", "app", ""], dtype=object)[rng.integers(0, 4, count)],
        member_level=np.array(["", "silver", "gold"], dtype=object)[rng.choice(3, count, p=[0.6, 0.3, 0.1])],
        merged_into="",
    )


def temper(world: World) -> Floats:
    """The satisfaction each customer returns to, with the parts' own."""
    tempers = world.customers["temper"].to_numpy(dtype=np.float64).copy()
    for part, value in (("giant", 0.8), ("defector", 0.35), ("silent", 0.12), ("contract", 0.3), ("riser", 0.85), ("flapper", 0.7)):
        tempers[world.playing(part)] = value
    return tempers
