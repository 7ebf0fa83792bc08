"""Results are distrusted as inputs are: each promise is broken once, and told by name."""

from __future__ import annotations

from typing import Any

import pandas as pd

from expectations.results import check_results
from transforms.figures import Figure, Reason, Scope, figure_frame


def figure(scope: Scope, value_of: str, indicator: str, value: float | None, **more: Any) -> Figure:
    return Figure(scope, value_of, indicator, value, reason=None if value is not None else Reason.NO_DATA, **more)


def sound(**changed: float) -> pd.DataFrame:
    """A company of two tiers and some orders without a customer."""
    values = {
        ("company", "", "customers_base"): 3, ("tier", "a", "customers_base"): 2, ("tier", "b", "customers_base"): 1,
        ("company", "", "orders"): 7, ("tier", "a", "orders"): 4, ("tier", "b", "orders"): 2, ("unattributed", "", "orders"): 1,
        ("company", "", "gross_revenue"): 100.1, ("tier", "a", "gross_revenue"): 60.05, ("tier", "b", "gross_revenue"): 30.0,
        ("unattributed", "", "gross_revenue"): 10.05, ("company", "", "refunds"): 10.0, ("company", "", "net_revenue"): 90.1,
        ("company", "", "retention_rate"): 0.5,
    }  # fmt: skip
    keyed = {f"{scope}_{of}_{name}".replace("__", "_"): (scope, of, name) for scope, of, name in values}
    for key, value in changed.items():
        values[keyed[key]] = value
    return figure_frame([figure(Scope(scope), of, name, value) for (scope, of, name), value in values.items()])


def customers(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": ["x", "y", "z"], "tier": ["a", "a", "b"], **columns})


def broken(figures: pd.DataFrame, people: pd.DataFrame | None = None, **more: Any) -> list[str]:
    found = check_results(figures, customers() if people is None else people, "2024-06", **more)
    assert all(finding.severity.value == "critical" and finding.month == "2024-06" for finding in found)
    return [finding.rule for finding in found]


def test_sound_results_pass() -> None:
    assert broken(sound(), units={"retention_rate": "share"}, expected={"orders": 7, "gross_revenue": 100.1}) == []


def test_the_base_is_counted_three_ways() -> None:
    assert broken(sound(company_customers_base=4)) == ["results.base.company", "results.base.tiers"]
    assert broken(sound(), customers(customer_id=["x", "x", "z"])) == ["results.base.twice"]
    assert broken(sound(), customers(tier=["a", "a", None])) == ["results.base.tierless"]


def test_tiers_and_unattributed_make_the_company_to_the_cent() -> None:
    assert broken(sound(tier_a_orders=5)) == ["results.tiers.sum"]
    assert broken(sound(unattributed_gross_revenue=10.06)) == ["results.tiers.sum"]
    assert broken(sound(unattributed_gross_revenue=10.051)) == []


def test_net_is_gross_less_refunds() -> None:
    assert broken(sound(company_refunds=9.0)) == ["results.money.net"]


def test_values_lie_within_what_their_unit_can_be() -> None:
    assert broken(sound(company_retention_rate=1.01), units={"retention_rate": "share"}) == ["results.figures.range"]
    assert broken(sound(), customers(loyalty_index=[50.0, 101.0, None])) == ["results.customers.range"]


def test_infinite_values_and_values_without_reason_are_found() -> None:
    assert broken(sound(), customers(net_12m=[1.0, float("inf"), None])) == ["results.values.infinite"]
    figures = sound()
    figures.loc[figures["indicator"] == "retention_rate", "value"] = None
    assert broken(figures) == ["results.values.reason"]


def test_the_books_are_compared_with_the_review() -> None:
    found = check_results(sound(), customers(), "2024-06", expected={"orders": 8})
    assert found[0].message == (
        "results 2024-06: orders: the books say 8.00, the review 7.00. "
        "This is a mistake of ours or of the data behind it; nothing is published."
    )
