"""The target market as people outside measured it, beside the company's own share: external input, never estimated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.classes.roles import UNKNOWN
from transforms.classes.topics import MARKET
from transforms.classes.topics import markets as stated_markets
from transforms.facts.matching import Lookup, locate
from transforms.figures import Better, Label, Unit
from transforms.indicators.declare import GROUPS, YEAR_WINDOW, Part, indicator
from transforms.indicators.money import net_of
from transforms.money import UNITS, BoolArray
from transforms.statistics.estimates import Estimate, no_data


@dataclass(frozen=True)
class Market:
    """One market of the register: its group of customers, what is known of it from outside, and the own figures beside it."""

    field: str
    group: str
    size: float | None
    growth: float | None
    competition: str
    source: str
    opened_on: pd.Timestamp | None
    own_net: float
    own_share: float | None
    own_growth: float | None


def markets(company: Part) -> tuple[Market, ...]:
    """The markets of the register `market`, one per group, as the newest entries in force have them; sorted.

    `field` and `field_value` name the group of customers (both empty: all); `subject` says what `value` is: `size` (money
    of a year, in the reporting currency), `growth` (share a year); `competition` is told in `body`. The own share needs
    the size; the size is never estimated from own data.
    """
    rows = company.inputs.registers
    rows = rows.loc[(rows["register"] == "market").to_numpy(dtype=bool)]
    day = pd.Timestamp(company.inputs.month.last_day)
    rows = rows.loc[~(rows["closed_on"] < day).to_numpy(dtype=bool)]
    found: list[Market] = []
    keys = rows[["field", "field_value"]].fillna("").astype("str")
    for (field, group), own in rows.groupby([keys["field"], keys["field_value"]], sort=True):
        own = own.sort_values(["opened_on", "entry_id"], kind="stable", na_position="first")
        size, growth = (_newest(own, subject) for subject in ("size", "growth"))
        told = own.loc[(own["subject"] == "competition").to_numpy(dtype=bool), "body"].dropna()
        now, before = _money(company, str(field), str(group))
        last = own.iloc[-1]
        found.append(
            Market(
                field=str(field),
                group=str(group),
                size=size,
                growth=growth,
                competition=str(told.iloc[-1]) if len(told) else "",
                source="; ".join(dict.fromkeys(str(source) for source in own["source"].dropna())),
                opened_on=None if pd.isna(last["opened_on"]) else pd.Timestamp(last["opened_on"]),
                own_net=now,
                own_share=now / size if size else None,
                own_growth=now / before - 1 if before > 0 else None,
            )
        )
    return tuple(found)


def _newest(rows: pd.DataFrame, subject: str) -> float | None:
    values = rows.loc[(rows["subject"] == subject).to_numpy(dtype=bool), "value"].dropna()
    return float(values.iloc[-1]) if len(values) else None


def _money(company: Part, field: str, group: str) -> tuple[float, float]:
    """Own net of the twelve months and of the twelve before, of the customers of a group."""
    now, before = net_of(company, "12m"), net_of(company, "prior")
    if not field:
        return float(now.sum()), float(before.sum())
    customers = company.inputs.customers
    if field not in customers:
        return 0.0, 0.0
    (places,), _ = locate(company["customer_id"].reset_index(drop=True), [customers["customer_id"]])
    inside = (Lookup.of(places, len(company)).column(customers[field]) == group).fillna(False).to_numpy(dtype=np.bool_)
    return float(now[inside].sum()), float(before[inside].sum())


def _members(part: Part, entry: pd.Series) -> BoolArray:
    field, value = entry["field"], entry["field_value"]
    if pd.isna(field) or pd.isna(value):
        return np.ones(len(part.customers), dtype=bool)
    if field not in part.customers:
        return np.zeros(len(part.customers), dtype=bool)
    inside: BoolArray = (part.customers[str(field)].fillna(UNKNOWN) == value).to_numpy(dtype=bool)
    return inside


@indicator(
    "market_share",
    title="Our share of the stated market",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="net of twelve months of the market's customers / market size entered by hand (register `market`); never estimated",
    window=YEAR_WINDOW,
    needs=("registers",),
    section="classes",
    label=Label.EXTERNAL,
    serves=("S09",),
    scopes=GROUPS,
    families=(MARKET,),
)
def market_share(part: Part) -> Estimate:
    known = stated_markets(part.inputs.registers, part.inputs.month)
    entry = known.loc[known["entry_id"] == part.scope_value.partition("=")[2]].iloc[0]
    chosen = _members(part, entry)
    own = int(part.customers.loc[chosen, "net_12m"].sum()) / UNITS
    share = own / float(entry["value"])
    told = f"size entered by hand, source: {entry['source'] if pd.notna(entry['source']) else 'not told'}"
    if not 0 <= share <= 1:
        return no_data(f"{told}; own revenue is not within the stated size", int(chosen.sum()))
    return Estimate(share, int(chosen.sum()), method=told)
