"""Facts that are planted: their form, and those that are ties between customers, written into the CRM."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from flows.sample.company import World
from flows.sample.registers import Registers
from flows.sample.relations import Relation
from flows.sample.seasons import Floats, Ints
from flows.sample.standing import OrderMonths
from flows.sample.tickets import Cases

PROMOTERS, REFERRED = 10, 24
Figures = dict[str, float | int | str | list[float]]


@dataclass(frozen=True)
class Everything:
    """All that happened in the sample, before any dirt: the frames of the modules named like them."""

    world: World
    orders: pd.DataFrame
    book: OrderMonths
    cases: Cases
    satisfaction: pd.DataFrame
    recommendation: pd.DataFrame
    promoters: Ints
    lines: pd.DataFrame
    relation: Relation
    registers: Registers
    costs: pd.DataFrame

    @property
    def newest(self) -> int:
        """Place of the newest month."""
        return self.world.season.months - 1

    def month(self, back: int = 0) -> str:
        """The newest month, or one so many months back, as `YYYY-MM`."""
        return str(self.world.season.until - back)


@dataclass(frozen=True)
class Fact:
    """One planted fact.

    `month` is the newest month in which it is to be seen; `where` names places in packs and published files;
    `figures` hold what a test may compare.
    """

    name: str
    title: str
    month: str
    what: str
    where: str
    customers: tuple[str, ...] = ()
    figures: Figures = field(default_factory=dict)


def promoters(world: World, book: OrderMonths, mood: Floats) -> Ints:
    """Places of the happiest of the crowd who still order: they answer 9 or 10 and bring others."""
    newest = book.orders.shape[1] - 1
    active = (book.orders[:, max(0, newest - 2) :].sum(axis=1) > 0) & (book.first <= max(0, newest - 6))
    able = np.flatnonzero(active & (world.customers["part"] == "").to_numpy())
    happiest = able[np.argsort(-mood[able, newest], kind="stable")]
    return np.sort(happiest[:PROMOTERS]).astype(np.int64)


def with_ties(world: World, book: OrderMonths, happy: Ints, rng: np.random.Generator) -> World:
    """The world with its referrals, its merged record and its ending contract written into the CRM."""
    customers = world.customers.copy()
    ids, names, regions = (customers[column].to_numpy() for column in ("customer_id", "name", "region"))
    newest = book.orders.shape[1] - 1
    joined = np.flatnonzero((book.first > max(0, newest - 12)) & (book.first <= newest) & (customers["part"] == "").to_numpy())
    joined = np.setdiff1d(joined, happy)
    if len(happy) and len(joined):
        brought = np.sort(rng.choice(joined, min(REFERRED, len(joined)), replace=False))
        customers.loc[brought, "referred_by"] = ids[happy[np.arange(len(brought)) % len(happy)]]
        customers.loc[brought, "source_channel"] = "referral"
    for old, new in zip(world.playing("merged_old"), world.playing("merged_new"), strict=True):
        customers.loc[old, ["merged_into", "region", "name"]] = [ids[new], regions[new], f"{names[new]} (old record)"]
    for place in world.playing("contract"):
        customers.loc[place, "contract_end"] = str((world.season.until + 1).first_day.replace(day=15))
        customers.loc[place, "constraints"] = "contract|sole_source"
    return World(world.season, customers)
