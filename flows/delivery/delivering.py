"""Mailing what is published: who gets what, what must be true first, and the way through the ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flows.archive.office import Office
from flows.archive.revisions import Archive
from flows.delivery.backoff import ONCE, Backoff
from flows.delivery.holding import hold_back
from flows.delivery.ledger import DeliveryHold, DeliveryState, Held, PlannedDelivery, delivery_key
from flows.delivery.mailing import Mailing
from flows.delivery.recipients import COMPANY, Recipient, is_whole, on_both_days, recipients_on, tier_of
from flows.delivery.report import DeliveryReport
from flows.delivery.request import MailingRequest
from flows.delivery.transports import Outbox, Transport
from flows.machine.files import digest_of, machine_trouble
from flows.machine.hooks import Hook, nowhere
from flows.settings import Settings
from flows.warehouse.records import Pack, Publication
from flows.warehouse.whereabouts import refuse_copy
from reports.mail.addresses import address_of
from reports.mail.letter import PackWords
from transforms.errors import CopiedError, RefutedError, UsageError
from transforms.month import Month

__all__ = ["DeliveryReport", "PackWords", "configured_backoff", "configured_transport", "deliver", "plan_deliveries"]


def plan_deliveries(company: str, packs: Sequence[Pack], recipients: Sequence[Recipient]) -> tuple[PlannedDelivery, ...]:
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
                PlannedDelivery(
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
                    person.formats,
                    person.manages,
                )
            )
    return tuple(sorted(found, key=lambda entry: (entry.pack, entry.locale, entry.address.compared)))


def _why_not(person: Recipient, pack: Pack, published: Collection[tuple[str, str]]) -> Held | None:
    """Why a whole pack that a person has to do with does not go there; None where it goes, or is none of theirs."""
    if not is_whole(pack.pack):
        return None
    tier = tier_of(pack.pack)
    missing = [one for one in person.segments if (one.tier or COMPANY) == tier and (one.name, pack.locale) not in published]
    if missing and tier not in person.tiers:
        words = ", ".join(sorted(str(one.filter)[:80] for one in missing))
        why = f"r{pack.revision} has no pack for {words}: no customer is so, or the list was changed after it was published"
        return Held(DeliveryHold.UNFIT, why)
    return Held(DeliveryHold.UNFIT, person.limited[tier]) if person.limited.get(tier) else None


def deliver(
    office: Office,
    request: MailingRequest,
    *,
    words: Mapping[tuple[str, str], PackWords],
    transport: Transport | None = None,
    backoff: Backoff | None = None,
    at: Hook = nowhere,
    stop: Callable[[], bool] = lambda: False,
) -> DeliveryReport:
    """Mail what is asked for; returns what came of every delivery.

    All packs of a person in one language leave in one mail, as far as they fit into one. `words` gives each (pack, locale) what the
    mail says of it. What is deferred is tried again as `backoff` says
    (default: not by this call). `stop` is asked before each mail. Steps told to `at`: planned, then per mail
    message_written, built, claimed, before_dot, dot_committed, sent, recorded.

    Refused before anything is planned: a copied warehouse, a month that is not published, packs whose
    bytes are not the published ones, recipients that cannot be believed.
    """
    publication, asked, planned = planned_deliveries(office, request)
    if transport is None:
        transport = configured_transport(office.settings)
    if office.settings.delivery.transport == "smtp":
        refuse_copy(office.warehouse)
    planned = hold_back(office, publication, planned)
    addressed = {(entry.pack, entry.locale) for entry in planned}
    if publication.redacted:
        planned = without_earlier(planned, office.warehouse.deliveries(request.month))
    by_key = {(pack.pack, pack.locale): pack for pack in asked}
    done = Mailing(office, publication, by_key, words, transport, backoff or ONCE, at, stop).carry_out(planned, request)
    read = {pack for pack, _ in addressed}
    return replace(
        done,
        unaddressed=tuple(f"{pack.pack} ({pack.locale})" for pack in asked if (pack.pack, pack.locale) not in addressed),
        unread=() if request.only else tuple(dict.fromkeys(pack.pack for pack in asked if pack.pack not in read)),
    )


def planned_deliveries(office: Office, request: MailingRequest) -> tuple[Publication, list[Pack], tuple[PlannedDelivery, ...]]:
    """What is to go to whom, before anything is held back: the revision, its packs that are asked for, the deliveries."""
    publication, packs = published_packs(office, request.month, request.revision)
    policy = office.warehouse.policy(publication.policy_version)
    known_tiers = policy.tiers if policy else tuple(dict.fromkeys(tier_of(pack.pack) for pack in packs if tier_of(pack.pack) != COMPANY))
    locales = [locale for locale in office.settings.company.locales if any(pack.locale == locale for pack in packs)]
    locales += sorted({pack.locale for pack in packs} - set(locales))
    people = recipients_on(request.recipients, request.day, tiers=known_tiers, locales=locales)
    if request.also_on is not None:
        people = on_both_days(people, recipients_on(request.recipients, request.also_on, tiers=known_tiers, locales=locales))
    asked = [pack for pack in packs if not request.tiers or tier_of(pack.pack) in request.tiers]
    return publication, asked, plan_deliveries(office.warehouse.company, asked, people)


def without_earlier(planned: Sequence[PlannedDelivery], known: Sequence[Mapping[str, Any]]) -> tuple[PlannedDelivery, ...]:
    """The deliveries of a redacted revision to those who have no earlier revision of the pack: it says nothing new to the others."""
    gone_out = (DeliveryState.ACCEPTED, DeliveryState.DOT_SENT, DeliveryState.UNKNOWN)
    have = {(row["pack"], row["locale"], row["recipient"], row["revision"]) for row in known if DeliveryState(row["state"]) in gone_out}
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


def published_packs(office: Office, month: Month, revision: int | None = None) -> tuple[Publication, list[Pack]]:
    """A published revision (default: the newest) and its packs, if they may be mailed from here and are the published bytes."""
    publication = _published_revision(office, month, revision)
    packs = office.warehouse.packs(month, publication.revision)
    _refuse_changed(office.archive, packs)
    return publication, packs


def _published_revision(office: Office, month: Month, revision: int | None) -> Publication:
    warehouse, settings = office.warehouse, office.settings
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
