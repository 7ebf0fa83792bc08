from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.warehouse.whereabouts import record_move
from tests.flows.archive.conftest import settings
from tests.flows.company import REVIEWED, Small, small_company
from transforms.month import Month

__all__ = ["settings"]

CLOCK = "2026-07-02T03:00:00+00:00"


@pytest.fixture(scope="module")
def unmailed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """June, published and not mailed; each test has a copy of its own (`copied`)."""
    folder = tmp_path_factory.mktemp("made") / "small"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEPING_CLOCK", CLOCK)
        run_month(small_company(folder).settings(), RunRequest(Month.parse(REVIEWED)))
        yield folder


@pytest.fixture
def copied(unmailed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    monkeypatch.setenv("KEPING_CLOCK", CLOCK)
    shutil.copytree(unmailed, tmp_path / "small")
    company = Small(tmp_path / "small")
    record_move(company.settings(), "a copy for one test")
    return company
