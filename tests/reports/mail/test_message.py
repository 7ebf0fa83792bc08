from __future__ import annotations

import hashlib
import os
import random
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.mail.accounts import name_keys
from reports.mail.headers import header, header_address, header_text
from reports.mail.letter import Letter, LetterPack, MailedAccount, PackFile, PackWords, Told
from reports.mail.message import (
    HEADERS,
    attached_pdfs,
    attached_workbooks,
    build_message,
    envelope_of,
    header_names,
    message_id,
    named_packs,
)
from reports.mail.subject import columns, shorten
from tests.flows.archive.builders import configuration, published
from tests.flows.delivery.builders import mailed, outbox, parsed, recipients
from transforms.month import Month

PDF = b"%PDF-1.7 x\r\n.\r\n\n.\n%%EOF"


def pack(name: str, words: PackWords, workbook: bytes = b"") -> LetterPack:
    def file(kind: str, data: bytes) -> PackFile:
        return PackFile(f"2026-05-r0-{name}.en.{kind}", f"2026-05/r0/{name}.en.{kind}", data)

    return LetterPack(words, file("pdf", PDF + name.encode()), file("xlsx", workbook) if workbook else None)


A = PackWords(
    "Review of A customers",
    order=1,
    about="A customers",
    news="Complaints per 1,000 orders at twice the target",
    data="Data: 99 of 100 rows accepted. Not supplied: surveys.",
    messages=[
        Told(
            "Complaints per 1,000 orders at twice the target",
            "Complaints: 120.",
            "Mostly damaged.",
            "Head of service: call, by 2026-06-05.",
        ),
        Told("3 customers were lost", "3 customers were lost: ¥9K a year at stake."),
    ],
    listed=[
        MailedAccount(1, "C7", "Harbour Lane", "li.na", "no order for 200 days", "Call", "li.na", "2026-06-07", "¥9,000"),
        MailedAccount(2, "C8", "Steve & Sons", "", "1 complaint open", "Settle it", "Head of service", "2026-06-25", "¥800"),
    ],
)
OLD = PackWords("A customers", [("Customers", "120"), ("Net revenue", "¥1,200,000")])
"""Of a revision that was published without messages."""

LETTER = Letter(
    key="ab" * 32,
    sender="reviews@example.com",
    address="wang@x.test",
    name="Wang Wei",
    company="Hanlin Trading",
    month=Month(2026, 5),
    revision=0,
    restated="",
    locale="en",
    known_at=datetime(2026, 6, 1, 4, 30, tzinfo=UTC),
    sent_at=datetime(2026, 6, 20, 5, 0, tzinfo=UTC),
    today=date(2026, 6, 20),
    packs=(pack("tier-a", OLD),),
)
NEWS = replace(LETTER, packs=(pack("tier-a", A),))


def text(letter: Letter) -> str:
    body = parsed(build_message(letter)).get_body(("plain",))
    assert body is not None
    return body.get_content()


def html(letter: Letter) -> str:
    body = parsed(build_message(letter)).get_body(("html",))
    assert body is not None
    return body.get_content()


def subject(letter: Letter) -> str:
    return str(parsed(build_message(letter))["Subject"])


def test_a_message_says_what_matters_to_one_person_and_carries_the_pack():
    message = parsed(build_message(NEWS))
    assert message["Subject"] == "A customers, May 2026: Complaints per 1,000 orders at twice the target"
    assert message["To"] == "Wang Wei <wang@x.test>"
    assert message["Date"].datetime == NEWS.sent_at
    assert message["Message-ID"] == message_id(NEWS.key, NEWS.sender) == f"<{'ab' * 20}@example.com>"
    assert [part.get_content_type() for part in message.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf")
    ]
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "2026-05-r0-tier-a.en.pdf"
    assert attachment.get_content() == NEWS.packs[0].pdf.data
    assert attached_pdfs(build_message(NEWS)) == named_packs(build_message(NEWS)) == [hashlib.sha256(attachment.get_content()).hexdigest()]
    assert envelope_of(build_message(NEWS)) == ["wang@x.test"]


