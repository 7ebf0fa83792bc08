"""Snapshots: the same rows are the same bytes, exact types come back, and a file appears whole or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.snapshots.arrow import from_arrow, kinds, money_array, money_units, to_arrow
from flows.snapshots.store import Snapshot, read_snapshot, write_snapshot
from transforms.errors import MachineError
from transforms.tables.contract import TABLES, Kind

SAMPLES = {
    Kind.TEXT: ["b", None, "客户"],
    Kind.LIST: ["x|y", None, "*"],
    Kind.INSTANT: pd.to_datetime(["2024-06-03 09:00:00.123456", None, "1999-01-01"], utc=True, format="ISO8601"),
    Kind.DAY: pd.to_datetime(["2024-06-03", None, "1955-02-28"]),
    Kind.MONEY: [-12_345, None, 999_999_999_999_999_999],
    Kind.NUMBER: [0.1, None, -2.5],
    Kind.COUNT: [3, None, 0],
    Kind.FLAG: [True, None, False],
}
DTYPES = {
    Kind.TEXT: "str", Kind.LIST: "str", Kind.INSTANT: "datetime64[us, UTC]", Kind.DAY: "datetime64[us]",
    Kind.MONEY: "Int64", Kind.NUMBER: "float64", Kind.COUNT: "Int64", Kind.FLAG: "boolean",
}  # fmt: skip


def frame(table: str) -> pd.DataFrame:
    """Three rows with every column of a table, the second one as empty as may be."""
    columns = {name: pd.Series(SAMPLES[kind]).astype(DTYPES[kind]) for name, kind in kinds(table).items()}  # type: ignore[call-overload]
    return pd.DataFrame(columns)


@pytest.mark.parametrize("table", list(TABLES))
def test_every_table_comes_back_as_it_was_and_in_any_order_has_the_same_bytes(table: str, tmp_path: Path) -> None:
    rows = frame(table)
    first = write_snapshot(rows, table, "2024-06", tmp_path)
    again = write_snapshot(rows.iloc[::-1], table, "2024-06", tmp_path)
    assert again.digest == first.digest == hashlib.sha256(first.path.read_bytes()).hexdigest() == first.path.stem
    found = read_snapshot(first)
    by = next(iter(kinds(table)))
    pd.testing.assert_frame_equal(found.sort_values(by, ignore_index=True), rows.sort_values(by, ignore_index=True))
    some = list(reversed(list(kinds(table))[:2]))
    assert list(read_snapshot(first, some).columns) == some


def test_a_missing_column_is_a_column_without_values_and_an_unknown_one_is_a_bug(tmp_path: Path) -> None:
    found = read_snapshot(write_snapshot(pd.DataFrame({"order_id": ["a"]}), "orders", "2024-06", tmp_path))
    assert list(found.columns) == list(kinds("orders")) and found["amount"].isna().all()
    with pytest.raises(KeyError, match="orders has no column colour"):
        write_snapshot(pd.DataFrame({"order_id": ["a"], "colour": ["red"]}), "orders", "2024-06", tmp_path)


def test_a_snapshot_knows_its_totals(tmp_path: Path) -> None:
    found = write_snapshot(frame("orders").assign(amount=pd.array([1, None, 5], dtype="Int64")), "orders", "2024-06", tmp_path)
    assert (found.rows, found.money, str(found.newest)) == (3, 6, "2024-06-03 09:00:00.123456+00:00")
    assert write_snapshot(pd.DataFrame(), "customers", "", tmp_path).path.parent == tmp_path / "customers" / "all"


def test_an_existing_snapshot_is_not_written_again_and_nothing_is_left_behind(tmp_path: Path) -> None:
    first = write_snapshot(frame("orders"), "orders", "2024-06", tmp_path)
    stamp = first.path.stat().st_mtime_ns, first.path.stat().st_ino
    write_snapshot(frame("orders"), "orders", "2024-06", tmp_path)
    assert (first.path.stat().st_mtime_ns, first.path.stat().st_ino) == stamp
    assert [path.name for path in first.path.parent.iterdir()] == [first.path.name]


def test_a_snapshot_that_is_gone_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"orders 2024-06: the snapshot .* is gone\. Run the month again"):
        read_snapshot(Snapshot("orders", "2024-06", "0" * 64, tmp_path / "gone.parquet", 0, 0, None))


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "orders").write_text("a file where the folder should be")
    with pytest.raises(MachineError, match=r"orders 2024-06: the snapshot of 3 rows could not be written to .*\nNothing was published\."):
        write_snapshot(frame("orders"), "orders", "2024-06", tmp_path)


@settings(max_examples=100)
@given(st.lists(st.one_of(st.none(), st.integers(-(10**18) + 1, 10**18 - 1)), max_size=20), st.integers(0, 5))
def test_money_goes_through_decimals_unchanged(values: list[int | None], start: int) -> None:
    missing = np.array([value is None for value in values], dtype=bool)
    units = np.array([value or 0 for value in values], dtype=np.int64)
    column = money_array(units, missing)
    column.validate(full=True)
    assert [None if value is None else int(value.scaleb(4)) for value in column.to_pylist()] == values
    sliced = column.slice(min(start, len(values)))
    assert money_units(sliced)[~missing[min(start, len(values)) :]].tolist() == [value for value in values[start:] if value is not None]


def test_zero_has_no_sign(tmp_path: Path) -> None:
    plus, minus = (pd.DataFrame({"date": pd.to_datetime(["2024-06-01"]), "currency": ["USD"], "rate": [zero]}) for zero in (0.0, -0.0))
    assert write_snapshot(plus, "fx_rates", "", tmp_path).digest == write_snapshot(minus, "fx_rates", "", tmp_path).digest
    assert from_arrow(to_arrow(plus, "fx_rates"), "fx_rates")["rate"].tolist() == [0.0]


def kept_orders(folder: Path) -> Snapshot:
    at = pd.to_datetime(["2026-06-01", "2026-06-02"], utc=True)
    orders = pd.DataFrame({"order_id": ["1", "2"], "customer_id": ["C", "D"], "ordered_at": at, "amount": [10_000, 20_000]})
    return write_snapshot(orders, "orders", "2026-06", folder)


@pytest.mark.parametrize("place", [4, -10, None])
def test_a_snapshot_that_has_rotted_or_was_changed_is_told_and_never_computed_from(tmp_path: Path, place: int | None) -> None:
    snapshot = kept_orders(tmp_path)
    read_snapshot(snapshot)
    good = snapshot.path.read_bytes()
    if place is None:  # a sound file with other rows, as somebody would make it who wants other numbers
        other = write_snapshot(read_snapshot(snapshot).assign(amount=99), "orders", "2026-06", tmp_path / "elsewhere")
        bad = other.path.read_bytes()
    else:
        flipped = bytearray(good)
        flipped[place] ^= 1
        bad = bytes(flipped)
    snapshot.path.write_bytes(bad)
    with pytest.raises(MachineError, match=r"no longer holds the 2 rows that were kept .*it has rotted or was changed") as told:
        read_snapshot(snapshot)
    assert "nothing was published" in str(told.value) and "Put it back from a copy" in str(told.value)
    snapshot.path.write_bytes(good)
    assert len(read_snapshot(snapshot)) == 2


def test_the_same_rows_pulled_again_mend_a_snapshot_that_has_rotted(tmp_path: Path) -> None:
    snapshot = kept_orders(tmp_path)
    snapshot.path.write_bytes(snapshot.path.read_bytes()[:-7])
    assert kept_orders(tmp_path) == snapshot
    assert len(read_snapshot(snapshot)) == 2
