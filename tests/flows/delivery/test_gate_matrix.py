"""What is wrong with the data decides what happens: sent, sent with a banner, or held; readers never get an error."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from expectations.findings import Severity, holds
from flows.intake.pull import pull
from flows.machine.progress import silent
from flows.review.scoring import Scorer
from flows.review.steadiness import check_steadiness
from flows.snapshots.chain import chain_snapshots
from tests.flows.company import REVIEWED, Small, small_company
from transforms.errors import ReviewError
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

JUNE = Month.parse(REVIEWED)
NOW = datetime(2026, 7, 2, 3, 0, tzinfo=UTC)
Rows = list[list[str]]


def table(name: str, change: Callable[[Rows], Rows]) -> Callable[[Small], None]:
    """A fault in one file: its rows, without the head, put through `change`."""

    def inject(company: Small) -> None:
        head, *rows = company.rows(name)
        company.write(name, [head, *change(rows)])

    return inject


def head(name: str, change: Callable[[list[str]], list[str]]) -> Callable[[Small], None]:
    def inject(company: Small) -> None:
        first, *rows = company.rows(name)
        company.write(name, [change(first), *rows])

    return inject


def raw(name: str, data: bytes) -> Callable[[Small], None]:
    return lambda company: (company.data / f"{name}.csv").write_bytes(data) and None


def in_june(row: list[str]) -> bool:
    return row[2].startswith("2026-06")


def with_cell(place: int, value: str, which: Callable[[int, list[str]], bool]) -> Callable[[Rows], Rows]:
    """The rows with one cell changed where `which(number among June's, row)` says so."""

    def change(rows: Rows) -> Rows:
        june = 0
        found = []
        for row in rows:
            hit = in_june(row) and which(june, row)
            june += in_june(row)
            found.append([*row[:place], value, *row[place + 1 :]] if hit else row)
        return found

    return change


def first(number: int, row: list[str]) -> bool:
    return number == 0


def each(number: int, row: list[str]) -> bool:
    return True


def again(change: Callable[[list[str]], list[str]]) -> Callable[[Rows], Rows]:
    """June's last row once more, changed."""

    def more(rows: Rows) -> Rows:
        return [*rows, change([row for row in rows if in_june(row)][-1])]

    return more


def wider(company: Small) -> None:
    first, *rows = company.rows("orders")
    company.write("orders", [[*first, "remark"], *([*row, "x"] for row in rows)])


FAULTS: dict[str, Callable[[Small], None]] = {
    "nothing is wrong": lambda company: None,
    "a month without orders": table("orders", lambda rows: [row for row in rows if not in_june(row)]),
    "nine tenths of the orders are missing": table(
        "orders", lambda rows: [row for n, row in enumerate(rows) if not in_june(row) or n % 12 == 0]
    ),
    "no order since the 15th": table("orders", lambda rows: [row for row in rows if not in_june(row) or row[2] < "2026-06-16"]),
    "every order twice": table("orders", lambda rows: [*rows, *rows]),
    "one order with two amounts": table("orders", again(lambda row: [*row[:3], "77.00", *row[4:]])),
    "an order without a customer": table("orders", with_cell(1, "", first)),
    "no order has a customer": table("orders", lambda rows: [[row[0], "", *row[2:]] for row in rows]),
    "an amount that is text": table("orders", with_cell(3, "twelve", first)),
    "most amounts are text": table("orders", with_cell(3, "twelve", lambda number, row: number % 5 != 0)),
    "an amount that is infinite": table("orders", with_cell(3, "inf", first)),
    "an order from the year 2062": table("orders", lambda rows: [*rows, ["F1", "C001", "2062-06-01 10:00:00", "5.00", "", ""]]),
    "a column has another name": head("orders", lambda names: ["betrag" if name == "amount" else name for name in names]),
    "a column more": wider,
    "the file is empty": raw("orders", b""),
    "the file has only its head": table("orders", lambda rows: []),
    "the file is in another encoding": raw("orders", "order_id,customer_id,ordered_at,amount\nO1,Zoë,2026-06-01,5\n".encode("cp1252")),
    "the file is gone": lambda company: (company.data / "orders.csv").unlink(),
    "a month without tickets": table("tickets", lambda rows: [row for row in rows if not in_june(row)]),
    "tickets of a customer nobody knows": table(
        "tickets", lambda rows: [[row[0], "GHOST" if in_june(row) else row[1], *row[2:]] for row in rows]
    ),
    "a score off its scale": table("surveys", with_cell(5, "9", lambda number, row: row[3] == "csat")),
    "a question on another scale": table(
        "surveys", lambda rows: [[*row[:7], "7"] if in_june(row) and row[3] == "csat" else row for row in rows]
    ),
    "records merged in a circle": lambda company: company.write(
        "customers", [["customer_id", "name", "merged_into"], ["C001", "One", "C002"], ["C002", "Two", "C001"]]
    ),
    "a customer twice, with two names": table("customers", lambda rows: [*rows, ["C001", "Another", "South"]]),
}