def test_the_text_can_be_acted_on_without_opening_anything():
    assert (
        text(NEWS).replace("\r\n", "\n")
        == """Dear Wang Wei,

this is what matters in the customer review of May 2026.

Review of A customers
----------------------------------------
1. Complaints per 1,000 orders at twice the target
   Complaints: 120.
   Mostly damaged.
   Head of service: call, by 2026-06-05.
2. 3 customers were lost: ¥9K a year at stake.

Customers to act on
----------------------------------------
- Harbour Lane · C7, ¥9,000 at stake: no order for 200 days
  Call
  li.na, was due by 2026-06-07
- Steve & Sons · C8, ¥800 at stake: 1 complaint open
  Settle it
  Head of service, by 2026-06-25

Data: 99 of 100 rows accepted. Not supplied: surveys.

Attached: 2026-05-r0-tier-a.en.pdf

Sent on 20 June 2026; figures as of 31 May 2026, from data as known at 1 Jun 2026, 04:30 UTC.
Hanlin Trading
"""
    )


def test_the_html_says_what_the_text_says_in_the_reader_s_language_and_fetches_nothing():
    shown = html(NEWS)
    words = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", re.sub(r"</?span[^>]*>", "", shown))))
    for said in [
        *A.messages[0].__dict__.values(),
        "Harbour Lane",
        "Steve & Sons",
        "C7",
        "¥800",
        A.data,
        "Head of service, by 2026-06-25",
        "20 June 2026",
    ]:
        assert said in words and said in re.sub(r"\s+", " ", text(NEWS)), said
    assert '<html lang="en">' in shown and "<title>A customers, May 2026: " in shown and shown.count("<h2") == 2
    assert '<html lang="zh-CN">' in html(replace(NEWS, locale="zh_CN"))
    assert not re.search(r"<(img|script|link|style|iframe|form)|url\(|https?:|src=", shown)
    assert shown.count('<th scope="col"') == 3


def test_no_digest_stands_in_what_is_read():
    for part in parsed(build_message(NEWS)).walk():
        if part.get_content_maintype() == "text":
            assert not re.search(r"[0-9a-f]{16}", part.get_content()) and "sha256" not in part.get_content()


def test_a_reader_who_manages_accounts_gets_those_and_no_others():
    mine = replace(NEWS, manages=name_keys("Li Na", "wang@x.test"))
    assert "Your account to act on" in text(mine) and "Harbour Lane" in text(mine) and "Steve" not in text(mine)
    assert "  was due by 2026-06-07" in text(mine), "who is to act needs no name"
    assert "Your" not in text(replace(NEWS, manages=name_keys("Wang Wei", "wang@x.test")))


def test_of_a_long_list_ten_are_told_and_where_the_others_stand():
    listed = [replace(A.listed[1], rank=number, customer_id=f"C{number:03}", name=f"Name {number}") for number in range(1, 35)]
    long = replace(LETTER, packs=(pack("tier-a", replace(A, listed=listed[20:])), pack("company", replace(A, order=0, listed=listed))))
    said = text(long)
    assert "Customers to act on: the first 10 of 34" in said and "24 more stand in the pack." in said
    assert [number for number in range(1, 35) if f"- Name {number} " in said] == list(range(1, 11)), "once each, most money first"
    assert "24 more stand in the workbook." in text(replace(long, packs=(pack("tier-a", replace(A, listed=listed), b"PK"),)))


def test_where_nothing_is_news_subject_and_text_say_so():
    quiet = PackWords(
        "Review of A customers",
        about="A customers",
        news="Nothing stands out",
        calm="Nothing is out of the ordinary.",
        headlines=OLD.headlines,
    )
    letter = replace(LETTER, packs=(pack("tier-a", quiet),))
    assert subject(letter) == "A customers, May 2026: Nothing stands out"
    assert "Nothing is out of the ordinary." in text(letter) and "Net revenue" not in text(letter)
    both = replace(LETTER, packs=(pack("company", replace(quiet, order=0, about="Hanlin Trading")), pack("tier-a", A)))
    assert subject(both).startswith("A customers, May 2026: Complaints"), "the news, not that there is none"


