"""Runs the migrations on the connection that `flows.warehouse.migrate` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from flows.warehouse import ledger_schema  # noqa: F401  (its tables belong to the metadata)
from flows.warehouse.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
