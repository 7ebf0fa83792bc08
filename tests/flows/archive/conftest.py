from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.settings import Settings
from tests.flows.archive.builders import configuration
from tests.flows.warehouse.databases import BACKENDS, fresh_database


@pytest.fixture(params=BACKENDS)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    with fresh_database(request.param, tmp_path) as url:
        yield configuration(tmp_path / "company", url)
