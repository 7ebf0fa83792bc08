"""What complaints are about: the causes of the month beside those of the months before it, of the same customers."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from transforms.facts.causes import BEFORE

CAUSE_COLUMNS = ("cause", "now", "before")


def rank_causes(causes: pd.DataFrame, customers: Collection[str] | None, months: int) -> pd.DataFrame:
    """The Pareto of causes: cause (empty: not told), now (complaints), before (a month, mean of up to six); most first.

    `causes` as `transforms.facts.causes` has them; `customers` whose complaints count, None: everybody's, nobody's too.
    `months` of the history lie before this one; where there is none, `before` is missing. Ties by the cause's name.
    """
    rows = causes if customers is None else causes[causes["customer_id"].isin(list(customers))]
    span = min(BEFORE, months)
    now = rows.loc[rows["back"] == 0].groupby("cause")["complaints"].sum()
    before = rows.loc[(rows["back"] > 0) & (rows["back"] <= span)].groupby("cause")["complaints"].sum()
    names = sorted({*now.index, *before.index})
    found = pd.DataFrame(
        {
            "cause": pd.Series(names, dtype="str"),
            "now": now.reindex(names).fillna(0).to_numpy(dtype="int64"),
            "before": before.reindex(names).fillna(0).to_numpy(dtype="float64") / span if span else float("nan"),
        }
    )
    return found.sort_values(["now", "before", "cause"], ascending=[False, False, True], kind="stable", ignore_index=True)
