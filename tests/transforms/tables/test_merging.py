"""Two records of one customer count as one; a circle of merges is an error that names it."""

from __future__ import annotations

import pandas as pd
import pytest

from transforms.errors import HeldError
from transforms.tables.merging import as_one, merged_records, remaining


def customers(**merged_into: str | None) -> pd.DataFrame:
    frame = pd.DataFrame({"customer_id": list(merged_into), "merged_into": list(merged_into.values())})
    return frame.astype("str")


def test_chains_are_followed_to_the_record_that_remains() -> None:
    assert merged_records(customers(A="B", B="C", C=None, D=None)) == {"A": "C", "B": "C"}


def test_a_record_merged_into_itself_is_not_merged() -> None:
    assert merged_records(customers(A="A")) == {}


def test_a_circle_is_named() -> None:
    with pytest.raises(HeldError, match="A -> B -> A") as caught:
        merged_records(customers(A="B", B="A"))
    assert caught.value.exit_code == 3


def test_rows_count_for_the_customer_that_remains_and_unattributed_ones_stay_so() -> None:
    rows = pd.DataFrame({"customer_id": pd.Series(["A", "C", None, "D"], dtype="str"), "amount": [1, 2, 3, 4]})
    assert as_one(rows, {"A": "C"})["customer_id"].fillna("-").tolist() == ["C", "C", "-", "D"]
    assert as_one(rows, {"A": "C"})["customer_id"].dtype == rows["customer_id"].dtype


def test_merged_records_are_no_customers_any_more() -> None:
    assert remaining(customers(D=None, A="C", C=None), {"A": "C"})["customer_id"].tolist() == ["C", "D"]
