"""Reading kept reviews: the history that the next month is scored against."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select

from flows.intake.books import QUALITY_COLUMNS
from flows.warehouse import schema
from flows.warehouse.frames import TYPED, customer_frame, typed_series
from flows.warehouse.records import KeptReview
from transforms.figures import FIGURE_COLUMNS, SCALE
from transforms.inputs import YEAR_AGO_COLUMNS, History, Standard
from transforms.month import Month
from transforms.policy.reading import policy_from_json
from transforms.policy.rules import Policy

_FIGURE_TYPES = {
    **dict.fromkeys(FIGURE_COLUMNS, "str"),
    **dict.fromkeys(("value", "lower", "upper", "previous", "change", *SCALE), "float64"),
    "n": "Int64",
    "month": "str",
}
_EMPTY_TYPES = {"text": "str", "float": "float64", "integer": "Int64"}


YEAR = 12

STAGED = "backfill"
"""Kind of reviews that were tried and stand for nothing until they are promoted; no month is scored against them."""


def read_history(
    connection: Connection,
    month: Month,
    months: int,
    *,
    before: int | None = None,
    instead: Mapping[Month, int] | None = None,
    known: dict[int, pd.DataFrame] | None = None,
) -> History:
    """The customers of the month before, and the figures of up to `months` months before, oldest first.

    Of each month the review that was kept last counts, published or replayed: of those kept before the
    review `before`, if that is given. `instead` names the reviews that count in some months' place.
    `known` holds figures that were read before, and then those of this history.
    """
    newest = _newest_reviews(connection, month - months, month - 1, before)
    newest |= {str(other): review_id for other, review_id in (instead or {}).items() if month - months <= other < month}
    last = newest.get(str(month - 1))
    year_ago = read_customers(connection, newest.get(str(month - YEAR)), YEAR_AGO_COLUMNS)
    customers = read_customers(connection, last)
    figures = read_figures(connection, list(newest.values())) if known is None else _kept_figures(connection, newest, known)
    standards = read_standards(connection, list(newest.values()))
    if last is None:
        return History(customers, figures, year_ago, standards=standards)
    return History(customers, figures, year_ago, read_policy_of(connection, last), read_stood_on(connection, last), standards)


def _kept_figures(connection: Connection, newest: Mapping[str, int], known: dict[int, pd.DataFrame]) -> pd.DataFrame:
    """The figures of these reviews, oldest month first; only those are read that are not known."""
    for review_id in set(known) - set(newest.values()):
        del known[review_id]
    for review_id in set(newest.values()) - set(known):
        known[review_id] = read_figures(connection, [review_id])
    return pd.concat([read_figures(connection, []), *(known[newest[month]] for month in sorted(newest))], ignore_index=True)


def read_policy_of(connection: Connection, review_id: int) -> Policy | None:
    """The policy that a review was scored by; None where it is no longer recorded."""
    reviews, policies = schema.reviews, schema.policies
    query = select(policies.c.body).join(reviews, reviews.c.policy_version == policies.c.version).where(reviews.c.review_id == review_id)
    body = connection.execute(query).scalar()
    return policy_from_json(body) if body else None


def read_standards(connection: Connection, review_ids: Sequence[int]) -> tuple[Standard, ...]:
    """Of each standard that these reviews were scored by the first month; oldest first."""
    reviews, policies = schema.reviews.c, schema.policies.c
    first = func.min(reviews.month).label("month")
    query = select(reviews.policy_version, first).where(reviews.review_id.in_(review_ids)).group_by(reviews.policy_version)
    found = []
    for row in connection.execute(query.order_by(first, reviews.policy_version)).all():
        body = connection.execute(select(policies.body).where(policies.version == row.policy_version)).scalar()
        if body is not None:
            policy = policy_from_json(body)
            found.append(Standard(Month.parse(row.month), policy.version, policy.author, policy.reason))
    return tuple(found)


def read_stood_on(connection: Connection, review_id: int) -> dict[tuple[str, str], str]:
    """(table, month) -> digest of the rows that a review was scored from: of each what was taken last, up to that review."""
    reviews, taken = schema.reviews, schema.snapshots
    query = (
        select(taken.c.table_name, taken.c.month, taken.c.digest)
        .join(reviews, reviews.c.review_id == taken.c.review_id)
        .where(taken.c.review_id <= review_id, (reviews.c.kind != STAGED) | (taken.c.review_id == review_id))
        .order_by(taken.c.review_id)
    )
    return {(row.table_name, row.month): row.digest for row in connection.execute(query)}


def read_year_ago(connection: Connection, month: Month) -> pd.DataFrame:
    """What the review of twelve months before, kept last, said of the customers; no row where there is none."""
    newest = _newest_reviews(connection, month - YEAR, month - YEAR, None)
    return read_customers(connection, newest.get(str(month - YEAR)), YEAR_AGO_COLUMNS)


def _newest_reviews(connection: Connection, first: Month, last: Month, before: int | None) -> dict[str, int]:
    reviews = schema.reviews.c
    query = (
        select(reviews.month, func.max(reviews.review_id))
        .where(reviews.month.between(str(first), str(last)), reviews.kind != STAGED)
        .group_by(reviews.month)
        .order_by(reviews.month)
    )
    if before is not None:
        query = query.where(reviews.review_id < before)
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def read_customers(connection: Connection, review_id: int | None, only: Sequence[str] | None = None) -> pd.DataFrame:
    """The customers of a review as they were kept; without a review an empty frame with the columns of every review.

    `only`: of the columns no others than these.
    """
    if review_id is None:
        kinds = {name: kind for name, kind in TYPED.items() if only is None or name in only}
        return pd.DataFrame({name: pd.Series([], dtype=_EMPTY_TYPES[kind]) for name, kind in kinds.items()})
    columns = connection.execute(select(schema.reviews.c.customer_columns).where(schema.reviews.c.review_id == review_id)).scalar_one()
    columns = [[name, dtype] for name, dtype in columns if only is None or name in only]
    query = select(schema.customers).where(schema.customers.c.review_id == review_id)
    frame = customer_frame(connection.execute(query).all(), columns)
    # By code point, as everywhere: the database's own order depends on its locale.
    return frame.sort_values("customer_id", kind="stable", ignore_index=True)


def read_customer(connection: Connection, review_id: int, customer_id: str) -> pd.DataFrame:
    """One customer's row of a review, as it was kept; no row where the review does not know the customer."""
    columns = connection.execute(select(schema.reviews.c.customer_columns).where(schema.reviews.c.review_id == review_id)).scalar_one()
    kept = schema.customers
    query = select(kept).where(kept.c.review_id == review_id, kept.c.customer_id == customer_id)
    return customer_frame(connection.execute(query).all(), columns)


