"""Word to the owner of the reviews: a month was held, failed, or did not reach everyone; once for the same words, and never in a loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from flows.delivery.delivering import configured_transport
from flows.delivery.transports import Envelope
from flows.machine import clock
from flows.machine.files import inside, make_folder, write_atomic
from flows.machine.redact import redact
from flows.settings import Settings
from flows.warehouse.store import Warehouse
from flows.warehouse.whereabouts import is_copy
from reports.mail.notice import owner_notice
from transforms.errors import BusyError, CopiedError, HeldError, ReviewError, UndeliveredError
from transforms.month import Month

LINES = 10
"""A notice is read at seven in the morning."""


def tell_owner(settings: Settings, month: Month, lines: Sequence[str], what: str = "is held", subject: str = "") -> None:
    """Leave word for the owner of a month that did not go as it should; the same word is left once, however often it is tried.

    Written to `<outbox>/owner/`, and mailed where mail goes out by SMTP; readers get nothing. A relay
    that is away changes nothing else: the copy in the outbox stays, and the next try offers it again. From a copied
    warehouse nothing is mailed, and no relay is connected to.
    """
    delivery = settings.delivery
    address = delivery.owner or delivery.sender
    about = f"{subject or f'the review of {month}'} {what}"
    notice = owner_notice(sender=delivery.sender, address=address, company=settings.company.name, about=about, lines=lines)
    folder = make_folder(inside(settings.outbox_path, "owner"))
    path = inside(folder, f"{'held' if what == 'is held' else 'failed'}-{month}-{notice.digest[:12]}.eml")
    if not path.exists():
        write_atomic(path, notice.as_bytes(clock.now()))
    if delivery.transport == "smtp" and not _on_a_copy(settings):
        _mail_notice(settings, Envelope(notice.digest, month, delivery.sender, address, "notice"), path)


def tell_owner_of(settings: Settings, month: Month, error: BaseException | str, subject: str = "") -> None:
    """Leave word of an error: its own lines where it is one of ours, else its kind and first line.

    Somebody else at work on the month is no trouble, and from a copied warehouse nothing leaves. Whatever goes wrong
    here is dropped: the error itself is on its way to whoever called, and a word about it must not take its place.
    """
    if isinstance(error, BusyError | CopiedError):
        return
    lines = redact(_trouble_words(month, error), settings.secrets()).splitlines()
    with suppress(Exception):
        tell_owner(settings, month, lines[:LINES], _what(error), subject)


@contextmanager
def owner_hears_of_trouble(settings: Settings, month: Month) -> Iterator[None]:
    """Whatever error ends the block is told to the owner, and goes on its way."""
    try:
        yield
    except Exception as error:
        tell_owner_of(settings, month, error)
        raise


def _what(error: BaseException | str) -> str:
    if isinstance(error, HeldError):
        return "is held"
    return "did not reach everyone" if isinstance(error, UndeliveredError) else "failed"


def _trouble_words(month: Month, error: BaseException | str) -> str:
    if isinstance(error, str | ReviewError):
        return str(error)
    first = (str(error).strip().splitlines() or [""])[0][:300]
    return (
        f"{month}: {type(error).__name__}: {first}\n"
        "This is a bug or a fault of the machine. Nothing half-made was published.\n"
        f"The whole story is in the log of the run; the same command goes on: keping run --month {month}"
    )


def _on_a_copy(settings: Settings) -> bool:
    """Whether the warehouse is a copy; one that is not there, or does not answer, is none: its owner is to hear of that."""
    delivery = settings.delivery
    try:
        with Warehouse.open(settings.warehouse_url, settings.company.name, delivery.environment, create=False) as warehouse:
            return is_copy(warehouse, delivery.environment)
    except ReviewError:
        return False


def _mail_notice(settings: Settings, envelope: Envelope, path: Path) -> None:
    """Mail a notice at most once: its mark is set before the final dot, and taken back only where the relay surely has not got it."""
    mark = path.with_suffix(".mailed")
    if mark.exists():
        return
    with suppress(ReviewError):
        reply = configured_transport(settings).send(path.read_bytes(), envelope, lambda: _set_mark(mark))
        if reply.outcome in ("deferred", "rejected"):
            mark.unlink(missing_ok=True)


def _set_mark(mark: Path) -> None:
    write_atomic(mark, b"")
