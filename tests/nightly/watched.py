"""The modules in which a mistake sends twice, publishes half, loses a row or moves a month; and the tests that are theirs."""

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
}
"""Ledger, publishing, quarantine, period."""

assert all((CHECKOUT / name).is_file() for module, tests in WATCHED.items() for name in (module, *tests))
