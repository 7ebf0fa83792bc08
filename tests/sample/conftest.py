"""One sample company of the usual size for all tests of this folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flows.sample import SampleCompany, make
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
