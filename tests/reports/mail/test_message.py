from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.mail.headers import header, header_address, header_text
from reports.mail.message import HEADERS, Letter, attached_pdfs, build_message, envelope_of, header_names, message_id, names_pack
from tests.flows.archive.builders import configuration, published
from tests.flows.delivery.builders import mailed, outbox, parsed, recipients
from transforms.month import Month

LETTER = Letter(
    key="ab" * 32,
    sender="reviews@example.com",
    address="wang@x.test",
    name="Wang Wei",
    company="Hanlin Trading",
    month=Month(2026, 5),
    revision=0,
    restated="",
    title="A customers",
    locale="en",
    known_at=datetime(2026, 6, 1, 4, 30, tzinfo=UTC),
    published_at=datetime(2026, 6, 1, 5, 0, tzinfo=UTC),
    file_name="2026-05-r0-tier-a.en.pdf",
    pdf=b"%PDF-1.7 x\r\n.\r\n\n.\n%%EOF",
    headlines=[("Customers", "120"), ("Net revenue", "¥1,200,000")],
)


def test_a_message_says_what_it_is_to_one_person_and_carries_the_pack():
    message = parsed(build_message(LETTER))
    assert message["Subject"] == "Hanlin Trading: customer review 2026-05, A customers"
    assert message["To"] == "Wang Wei <wang@x.test>"
    assert message["Date"].datetime == LETTER.published_at
    assert message["Message-ID"] == message_id(LETTER.key, LETTER.sender) == f"<{'ab' * 20}@example.com>"
    body = message.get_body(("plain",)).get_content()
    assert "Dear Wang Wei," in body and "- Net revenue: ¥1,200,000" in body and "May 2026" in body
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "2026-05-r0-tier-a.en.pdf"
    assert attachment.get_content() == LETTER.pdf
    assert attached_pdfs(build_message(LETTER)) == [hashlib.sha256(LETTER.pdf).hexdigest()]
    assert envelope_of(build_message(LETTER)) == ["wang@x.test"]


def test_a_chinese_letter_is_chinese():
    message = parsed(build_message(replace(LETTER, locale="zh_CN", name="王伟", title="A 级客户", company="翰林贸易")))
    assert "翰林贸易" in message["Subject"] and "A 级客户" in message["Subject"] and "customer review" not in message["Subject"]
    assert message["To"].addresses[0].display_name == "王伟"
    assert "Dear" not in message.get_body(("plain",)).get_content()


def test_a_restated_month_says_so_in_the_subject_and_why():
    message = parsed(build_message(replace(LETTER, revision=1, restated="input changed: orders 2026-05")))
    assert message["Subject"] == "Restated (r1): Hanlin Trading: customer review 2026-05, A customers"
    assert "Why: input changed: orders 2026-05" in message.get_body(("plain",)).get_content()


def test_no_more_than_five_headlines_are_said():
    body = parsed(build_message(replace(LETTER, headlines=[(f"n{number}", "1") for number in range(9)]))).get_body(("plain",)).get_content()
    assert "- n4: 1" in body and "- n5: 1" not in body


def test_a_letter_gives_the_same_bytes_in_any_process_zone_and_locale():
    code = (
        "import sys; from tests.reports.mail.test_message import LETTER; from reports.mail.message import build_message; "
        "sys.stdout.buffer.write(build_message(LETTER))"
    )
    here = build_message(LETTER)
    for zone, seed in (("Pacific/Apia", "1"), ("Asia/Kolkata", "99")):
        there = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "LC_ALL": "C"},
            capture_output=True,
            check=True,
        )
        assert there.stdout == here


def test_every_line_ends_as_the_wire_wants_it_and_none_is_too_long():
    message = build_message(replace(LETTER, title="标题" * 60, name="名" * 100, locale="zh_CN"))
    assert b"\n" not in message.replace(b"\r\n", b"") and b"\r" not in message.replace(b"\r\n", b"")
    assert max(len(line) for line in message.split(b"\r\n")) <= 998
    assert message.isascii()


BREAKS = [
    "\r\nBcc: evil@y.test",
    "\nBcc: evil@y.test",
    "\rBcc: evil@y.test",
    "\x0bBcc: evil@y.test",
    "\x0c",
    "\x85Bcc: evil@y.test",
    "\u2028Bcc: evil@y.test",
    "\x00",
    "\u202e",
    "=?utf-8?q?=0D=0ABcc:_evil@y.test?=",
]


