"""The state of the warehouse for people and watchdogs: runs, gates, packs, deliveries as plain values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from flows.warehouse import ledger_schema, release_schema, schema


def status_of(connection: Connection, limit: int) -> dict[str, Any]:
    """The newest runs with their gates, the newest revision of every month's packs, and the deliveries by state."""
    runs = _runs(connection, limit)
    states = ledger_schema.deliveries.c
    counts = connection.execute(
        select(states.month, states.revision, states.state, func.count().label("count"))
        .group_by(states.month, states.revision, states.state)
        .order_by(states.month, states.revision, states.state)
    )
    open_query = (
        select(ledger_schema.deliveries)
        .where(states.state != "accepted")
        .order_by(states.month, states.revision, states.pack, states.recipient)
    )
    return {
        "runs": runs,
        "gates": _gates(connection, [run["run_id"] for run in runs]),
        "packs": _plain(connection, _newest_packs()),
        "waivers": _plain(connection, select(release_schema.waivers).order_by(release_schema.waivers.c.waiver_id)),
        "approvals": _plain(connection, select(release_schema.approvals).order_by(release_schema.approvals.c.approval_id)),
        "test_sends": _plain(connection, select(release_schema.test_sends).order_by(release_schema.test_sends.c.test_id)),
        "deliveries": {"counts": [_plain_row(row) for row in counts], "not_accepted": _plain(connection, open_query)},
    }


def _runs(connection: Connection, limit: int) -> list[dict[str, Any]]:
    run, end = schema.runs, schema.run_ends
    ends = [column for column in end.c if column.name != "run_id"]
    query = (
        select(run, *ends).outerjoin(end, end.c.run_id == run.c.run_id).order_by(run.c.started_at.desc(), run.c.run_id.desc()).limit(limit)
    )
    # A run without an end was killed, or is still going on: the month's lock knows which.
    return [{**row, "outcome": row["outcome"] or "unfinished"} for row in _plain(connection, query)]


def _gates(connection: Connection, run_ids: list[str]) -> list[dict[str, Any]]:
    gate, finding = schema.gates, schema.findings
    gates = _plain(connection, select(gate).where(gate.c.run_id.in_(run_ids)).order_by(gate.c.gate_id.desc()))
    ids = [row["gate_id"] for row in gates]
    findings = _plain(connection, select(finding).where(finding.c.gate_id.in_(ids)).order_by(finding.c.finding_id))
    for row in gates:
        row["findings"] = [
            {name: value for name, value in found.items() if name not in ("gate_id", "finding_id")}
            for found in findings
            if found["gate_id"] == row["gate_id"]
        ]
    return gates


def _newest_packs() -> Select[Any]:
    pack, published = schema.packs, schema.publications
    newest = select(published.c.month, func.max(published.c.revision).label("revision")).group_by(published.c.month).subquery()
    return (
        select(pack, published.c.published_at, published.c.reason, published.c.manifest_digest)
        .join(newest, (newest.c.month == pack.c.month) & (newest.c.revision == pack.c.revision))
        .join(published, published.c.publication_id == pack.c.publication_id)
        .order_by(pack.c.month, pack.c.pack, pack.c.locale)
    )


def _plain(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    return [_plain_row(row) for row in connection.execute(query)]


def _plain_row(row: Row[Any]) -> dict[str, Any]:
    values = row._mapping
    return {str(name): value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
