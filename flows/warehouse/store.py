"""The warehouse: runs, kept reviews, publications and the ledger's tables, in one database.

Rows are appended; nothing that a reader may have seen is updated or deleted.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Literal

import pandas as pd
from sqlalchemy import Connection, Engine, func, insert, select
from sqlalchemy.exc import IntegrityError

from expectations.findings import Finding
from flows.machine import clock
from flows.machine.code_version import code_version
from flows.snapshots.store import Snapshot
from flows.sources.mapping import TableMapping
from flows.warehouse import ledger_schema, schema
from flows.warehouse.connection import connect, place, transaction, warehouse_url
from flows.warehouse.keeping import write_gate, write_policy, write_review
from flows.warehouse.migrate import bring_up_to_date
from flows.warehouse.publishing import read_packs, read_publications, write_publication
from flows.warehouse.reading import (
    KeptMonth,
    read_customer,
    read_history,
    read_kept_month,
    read_latest_reviews,
    read_one_review,
    read_own_snapshots,
    read_quality,
    read_review,
    read_review_before,
    read_similar_customers,
    read_snapshots,
    read_year_ago,
)
from flows.warehouse.records import KeptReview, Pack, Publication, Recorded, Run
from flows.warehouse.status import status_of
from flows.warehouse.unpublished import strike_unpublished_reviews
from transforms.errors import UsageError
from transforms.inputs import History
from transforms.month import Month
from transforms.policy.reading import policy_from_json
from transforms.policy.rules import Policy
from transforms.review import MonthReview

Kind = Literal["review", "replay", "backfill"]


class Warehouse:
    """An open warehouse; use it in a `with` block."""

    def __init__(self, engine: Engine, company: str, environment: str) -> None:
        self._engine = engine
        self.company = company
        self.environment = environment
        """The mark made when the warehouse was; a copy carries it elsewhere."""

    @classmethod
    def open(cls, url: str, company: str, environment: str, *, create: bool = True) -> Warehouse:
        """Open a warehouse, making it or bringing its schema up to date first.

        Without `create` a missing SQLite file is a UsageError, for commands that only look.
        A warehouse of another company, or with a schema newer than the program, is refused.
        """
        engine = connect(warehouse_url(url), create=create)
        bring_up_to_date(engine, code_version(), clock.now())
        owner, mark = _installation(engine, company, environment)
        if owner != company:
            engine.dispose()
            raise UsageError(
                f"the warehouse {place(engine.url)} belongs to {owner!r}; the configuration says company.name = {company!r}.\n"
                "Nothing was run. Each company has its own [warehouse] url."
            )
        return cls(engine, company, mark)

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    @property
    def place(self) -> str:
        """The file, or server and database; never a secret."""
        return place(self._engine.url)

    @property
    def engine(self) -> Engine:
        return self._engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent look."""
        with transaction(self._engine, writing=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One change: committed whole, or not at all."""
        with transaction(self._engine, writing=True) as connection:
            yield connection

    # runs

    def begin_run(self, kind: Kind, month: Month) -> Run:
        """Record that a run has begun; one that never records its end was killed."""
        now = clock.now()
        run = Run(f"{month}-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", kind, month, now, code_version())
        row = {
            "run_id": run.run_id,
            "kind": kind,
            "month": str(month),
            "started_at": now,
            "code_version": run.code_version,
            "host": socket.gethostname(),
            "pid": os.getpid(),
        }
        with self.writing() as connection:
            connection.execute(insert(schema.runs).values(row))
        return run

    def end_run(
        self,
        run: Run,
        outcome: str,
        exit_code: int,
        *,
        seconds: float,
        message: str = "",
        policy: Policy | None = None,
        known_at: datetime | None = None,
        input_digest: str | None = None,
    ) -> None:
        """Record how a run ended; `seconds` come from the monotonic clock. Said again, the first word stays."""
        row = {
            "run_id": run.run_id,
            "ended_at": clock.now(),
            "seconds": seconds,
            "outcome": outcome,
            "exit_code": int(exit_code),
            "message": message,
            "policy_version": policy.version if policy else None,
            "policy_digest": policy.digest if policy else None,
            "known_at": known_at,
            "input_digest": input_digest,
        }
        with self.writing() as connection:
            if connection.execute(select(schema.run_ends.c.run_id).where(schema.run_ends.c.run_id == run.run_id)).first() is None:
                connection.execute(insert(schema.run_ends).values(row))

    def open_months(self) -> list[Month]:
        """The months of runs that never said that they ended: they are under way, or were killed."""
        runs, ends = schema.runs.c, schema.run_ends.c
        ended = select(ends.run_id)
        with self.reading() as connection:
            rows = connection.execute(select(runs.month).where(runs.run_id.not_in(ended)).distinct().order_by(runs.month)).scalars()
            return [Month.parse(month) for month in rows]

    def record_gate(self, run: Run, gate: str, findings: Iterable[Finding], quality: pd.DataFrame | None = None) -> None:
        """Record what a gate saw, whether the month passed it or was held: findings, and the books (`Pulled.quality`)."""
        with self.writing() as connection:
            write_gate(connection, run=run, month=str(run.month), gate=gate, findings=findings, quality=quality, now=clock.now())

    # reviews

    def keep(
        self,
        review: MonthReview,
        *,
        run: Run,
        revision: int | None,
        known_at: datetime,
        input_digest: str,
        snapshots: Iterable[Snapshot] = (),
        kind: Kind = "review",
    ) -> int:
        """Keep one review in one transaction and return its id: customers, figures, transitions, snapshots, policy.

        `revision` is None for a month that is only replayed.
        """
        with self.writing() as connection:
            write_policy(connection, review.policy, review.policy, run, clock.now())
            return write_review(
                connection,
                review,
                run=run,
                revision=revision,
                kind=kind,
                known_at=known_at,
                input_digest=input_digest,
                snapshots=snapshots,
            )

    def history(
        self,
        month: Month,
        months: int = 24,
        *,
        before: int | None = None,
        instead: Mapping[Month, int] | None = None,
        figures: dict[int, pd.DataFrame] | None = None,
    ) -> History:
        """What earlier months said, as `month` is scored against it: always the reviews kept last.

        `before` goes back to what counted when that review was kept; `instead` puts other reviews in some months' place.
        `figures` holds what was read of each review the last time, so that month after month only one more is read.
        """
        with self.reading() as connection:
            return read_history(connection, month, months, before=before, instead=instead, known=figures)

    def year_ago(self, month: Month) -> pd.DataFrame:
        """What the review of twelve months before said of the customers, as `History.year_ago` holds it."""
        with self.reading() as connection:
            return read_year_ago(connection, month)

    def kept_month(self, review_id: int) -> KeptMonth:
        """One kept review with its frames and snapshots."""
        with self.reading() as connection:
            return read_kept_month(connection, review_id)

    def own_snapshots(self, review_ids: Collection[int]) -> dict[int, dict[str, Mapping[str, Any]]]:
        """Of each review the snapshots of its own month and of the tables without months, by table."""
        with self.reading() as connection:
            return read_own_snapshots(connection, review_ids)

    def kept_customer(self, review_id: int, customer_id: str) -> pd.DataFrame:
        """One customer's row of a kept review; no row where it does not know the customer."""
        with self.reading() as connection:
            return read_customer(connection, review_id, customer_id)

    def known_customers(self, review_id: int, asked: str) -> list[tuple[str, str]]:
        """Ids and names of a review's customers among whom one who was asked for in vain may be found."""
        with self.reading() as connection:
            return read_similar_customers(connection, review_id, asked)

    def review(self, review_id: int) -> KeptReview:
        """A kept review by its number."""
        with self.reading() as connection:
            return read_one_review(connection, review_id)

    def review_before(self, review: KeptReview) -> KeptReview | None:
        """The review of the month before that a review was scored against."""
        with self.reading() as connection:
            return read_review_before(connection, review)

    def quality(self, run_id: str) -> pd.DataFrame:
        """The books of a run's pull, as `Pulled.quality` had them."""
        with self.reading() as connection:
            return read_quality(connection, run_id)

    def standing(self, month: Month) -> int | None:
        """The review that readers know a month by: the newest published one's, else the one kept last; None: never reviewed."""
        published = self.publication(month)
        if published is not None:
            return published.review_id
        kept = self.latest_review(month)
        return None if kept is None else kept.review_id

    def latest_review(self, month: Month) -> KeptReview | None:
        """The review of a month that was kept last, published or not."""
        with self.reading() as connection:
            return read_review(connection, month)

    def has_review(self, review_id: int, run_id: str) -> bool:
        """Whether this warehouse kept that review in that run."""
        columns = schema.reviews.c
        with self.reading() as connection:
            return (
                connection.execute(select(columns.review_id).where(columns.review_id == review_id, columns.run_id == run_id)).first()
                is not None
            )

    def latest_reviews(self) -> list[KeptReview]:
        """Of every month the review that was kept last, oldest month first."""
        with self.reading() as connection:
            return read_latest_reviews(connection)

    def latest_input(self, month: Month) -> str | None:
        """The input digest of the review that was kept last; None where the month was never kept."""
        kept = self.latest_review(month)
        return kept.input_digest if kept else None

    def kept_snapshots(self) -> list[dict[str, Any]]:
        """Per month the snapshots of the review kept last: table, month, digest, rows, money, newest, mapping, review_month, kept_at."""
        with self.reading() as connection:
            return read_snapshots(connection)

    # policies

    def record_mappings(self, found: Iterable[TableMapping], run: Run) -> None:
        """Record by which mapping each table is read from now on; those that are recorded are left alone."""
        recorded = self.mappings()
        rows = [
            {"table_name": one.table, "digest": one.digest, "parts": dict(one.parts), "recorded_at": clock.now(), "run_id": run.run_id}
            for one in found
            if one.digest not in recorded.get(one.table, {})
        ]
        if rows:
            with suppress(IntegrityError), self.writing() as connection:  # another run recorded the same a moment ago
                connection.execute(insert(schema.mappings), rows)

    def mappings(self) -> dict[str, dict[str, Mapping[str, str]]]:
        """Of each table the mappings it was read by, oldest first: digest to parts."""
        table = schema.mappings.c
        query = select(table.table_name, table.digest, table.parts).order_by(table.mapping_id)
        found: dict[str, dict[str, Mapping[str, str]]] = {}
        with self.reading() as connection:
            for row in connection.execute(query):
                found.setdefault(row.table_name, {})[row.digest] = row.parts
        return found

    def record_policy(self, policy: Policy, run: Run, written: Policy | None = None) -> None:
        """Record a (frozen) policy version once; the same version with other rules is refused."""
        with self.writing() as connection:
            write_policy(connection, policy, written or policy, run, clock.now())

    def recorded_policies(self) -> dict[str, Recorded]:
        """All recorded policies by the version their file had; of several frozen ones the first counts."""
        columns = schema.policies.c
        with self.reading() as connection:
            rows = connection.execute(
                select(columns.body, columns.written_version, columns.written_digest, columns.recorded_at).order_by(
                    columns.recorded_at, columns.version
                )
            ).all()
        found: dict[str, Recorded] = {}
        for row in rows:
            found.setdefault(
                row.written_version, Recorded(policy_from_json(row.body), row.written_version, row.written_digest, row.recorded_at)
            )
        return found

    def strike_unpublished_reviews(self) -> tuple[int, tuple[str, ...]]:
        """Take back all kept reviews and frozen policies while nothing is published; see `flows.warehouse.unpublished`."""
        with self.writing() as connection:
            return strike_unpublished_reviews(connection)

    def policy(self, version: str) -> Policy | None:
        """The recorded policy of that (frozen) version."""
        with self.reading() as connection:
            body = connection.execute(select(schema.policies.c.body).where(schema.policies.c.version == version)).scalar()
        return policy_from_json(body) if body else None

    # publications

    def publication(self, month: Month, revision: int | None = None) -> Publication | None:
        """A published revision of a month; without `revision` the newest."""
        found = self.publications(month)
        if revision is not None:
            return next((publication for publication in found if publication.revision == revision), None)
        return found[-1] if found else None

    def publications(self, month: Month | None = None) -> list[Publication]:
        """Published revisions, oldest month and revision first."""
        with self.reading() as connection:
            return read_publications(connection, month)

    def publish(
        self,
        month: Month,
        revision: int,
        *,
        review_id: int,
        reason: str,
        manifest_digest: str,
        input_digest: str,
        packs: Iterable[Pack],
    ) -> Publication:
        """Record a published revision with its packs; said again with the same manifest it changes nothing.

        Another manifest for a revision that is published is refused: a published revision keeps its bytes.
        """
        row = {
            "month": str(month),
            "revision": revision,
            "review_id": review_id,
            "reason": reason,
            "manifest_digest": manifest_digest,
            "input_digest": input_digest,
            "published_at": clock.now(),
        }
        known = self.publication(month, revision)
        if known is None:
            try:
                with self.writing() as connection:
                    write_publication(connection, row, list(packs))
            except IntegrityError:
                # Somebody recorded the same revision a moment ago; theirs is compared with ours below.
                if self.publication(month, revision) is None:
                    raise
            known = self.publication(month, revision)
        assert known is not None
        if known.manifest_digest != manifest_digest:
            raise UsageError(
                f"{month} r{revision} is published with other bytes; a published revision never changes. Nothing was published."
            )
        return known

    def packs(self, month: Month | None = None, revision: int | None = None) -> list[Pack]:
        """Published packs, by month, revision, pack and locale."""
        with self.reading() as connection:
            return read_packs(connection, month, revision)

    # looking

    def deliveries(self, month: Month | None = None, revision: int | None = None) -> list[dict[str, Any]]:
        """The ledger as plain rows: who got what, when, which bytes, and how sure that is."""
        table = ledger_schema.deliveries
        query = select(table).order_by(table.c.month, table.c.revision, table.c.pack, table.c.locale, table.c.recipient)
        if month is not None:
            query = query.where(table.c.month == str(month))
        if revision is not None:
            query = query.where(table.c.revision == revision)
        with self.reading() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def status(self, runs: int = 20) -> Mapping[str, Any]:
        """What `keping status --json` prints: runs, gates, packs, deliveries; plain values, instants as ISO text."""
        with self.reading() as connection:
            found = status_of(connection, runs)
        return {"warehouse": self.place, "company": self.company, "environment": self.environment, **found}


def _installation(engine: Engine, company: str, environment: str) -> tuple[str, str]:
    """Company and environment of this warehouse; a new one is marked with those of the configuration."""
    table = schema.installation
    query = select(table.c.company, table.c.environment)
    with transaction(engine, writing=False) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        values = {"installation_id": 1, "company": company, "environment": environment, "created_at": clock.now()}
        try:
            with transaction(engine, writing=True) as connection:
                if connection.execute(select(func.count()).select_from(table)).scalar_one() == 0:
                    connection.execute(insert(table).values(values))
        except IntegrityError:
            pass  # another process made the mark in the same moment
        with transaction(engine, writing=False) as connection:
            row = connection.execute(query).one()
    return str(row.company), str(row.environment)
