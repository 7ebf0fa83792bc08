"""What a month says now against what it said before: figures, grades, and the customers that moved most."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from transforms.figures import FIGURE_COLUMNS

FIGURE_KEY = ["scope", "scope_value", "indicator"]


@dataclass(frozen=True)
class Restatement:
    """How one month differs from what was said of it before; empty frames where nothing does.

    figures  one row per figure that differs: scope, scope_value, indicator, before, after (value or NA)
    grades   one row per customer whose grade differs: customer_id, name, before, after, tier_before, tier_after
             (NA on the side where the month does not know the customer)
    moves    one row per customer whose money or score differs, largest first: customer_id, name, net_before,
             net_after (twelve months, Int64 ten-thousandths), score_before, score_after
    changed  whether anything at all differs, also what these frames leave out
    """

    figures: pd.DataFrame
    grades: pd.DataFrame
    moves: pd.DataFrame
    changed: bool

    def of(self, indicator: str, scope: str = "company") -> tuple[float | None, float | None] | None:
        """Value before and after of one of the figures that differ; None where it does not."""
        rows = self.figures[(self.figures["indicator"] == indicator) & (self.figures["scope"] == scope)]
        if rows.empty:
            return None
        before, after = rows["before"].iloc[0], rows["after"].iloc[0]
        return (None if pd.isna(before) else float(before), None if pd.isna(after) else float(after))


def compare_reviews(
    customers_before: pd.DataFrame,
    figures_before: pd.DataFrame,
    customers_after: pd.DataFrame,
    figures_after: pd.DataFrame,
) -> Restatement:
    """Hold a month's review against an earlier one of the same month.

    Customers are matched by `customer_id`, figures by scope, scope value and indicator; what only one
    side knows counts as a difference. Two absent values are the same.
    """
    figures_before, figures_after = (
        _with_common_segments(figures_before, figures_after),
        _with_common_segments(figures_after, figures_before),
    )
    people = _side_by_side(customers_before, customers_after)
    figures = _figures(figures_before, figures_after)
    told = [name for name in FIGURE_COLUMNS if name != "method"]  # other words for the same number are no change
    same = _same(customers_before, customers_after, ["customer_id"]) and _same(figures_before[told], figures_after[told], FIGURE_KEY)
    return Restatement(figures, _grades(people), _moves(people), not same)


def _with_common_segments(figures: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """The figures without segments that the other side lacks: other readers are no change of the month."""
    segments = figures["scope"].astype("str") == "segment"
    foreign = segments & ~figures["scope_value"].isin(others.loc[others["scope"].astype("str") == "segment", "scope_value"])
    return figures[~foreign]


def _figures(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    both = before[[*FIGURE_KEY, "value"]].merge(
        after[[*FIGURE_KEY, "value"]], on=FIGURE_KEY, how="outer", suffixes=("_before", "_after"), validate="one_to_one"
    )
    both = both.rename(columns={"value_before": "before", "value_after": "after"})
    return both[_differ(both["before"], both["after"])].sort_values(FIGURE_KEY, kind="stable", ignore_index=True)


def _side_by_side(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """One row per customer that either side knows, the columns of both."""
    wanted = ["customer_id", "name", "grade", "tier", "net_12m", "score"]
    sides = [_with(frame, wanted) for frame in (before, after)]
    return (
        sides[0]
        .merge(sides[1], on="customer_id", how="outer", suffixes=("_before", "_after"), validate="one_to_one")
        .sort_values("customer_id", kind="stable")
    )


def _with(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Those columns, missing ones as missing, in types that both sides share."""
    types = {name: {"net_12m": "Int64", "score": "Float64"}.get(name, "string") for name in names}
    return frame.reindex(columns=names).astype(types)


def _grades(people: pd.DataFrame) -> pd.DataFrame:
    rows = people[_differ(people["grade_before"], people["grade_after"])]
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "name": rows["name_after"].fillna(rows["name_before"]),
            "before": rows["grade_before"],
            "after": rows["grade_after"],
            "tier_before": rows["tier_before"],
            "tier_after": rows["tier_after"],
        }
    ).reset_index(drop=True)


def _moves(people: pd.DataFrame) -> pd.DataFrame:
    rows = people[_differ(people["net_12m_before"], people["net_12m_after"]) | _differ(people["score_before"], people["score_after"])]
    money = (rows["net_12m_after"].fillna(0) - rows["net_12m_before"].fillna(0)).abs()
    score = (rows["score_after"].fillna(0) - rows["score_before"].fillna(0)).abs()
    moves = pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "name": rows["name_after"].fillna(rows["name_before"]),
            "net_before": rows["net_12m_before"],
            "net_after": rows["net_12m_after"],
            "score_before": rows["score_before"],
            "score_after": rows["score_after"],
            "_money": money,
            "_score": score,
        }
    )
    ordered = moves.sort_values(["_money", "_score", "customer_id"], ascending=[False, False, True], kind="stable", ignore_index=True)
    return ordered.drop(columns=["_money", "_score"])


def _differ(before: pd.Series, after: pd.Series) -> pd.Series:
    """Where two columns differ; absent on both sides is the same."""
    unequal = (before != after).fillna(True).astype(bool)
    return unequal & ~(before.isna() & after.isna())


def _same(before: pd.DataFrame, after: pd.DataFrame, key: list[str]) -> bool:
    """Whether two frames say the same, whatever the order of their rows and columns."""
    shaped_alike = len(before) == len(after) and set(before.columns) == set(after.columns)
    left, right = (frame.sort_values(key, kind="stable", ignore_index=True).astype("object") for frame in (before, after))
    return shaped_alike and not any(_differ(left[name], right[name]).any() for name in left.columns)
