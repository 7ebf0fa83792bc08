"""Triggers by which the database itself keeps what a reader may have seen; the same in SQLite and PostgreSQL."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Connection, text


def guard_rows(table: str, on: Connection | None = None) -> None:
    """Refuse UPDATE and DELETE on a table: its rows are only ever appended. `on` is a connection outside of a migration."""
    connection = on or op.get_bind()
    if _postgres(connection):
        _make_refusal(connection)
        connection.execute(
            text(f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION keping_refuse()")
        )
        return
    for action in ("UPDATE", "DELETE"):
        connection.execute(
            text(
                f"CREATE TRIGGER keep_{table}_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END"
            )
        )


def release_rows(table: str, on: Connection | None = None) -> None:
    """Take `guard_rows` away, for rows that get what a new column asks for or that nobody has seen; whoever does it guards them again."""
    connection = on or op.get_bind()
    postgres = _postgres(connection)
    for trigger in (f"keep_{table}",) if postgres else (f"keep_{table}_update", f"keep_{table}_delete"):
        connection.execute(text(f"DROP TRIGGER {trigger}" + (f" ON {table}" if postgres else "")))


def guard_accepted() -> None:
    """Refuse to take back an accepted delivery, or to strike one from the ledger."""
    if _postgres(op.get_bind()):
        op.execute(
            "CREATE TRIGGER keep_accepted BEFORE UPDATE ON deliveries FOR EACH ROW "
            "WHEN (OLD.state = 'accepted') EXECUTE FUNCTION keping_refuse()"
        )
        op.execute("CREATE TRIGGER keep_deliveries BEFORE DELETE ON deliveries FOR EACH ROW EXECUTE FUNCTION keping_refuse()")
        return
    op.execute(
        "CREATE TRIGGER keep_accepted BEFORE UPDATE ON deliveries WHEN OLD.state = 'accepted' "
        "BEGIN SELECT RAISE(ABORT, 'an accepted delivery is never changed'); END"
    )
    op.execute(
        "CREATE TRIGGER keep_deliveries BEFORE DELETE ON deliveries BEGIN SELECT RAISE(ABORT, 'rows of deliveries are never deleted'); END"
    )


def _postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _make_refusal(connection: Connection) -> None:
    connection.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION keping_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'rows of %% are never changed or deleted', TG_TABLE_NAME; END $$"
    )
