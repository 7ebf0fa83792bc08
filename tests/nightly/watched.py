"""The modules in which a mistake sends twice, publishes half, loses a row, moves a month or tells a wrong figure; and their tests."""

from __future__ import annotations

from tests.places import CHECKOUT

WATCHED = {
    "flows/delivery/ledger.py": ("tests/flows/delivery/test_ledger.py",),
    "flows/archive/publishing.py": ("tests/flows/archive/test_publishing.py",),
    "flows/archive/revisions.py": ("tests/flows/archive/test_publishing.py", "tests/flows/machine/test_files.py"),
    "flows/archive/manifest.py": ("tests/flows/archive/test_publishing.py",),
    "flows/intake/books.py": ("tests/flows/intake/test_books.py",),
    "transforms/tables/duplicates.py": ("tests/flows/intake/test_books.py",),
    "transforms/month.py": ("tests/transforms/test_month.py",),
    **{
        f"transforms/indicators/{subject}.py": ("tests/transforms/indicators/by_hand/test_by_hand.py",)
        for subject in (
            *("customers", "money", "retention", "churn", "concentration", "customer_base", "groups", "core", "customer_value"),
            *("customer_files", "purchasing", "standard", "satisfaction", "loyalty"),
        )
    },
    "transforms/indicators/movements.py": ("tests/transforms/indicators/by_hand/test_by_hand.py", "tests/flows/upkeep/test_manual.py"),
}
"""Ledger, publishing, quarantine, period, and the formulas that the table by hand works out."""

assert all((CHECKOUT / name).is_file() for module, tests in WATCHED.items() for name in (module, *tests))
