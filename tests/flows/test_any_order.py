"""A state machine: rows come late, change and go, customers merge, months are run, restated, mailed and killed, in any order.

After every step the invariants of docs/reliability.md are looked at from outside: relay, archive, ledger.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from flows.archive.office import Office
from flows.archive.revisions import Archive
from flows.backfills.backfill import backfill
from flows.delivery.ledger import DeliveryState
from flows.delivery.month import mail_month, resolve
from flows.lookup.rerendering import differing
from flows.review.outcome import Ending, RunOutcome
from flows.review.request import BackfillRequest, RunRequest
from flows.review.run import run_month
from flows.warehouse.store import Warehouse
from tests.flows.company import Small
from tests.flows.delivery.relay import Fault, TestRelay
from tests.flows.review.test_run_killed import Steps
from tests.flows.tiny import SMTP, copied, ended, in_environment, published_in_time, tiny_company
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")
SOAK = bool(os.environ.get("KEPING_SOAK"))
EXAMPLES, STEPS = (200, 30) if SOAK else (10, 15)
LONG_ONES = (4, 8, 12) if SOAK else (1, 1, 1, 2)
"""Runs, backfills and kills in a sequence: they print, and printing costs; all else is free."""

APRIL, MAY, JUNE = Month(2026, 4), Month(2026, 5), Month(2026, 6)
START = datetime(2026, 7, 2, 3, tzinfo=UTC)
CUSTOMERS = [f"C{number:02d}" for number in range(14)]
CUSTOMER_TABLE = """
[[tables.customers]]
source = "files"
files = "customers.csv"
"""
POINTS = ("after: pull sources", "rendered company.en.pdf", "kept", "sealed", "renamed", "recorded", "before_dot", "dot_committed", "sent")


def killed_run(folder: str, month: str, clock: str, point: str) -> None:
    """In a process of its own: `keping run --send`, killed at a point that it may or may not reach."""
    in_environment({"KEPING_CLOCK": clock})
    steps = Steps(point)
    run_month(Small(Path(folder)).settings(), RunRequest(Month.parse(month), tiers=("company",), send=True), do=steps.do, at=steps)


class AnyOrder(RuleBasedStateMachine):
    """One company; the model is what the outside has seen so far."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="keping-any-order-"))
        self.relay = TestRelay()
        self.relay.__enter__()
        self.company = copied(Small(self.template), self.folder / "tiny")
        text = self.company.config.read_text(encoding="utf-8")
        self.company.config.write_text(text + SMTP.format(port=self.relay.port), encoding="utf-8")
        self.now, self.counter, self.left = START, 0, 0
        self.seen: dict[str, str] = {}
        self.is_moved = True
        """Whether a command has run since the last look: what the source does alone moves neither archive nor ledger."""

    def teardown(self) -> None:
        if self.seen and self.counter % 4 == 0:  # I7: made again from the archive, every fourth time
            months = [one for one in self._archive.months() if self._archive.revisions(one)]
            with Office.open(self.company.settings()) as office:
                assert differing(office, months[-1], 0) == ()
        self.relay.__exit__(None, None, None)
        shutil.rmtree(self.folder, ignore_errors=True)

    # the source

    @initialize(days=st.integers(0, 3), long_ones=st.sampled_from(LONG_ONES))
    def begin(self, days: int, long_ones: int) -> None:
        self.left = long_ones
        self._wait(days)

    @rule(month=st.integers(0, 3), customer=st.sampled_from(CUSTOMERS), cents=st.integers(1, 200_000), day=st.integers(1, 28))
    def insert(self, month: int, customer: str, cents: int, day: int) -> None:
        """An order of any month, the published ones too: there it is late."""
        self.counter += 1
        row = [f"X{self.counter:03d}", customer, f"{APRIL + month}-{day:02d} 09:00:00", f"{cents / 100:.2f}"]
        self.company.append("orders", row)

    @rule(place=st.integers(0, 200), cents=st.integers(1, 200_000))
    def update(self, place: int, cents: int) -> None:
        rows = self.company.rows("orders")
        rows[1 + place % (len(rows) - 1)][3] = f"{cents / 100:.2f}"
        self.company.write("orders", rows)

    @rule(place=st.integers(0, 200))
    def delete(self, place: int) -> None:
        rows = self.company.rows("orders")
        del rows[1 + place % (len(rows) - 1)]
        self.company.write("orders", rows)

    @rule(pair=st.lists(st.sampled_from(CUSTOMERS), min_size=2, max_size=2, unique=True))
    def merge(self, pair: list[str]) -> None:
        """The larger id goes into the smaller one, so that no circle comes about."""
        rows = self.company.rows("customers")
        into, gone = sorted(pair)
        self.company.write("customers", [[*row[:2], into] if row[0] == gone else row for row in rows])

    @rule(customer=st.sampled_from(CUSTOMERS), month=st.integers(0, 2))
    def tier_move(self, customer: str, month: int) -> None:
        """So much at once that the customer's grade rises."""
        for number in range(4):
            self.insert(month, customer, 150_000 + number, 3 + 5 * number)

    @rule(days=st.integers(0, 20))
    def clock(self, days: int) -> None:
        self._wait(days)

    @rule(point=st.sampled_from(["connect", "rcpt", "data", "dot"]), reply=st.sampled_from(["451 later", "550 no", "drop"]))
    def trouble(self, point: str, reply: str) -> None:
        """The relay fails once."""
        self.relay.faults = [Fault(point, reply, 1)]

    # the commands

    @precondition(lambda self: self.left > 0)
    @rule(send=st.booleans())
    def run(self, send: bool) -> None:
        self.is_moved = True
        self.left -= 1
        self._judge(run_month(self.company.settings(), RunRequest(self._newest, tiers=("company",), send=send)), send)

    @precondition(lambda self: self.left > 0)
    @rule(first=st.sampled_from([APRIL, MAY]), length=st.integers(0, 1), promote=st.booleans())
    def backfill(self, first: Month, length: int, promote: bool) -> None:
        self.is_moved = True
        self.left -= 1
        before = dict(self._revisions())
        outcome = backfill(self.company.settings(), BackfillRequest(first, first + length, "restated", promote=promote))
        grown = {month for month, count in self._revisions().items() if count != before.get(month, 0)}
        assert grown <= ({first, first + length} if promote and not outcome.held else set())
        assert outcome.exit_code == (3 if outcome.held else 0)

    @rule()
    def send(self) -> None:
        self.is_moved = True
        with self._warehouse() as warehouse:
            published = warehouse.publications()
        if published:
            month = max(one.month for one in published)
            report = mail_month(self.company.settings(), month)
            states = self._states(month, report.report.revision)
            assert (report.exit_code == 0) is (set(states) <= {DeliveryState.ACCEPTED})

    @precondition(lambda self: self.left > 0)
    @rule(point=st.sampled_from(POINTS))
    def kill(self, point: str) -> None:
        """Killed, and the same command again: it completes, with nothing cleaned up by hand."""
        self.is_moved = True
        self.left -= 1
        code = ended(killed_run, str(self.company.folder), str(self._newest), self.now.isoformat(), point)
        assert code in (0, -signal.SIGKILL)
        self.archive_is_whole_and_never_changes()
        self._judge(run_month(self.company.settings(), RunRequest(self._newest, tiers=("company",), send=True)), True)

    @rule()
    def decide(self) -> None:
        """A person looks uncertain deliveries up in the relay's log."""
        self.is_moved = True
        for row in self._deliveries():
            if row["state"] == DeliveryState.UNKNOWN:
                resolve(self.company.settings(), row["delivery_key"], "sent" if row["message_id"] in self._taken() else "resend")

    # what must hold

    @invariant()
    def all_invariants_hold(self) -> None:
        if self.is_moved:
            self.no_mail_was_taken_twice_and_the_ledger_says_what_the_relay_says()
            self.archive_is_whole_and_never_changes()
            self.books_balance_and_parts_add_up()
            self.nothing_is_left_lying_about()
        self.is_moved = False

    def no_mail_was_taken_twice_and_the_ledger_says_what_the_relay_says(self) -> None:
        """I1, I3, I5."""
        rows = {str(row["message_id"]): row for row in self._deliveries() if row["message_id"]}
        taken = self._taken()
        assert max(taken.values(), default=0) <= 1
        assert {name for name, row in rows.items() if row["state"] == DeliveryState.ACCEPTED} <= set(taken)
        assert set(taken) <= {
            name for name, row in rows.items() if row["state"] in (DeliveryState.ACCEPTED, DeliveryState.UNKNOWN, DeliveryState.DOT_SENT)
        }
        for address, message in self.relay.sink.accepted:
            row = rows[str(message_from_bytes(message)["Message-ID"])]
            assert (address, hashlib.sha256(message).hexdigest()) == (row["address"], row["message_digest"])

    def archive_is_whole_and_never_changes(self) -> None:
        """I4, I8: every published file is that of its manifest, and stays what it was when it was first seen."""
        for month in self._archive.months():
            for revision in self._archive.revisions(month):
                folder = self._archive.folder(month, revision)
                assert self._archive.verify(month, revision) == []
                now = {str(path.relative_to(self._archive.root)): _digest(path) for path in folder.rglob("*") if path.is_file()}
                known = {name for name in self.seen if name.startswith(f"{month}/r{revision}/")}
                assert not known or known == set(now)
                assert all(self.seen.setdefault(name, digest) == digest for name, digest in now.items())

    def books_balance_and_parts_add_up(self) -> None:
        """I6, I8: of the newest revision of each month."""
        for month in self._archive.months():
            revisions = self._archive.revisions(month)
            if not revisions:
                continue
            folder = self._archive.folder(month, revisions[-1])
            quality = pd.read_csv(folder / "quality.csv")
            assert (quality["read"] == quality["accepted"] + quality["quarantined"] + quality["duplicates"]).all()
            figures = pd.read_csv(folder / "figures.csv")
            for name in ("orders", "net_revenue", "customers_base"):
                rows = figures[figures["indicator"] == name]
                parts = rows.loc[rows["scope"].isin(["tier", "unattributed"]), "value"].sum()
                assert parts == pytest.approx(rows.loc[rows["scope"] == "company", "value"].item(), abs=1e-6)
            base = figures.loc[(figures["indicator"] == "customers_base") & (figures["scope"] == "company"), "value"].item()
            assert len(pd.read_csv(folder / "customers.csv")) == base

    def nothing_is_left_lying_about(self) -> None:
        """I14: no lock, and no temporary name outlives the command."""
        archive = self.company.folder / "archive"
        assert list((archive / ".locks").iterdir()) == []
        assert not list(self.company.folder.rglob("*.part"))

    # helpers

    @property
    def _archive(self) -> Archive:
        return Archive(self.company.settings().archive_path)

    @property
    def _newest(self) -> Month:
        return Month.last_complete(self.now, "Asia/Shanghai")

    def _wait(self, days: int) -> None:
        self.now = min(self.now + timedelta(days=days), START + timedelta(days=45))
        os.environ["KEPING_CLOCK"] = self.now.isoformat()

    def _warehouse(self) -> Warehouse:
        settings = self.company.settings()
        return Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment)

    def _deliveries(self) -> list[dict[str, Any]]:
        with self._warehouse() as warehouse:
            return warehouse.deliveries()

    def _states(self, month: Month, revision: int | None) -> list[str]:
        return [row["state"] for row in self._deliveries() if (row["month"], row["revision"]) == (str(month), revision)]

    def _taken(self) -> Counter[str]:
        return Counter(str(message_from_bytes(message)["Message-ID"]) for _, message in self.relay.sink.accepted)

    def _revisions(self) -> dict[Month, int]:
        return {month: len(self._archive.revisions(month)) for month in self._archive.months()}

    def _judge(self, outcome: RunOutcome, send: bool) -> None:
        """I2, I12: the exit code says what ledger and archive say; I14: staging is empty after a run that ended."""
        if outcome.ending is Ending.HELD:
            assert outcome.exit_code == 3
            return
        assert outcome.revision in self._archive.revisions(outcome.month)
        states = self._states(outcome.month, outcome.revision)
        assert outcome.exit_code == (5 if send and set(states) != {DeliveryState.ACCEPTED} else 0)
        assert not send or len(states) == 2
        assert not [path for path in (self._archive.root / ".staging").iterdir() if not path.name.startswith(".")]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """April and May published, two readers, some customers with records of their own."""
    company = tiny_company(tmp_path_factory.mktemp("template") / "tiny", APRIL - 1, JUNE, readers=2)
    company.config.write_text(company.config.read_text(encoding="utf-8") + CUSTOMER_TABLE, encoding="utf-8")
    company.write("customers", [["customer_id", "name", "merged_into"], *([name, f"Customer {name}", ""] for name in CUSTOMERS)])
    published_in_time(company, (APRIL, MAY))
    return company.folder


def test_in_any_order_of_changes_commands_and_kills_the_invariants_hold(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", START.isoformat())
    AnyOrder.template = template
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            database=None,
        ),
    )
    print(f"{EXAMPLES} sequences of up to {STEPS} steps: no invariant broken")
