"""One sample company of the usual size for all tests of this folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flows.sample import SampleCompany, make
from tests.sample.published import Published, publish_newest
from transforms.month import Month

UNTIL = Month(2026, 10)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> SampleCompany:
    return make(tmp_path_factory.mktemp("sample"), until=UNTIL)


@pytest.fixture(scope="session")
def folder(company: SampleCompany) -> Path:
    return company.folder


@pytest.fixture(scope="session")
def planted(company: SampleCompany) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(company.planted_path.read_text(encoding="utf-8"))
    return held


@pytest.fixture(scope="session")
def published(company: SampleCompany, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Published:
    """The sample's newest month as its readers have it, once for all workers."""
    base = tmp_path_factory.getbasetemp()
    return publish_newest(company, (base if worker_id == "master" else base.parent) / "published")
