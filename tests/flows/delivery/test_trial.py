"""`keping deliver --test-send`: whole packs to one named address, marked as a test; readers and their deliveries are as before."""

from __future__ import annotations

import shutil
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest

from flows.delivery.ledger import Ledger
from flows.delivery.month import mail_month
from flows.delivery.trial import TrialOutcome, mail_trial, trials_of
from flows.lookup.reporting import list_deliveries
from flows.settings import Settings
from flows.warehouse.store import Warehouse
from reports.mail.message import attached_pdfs
from tests.flows.company import REVIEWED, Small
from tests.flows.delivery.mailing_builders import by_smtp
from tests.flows.delivery.relay import Fault, TestRelay
from tests.flows.tiny import keping
from transforms.errors import CopiedError, Exit, RefutedError, UsageError
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

JUNE = Month.parse(REVIEWED)
CLOCK = "2026-07-02T03:00:00+00:00"
TESTER = "tester@example.com"
PACKS = ["company", "tier-a", "tier-b", "tier-c", "tier-unrated"]


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", CLOCK)


@pytest.fixture
def company(copied: Small) -> Small:
    with copied.config.open("a", encoding="utf-8") as file:
        file.write(f'\n[delivery]\ntest_addresses = ["{TESTER}"]\nowner = "owner@example.com"\n')
    return copied


def ledger(settings: Settings) -> list[str]:
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        return [f"{row.pack} {row.address} {row.state}" for row in Ledger(warehouse).rows(JUNE, 0)]


def recorded(settings: Settings) -> list[tuple[str, str, str]]:
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        return [(row["pack"], row["address"], row["outcome"]) for row in trials_of(warehouse)]


def test_each_pack_goes_once_to_the_test_address_and_then_each_reader_still_gets_each_mail_exactly_once(company: Small) -> None:
    with TestRelay() as relay:
        settings = by_smtp(company.settings(), relay)
        tested = mail_trial(settings, JUNE, "Tester@Example.com")
        assert tested.exit_code == Exit.DONE
        assert tested.lines() == [
            "2026-06 r0: 5 test mail(s) to Tester@example.com",
            "No reader got anything, and nothing counts as delivered. To the readers: keping deliver --month 2026-06",
        ]
        assert [pack for pack, *_ in tested.mails] == PACKS
        assert ledger(settings) == []
        assert relay.sink.recipients == ["Tester@example.com"] * 5
        real = mail_month(settings, JUNE)
        assert real.lines() == ["2026-06 r0: 7 accepted"]
        assert sorted(relay.sink.recipients[5:]) == ["an@example.com", "bo@example.com"]
        mail_trial(settings, JUNE, TESTER, tiers=["a"])
        assert mail_month(settings, JUNE).lines() == ["2026-06 r0: 7 already"]
        assert relay.sink.recipients[7:] == [TESTER]
        ids = [message_from_bytes(message, policy=SMTP)["Message-ID"] for _, message in relay.sink.accepted]
        assert len(set(ids)) == 8


def test_a_test_mail_carries_the_published_bytes_and_says_in_subject_and_first_line_what_it_is(company: Small) -> None:
    with TestRelay() as relay:
        settings = by_smtp(company.settings(), relay)
        mail_trial(settings, JUNE, TESTER, tiers=["a"])
        ((_, message),) = relay.sink.accepted
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        digest = next(pack.digest for pack in warehouse.packs(JUNE, 0) if pack.pack == "tier-a")
    assert attached_pdfs(message) == [digest]
    parsed = message_from_bytes(message, policy=SMTP)
    assert str(parsed["Subject"]).startswith("Test, not sent to readers: A customers, June 2026: ")
    body = parsed.get_body()
    assert body is not None and "It has gone to you alone; no reader has got this pack by it." in body.get_content()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("an@example.com", r"an@example.com is not a test address \(those named now: tester@example.com, owner@example.com\)"),
        ("tester@example.com, an@example.com", "Nothing was mailed"),
        ("tester@example.com.evil.test", "is not a test address"),
        ("", "Nothing was mailed"),
    ],
)
def test_an_address_that_nobody_named_gets_nothing_not_even_a_readers_own(company: Small, address: str, why: str) -> None:
    with TestRelay() as relay:
        settings = by_smtp(company.settings(), relay)
        with pytest.raises(UsageError, match=why):
            mail_trial(settings, JUNE, address)
        assert relay.sink.connections == 0
        assert recorded(settings) == []


