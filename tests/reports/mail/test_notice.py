"""A notice to the owner is one sound message, whatever the company is called."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime

import pytest

from reports.mail.notice import owner_notice


@pytest.mark.parametrize(
    "company", ["Small", "Hanlin Trading (invented) 翰林贸易有限公司", "x" * 200, "翰林" * 80, "A\r\nBcc: evil@x.test", "a\x00b\u2028c"]
)
def test_its_subject_is_one_line_of_ours_and_its_words_come_through(company: str) -> None:
    notice = owner_notice(
        sender="a@example.com", address="b@example.com", company=company, about="the review of 2026-10 is held", lines=["第一行", "two"]
    )
    data = notice.as_bytes(datetime(2026, 11, 1, tzinfo=UTC))
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert message["subject"].endswith(": the review of 2026-10 is held")
    assert {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"} <= set(message.keys())
    assert "Bcc" not in message
    assert max(len(line) for line in data.split(b"\r\n")) < 998
    assert message.get_content().splitlines() == ["第一行", "two"]
