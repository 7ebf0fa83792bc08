"""Reading kept reviews: the history that the next month is scored against."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select

from flows.warehouse import schema
from flows.warehouse.frames import TYPED, customer_frame, typed_series
from flows.warehouse.records import KeptReview
from transforms.figures import FIGURE_COLUMNS
from transforms.inputs import History
from transforms.month import Month

_FIGURE_TYPES = {
    **dict.fromkeys(FIGURE_COLUMNS, "str"),
    **dict.fromkeys(("value", "lower", "upper", "previous", "change"), "float64"),
    "n": "Int64",
    "month": "str",
}
_EMPTY_TYPES = {"text": "str", "float": "float64", "integer": "Int64"}


def read_history(connection: Connection, month: Month, months: int) -> History:
    """The customers of the month before, and the figures of up to `months` months before, oldest first.

    Of each month the review that was kept last counts, published or replayed.
    """
    newest = _newest_reviews(connection, month - months, month - 1)
    last = newest.get(str(month - 1))
    return History(read_customers(connection, last), _read_figures(connection, list(newest.values())))


def _newest_reviews(connection: Connection, first: Month, last: Month) -> dict[str, int]:
    reviews = schema.reviews.c
    query = (
        select(reviews.month, func.max(reviews.review_id))
        .where(reviews.month.between(str(first), str(last)))
        .group_by(reviews.month)
        .order_by(reviews.month)
    )
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def read_customers(connection: Connection, review_id: int | None) -> pd.DataFrame:
    """The customers of a review as they were kept; without a review an empty frame with the columns of every review."""
    if review_id is None:
        return pd.DataFrame({name: pd.Series([], dtype=_EMPTY_TYPES[kind]) for name, kind in TYPED.items()})
    columns = connection.execute(select(schema.reviews.c.customer_columns).where(schema.reviews.c.review_id == review_id)).scalar_one()
    query = select(schema.customers).where(schema.customers.c.review_id == review_id)
    frame = customer_frame(connection.execute(query).all(), columns)
    # By code point, as everywhere: the database's own order depends on its locale.
    return frame.sort_values("customer_id", kind="stable", ignore_index=True)


def _read_figures(connection: Connection, review_ids: list[int]) -> pd.DataFrame:
    names = [*FIGURE_COLUMNS, "month"]
    query = select(*(schema.figures.c[name] for name in names)).where(schema.figures.c.review_id.in_(review_ids))
    rows: list[Any] = list(connection.execute(query).all()) if review_ids else []
    frame = pd.DataFrame({name: typed_series([row[place] for row in rows], _FIGURE_TYPES[name]) for place, name in enumerate(names)})
    return frame.sort_values(["month", "scope", "scope_value", "indicator"], kind="stable", ignore_index=True)


def read_review(connection: Connection, month: Month) -> KeptReview | None:
    """The review of a month that was kept last."""
    names = [schema.reviews.c[name] for name in KeptReview.__dataclass_fields__]
    row = connection.execute(
        select(*names).where(schema.reviews.c.month == str(month)).order_by(schema.reviews.c.review_id.desc()).limit(1)
    ).one_or_none()
    return KeptReview(**{**row._mapping, "month": month}) if row else None


def read_snapshots(connection: Connection) -> list[dict[str, Any]]:
    """Per month the snapshots of the review that was kept last."""
    reviews, taken = schema.reviews, schema.snapshots
    newest = select(func.max(reviews.c.review_id)).group_by(reviews.c.month)
    query = (
        select(taken, reviews.c.month.label("review_month"))
        .join(reviews, reviews.c.review_id == taken.c.review_id)
        .where(taken.c.review_id.in_(newest))
        .order_by(reviews.c.month, taken.c.month, taken.c.table_name, taken.c.digest)
    )
    return [
        {("table" if name == "table_name" else name): value for name, value in row._mapping.items()} for row in connection.execute(query)
    ]


def read_latest_reviews(connection: Connection) -> list[KeptReview]:
    """Of every month the review that was kept last, oldest month first."""
    reviews = schema.reviews.c
    names = [reviews[name] for name in KeptReview.__dataclass_fields__]
    newest = select(func.max(reviews.review_id)).group_by(reviews.month)
    rows = connection.execute(select(*names).where(reviews.review_id.in_(newest)).order_by(reviews.month))
    return [KeptReview(**{**row._mapping, "month": Month.parse(row.month)}) for row in rows]