def judged(company: Small, fault: Callable[[Small], None]) -> tuple[str, set[str]]:
    """What the gates say of June: `error 3`, `held`, `banner` or `clean`, and the rules that say so.

    Read are the orders and the table that was changed; the others say nothing about the fault.
    """
    before = {path.stem: path.read_bytes() for path in company.data.iterdir()}
    fault(company)
    after = {path.stem: path.read_bytes() for path in company.data.iterdir()}
    read = {"orders", *(name for name in before if before[name] != after.get(name))}
    settings = company.settings()
    if read != {"orders"} or before != after:
        settings = settings.model_copy(update={"tables": {name: blocks for name, blocks in settings.tables.items() if name in read}})
    try:
        pulled = pull(settings, None, JUNE, now=NOW, progress=silent)
        chain = chain_snapshots(pulled, {}, None)
        scorer = Scorer.over(settings, chain, pulled.supplied)
        seen = [] if holds(pulled.findings) else [*check_steadiness(chain, JUNE, settings.company.timezone), *scorer.strangers(JUNE)]
    except ReviewError as error:
        assert len(str(error).splitlines()) <= 10
        return f"error {int(error.exit_code)}", set()
    findings = [finding for finding in (*pulled.findings, *seen) if finding.month in ("", REVIEWED)]
    grave, warned = ({one.rule for one in findings if one.severity is level} for level in (Severity.CRITICAL, Severity.WARNING))
    return ("held", grave) if grave else ("banner", warned) if warned else ("clean", set())


DECLARED: dict[str, tuple[str, set[str]]] = {
    "nothing is wrong": ("clean", set()),
    "a month without orders": ("held", {"orders.rows.none"}),
    "nine tenths of the orders are missing": ("held", {"orders.rows.unusual"}),
    "no order since the 15th": ("banner", {"orders.days.missing", "orders.rows.stale"}),
    "every order twice": ("clean", set()),
    "one order with two amounts": ("banner", {"orders.conflict"}),
    "an order without a customer": ("banner", {"orders.customer_id.unattributed"}),
    "no order has a customer": ("held", {"orders.customer_id.empty"}),
    "an amount that is text": ("banner", {"orders.amount.type"}),
    "most amounts are text": ("held", {"orders.amount.type"}),
    "an amount that is infinite": ("banner", {"orders.amount.type"}),
    "an order from the year 2062": ("banner", {"orders.ordered_at.implausible"}),
    "a column has another name": ("error 3", set()),
    "a column more": ("banner", {"orders.columns.extra"}),
    "the file is empty": ("error 3", set()),
    "the file has only its head": ("held", {"orders.rows.none"}),
    "the file is in another encoding": ("error 3", set()),
    "the file is gone": ("error 3", set()),
    "a month without tickets": ("banner", {"tickets.rows.none"}),
    "tickets of a customer nobody knows": ("banner", {"tickets.customer_id.unknown"}),
    "a score off its scale": ("banner", {"surveys.score.range"}),
    "a question on another scale": ("banner", {"surveys.scale.changed"}),
    "records merged in a circle": ("error 3", set()),
    "a customer twice, with two names": ("banner", {"customers.conflict", "orders.customer_id.unknown"}),
}
"""A whole copy of each order is counted as a duplicate and changes no number: it is in the books, not in a banner."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_company(tmp_path_factory.mktemp("matrix") / "sound").folder


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_data_has_exactly_the_outcome_that_is_declared(sound: Path, tmp_path: Path, name: str):
    shutil.copytree(sound, tmp_path / "small")
    company = Small(tmp_path / "small")
    assert judged(company, FAULTS[name]) == DECLARED[name]
    assert not list(company.folder.rglob("*.eml")) and not list(company.folder.rglob("*.pdf"))
