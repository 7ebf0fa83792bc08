"""Many senders at once, a relay that fails at random: no tier's pack in another tier's mail, and nobody gets one twice."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flows.delivery.delivering import PackWords
from flows.delivery.ledger import DeliveryState, Ledger
from flows.delivery.transports import Envelope, Reply
from tests.flows.archive.builders import configuration, opened, published
from tests.flows.delivery.builders import mailed, parsed, recipients
from tests.flows.warehouse.builders import MAY
from tests.flows.warehouse.databases import fresh_database
from transforms.errors import MachineError

TIERS = ("a", "b", "c", "unrated", "company")
SENDERS = 20
READERS = 4


class ShakyRelay:
    """Refuses, defers or drops at random before the dot, waits a little, and keeps what it took."""

    drops_repeats = False

    def __init__(self, seed: int) -> None:
        self.chance, self.lock = random.Random(seed), threading.Lock()
        self.accepted: list[tuple[str, bytes]] = []

    def send(self, message: bytes, envelope: Envelope, before_dot: Callable[[], None]) -> Reply:
        with self.lock:
            fate, pause = self.chance.random(), self.chance.random() / 100
        time.sleep(pause)
        if fate < 0.3:
            return Reply("deferred", "421 try later")
        before_dot()
        if fate < 0.5:
            return Reply("deferred", "451 greylisted (after the final dot)")
        with self.lock:
            self.accepted.append((envelope.address, message))
        return Reply("accepted", "250 ok", "Q")


@pytest.mark.server
def test_twenty_senders_at_once_put_no_pack_into_a_wrong_mail_and_none_twice(tmp_path: Path):
    """On PostgreSQL, where twenty may write at once; the month's lock, which lets one command in at a time, is left out."""
    with fresh_database("postgresql", tmp_path) as url:
        _twenty_senders(tmp_path, url, seed=1)


def _twenty_senders(tmp_path: Path, url: str, seed: int) -> None:
    settings = configuration(tmp_path / "home", url)
    names = {tier: tier if tier == "company" else f"tier-{tier}" for tier in TIERS}
    files = {f"{names[tier]}.en.pdf": b"%PDF CANARY-" + tier.encode() + b"\n" for tier in TIERS}
    published(settings, files=files)
    frame = recipients(*({"email": f"{tier}.{number}@x.test", "tiers": tier} for tier in TIERS for number in range(READERS)))
    words = {(names[tier], "en"): PackWords(f"words of {tier}") for tier in TIERS}
    relay = ShakyRelay(seed)

    def sender(_: int) -> None:
        for _ in range(4):
            mailed(settings, frame, words=words, transport=relay)

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(sender, range(SENDERS)))
    assert Counter(address for address, _ in relay.accepted) == {f"{tier}.{n}@x.test": 1 for tier in TIERS for n in range(READERS)}
    for address, message in relay.accepted:
        tier, mail = address.partition(".")[0], parsed(message)
        (attachment,) = mail.iter_attachments()
        assert attachment.get_content() == files[f"{names[tier]}.en.pdf"]
        assert [one.addr_spec for one in mail["To"].addresses] == [address] and mail["Cc"] is None and mail["Bcc"] is None
        assert f"words of {tier}" in str(mail["Subject"])
    print(f"seed {seed}: {len(relay.accepted)} accepted by {SENDERS} senders, 0 in a wrong mail")
    with opened(settings) as warehouse:
        assert {row.state for row in Ledger(warehouse).rows(MAY, 0)} == {DeliveryState.ACCEPTED}


def test_what_is_about_to_leave_is_held_against_the_ledger_right_before_the_dot(tmp_path: Path):
    settings = configuration(tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'keping.db'}")
    published(settings)

    class Mistaken(ShakyRelay):
        """Was handed one person's message and another's address."""

        def send(self, message: bytes, envelope: Envelope, before_dot: Callable[[], None]) -> Reply:
            with opened(settings) as warehouse, warehouse.writing() as connection:
                connection.exec_driver_sql("update deliveries set address = 'evil@y.test', recipient = 'evil@y.test'")
            before_dot()
            raise AssertionError("the dot must not be reached")

    with pytest.raises(MachineError, match=r"is no longer what the ledger says"):
        mailed(settings, recipients({}), words={}, transport=Mistaken(1))
