"""The modules in which a mistake sends twice, publishes half, loses a row, moves a month or tells a wrong figure; and their tests."""

from __future__ import annotations

from tests.places import CHECKOUT

INDICATORS = "tests/transforms/indicators"
BY_HAND = f"{INDICATORS}/by_hand/test_by_hand.py"


WATCHED = {
    "flows/delivery/ledger.py": ("tests/flows/delivery/test_ledger.py",),
    "flows/archive/publishing.py": ("tests/flows/archive/test_publishing.py",),
    "flows/archive/revisions.py": ("tests/flows/archive/test_publishing.py", "tests/flows/machine/test_files.py"),
    "flows/archive/manifest.py": ("tests/flows/archive/test_publishing.py",),
    "flows/intake/books.py": ("tests/flows/intake/test_books.py",),
    "transforms/tables/duplicates.py": ("tests/flows/intake/test_books.py",),
    "transforms/month.py": ("tests/transforms/test_month.py",),
}
"""Ledger, publishing, quarantine, period: every branch of theirs is run, and every mistake tried."""

_OTHERS: dict[str, tuple[str, ...]] = {
    "backtest": (f"{INDICATORS}/test_backtest_and_models.py",),
    "bridge": (f"{INDICATORS}/test_bridge.py",),
    "churn": (f"{INDICATORS}/test_churn.py", f"{INDICATORS}/test_economics.py"),
    "comparable": (BY_HAND, f"{INDICATORS}/test_comparable.py"),
    "comparing": (f"{INDICATORS}/test_comparing.py", f"{INDICATORS}/test_summary.py"),
    "costs": (f"{INDICATORS}/test_costs_quotes_referrals.py",),
    "customer_base": (f"{INDICATORS}/test_customer_base.py",),
    "declare": (f"{INDICATORS}/test_declare.py", f"{INDICATORS}/test_summary.py"),
    "economics": (f"{INDICATORS}/test_economics.py", f"{INDICATORS}/test_everybody.py"),
    "effort": (f"{INDICATORS}/test_loyalty_value.py",),
    "everybody": (BY_HAND, f"{INDICATORS}/test_everybody.py"),
    "information": (f"{INDICATORS}/test_information.py",),
    "last_year": (f"{INDICATORS}/test_last_year.py", f"{INDICATORS}/test_targets.py"),
    "lifetime": (f"{INDICATORS}/test_backtest_and_models.py",),
    "loss_model": (f"{INDICATORS}/test_backtest_and_models.py",),
    "lost_customers": (f"{INDICATORS}/test_lost_customers.py",),
    "loyalty_value": (f"{INDICATORS}/test_loyalty_value.py",),
    "markets": (f"{INDICATORS}/test_information.py",),
    "models": (f"{INDICATORS}/test_backtest_and_models.py",),
    "movements": ("tests/flows/upkeep/test_manual.py",),
    "plans": (f"{INDICATORS}/test_targets.py",),
    "quotes": (f"{INDICATORS}/test_costs_quotes_referrals.py",),
    "referrals": (f"{INDICATORS}/test_costs_quotes_referrals.py",),
    "restatement": (f"{INDICATORS}/test_restatement.py",),
    "revenue_sources": (f"{INDICATORS}/test_revenue_sources.py",),
    "satisfaction": (f"{INDICATORS}/test_satisfaction.py",),
    "separation": (f"{INDICATORS}/test_separation_and_needs.py",),
    "needs": (f"{INDICATORS}/test_separation_and_needs.py",),
    "service": (f"{INDICATORS}/test_service.py",),
    "splits": (f"{INDICATORS}/test_splits.py",),
    "standard": (f"{INDICATORS}/test_standard.py",),
    "summary": (BY_HAND, f"{INDICATORS}/test_summary.py"),
    "targets": (f"{INDICATORS}/test_targets.py",),
}
"""What proves a subject's formulas beside its own rows by hand and those of the subjects that use it; `BY_HAND`: every row."""

RECKONED = {
    f"transforms/indicators/{file.stem}.py": _OTHERS.get(file.stem, ())
    for file in sorted((CHECKOUT / "transforms/indicators").glob("*.py"))
    if file.stem not in ("__init__", "all")
}
"""Formulas of indicators: every mistake is tried. A test is a file, or `file -k names`."""

assert all((CHECKOUT / name.partition(" ")[0]).is_file() for module, tests in (WATCHED | RECKONED).items() for name in (module, *tests))
