"""Mailing what is published to those who are on the list today, and what each mail says of its pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from flows.archive.office import Office
from flows.delivery.delivering import DeliveryReport, PackWords, configured_backoff, deliver
from flows.delivery.figures import read_published_figures
from flows.delivery.ledger import Ledger
from flows.delivery.recipients import COMPANY, Recipient, is_whole, recipients_on, segments_in, tier_of
from flows.delivery.request import MailingRequest
from flows.delivery.stopping import stopping_gently
from flows.machine.hooks import Hook, nowhere
from flows.settings import Settings
from flows.snapshots.chain import segments_of
from flows.snapshots.store import UNDATED, Pulled, undated_rows
from flows.warehouse.records import Pack, Publication
from reports.formats import Formats, formats
from reports.i18n import Words, words
from transforms.classes.segments import Segment
from transforms.errors import HeldError, UsageError
from transforms.figures import Scope
from transforms.indicators.all import CATALOGUE
from transforms.policy.rules import Policy

HEADLINES = ("customers_active_12m", "net_revenue", "satisfaction_index", "nps", "loyalty_index", "complaint_rate")
"""What a message says of its pack, as far as the pack has it; five at most."""


def mail(office: Office, request: MailingRequest, policy: Policy, *, at: Hook = nowhere) -> DeliveryReport:
    """Mail what is published and not yet accepted; `deliver` says how. A later revision goes to who was on the list before.

    Asked to stop by a signal, it finishes the message under way.
    """
    publication = office.warehouse.publication(request.month, request.revision)
    words = {} if publication is None else words_of(office, publication, policy)
    if publication is not None and request.also_on is None:
        request = replace(request, also_on=last_out(office, publication))
    with stopping_gently() as asked:
        backoff = replace(configured_backoff(office.settings), sleep=asked.sleep)
        return deliver(office, request, words=words, backoff=backoff, at=at, stop=asked)


def words_of(office: Office, publication: Publication, policy: Policy) -> dict[tuple[str, str], PackWords]:
    """What the mail of each pack of a published revision says of it."""
    month, revision = publication.month, publication.revision
    figures = read_published_figures(office.archive, publication)
    limits = {one.name: str(one.filter) for one in segments_of(office.archive.manifest(month, revision).inputs)}
    packs = office.warehouse.packs(month, revision)
    return {(pack.pack, pack.locale): pack_words(pack, figures, policy, office.settings, limits) for pack in packs}


def last_out(office: Office, publication: Publication) -> date | None:
    """The business day on which an earlier revision last went out: a later one goes to who was on the list then, too.

    Whoever got an earlier revision was on the list by that day. None where none ever went out: today's list decides alone.
    """
    at = Ledger(office.warehouse).last_out(publication.month, publication.revision)
    return None if at is None else at.astimezone(office.settings.zone).date()


def pack_words(pack: Pack, figures: pd.DataFrame, policy: Policy, settings: Settings, limits: Mapping[str, str]) -> PackWords:
    """The title of a pack and its headline figures, in the language it was made in; `limits` says by what a pack is limited."""
    tier = tier_of(pack.pack)
    said, shown = words(pack.locale), formats(pack.locale, settings.company.currency)
    whole = tier == COMPANY
    name = said._("Company") if whole else policy.tier_name(tier, pack.locale)
    if not is_whole(pack.pack):
        title = said._("Review of {tier}, {filter}", tier=name, filter=limits.get(pack.pack, ""))
        scope, value = Scope.SEGMENT, pack.pack
    else:
        title = said._("Company review") if whole else said._("Review of {tier}", tier=name)
        scope, value = (Scope.COMPANY, "") if whole else (Scope.TIER, tier)
    own = figures[(figures["scope"] == scope.value) & (figures["scope_value"].fillna("") == value)].set_index("indicator")
    return PackWords(title, _headlines(own, said, shown))


def _headlines(own: pd.DataFrame, said: Words, shown: Formats) -> Sequence[tuple[str, str]]:
    known = own["value"].dropna().astype("float64")
    values: dict[str, float] = dict(zip(known.index.astype("str"), known.to_list(), strict=True))
    found: list[tuple[str, str]] = []
    for name in HEADLINES:
        if name in values:
            indicator = CATALOGUE[name]
            found.append((said._(indicator.title), shown.figure(values[name], indicator.unit)))
    return found[:5]


def readers(office: Office, pulled: Pulled, policy: Policy) -> list[Recipient]:
    """Today's recipients; a HeldError names every row that cannot be believed, a UsageError says that there is no list."""
    return recipients_on(recipient_rows(pulled), office.today, tiers=policy.tiers, locales=office.settings.company.locales)


def printed_segments(pulled: Pulled, customers: pd.DataFrame, policy: Policy, day: date) -> tuple[Segment, ...]:
    """The parts of tiers that get packs of their own: somebody on the list is limited to them, and some customer passes the filter."""
    listed = pulled.snapshots.get("recipients", {}).get(UNDATED)
    wanted = segments_in(undated_rows(listed, "recipients"), day, tiers=policy.tiers) if listed is not None else ()
    return tuple(one for one in wanted if one.filter.passes(customers["customer_id"], customers).any())


def recipient_rows(pulled: Pulled) -> pd.DataFrame:
    """The list of recipients as it was pulled; a HeldError where rows of it were refused: nobody is left out in silence."""
    recipients = pulled.snapshots.get("recipients", {}).get(UNDATED)
    if recipients is None:
        raise UsageError(
            f"{pulled.last} was to be mailed, but no recipients are configured. Nobody was mailed.\n"
            "Add a [[tables.recipients]] block (email, name, locale, tiers), then run the same command again."
        )
    refused = pulled.quarantine[pulled.quarantine["table"] == "recipients"]
    if len(refused):
        lines = [f"- {place}: {rule}" for place, rule in zip(refused["place"], refused["rule"], strict=True)]
        listed = "\n".join(lines[:5]) + (f"\n- and {len(lines) - 5} more" if len(lines) > 5 else "")
        raise HeldError(
            f"recipients: {len(refused)} row(s) cannot be read, so somebody would get nothing. Nobody was mailed.\n"
            f"{listed}\nMend the rows, then run the same command again; without --send the month is published and not mailed."
        )
    return undated_rows(recipients, "recipients")