def read_similar_customers(connection: Connection, review_id: int, asked: str, most: int = 20_000) -> list[tuple[str, str]]:
    """Ids and names of a review's customers among whom one who was asked for in vain may be found: at most `most`."""
    kept = schema.customers.c
    own = select(kept.customer_id, kept.name).where(kept.review_id == review_id)
    like = own.where(kept.customer_id.icontains(asked, autoescape=True) | kept.name.icontains(asked, autoescape=True))
    rows = [*connection.execute(like.order_by(kept.customer_id).limit(20)), *connection.execute(own.order_by(kept.customer_id).limit(most))]
    return list(dict.fromkeys((row.customer_id, row.name or "") for row in rows))


def read_review_before(connection: Connection, review: KeptReview) -> KeptReview | None:
    """The review of the month before that a review was scored against; None where there was none."""
    newest = _newest_reviews(connection, review.month - 1, review.month - 1, review.review_id)
    last = newest.get(str(review.month - 1))
    return None if last is None else read_one_review(connection, last)


def read_one_review(connection: Connection, review_id: int) -> KeptReview:
    """A review by its number."""
    names = [schema.reviews.c[name] for name in KeptReview.__dataclass_fields__]
    row = connection.execute(select(*names).where(schema.reviews.c.review_id == review_id)).one()
    return KeptReview(**{**row._mapping, "month": Month.parse(row.month)})


def read_figures(connection: Connection, review_ids: list[int]) -> pd.DataFrame:
    names = [*FIGURE_COLUMNS, "month"]
    query = select(*(schema.figures.c[name] for name in names)).where(schema.figures.c.review_id.in_(review_ids))
    rows: list[Any] = list(connection.execute(query).all()) if review_ids else []
    frame = pd.DataFrame({name: typed_series([row[place] for row in rows], _FIGURE_TYPES[name]) for place, name in enumerate(names)})
    return frame.sort_values(["month", "scope", "scope_value", "indicator"], kind="stable", ignore_index=True)


def read_review(connection: Connection, month: Month) -> KeptReview | None:
    """The review of a month that was kept last."""
    names = [schema.reviews.c[name] for name in KeptReview.__dataclass_fields__]
    row = connection.execute(
        select(*names)
        .where(schema.reviews.c.month == str(month), schema.reviews.c.kind != STAGED)
        .order_by(schema.reviews.c.review_id.desc())
        .limit(1)
    ).one_or_none()
    return KeptReview(**{**row._mapping, "month": month}) if row else None


