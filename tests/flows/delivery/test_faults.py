"""The fault matrix: at every point of the conversation, every way to fail, once and for good."""

from __future__ import annotations

import os
import random
import secrets
from pathlib import Path

import pytest

from flows.delivery.ledger import DeliveryState
from tests.flows.delivery.builders import recipients
from tests.flows.delivery.mailing_builders import ATTEMPTS, HASTY, PATIENT, by_smtp, company, mailed_in_one_command, rows, template
from tests.flows.delivery.relay import Certificate, Fault, TestRelay

ONE = recipients({})
ALWAYS = 10**6
SOAK = bool(os.environ.get("KEPING_SOAK"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return template(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.made(tmp_path_factory.mktemp("certificate"))


ACCEPTED, DEFERRED, REJECTED, UNKNOWN = DeliveryState.ACCEPTED, DeliveryState.DEFERRED, DeliveryState.REJECTED, DeliveryState.UNKNOWN

# point, reply, how often; then: the state after one command, its attempts, the state after a second command without fault
MATRIX = [
    ("connect", "421 too busy", 1, ACCEPTED, 2, ACCEPTED),
    ("connect", "421 too busy", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("connect", "450 later", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("connect", "554 no service for you", ALWAYS, DEFERRED, 1, ACCEPTED),
    ("connect", "drop", 1, ACCEPTED, 2, ACCEPTED),
    ("connect", "drop", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("connect", "silence", 1, ACCEPTED, 2, ACCEPTED),
    ("connect", "silence", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("ehlo", "421 closing", 2, ACCEPTED, 3, ACCEPTED),
    ("ehlo", "450 later", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("ehlo", "554 go away", ALWAYS, DEFERRED, 1, ACCEPTED),
    ("ehlo", "drop", 1, ACCEPTED, 2, ACCEPTED),
    ("ehlo", "silence", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("starttls", "454 not now", 1, ACCEPTED, 2, ACCEPTED),
    ("starttls", "454 not now", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("starttls", "554 never", ALWAYS, DEFERRED, 1, ACCEPTED),
    ("starttls", "drop", 1, ACCEPTED, 2, ACCEPTED),
    ("starttls", "silence", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("auth", "421 closing", 1, ACCEPTED, 2, ACCEPTED),
    ("auth", "454 temporary failure", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("auth", "535 5.7.8 wrong", ALWAYS, DEFERRED, 1, ACCEPTED),
    ("auth", "drop", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("auth", "silence", 1, ACCEPTED, 2, ACCEPTED),
    ("mail", "421 closing", 1, ACCEPTED, 2, ACCEPTED),
    ("mail", "451 greylisted", 2, ACCEPTED, 3, ACCEPTED),
    ("mail", "452 no room", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("mail", "550 not that sender", ALWAYS, REJECTED, 1, REJECTED),
    ("mail", "552 too big", ALWAYS, REJECTED, 1, REJECTED),
    ("mail", "drop", 1, ACCEPTED, 2, ACCEPTED),
    ("mail", "silence", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("rcpt", "421 closing", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("rcpt", "450 mailbox busy", 1, ACCEPTED, 2, ACCEPTED),
    ("rcpt", "451 greylisted", 2, ACCEPTED, 3, ACCEPTED),
    ("rcpt", "452 full", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("rcpt", "550 no such user", ALWAYS, REJECTED, 1, REJECTED),
    ("rcpt", "554 no", ALWAYS, REJECTED, 1, REJECTED),
    ("rcpt", "drop", 1, ACCEPTED, 2, ACCEPTED),
    ("rcpt", "silence", 1, ACCEPTED, 2, ACCEPTED),
    ("data", "421 closing", 1, ACCEPTED, 2, ACCEPTED),
    ("data", "451 later", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("data", "554 no", ALWAYS, REJECTED, 1, REJECTED),
    ("data", "drop", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("data", "silence", 1, ACCEPTED, 2, ACCEPTED),
    ("dot", "421 closing", 1, ACCEPTED, 2, ACCEPTED),
    ("dot", "451 greylisted", 2, ACCEPTED, 3, ACCEPTED),
    ("dot", "452 no room", ALWAYS, DEFERRED, 3, ACCEPTED),
    ("dot", "550 no", ALWAYS, REJECTED, 1, REJECTED),
    ("dot", "552 too big", ALWAYS, REJECTED, 1, REJECTED),
    ("dot", "554 spam", ALWAYS, REJECTED, 1, REJECTED),
    ("dot", "gibberish", ALWAYS, UNKNOWN, 1, UNKNOWN),
    ("dot", "drop", ALWAYS, UNKNOWN, 1, UNKNOWN),
    ("dot", "silence", ALWAYS, UNKNOWN, 1, UNKNOWN),
    ("dot", "trickle", ALWAYS, UNKNOWN, 1, UNKNOWN),
]


@pytest.mark.parametrize(("point", "reply", "times", "state", "attempts", "later"), MATRIX)
def test_every_way_to_fail_has_its_state_and_no_mail_is_accepted_twice(
    made: Path,
    certificate: Certificate,
    tmp_path: Path,
    point: str,
    reply: str,
    times: int,
    state: DeliveryState,
    attempts: int,
    later: DeliveryState,
):
    with TestRelay(tls=certificate.for_server(), login=True) as relay:
        settings = by_smtp(company(made, tmp_path), relay, certificate, **(HASTY if reply in ("silence", "trickle") else PATIENT))
        relay.faults = [Fault(point, reply, times)]
        slept: list[float] = []
        report = mailed_in_one_command(settings, ONE, slept)
        (row,) = rows(settings)
        assert (row.state, row.attempt) == (state, attempts), row
        assert slept == [10.0, 20.0][: attempts - 1]
        assert report.complete is (state is ACCEPTED)
        assert len(relay.sink.accepted) == (1 if state in (ACCEPTED, UNKNOWN) and reply != "gibberish" and reply != "trickle" else 0)
        if state is not ACCEPTED:
            (line,) = report.open
            assert line.startswith(f"tier-a (en) -> wang@x.test: {state}, ") and "\n" not in line

        relay.faults = []
        mailed_in_one_command(settings, ONE)
        (row,) = rows(settings)
        assert row.state is later
        assert relay.sink.recipients.count("wang@x.test") <= 1
        assert (row.state is ACCEPTED) <= (relay.sink.recipients == ["wang@x.test"])
        assert len({message for _, message in relay.sink.offered}) <= 1
        assert len(relay.sink.logins) <= 2 * ATTEMPTS and relay.sink.clear_logins == 0
        assert row.state is not ACCEPTED or row.relay_id == "Q1"


def test_a_relay_that_is_away_defers_one_message_and_spares_the_others_the_wait(made: Path, tmp_path: Path):
    everyone = recipients(*({"email": f"p{number}@x.test"} for number in range(5)))
    with TestRelay() as relay:
        settings = by_smtp(company(made, tmp_path), relay)
    slept: list[float] = []
    report = mailed_in_one_command(settings, everyone, slept)
    assert report.counts["deferred"] == 3 and report.counts["waiting"] == 2 and slept == [10.0, 20.0]
    assert "attempt 1; relay localhost:" in report.open[0] and report.open[0].endswith("connection refused")
    with TestRelay(port=relay.port) as back:
        assert mailed_in_one_command(settings, everyone).complete
        assert sorted(back.sink.recipients) == [f"p{number}@x.test" for number in range(5)]


def test_one_recipient_who_is_refused_does_not_keep_the_others_from_their_mail(made: Path, tmp_path: Path):
    everyone = recipients(*({"email": f"p{number}@x.test"} for number in range(3)))
    with TestRelay() as relay:
        settings = by_smtp(company(made, tmp_path), relay)
        relay.faults = [Fault("rcpt", "550 no such user", 1)]
        report = mailed_in_one_command(settings, everyone)
        assert (report.counts["rejected"], report.counts["accepted"]) == (1, 2)
        assert relay.sink.recipients == ["p1@x.test", "p2@x.test"]


def test_a_wrong_password_is_told_once_and_stops_all_sending(made: Path, certificate: Certificate, tmp_path: Path):
    everyone = recipients(*({"email": f"p{number}@x.test"} for number in range(4)))
    with TestRelay(tls=certificate.for_server(), login=True) as relay:
        settings = by_smtp(company(made, tmp_path), relay, certificate, password="not-this-one")
        report = mailed_in_one_command(settings, everyone)
        assert (relay.sink.connections, relay.sink.logins) == (1, ["keping"])
        assert report.stopped and (report.counts["deferred"], report.counts["waiting"]) == (1, 3)
        assert report.open[0] == "tier-a (en) -> p0@x.test: deferred, attempt 1; 535 5.7.8 authentication failed (at AUTH)"
        assert not any("not-this-one" in line for line in report.open)


def positions(total: int, count: int, seed: int) -> list[int]:
    """Where to cut: before the message, around its end, or anywhere, a third each."""
    chance = random.Random(seed)
    return [chance.choice([chance.randrange(420), total - chance.randrange(90), chance.randrange(total)]) for _ in range(count)]


def test_a_connection_cut_at_any_byte_loses_nothing_and_doubles_nothing(tmp_path: Path):
    seed = int(os.environ.get("KEPING_SEED") or secrets.randbelow(10**6))
    count = 1000 if SOAK else 30
    with TestRelay() as relay:
        settings = by_smtp(company(template(tmp_path / "made", pack_bytes=300_000), tmp_path), relay)
        mailed_in_one_command(settings, recipients({"email": "whole@x.test"}))
        total = relay.passed_when_done()
        print(f"seed {seed}; {count} cuts in a conversation of {total:,} bytes")
        for number, place in enumerate(positions(total, count, seed)):
            # The list grows by one person per cut: everybody else has been mailed or decided already.
            relay.cut_after = place
            mailed_in_one_command(settings, recipients({"email": f"p{number}@x.test"}))
        ledger = {row.recipient: row.state for row in rows(settings)}
        sink = relay.sink.recipients
        uncertain = {person for person, state in ledger.items() if state is UNKNOWN}
        assert len(sink) == len(set(sink)), (seed, sink)
        assert {person for person, state in ledger.items() if state is ACCEPTED} <= set(sink), seed
        assert set(sink) <= {person for person, state in ledger.items() if state is ACCEPTED} | uncertain, seed
        assert len(ledger) == count + 1 and set(ledger.values()) <= {ACCEPTED, UNKNOWN}, (seed, ledger)
        offered: dict[str, set[bytes]] = {}
        for person, message in relay.sink.offered:
            offered.setdefault(person, set()).add(message)
        assert all(len(messages) == 1 for messages in offered.values()), seed
        print(f"{count} cuts: {len(sink)} accepted by the relay, {len(uncertain)} uncertain, 0 twice")
