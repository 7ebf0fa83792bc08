"""Mailing what a run published, and telling the owner what was held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from flows import clock
from flows.archive import Archive
from flows.delivery import PackWords, deliver
from flows.files import inside, make_folder, write_atomic
from flows.outcome import RunOutcome
from flows.recipients import Recipient, recipients_on, tier_of
from flows.scoring import undated_rows
from flows.settings import Settings
from flows.snapshots import UNDATED, Pulled
from flows.warehouse.records import Pack
from flows.warehouse.store import Warehouse
from reports.formats import Formats, formats
from reports.i18n import words
from transforms.errors import HeldError, UsageError
from transforms.figures import Scope
from transforms.indicators import CATALOGUE
from transforms.month import Month
from transforms.policy import Policy

HEADLINES = ("customers_active_12m", "net_revenue", "satisfaction_index", "nps", "loyalty_index", "complaint_rate")
"""What a message says of its pack, as far as the pack has it; five at most."""


def send(
    warehouse: Warehouse,
    archive: Archive,
    settings: Settings,
    outcome: RunOutcome,
    pulled: Pulled,
    policy: Policy,
    also_on: date | None = None,
) -> RunOutcome:
    """Mail the published revision to today's recipients (who must be on the list `also_on`); the ledger says what came of it."""
    frame = recipient_rows(pulled)
    packs = warehouse.packs(outcome.month, outcome.revision)
    folder = archive.folder(outcome.month, outcome.revision or 0)
    figures = pd.read_csv(folder / "figures.csv", dtype={"scope_value": "str"}, keep_default_na=False, na_values=[""])
    report = deliver(
        warehouse,
        archive,
        settings,
        outcome.month,
        outcome.revision,
        recipients=frame,
        day=today(settings),
        also_on=also_on,
        words={(pack.pack, pack.locale): pack_words(pack, figures, policy, settings) for pack in packs},
    )
    counts = {state: count for state, count in report.counts.items() if count}
    return replace(outcome, deliveries=counts, undelivered=report.open, outbox=settings.outbox_path)


def readers(settings: Settings, pulled: Pulled, policy: Policy) -> list[Recipient]:
    """Today's recipients; a HeldError names every row that cannot be believed, a UsageError says that there is no list."""
    return recipients_on(recipient_rows(pulled), today(settings), tiers=policy.tiers, locales=settings.company.locales)


def recipient_rows(pulled: Pulled) -> pd.DataFrame:
    """The list of recipients as it was pulled; a HeldError where rows of it were refused: nobody is left out in silence."""
    recipients = pulled.snapshots.get("recipients", {}).get(UNDATED)
    if recipients is None:
        raise UsageError(
            f"{pulled.last}: --send was given, but no recipients are configured. Nobody was mailed.\n"
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


def today(settings: Settings) -> date:
    """The business day on which recipients must be valid."""
    return clock.now().astimezone(settings.zone).date()


def pack_words(pack: Pack, figures: pd.DataFrame, policy: Policy, settings: Settings) -> PackWords:
    """The title of a pack and its headline figures, in the language it was made in."""
    tier = tier_of(pack.pack)
    said, shown = words(pack.locale), formats(pack.locale, settings.company.currency)
    whole = pack.pack == tier
    title = said._("Company review") if whole else said._("Review of {tier}", tier=policy.tier_name(tier, pack.locale))
    scope, value = (Scope.COMPANY, "") if whole else (Scope.TIER, tier)
    own = figures[(figures["scope"] == scope.value) & (figures["scope_value"].fillna("") == value)].set_index("indicator")
    return PackWords(title, _headlines(own, pack.locale, shown))


def _headlines(own: pd.DataFrame, locale: str, shown: Formats) -> Sequence[tuple[str, str]]:
    known = own["value"].dropna().astype("float64")
    values: dict[str, float] = dict(zip(known.index.astype("str"), known.to_list(), strict=True))
    found: list[tuple[str, str]] = []
    for name in HEADLINES:
        if name in values:
            indicator = CATALOGUE[name]
            found.append((indicator.title(locale), shown.figure(values[name], indicator.unit)))
    return found[:5]


def tell_owner(settings: Settings, month: Month, lines: Sequence[str]) -> None:
    """Leave word for the owner of a held month; the same word is left once, however often the month is tried.

    Written to `<outbox>/owner/`; readers get nothing.
    """
    from reports.notice import held_notice

    delivery = settings.delivery
    notice = held_notice(
        sender=delivery.sender, address=delivery.owner or delivery.sender, company=settings.company.name, month=month, lines=lines
    )
    folder = make_folder(inside(settings.outbox_path, "owner"))
    path = inside(folder, f"held-{month}-{notice.digest[:12]}.eml")
    if not path.exists():
        write_atomic(path, notice.as_bytes(clock.now()))
