"""The modules in which a mistake sends twice, publishes half, loses a row, moves a month or tells a wrong figure; and their tests."""

from __future__ import annotations

import re

from tests.places import CHECKOUT

INDICATORS = "tests/transforms/indicators"
BY_HAND = f"{INDICATORS}/by_hand/test_by_hand.py"


def _rows_of(*subjects: str) -> str:
    """The rows by hand of some subjects, as `file -k names`: the whole table of a mistake would take a minute."""
    texts = [(CHECKOUT / f"{INDICATORS}/by_hand/rows_{subject}.py").read_text(encoding="utf-8") for subject in subjects]
    names = sorted({name for text in texts for name in re.findall(r'(?:Row|share)\(\s*f?"([a-z0-9_]+)', text)})
    return f"{BY_HAND} -k {' or '.join(names)}"


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

RECKONED = {
    **{
        f"transforms/indicators/{subject}.py": (BY_HAND,)
        for subject in (
            *("customers", "money", "retention", "churn", "concentration", "customer_base", "groups", "core", "customer_value"),
            *("customer_files", "purchasing", "standard", "satisfaction", "loyalty"),
        )
    },
    "transforms/indicators/movements.py": (BY_HAND, "tests/flows/upkeep/test_manual.py"),
    "transforms/indicators/backtest.py": (f"{INDICATORS}/test_backtest_and_models.py", _rows_of("backtest")),
    "transforms/indicators/costs.py": (f"{INDICATORS}/test_costs_quotes_referrals.py", _rows_of("costs")),
    "transforms/indicators/effort.py": (f"{INDICATORS}/test_loyalty_value.py", _rows_of("effort")),
    "transforms/indicators/feedback.py": (_rows_of("feedback"),),
    "transforms/indicators/group_service.py": (_rows_of("group_service"),),
    "transforms/indicators/information.py": (f"{INDICATORS}/test_information.py", _rows_of("information")),
    "transforms/indicators/lifetime.py": (f"{INDICATORS}/test_backtest_and_models.py", _rows_of("lifetime")),
    "transforms/indicators/loss_model.py": (f"{INDICATORS}/test_backtest_and_models.py", _rows_of("loss_model")),
    "transforms/indicators/lost_customers.py": (f"{INDICATORS}/test_lost_customers.py", _rows_of("lost_customers")),
    "transforms/indicators/loyalty_value.py": (f"{INDICATORS}/test_loyalty_value.py", _rows_of("loyalty_value")),
    "transforms/indicators/markets.py": (f"{INDICATORS}/test_information.py", _rows_of("markets")),
    "transforms/indicators/models.py": (f"{INDICATORS}/test_backtest_and_models.py", _rows_of("models")),
    "transforms/indicators/needs.py": (_rows_of("needs"),),
    "transforms/indicators/quotes.py": (f"{INDICATORS}/test_costs_quotes_referrals.py", _rows_of("quotes")),
    "transforms/indicators/referrals.py": (f"{INDICATORS}/test_costs_quotes_referrals.py", _rows_of("referrals")),
    "transforms/indicators/revenue_sources.py": (f"{INDICATORS}/test_revenue_sources.py", _rows_of("revenue_sources")),
    "transforms/indicators/separation.py": (f"{INDICATORS}/test_separation_and_needs.py", _rows_of("separation")),
    "transforms/indicators/service.py": (_rows_of("service"),),
    "transforms/indicators/strategy.py": (_rows_of("strategy"),),
}
"""Formulas of indicators: every mistake is tried. A test is a file, or `file -k names`."""

assert all((CHECKOUT / name.partition(" ")[0]).is_file() for module, tests in (WATCHED | RECKONED).items() for name in (module, *tests))
