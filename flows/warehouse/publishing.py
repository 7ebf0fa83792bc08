"""Rows of published revisions and their packs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, exists, insert, select

from flows.warehouse import schema
from flows.warehouse.keeping import insert_row
from flows.warehouse.records import Pack, Publication
from transforms.month import Month


def write_publication(connection: Connection, row: Mapping[str, Any], packs: Sequence[Pack]) -> None:
    """Insert one published revision and its packs."""
    publication_id = insert_row(connection, schema.publications, row)
    rows = [
        {
            "month": row["month"],
            "revision": row["revision"],
            "pack": pack.pack,
            "locale": pack.locale,
            "publication_id": publication_id,
            "file": pack.file,
            "digest": pack.digest,
            "bytes": pack.bytes,
        }
        for pack in packs
    ]
    if rows:
        connection.execute(insert(schema.packs), rows)


def read_publications(connection: Connection, month: Month | None) -> list[Publication]:
    """Published revisions with what they were computed from, oldest month and revision first."""
    published, reviews, earlier = schema.publications.c, schema.reviews.c, schema.publications.alias()
    again = exists().where(
        earlier.c.month == published.month, earlier.c.review_id == published.review_id, earlier.c.revision < published.revision
    )
    told = (reviews.run_id, reviews.known_at, reviews.policy_version, reviews.policy_digest, reviews.code_version)
    query = (
        select(schema.publications, *told, again.label("redacted"))
        .join(schema.reviews, reviews.review_id == published.review_id)
        .order_by(published.month, published.revision)
    )
    if month is not None:
        query = query.where(published.month == str(month))
    rows = connection.execute(query)
    return [Publication(**{**row._mapping, "month": Month.parse(row.month), "redacted": bool(row.redacted)}) for row in rows]


def read_packs(connection: Connection, month: Month | None, revision: int | None) -> list[Pack]:
    """Published packs, by month, revision, pack and locale."""
    columns = schema.packs.c
    query = select(columns.month, columns.revision, columns.pack, columns.locale, columns.file, columns.digest, columns.bytes)
    if month is not None:
        query = query.where(columns.month == str(month))
    if revision is not None:
        query = query.where(columns.revision == revision)
    rows = connection.execute(query.order_by(columns.month, columns.revision, columns.pack, columns.locale))
    return [Pack(**{**row._mapping, "month": Month.parse(row.month)}) for row in rows]
