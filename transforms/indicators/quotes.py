"""How many quotes are won, and on what: own quotes alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.facts.matching import locate
from transforms.figures import Better, Scope, Unit
from transforms.indicators.declare import YEAR_WINDOW, Part, indicator
from transforms.statistics.estimates import Estimate, share_of
from transforms.tables.spellings import PRICE, SERVICE, says

QUOTES = ("quotes",)


def decided_quotes(part: Part) -> pd.DataFrame:
    """Quotes of the twelve months that were won or lost, of this scope, with `existing`: ordered before the day of the quote.

    The company's include people who never ordered; a tier's are its own customers'.
    """
    quotes = part.inputs.quotes
    decided = quotes.loc[quotes["result"].isin(["won", "lost"]).to_numpy(dtype=bool)].reset_index(drop=True)
    (places,), _ = locate(part["customer_id"].reset_index(drop=True), [decided["customer_id"].fillna("")])
    if part.scope is not Scope.COMPANY:
        inside = places < len(part)
        decided, places = decided.loc[inside].reset_index(drop=True), places[inside]
    first = part.days("first_order_on")
    known = places < len(part)
    day = decided["quoted_at"].dt.tz_convert(part.inputs.timezone).dt.tz_localize(None).to_numpy(dtype="datetime64[D]")
    existing = np.zeros(len(decided), dtype=bool)
    existing[known] = first[places[known]] < day[known]
    return decided.assign(existing=existing)


def _win_rate(part: Part, existing: bool) -> Estimate:
    quotes = decided_quotes(part)
    chosen = quotes.loc[(quotes["existing"] == existing).to_numpy(dtype=bool)]
    return share_of(int((chosen["result"] == "won").sum()), len(chosen), "won / decided quotes; Wilson interval")


@indicator(
    "win_rate_existing",
    title="Win rate, existing customers",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="quotes won / quotes decided, of customers who had ordered before the day of the quote",
    window=YEAR_WINDOW,
    needs=QUOTES,
    section="value",
    serves=("S206", "Q05"),
)
def win_rate_existing(part: Part) -> Estimate:
    return _win_rate(part, existing=True)


@indicator(
    "win_rate_new",
    title="Win rate, new customers",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="quotes won / quotes decided, of people who had not ordered before the day of the quote",
    window=YEAR_WINDOW,
    needs=QUOTES,
    section="value",
    serves=("S206", "Q05"),
)
def win_rate_new(part: Part) -> Estimate:
    return _win_rate(part, existing=False)


@indicator(
    "lost_on_price_share",
    title="Quotes lost on price",
    unit=Unit.SHARE,
    better=Better.LOWER,
    formula="quotes lost with the reason price / quotes lost with a known reason",
    window=YEAR_WINDOW,
    needs=QUOTES,
    section="value",
    serves=("S220",),
)
def lost_on_price_share(part: Part) -> Estimate:
    quotes = decided_quotes(part)
    lost = quotes.loc[((quotes["result"] == "lost") & quotes["reason"].notna()).to_numpy(dtype=bool)]
    return share_of(int(says(lost["reason"], PRICE).sum()), len(lost))


@indicator(
    "wins_above_rival_share",
    title="Won for service at a higher price",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="won with the reason service or reliability at a price above the competitor's / won with a known competitor's price",
    window=YEAR_WINDOW,
    needs=QUOTES,
    section="value",
    serves=("S216", "Q19"),
)
def wins_above_rival_share(part: Part) -> Estimate:
    quotes = decided_quotes(part)
    won = quotes.loc[((quotes["result"] == "won") & quotes["competitor_price"].notna()).to_numpy(dtype=bool)]
    for_service = says(won["reason"], SERVICE)
    return share_of(int((for_service & (won["amount"] > won["competitor_price"])).sum()), len(won))
