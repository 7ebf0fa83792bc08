"""A published month that mails to a test relay; copied per test, because making it takes longer than mailing it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from flows.delivery.backoff import Backoff
from flows.delivery.delivering import DeliveryReport
from flows.delivery.ledger import Delivery, Ledger
from flows.settings import Settings, SmtpSettings
from tests.flows.archive.builders import PDF, configuration, opened, published
from tests.flows.delivery.builders import mailed
from tests.flows.delivery.relay import PASSWORD, USER, Certificate, TestRelay
from tests.flows.warehouse.builders import MAY

PATIENT = {"timeout_seconds": 20.0, "deadline_seconds": 40.0}
HASTY = {"timeout_seconds": 0.6, "deadline_seconds": 1.5}
"""For relays that fall silent: short enough for a test, long enough for a busy machine."""
ATTEMPTS = 3


def template(folder: Path, *, pack_bytes: int = 0) -> Path:
    """One published month on SQLite, with an outbox that is still empty; its one pack has so many bytes more."""
    files = {"tier-a.en.pdf": PDF + b"a en" * (pack_bytes // 4)} if pack_bytes else None
    published(configuration(folder / "company", f"sqlite:///{folder / 'company' / 'keping.db'}"), files=files)
    return folder / "company"


def company(template: Path, folder: Path) -> Settings:
    """A copy of it with its own warehouse."""
    shutil.copytree(template, folder / "company")
    return configuration(folder / "company", f"sqlite:///{folder / 'company' / 'keping.db'}")


def by_smtp(settings: Settings, relay: TestRelay, certificate: Certificate | None = None, **more: Any) -> Settings:
    """The same company, mailing to the relay."""
    security = "none" if relay.tls is None else "tls" if relay.implicit else "starttls"
    smtp = SmtpSettings(
        **{
            "host": "localhost",
            "port": relay.port,
            "security": security,
            "ca_file": certificate.file if certificate else None,
            "username": USER if relay.login else None,
            "password": SecretStr(PASSWORD) if relay.login else None,
            **PATIENT,
            **more,
        }
    )
    return settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"transport": "smtp", "smtp": smtp})})


def mailed_in_one_command(settings: Settings, frame: Any, slept: list[float] | None = None, **more: Any) -> DeliveryReport:
    """One command with up to three attempts per message, whose pauses are noted instead of slept."""
    pauses = [] if slept is None else slept
    return mailed(settings, frame, backoff=Backoff(ATTEMPTS, 10.0, pauses.append, lambda: 0.5), **more)


def rows(settings: Settings) -> list[Delivery]:
    with opened(settings) as warehouse:
        return Ledger(warehouse).rows(MAY, 0)


def steps(settings: Settings, key: str) -> list[str]:
    with opened(settings) as warehouse:
        return [event["state_after"] for event in Ledger(warehouse).events(key)]