def test_the_owner_may_have_one_and_it_is_recorded_and_listed_as_no_delivery(company: Small) -> None:
    with TestRelay() as relay:
        settings = by_smtp(company.settings(), relay)
        relay.faults = [Fault("rcpt", "550 no such user", 1)]
        tested = mail_trial(settings, JUNE, "owner@example.com", tiers=["a", "b"])
    assert tested.exit_code == Exit.UNDELIVERED
    assert tested.lines()[1].startswith("  not accepted: tier-a (en): rejected, ")
    assert recorded(settings) == [
        ("tier-a", "owner@example.com", "rejected"),
        ("tier-b", "owner@example.com", "dot_sent"),
        ("tier-b", "owner@example.com", "accepted"),
    ]
    rows, lines = list_deliveries(settings, None)
    assert rows == []
    assert lines[1].startswith("test mails of 2026-06 to owner@example.com: 2, 1 accepted, the last at 2026-07-02 03:00Z by ")


def test_a_pack_that_waits_for_approval_may_be_looked_at_and_still_waits(company: Small) -> None:
    with TestRelay() as relay:
        settings = by_smtp(company.settings(), relay)
        strict = settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"approval": True})})
        assert mail_trial(strict, JUNE, TESTER, tiers=["a"]).exit_code == Exit.DONE
        assert mail_month(strict, JUNE).report.counts["held"] == 7
        assert relay.sink.recipients == [TESTER]


def test_a_copied_warehouse_and_changed_bytes_send_no_test_either(company: Small, tmp_path: Path) -> None:
    with TestRelay() as relay:
        settings = by_smtp(company.settings(), relay)
        copy = Small(Path(shutil.copytree(company.folder, tmp_path / "copy")))
        with pytest.raises(CopiedError):
            mail_trial(by_smtp(copy.settings(), relay), JUNE, TESTER)
        pack = company.folder / "archive" / REVIEWED / "r0" / "tier-a.en.pdf"
        pack.chmod(0o600)
        pack.write_bytes(pack.read_bytes() + b" ")
        with pytest.raises(RefutedError):
            mail_trial(settings, JUNE, TESTER)
        assert relay.sink.connections == 0


def test_a_relay_that_turns_everything_away_is_asked_once(company: Small) -> None:
    with TestRelay() as relay:
        relay.faults = [Fault("connect", "421 busy")]
        tested = mail_trial(by_smtp(company.settings(), relay), JUNE, TESTER)
        assert relay.sink.connections == 1
    assert (len(tested.mails), tested.stopped, tested.exit_code) == (1, True, Exit.UNDELIVERED)


def test_in_the_outbox_test_mails_lie_in_a_folder_of_their_own(company: Small, tmp_path: Path) -> None:
    code, out, error = keping(company, "deliver", "--month", REVIEWED, "--test-send", TESTER, clock=CLOCK, said=tmp_path / "said")
    assert (code, error) == (0, "")
    assert out.startswith("2026-06 r0: 5 test mail(s) to tester@example.com")
    outbox = company.settings().outbox_path
    assert len(list((outbox / "test" / REVIEWED).glob("test-*.eml"))) == 5
    assert not (outbox / REVIEWED).exists()
    code, _, error = keping(company, "deliver", "--month", REVIEWED, "--test-send", "x@y.test", clock=CLOCK, said=tmp_path / "no")
    assert code == 2 and "is not a test address" in error and "add it to keping.toml" in error
    code, out, _ = keping(company, "deliver", "--month", REVIEWED, clock=CLOCK, said=tmp_path / "real")
    assert (code, out.strip()) == (0, "2026-06 r0: 7 accepted")


def test_at_most_ten_lines_are_said_however_many_failed() -> None:
    mails = tuple((f"tier-{number}", "en", "rejected", "550 no") for number in range(20))
    assert len(TrialOutcome(JUNE, 0, TESTER, mails).lines()) <= 10