def test_a_revision_that_was_published_without_messages_is_mailed_with_its_figures():
    assert subject(LETTER) == "Hanlin Trading: customer review 2026-05, A customers"
    assert "- Net revenue: ¥1,200,000" in text(LETTER) and "<strong>¥1,200,000</strong>" in html(LETTER)
    two = replace(LETTER, packs=(*LETTER.packs, pack("tier-b", replace(OLD, order=2))))
    assert subject(two) == "Hanlin Trading: customer review 2026-05, A customers and 1 more"


def test_a_chinese_letter_is_chinese():
    words = replace(A, title="A 级客户回顾", about="A 级客户", news="千单投诉率达目标的两倍", messages=[], listed=[], calm="", data="")
    message = parsed(build_message(replace(LETTER, locale="zh_CN", name="王伟", company="翰林贸易", packs=(pack("tier-a", words),))))
    assert message["Subject"] == "A 级客户，2026年5月：千单投诉率达目标的两倍"
    assert message["To"].addresses[0].display_name == "王伟"
    body = message.get_body(("plain",))
    assert body is not None and "发送日期：2026年6月20日。数据截至2026年5月31日" in body.get_content()
    assert not re.search(r"[a-z]{4}", body.get_content().replace("2026-05-r0-tier-a.en.pdf", ""))


def test_a_restated_month_says_so_in_the_subject_and_why():
    again = replace(NEWS, revision=1, restated="input changed: orders 2026-05")
    assert subject(again) == "Restated (r1): A customers, May 2026: Complaints per 1,000 orders at twice…"
    assert "Why: input changed: orders 2026-05" in text(again)
    assert subject(replace(NEWS, test=True)).startswith("Test, not sent to readers: A customers, May 2026: ")
    assert subject(replace(NEWS, part=(2, 3))).endswith("… (2 of 3)") and "This is mail 2 of 3" in text(replace(NEWS, part=(2, 3)))


@pytest.mark.parametrize(
    ("news", "most", "cut"),
    [
        ("Refunds unusually high (¥126,400)", 33, "Refunds unusually high (¥126,400)"),
        ("Refunds unusually high (¥126,400)", 32, "Refunds unusually high…"),
        ("Orders 1,234,567 against 2,000,000", 20, "Orders…"),
        ("Satisfaction 20%, target 60%", 26, "Satisfaction 20%, target…"),
        ("退款额异常偏高（¥12.6万）", 26, "退款额异常偏高（¥12.6万）"),
        ("退款额异常偏高（¥12.6万）", 23, "退款额异常偏高…"),
        ("千单投诉率为119.0，目标60.0", 21, "千单投诉率为…"),
        ("Satisfied customers (top two answers) 20%, target 60%", 40, "Satisfied customers 20%, target 60%"),
        ("x" * 90, 20, "x" * 19 + "…"),
        ("9" * 90, 20, "…"),
    ],
)
def test_a_subject_is_cut_between_words_and_never_within_or_after_a_number(news: str, most: int, cut: str):
    assert shorten(news, most) == cut and columns(cut) <= most


@given(st.text(st.sampled_from("ab 12,.%¥万（）客户−-"), max_size=120), st.integers(8, 78))
def test_a_cut_subject_fits_and_shows_whole_numbers_alone(news: str, most: int):
    cut = shorten(news, most)
    assert columns(cut) <= most
    if cut.endswith("…"):
        assert set(re.findall(r"[0-9][0-9,.]*", cut)) <= set(re.findall(r"[0-9][0-9,.]*", news))


def test_how_complete_the_data_are_is_said_once_where_it_is_the_same_for_all_packs():
    two = replace(LETTER, packs=(pack("tier-a", A), pack("tier-b", replace(A, order=2))))
    assert text(two).count(A.data) == 1
    differing = replace(two, packs=(pack("tier-a", A), pack("tier-b", replace(A, order=2, data="Data: all."))))
    assert text(differing).count(A.data) == 1 and text(differing).count("Data: all.") == 1 and html(differing).count("Data: all.") == 1


def test_no_more_than_five_headlines_and_five_messages_are_said():
    many = replace(OLD, headlines=[(f"n{number}", "1") for number in range(9)])
    said = text(replace(LETTER, packs=(pack("tier-a", many),)))
    assert "- n4: 1" in said and "- n5: 1" not in said
    said = text(replace(LETTER, packs=(pack("tier-a", replace(A, messages=[Told(f"m{number}", "x") for number in range(9)])),)))
    assert "5. m4" in said and "m5" not in said


