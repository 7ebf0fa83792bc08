"""New customers who came by recommendation, and what they bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from transforms.facts.matching import Lookup, locate
from transforms.figures import Better, Unit
from transforms.indicators.customers import won_12m
from transforms.indicators.declare import YEAR_WINDOW, Part, indicator
from transforms.indicators.money import net_of
from transforms.money import BoolArray
from transforms.statistics.estimates import Estimate, no_data, no_source, share_of
from transforms.tables.spellings import REFERRAL, says


@dataclass(frozen=True)
class Origins:
    """Where the new customers of twelve months come from: recommended, otherwise known, unknown."""

    referred: BoolArray
    known: BoolArray
    won: BoolArray


def origins(part: Part) -> Origins | None:
    """Each customer's origin as the customers table tells it; None where it tells neither source nor referrer of anybody."""
    customers = part.inputs.customers
    told = [name for name in ("referred_by", "source_channel") if name in customers and bool(customers[name].notna().any())]
    if not told:
        return None
    (places,), _ = locate(part["customer_id"].reset_index(drop=True), [customers["customer_id"]])
    lookup = Lookup.of(places, len(part))
    by = lookup.column(customers["referred_by"]).notna().to_numpy(dtype=bool) if "referred_by" in told else np.zeros(len(part), dtype=bool)
    source = lookup.column(customers["source_channel"]) if "source_channel" in told else pd.Series([None] * len(part), dtype="str")
    spoken = says(source, REFERRAL).to_numpy(dtype=bool)
    return Origins(by | spoken, by | source.notna().to_numpy(dtype=bool), won_12m(part))


@indicator(
    "referred_new_share",
    title="New customers by referral",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="new customers of the twelve months who were referred / those with a known source",
    window=YEAR_WINDOW,
    needs=("customers",),
    section="value",
    serves=("S208", "Q09"),
)
def referred_new_share(part: Part) -> Estimate:
    found = origins(part)
    if found is None:
        return no_source("the customers table tells no source and no referrer")
    known, new = int((found.won & found.known).sum()), int(found.won.sum())
    return share_of(int((found.won & found.referred).sum()), known, f"source unknown for {new - known} of {new}; Wilson interval")


@indicator(
    "referred_net_per_customer",
    title="Net per referred customer",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    formula="twelve-month net of new customers who were referred / their number; beside it the cost of winning a customer",
    window=YEAR_WINDOW,
    needs=("customers",),
    section="value",
    serves=("S219",),
)
def referred_net_per_customer(part: Part) -> Estimate:
    found = origins(part)
    if found is None:
        return no_source("the customers table tells no source and no referrer")
    chosen = found.won & found.referred
    n = int(chosen.sum())
    return Estimate(float(net_of(part, "12m")[chosen].sum()) / n, n, method="mean over referred new customers") if n else no_data()
