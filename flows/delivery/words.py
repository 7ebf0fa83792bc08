"""What a mail says of a pack: what was published with it, and of revisions that were published without words, headline figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

import pandas as pd

from flows.archive.office import Office
from flows.delivery.figures import read_published_figures, read_published_files
from flows.delivery.recipients import COMPANY, is_whole, tier_of
from flows.settings import Settings
from flows.snapshots.chain import segments_of
from flows.warehouse.records import Pack, Publication
from reports.evidence import without_guard
from reports.formats import Formats, formats
from reports.i18n import Words, words
from reports.mail.letter import MailedAccount, PackWords, Told
from transforms.figures import Scope
from transforms.indicators.all import CATALOGUE
from transforms.policy.rules import Policy

HEADLINES = ("customers_active_12m", "net_revenue", "satisfaction_index", "nps", "loyalty_index", "complaint_rate")
"""What a message says of a pack that was published without messages, as far as the pack has it; five at most."""

HIGHLIGHTS, MAIL, ACTIONS = "highlights.csv", "mail.csv", "actions.csv"
"""What the packs' first pages say, what their mails say besides, and whom they want acted on."""

SAID = (HIGHLIGHTS, MAIL, ACTIONS)

Row = Mapping[str, str]


def words_of(office: Office, publication: Publication, policy: Policy) -> dict[tuple[str, str], PackWords]:
    """What the mail of each pack of a published revision says of it."""
    month, revision = publication.month, publication.revision
    figures = read_published_figures(office.archive, publication)
    said = read_published_files(office.archive, publication, SAID)
    limits = {one.name: str(one.filter) for one in segments_of(office.archive.manifest(month, revision).inputs)}
    packs = office.warehouse.packs(month, revision)
    return words_of_packs(packs, figures, said, (policy, office.settings, limits))


def words_of_packs(
    packs: Sequence[Pack], figures: pd.DataFrame, said: Mapping[str, bytes], names: tuple[Policy, Settings, Mapping[str, str]]
) -> dict[tuple[str, str], PackWords]:
    """The same from what a revision holds: `figures` as published, `said` the bytes of `SAID` by name.

    `names` says what packs are called: by the policy, the company's settings, and by what each limited pack is limited.
    """
    tables = {name: _rows_by_pack(said.get(name)) for name in SAID}
    return {(pack.pack, pack.locale): _pack_words(pack, figures, tables, names) for pack in packs}


def _rows_by_pack(table: bytes | None) -> dict[str, list[Row]]:
    """The rows of a published table by their pack, each cell as the text it was."""
    if table is None:
        return {}
    found: dict[str, list[Row]] = {}
    frame = pd.read_csv(BytesIO(table), dtype="str", keep_default_na=False, na_filter=False)
    for row in frame.to_dict("records"):
        found.setdefault(str(row["pack"]), []).append({str(name): without_guard(str(cell)) for name, cell in row.items()})
    return found


def _pack_words(
    pack: Pack,
    figures: pd.DataFrame,
    tables: Mapping[str, Mapping[str, Sequence[Row]]],
    names: tuple[Policy, Settings, Mapping[str, str]],
) -> PackWords:
    policy, settings, limits = names
    tier, locale = tier_of(pack.pack), pack.locale
    said, shown = words(locale), formats(locale, settings.company.currency)
    whole = tier == COMPANY
    name = said._("Company") if whole else policy.tier_name(tier, locale)
    if not is_whole(pack.pack):
        title = said._("Review of {tier}, {filter}", tier=name, filter=limits.get(pack.pack, ""))
        scope, value = Scope.SEGMENT, pack.pack
    else:
        title = said._("Company review") if whole else said._("Review of {tier}", tier=name)
        scope, value = (Scope.COMPANY, "") if whole else (Scope.TIER, tier)
    own = figures[(figures["scope"] == scope.value) & (figures["scope_value"].fillna("") == value)].set_index("indicator")
    told = next((row for row in tables[MAIL].get(pack.pack, ()) if row["locale"] == locale), None) or {}
    return PackWords(
        title,
        _headlines(own, said, shown),
        order=0 if whole else 1 + list(policy.tiers).index(tier),
        about=told.get("about", ""),
        news=told.get("news", ""),
        calm=told.get("calm", ""),
        data=told.get("data", ""),
        messages=_messages(tables[HIGHLIGHTS].get(pack.pack, ()), locale),
        listed=[_account(row, locale) for row in tables[ACTIONS].get(pack.pack, ())],
    )


def _messages(rows: Sequence[Row], locale: str) -> list[Told]:
    """The messages of a pack; none where its revision was published without their few words."""
    columns = [f"{kind}.{locale}" for kind in ("short", "sentence", "cause", "act")]
    if not rows or not set(columns) <= set(rows[0]):
        return []
    ranked = sorted(rows, key=lambda row: int(row["rank"]))
    return [Told(*(row[name] for name in columns)) for row in ranked]


def _account(row: Row, locale: str) -> MailedAccount:
    return MailedAccount(
        rank=int(row["rank"]),
        customer_id=row["customer_id"],
        name=row["name"],
        manager=row["manager"],
        due=row["due"],
        **{kind: row[f"{kind}.{locale}"] for kind in ("why", "what", "who", "stake")},
    )


def _headlines(own: pd.DataFrame, said: Words, shown: Formats) -> Sequence[tuple[str, str]]:
    known = own["value"].dropna().astype("float64")
    values: dict[str, float] = dict(zip(known.index.astype("str"), known.to_list(), strict=True))
    found: list[tuple[str, str]] = []
    for name in HEADLINES:
        if name in values:
            indicator = CATALOGUE[name]
            found.append((said._(indicator.title), shown.figure(values[name], indicator.unit)))
    return found[:5]