def read_snapshots(connection: Connection) -> list[dict[str, Any]]:
    """Per month the snapshots of the review that was kept last."""
    reviews, taken = schema.reviews, schema.snapshots
    newest = select(func.max(reviews.c.review_id)).where(reviews.c.kind != STAGED).group_by(reviews.c.month)
    query = (
        select(taken, reviews.c.month.label("review_month"), reviews.c.kept_at)
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
    newest = select(func.max(reviews.review_id)).where(reviews.kind != STAGED).group_by(reviews.month)
    rows = connection.execute(select(*names).where(reviews.review_id.in_(newest)).order_by(reviews.month))
    return [KeptReview(**{**row._mapping, "month": Month.parse(row.month)}) for row in rows]


@dataclass(frozen=True)
class KeptMonth:
    """One review as it was kept, with its frames and the snapshots it was computed from."""

    review: KeptReview
    supplied: frozenset[str]
    customers: pd.DataFrame
    figures: pd.DataFrame
    transitions: pd.DataFrame
    snapshots: tuple[Mapping[str, Any], ...]
    """Rows of table, month, digest, rows, money."""

    def own(self) -> dict[str, Mapping[str, Any]]:
        """Table -> the snapshot of the review's own month."""
        return {str(row["table"]): row for row in self.snapshots if row["month"] == str(self.review.month)}


def read_own_snapshots(connection: Connection, review_ids: Collection[int]) -> dict[int, dict[str, Mapping[str, Any]]]:
    """Of each review the snapshots of its own month and of the tables without months, by table, as `KeptMonth.own` has them."""
    reviews, taken = schema.reviews.c, schema.snapshots.c
    query = (
        select(taken.review_id, taken.table_name.label("table"), taken.month, taken.digest, taken.rows, taken.money, taken.mapping)
        .join(schema.reviews, (reviews.review_id == taken.review_id) & ((taken.month == reviews.month) | (taken.month == "")))
        .where(taken.review_id.in_(review_ids))
    )
    found: dict[int, dict[str, Mapping[str, Any]]] = {review_id: {} for review_id in review_ids}
    for row in connection.execute(query):
        found[row.review_id][row.table] = dict(row._mapping)
    return found


def read_kept_month(connection: Connection, review_id: int) -> KeptMonth:
    """Everything that was kept of one review."""
    reviews, moved, taken = schema.reviews.c, schema.transitions.c, schema.snapshots.c
    names = [*KeptReview.__dataclass_fields__, "supplied"]
    row = connection.execute(select(*(reviews[name] for name in names)).where(reviews.review_id == review_id)).one()
    values = {str(name): value for name, value in row._mapping.items() if name != "supplied"}
    moves = connection.execute(select(moved.grade_before, moved.grade_after, moved.customers).where(moved.review_id == review_id)).all()
    snapshots = connection.execute(
        select(taken.table_name.label("table"), taken.month, taken.digest, taken.rows, taken.money).where(taken.review_id == review_id)
    ).all()
    return KeptMonth(
        KeptReview(**{**values, "month": Month.parse(row.month)}),
        frozenset(row.supplied),
        read_customers(connection, review_id),
        read_figures(connection, [review_id]),
        pd.DataFrame(
            {
                "grade_before": pd.Series([move.grade_before for move in moves], dtype="str"),
                "grade_after": pd.Series([move.grade_after for move in moves], dtype="str"),
                "customers": pd.Series([move.customers for move in moves], dtype="int64"),
            }
        ).sort_values(["grade_before", "grade_after"], kind="stable", ignore_index=True),
        tuple(dict(snapshot._mapping) for snapshot in snapshots),
    )


def read_quality(connection: Connection, run_id: str) -> pd.DataFrame:
    """The books of a run's pull, one row per table and month, with the types of `flows.snapshots.store.Pulled.quality`."""
    gate, quality = schema.gates.c, schema.quality.c
    query = (
        select(schema.quality)
        .join(schema.gates, gate.gate_id == quality.gate_id)
        .where(gate.run_id == run_id, gate.gate == "data")
        .order_by(quality.quality_id)
    )
    rows = [{**dict(row._mapping), **row.more, "table": row.table_name} for row in connection.execute(query)]
    frame = pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype="object") for name in QUALITY_COLUMNS})
    counts = [name for name in QUALITY_COLUMNS if name not in ("table", "month", "derived_from", "note", "freshest", "source_newest")]
    moments = {name: typed_series(frame[name].tolist(), "datetime64[us, UTC]") for name in ("freshest", "source_newest")}
    texts = {name: frame[name].astype("str") for name in ("table", "month", "derived_from", "note")}
    return frame.assign(**{name: frame[name].astype("Int64") for name in counts}, **moments, **texts)
