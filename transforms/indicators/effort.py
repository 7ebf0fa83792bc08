"""Effort and what it meets: new customers against old ones, service before selling, new products."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.facts.matching import locate
from transforms.figures import Better, Scope, Unit
from transforms.indicators.customers import won_12m
from transforms.indicators.declare import YEAR_WINDOW, Part, indicator
from transforms.indicators.money import net_of
from transforms.indicators.quotes import decided_quotes
from transforms.money import BoolArray
from transforms.statistics.estimates import Estimate, no_data, no_source, share_of

BEFORE_A_QUOTE = pd.Timedelta(days=90)


@indicator(
    "effort_new_contact_share",
    title="Contacts spent on new customers",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="contacts that we began with customers whose first order is in the twelve months / those with all customers of the scope",
    window=YEAR_WINDOW,
    needs=("contacts",),
    section="value",
    serves=("S218",),
)
def effort_new_contact_share(part: Part) -> Estimate:
    rows = part.inputs.contacts
    out = rows.loc[(rows["direction"] != "in").to_numpy(dtype=bool)]
    (places,), _ = locate(part["customer_id"].reset_index(drop=True), [out["customer_id"].fillna("")])
    own = places[places < len(part)]
    return share_of(int(won_12m(part)[own].sum()), len(own), f"{_new_net(part)}; Wilson interval")


@indicator(
    "effort_new_discount_share",
    title="Discount spent on new customers",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="discount given to customers whose first order is in the twelve months / discount given to all customers of the scope",
    window=YEAR_WINDOW,
    needs=("orders", "order_lines"),
    section="value",
    serves=("S218",),
)
def effort_new_discount_share(part: Part) -> Estimate:
    if "discount_12m" not in part.inputs.window:
        return no_source("no order tells a discount")
    given = part.integers("discount_12m")
    total, n = int(given.sum()), int((given > 0).sum())
    return Estimate(int(given[won_12m(part)].sum()) / total, n, method=_new_net(part)) if total > 0 else no_data(n=n)


def _new_net(part: Part) -> str:
    """What stands against the effort: the new customers' share of the money."""
    net = net_of(part, "12m")
    total = float(net.sum())
    return f"new customers bring {100 * float(net[won_12m(part)].sum()) / total:.1f} % of net" if total > 0 else "no net revenue"


@indicator(
    "service_first_share",
    title="Quotes after a service contact",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="decided quotes with a non-sales contact in the 90 days before / decided quotes whose 90 days before are known",
    window=YEAR_WINDOW,
    needs=("quotes",),
    section="value",
    serves=("S222",),
)
def service_first_share(part: Part) -> Estimate:
    if "contacts" not in part.inputs.supplied:
        return no_source("no table of contacts")
    first = pd.Timestamp((part.inputs.month - 11).start(part.inputs.timezone)) + BEFORE_A_QUOTE
    quotes = decided_quotes(part)
    quotes = quotes.loc[(quotes["quoted_at"] >= first).to_numpy(dtype=bool)].reset_index(drop=True)
    served = _served_before(part, quotes)
    won = (quotes["result"] == "won").to_numpy(dtype=bool)

    def rate(chosen: BoolArray) -> str:
        return f"{100 * won[chosen].mean():.0f} % of {int(chosen.sum())}" if chosen.any() else "none"

    return share_of(int(served.sum()), len(quotes), f"won with such a contact {rate(served)}, without {rate(~served)}; Wilson interval")


def _served_before(part: Part, quotes: pd.DataFrame) -> BoolArray:
    """Whether the customer of each quote had a non-sales contact in the 90 days before it."""
    rows = part.inputs.contacts
    service = rows.loc[(rows["purpose"] == "non-sales").to_numpy(dtype=bool), ["customer_id", "contacted_at"]]
    asked = quotes[["customer_id", "quoted_at"]].assign(place=np.arange(len(quotes)))
    pairs = asked.merge(service, on="customer_id", how="inner")
    close = (pairs["contacted_at"] < pairs["quoted_at"]) & (pairs["contacted_at"] >= pairs["quoted_at"] - BEFORE_A_QUOTE)
    served = np.zeros(len(quotes), dtype=bool)
    served[pairs.loc[close.to_numpy(dtype=bool), "place"].to_numpy(dtype=np.int64)] = True
    return served


@indicator(
    "new_product_share",
    title="Revenue from new products",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="amount of order lines of products first sold in the twelve months / amount of all order lines of the twelve months",
    window=YEAR_WINDOW,
    needs=("order_lines",),
    section="value",
    serves=("S214",),
)
def new_product_share(part: Part) -> Estimate:
    first, lines = part.inputs.first_month, part.inputs.lines_12m
    if (first is not None and part.inputs.month.index - first.index < 12) or "new_amount" not in lines:
        return no_data("the history is too short to tell new products from old ones")
    if part.scope is not Scope.COMPANY:
        lines = lines.loc[lines["customer_id"].isin(part["customer_id"]).to_numpy(dtype=bool)]
    total, n = int(lines["amount"].sum()), int(lines["lines"].sum())
    method = "first sale in the history stands for the launch; kept between 0 and 1 where returns outweigh sales"
    return Estimate(min(1.0, max(0.0, int(lines["new_amount"].sum()) / total)), n, method=method) if total > 0 else no_data(method, n)
