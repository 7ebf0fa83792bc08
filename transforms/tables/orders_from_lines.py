"""Orders made from their lines, where no orders are given."""

from __future__ import annotations

import pandas as pd


def orders_from_lines(lines: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """One row per order_id: earliest line's time, exact sum of the line amounts, the lines' customer.

    Where lines name different customers, that of the earliest line that names one counts (at the same
    moment the smallest id); the second value holds those order ids. Cost and discount are summed where given.
    """
    names = [name for name in ("cost", "discount") if name in lines and lines[name].notna().any()]
    grouped = lines.groupby("order_id", sort=True)
    sums = grouped[["line_amount", *names]].sum(min_count=1)
    first = grouped["ordered_at"].min()
    customers = pd.Series(None, index=sums.index, dtype="str")
    torn = pd.Series([], dtype="str")
    if "customer_id" in lines:
        named = lines[lines["customer_id"].notna()].sort_values(["order_id", "ordered_at", "customer_id"])
        customers = named.drop_duplicates("order_id").set_index("order_id")["customer_id"].reindex(sums.index)
        spread = named.groupby("order_id")["customer_id"].nunique()
        torn = pd.Series(spread.index[spread > 1].to_list(), dtype="str")
    orders = pd.DataFrame(
        {
            "order_id": pd.Series(sums.index.to_list(), dtype="str"),
            "customer_id": pd.Series(customers.to_numpy(), dtype="str"),
            "ordered_at": first.reset_index(drop=True).astype("datetime64[us, UTC]"),
            "amount": sums["line_amount"].reset_index(drop=True).astype("Int64"),
            "status": pd.Series("completed", index=range(len(sums)), dtype="str"),
            **{name: sums[name].reset_index(drop=True).astype("Int64") for name in names},
        }
    )
    return orders, torn
