"""One mail a person: several packs leave together, each at most once, whatever is killed, held, approved or changed in between."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from flows.delivery.ledger import Delivery, DeliveryState, Ledger
from flows.settings import Settings
from reports.mail.letter import MailedAccount, PackWords, Told
from reports.mail.message import attached_pdfs, attached_workbooks, named_packs
from tests.flows.archive.builders import FILES, KillAt, configuration, in_child, opened, published
from tests.flows.delivery.builders import Relay, mailed, outbox, parsed, recipients
from tests.flows.delivery.mailing_builders import by_smtp
from tests.flows.delivery.relay import Fault, TestRelay
from tests.flows.warehouse.builders import MAY
from transforms.errors import MachineError, RefutedError

BOSS = {"email": "boss@x.test", "name": "Boss", "tiers": "*"}
"""Three packs: company, tier a, tier b."""
THREE = recipients(BOSS)
TWO = recipients({**BOSS, "tiers": "a|b"})
WITH_BOOKS = FILES | {f"{name.removesuffix('.pdf')}.xlsx": b"PK " + name.encode() for name in FILES if name.endswith(".pdf")}


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """May, published with workbooks."""
    settings = configuration(tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'keping.db'}")
    published(settings, files=WITH_BOOKS)
    return settings


def rows(settings: Settings) -> dict[str, Delivery]:
    with opened(settings) as warehouse:
        return {row.pack: row for row in Ledger(warehouse).rows(MAY, 0)}


def packs_in(message: bytes) -> list[str]:
    return sorted(part.get_filename().split("-r0-")[1] for part in parsed(message).iter_attachments())


def digests(*packs: str) -> list[str]:
    return sorted(hashlib.sha256(FILES[f"{pack}.en.pdf"]).hexdigest() for pack in packs)


def test_a_reader_of_three_packs_gets_one_mail_and_the_ledger_knows_each_pack(home: Settings):
    with TestRelay() as relay:
        report = mailed(by_smtp(home, relay), THREE)
        ((address, message),) = relay.sink.accepted
    assert (report.counts["accepted"], address) == (3, "boss@x.test")
    assert attached_pdfs(message) == [hashlib.sha256(FILES[f"{pack}.en.pdf"]).hexdigest() for pack in ("company", "tier-a", "tier-b")]
    assert sorted(named_packs(message)) == digests("company", "tier-a", "tier-b")
    found = rows(home)
    assert {row.message_digest for row in found.values()} == {hashlib.sha256(message).hexdigest()}
    assert len({row.delivery_key for row in found.values()}) == 3 and len({row.message_id for row in found.values()}) == 1


def test_a_reader_of_two_languages_gets_one_mail_in_each(home: Settings):
    mailed(home, recipients(BOSS, {**BOSS, "locale": "zh_CN", "tiers": "a"}))
    assert [packs_in(file.read_bytes()) for file in outbox(home)] == [
        ["company.en.pdf", "tier-a.en.pdf", "tier-b.en.pdf"],
        ["tier-a.zh_CN.pdf"],
    ]


def test_a_pack_that_was_mailed_already_does_not_go_again_with_the_others(home: Settings):
    relay = Relay()
    assert mailed(home, THREE, transport=relay, tiers=["b"]).counts["accepted"] == 1
    report = mailed(home, THREE, transport=relay)
    assert (report.counts["accepted"], report.counts["already"]) == (2, 1)
    assert [packs_in(message) for _, message in relay.accepted] == [["tier-b.en.pdf"], ["company.en.pdf", "tier-a.en.pdf"]]
    assert mailed(home, THREE, transport=relay).counts["already"] == 3 and len(relay.accepted) == 2


@pytest.mark.parametrize("step", ["message_written", "built", "claimed", "before_dot"])
def test_killed_before_the_dot_all_packs_go_once(home: Settings, step: str):
    assert in_child(lambda: mailed(home, THREE, transport=Relay(), at=KillAt(step))) == -9
    relay = Relay()
    assert mailed(home, THREE, transport=relay).complete
    assert [packs_in(message) for _, message in relay.accepted] == [["company.en.pdf", "tier-a.en.pdf", "tier-b.en.pdf"]]


@pytest.mark.parametrize("step", ["dot_committed", "sent"])
def test_killed_after_the_dot_all_its_packs_are_uncertain_and_none_is_offered_again(home: Settings, step: str):
    assert in_child(lambda: mailed(home, THREE, transport=Relay(), at=KillAt(step))) == -9
    relay = Relay()
    assert mailed(home, THREE, transport=relay).counts["unknown"] == 3 and relay.attempts == []
    key = rows(home)["tier-a"].delivery_key
    assert mailed(home, THREE, transport=relay, only={key}, resend=True).counts["accepted"] == 3, "a mail is decided as a whole"
    assert len(relay.accepted) == 1 and hashlib.sha256(relay.accepted[0][1]).hexdigest() == rows(home)["tier-b"].message_digest


@pytest.mark.parametrize("answer", ["421 before", "451 after"])
def test_where_a_pack_is_no_longer_for_its_reader_the_others_are_built_anew_without_it(home: Settings, answer: str):
    relay = Relay(answer)
    assert mailed(home, THREE, transport=relay).counts["deferred"] == 3
    report = mailed(home, TWO, transport=relay)
    assert (report.counts["accepted"], report.counts["held"]) == (2, 1)
    ((_, message),) = relay.accepted
    assert packs_in(message) == ["tier-a.en.pdf", "tier-b.en.pdf"] and b"company" not in message
    assert rows(home)["tier-a"].message_id != rows(home)["company"].message_id


def test_what_may_have_left_with_a_pack_that_must_not_leave_now_is_held_and_never_built_anew(home: Settings):
    relay = Relay("drop after")
    assert mailed(home, THREE, transport=relay).counts["unknown"] == 3
    key = rows(home)["tier-a"].delivery_key
    for _ in range(2):
        report = mailed(home, TWO, transport=relay, only={key}, resend=True)
        assert report.counts["held"] == 3 and len(relay.attempts) == 1
    why = "it may have left in one mail with company, which must not leave now"
    assert [rows(home)[pack].reason for pack in ("tier-a", "tier-b")] == [why, why]
    assert mailed(home, THREE, transport=relay).counts["accepted"] == 3
    assert relay.attempts[0] == relay.attempts[1], "the same bytes, once all of it may leave"


def test_what_is_released_later_joins_what_was_built_and_not_tried(home: Settings):
    strict = home.model_copy(update={"delivery": home.delivery.model_copy(update={"approval": ("company",)})})
    assert in_child(lambda: mailed(strict, THREE, at=KillAt("built"))) == -9
    assert mailed(home, THREE).counts["accepted"] == 3
    (file,) = outbox(home)
    assert packs_in(file.read_bytes()) == ["company.en.pdf", "tier-a.en.pdf", "tier-b.en.pdf"]


def test_a_pack_that_waits_for_approval_keeps_no_other_waiting_and_comes_in_a_mail_of_its_own(home: Settings):
    strict = home.model_copy(update={"delivery": home.delivery.model_copy(update={"approval": ("company",)})})
    assert mailed(strict, THREE).counts["held"] == 1
    mailed(home, THREE)
    assert sorted(packs_in(file.read_bytes()) for file in outbox(home)) == [["company.en.pdf"], ["tier-a.en.pdf", "tier-b.en.pdf"]]


@pytest.mark.parametrize(
    ("company", "row", "expected"),
    [
        (("pdf", "xlsx"), "", ["tier-a.en.pdf", "tier-a.en.xlsx"]),
        (("pdf",), "", ["tier-a.en.pdf"]),
        (("pdf", "xlsx"), "pdf", ["tier-a.en.pdf"]),
        (("pdf",), "pdf|xlsx", ["tier-a.en.pdf", "tier-a.en.xlsx"]),
    ],
)
def test_the_workbook_comes_where_the_reader_or_else_the_company_asks_for_it(
    home: Settings, company: tuple[str, ...], row: str, expected: list[str]
):
    settings = home.model_copy(update={"delivery": home.delivery.model_copy(update={"formats": company})})
    mailed(settings, recipients({"formats": row or None}))
    (file,) = outbox(home)
    assert packs_in(file.read_bytes()) == expected
    assert attached_workbooks(file.read_bytes()) == [hashlib.sha256(WITH_BOOKS["tier-a.en.xlsx"]).hexdigest()] * (len(expected) - 1)


def test_a_workbook_that_is_not_the_published_one_is_not_mailed(home: Settings):
    book = home.archive_path / "2026-05" / "r0" / "tier-a.en.xlsx"
    book.chmod(0o600)
    book.write_bytes(b"PK another")
    with pytest.raises(RefutedError, match=r"is not the workbook that was published"):
        mailed(home, recipients({"formats": "xlsx"}))
    assert outbox(home) == []


def test_what_is_too_large_for_one_mail_comes_in_several_then_without_workbooks(tmp_path: Path):
    noise = random.Random(3).randbytes
    files = {f"{pack}.en.{kind}": b"%PDF" + noise(20_000) for pack in ("company", "tier-a", "tier-b") for kind in ("pdf", "xlsx")}
    files["tier-b.en.xlsx"] = b"PK" + noise(80_000)
    settings = configuration(tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'keping.db'}")
    settings = settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"largest_mail_mb": 0.12})})
    published(settings, files=files)
    assert mailed(settings, recipients({**BOSS, "formats": "xlsx"})).counts["accepted"] == 3
    mails = sorted((file.read_bytes() for file in outbox(settings)), key=lambda message: str(parsed(message)["Subject"])[-8:])
    assert [packs_in(message) for message in mails] == [
        ["company.en.pdf", "company.en.xlsx", "tier-a.en.pdf", "tier-a.en.xlsx"],
        ["tier-b.en.pdf"],
    ]
    texts = [body.get_content() for message in mails if (body := parsed(message).get_body(("plain",))) is not None]
    assert "This is mail 1 of 2" in texts[0] and "This is mail 2 of 2" in texts[1]
    assert "The workbook is too large to be mailed. It lies in the archive: 2026-05/r0/tier-b.en.xlsx" in texts[1]
    assert all(len(message) <= 120_000 for message in mails)


def test_killed_between_two_parts_the_second_still_says_that_it_is_one(tmp_path: Path):
    settings = configuration(tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'keping.db'}")
    settings = settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"largest_mail_mb": 0.04})})
    published(settings, files={f"{pack}.en.pdf": b"%PDF" + b"x" * 20_000 for pack in ("tier-a", "tier-b")})
    assert in_child(lambda: mailed(settings, TWO, at=KillAt("recorded"))) == -9
    assert mailed(settings, TWO).counts["already"] == 1
    subjects = sorted(str(parsed(file.read_bytes())["Subject"])[-8:] for file in outbox(settings))
    assert subjects == ["(1 of 2)", "(2 of 2)"]


def test_a_frozen_mail_that_carries_another_pack_is_not_sent(home: Settings):
    assert in_child(lambda: mailed(home, TWO, at=KillAt("built"))) == -9
    with opened(home) as warehouse, warehouse.writing() as connection:
        connection.exec_driver_sql("update deliveries set message_digest = null, state = 'held', hold = 'unfit' where pack = 'tier-b'")
    relay = Relay()
    with pytest.raises(MachineError, match=r"does not carry tier-a \(en\) to its recipient"):
        mailed(home, recipients({**BOSS, "tiers": "a"}), transport=relay)
    assert relay.attempts == []


def words(pack: str, order: int, canary: str) -> PackWords:
    told = [Told(f"{canary} short", f"{canary} sentence", f"{canary} because", f"{canary} act")]
    listed = [
        MailedAccount(1, f"{canary}1", f"{canary} one", "boss", "why", "what", "boss", "2026-06-07", "¥2"),
        MailedAccount(2, f"{canary}2", f"{canary} two", "li.na", "why", "what", "li.na", "2026-06-07", "¥1"),
    ]
    return PackWords(f"Review of {pack}", (), order, pack, f"{canary} news", "", f"{canary} data", told, listed)


SAID = {
    ("company", "en"): words("company", 0, "CANARYX"),
    ("tier-a", "en"): words("tier-a", 1, "CANARYA"),
    ("tier-b", "en"): words("tier-b", 2, "CANARYB"),
}


def text_of(message: bytes) -> str:
    return "".join(part.get_content() for part in parsed(message).walk() if part.get_content_maintype() == "text") + str(
        parsed(message)["Subject"]
    )


def test_a_mail_says_of_its_reader_s_packs_alone(home: Settings):
    relay = Relay("421 before", "451 after")
    people = recipients(
        *({"email": f"{tier}@x.test", "tiers": tier} for tier in ("a", "b", "company")), {"email": "ab@x.test", "tiers": "a|b"}
    )
    for _ in range(3):
        mailed(home, people, transport=relay, words=SAID)
    seen = {
        address: {word for word in ("CANARYX", "CANARYA", "CANARYB") if word in text_of(message)} for address, message in relay.accepted
    }
    assert seen == {
        "a@x.test": {"CANARYA"},
        "b@x.test": {"CANARYB"},
        "company@x.test": {"CANARYX"},
        "ab@x.test": {"CANARYA", "CANARYB"},
    }


def test_a_manager_reads_of_the_accounts_that_are_theirs_and_of_all_messages(home: Settings):
    mailed(home, THREE, words=SAID)
    (file,) = outbox(home)
    said = text_of(file.read_bytes())
    assert "Your 3 accounts to act on" in said and "CANARYB one" in said and "CANARYA two" not in said
    assert said.count("CANARYX sentence") == 2 and "company, May 2026: CANARYX news" in said, "in text and HTML"


def test_one_reader_who_is_refused_for_all_packs_keeps_no_other_waiting(home: Settings):
    with TestRelay() as relay:
        relay.faults = [Fault("rcpt", "550 no such user", 1)]
        report = mailed(by_smtp(home, relay), recipients(BOSS, {"email": "zoe@x.test", "tiers": "a"}))
        assert (report.counts["rejected"], report.counts["accepted"]) == (3, 1) and relay.sink.recipients == ["zoe@x.test"]
    assert {row.state for pack, row in rows(home).items() if row.address == "boss@x.test"} == {DeliveryState.REJECTED}
