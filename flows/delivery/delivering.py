"""Mailing what is published: who gets what, what must be true first, and the way through the ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from flows.archive.redacted import REDACTED
from flows.archive.revisions import Archive
from flows.delivery.backoff import ONCE, Backoff
from flows.delivery.holding import held_back
from flows.delivery.ledger import Planned, State, delivery_key
from flows.delivery.mailing import Mailing, PackWords
from flows.delivery.recipients import COMPANY, Recipient, is_whole, on_both_days, recipients_on, tier_of
from flows.delivery.report import DeliveryReport
from flows.delivery.transports import Outbox, Transport
from flows.machine.files import digest_of, machine_trouble
from flows.machine.hooks import Hook, nowhere
from flows.settings import Settings
from flows.warehouse.records import Pack, Publication
from flows.warehouse.store import Warehouse
from flows.warehouse.whereabouts import refuse_copy
from reports.mail.addresses import address_of
from transforms.errors import CopiedError, RefutedError, UsageError
from transforms.month import Month

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DeliveryReport", "PackWords", "configured_backoff", "configured_transport", "deliver", "plan_deliveries"]


def plan_deliveries(company: str, packs: Sequence[Pack], recipients: Sequence[Recipient]) -> tuple[Planned, ...]:
    """Every delivery of a revision: each pack, in the recipient's language, to each person it is for.

    What a person should get and must not, or cannot, is planned against the whole pack and held with the reason.
    """
    published = {(pack.pack, pack.locale) for pack in packs}
    found = []
    for pack in packs:
        for person in recipients:
            held = _why_not(person, pack, published)
            if person.locale != pack.locale or not (held or person.wants(pack.pack)):
                continue
            key = delivery_key(company, pack.month, pack.revision, pack.pack, pack.locale, person.address.compared)
            found.append(
                Planned(
                    key,
                    pack.month,
                    pack.revision,
                    pack.pack,
                    pack.locale,
                    person.address,
                    person.name,
                    pack.digest,
                    held,
                    tier_of(pack.pack) in person.mandatory,
                    person.opted_out,
                )
            )
    return tuple(sorted(found, key=lambda entry: (entry.pack, entry.locale, entry.address.compared)))


def _why_not(person: Recipient, pack: Pack, published: Collection[tuple[str, str]]) -> str:
    """Why a whole pack that a person has to do with does not go there; empty where it goes, or is none of theirs."""
    if not is_whole(pack.pack):
        return ""
    tier = tier_of(pack.pack)
    missing = [one for one in person.segments if (one.tier or COMPANY) == tier and (one.name, pack.locale) not in published]
    if missing and tier not in person.tiers:
        words = ", ".join(sorted(str(one.filter)[:80] for one in missing))
        return f"r{pack.revision} has no pack for {words}: no customer is so, or the list was changed after it was published"
    return person.limited.get(tier, "")


def deliver(
    warehouse: Warehouse,
    archive: Archive,
    settings: Settings,
    month: Month,
    revision: int | None = None,
    *,
    recipients: pd.DataFrame,
    day: date,
    also_on: date | None = None,
    words: Mapping[tuple[str, str], PackWords],
    tiers: Collection[str] = (),
    only: Collection[str] = (),
    retry_rejected: bool = False,
    resend: bool = False,
    transport: Transport | None = None,
    backoff: Backoff | None = None,
    at: Hook = nowhere,
    stop: Callable[[], bool] = lambda: False,
) -> DeliveryReport:
    """Mail a published revision (default: the newest) to those who are on the list on `day` (and `also_on`, if given).

    `words` gives each (pack, locale) its title and headline figures. `tiers` limits this call to some
    tiers (`company` is the company's pack), `only` to some delivery keys. What is accepted is never sent
    again; what is uncertain is listed, not sent; what was rejected is tried again only with `retry_rejected`,
    what is uncertain among `only` with `resend`; what is deferred is tried again as `backoff` says (default: not by this
    call). `stop` is asked before each message. Steps told to `at`: planned, then per delivery message_written, built, claimed, before_dot,
    dot_committed, sent, recorded.

    Refused before anything is planned: a copied warehouse, a month that is not published, packs whose
    bytes are not the published ones, recipients that cannot be believed.
    """
    publication, asked, planned = planned_deliveries(
        warehouse, archive, settings, month, revision, recipients=recipients, day=day, also_on=also_on, tiers=tiers
    )
    if transport is None:
        transport = configured_transport(settings)
    if settings.delivery.transport == "smtp":
        refuse_copy(warehouse)
    planned = held_back(warehouse, archive, settings, publication, planned)
    addressed = {(entry.pack, entry.locale) for entry in planned}
    if publication.reason == REDACTED:
        planned = without_earlier(planned, warehouse.deliveries(month))
    mailing = Mailing(warehouse, archive, settings, publication, words, transport, backoff or ONCE, at, stop)
    done = mailing.carried_out(asked, planned, only=only, retry_rejected=retry_rejected, resend=resend)
    read = {pack for pack, _ in addressed}
    return replace(
        done,
        unaddressed=tuple(f"{pack.pack} ({pack.locale})" for pack in asked if (pack.pack, pack.locale) not in addressed),
        unread=() if only else tuple(dict.fromkeys(pack.pack for pack in asked if pack.pack not in read)),
    )


def planned_deliveries(
    warehouse: Warehouse,
    archive: Archive,
    settings: Settings,
    month: Month,
    revision: int | None,
    *,
    recipients: pd.DataFrame,
    day: date,
    also_on: date | None,
    tiers: Collection[str],
) -> tuple[Publication, list[Pack], tuple[Planned, ...]]:
    """What is to go to whom, before anything is held back: the revision, its packs that are asked for, the deliveries."""
    publication, packs = published_packs(warehouse, archive, settings, month, revision)
    policy = warehouse.policy(publication.policy_version)
    known_tiers = policy.tiers if policy else tuple(dict.fromkeys(tier_of(pack.pack) for pack in packs if tier_of(pack.pack) != COMPANY))
    locales = [locale for locale in settings.company.locales if any(pack.locale == locale for pack in packs)]
    locales += sorted({pack.locale for pack in packs} - set(locales))
    people = recipients_on(recipients, day, tiers=known_tiers, locales=locales)
    if also_on is not None:
        people = on_both_days(people, recipients_on(recipients, also_on, tiers=known_tiers, locales=locales))
    asked = [pack for pack in packs if not tiers or tier_of(pack.pack) in tiers]
    return publication, asked, plan_deliveries(warehouse.company, asked, people)


def without_earlier(planned: Sequence[Planned], known: Sequence[Mapping[str, Any]]) -> tuple[Planned, ...]:
    """The deliveries of a redacted revision to those who have no earlier revision of the pack: it says nothing new to the others."""
    gone_out = (State.ACCEPTED, State.DOT_SENT, State.UNKNOWN)
    have = {(row["pack"], row["locale"], row["recipient"], row["revision"]) for row in known if State(row["state"]) in gone_out}
    return tuple(
        entry
        for entry in planned
        if not any((entry.pack, entry.locale, entry.address.compared, earlier) in have for earlier in range(entry.revision))
    )


def configured_transport(settings: Settings) -> Transport:
    """The way out that the configuration names: the outbox, or a mail relay."""
    if settings.delivery.transport == "smtp":
        from flows.delivery.smtp import SmtpRelay

        return SmtpRelay.of(settings)
    return Outbox(settings.outbox_path)


def configured_backoff(settings: Settings) -> Backoff:
    """How often a message that is not taken for now is tried by one command; what goes into the outbox is tried once."""
    smtp = settings.delivery.smtp
    return Backoff(smtp.attempts, smtp.pause_seconds) if settings.delivery.transport == "smtp" else ONCE


def published_packs(
    warehouse: Warehouse, archive: Archive, settings: Settings, month: Month, revision: int | None = None
) -> tuple[Publication, list[Pack]]:
    """A published revision (default: the newest) and its packs, if they may be mailed from here and are the published bytes."""
    publication = _published(warehouse, settings, month, revision)
    packs = warehouse.packs(month, publication.revision)
    _refuse_changed(archive, packs)
    return publication, packs


def _published(warehouse: Warehouse, settings: Settings, month: Month, revision: int | None) -> Publication:
    if warehouse.environment != settings.delivery.environment:
        raise CopiedError(
            f"the warehouse {warehouse.place} was made for environment {warehouse.environment!r}; "
            f"the configuration says delivery.environment = {settings.delivery.environment!r}. Nothing was mailed.\n"
            "A copied warehouse does not mail. If this one is meant to, set delivery.environment to its mark."
        )
    try:
        address_of(settings.delivery.sender)
    except ValueError as error:
        raise UsageError(f"delivery.sender: {error}. Nothing was mailed.") from error
    publication = warehouse.publication(month, revision)
    if publication is None:
        which = f"{month} r{revision}" if revision is not None else str(month)
        raise UsageError(f"{which} is not published; nothing was mailed.\nPublish it first: keping run --month {month}")
    return publication


def _refuse_changed(archive: Archive, packs: Sequence[Pack]) -> None:
    for pack in packs:
        path = archive.folder(pack.month, pack.revision) / pack.file
        with machine_trouble(path, "reading a published pack"):
            found = digest_of(path)
        if found != pack.digest:
            raise RefutedError(
                f"{path} is not the pack that was published (sha256 {found[:12]}, published {pack.digest[:12]}). Nothing was mailed.\n"
                "Put the published file back from a copy."
            )
