"""Whatever goes wrong with a month, the command says it in a few plain lines, and its exit code is what archive and relay show."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import flows.review.printing
import reports.render
from flows.archive.locks import month_lock
from flows.archive.revisions import Archive
from flows.cli import app, run_guarded
from flows.delivery.ledger import DeliveryState, Ledger
from flows.warehouse.store import Warehouse
from reports.pack import ReviewPack
from tests.flows.company import Small
from tests.flows.delivery.relay import Fault, TestRelay
from tests.flows.tiny import SMTP, tiny_company
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

MARCH, JUNE = Month(2026, 3), Month(2026, 6)
CLOCK = "2026-07-02T03:00:00+00:00"
NOT_DONE = re.compile(r"[Nn]othing|[Nn]ot |stands|stay")
OWNER = "reviews@example.com"
"""The sender of all mail, who hears of trouble where no owner is named."""
SECRET = "hush-hush-7"

Break = Callable[[Small, TestRelay, pytest.MonkeyPatch], Any]


@dataclass(frozen=True)
class Script:
    """One thing that goes wrong: what breaks, how the command ends, and the words that name it."""

    name: str
    code: int
    says: tuple[str, ...]
    breaks: Break = lambda company, relay, patch: None
    words: tuple[str, ...] = ("run", "--month", str(JUNE), "--tier", "company", "--send")
    out: bool = field(default=False)
    """Whether the month is published all the same: only its mail is in trouble."""


def rewritten(table: str, change: Callable[[list[list[str]]], list[list[str]]]) -> Break:
    return lambda company, relay, patch: company.write(table, change(company.rows(table)))


def replaced(old: str, new: str) -> Break:
    def breaks(company: Small, relay: TestRelay, patch: pytest.MonkeyPatch) -> None:
        text = company.config.read_text(encoding="utf-8")
        assert old in text
        company.config.write_text(text.replace(old, new), encoding="utf-8")

    return breaks


def file(name: str, data: bytes | None) -> Break:
    def breaks(company: Small, relay: TestRelay, patch: pytest.MonkeyPatch) -> None:
        path = company.folder / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        if data is not None:
            path.write_bytes(data)

    return breaks


def fault(point: str, reply: str) -> Break:
    return lambda company, relay, patch: relay.faults.append(Fault(point, reply))


@contextmanager
def held_by_another(company: Small) -> Iterator[None]:
    with month_lock(company.settings(), JUNE):
        yield


def poisoned(poison: Callable[[], Any], **limits: float) -> Break:
    """Every pack's renderer takes poison first, under these limits."""

    def render(pack: ReviewPack) -> bytes:
        poison()
        return b"%PDF"

    def breaks(company: Small, relay: TestRelay, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(reports.render, "render_pack", render)
        patch.setattr(flows.review.printing, "render_each", partial(reports.render.render_each, **limits))  # type: ignore[arg-type]

    return breaks


def devour() -> bytearray:
    return bytearray(3 << 30)


def without(column: str) -> Callable[[list[list[str]]], list[list[str]]]:
    def change(rows: list[list[str]]) -> list[list[str]]:
        place = rows[0].index(column)
        return [row[:place] + row[place + 1 :] for row in rows]

    return change


def month_given(month: str) -> tuple[str, ...]:
    return ("run", "--month", month, "--send")


GIVEN_AWAY = f"postgresql://keping:{SECRET}@127.0.0.1:1/keping"
SCRIPTS = [
    Script("a column is gone", 3, ("orders", "amount"), rewritten("orders", without("amount"))),
    Script("a file is gone", 3, ("orders", "orders.csv"), file("data/orders.csv", None)),
    Script("a file is empty", 3, ("orders.csv", "0 bytes"), file("data/orders.csv", b"")),
    Script("a file has no header", 3, ("orders.csv", "no column order_id"), rewritten("orders", lambda rows: rows[1:])),
    Script("a file has a header alone", 3, ("orders", "0"), rewritten("orders", lambda rows: rows[:1])),
    Script("a file is of another encoding", 3, ("orders.csv", "UTF-16"), file("data/orders.csv", "order_id,x\n1,2\n".encode("utf-16"))),
    Script("the month's rows are missing", 3, (str(JUNE),), rewritten("orders", lambda rows: [r for r in rows if str(JUNE) not in r[2]])),
    Script("the folder is gone", 4, ("data",), file("data", None)),
    Script("the warehouse's server is away", 4, ("127.0.0.1",), replaced("sqlite:///keping.db", GIVEN_AWAY)),
    Script("a key is misspelt", 2, ("curency", "did you mean"), replaced("currency =", "curency =")),
    Script("the month has not ended", 2, ("2026-07",), words=month_given("2026-07")),
    Script("there is no such month", 2, ("2026-13",), words=month_given("2026-13")),
    Script("there is no such tier", 2, ("gold",), words=("run", "--month", str(JUNE), "--tier", "gold")),
    Script("the archive is a file", 7, ("archive",), file("archive", b"")),
    Script("a reader's tier is unknown", 3, ("gold",), rewritten("recipients", lambda rows: [*rows, ["q@example.com", "Q", "en", "gold"]])),
    Script("nobody is on the list", 3, ("recipients",), rewritten("recipients", lambda rows: rows[:1])),
    Script("the month is run by another", 6, (str(JUNE), "is being run by"), lambda company, relay, patch: held_by_another(company)),
    Script(
        "the renderer runs out of memory",
        7,
        ("company (en", "ran out of memory"),
        poisoned(devour, memory_bytes=1 << 28),
    ),
    Script("the renderer hangs", 7, ("company (en", "the deadline"), poisoned(lambda: time.sleep(60), deadline_seconds=1.0)),
    Script("the renderer dies", 7, ("company (en", "died"), poisoned(lambda: os._exit(3))),
    Script("the relay has no time", 5, ("p00@example.com", "451"), fault("rcpt", "451 4.3.2 later"), out=True),
    Script("the relay knows no such reader", 5, ("p00@example.com", "550"), fault("rcpt", "550 5.1.1 who"), out=True),
    Script("the relay hangs up after the dot", 5, ("p00@example.com", "dot"), fault("dot", "drop"), out=True),
    Script("the relay cannot be reached", 5, ("p00@example.com", "connection"), fault("connect", "drop"), out=True),
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return tiny_company(tmp_path_factory.mktemp("sound") / "tiny", MARCH, JUNE, readers=2, delivery=SMTP.format(port=1))


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.name for script in SCRIPTS])
def test_trouble_is_told_as_it_is(
    script: Script, sound: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEPING_CLOCK", CLOCK)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    company = Small(Path(shutil.copytree(sound.folder, tmp_path / "tiny")))
    with TestRelay() as relay:
        replaced("port = 1\n", f"port = {relay.port}\n")(company, relay, monkeypatch)
        held = script.breaks(company, relay, monkeypatch)
        with held or nullcontext():
            code = run_guarded(lambda: app([*script.words, "--config", str(company.config)], standalone_mode=False))
        said = capfd.readouterr()
        told = said.err[said.err.find("keping: ") :] if "keping: " in said.err else said.out
        print(f"{script.name}: exit code {code}\n{told}")
        assert code == script.code, said
        assert 0 < len(told.strip().splitlines()) <= 10, told
        assert "Traceback" not in said.err + said.out and SECRET not in said.err + said.out
        assert all(word in told for word in script.says), told
        assert NOT_DONE.search(told), told
        as_archive_and_relay_show(company, relay, script)


def as_archive_and_relay_show(company: Small, relay: TestRelay, script: Script) -> None:
    """Published exactly where only the mail is in trouble; what the relay took is what the ledger says, and no one got two."""
    archive = company.folder / "archive"
    revisions = Archive(archive).revisions(JUNE) if archive.is_dir() else []
    assert revisions == ([0] if script.out else [])
    taken = Counter(address for address in relay.sink.recipients if address != OWNER)
    assert set(taken.values()) <= {1}
    if not script.out:
        assert not taken
        return
    settings = company.settings()
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        states = {row.address: row.state for row in Ledger(warehouse).rows(JUNE, 0)}
    assert len(states) == 2
    assert DeliveryState.ACCEPTED not in states.values()
    assert set(taken) <= {address for address, state in states.items() if state is DeliveryState.UNKNOWN}
