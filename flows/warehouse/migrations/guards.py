"""Triggers by which the database itself keeps what a reader may have seen; the same in SQLite and PostgreSQL."""

from __future__ import annotations

from alembic import op


def guard_rows(table: str) -> None:
    """Refuse UPDATE and DELETE on a table: its rows are only ever appended."""
    if _postgres():
        _make_refusal()
        op.execute(f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION keping_refuse()")
        return
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER keep_{table}_{action.lower()} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END"
        )


def release_rows(table: str) -> None:
    """Take `guard_rows` away, for a migration that gives rows what a new column asks for; it guards them again."""
    for trigger in (f"keep_{table}",) if _postgres() else (f"keep_{table}_update", f"keep_{table}_delete"):
        op.execute(f"DROP TRIGGER {trigger}" + (f" ON {table}" if _postgres() else ""))


def guard_accepted() -> None:
    """Refuse to take back an accepted delivery, or to strike one from the ledger."""
    if _postgres():
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


def _postgres() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _make_refusal() -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION keping_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME; END $$"
    )
