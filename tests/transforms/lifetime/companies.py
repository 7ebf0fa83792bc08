"""Invented companies whose customers behave as the models say, or otherwise, over many months."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.transforms.builders import Company, canonical
from transforms.month import Month


def company(first: Month, last: Month, count: int, seed: int, leave: float = 0.1, follows: float = 0.0, models: bool = True) -> Company:
    """Customers who arrive over the first half, order at a rate of their own, and leave after an order with a chance near `leave`.

    `follows` ties the chance of leaving to spend: 0 not at all; 1: those who spend little leave much sooner.
    """
    random = np.random.default_rng(seed)
    begin, end = (np.datetime64(day, "D").astype(int) for day in (first.first_day, last.last_day))
    span = end - begin
    rows: list[tuple[str, int, float]] = []
    for place in range(count):
        rate, level = random.gamma(1.4, 1 / 35.0), random.normal(4.0, 0.8)
        chance = float(np.clip(random.beta(1.2, 1.2 * (1 - leave) / leave) * np.exp(-follows * 1.5 * (level - 4.0)), 0.001, 0.9))
        day = float(random.integers(0, max(1, span // 2)))
        while day <= span:
            rows.append((f"c{place:04}", begin + int(day), float(np.round(np.exp(random.normal(level, 0.3)), 2))))
            if random.random() < chance:
                break
            day += random.exponential(1 / max(rate, 1e-3))
    stamps = [pd.Timestamp(0) + pd.Timedelta(days=day, hours=10) for _, day, _ in rows]
    orders = [
        {"order_id": f"o{number}", "customer_id": who, "ordered_at": stamp, "amount": money}
        for number, ((who, _, money), stamp) in enumerate(zip(rows, stamps, strict=True))
    ]
    return Company(canonical("orders", orders), first=first, models=models)
