"""The CSV writer: exact money, safe text, the same bytes."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest

from reports.evidence import EVIDENCE_COLUMNS, FIGURES_CSV, csv_bytes, customers_table, figures_table
from tests.reports.builders import MONTH, customers, figures
from transforms.indicators.all import CATALOGUE


def _rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"))))


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://evil.test")'])
def test_text_that_starts_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert _rows(csv_bytes(pd.DataFrame({"name": [start]})))[1] == ["'" + start.replace("\r", "\n")]


def test_numbers_stay_numbers_also_negative_ones() -> None:
    frame = pd.DataFrame({"value": [-12.5, 0.1, np.nan], "n": pd.array([-3, None, 5], dtype="Int64")})
    assert _rows(csv_bytes(frame)) == [["value", "n"], ["-12.5", "-3"], ["0.1", ""], ["", "5"]]


def test_money_is_exact_with_two_decimals_or_four_where_needed() -> None:
    units = [0, 1, 100, -123_456_700, 9_007_199_254_740_993_00, None]
    frame = pd.DataFrame({"net_12m": pd.array(units, dtype="Int64")})
    assert [row[0] for row in _rows(csv_bytes(frame))[1:]] == ["0.00", "0.0001", "0.01", "-12345.67", "90071992547409.93", ""]


def test_instants_flags_and_missing_cells_are_plain() -> None:
    frame = pd.DataFrame(
        {
            "at": [pd.Timestamp("2026-10-31 16:00", tz="Asia/Shanghai"), pd.NaT],
            "on": [pd.Timestamp("2026-10-31"), pd.NaT],
            "flag": pd.array([True, None], dtype="boolean"),
            "numpy_flag": np.array([True, False]),
            "text": ['a,b\n"c"\x00', None],
        }
    )
    assert _rows(csv_bytes(frame))[1:] == [["2026-10-31T08:00:00Z", "2026-10-31", "true", "true", 'a,b\n"c"'], ["", "", "", "false", ""]]


def test_the_file_is_utf8_with_plain_line_ends_and_the_same_each_time() -> None:
    frame = customers(20)
    data = csv_bytes(frame)
    assert data == csv_bytes(frame.copy())
    assert b"\r" not in data and not data.startswith(b"\xef\xbb\xbf")
    assert "王建国" in data.decode("utf-8")


def test_figures_have_the_columns_of_the_contract_with_units() -> None:
    table = figures_table(figures(), MONTH, 2, CATALOGUE)
    assert tuple(table.columns) == FIGURES_CSV
    assert set(table["month"]) == {"2026-10"} and set(table["revision"]) == {2}
    assert table.loc[table["indicator"] == "net_revenue", "unit"].unique().tolist() == ["money"]


def test_only_listed_columns_of_a_customer_travel() -> None:
    table = customers_table(customers(5).assign(phone="1", comment="secret"))
    assert set(table.columns) <= set(EVIDENCE_COLUMNS)
    assert "birth_date" not in table and "comment" not in table
