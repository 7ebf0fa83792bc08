"""Where tests find what lies beside the checkout, and servers that may be away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
SHARED = CHECKOUT.parent / "shared"
DATA = SHARED / "data"
ORACLES = SHARED / "oracles"

POSTGRES = os.environ.get("KEPING_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432")
MARIADB = os.environ.get("KEPING_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306")


def data(name: str) -> Path:
    """A folder of real data; the test is skipped with its name where it is not there."""
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"the data set {name} is not beside the checkout (looked for shared/data/{name})")
    return folder
