"""The SMTP transport by itself: what it refuses to do, what it sends, and what it makes of every answer."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flows.check import check_everything
from flows.delivery.smtp import SmtpRelay, queue_id
from flows.delivery.smtp import _stuff_dots as stuffed
from flows.delivery.transports import Envelope, Reply
from flows.settings import Settings, SmtpSettings
from tests.flows.archive.builders import configuration
from tests.flows.delivery.mailing_builders import HASTY, by_smtp
from tests.flows.delivery.relay import PASSWORD, Certificate, Fault, TestRelay
from tests.flows.warehouse.builders import MAY
from transforms.errors import Exit, MachineError, UnreachableError, UsageError

ENVELOPE = Envelope("ab" * 32, MAY, "reviews@example.com", "wang@x.test", "tier-a en r0")
MESSAGE = b"Subject: hello\r\n\r\n.\r\n..two\r\n.three\r\nlast\r\n"

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the program openssl, which was looked for in the path")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.made(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def plain(tmp_path: Path) -> Settings:
    return configuration(tmp_path / "company", "sqlite:///keping.db")


def sent(settings: Settings, message: bytes = MESSAGE, envelope: Envelope = ENVELOPE) -> tuple[Reply, list[str]]:
    asked: list[str] = []
    return SmtpRelay.of(settings).send(message, envelope, lambda: asked.append("dot")), asked


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN", "CRAM-MD5 PLAIN"])
@pytest.mark.parametrize("implicit", [False, True])
def test_a_message_goes_out_encrypted_logged_in_and_byte_for_byte(
    plain: Settings, certificate: Certificate, mechanisms: str, implicit: bool
):
    with TestRelay(tls=certificate.for_server(), implicit=implicit, login=True, mechanisms=mechanisms, size=10_000) as relay:
        reply, asked = sent(by_smtp(plain, relay, certificate))
        assert (reply, asked) == (Reply("accepted", "250 2.0.0 Ok: queued as Q1", "Q1"), ["dot"])
        assert relay.sink.accepted == [("wang@x.test", MESSAGE)]
        assert (relay.sink.logins, relay.sink.clear_logins) == (["keping"], 0)
        assert f"MAIL FROM:<reviews@example.com> SIZE={len(MESSAGE)}" in relay.sink.commands


def test_before_the_dot_the_relay_has_not_got_the_message_and_a_refusal_then_leaves_it_so(plain: Settings):
    with TestRelay() as relay:

        def refuse() -> None:
            assert relay.sink.offered == [] and relay.sink.commands[-1] == "DATA"
            raise RuntimeError("the ledger is away")

        with pytest.raises(RuntimeError, match=r"the ledger is away"):
            SmtpRelay.of(by_smtp(plain, relay)).send(MESSAGE, ENVELOPE, refuse)
        relay.passed_when_done()
        assert relay.sink.offered == []


@given(st.lists(st.sampled_from([b".", b"..", b"", b"a", b".\r", b". ", b"\xff"]), min_size=1, max_size=20))
def test_stuffed_dots_never_end_the_message_and_come_off_again(lines: list[bytes]):
    message = b"".join(line.replace(b"\r", b"") + b"\r\n" for line in lines)
    wire = stuffed(message)
    assert b"\r\n.\r\n" not in b"\r\n" + wire
    assert b"".join(line.removeprefix(b".") + b"\r\n" for line in wire.split(b"\r\n")[:-1]) == message


@pytest.mark.parametrize("message", [b"a\nb\r\n", b"a\rb\r\n", b"a", b"a\r\n\n.\r\n", b"a\r\n.\r\r\n"])
def test_broken_lines_that_could_smuggle_a_second_message_are_not_sent(plain: Settings, message: bytes):
    with TestRelay() as relay:
        with pytest.raises(MachineError, match=r"holds broken lines. It was not sent"):
            sent(by_smtp(plain, relay), message)
        assert relay.sink.connections == 0


def test_a_certificate_that_is_not_trusted_stops_all_sending_before_anything_is_said(plain: Settings, certificate: Certificate):
    with TestRelay(tls=certificate.for_server(), login=True) as relay:
        reply, asked = sent(by_smtp(plain, relay))
        assert (reply.outcome, reply.stops, asked) == ("deferred", "sending", [])
        assert "certificate is not trusted: self-signed certificate; set delivery.smtp.ca_file" in reply.text
        assert (relay.sink.logins, relay.sink.offered) == ([], [])


def test_a_certificate_for_another_name_stops_all_sending(plain: Settings, tmp_path: Path):
    other = Certificate.made(tmp_path / "other", "DNS:mail.other.test")
    with TestRelay(tls=other.for_server(), login=True) as relay:
        reply, _ = sent(by_smtp(plain, relay, other))
        assert reply.stops == "sending" and "Hostname mismatch" in reply.text
        assert relay.sink.logins == []


def test_a_relay_that_offers_no_starttls_gets_neither_password_nor_mail(plain: Settings, certificate: Certificate):
    with TestRelay() as relay:
        reply, asked = sent(by_smtp(plain, relay, certificate, security="starttls", username="keping", password=PASSWORD))
        assert (reply.outcome, reply.stops, asked) == ("deferred", "sending", [])
        assert reply.text == "the relay offers no STARTTLS; nothing is sent in clear"
        assert [command.split(" ")[0].upper() for command in relay.sink.commands] in (["EHLO"], ["EHLO", "QUIT"])


def test_a_login_without_encryption_is_refused_by_the_configuration():
    with pytest.raises(ValidationError, match=r"a password is never sent in clear"):
        SmtpSettings(security="none", username="u", password="p")
    with pytest.raises(ValidationError, match=r"username and password belong together"):
        SmtpSettings(username="u")


def test_a_message_larger_than_the_relay_takes_is_not_sent_and_says_so(plain: Settings):
    with TestRelay(size=20) as relay:
        reply, asked = sent(by_smtp(plain, relay))
        assert (reply, asked) == (Reply("rejected", f"the message has {len(MESSAGE)} bytes; the relay takes 20 at most"), [])
        assert not any(command.startswith("MAIL") for command in relay.sink.commands)


def test_an_address_in_another_script_is_told_before_sending(plain: Settings):
    with TestRelay() as relay:
        reply, _ = sent(by_smtp(plain, relay), envelope=Envelope("ab", MAY, "reviews@example.com", "王@x.test", "x"))
        assert reply.outcome == "rejected" and "needs SMTPUTF8" in reply.text and relay.sink.offered == []


def test_a_tarpit_ends_with_the_deadline_although_every_byte_comes_in_time(plain: Settings):
    with TestRelay() as relay:
        relay.faults, begun = [Fault("rcpt", "trickle")], time.monotonic()
        reply, asked = sent(by_smtp(plain, relay, **HASTY))
        assert (reply.outcome, asked) == ("deferred", [])
        assert reply.text == f"relay localhost:{relay.port}: more than 1.5 s for one message"
        assert time.monotonic() - begun < 4


def test_a_relay_may_think_longer_about_a_whole_message_than_about_a_word(plain: Settings):
    with TestRelay() as relay:
        relay.on_dot = lambda address: time.sleep(1.0)
        reply, _ = sent(by_smtp(plain, relay, timeout_seconds=0.6, deadline_seconds=20))
        assert reply.outcome == "accepted"


def test_a_reply_becomes_one_short_line_without_controls_and_without_the_password(plain: Settings, certificate: Certificate):
    with TestRelay(tls=certificate.for_server(), login=True) as relay:
        relay.faults = [Fault("rcpt", f"550 \x1b[2J {PASSWORD} " + "x" * 400)]
        reply, _ = sent(by_smtp(plain, relay, certificate))
        assert reply.text.isprintable() and PASSWORD not in reply.text and len(reply.text) < 260
        assert PASSWORD not in repr(SmtpRelay.of(by_smtp(plain, relay, certificate)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2.0.0 Ok: queued as 4XyZ12", "4XyZ12"),
        ("OK id=1rAbC2-0003Xy-2a", "1rAbC2-0003Xy-2a"),
        ("2.6.0 <a@b> [InternalId=123456, Hostname=H] Queued mail for delivery", "123456"),
        ("2.0.0 v8K1 Message accepted for delivery", "v8K1"),
        ("Ok 0100018f-ab-000000", "0100018f-ab-000000"),
        ("2.0.0 thank you", ""),
        ("", ""),
    ],
)
def test_the_relay_s_own_name_for_a_message_is_found_in_its_answer(text: str, found: str):
    assert queue_id(text) == found


def test_a_certificate_file_that_is_not_there_or_is_none_is_a_usage_error(plain: Settings, tmp_path: Path):
    (tmp_path / "empty.pem").write_text("nothing")
    for name, said in (("missing.pem", "No such file"), ("empty.pem", "no certificate that can be read")):
        settings = plain.model_copy(update={"delivery": plain.delivery.model_copy(update={"smtp": SmtpSettings(ca_file=tmp_path / name)})})
        with pytest.raises(UsageError, match=said):
            SmtpRelay.of(settings)


def test_check_opens_the_connection_logs_in_and_sends_nothing(plain: Settings, certificate: Certificate):
    with TestRelay(tls=certificate.for_server(), login=True, size=26_000_000) as relay:
        told = SmtpRelay.of(by_smtp(plain, relay, certificate)).check(25.0)
        assert told == (f"relay localhost:{relay.port}, starttls (TLSv1.3), logged in as keping, messages up to 26.0 MB; nothing was sent")
        assert not any(command.startswith(("MAIL", "DATA")) for command in relay.sink.commands)


def test_check_says_what_does_not_work_with_the_relay_and_exits_4(plain: Settings, certificate: Certificate):
    with TestRelay(tls=certificate.for_server(), login=True) as relay:
        with pytest.raises(UnreachableError, match=r"535 5.7.8 authentication failed \(at AUTH\). Nothing was sent") as told:
            SmtpRelay.of(by_smtp(plain, relay, certificate, password="wrong-one")).check(25.0)
        assert told.value.exit_code == Exit.UNREACHABLE and "wrong-one" not in str(told.value)
        gone = by_smtp(plain, relay, certificate)
    mail = next(result for result in check_everything(gone) if result.what == "mail")
    assert mail.exit_code == Exit.UNREACHABLE and "connection refused" in mail.problem


def test_check_says_where_the_relay_takes_less_than_the_largest_mail_that_may_come(plain: Settings, certificate: Certificate):
    with TestRelay(tls=certificate.for_server(), login=True, size=10_240_000) as relay:
        settings = by_smtp(plain, relay, certificate)
        assert settings.delivery.largest_mail_mb == 25.0
        mail = next(result for result in check_everything(settings) if result.what == "mail")
        assert mail.exit_code == Exit.USAGE
        assert "takes 10,240,000 bytes at most; delivery.largest_mail_mb is 25" in mail.problem
        assert "Set largest_mail_mb = 10.24" in mail.problem
        assert "messages up to 10.2 MB" in SmtpRelay.of(settings).check(10.24)
