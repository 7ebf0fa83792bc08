"""Free columns are understood as companies write them."""

from __future__ import annotations

import pandas as pd

from transforms.tables.spellings import PRICE, REFERRAL, SERVICE, says


def test_a_free_cell_is_understood_in_either_language_and_whatever_its_capitals() -> None:
    column = pd.Series(["Price", "价格", "SERVICE", "服务", "Referral", "转介绍", None, "", "prices"], dtype="str")
    assert says(column, PRICE).tolist() == [True, True, *[False] * 7]
    assert says(column, SERVICE).tolist() == [False, False, True, True, *[False] * 5]
    assert says(column, REFERRAL).tolist() == [*[False] * 4, True, True, False, False, False]
