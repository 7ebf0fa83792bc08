from __future__ import annotations

import hashlib
import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from flows.archive.revisions import Archive
from flows.delivery.ledger import DeliveryState, Ledger
from flows.delivery.transports import Envelope, Outbox
from flows.settings import Settings
from reports.mail.message import attached_pdfs, envelope_of
from tests.flows.archive.builders import FILES, KillAt, configuration, in_child, opened, published
from tests.flows.delivery.builders import MAILS, PLANNED, Relay, mailed, outbox, parsed, recipients
from tests.flows.warehouse.builders import MAY
from transforms.errors import HeldError, MachineError, RefutedError, UsageError

STEPS = ("planned", "message_written", "built", "claimed", "before_dot", "dot_committed", "sent", "recorded")
FORK = multiprocessing.get_context("fork")


def states(settings: Settings, revision: int = 0) -> list[DeliveryState]:
    with opened(settings) as warehouse:
        return [row.state for row in Ledger(warehouse).rows(MAY, revision)]


def test_everybody_gets_their_pack_once_in_their_language(settings: Settings):
    published(settings)
    report = mailed(settings)
    assert report.counts == {"accepted": PLANNED, "already": 0, "held": 0, "deferred": 0, "rejected": 0, "unknown": 0, "waiting": 0}
    assert report.complete and report.open == () and report.unaddressed == ()
    found = {}
    for file in outbox(settings):
        message = parsed(file.read_bytes())
        for attachment in message.iter_attachments():
            found[message["To"].addresses[0].addr_spec, attachment.get_filename()] = attachment.get_content()
    assert found == {
        ("wang@x.test", "2026-05-r0-tier-a.en.pdf"): FILES["tier-a.en.pdf"],
        ("boss@x.test", "2026-05-r0-tier-a.en.pdf"): FILES["tier-a.en.pdf"],
        ("li.na@x.test", "2026-05-r0-tier-a.zh_CN.pdf"): FILES["tier-a.zh_CN.pdf"],
        ("boss@x.test", "2026-05-r0-tier-b.en.pdf"): FILES["tier-b.en.pdf"],
        ("bea@x.test", "2026-05-r0-tier-b.en.pdf"): FILES["tier-b.en.pdf"],
        ("boss@x.test", "2026-05-r0-company.en.pdf"): FILES["company.en.pdf"],
        ("bea@x.test", "2026-05-r0-company.en.pdf"): FILES["company.en.pdf"],
    }


def test_the_same_month_again_sends_nothing_new_and_says_so(settings: Settings):
    published(settings)
    mailed(settings)
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in outbox(settings)}
    report = mailed(settings)
    assert (report.counts["accepted"], report.counts["already"], report.complete) == (0, PLANNED, True)
    assert {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in outbox(settings)} == before


def test_a_mail_that_was_taken_out_of_the_outbox_is_not_sent_again(settings: Settings):
    published(settings)
    mailed(settings)
    for file in outbox(settings):
        file.unlink()
    assert mailed(settings).counts["already"] == PLANNED and outbox(settings) == []


def test_the_ledger_tells_which_bytes_went_out(settings: Settings):
    published(settings)
    mailed(settings)
    with opened(settings) as warehouse:
        rows = warehouse.deliveries(MAY)
    by_digest = {hashlib.sha256(file.read_bytes()).hexdigest(): file.read_bytes() for file in outbox(settings)}
    assert {row["message_digest"] for row in rows} == set(by_digest)
    for digest, message in by_digest.items():
        own = [row for row in rows if row["message_digest"] == digest]
        assert sorted(attached_pdfs(message)) == sorted(row["pack_digest"] for row in own)
        assert [envelope_of(message)] * len(own) == [[row["address"]] for row in own]
        assert {parsed(message)["Message-ID"]} == {row["message_id"] for row in own}


