"""A critical rule that one month may pass: by a named person, with a reason, until a day, and printed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from expectations.engine import apply_severities
from expectations.findings import Finding, Outcome, Severity, holds
from flows.lookup.reporting import read_status
from flows.review.outcome import Ending
from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.review.waivers import Waiver, waive, with_waivers
from reports.leaks import finished_texts
from tests.flows.company import REVIEWED, small_company
from transforms.errors import UsageError
from transforms.month import Month

JUNE = Month.parse(REVIEWED)
EMPTY = Finding("orders", "orders.rows.unusual", Severity.CRITICAL, "12 rows, usual 9,400", REVIEWED)
WORD = Waiver(EMPTY.rule, REVIEWED, "holiday week", date(2026, 7, 10), "li.na", datetime(2026, 7, 1, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")


@pytest.mark.parametrize(
    ("finding", "day", "passes"),
    [
        (EMPTY, date(2026, 7, 2), True),
        (EMPTY, date(2026, 7, 10), True),
        (EMPTY, date(2026, 7, 11), False),
        (Finding("orders", "orders.rows.none", Severity.CRITICAL, "", REVIEWED), date(2026, 7, 2), False),
        (Finding("orders", EMPTY.rule, Severity.CRITICAL, "", "2026-05"), date(2026, 7, 2), False),
        (Finding("orders", EMPTY.rule, Severity.CRITICAL, "", REVIEWED, outcome=Outcome.CHECK), date(2026, 7, 2), False),
        (Finding("orders", EMPTY.rule, Severity.CRITICAL, "", ""), date(2026, 7, 2), True),
    ],
)
def test_a_waiver_lets_its_own_rule_of_its_own_month_pass_until_its_day(finding: Finding, day: date, passes: bool):
    assert (not holds(with_waivers([finding], [WORD], day, [JUNE]))) is passes


@pytest.mark.parametrize("rule", ["results.tiers.sum", "packs.foreign"])
def test_neither_a_waiver_nor_a_setting_lets_a_mistake_of_ours_or_a_leak_pass(rule: str):
    finding = Finding(rule.partition(".")[0], rule, Severity.CRITICAL, "", REVIEWED)
    word = Waiver(rule, REVIEWED, "x", date(2026, 7, 10), "li.na", WORD.at)
    assert holds(apply_severities(with_waivers([finding], [word], date(2026, 7, 2), [JUNE]), {rule: Severity.INFO}))


@pytest.mark.parametrize(
    ("rule", "reason", "until", "said"),
    [
        ("orders.rows.unusual", " ", "2026-07-10", "--reason is empty"),
        ("orders.rows.unusual", "x", "2026-07-01", "has passed"),
        ("orders.rows.unusual", "x", "2027-07-01", "more than 92 days away"),
        ("orders.rows.unusual", "x", "soon", "is not a date"),
        ("results.tiers.sum", "x", "2026-07-10", "cannot be waived"),
        ("packs.foreign", "x", "2026-07-10", "cannot be waived"),
        ("orders.suite.broken", "x", "2026-07-10", "cannot be waived"),
        ("nonsense", "x", "2026-07-10", "cannot be waived"),
    ],
)
def test_a_waiver_that_cannot_be_is_refused_with_the_reason(tmp_path: Path, rule: str, reason: str, until: str, said: str):
    with pytest.raises(UsageError) as told:
        waive(small_company(tmp_path / "small").settings(), rule, JUNE, reason, until)
    assert said in str(told.value) and len(str(told.value).splitlines()) <= 10


def test_a_held_month_says_how_to_let_it_pass_and_its_packs_print_who_did_and_why(tmp_path: Path):
    company = small_company(tmp_path / "small")
    rows = company.rows("orders")
    company.write("orders", [rows[0], *(row for row in rows[1:] if not row[2].startswith("2026-06"))])
    asked = RunRequest(JUNE, ("company",))
    held = run_month(company.settings(), asked)
    (rule,) = {finding.rule for finding in holds(held.findings)}
    assert (
        held.ending is Ending.HELD and held.lines()[-1] == f"Or let it pass: keping waive {rule} --month 2026-06 --reason WHY --until DAY"
    )
    told = waive(company.settings(), rule, JUNE, "shop was closed", "2026-07-10")
    assert told[-1].endswith("keping run --month 2026-06")
    passed = run_month(company.settings(), asked)
    assert passed.ending is Ending.PUBLISHED
    said = " ".join(dict(finished_texts(passed.packs[0].read_bytes()))["its pages"].split())
    assert "waived by" in said and "until 2026-07-10: shop was closed" in said and "1 critical finding was waived" in said
    _, lines = read_status(company.settings())
    assert any(line.startswith(f"waiver {rule} of 2026-06 until 2026-07-10 by") and "(in force)" in line for line in lines)
