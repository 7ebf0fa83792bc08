"""CDNOW, the published data that these models are tried on: Fader & Hardie's sample of 2,357 customers who came in early 1997.

The files lie beside the checkout (shared/oracles); tests that need them are skipped where they are not there.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.places import ORACLES
from transforms.lifetime.histories import Histories


def oracle(name: str) -> str:
    """The published value of a case in oracles.csv, as it is written there."""
    return str(_oracles().loc[name, "expected"])


@cache
def _oracles() -> pd.DataFrame:
    return _read("oracles.csv").set_index("id")


@cache
def transactions() -> pd.DataFrame:
    """Every purchase of the sample: customer, day (days since 1970), spend."""
    path = _path("data/CDNOW_sample.txt")
    raw = pd.read_csv(path, sep=r"\s+", header=None, names=["master", "customer", "date", "discs", "spend"], dtype={"date": str})
    days = (pd.to_datetime(raw["date"], format="%Y%m%d") - pd.Timestamp(0)).dt.days
    return raw.assign(day=days)[["customer", "day", "spend"]]


@cache
def summary() -> pd.DataFrame:
    """The published x, t_x and T in weeks (two decimals) and mean repeat spend, one row per customer."""
    return _read("data/cdnow_customers_summary_with_transactions.csv")


def histories() -> Histories:
    """The published summary as the models read it."""
    seen = summary()
    return Histories.of(*(seen[name].to_numpy(dtype=np.float64) for name in ("x", "t_x", "T")))


def _path(name: str) -> str:
    path = ORACLES / name
    if not path.is_file():
        pytest.skip(f"the published cases are not beside the checkout (looked for shared/oracles/{name})")
    return str(path)


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(_path(name))