def test_outbox_and_frozen_messages_are_their_owners_alone(settings: Settings):
    before = os.umask(0)
    try:
        published(settings)
        mailed(settings)
    finally:
        os.umask(before)
    for path in [settings.outbox_path, *settings.outbox_path.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


@pytest.mark.parametrize("time", [1, 4])
@pytest.mark.parametrize("step", STEPS)
def test_killed_before_any_step_the_same_command_completes_without_a_second_mail(settings: Settings, step: str, time: int):
    published(settings)
    killed = in_child(lambda: mailed(settings, at=KillAt(step, time)))
    assert killed == (-9 if time == 1 or step != "planned" else 0)
    before = {file: file.read_bytes() for file in outbox(settings)}
    report = mailed(settings)
    assert report.complete and report.counts["accepted"] + report.counts["already"] == PLANNED
    assert len(outbox(settings)) == MAILS
    assert {file: file.read_bytes() for file in outbox(settings) if file in before} == before
    assert not list(settings.outbox_path.rglob("*.part"))


@pytest.mark.parametrize("step", ["dot_committed", "sent"])
def test_killed_after_the_dot_a_relay_is_not_offered_the_mail_again_and_it_is_listed(settings: Settings, step: str):
    published(settings)
    only = recipients({})
    assert in_child(lambda: mailed(settings, only, transport=Relay(), at=KillAt(step))) == -9
    relay = Relay()
    report = mailed(settings, only, transport=relay)
    assert relay.attempts == [] and not report.complete
    (line,) = report.open
    assert line.startswith("tier-a (en) -> wang@x.test: unknown, accepted? look for Message-ID <") and "@example.com>" in line
    assert mailed(settings, only, transport=relay).counts["unknown"] == 1 and relay.attempts == []


@pytest.mark.parametrize("step", ["claimed", "before_dot"])
def test_killed_before_the_dot_a_relay_is_offered_the_same_bytes_again(settings: Settings, step: str):
    published(settings)
    only, relay = recipients({}), Relay()
    assert in_child(lambda: mailed(settings, only, transport=Relay(), at=KillAt(step))) == -9
    assert mailed(settings, only, transport=relay).complete
    assert [address for address, _ in relay.accepted] == ["wang@x.test"]
    with opened(settings) as warehouse:
        assert warehouse.deliveries(MAY)[0]["attempt"] == 2


@pytest.mark.parametrize(
    ("answers", "state", "accepted", "attempts"),
    [
        (["421 before", "250"], DeliveryState.ACCEPTED, 1, 2),
        (["451 after", "250"], DeliveryState.ACCEPTED, 1, 2),
        (["drop before", "250"], DeliveryState.ACCEPTED, 1, 2),
        (["550", "250"], DeliveryState.REJECTED, 0, 1),
        (["554 after", "250"], DeliveryState.REJECTED, 0, 1),
        (["drop after", "250"], DeliveryState.UNKNOWN, 1, 1),
        (["421 before", "drop after", "250"], DeliveryState.UNKNOWN, 1, 2),
    ],
)
def test_every_answer_of_a_relay_has_its_state_and_no_mail_is_accepted_twice(
    settings: Settings, answers: list[str], state: DeliveryState, accepted: int, attempts: int
):
    published(settings)
    relay = Relay(*answers)
    for _ in range(4):
        report = mailed(settings, recipients({}), transport=relay)
    assert states(settings) == [state]
    assert (len(relay.accepted), len(relay.attempts), len(set(relay.attempts))) == (accepted, attempts, 1)
    assert report.complete is (state is DeliveryState.ACCEPTED)


def _mail_when_told(settings: Settings, start, results) -> None:
    start.wait()
    report = mailed(settings)
    results.put(report.counts)


@pytest.mark.parametrize("round_", range(3))
def test_processes_that_mail_at_once_send_each_delivery_once(settings: Settings, round_: int):
    published(settings)
    start, results = FORK.Barrier(3), FORK.Queue()
    children = [FORK.Process(target=_mail_when_told, args=(settings, start, results)) for _ in range(3)]
    for child in children:
        child.start()
    told = [results.get(timeout=60) for _ in children]
    for child in children:
        child.join(30)
    assert len(outbox(settings)) == MAILS and states(settings) == [DeliveryState.ACCEPTED] * PLANNED
    with opened(settings) as warehouse:
        ledger = Ledger(warehouse)
        for row in ledger.rows(MAY, 0):
            assert [event["state_after"] for event in ledger.events(row.delivery_key)].count("accepted") == 1
    assert max(counts["accepted"] for counts in told) >= 1


def test_a_copied_warehouse_does_not_mail(settings: Settings):
    published(settings)
    copy = settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"environment": "staging"})})
    with pytest.raises(
        UsageError, match=r"made for environment 'test'; the configuration says delivery.environment = 'staging'. Nothing was mailed"
    ):
        mailed(copy)
    assert outbox(settings) == [] and states(settings) == []


def test_a_month_that_is_not_published_is_not_mailed(settings: Settings):
    with pytest.raises(UsageError, match=r"2026-05 is not published; nothing was mailed"):
        mailed(settings)


