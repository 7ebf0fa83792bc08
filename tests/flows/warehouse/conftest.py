from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.warehouse.store import Warehouse
from tests.flows.warehouse.databases import BACKENDS, fresh_database


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def warehouse(url: str) -> Iterator[Warehouse]:
    with Warehouse.open(url, "Hanlin Trading", "test") as opened:
        yield opened
