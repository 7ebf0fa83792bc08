"""Who wants no mail, and from whom it comes back: one person's word changes nobody else's mail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.archive.office import Office
from flows.delivery.bounces import bounces_in, read_bounces
from flows.delivery.delivering import planned_deliveries
from flows.delivery.holding import hold_back
from flows.delivery.ledger import DeliveryHold, DeliveryState, Held, Ledger
from flows.delivery.request import MailingRequest
from flows.delivery.suppression import suppress
from flows.settings import Settings
from tests.flows.archive.builders import configuration, opened, published
from tests.flows.delivery.builders import DAY, recipients
from tests.flows.delivery.test_holding import sent, with_delivery
from tests.flows.warehouse.builders import MAY
from transforms.errors import UnreachableError, UsageError

LIST = recipients({"email": "wang@x.test"}, {"email": "Boss@X.test", "tiers": "*"}, {"email": "bea@x.test", "tiers": "b"})
"""Five deliveries: tier a to wang and boss, b to boss and bea, company to boss."""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    made = configuration(tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'keping.db'}")
    published(made)
    return made


def test_who_opts_out_gets_nothing_more_and_everybody_else_gets_theirs(home: Settings):
    assert suppress(home, "boss@X.test", "asked to be taken off", lift=False) == [
        "boss@x.test gets no more mail (asked to be taken off); everybody else gets theirs as before.",
        "An opt-out does not count for what the list of recipients marks as mandatory.",
    ]
    report = sent(home, frame=LIST)
    assert (report.counts["accepted"], report.counts["opted_out"], report.counts["held"]) == (2, 3, 0)
    assert report.complete and report.open == (), "nothing is left to do about a person who wants no mail"
    assert all(row.hold is DeliveryHold.OPTED_OUT and "asked to be taken off" in row.reason for row in report.opted_out)
    assert "already" in suppress(home, "boss@x.test", "again", lift=False)[0]
    assert suppress(home, "boss@x.test", "", lift=True) == ["boss@x.test gets mail again."]
    assert (sent(home, frame=LIST).counts["accepted"], sent(home, frame=LIST).counts["already"]) == (3, 5)


def test_the_list_itself_may_say_who_opted_out_and_who_must_be_told(home: Settings):
    frame = LIST.assign(opted_out=[True, True, False], mandatory=[False, True, False])
    report = sent(home, frame=frame)
    assert {row.recipient for row in report.opted_out} == {"wang@x.test"}
    assert sorted({row.recipient for row in report.accepted}) == ["bea@x.test", "boss@x.test"]


def test_a_person_who_must_be_told_cannot_opt_out_but_mail_that_comes_back_still_holds(home: Settings):
    frame = LIST.assign(mandatory=[True, False, False])
    suppress(home, "wang@x.test", "too much mail", lift=False)
    assert sent(home, frame=frame).counts["accepted"] == 5
    bounce(home, "wang@x.test", "5.1.1")
    published(home, digest="j" * 64, reason="late rows")
    report = sent(home, frame=frame)
    assert {row.recipient for row in report.held} == {"wang@x.test"} and not report.complete
    assert "suppressed: mail comes back since" in report.open[0] and "keping suppress wang@x.test --lift" in report.open[0]
    assert "its person has opted out" in suppress(home, "wang@x.test", "mended", lift=True)[0]
    assert sent(home, frame=frame).complete


ADDRESSES = ["wang@x.test", "boss@x.test", "bea@x.test"]


@pytest.mark.parametrize("quiet", ADDRESSES)
def test_one_persons_word_never_changes_anothers_delivery(home: Settings, quiet: str):
    def plan() -> dict[tuple[str, str], Held | None]:
        with Office.open(home) as office:
            publication, _, planned = planned_deliveries(office, MailingRequest(MAY, recipients=LIST, day=DAY))
            return {(one.pack, one.address.compared): one.held for one in hold_back(office, publication, planned)}

    before = plan()
    suppress(home, quiet.upper(), "no more", lift=False)
    after = plan()
    assert {key for key in after if after[key] != before[key]} == {key for key in after if key[1] == quiet}


def test_who_opts_out_while_a_pack_waits_is_told_as_opted_out_and_no_longer_as_waiting(home: Settings):
    waiting = with_delivery(home, approval=True)
    assert sent(waiting, frame=LIST).counts["held"] == 5
    suppress(home, "boss@x.test", "no more", lift=False)
    report = sent(waiting, frame=LIST)
    assert (report.counts["held"], report.counts["opted_out"]) == (2, 3)


@pytest.mark.parametrize(("address", "reason"), [("boss@x.test, a@x.test", "x"), ("boss@x.test\n", "x"), ("boss@x.test", " ")])
def test_what_is_not_one_address_with_a_reason_is_refused(home: Settings, address: str, reason: str):
    with pytest.raises(UsageError, match=r"Nothing was changed"):
        suppress(home, address, reason, lift=False)


def notification(address: str, status: str, message_id: str, action: str = "failed", number: int = 1) -> bytes:
    """A delivery status notification as Postfix writes it."""
    return (
        f"From: MAILER-DAEMON@relay.test\nTo: reviews@example.com\nSubject: Undelivered {number}\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
        "--B\nContent-Type: text/plain\n\nI am sorry.\n\n"
        "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.test\n\n"
        f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such\n user\n\n"
        f"--B\nContent-Type: text/rfc822-headers\n\nMessage-ID: {message_id}\nSubject: review\n\n--B--\n"
    ).encode()


def mailed_id(home: Settings, address: str) -> str:
    with opened(home) as warehouse:
        return (
            next(
                row.message_id for row in Ledger(warehouse).rows(MAY, 0) if row.recipient == address and row.state is DeliveryState.ACCEPTED
            )
            or ""
        )


def bounce(home: Settings, address: str, status: str, count: int = 1, **more: Any) -> Any:
    folder = home.root / "bounced"
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{status}-{number}.eml").write_bytes(notification(address, status, mailed_id(home, address), number=number, **more))
    return read_bounces(home, folder)


def test_an_address_that_bounces_as_often_as_declared_gets_no_more_mail_and_the_owner_is_told_once(home: Settings):
    strict = with_delivery(home, suppress_after=2)
    sent(strict, frame=LIST)
    first = bounce(strict, "boss@x.test", "5.1.1")
    assert (first.hard, first.suppressed) == (1, [])
    again = bounce(strict, "boss@x.test", "5.1.1")
    assert (again.hard, again.known, again.suppressed) == (0, 1, []), "the same report counts once"
    second = bounce(strict, "boss@x.test", "5.1.1", count=2)
    assert (second.hard, second.suppressed) == (1, ["boss@x.test"]) and len(second.lines()) <= 10
    (word,) = (home.outbox_path / "owner").glob("*.eml")
    assert b"boss@x.test" in word.read_bytes() and b"has bounces" in word.read_bytes()
    published(strict, digest="j" * 64, reason="late rows")
    report = sent(strict, frame=LIST)
    assert ({row.recipient for row in report.held}, report.counts["accepted"]) == ({"boss@x.test"}, 2)
    suppress(strict, "boss@x.test", "mended", lift=True)
    assert sent(strict, frame=LIST).counts["accepted"] == 3
    assert bounce(strict, "boss@x.test", "5.1.0").suppressed == [], "the count begins anew"


@pytest.mark.parametrize(
    ("status", "action", "kind"),
    [
        ("5.1.1", "failed", "hard"),
        ("5.4.4", "failed", "hard"),
        ("5.2.2", "failed", "soft"),
        ("5.7.1", "failed", "soft"),
        ("4.2.2", "failed", "soft"),
        ("4.4.1", "delayed", "soft"),
        ("2.0.0", "delivered", None),
        ("5.1.1", "relayed", None),
    ],
)
def test_which_bounces_speak_against_an_address(status: str, action: str, kind: str | None):
    found = [(one.address, one.kind, one.diagnostic) for one in bounces_in(notification("Boss@X.test", status, "<id@x>", action))]
    assert found == ([("boss@x.test", kind, "smtp; 550 5.1.1 no such user")] if kind else [])


def test_soft_bounces_are_counted_apart_and_silence_nobody(home: Settings):
    sent(home, frame=LIST)
    found = bounce(home, "boss@x.test", "4.2.2", count=5)
    assert (found.soft, found.hard, found.suppressed) == (5, 0, [])


def test_a_forged_report_silences_nobody(home: Settings):
    sent(home, frame=LIST)
    folder = home.root / "forged"
    folder.mkdir()
    for number, (address, message_id) in enumerate(
        [
            ("boss@x.test", "<made-up@x.test>"),
            ("boss@x.test", ""),
            ("boss@x.test", mailed_id(home, "wang@x.test")),
            ("x@y.test", mailed_id(home, "wang@x.test")),
        ]
    ):
        (folder / f"{number}.eml").write_bytes(notification(address, "5.1.1", message_id))
    (folder / "letter.eml").write_bytes(
        b"From: a@x.test\nSubject: hello\n\nFinal-Recipient: rfc822; boss@x.test\nAction: failed\nStatus: 5.1.1\n"
    )
    found = read_bounces(home, folder)
    assert (found.read, found.foreign, found.hard, found.suppressed) == (5, 4, 0, [])


def test_an_mbox_is_read_message_by_message_and_a_missing_place_is_named(home: Settings):
    sent(home, frame=LIST)
    box = home.root / "bounces.mbox"
    texts = [notification(address, "5.1.1", mailed_id(home, address)) for address in ADDRESSES]
    box.write_bytes(b"".join(b"From MAILER-DAEMON Thu Jul  2 03:00:00 2026\n" + text + b"\n" for text in texts))
    assert sorted(read_bounces(home, box).suppressed) == sorted(ADDRESSES)
    with pytest.raises(UnreachableError, match=r"nowhere is not there. No bounce was read"):
        read_bounces(home, home.root / "nowhere")


def test_an_mbox_with_letters_of_no_encoding_is_read_to_its_end(home: Settings):
    sent(home, frame=LIST)
    box = home.root / "bounces.mbox"
    texts = [notification(address, "5.1.1", mailed_id(home, address)) for address in ADDRESSES]
    broken = [
        texts[0].replace(b"; boundary=", b"; boundry=").replace(b"I am sorry.", b"Empf\xe4nger unbekannt."),
        texts[0].replace(b"Reporting-MTA: dns", b"Reporting-MTA: a\x1dContent-Type: dns"),
    ]
    texts = [*broken, *texts]
    box.write_bytes(b"".join(b"From MAILER-DAEMON Thu Jul  2 03:00:00 2026\n" + text + b"\n" for text in texts))
    assert sorted(read_bounces(home, box).suppressed) == sorted(ADDRESSES)


def test_a_report_counts_once_whatever_its_line_ends_and_what_is_no_report_is_counted_too(home: Settings, monkeypatch: pytest.MonkeyPatch):
    strict = with_delivery(home, suppress_after=2)
    sent(strict, frame=LIST)
    text = notification("boss@x.test", "5.1.1", mailed_id(strict, "boss@x.test"))
    folder = strict.root / "came back"
    folder.mkdir()
    (folder / "a.eml").write_bytes(text)
    (folder / "b.eml").write_bytes(text.replace(b"\n", b"\r\n"))
    (folder / "c.mbox").write_bytes(b"From MAILER-DAEMON Thu Jul  2 03:00:00 2026\n" + text + b"\n")
    (folder / "cut.eml").write_bytes(text[:120])
    (folder / "huge.eml").write_bytes(text + b"x" * 100)
    monkeypatch.setattr("flows.delivery.bounces.LARGEST", len(text.replace(b"\n", b"\r\n")))
    found = read_bounces(strict, folder)
    assert (found.read, found.hard, found.known, found.other, found.unreadable, found.suppressed) == (4, 1, 2, 1, 1, [])
    assert "1 without a report of failure, 1 unreadable" in found.lines()[0] and found.lines()[1].endswith("huge.eml")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_report_however_broken_is_more_than_no_bounce(noise: bytes, cut: int):
    whole = notification("boss@x.test", "5.1.1", "<id@x>")
    for message in (noise, whole[:cut] + noise + whole[cut:], whole[: len(whole) - cut]):
        for found in bounces_in(message):
            assert found.kind in ("hard", "soft") and "\n" not in found.diagnostic