def test_packs_whose_bytes_are_not_the_published_ones_are_not_mailed(settings: Settings):
    published(settings)
    (Archive(settings.archive_path).folder(MAY, 0) / "tier-b.en.pdf").write_bytes(b"%PDF other")
    with pytest.raises(RefutedError, match=r"is not the pack that was published"):
        mailed(settings)
    assert outbox(settings) == [] and states(settings) == []


def test_a_bad_row_of_recipients_stops_all_mail(settings: Settings):
    published(settings)
    with pytest.raises(HeldError, match=r"Nothing was mailed"):
        mailed(settings, recipients({}, {"email": "boss@x.test", "tiers": "gold"}))
    assert outbox(settings) == [] and states(settings) == []


def test_a_recipient_whose_part_was_not_published_is_held_with_the_reason_and_gets_no_whole_pack(settings: Settings):
    published(settings)
    report = mailed(settings, recipients({}, {"email": "li@x.test", "filter_field": "account_manager", "filter_value": "li.na"}))
    assert (report.counts["accepted"], report.counts["held"], report.complete) == (1, 1, False)
    assert report.open == (
        "tier-a (en) -> li@x.test: held, r0 has no pack for account_manager = li.na: "
        "no customer is so, or the list was changed after it was published",
    )
    assert all(b"li@x.test" not in file.read_bytes() for file in outbox(settings))


def test_who_left_the_list_before_the_mail_went_out_is_held(settings: Settings):
    published(settings)
    both = recipients({}, {"email": "gone@x.test"})
    assert in_child(lambda: mailed(settings, both, at=KillAt("planned"))) == -9
    report = mailed(settings, recipients({}))
    assert report.counts["accepted"] == 1 and report.open == ("tier-a (en) -> gone@x.test: held, no longer on the list of recipients",)
    assert mailed(settings, both).counts["accepted"] == 1


def test_who_joins_the_list_later_gets_what_is_published(settings: Settings):
    published(settings)
    mailed(settings, recipients({}))
    report = mailed(settings, recipients({}, {"email": "new@x.test"}))
    assert (report.counts["accepted"], report.counts["already"]) == (1, 1)


def test_packs_that_nobody_is_to_get_are_named(settings: Settings):
    published(settings)
    assert mailed(settings, recipients({})).unaddressed == ("company (en)", "tier-a (zh_CN)", "tier-b (en)")


def test_only_the_tiers_that_are_asked_for_are_mailed(settings: Settings):
    published(settings)
    assert mailed(settings, tiers=["b"]).counts["accepted"] == 2
    assert mailed(settings, tiers=["company"]).counts["accepted"] == 2
    assert mailed(settings).counts == {"accepted": 3, "already": 4, "held": 0, "deferred": 0, "rejected": 0, "unknown": 0, "waiting": 0}


def test_a_later_revision_is_mailed_as_restated_and_the_earlier_mails_stay(settings: Settings):
    published(settings)
    mailed(settings, recipients({}))
    published(settings, digest="j" * 64, reason="input changed: orders 2026-05", files={**FILES, "tier-a.en.pdf": b"%PDF-1.7 restated"})
    report = mailed(settings, recipients({}))
    assert report.revision == 1 and report.counts["accepted"] == 1
    subjects = sorted(parsed(file.read_bytes())["Subject"] for file in outbox(settings))
    assert subjects == [
        "Hanlin Trading: customer review 2026-05, A customers",
        "Restated (r1): Hanlin Trading: customer review 2026-05, A customers",
    ]


