"""`keping deliver` and `keping resolve` on a real month, against a relay that may fail, with senders that may be killed."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from flows.delivery.ledger import Delivery, DeliveryState, Ledger
from flows.delivery.month import mail_month, resolve
from flows.delivery.owner import tell_owner
from flows.delivery.suppression import suppress
from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.settings import Settings, load
from flows.warehouse.store import Warehouse
from tests.flows.company import REVIEWED, Small
from tests.flows.delivery.mailing_builders import by_smtp
from tests.flows.delivery.relay import Certificate, Fault, TestRelay
from transforms.errors import Exit, HeldError, UsageError
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

JUNE = Month.parse(REVIEWED)
FORK = multiprocessing.get_context("fork")
PLANNED = 7
"""an: tier a, company; bo: all four tiers and company."""
MAILS = 2
"""One to each."""
AN = 2
"""What goes to an, whose mail is the first."""


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")


@pytest.fixture
def company(copied: Small) -> Small:
    return copied


def mailing(company: Small, relay: TestRelay, **more: object) -> Settings:
    return by_smtp(company.settings(), relay, **{"pause_seconds": 0, **more})


def rows(settings: Settings) -> list[Delivery]:
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        return Ledger(warehouse).rows(JUNE, 0)


def notes(settings: Settings, key: str) -> list[tuple[str, str]]:
    with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
        return [(event["state_after"], event["note"]) for event in Ledger(warehouse).events(key)]


def test_deliver_mails_what_is_published_once_and_says_the_second_time_that_all_have_it(company: Small):
    with TestRelay() as relay:
        settings = mailing(company, relay)
        first = mail_month(settings, JUNE)
        assert (first.exit_code, first.lines()) == (Exit.DONE, ["2026-06 r0: 7 accepted"])
        again = mail_month(settings, JUNE)
        assert (again.exit_code, again.lines()) == (Exit.DONE, ["2026-06 r0: 7 already"])
        assert sorted(relay.sink.recipients) == ["an@example.com", "bo@example.com"]
        accepted = {row.message_digest for row in rows(settings)}
        assert {hashlib.sha256(message).hexdigest() for _, message in relay.sink.accepted} == accepted


def test_run_with_send_and_deliver_share_one_ledger(company: Small):
    with TestRelay() as relay:
        settings = mailing(company, relay)
        relay.faults = [Fault("rcpt", "451 later", 3)]
        outcome = run_month(settings.model_copy(), RunRequest(JUNE, send=True))
        assert outcome.deliveries == {"accepted": PLANNED} and outcome.outbox is None
        assert mail_month(settings, JUNE).report.counts["already"] == PLANNED and len(relay.sink.accepted) == MAILS


def test_only_the_tiers_that_are_asked_for_are_mailed_and_unknown_ones_are_refused(company: Small):
    with TestRelay() as relay:
        settings = mailing(company, relay)
        assert mail_month(settings, JUNE, tiers=["company"]).report.counts["accepted"] == 2
        with pytest.raises(
            UsageError, match=r"2026-06 has no pack of tier gold; published are a, b, c, company, unrated. Nothing was mailed"
        ):
            mail_month(settings, JUNE, tiers=["gold"])
        with pytest.raises(UsageError, match=r"2026-05 is not published; nothing was mailed"):
            mail_month(settings, JUNE - 1)
        assert len(relay.sink.accepted) == 2


def test_who_left_the_list_since_is_not_mailed_and_who_came_is(company: Small):
    with TestRelay() as relay:
        settings = mailing(company, relay)
        relay.faults = [Fault("connect", "421 busy")]
        assert mail_month(settings, JUNE).exit_code == Exit.UNDELIVERED
        relay.faults = []
        company.write(
            "recipients",
            [["email", "name", "locale", "tiers"], ["an@example.com", "An", "en", "a|company"], ["cy@example.com", "Cy", "en", "b"]],
        )
        outcome = mail_month(settings, JUNE)
        assert sorted(relay.sink.recipients) == ["an@example.com", "cy@example.com"]
        assert outcome.report.counts["held"] == 5 and all("no longer on the list" in line for line in outcome.report.open)


def test_packs_that_nobody_is_to_get_are_named(company: Small):
    company.write("recipients", [["email", "name", "locale", "tiers"], ["an@example.com", "An", "en", "a|company"]])
    settings = company.settings()
    said = "Nobody on the list of recipients is to get: tier-b, tier-c, tier-unrated"
    assert mail_month(settings, JUNE).lines() == ["2026-06 r0: 2 accepted", said]
    assert mail_month(settings, JUNE, tiers=["b"]).lines()[1] == "Nobody on the list of recipients is to get: tier-b"
    assert said in run_month(settings, RunRequest(JUNE, send=True)).lines()


def test_a_run_that_leaves_mail_open_says_so_in_at_most_ten_lines_and_how_many_it_does_not_list(company: Small):
    with TestRelay() as relay:
        relay.faults = [Fault("rcpt", "550 no such user")]
        outcome = run_month(mailing(company, relay), RunRequest(JUNE, send=True))
        assert outcome.deliveries == {"rejected": PLANNED} and len(outcome.lines()) <= 10
        assert f"  {outcome.folder}" in outcome.lines() and "  and 4 more: keping deliveries --month 2026-06" in outcome.lines()
        assert "  and 3 more: keping deliveries --month 2026-06" in outcome.brief()
        assert outcome.brief()[-1].endswith("keping deliver --month 2026-06, what was rejected with --retry-failed")


def test_a_list_that_cannot_be_believed_mails_nobody(company: Small):
    with TestRelay() as relay:
        company.write("recipients", [["email", "name", "locale", "tiers"], ["an@example.com", "An", "en", "gold"]])
        with pytest.raises(HeldError, match=r"no tier is called 'gold'"):
            mail_month(mailing(company, relay), JUNE)
        assert relay.sink.connections == 0


def test_a_deferred_mail_is_told_with_what_to_type_and_exit_5_in_at_most_ten_lines(company: Small):
    with TestRelay() as relay:
        relay.faults = [Fault("data", "452 no room")]
        outcome = mail_month(mailing(company, relay), JUNE)
        assert outcome.exit_code == Exit.UNDELIVERED and len(outcome.lines()) <= 10
        assert outcome.lines()[0] == "2026-06 r0: 7 deferred"
        assert outcome.lines()[1] == "  not accepted: company (en) -> an@example.com: deferred, attempt 3; 452 no room (at DATA)"
        assert outcome.lines()[-1] == "Deferred and waiting ones are tried again by: keping deliver --month 2026-06"


def test_what_was_rejected_is_tried_again_only_when_asked_with_the_same_bytes(company: Small):
    with TestRelay() as relay:
        settings = mailing(company, relay)
        relay.faults = [Fault("dot", "554 looks like spam", 1)]
        assert mail_month(settings, JUNE).report.counts["rejected"] == AN
        assert mail_month(settings, JUNE).report.counts["rejected"] == AN
        assert len(relay.sink.offered) == MAILS
        outcome = mail_month(settings, JUNE, retry_rejected=True)
        assert outcome.report.counts["accepted"] == AN and outcome.exit_code == Exit.DONE
        assert relay.sink.offered[0] == relay.sink.offered[-1]
        row, _ = [row for row in rows(settings) if row.attempt == 2]
        assert ("deferred", "offered again by hand") in notes(settings, row.delivery_key)


def test_what_was_too_large_is_built_smaller_once_the_limit_says_so(company: Small):
    with TestRelay(size=1_000) as relay:
        settings = mailing(company, relay)
        assert mail_month(settings, JUNE, tiers=["company"]).report.counts["rejected"] == 2
        before = {row.delivery_key: row.message_digest for row in rows(settings)}
        assert mail_month(settings, JUNE, tiers=["company"], retry_rejected=True).report.counts["rejected"] == 2
        assert {row.delivery_key: row.message_digest for row in rows(settings)} == before, "the same bytes, as long as they may be mailed"
        relay.size = 30_000
        smaller = settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"largest_mail_mb": 0.000_1})})
        assert mail_month(smaller, JUNE, tiers=["company"]).report.counts["rejected"] == 2, "only when asked"
        assert mail_month(smaller, JUNE, tiers=["company"], retry_rejected=True).report.counts["accepted"] == 2
        assert all(b"application/pdf" not in message and b"It lies in the archive" in message for _, message in relay.sink.accepted)
        assert ("planned", "offered again by hand, built smaller") in notes(settings, next(iter(before)))


def uncertain(company: Small, relay: TestRelay) -> tuple[Settings, Delivery]:
    """The month mailed, one message of it kept by the relay without a word."""
    settings = mailing(company, relay)
    relay.faults = [Fault("dot", "drop", 1)]
    assert mail_month(settings, JUNE).report.counts["unknown"] == AN
    row, _ = [row for row in rows(settings) if row.state is DeliveryState.UNKNOWN]
    return settings, row


def test_an_uncertain_mail_that_was_found_at_the_relay_counts_as_accepted_and_is_never_sent_again(company: Small):
    with TestRelay() as relay:
        settings, row = uncertain(company, relay)
        outcome = resolve(settings, row.delivery_key[:8], "sent")
        assert outcome.exit_code == Exit.DONE
        assert outcome.lines()[0].endswith("counted as accepted. It will not be sent again.")
        assert notes(settings, row.delivery_key)[-1] == ("accepted", "resolved by hand: it had been sent")
        assert mail_month(settings, JUNE).report.counts["already"] == PLANNED
        assert len(relay.sink.offered) == MAILS


def test_an_uncertain_mail_that_was_not_found_is_sent_again_with_the_same_bytes_and_nothing_else_is(company: Small):
    with TestRelay() as relay:
        settings, row = uncertain(company, relay)
        relay.sink.offered.clear()
        outcome = resolve(settings, row.delivery_key, "resend")
        assert outcome.exit_code == Exit.DONE and row.message_id in outcome.lines()[0]
        ((address, message),) = relay.sink.offered
        assert address == row.address and hashlib.sha256(message).hexdigest() == row.message_digest
        assert ("deferred", "resolved by hand: send the same bytes again") in notes(settings, row.delivery_key)
        with pytest.raises(UsageError, match=r"is accepted \(.*\), not unknown. Nothing was decided"):
            resolve(settings, row.delivery_key, "resend")


def test_a_list_that_cannot_be_read_decides_nothing_and_one_who_is_not_to_get_it_any_more_is_not_said_to_have_got_it(company: Small):
    with TestRelay() as relay:
        settings, row = uncertain(company, relay)
        listed = company.rows("recipients")
        company.write("recipients", [*listed, ["cy@example.com", "Cy", "en", "gold"]])
        with pytest.raises(HeldError, match=r"Nobody was mailed|Nothing was mailed"):
            resolve(settings, row.delivery_key, "resend")
        company.write("recipients", listed)
        suppress(settings, row.address, "asked to be taken off", lift=False)
        offered = len(relay.sink.offered)
        outcome = resolve(settings, row.delivery_key, "resend")
        assert "not sent again, it is held now (suppressed: opted out" in outcome.lines()[0] and len(relay.sink.offered) == offered


def later_revision(company: Small) -> None:
    """An order comes late, and June is published anew."""
    company.append("orders", ["O99999", "C001", "2026-06-11 10:00:00", "555.00", "", ""])
    assert run_month(company.settings(), RunRequest(JUNE)).revision == 1


def test_what_has_not_left_of_a_revision_is_held_once_a_later_one_is_mailed(company: Small):
    with TestRelay() as relay:
        settings, row = uncertain(company, relay)
        relay.faults = [Fault("rcpt", "451 later")]
        company.append("recipients", ["cy@example.com", "Cy", "en", "b"])
        mail_month(settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"recipients_jump": None})}), JUNE)
        relay.faults = []
        later_revision(company)
        outcome = resolve(settings, row.delivery_key, "resend")
        assert "not sent again, r1 has taken its place. Mail that: keping deliver --month 2026-06" in outcome.lines()[0]
        assert len(relay.sink.offered) == MAILS
        assert mail_month(settings, JUNE).report.counts["accepted"] == PLANNED + 1
        held = {one.address: one.reason for one in rows(settings) if one.state is DeliveryState.HELD}
        assert held == {row.address: "r1 has taken its place", "cy@example.com": "r1 has taken its place"}


def test_whoever_got_a_revision_gets_the_one_that_takes_its_place(company: Small, monkeypatch: pytest.MonkeyPatch):
    head = ["email", "name", "locale", "tiers", "valid_from"]
    company.write("recipients", [head, ["an@example.com", "An", "en", "a", ""], ["bo@example.com", "Bo", "en", "b", "2026-07-03"]])
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-04T03:00:00+00:00")
    with TestRelay() as relay:
        settings = mailing(company, relay)
        assert mail_month(settings, JUNE).report.counts["accepted"] == 2, "published on the 2nd, mailed on the 4th"
        company.append("recipients", ["cy@example.com", "Cy", "en", "c", "2026-07-05"])
        later_revision(company)
        monkeypatch.setenv("KEPING_CLOCK", "2026-07-06T03:00:00+00:00")
        assert mail_month(settings, JUNE).report.counts["accepted"] == 2
        assert sorted(relay.sink.recipients) == ["an@example.com"] * 2 + ["bo@example.com"] * 2


def test_a_later_revision_of_a_month_that_never_went_out_goes_to_todays_list(company: Small, monkeypatch: pytest.MonkeyPatch):
    later_revision(company)
    head = ["email", "name", "locale", "tiers", "valid_from"]
    company.write("recipients", [head, ["an@example.com", "An", "en", "a", ""], ["bo@example.com", "Bo", "en", "b", "2026-07-03"]])
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-04T03:00:00+00:00")
    assert mail_month(company.settings(), JUNE).report.counts["accepted"] == 2


def test_a_name_that_fits_no_delivery_or_several_decides_nothing(company: Small, monkeypatch: pytest.MonkeyPatch):
    with TestRelay() as relay:
        settings, row = uncertain(company, relay)
        for name in ("", "zz", "%", "ffff'--", "0" * 64, row.delivery_key + "0", row.address):
            with pytest.raises(UsageError, match=r"no delivery is called .*Nothing was decided"):
                resolve(settings, name, "sent")
        monkeypatch.setattr("flows.delivery.month._KEY", re.compile("[0-9a-f]*"))
        with pytest.raises(UsageError, match=r"7 deliveries begin with . Nothing was decided"):
            resolve(settings, "", "sent")


def test_a_sender_killed_after_the_dot_leaves_one_mail_listed_as_uncertain_and_not_sent_again(company: Small):
    with TestRelay() as relay:
        settings = mailing(company, relay)
        complete = threading.Event()
        relay.on_dot = lambda address: (complete.set(), time.sleep(30))
        child = FORK.Process(target=mail_month, args=(settings, JUNE))
        child.start()
        assert complete.wait(30)
        os.kill(child.pid, signal.SIGKILL)
        child.join(10)
        assert [row.state for row in rows(settings)].count(DeliveryState.DOT_SENT) == AN and len(relay.sink.accepted) == 1

        relay.on_dot = lambda address: None
        outcome = mail_month(settings, JUNE)
        assert outcome.report.counts["unknown"] == AN and outcome.report.counts["accepted"] == PLANNED - AN
        line, _ = outcome.report.open
        row, _ = outcome.report.unknown
        assert f"accepted? look for Message-ID {row.message_id} at the relay, then: keping resolve {row.delivery_key[:12]}" in line
        assert len(relay.sink.accepted) == MAILS and len({message for _, message in relay.sink.accepted}) == MAILS
        assert mail_month(settings, JUNE).exit_code == Exit.UNDELIVERED and len(relay.sink.offered) == MAILS

        resolve(settings, row.delivery_key, "resend")
        assert relay.sink.offered[-1] == relay.sink.offered[0] and len(relay.sink.offered) == MAILS + 1


def test_a_delivery_that_lies_with_a_dead_sender_can_be_decided_at_once(company: Small):
    with TestRelay() as relay:
        settings = mailing(company, relay)
        complete = threading.Event()
        relay.on_dot = lambda address: (complete.set(), time.sleep(30))
        child = FORK.Process(target=mail_month, args=(settings, JUNE))
        child.start()
        assert complete.wait(30)
        os.kill(child.pid, signal.SIGKILL)
        child.join(10)
        row, _ = [row for row in rows(settings) if row.state is DeliveryState.DOT_SENT]
        assert ", in one mail with tier-a (en): counted as accepted" in resolve(settings, row.delivery_key, "sent").lines()[0]
        relay.on_dot = lambda address: None
        assert mail_month(settings, JUNE).exit_code == Exit.DONE and len(relay.sink.accepted) == MAILS


def keping(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "flows.cli", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def configured(company: Small, relay: TestRelay, certificate: Certificate) -> None:
    with company.config.open("a") as file:
        file.write(
            f'\n[delivery]\ntransport = "smtp"\nsender = "reviews@example.com"\n[delivery.smtp]\nport = {relay.port}\n'
            f'username = "keping"\npassword = "${{SMTP_PASSWORD}}"\nca_file = "{certificate.file}"\npause_seconds = 0.2\n'
        )


def test_on_the_command_line_a_signal_finishes_the_mail_under_way_and_the_same_command_goes_on(
    company: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SMTP_PASSWORD", "hush-hush-1")
    certificate = Certificate.made(tmp_path / "certificate")
    with TestRelay(tls=certificate.for_server(), login=True) as relay:
        configured(company, relay, certificate)
        reached = threading.Event()
        relay.on_dot = lambda address: (reached.set(), time.sleep(0.5))
        words = ("deliver", "--month", REVIEWED, "--json", "--config", str(company.config))
        first = keping(*words)
        assert reached.wait(60)
        first.send_signal(signal.SIGTERM)
        out, err = first.communicate(timeout=60)
        told = json.loads(out)
        assert (first.returncode, told["stopped"], told["deliveries"]["accepted"]) == (5, True, AN), err
        relay.on_dot = lambda address: None
        second = keping(*words)
        out, err = second.communicate(timeout=60)
        assert second.returncode == 0, err
        assert json.loads(out)["deliveries"] == {
            "accepted": PLANNED - AN,
            "already": AN,
            "held": 0,
            "deferred": 0,
            "rejected": 0,
            "unknown": 0,
            "waiting": 0,
        }
        assert len(relay.sink.accepted) == MAILS and "hush-hush" not in out + err

        key = rows(load(company.config))[0].delivery_key
        refused = keping("resolve", key[:10], "--resend", "--config", str(company.config))
        _, err = refused.communicate(timeout=60)
        assert refused.returncode == 2 and "is accepted" in err and "Traceback" not in err
        both = keping("resolve", key[:10], "--config", str(company.config))
        assert "say either --sent" in both.communicate(timeout=60)[1] and both.returncode == 2


def owner_files(settings: Settings) -> list[str]:
    return sorted(path.suffix for path in (settings.outbox_path / "owner").iterdir())


def test_the_owner_is_mailed_once_about_the_same_trouble(company: Small):
    with TestRelay() as relay:
        settings = mailing(company, relay)
        for _ in range(3):
            tell_owner(settings, JUNE, ["2026-06 is held: 1 critical finding(s)."])
        tell_owner(settings, JUNE, ["2026-06 is held: 2 critical finding(s)."])
        assert len(relay.sink.accepted) == 2
        assert b"Auto-Submitted: auto-generated" in relay.sink.accepted[0][1]
        assert owner_files(settings) == [".eml", ".eml", ".mailed", ".mailed"]


@pytest.mark.parametrize(("fault", "accepted"), [("421 busy", 1), ("550 no", 1)])
def test_a_relay_that_is_away_leaves_the_owner_s_copy_and_is_asked_again_later(company: Small, fault: str, accepted: int):
    with TestRelay() as relay:
        settings = mailing(company, relay)
        relay.faults = [Fault("rcpt", fault, 1)]
        tell_owner(settings, JUNE, ["held"])
        assert (relay.sink.accepted, owner_files(settings)) == ([], [".eml"])
        tell_owner(settings, JUNE, ["held"])
        assert len(relay.sink.accepted) == accepted


def test_a_notice_that_may_have_arrived_is_not_sent_again(company: Small):
    with TestRelay() as relay:
        settings = mailing(company, relay)
        relay.faults = [Fault("dot", "drop", 1)]
        tell_owner(settings, JUNE, ["held"])
        tell_owner(settings, JUNE, ["held"])
        assert len(relay.sink.accepted) == 1


def test_a_month_that_is_held_ends_as_held_although_the_relay_is_away(company: Small):
    with TestRelay() as relay:
        settings = mailing(company, relay)
    orders = company.rows("orders")
    company.write("orders", [orders[0], *(row for row in orders[1:] if not row[2].startswith("2026-06"))])
    outcome = run_month(settings, RunRequest(JUNE, send=True))
    assert outcome.exit_code == Exit.HELD and owner_files(settings) == [".eml"]
