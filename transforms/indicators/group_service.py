"""Whether the classes are served differently: contacts, visits, discounts, first answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.classes.groupings import ATTRIBUTE, CLASS, GROUP
from transforms.facts.matching import locate
from transforms.figures import Better, Unit
from transforms.indicators.declare import GROUPS, MONTH, ORDERS, YEAR_WINDOW, Part, indicator
from transforms.money import FloatArray, IntArray
from transforms.statistics.estimates import Estimate, no_data, no_source


@indicator(
    "group_contacts",
    title="Contacts per customer (12 months)",
    unit=Unit.RATIO,
    better=Better.NEITHER,
    formula="contacts of twelve months with the class's customers / customers",
    window=YEAR_WINDOW,
    needs=("contacts",),
    section="classes",
    serves=("S13", "S34", "S36"),
    scopes=GROUPS,
    families=(CLASS, GROUP, ATTRIBUTE),
)
def group_contacts(part: Part) -> Estimate:
    return Estimate(float(np.nansum(part.numbers("contacts_12m"))) / len(part), len(part), method="mean") if len(part) else no_data()


@indicator(
    "group_visits",
    title="Visits per customer (12 months)",
    unit=Unit.RATIO,
    better=Better.NEITHER,
    formula="contacts of twelve months by the method visit with the class's customers / customers",
    window=YEAR_WINDOW,
    needs=("contacts",),
    section="classes",
    serves=("S13",),
    scopes=GROUPS,
    families=(CLASS,),
)
def group_visits(part: Part) -> Estimate:
    return Estimate(float(np.nansum(part.numbers("visits_12m"))) / len(part), len(part), method="mean") if len(part) else no_data()


@indicator(
    "group_discount_share",
    title="Discount given (12 months)",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="discount of twelve months / (gross + discount), of the class's customers",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="classes",
    serves=("S13",),
    scopes=GROUPS,
    families=(CLASS,),
)
def group_discount_share(part: Part) -> Estimate:
    if "discount_12m" not in part.inputs.window:
        return no_source("no order tells its discount")
    given, gross = float(part.numbers("discount_12m").sum()), float(part.numbers("gross_12m").sum())
    whole = given + gross
    return Estimate(given / whole, len(part), method="discount / (gross + discount)") if whole > 0 and given >= 0 else no_data(n=len(part))


@indicator(
    "group_first_response_hours",
    title="Median hours to the first response",
    unit=Unit.HOURS,
    better=Better.LOWER,
    formula="median hours from ticket to first answer, of the class's tickets opened in the month that were answered",
    window=MONTH,
    needs=("tickets",),
    section="classes",
    serves=("S13",),
    scopes=GROUPS,
    families=(CLASS,),
)
def group_first_response_hours(part: Part) -> Estimate:
    if "first_response_at" not in part.inputs.tickets:
        return no_source("tickets tell no first response")
    whose, after = part.everybody.once("first responses", lambda: _first_responses(part))
    hours = after[part.members()[whose]]
    return Estimate(float(np.median(hours)), len(hours), method="median of those answered") if len(hours) else no_data()


def _first_responses(part: Part) -> tuple[IntArray, FloatArray]:
    """Of every answered ticket opened in the month by a customer: the customer's row, and the hours to the answer."""
    start = pd.Timestamp(part.inputs.month.start(part.inputs.timezone))
    rows = part.inputs.tickets[["customer_id", "opened_at", "first_response_at"]].dropna()
    rows = rows.loc[(rows["opened_at"] >= start).to_numpy(dtype=bool)]
    (places,), _ = locate(part.customers["customer_id"], [rows["customer_id"]])
    # An answer logged before its ticket was opened took no time, as in first_response_hours_median.
    hours = np.maximum((rows["first_response_at"] - rows["opened_at"]).dt.total_seconds().to_numpy(dtype=np.float64) / 3600, 0.0)
    known = places < len(part.everybody)
    return places[known], hours[known]
