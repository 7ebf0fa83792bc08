"""Recipients as their table has them, and a way to mail a month in one call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pandas as pd

from flows.archive.office import Office
from flows.delivery.delivering import DeliveryReport, deliver
from flows.delivery.request import MailingRequest
from flows.delivery.transports import Envelope, Reply
from flows.settings import Settings
from reports.mail.letter import PackWords
from tests.flows.warehouse.builders import MAY
from transforms.month import Month

DAY = date(2026, 6, 2)
WORDS = {
    ("tier-a", "en"): PackWords("A customers", [("Customers", "120"), ("Net revenue", "¥1,200,000")]),
    ("tier-a", "zh_CN"): PackWords("A 级客户", [("客户数", "120")]),
    ("tier-b", "en"): PackWords("B customers"),
    ("company", "en"): PackWords("the company"),
}


def recipients(*rows: dict[str, Any]) -> pd.DataFrame:
    """A recipients table; what a row does not say is empty."""
    plain = {
        "email": "wang@x.test",
        "name": "Wang",
        "locale": "en",
        "tiers": "a",
        "filter_field": None,
        "filter_value": None,
        "valid_from": None,
        "valid_to": None,
        "formats": "pdf",
    }
    frame = pd.DataFrame([{**plain, **row} for row in rows], columns=list(plain))
    days = {name: pd.to_datetime(frame[name]).astype("datetime64[us]") for name in ("valid_from", "valid_to")}
    return frame.astype({name: "str" for name in frame.columns if name not in days}).assign(**days)


EVERYONE = recipients(
    {"email": "wang@x.test", "tiers": "a"},
    {"email": "li.na@x.test", "name": "李娜", "locale": "zh_CN", "tiers": "a"},
    {"email": "boss@x.test", "name": "Boss", "tiers": "*"},
    {"email": "bea@x.test", "name": "Bea", "tiers": "b|company"},
)
"""Six deliveries: a en to wang and boss, a zh to li.na, b en and company en to boss and bea (7 in all)."""

PLANNED = 7
MAILS = 4
"""One a person: wang, li.na, boss (three packs), bea (two)."""


def mailed(
    settings: Settings, frame: pd.DataFrame = EVERYONE, month: Month = MAY, *, at: Callable[[str], None] = lambda step: None, **more: Any
) -> DeliveryReport:
    """Mail the newest revision of a month; what more is said is of the request, else of the way out."""
    asked = {name: more.pop(name) for name in [*more] if name in MailingRequest.__dataclass_fields__}
    with Office.open(settings, create=True) as office:
        return deliver(office, MailingRequest(month, recipients=frame, day=DAY, **asked), **{"words": WORDS, **more}, at=at)


def outbox(settings: Settings) -> list[Path]:
    return sorted(settings.outbox_path.rglob("*.eml"))


def parsed(message: bytes) -> EmailMessage:
    found = BytesParser(policy=SMTP).parsebytes(message)
    assert isinstance(found, EmailMessage)
    return found


class Relay:
    """A relay that keeps what it accepts, and answers as it is told for each attempt in turn."""

    drops_repeats = False

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.accepted: list[tuple[str, bytes]] = []
        self.attempts: list[bytes] = []

    def send(self, message: bytes, envelope: Envelope, before_dot: Callable[[], None]) -> Reply:
        self.attempts.append(message)
        answer = self.answers.pop(0) if self.answers else "250"
        match answer:
            case "421 before":
                return Reply("deferred", "421 try later")
            case "drop before":
                return Reply("unknown", "connection lost")
            case "550":
                return Reply("rejected", "550 no such user")
        before_dot()
        match answer:
            case "451 after":
                return Reply("deferred", "451 greylisted")
            case "554 after":
                return Reply("rejected", "554 no")
            case "drop after":
                self.accepted.append((envelope.address, message))
                return Reply("unknown", "connection lost after the dot")
            case "250":
                self.accepted.append((envelope.address, message))
                return Reply("accepted", "250 ok", "Q1")
        raise AssertionError(answer)