@pytest.mark.parametrize("evil", BREAKS)
@pytest.mark.parametrize("place", ["company", "title", "name", "restated"])
def test_text_from_data_cannot_make_a_header(place: str, evil: str):
    letter = replace(LETTER, revision=1, restated="because")
    try:
        message = build_message(replace(letter, **{place: f"Gold{evil}"}))
    except ValueError:
        return
    head = message.split(b"\r\n\r\n", 1)[0]
    assert header_names(message) == sorted(HEADERS)
    assert b"\nBcc" not in head and b"\nbcc" not in head.lower()
    assert envelope_of(message) == ["wang@x.test"]


ANY = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            ["=?", "utf-8", "?q?", "?b?", "=0D=0A", "?=", "Bcc: a@y.test", " ", ",", "<a@y.test>", '"', "\\", "(", "名", "=", "?"]
        ),
        max_size=12,
    ).map("".join),
)


@given(name=ANY, company=ANY, title=ANY, restated=ANY)
def test_whatever_the_text_the_headers_are_ours_and_the_recipient_is_one(name: str, company: str, title: str, restated: str):
    letter = replace(LETTER, name=name, company=company, title=title, restated=restated, revision=1, headlines=[(title, company)])
    message = build_message(letter)
    assert header_names(message) == sorted(HEADERS)
    assert envelope_of(message) == ["wang@x.test"]
    assert attached_pdfs(message) == [hashlib.sha256(LETTER.pdf).hexdigest()]


@pytest.mark.parametrize(
    "address",
    ["a@x.test, b@x.test", "a@x.test\r\nBcc: b@x.test", "a b@x.test", "<a@x.test>", "a@x.test@y.test", "ä@x.test", "a@", "@x", ""],
)
def test_the_one_header_builder_refuses_what_reads_as_more_than_one_address(address: str):
    with pytest.raises(ValueError, match=r"address|header"):
        header_address("", address)


@pytest.mark.parametrize("evil", BREAKS)
def test_the_one_header_builder_refuses_controls_and_hidden_marks(evil: str):
    if evil.startswith("=?"):
        assert evil not in header_text(f"Gold{evil}")
        return
    for build in (header_text, lambda text: header_address(text, "a@x.test")):
        with pytest.raises(ValueError, match=r"U\+"):
            build(f"Gold{evil}")
    with pytest.raises(ValueError, match=r"printable ASCII"):
        header("Subject", f"Gold{evil}")


def test_a_pack_beyond_the_limit_comes_zipped_then_by_reference_and_is_mailed_all_the_same(tmp_path: Path):
    noise = random.Random(7).randbytes
    small, even, large = b"%PDF-1.7 small\n", b"%PDF-1.7" + b"0" * 60_000, b"%PDF-1.7" + noise(60_000)
    files = {"tier-a.en.pdf": small, "tier-b.en.pdf": even, "company.en.pdf": large}
    settings = configuration(tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'keping.db'}")
    delivery = settings.delivery.model_copy(update={"largest_mail_mb": 0.05})
    settings = settings.model_copy(update={"delivery": delivery})
    published(settings, files=files)
    report = mailed(settings, recipients({"tiers": "a|b|company"}))
    assert report.counts["accepted"] == 3 and report.complete
    by_size = {path.name.split("-en-")[0]: path.read_bytes() for path in outbox(settings)}
    assert all(len(message) <= 50_000 for message in by_size.values())
    kinds = {name: [part.get_content_type() for part in parsed(message).iter_attachments()] for name, message in by_size.items()}
    assert kinds == {"tier-a": ["application/pdf"], "tier-b": ["application/zip"], "company": []}
    assert attached_pdfs(by_size["tier-b"]) == [hashlib.sha256(even).hexdigest()]
    body = parsed(by_size["company"]).get_body()
    assert body is not None
    text = body.get_content()
    assert "2026-05/r0/company.en.pdf" in text and f"sha256 {hashlib.sha256(large).hexdigest()}" in text and "0.1 MB" in text
    assert names_pack(by_size["company"], hashlib.sha256(large).hexdigest()) and not names_pack(
        by_size["tier-a"], hashlib.sha256(small).hexdigest()
    )
