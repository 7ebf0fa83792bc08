"""Writing one review: all of its rows in the caller's transaction, in bulk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.exc import DBAPIError, OperationalError

from expectations.findings import Finding, Severity, holds
from flows.machine import clock
from flows.snapshots.store import Snapshot
from flows.warehouse import schema
from flows.warehouse.frames import columns_of, customer_rows, plain_values, storable
from flows.warehouse.records import Run
from transforms.errors import UsageError
from transforms.figures import FIGURE_COLUMNS
from transforms.policy.rules import Policy, canonical_json
from transforms.review import MonthReview

_BATCH = 20_000


def write_review(
    connection: Connection,
    review: MonthReview,
    *,
    run: Run,
    revision: int | None,
    kind: str,
    known_at: datetime,
    input_digest: str,
    snapshots: Iterable[Snapshot],
) -> int:
    """Insert a review with its customers, figures, transitions and snapshots; returns its id."""
    policy = review.policy
    month = str(review.month)
    row = {
        "run_id": run.run_id,
        "month": month,
        "revision": revision,
        "kind": kind,
        "known_at": known_at,
        "policy_version": policy.version,
        "policy_digest": policy.digest,
        "input_digest": input_digest,
        "code_version": run.code_version,
        "kept_at": clock.now(),
        "supplied": sorted(review.supplied),
        "customer_columns": columns_of(review.customers),
    }
    review_id = insert_row(connection, schema.reviews, row)
    common = {
        "review_id": review_id,
        "month": month,
        "revision": revision,
        "known_at": known_at,
        "policy_version": policy.version,
        "run_id": run.run_id,
    }
    write_rows(connection, schema.customers, customer_rows(review.customers, review_id))
    write_rows(connection, schema.figures, ({**common, **figure} for figure in _figure_rows(review.figures)))
    write_rows(connection, schema.transitions, ({"review_id": review_id, **moved} for moved in _transition_rows(review.transitions)))
    write_rows(connection, schema.snapshots, ({"review_id": review_id, **taken} for taken in _snapshot_rows(snapshots)))
    return review_id


def _figure_rows(figures: pd.DataFrame) -> Iterable[dict[str, Any]]:
    for row in _dicts(figures, FIGURE_COLUMNS):
        yield {**row, **{name: str(row[name] or "") for name in ("scope", "scope_value", "method", "label", "signal")}}


def _transition_rows(transitions: pd.DataFrame) -> Iterable[dict[str, Any]]:
    return _dicts(transitions, ("grade_before", "grade_after", "customers"))


def _snapshot_rows(snapshots: Iterable[Snapshot]) -> Iterable[dict[str, Any]]:
    for snapshot in snapshots:
        newest = snapshot.newest
        yield {
            "table_name": snapshot.table,
            "month": snapshot.month,
            "digest": snapshot.digest,
            "rows": snapshot.rows,
            "money": snapshot.money,
            "newest": newest.to_pydatetime() if isinstance(newest, pd.Timestamp) else newest,
            "mapping": snapshot.mapping or None,
        }


def _dicts(frame: pd.DataFrame, names: Sequence[str]) -> Iterable[dict[str, Any]]:
    columns = [plain_values(frame[name]) for name in names]
    return (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))


def write_gate(
    connection: Connection, *, run: Run, month: str, gate: str, findings: Iterable[Finding], quality: pd.DataFrame | None, now: datetime
) -> None:
    """Insert what a gate saw: its verdict, every finding, and the books of each table."""
    seen = list(findings)
    counts = {severity: sum(finding.severity is severity for finding in seen) for severity in Severity}
    verdict = {
        "run_id": run.run_id,
        "month": month,
        "gate": gate,
        "outcome": "held" if holds(seen) else "passed",
        "critical": counts[Severity.CRITICAL],
        "warnings": counts[Severity.WARNING],
        "infos": counts[Severity.INFO],
        "passed_at": now,
    }
    gate_id = insert_row(connection, schema.gates, verdict)
    write_rows(connection, schema.findings, ({"gate_id": gate_id, **_finding_row(finding)} for finding in seen))
    if quality is not None and len(quality):
        write_rows(connection, schema.quality, ({"gate_id": gate_id, **row} for row in _quality_rows(quality)))


def _finding_row(finding: Finding) -> dict[str, Any]:
    return {
        "table_name": finding.table,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "outcome": finding.outcome.value,
        "month": finding.month,
        "rows": finding.rows,
        "of_rows": finding.of_rows,
        "message": storable(finding.message),
        "examples": [storable(example) for example in finding.examples],
    }


def _quality_rows(quality: pd.DataFrame) -> Iterable[dict[str, Any]]:
    own = ("table", "month", "read", "accepted", "quarantined", "duplicates")
    others = [str(name) for name in quality.columns if name not in own]
    for row in _dicts(quality, [*own, *others]):
        more = {name: row[name] for name in others if row[name] is not None}
        yield {"table_name": row["table"], "month": row["month"] or "", **{name: int(row[name] or 0) for name in own[2:]}, "more": more}


def write_policy(connection: Connection, policy: Policy, written: Policy, run: Run, now: datetime) -> None:
    """Record a policy once; the same version with other rules is refused."""
    known = connection.execute(select(schema.policies.c.digest).where(schema.policies.c.version == policy.version)).scalar()
    if known == policy.digest:
        return
    if known is not None:
        raise UsageError(
            f"policy {policy.version} has been used with other rules (digest {known[:12]}, now {policy.digest[:12]}). Nothing was kept.\n"
            "Put its file back as it was, or give the changed rules a new version and effective_from."
        )
    row = {
        "version": policy.version,
        "digest": policy.digest,
        "written_version": written.version,
        "written_digest": written.digest,
        "effective_from": str(policy.effective_from),
        "body": canonical_json(policy),
        "recorded_at": now,
        "run_id": run.run_id,
    }
    connection.execute(insert(schema.policies).values(row))


def insert_row(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """Insert one row and return the number that the database gave it."""
    key = connection.execute(insert(table).values(row)).inserted_primary_key
    if key is None:
        raise RuntimeError(f"the database gave a row of {table.name} no number")
    return int(key[0])


def write_rows(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert many rows: PostgreSQL by COPY, SQLite in batches."""
    stream = iter(rows)
    if connection.dialect.name == "postgresql":
        _copy(connection, table, stream)
        return
    while batch := list(islice(stream, _BATCH)):
        connection.execute(insert(table), batch)


def _copy(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    import psycopg

    first = next(iter(rows), None)
    if first is None:
        return
    names = list(first)
    preparer = connection.dialect.identifier_preparer
    statement = f"COPY {preparer.format_table(table)} ({', '.join(preparer.quote(name) for name in names)}) FROM STDIN"
    cursor: Any = connection.connection.cursor()
    try:
        with cursor, cursor.copy(statement) as copy:
            copy.write_row([_cell(first[name]) for name in names])
            for row in rows:
                copy.write_row([_cell(row[name]) for name in names])
    except psycopg.OperationalError as error:
        raise OperationalError(statement, None, error, hide_parameters=True) from error
    except psycopg.Error as error:
        # The driver's own text repeats the row, with the names in it.
        cause = type(error)(error.diag.message_primary or type(error).__name__)
        raise DBAPIError(statement, None, cause, hide_parameters=True) from None


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
