"""One person under several keys: tickets and answers of other products join the shop's customers, and no address becomes an id."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.findings import Severity
from flows.intake import look
from flows.settings import Settings, load
from flows.snapshots.store import Pulled
from tests.flows.intake.builders import order, pulled, settings, write_csv
from tests.flows.intake.ways import cells
from transforms.errors import UsageError
from transforms.month import Month
from transforms.tables.identities import pseudonym_of

SOURCE = '[sources.s]\npath = "."\n'


def block(table: str, more: str = "") -> str:
    return f'[[tables.{table}]]\nsource = "s"\nfiles = "{table}.csv"\ntimezone = "Asia/Shanghai"\n{more}\n'


def ticket(number: int, who: str) -> dict[str, str]:
    return {"ticket_id": f"T{number}", "customer_id": who, "opened_at": f"2024-06-{number:02d} 10:00:00"}


def company(folder: Path, tickets: list[str], keys: list[tuple[str, str, str]], *, system: str = "email", more: str = "") -> Settings:
    write_csv(folder / "orders.csv", [order("O1", "2024-06-03 10:00", "10", "7"), order("O2", "2024-06-04 10:00", "20", "8")])
    write_csv(folder / "tickets.csv", [ticket(number, who) for number, who in enumerate(tickets, start=1)])
    write_csv(folder / "identities.csv", [{"system": s, "key": k, "customer_id": c} for s, k, c in keys])
    tables = block("orders") + block("identities") + block("tickets", f'same_as = "{system}"')
    made = settings(folder, tables, sources=SOURCE)
    if more:
        path = folder / "keping.toml"
        path.write_text(path.read_text(encoding="utf-8").replace('currency = "CNY"', f'currency = "CNY"\n{more}'), encoding="utf-8")
        made = load(path)
    return made


def customers(result: Pulled) -> list[str | None]:
    return [row["customer_id"] for row in cells(result, "tickets")]


def test_tickets_join_by_address_however_it_is_written(tmp_path: Path) -> None:
    written = ["ANN@example.org", " Ann <ann@Example.org>", "bob@example.org", "stranger@example.org", "", "8"]
    result = pulled(company(tmp_path, written, [("email", "ann@example.org", "7"), ("email", "Bob@example.org", "8")]))
    stranger = pseudonym_of("email", "Stranger@example.org")
    assert customers(result) == ["7", "7", "8", stranger, None, "8"]
    assert stranger is not None and stranger.startswith("email:") and "stranger" not in stranger
    told = [(f.severity, f.message) for f in result.findings if f.rule == "tickets.customer_id.matched"]
    assert told == [
        (Severity.INFO, "tickets: rows of customers who are known by their key: 3 of 4 by email in tickets@s (75%)."),
    ]


def test_numbers_are_compared_with_their_calling_code(tmp_path: Path) -> None:
    written = ["0170 123 4567", "+49 170 1234567", "0049-170-1234567", "49 170 1234567", "+43 170 1234567", "7"]
    keys = [("phone", "+49 (0)170 / 1234567", "7")]
    result = pulled(company(tmp_path, written, keys, system="phone", more='calling_code = "49"'))
    assert customers(result) == ["7"] * 4 + [pseudonym_of("phone", "+431701234567"), "7"]


def test_an_unknown_id_of_another_system_is_never_the_shops(tmp_path: Path) -> None:
    """Ticket by desk user 7, who is the shop's 8; desk user 8 is nobody we know, and not the shop's 8."""
    result = pulled(company(tmp_path, ["7", "8"], [("desk", "7", "8")], system="desk"))
    assert customers(result) == ["8", "desk:8"]


def test_a_key_of_two_customers_is_nobodys_and_told(tmp_path: Path) -> None:
    keys = [("email", "info@example.org", "7"), ("email", "INFO@example.org", "8"), ("email", "ann@example.org", "7")]
    result = pulled(company(tmp_path, ["info@example.org", "ann@example.org"], keys))
    assert customers(result) == [pseudonym_of("email", "info@example.org"), "7"]
    told = {f.rule: f.message for f in result.findings}
    assert "1 keys stand for more than one customer (email 1)" in told["identities.key.ambiguous"]


def test_keys_are_kept_nowhere(tmp_path: Path) -> None:
    result = pulled(company(tmp_path, ["ann@example.org", "x@example.org"], [("email", "ann@example.org", "7")]))
    assert "identities" not in result.snapshots and "identities" not in result.supplied
    kept = [path for path in (tmp_path / "archive").rglob("*") if path.is_file()]
    assert kept and not [path for path in kept if b"@example.org" in path.read_bytes()]


def test_few_matches_are_a_warning_and_addresses_as_ids_too(tmp_path: Path) -> None:
    made = company(tmp_path, [f"p{number}@example.org" for number in range(1, 26)], [("email", "p1@example.org", "7")])
    low = next(f for f in pulled(made).findings if f.rule == "tickets.customer_id.matched")
    assert low.severity is Severity.WARNING and "1 of 25 by email in tickets@s (4%)" in low.message
    path = tmp_path / "keping.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('same_as = "email"', ""), encoding="utf-8")
    plain = next(f for f in pulled(load(path)).findings if f.rule == "tickets.customer_id.contact")
    assert plain.severity is Severity.WARNING and "25 of 25 rows: name the customer by an e-mail address" in plain.message


def test_check_tells_the_match_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", "2024-07-02T03:00:00+00:00")
    made = company(tmp_path, ["ann@example.org", "x@example.org"], [("email", "ann@example.org", "7")])
    found = {f.rule: f for one in look(made, Month(2024, 6)) for f in one.findings}
    assert "1 of 2 by email in tickets@s (50%)" in found["tickets.customer_id.matched"].message


def test_same_as_is_for_tables_that_name_a_customer(tmp_path: Path) -> None:
    write_csv(tmp_path / "orders.csv", [order("O1", "2024-06-03 10:00", "10")])
    with pytest.raises(UsageError, match="names no customer by a key of another system"):
        settings(tmp_path, block("orders") + block("fx_rates", 'same_as = "email"'), sources=SOURCE)


def test_a_monthly_rate_is_good_for_as_long_as_its_block_says(tmp_path: Path) -> None:
    """A rate of the 1st and an order of the 28th: refused by the week of daily rates, 10 USD x 7 = 70 CNY by a month's."""
    write_csv(tmp_path / "orders.csv", [order("O1", "2024-06-28 10:00", "10", currency="USD"), order("O2", "2024-06-28 11:00", "1")])
    write_csv(tmp_path / "fx_rates.csv", [{"date": "2024-06-01", "currency": "USD", "rate": "7"}])
    assert [row["amount"] for row in cells(pulled(settings(tmp_path, block("orders") + block("fx_rates"), sources=SOURCE)))] == [10_000]
    monthly = settings(tmp_path, block("orders") + block("fx_rates", "max_age_days = 31"), sources=SOURCE)
    assert [row["amount"] for row in cells(pulled(monthly))] == [700_000, 10_000]
