"""What every step works with: one open warehouse, and the day by the company's own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.archive.office import Office
from tests.flows.archive.builders import configuration
from transforms.errors import UsageError


@pytest.mark.parametrize(("hour", "day"), [(15, date(2026, 5, 31)), (16, date(2026, 6, 1))])
def test_today_is_the_day_in_the_companys_zone_by_the_clock_it_was_given(tmp_path: Path, hour: int, day: date) -> None:
    settings = configuration(tmp_path, f"sqlite:///{tmp_path / 'keping.db'}")
    with Office.open(settings, clock=lambda: datetime(2026, 5, 31, hour, 59, 59, tzinfo=UTC), create=True) as office:
        assert office.today == day
        assert (office.warehouse.company, office.archive.root) == (settings.company.name, settings.archive_path)


def test_only_who_asks_for_it_makes_a_warehouse(tmp_path: Path) -> None:
    settings = configuration(tmp_path, f"sqlite:///{tmp_path / 'keping.db'}")
    with pytest.raises(UsageError, match=r"there is no warehouse"), Office.open(settings):
        pass
    assert not (tmp_path / "keping.db").exists()
