"""Suites run on canonical rows and end in three ways: kept, broken, or the check itself broke."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from expectations import engine
from expectations.engine import apply_severities, check, keys_of, merge_findings, suite
from expectations.findings import Finding, Outcome, Severity, holds
from expectations.telling import meta
from transforms.tables.contract import TABLES


def orders(**columns: list[Any]) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    base = {
        "order_id": pd.Series([f"O{number}" for number in range(size)], dtype="str"),
        "ordered_at": pd.Series(pd.to_datetime(["2024-06-03 09:00"] * size, utc=True)).astype("datetime64[us, UTC]"),
        "amount": pd.array([10_000] * size, dtype="Int64"),
        "status": pd.Series(["completed"] * size, dtype="str"),
    }
    kinds = {"delivered_at": "datetime64[us, UTC]", "amount": "Int64", "refund_amount": "Int64", "status": "str", "order_id": "str"}
    given = {name: pd.Series(values).astype(kinds.get(name, "str")) for name, values in columns.items()}  # type: ignore[call-overload]
    return pd.DataFrame({**base, **given})


def test_every_canonical_table_has_a_suite_whose_rules_are_named_once() -> None:
    for table in TABLES:
        expectations = suite(table)
        assert expectations, table
        names = [expectation.meta["rule"] for expectation in expectations]
        assert len(set(names)) == len(names) and all(name.startswith(f"{table}.") for name in names)
        columns = {name for expectation in expectations for name in engine._columns(expectation)}
        assert columns <= {*TABLES[table].names, "line_amount"}, table


def test_sound_rows_give_no_finding() -> None:
    assert check("orders", orders(order_id=["a", "b"])) == []


def test_a_broken_promise_names_rule_severity_rows_and_examples() -> None:
    rows = orders(delivered_at=pd.to_datetime(["2024-06-02", None, "2024-06-09", "2024-06-01"], utc=True).tolist())
    assert check("orders", rows) == [
        Finding(
            "orders",
            "orders.delivered_at.before_order",
            Severity.WARNING,
            "deliveries dated before their order",
            rows=2,
            of_rows=4,
            examples=("O0", "O3"),
        )
    ]


def test_rows_are_found_under_any_index() -> None:
    rows = orders(amount=[1, 2, 10**18], order_id=["x", "y", "z"])
    rows.index = pd.Index([7, 7, 7])
    found = check("orders", rows)
    assert [(finding.rule, finding.severity.value, finding.examples) for finding in found] == [("orders.amount.size", "critical", ("z",))]


def test_columns_that_are_not_supplied_are_not_missed() -> None:
    assert check("tickets", pd.DataFrame({"ticket_id": ["1"], "opened_at": pd.to_datetime(["2024-06-03"], utc=True)})) == []


def test_a_check_that_raises_is_critical_and_not_the_datas_fault() -> None:
    import great_expectations.expectations as gxe

    odd = gxe.ExpectColumnValuesToBeBetween(
        column="ordered_at", min_value="2024-01-01", meta=meta("orders.odd", "compares a moment with a text")
    )
    found = check("orders", orders(order_id=["a"]), [odd])
    assert [(finding.rule, finding.severity, finding.outcome) for finding in found] == [("orders.odd", Severity.CRITICAL, Outcome.CHECK)]
    assert found[0].message.startswith("the check itself broke: ")


def test_a_missing_and_an_empty_suite_are_two_critical_findings_of_their_own() -> None:
    missing, empty = check("nonsense", orders(order_id=["a"])), check("orders", orders(order_id=["a"]), [])
    assert [finding.rule for finding in (*missing, *empty)] == ["nonsense.suite.missing", "orders.suite.empty"]
    assert missing[0].message != empty[0].message
    assert {finding.outcome for finding in (*missing, *empty)} == {Outcome.CHECK}
    assert len(holds([*missing, *empty])) == 2


def test_an_engine_that_breaks_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(frame: pd.DataFrame, expectations: list[Any]) -> Any:
        raise RuntimeError("no memory for metrics")

    monkeypatch.setattr(engine, "_validate", broken)
    found = check("orders", orders(order_id=["a"]))
    assert [(finding.rule, finding.message) for finding in found] == [
        ("orders.suite.broken", "the checks of orders could not be run: RuntimeError: no memory for metrics")
    ]


def test_findings_of_pieces_add_up() -> None:
    parts = [
        Finding("orders", "r", Severity.WARNING, "words", rows=2, of_rows=10, examples=("a",)),
        Finding("orders", "r", Severity.WARNING, "words", rows=1, of_rows=10, examples=("b",)),
        Finding("orders", "r", Severity.WARNING, "words", month="2024-06", rows=1, of_rows=10),
    ]
    assert [(finding.month, finding.rows, finding.of_rows, finding.examples) for finding in merge_findings(parts)] == [
        ("", 3, 20, ("a", "b")),
        ("2024-06", 1, 10, ()),
    ]


def test_severities_can_be_set_but_a_broken_check_stays_critical() -> None:
    data = Finding("orders", "r", Severity.CRITICAL, "words")
    broken = Finding("orders", "r", Severity.CRITICAL, "words", outcome=Outcome.CHECK)
    assert [finding.severity.value for finding in apply_severities([data, broken], {"r": Severity.INFO})] == ["info", "critical"]


def test_examples_never_show_what_identifies_a_person() -> None:
    rows = pd.DataFrame({"email": ["someone@example.com"], "tiers": ["a"]})
    assert keys_of("recipients", rows, [0]) == ("a",)


@pytest.mark.whole
def test_the_heavy_library_is_imported_only_when_a_suite_runs() -> None:
    code = (
        "import flows.intake.pull, flows.sources, expectations.engine, expectations.results, sys\n"
        "print('great_expectations' in sys.modules, 'duckdb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).resolve().parents[2])
    assert done.stdout.split() == ["False", "False"]
