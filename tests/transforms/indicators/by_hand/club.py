"""Companies for the lifetime models: seven hundred invented customers over thirty months, and sixty whose spend is all powers of two."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd

from tests.transforms.builders import Company, canonical, orders
from tests.transforms.indicators.by_hand.companies import BY_MONEY, MARCH, reviewed
from tests.transforms.lifetime.companies import company
from transforms.policy.assumptions import Assumption
from transforms.review import MonthReview


@cache
def members() -> Company:
    """Seven hundred customers since October 2021; every tenth order of theirs is given back within the month."""
    made = company(MARCH - 29, MARCH, 700, seed=21, leave=0.15, follows=3.0)
    sold = made.sold.iloc[::10]
    back = [{"refund_id": f"r{number}", "customer_id": who, "refunded_at": None} for number, who in enumerate(sold["customer_id"])]
    given = canonical("refunds", back).assign(refunded_at=sold["ordered_at"].to_numpy(), amount=sold["amount"].to_numpy())
    return replace(made, back=given.astype({"refunded_at": made.sold["ordered_at"].dtype, "amount": "Int64"}))


@cache
def club() -> MonthReview:
    """The members' review: what a second way of reckoning makes of them is in `second_way`."""
    return reviewed(members())


def octaves() -> pd.DataFrame:
    """Customer number i spends 2^(i mod 20) x 2 on one day and a quarter of it on another; the middle twenty the other way round."""
    rows = []
    for number in range(60):
        level = 2.0 ** (number % 20)
        days = ("2023-05-10", "2024-01-10") if number % 40 < 20 else ("2024-01-10", "2023-05-10")
        rows += [(f"c{number:02}", days[0], 2 * level), (f"c{number:02}", days[1], level / 2)]
    return orders(*rows, ("none", "2023-05-10", 0))


@cache
def fair() -> MonthReview:
    """Sixty customers between 1 and half a million, and one who spent nothing; no rate of discount is assumed."""
    undiscounted = replace(BY_MONEY, assumptions=(Assumption("discount_rate", None, "nobody", on=False),))
    return reviewed(Company(octaves(), models=True), MARCH, undiscounted)


@cache
def young() -> MonthReview:
    """Three hundred customers of twenty-three months: enough for a model, but not for last year's."""
    return reviewed(company(MARCH - 22, MARCH, 300, seed=11))