def test_the_workbook_goes_with_its_pack():
    message = build_message(replace(NEWS, packs=(pack("tier-a", A, b"PK book"),)))
    assert [part.get_filename() for part in parsed(message).iter_attachments()] == ["2026-05-r0-tier-a.en.pdf", "2026-05-r0-tier-a.en.xlsx"]
    assert attached_workbooks(message) == [hashlib.sha256(b"PK book").hexdigest()]
    left_out = build_message(replace(NEWS, packs=(pack("tier-a", A, b"PK book"),), form="pack"))
    assert attached_workbooks(left_out) == []
    assert "The workbook is too large to be mailed. It lies in the archive: 2026-05/r0/tier-a.en.xlsx" in text(
        replace(NEWS, packs=(pack("tier-a", A, b"PK book"),), form="pack")
    )


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
    words = replace(A, title="标题" * 60, news="字" * 300, messages=[Told("短" * 90, "长" * 900)])
    message = build_message(replace(LETTER, name="名" * 100, locale="zh_CN", packs=(pack("tier-a", words),)))
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


def hostile(evil: str) -> PackWords:
    """A pack whose every word from data is hostile."""
    told, listed = Told(evil, evil, evil, evil), MailedAccount(1, evil, evil, evil, evil, evil, evil, evil, evil)
    return PackWords(evil, [(evil, evil)], 0, evil, evil, evil, evil, [told], [listed])


@pytest.mark.parametrize("evil", BREAKS)
def test_text_from_data_cannot_make_a_header(evil: str):
    text = f"Gold{evil}"
    letter = replace(LETTER, revision=1, restated=text, company=text, name=text, packs=(pack("tier-a", hostile(text)),))
    message = build_message(letter)
    head = message.split(b"\r\n\r\n", 1)[0]
    assert header_names(message) == sorted(HEADERS)
    assert b"\nBcc" not in head and b"\nbcc" not in head.lower()
    assert envelope_of(message) == ["wang@x.test"]


MARKUP = "</td></table><script>alert(1)</script><img src=x onerror=alert(2)>\"'&lt;<!--"


def test_text_from_data_is_text_in_the_html_too():
    letter = replace(LETTER, revision=1, restated=MARKUP, company=MARKUP, name=MARKUP, packs=(pack("tier-a", hostile(MARKUP)),))
    shown = html(letter)
    assert "<script" not in shown and "<img" not in shown and "<!--" not in shown
    plain = html(replace(letter, restated="x", company="x", name="x", packs=(pack("tier-a", hostile("x")),)))
    assert re.findall(r"<[^>]*>", shown) == re.findall(r"<[^>]*>", plain), "the same tags, whatever the words"


def test_long_and_foreign_names_keep_to_their_line():
    wide = replace(A, listed=[replace(A.listed[0], name="名" * 400), replace(A.listed[1], name="شركة\u202e\n\u200bالتجارة")])
    said = text(replace(LETTER, packs=(pack("tier-a", wide),)))
    assert f"- {'名' * 80} · C7, ¥9,000 at stake" in said and "- شركة التجارة · C8" in re.sub(" +", " ", said)


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
    letter = replace(LETTER, name=name, company=company, restated=restated, revision=1, packs=(pack("tier-a", hostile(title)),))
    message = build_message(letter)
    assert header_names(message) == sorted(HEADERS)
    assert envelope_of(message) == ["wang@x.test"]
    assert attached_pdfs(message) == [hashlib.sha256(PDF + b"tier-a").hexdigest()]


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


def test_packs_that_are_too_large_together_come_in_several_mails_and_alone_zipped_then_by_reference(tmp_path: Path):
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
    body = parsed(by_size["company"]).get_body(("plain",))
    assert body is not None
    assert "It lies in the archive: 2026-05/r0/company.en.pdf" in body.get_content() and "0.1 MB" in body.get_content()
    assert named_packs(by_size["company"]) == [hashlib.sha256(large).hexdigest()]
    assert [str(parsed(by_size[name])["Subject"])[-8:] for name in ("company", "tier-a", "tier-b")] == ["(1 of 3)", "(2 of 3)", "(3 of 3)"]