def test_a_mail_that_is_sent_late_reads_as_of_the_day_on_which_it_is_sent(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    published(settings)
    monkeypatch.setenv("KEPING_CLOCK", "2026-06-20T17:30:00+00:00")
    mailed(settings, recipients({}))
    (file,) = outbox(settings)
    message = parsed(file.read_bytes())
    body = message.get_body(("plain",))
    assert body is not None and "Sent on 21 June 2026; figures as of 31 May 2026" in body.get_content(), "it is tomorrow in Shanghai"
    assert str(message["Date"]) == "Sat, 20 Jun 2026 17:30:00 +0000"


def test_what_was_built_and_never_tried_is_built_anew_on_another_day_and_what_was_tried_is_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    published(settings)
    for step, day in (("built", 20), ("claimed", 21), ("planned", 22)):
        monkeypatch.setenv("KEPING_CLOCK", f"2026-06-{day}T03:00:00+00:00")
        assert in_child(lambda at=step: mailed(settings, recipients({}), at=KillAt(at))) == -9
    monkeypatch.setenv("KEPING_CLOCK", "2026-06-23T03:00:00+00:00")
    mailed(settings, recipients({}))
    (file,) = outbox(settings)
    assert parsed(file.read_bytes())["Date"].datetime.day == 21


def test_asked_to_stop_it_stops_before_the_next_mail_and_says_what_waits(settings: Settings):
    published(settings)
    asked = iter([False, False, True])
    report = mailed(settings, stop=lambda: next(asked))
    assert report.stopped and report.counts["accepted"] == 5 and report.counts["waiting"] == 2, "bea's two packs and boss's three"
    assert mailed(settings).complete


def test_frozen_bytes_that_were_tampered_with_are_not_sent(settings: Settings):
    published(settings)
    only = recipients({})
    assert in_child(lambda: mailed(settings, only, at=KillAt("claimed"))) == -9
    (frozen,) = (settings.outbox_path / "messages").iterdir()
    good = frozen.read_bytes()
    frozen.write_bytes(good.replace(b"wang@x.test", b"evil@x.test"))
    with pytest.raises(MachineError, match=r"no longer holds the bytes that were frozen. It was not sent"):
        mailed(settings, only)
    assert outbox(settings) == [] and states(settings) == [DeliveryState.DEFERRED]
    frozen.write_bytes(good)
    assert mailed(settings, only).complete


def test_the_outbox_takes_the_same_bytes_twice_and_never_overwrites_others(tmp_path: Path):
    asked: list[str] = []
    envelope = Envelope("ab" * 32, MAY, "reviews@example.com", "wang@x.test", "tier-a en r0 ../../wang@x.test")
    transport = Outbox(tmp_path / "outbox")
    assert transport.send(b"one", envelope, lambda: asked.append("dot")).text == "in the outbox"
    assert transport.send(b"one", envelope, lambda: asked.append("dot")).text == "in the outbox already"
    with pytest.raises(MachineError, match=r"is there with other bytes than this delivery's. It was not overwritten"):
        transport.send(b"two", envelope, lambda: asked.append("dot"))
    (file,) = (tmp_path / "outbox").rglob("*.eml")
    assert file.read_bytes() == b"one" and len(asked) == 3
    assert file.relative_to(tmp_path).as_posix() == "outbox/2026-05/tier-a-en-r0-wang-x-test-abababababababab.eml"


def test_a_full_disk_leaves_no_mail_that_the_ledger_does_not_know(settings: Settings):
    published(settings)

    class Full(Relay):
        drops_repeats = True

        def send(self, message, envelope, before_dot):
            before_dot()
            raise MachineError("writing a file: no space left at outbox\nMend it")

    with pytest.raises(MachineError, match=r"no space left"):
        mailed(settings, transport=Full())
    counts = {state: states(settings).count(state) for state in set(states(settings))}
    assert counts == {DeliveryState.DEFERRED: 2, DeliveryState.PLANNED: PLANNED - 2}, "the two packs of bea's mail"
    assert mailed(settings).complete and len(outbox(settings)) == MAILS


@pytest.mark.parametrize("sender", ["a@x.test, b@y.test", "reviews", "a@x.test\\nBcc: b@y.test", "Reviews <a@x.test>"])
def test_a_sender_that_is_no_plain_address_is_refused_with_the_configuration(sender: str, tmp_path):
    with pytest.raises(UsageError, match=r"nothing was run.\n- delivery.sender: email "):
        configuration(tmp_path / "company", f"sqlite:///{tmp_path}/keping.db", sender=sender)


def test_a_canary_of_one_tier_is_in_no_mail_of_another(settings: Settings):
    files = {f"tier-{tier}.en.pdf": b"%PDF CANARY-" + tier.encode() for tier in ("a", "b")}
    published(settings, files=files)
    frame = recipients(*({"email": f"{tier}{number}@x.test", "tiers": tier} for tier in ("a", "b") for number in range(5)))
    relay = Relay(*["421 before", "451 after", "250"] * 3)
    for _ in range(4):
        mailed(settings, frame, transport=relay)
    assert len(relay.accepted) == 10
    for address, message in relay.accepted:
        (attachment,) = parsed(message).iter_attachments()
        assert attachment.get_content() == files[f"tier-{address[0]}.en.pdf"]


def test_a_revision_can_be_named(settings: Settings):
    published(settings)
    published(settings, digest="j" * 64, reason="again")
    report = mailed(settings, revision=0)
    assert (report.revision, report.counts["accepted"]) == (0, PLANNED)
    with pytest.raises(UsageError, match=r"2026-05 r7 is not published"):
        mailed(settings, revision=7)
