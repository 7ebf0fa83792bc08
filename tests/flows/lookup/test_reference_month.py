"""Which month the standard is frozen at does not hang on which command came first, is told, can be named, and can be taken back."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete

from flows.backfills.backfill import backfill
from flows.check import check_everything
from flows.cli import main
from flows.lookup.policies import unfreeze
from flows.review.request import RunRequest, check_backfill
from flows.review.run import run_month
from flows.warehouse import schema
from flows.warehouse.store import Warehouse
from tests.flows.company import Small, small_company
from transforms.errors import UsageError
from transforms.freezing import is_short_reference, month_to_freeze
from transforms.month import Month
from transforms.policy.rules import Reference, builtin

pytestmark = pytest.mark.usefixtures("quick_packs")
NOW = datetime(2026, 7, 2, tzinfo=UTC)
OWN = """
version = "own-1"
effective_from = "2025-01"
author = "An Analyst"
reason = "two grades"
reference_month = "{month}"
[[grades]]
grade = "A"
tier = "a"
name_en = "A"
name_zh = "A"
cut = 60.0
[[grades]]
grade = "B"
tier = "b"
name_en = "B"
name_zh = "B"
cut = 0.0
"""


def long_company(folder: Path) -> Small:
    """The small company with orders alone, its half-year's twice in the year before, too: orders from 2025-01 on."""
    company = small_company(folder)
    text = company.config.read_text(encoding="utf-8")
    for table in ("tickets", "surveys"):
        text = re.sub(rf"\[\[tables\.{table}\]\][^\[]*", "", text)
    company.config.write_text(text, encoding="utf-8")
    rows = company.rows("orders")[1:]
    earlier = [
        [f"E{row[0]}-{later}", row[1], f"2025-{int(row[2][5:7]) + later:02d}-{min(int(row[2][8:10]), 28):02d}{row[2][10:]}", row[3], "", ""]
        for row in rows
        for later in (0, 6)
    ]
    company.append("orders", *earlier)
    return company


def opened(company: Small) -> Warehouse:
    settings = company.settings()
    return Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment, create=False)


def frozen_at(company: Small) -> dict[str, tuple[str, str]]:
    with opened(company) as warehouse:
        return {
            name: (one.policy.reference.month, one.policy.digest)
            for name, one in warehouse.recorded_policies().items()
            if one.policy.reference
        }


def tried(company: Small, month: str) -> None:
    settings = company.settings()
    backfill(settings, check_backfill(month, month, "to look", NOW, settings, promote=False, send=False))


def test_the_first_month_with_a_whole_year_is_the_reference_whatever_is_asked_for_first(tmp_path: Path) -> None:
    by_run, by_backfill = long_company(tmp_path / "one"), long_company(tmp_path / "two")
    run_month(by_run.settings(), RunRequest(Month(2026, 6)))
    tried(by_backfill, "2026-02")
    assert frozen_at(by_run) == frozen_at(by_backfill)
    assert frozen_at(by_run)["builtin-1"][0] == "2025-12"

    with pytest.raises(UsageError, match="2026-06 is published, so the reference that it was graded with stays"):
        unfreeze(by_run.settings())
    assert frozen_at(by_run) == frozen_at(by_backfill)


def test_a_short_reference_is_told_and_taken_back_while_nothing_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    company = long_company(tmp_path / "company")
    tried(company, "2025-05")
    assert frozen_at(company)["builtin-1"][0] == "2025-05"

    monkeypatch.setattr("sys.argv", ["keping", "policy", "unfreeze", "--config", str(company.config), "--json"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 0
    assert json.loads(capsys.readouterr().out) == {"versions": ["builtin-1@2025-05"], "reviews": 5}
    assert frozen_at(company) == {}
    (line,) = (one for one in check_everything(company.settings()) if one.what == "policies")
    assert "not frozen yet: the first run does it, at the first month with a whole year of orders behind it" in line.found

    tried(company, "2026-02")
    assert frozen_at(company)["builtin-1"][0] == "2025-12"
    guarded = pytest.raises(Exception, match="rows of policies are never changed or deleted")
    with opened(company) as warehouse, guarded, warehouse.writing() as connection:
        connection.execute(delete(schema.policies))


def test_a_policy_names_its_month_and_one_outside_of_the_orders_is_refused(tmp_path: Path) -> None:
    company = long_company(tmp_path / "company")
    (company.folder / "policies").mkdir()
    file = company.folder / "policies" / "own-1.toml"
    file.write_text(OWN.format(month="2024-12"), encoding="utf-8")
    with pytest.raises(UsageError, match="reference_month = 2024-12 lies outside of the orders that were read, 2025-01 to 2026-02"):
        tried(company, "2026-02")
    file.write_text(OWN.format(month="2025-06"), encoding="utf-8")
    tried(company, "2026-02")
    assert frozen_at(company)["own-1"][0] == "2025-06"


def test_the_rule_by_hand() -> None:
    policy, first = builtin(), Month(2024, 11)
    assert month_to_freeze(policy, first, Month(2026, 10)) == month_to_freeze(policy, first, Month(2025, 10)) == Month(2025, 10)
    assert month_to_freeze(policy, first, Month(2025, 9)) == Month(2025, 9)
    short, whole = (policy.freeze(Reference(month, 1, {}), None) for month in ("2025-09", "2025-10"))
    assert is_short_reference(short, first) and not is_short_reference(whole, first)
