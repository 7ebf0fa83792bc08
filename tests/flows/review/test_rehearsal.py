"""A dry run: the real PDFs and mails, nothing connected to, and what differs from last month."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from flows.delivery.suppression import suppress
from flows.review.outcome import Ending
from flows.review.request import RunRequest
from flows.review.run import run_month
from tests.flows.company import REVIEWED, small_company
from tests.flows.delivery.builders import parsed
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

JUNE = Month.parse(REVIEWED)


def test_a_dry_run_connects_to_nothing_writes_the_mails_and_its_pdfs_are_the_ones_sent_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
    company = small_company(tmp_path / "small")
    assert run_month(company.settings(), RunRequest(JUNE - 1, ("company",), send=True)).deliveries == {"accepted": 2}
    company.append("recipients", ["cy@example.com", "Cy", "en", "company"])
    tried: list[Any] = []

    def refused(*address: Any) -> None:
        tried.append(address)
        raise OSError("the network is off")

    with monkeypatch.context() as off:
        for name in ("connect", "connect_ex", "sendto"):
            off.setattr(socket.socket, name, refused)
        off.setattr(socket, "create_connection", refused)
        off.setattr(socket, "getaddrinfo", refused)
        rehearsed = run_month(company.settings(), RunRequest(JUNE, ("company",), send=True, dry_run=True))
    assert (tried, rehearsed.ending) == ([], Ending.REHEARSED) and rehearsed.folder is not None
    mails = [parsed(path.read_bytes()) for path in sorted((rehearsed.folder / "mail").glob("*.eml"))]
    assert {str(mail["Subject"]) for mail in mails} == {letter["subject"] for letter in rehearsed.as_dict()["preview"]["letters"]}
    assert any(line.startswith("  an@example.com: Small Company, June 2026: ") for line in rehearsed.lines())
    printed = rehearsed.packs[0].read_bytes()
    assert sorted(str(mail["To"].addresses[0].addr_spec) for mail in mails) == ["an@example.com", "bo@example.com", "cy@example.com"]
    assert all(next(iter(mail.iter_attachments())).get_content() == printed for mail in mails)
    told = rehearsed.as_dict()["preview"]
    assert (told["against"], told["readers_joined"], told["readers_left"]) == ("2026-05", ["cy@example.com (company)"], [])
    assert {row["indicator"] for row in told["figures"]} >= {"net_revenue", "customers_active_12m"}
    assert all(row["previous"] is not None for row in told["figures"] if row["indicator"] == "net_revenue")
    assert json.dumps(told) and "readers against 2026-05: +cy@example.com (company)" in rehearsed.lines()
    assert list((company.folder / "outbox").glob("2026-06/*")) == [] and not (company.folder / "archive" / REVIEWED).exists()

    monkeypatch.setenv("KEPING_CLOCK", "2026-07-03T09:30:00+00:00")
    sent = run_month(company.settings(), RunRequest(JUNE, ("company",), send=True))
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in sent.packs] == [hashlib.sha256(printed).hexdigest()]
    assert sent.deliveries == {"held": 3}, "three readers where two were: somebody is to look at it first"
    assert "readers 2 in 2026-05, now 3 (+50%, limit 20%)" in sent.undelivered[0]


def test_a_dry_run_holds_back_what_the_run_would_hold_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
    company = small_company(tmp_path / "small")
    company.config.write_text(company.config.read_text() + '\n[delivery]\napproval = ["a"]\nfigures_jump = { orders = 100.0 }\n')
    run_month(company.settings(), RunRequest(JUNE - 1, ("company",)))
    suppress(company.settings(), "an@example.com", "asked to be taken off", lift=False)
    rehearsed = run_month(company.settings(), RunRequest(JUNE, ("a", "company"), dry_run=True))
    told = rehearsed.as_dict()["preview"]
    assert told["mails"] == [{"pack": "company", "locale": "en", "address": "bo@example.com"}]
    assert "mail: 1 pack(s) would be sent to 1 reader(s), 1 would wait for approval, written as .eml files there" in rehearsed.lines()
    assert [line[: line.index(":", line.index(": ") + 1)] for line in told["held"]] == [
        "company (en) to an@example.com: suppressed",
        "tier-a (en) to an@example.com: suppressed",
        "tier-a (en) to bo@example.com: waits for approval",
    ]
    assert rehearsed.folder is not None and len(list((rehearsed.folder / "mail").glob("*bo-example-com*.eml"))) == 2
    company.config.write_text(company.config.read_text().replace("orders = 100.0", "net_revenue = 0.001"))
    jumps = run_month(company.settings(), RunRequest(JUNE, ("a", "company"), dry_run=True)).as_dict()["preview"]
    assert jumps["mails"] == [] and "net_revenue" in jumps["held"][1]
    company.config.write_text(company.config.read_text().replace("net_revenue", "net_revenu"))
    trouble = run_month(company.settings(), RunRequest(JUNE, ("a", "company"), dry_run=True)).as_dict()["preview"]["trouble"]
    assert trouble.startswith("delivery.figures_jump: no indicator is called 'net_revenu';")
    company.config.write_text(company.config.read_text().replace("net_revenu = 0.001", "orders = 100.0"))
    sent = run_month(company.settings(), RunRequest(JUNE, ("a", "company"), send=True))
    assert sent.deliveries == {"accepted": 1, "held": 1, "opted_out": 2}


def test_a_dry_run_of_a_month_that_is_out_as_it_is_says_so_and_who_has_not_got_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
    company = small_company(tmp_path / "small")
    sent = run_month(company.settings(), RunRequest(JUNE, ("company",), send=True))
    company.append("recipients", ["cy@example.com", "Cy", "en", "company"])
    rehearsed = run_month(company.settings(), RunRequest(JUNE, ("company",), dry_run=True))
    assert rehearsed.lines() == [
        "2026-06: dry run, nothing mailed. r0 is published from this very input; a run makes no new packs:",
        f"  {sent.packs[0]}",
        "mail: 1 pack(s) would be sent to 1 reader(s)",
    ]
    again = run_month(company.settings(), RunRequest(JUNE, ("company",), send=True))
    assert (again.ending, again.deliveries) == (Ending.UNCHANGED, {"accepted": 1, "already": 2})
