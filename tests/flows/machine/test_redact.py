from __future__ import annotations

import json
import logging
import sys
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.machine.redact import SHORTEST, SafeFormatter, one_line, redact


@pytest.mark.parametrize(
    "text",
    [
        "postgresql+psycopg://u:CANARY1@h/db?password=CANARY1&sslpassword=CANARY1",
        "postgresql://u:p@ss:CANARY1@h/db",
        "smtp://u:CANARY1@relay",
        "connection to server failed: password=CANARY1 host=h",
        "conninfo: host=h password = 'CANARY1 with blanks' user=u",
        "https://x.test/hook?api_key=CANARY1&month=5",
        "https://x.test/hook?access_token=CANARY1",
        "mysql+pymysql://u:CANARY1@h/db; retry mysql+pymysql://u:CANARY1@h/db",
    ],
)
def test_what_stands_where_urls_keep_passwords_is_masked_also_unknown(text: str):
    shown = redact(text)
    assert "CANARY1" not in shown and "***" in shown


def test_a_url_keeps_what_helps_to_find_the_server():
    assert (
        redact("postgresql://keping:s3cret@db.x.test:5432/keping?sslmode=require")
        == "postgresql://keping:***@db.x.test:5432/keping?sslmode=require"
    )


def test_a_text_without_secrets_stays_as_it_is():
    text = "orders 2024-05: 12 of 48,310 rows have no customer_id (first: 10234). See https://x.test/a?month=5 or mail a@x.test"
    assert redact(text, ["s3cret"]) == text


@given(secret=st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=SHORTEST, max_size=20))
def test_a_known_secret_is_masked_in_every_spelling_also_within_a_word(secret: str):
    for spelling in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1], json.dumps(secret)[1:-1]):
        assert redact(f"<{spelling}>", [secret]) == "<***>"


def test_a_percent_encoded_password_is_masked_plain_and_encoded():
    for secret in ("p@ss word", "p%40ss%20word"):
        for text in ("p@ss word", "p%40ss%20word", "p%40ss+word", "xp@ss wordx"):
            assert "ss" not in redact(f"<{text}>", [secret])


def test_the_longer_of_two_secrets_leaves_no_rest():
    assert redact("abcdef abc", ["abc", "abcdef"]) == "*** ***"


def test_a_very_short_secret_does_not_black_out_words_but_is_masked_in_a_url():
    assert redact("a banana at mysql://u:a@h/db", ["a"]) == "a banana at mysql://u:***@h/db"


@pytest.mark.parametrize("evil", ["x\n2026-11-01 INFO sent tier=gold ok", "\x1b[2J", "a\rb", "a\x85b", "a\u2028b", "a\u202eb", "\x00"])
def test_one_event_is_one_line_without_terminal_codes(evil: str):
    shown = one_line(f"name {evil}")
    assert len(shown.splitlines()) == 1 and shown.isprintable()


def test_a_log_line_is_one_line_without_secrets_and_a_traceback_keeps_its_lines():
    formatter = SafeFormatter(["CANARY1"])
    try:
        raise RuntimeError("cannot reach postgresql://u:CANARY2@h/db with CANARY1")
    except RuntimeError:
        record = logging.LogRecord("keping", logging.INFO, __file__, 1, "sent %s\n2026 INFO forged", ("CANARY1",), sys.exc_info())
    shown = formatter.format(record)
    assert "CANARY" not in shown
    assert shown.splitlines()[0].endswith(r"sent ***\n2026 INFO forged")
    assert "Traceback" in shown.splitlines()[1]
