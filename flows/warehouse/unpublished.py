"""Reviews that no reader has seen, and what they froze: they can be taken back, so that a standard can be settled anew."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, select

from flows.warehouse import schema
from transforms.errors import UsageError

GUARDED = ("figures", "transitions", "policies", "reviews")
PARTS = (schema.figures, schema.customers, schema.transitions, schema.snapshots)


def strike_unpublished_reviews(connection: Connection) -> tuple[int, tuple[str, ...]]:
    """Strike every kept review and every frozen policy, while nothing at all is published: how many reviews, which versions.

    The books of what was run and found stay. Once a month is out its policy stays for ever: then a UsageError.
    """
    from flows.warehouse.migrations.guards import guard_rows, release_rows  # the migration tool is slow to load

    publications = schema.publications.c
    out = connection.execute(select(func.min(publications.month))).scalar()
    if out is not None:
        raise UsageError(
            f"{out} is published, so the reference that it was graded with stays. Nothing was changed.\n"
            "For other rules from a later month on write a new version: keping policy freeze --month YYYY-MM."
        )
    versions = tuple(connection.execute(select(schema.policies.c.version).order_by(schema.policies.c.version)).scalars())
    for table in GUARDED:
        release_rows(table, connection)
    for part in PARTS:
        connection.execute(delete(part))
    count = connection.execute(delete(schema.reviews)).rowcount
    connection.execute(delete(schema.policies))
    for table in GUARDED:
        guard_rows(table, connection)
    return count, versions
