"""What cannot be right has a voice: money that is refused, older months of the window, customers whom nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.review.outcome import Ending, RunOutcome
from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.review.waivers import waive
from tests.flows.company import Small
from tests.flows.tiny import tiny_company
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")
FEBRUARY, MAY, JUNE = Month(2026, 2), Month(2026, 5), Month(2026, 6)


@pytest.fixture
def company(tmp_path: Path) -> Small:
    return tiny_company(tmp_path / "tiny", FEBRUARY, JUNE, customers=24)


def review(company: Small, patch: pytest.MonkeyPatch, month: Month = JUNE) -> RunOutcome:
    patch.setenv("KEPING_CLOCK", f"{month + 1}-02T03:00:00+00:00")
    return run_month(company.settings(), RunRequest(month, tiers=("company",)))


def spoilt(company: Small, month: Month, share: float, column: str, value: str) -> None:
    """Give one column of the first rows of a month another value, as many as make up that share of its money."""
    head, *orders = company.rows("orders")
    own = [row for row in orders if row[2].startswith(str(month))]
    wanted, sum_so_far = share * sum(float(row[3]) for row in own), 0.0
    for row in own:
        if sum_so_far >= wanted:
            break
        sum_so_far += float(row[3])
        row[head.index(column)] = value
    company.write("orders", [head, *orders])


def test_a_tenth_of_the_money_may_be_refused_and_no_more(company: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt(company, JUNE, 0.3, "order_id", "")
    outcome = review(company, monkeypatch)
    assert outcome.ending is Ending.HELD
    (line,) = [line for line in outcome.lines() if "money is refused" in line]
    assert line.startswith("- orders 2026-06: 3")
    assert "quality.refused_money" in line
    company.config.write_text(company.config.read_text() + "\n[quality]\nrefused_money = 0.5\n")
    assert review(company, monkeypatch).ending is Ending.PUBLISHED


def test_what_is_gravely_wrong_in_an_older_month_of_the_window_holds_the_newest(company: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt(company, MAY, 0.7, "amount", "see invoice")
    outcome = review(company, monkeypatch)
    assert outcome.ending is Ending.HELD
    told = "\n".join(outcome.lines())
    assert "orders 2026-05: 7 of 8 rows are refused by orders.amount.type (first: " in told
    assert "keping waive orders.amount.type --month 2026-05" in told
    for rule in ("orders.amount.type", "orders.rows.unusual"):
        waive(company.settings(), rule, MAY, "invoices of May are lost", "2026-07-04")
    assert review(company, monkeypatch).ending is Ending.PUBLISHED
    july = [[f"J{number}", f"C{number:02d}", "2026-07-05 10:00:00", "50.00"] for number in range(8)]
    company.append("orders", *july)
    assert review(company, monkeypatch, JUNE + 1).ending is Ending.PUBLISHED  # the waiver of May has expired, and May is out


def test_buyers_whom_the_table_of_customers_does_not_know_and_buyers_who_are_nobody_are_told(
    company: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, *orders = company.rows("orders")
    ids = sorted({row[1] for row in orders})
    company.write("orders", [head, *orders, ["G1", "guest", "2026-06-05 10:00:00", "5.00"], ["G2", "X9", "2026-06-06 10:00:00", "5.00"]])
    company.write("customers", [["customer_id", "name", "region"], *([one, f"N {one}", "MÃ¼nchen"] for one in [*ids, "guest"])])
    company.config.write_text(company.config.read_text() + '\n[[tables.customers]]\nsource = "files"\nfiles = "customers.csv"\n')
    outcome = review(company, monkeypatch)
    assert outcome.ending is Ending.PUBLISHED
    told = {finding.rule: finding.message for finding in outcome.findings}
    assert "1 of 10 rows name a customer that the table of customers does not know (first: X9)" in told["orders.customer_id.unknown"]
    assert "1 of 10 rows name a customer who is nobody (guest 1)" in told["orders.customer_id.nobody"]
    assert told["customers.region.garbled"] == (
        "customers: 25 of 25 rows: region was read in another encoding than it was written in (MÃ¼nchen = München); "
        "correct encoding in the block, or the source."
    )


def test_a_column_of_which_every_value_is_refused_is_not_called_empty(company: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    head, *orders = company.rows("orders")
    company.write("orders", [head, *([*row[:3], "see invoice"] for row in orders)])
    outcome = review(company, monkeypatch)
    told = {finding.rule: finding.message for finding in outcome.findings if finding.month in ("", str(JUNE))}
    assert outcome.ending is Ending.HELD
    assert "orders.amount.empty" not in told
    assert "8 of 8 rows are refused by orders.amount.type" in told["orders.amount.type"]
    assert told["orders.rows.none"].startswith("orders 2026-06: all 8 rows are refused")


def test_orders_of_no_known_month_hold_by_their_money_and_orders_planned_ahead_do_not(
    company: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = [[f"P{number}", f"C{number:02d}", "2026-09-05 10:00:00", "500.00"] for number in range(12)]
    company.append("orders", *planned)
    assert review(company, monkeypatch).ending is Ending.PUBLISHED
    company.write(
        "orders", [[*row[:2], "1970-01-01 00:00:00" if row[0].startswith("P") else row[2], row[3]] for row in company.rows("orders")]
    )
    held = review(company, monkeypatch)
    assert held.ending is Ending.HELD
    (line,) = [line for line in held.lines() if "no known month" in line]
    assert "of all money is refused in rows of no known month (12 of 52 rows, 6,000.00 of " in line
