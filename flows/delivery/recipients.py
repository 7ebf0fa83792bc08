"""Who gets which pack: recipients read from data, believed in nothing that is not spelt out.

An unknown tier, an empty cell or a second address in one cell is an error, never "everyone".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pandas as pd

from flows.machine.files import slug
from reports.mail.accounts import name_keys
from reports.mail.addresses import Address, address_of, display_name
from transforms.classes.segments import MARK, CustomerFilter, Segment
from transforms.errors import HeldError
from transforms.tables.contract import CUSTOMERS, RECIPIENTS, Kind

COMPANY = "company"
EVERYTHING = "*"
FORMATS = ("pdf", "xlsx")
"""What a reader can ask for: the pack, which always comes, and its workbook."""
CONTRADICTED = "one row limits this person to some customers, another does not"


@dataclass(frozen=True)
class Recipient:
    """One person in one language: the tiers to read in full (or `company`), and the segments of others.

    `segments` are the parts of tiers that this person is limited to. `limited` maps a tier to why nothing of it
    is for this person.
    """

    address: Address
    name: str
    locale: str
    tiers: frozenset[str]
    limited: Mapping[str, str]
    segments: frozenset[Segment] = frozenset()
    mandatory: frozenset[str] = frozenset()
    """Tiers of which this person must be told, opted out or not."""
    opted_out: bool = False
    formats: frozenset[str] = frozenset()
    """What the person's rows ask for (`FORMATS`); empty: as the company has it."""

    @property
    def manages(self) -> frozenset[str]:
        """The names under which this person may stand as an account manager (`reports.mail.accounts.name_key`)."""
        own = (one.filter.value for one in self.segments if one.filter.column == "account_manager")
        return name_keys(self.name, self.address.compared, own)

    def wants(self, pack: str) -> bool:
        """Whether a pack (`tier-a`, `company`, `tier-a~...`) is for this person."""
        return tier_of(pack) in self.tiers if is_whole(pack) else any(segment.name == pack for segment in self.segments)


def tier_of(pack: str) -> str:
    """The tier of a pack, also of one that is limited to some customers; `company` for the company's."""
    return pack.partition(MARK)[0].removeprefix("tier-")


def is_whole(pack: str) -> bool:
    """Whether a pack holds all customers of its tier."""
    return MARK not in pack


def segment_of(tier: str, chosen: CustomerFilter) -> Segment:
    """The part of a tier (or of `company`) that a filter leaves; its name is safe as a file's and meets no other's."""
    base = COMPANY if tier == COMPANY else f"tier-{tier}"
    return Segment(f"{base}{MARK}{slug(f'{chosen.column}={chosen.value}')}", None if tier == COMPANY else tier, chosen)


def recipients_on(frame: pd.DataFrame, day: date, *, tiers: Collection[str], locales: Sequence[str]) -> list[Recipient]:
    """The recipients that are valid on `day`, one per address and language, sorted by address.

    `tiers` are the tier ids of the policy in force, `locales` the languages packs were made in, the
    company's first one first; a recipient whose language was not made reads the first. Rows of one
    address and language are merged. A HeldError lists every row that cannot be believed.
    """
    _refuse_columns(frame)
    problems: list[str] = []
    read = [
        _read_row(number, {str(key): value for key, value in values.items()}, tiers, locales, problems)
        for number, values in enumerate(frame.to_dict("records"), start=1)
    ]
    if problems:
        listed = "\n".join(f"- {problem}" for problem in problems[:6])
        more = f"\n- and {len(problems) - 6} more" if len(problems) > 6 else ""
        raise HeldError(
            f"recipients: {read.count(None)} of {len(frame)} rows cannot be used. Nothing was mailed.\n"
            f"{listed}{more}\nMend the rows, then run the same command again."
        )
    return _merge_rows(row for row in read if row is not None and row.valid_on(day))


def segments_in(frame: pd.DataFrame, day: date, *, tiers: Collection[str]) -> tuple[Segment, ...]:
    """The parts of tiers that somebody on the list is limited to, today or later; sorted by name.

    Rows that cannot be read name none: they hold the mailing, not the printing.
    """
    if any(name not in frame.columns for name in RECIPIENTS.required_columns):
        return ()
    found: set[Segment] = set()
    for values in frame.to_dict("records"):
        row = _read_row(0, {str(key): value for key, value in values.items()}, tiers, ("",), [])
        if row is not None and row.limit is not None and (row.valid_to is None or day <= row.valid_to):
            found |= {segment_of(tier, row.limit) for tier in row.tiers}
    return tuple(sorted(found, key=lambda segment: segment.name))


def on_both_days(now: Sequence[Recipient], then: Sequence[Recipient]) -> list[Recipient]:
    """Those of `now` who were on the list `then` as well, with the tiers that were theirs on both days."""
    before = {(person.address.compared, person.locale): person for person in then}
    found = []
    for person in now:
        earlier = before.get((person.address.compared, person.locale))
        if earlier is not None:
            limited = {**earlier.limited, **person.limited}
            own = {tier: why for tier, why in sorted(limited.items()) if tier in _of(earlier) and tier in _of(person)}
            found.append(
                replace(person, tiers=(person.tiers & earlier.tiers) - own.keys(), limited=own, segments=person.segments & earlier.segments)
            )
    return found


def _of(person: Recipient) -> set[str]:
    """Every tier that a person is to read something of."""
    return {*person.tiers, *person.limited, *(segment.tier or COMPANY for segment in person.segments)}


@dataclass(frozen=True)
class _Row:
    address: Address
    name: str
    locale: str
    tiers: frozenset[str]
    limit: CustomerFilter | None
    mandatory: bool
    opted_out: bool
    valid_from: date | None
    valid_to: date | None
    formats: frozenset[str]

    def valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


def _refuse_columns(frame: pd.DataFrame) -> None:
    missing = [name for name in RECIPIENTS.required_columns if name not in frame.columns]
    unknown = [str(name) for name in frame.columns if str(name) not in RECIPIENTS.names]
    if missing or unknown:
        parts = [f"missing: {', '.join(missing)}"] * bool(missing) + [f"unknown: {', '.join(unknown)}"] * bool(unknown)
        raise HeldError(
            f"recipients: the columns are not those of the contract ({'; '.join(parts)}). Nothing was mailed.\n"
            f"Known columns: {', '.join(RECIPIENTS.names)}."
        )
    if frame.empty:
        raise HeldError("recipients: the table has no row. Nothing was mailed.\nAdd the managers, or run without --send.")


def _read_row(number: int, values: Mapping[str, Any], tiers: Collection[str], locales: Sequence[str], problems: list[str]) -> _Row | None:
    """One row, checked; what is wrong with it goes to `problems`."""
    before = len(problems)
    # Rows reach us sorted: the number alone would point at another line of the source.
    where = f"row {number}"
    address: Address | None = None
    try:
        address = address_of(_text(values, "email"))
        where = f"row of {address.written[:60]}"
    except ValueError as error:
        problems.append(f"{where}: {error}")
    wanted = _tiers(where, _text(values, "tiers"), tiers, problems)
    limit = _limit(where, _text(values, "filter_field"), _text(values, "filter_value"), problems)
    formats = frozenset(word.strip().lower() for word in _text(values, "formats").split("|") if word.strip())
    if unknown := sorted(formats - {*FORMATS}):
        problems.append(f"{where}: formats {unknown}: a pack comes as pdf, with its workbook as xlsx")
    valid_from, valid_to = _day(values.get("valid_from")), _day(values.get("valid_to"))
    if valid_from and valid_to and valid_from > valid_to:
        problems.append(f"{where}: valid_from {valid_from} lies after valid_to {valid_to}")
    if address is None or len(problems) > before:
        return None
    return _Row(
        address,
        display_name(_text(values, "name")),
        _locale(_text(values, "locale"), locales),
        wanted,
        limit,
        _flag(values.get("mandatory")),
        _flag(values.get("opted_out")),
        valid_from,
        valid_to,
        formats,
    )


def _tiers(where: str, text: str, known: Collection[str], problems: list[str]) -> frozenset[str]:
    words = [word.strip() for word in text.split("|")]
    if words == [""] or "" in words:
        problems.append(f"{where}: tiers is empty or has an empty entry; write tier ids, company, or * for all")
        return frozenset()
    if EVERYTHING in words:
        return frozenset(known) | {COMPANY}
    unknown = sorted(set(words) - set(known) - {COMPANY})
    if unknown:
        shown = ", ".join(repr(word[:40]) for word in unknown)
        problems.append(f"{where}: no tier is called {shown}; known: {', '.join([*known, COMPANY, EVERYTHING])}")
    return frozenset(words)


FILTERABLE = tuple(column.name for column in CUSTOMERS.columns if column.kind is Kind.TEXT and not column.personal)
"""Columns of the customers table by which a pack can be limited."""


def _limit(where: str, name: str, value: str, problems: list[str]) -> CustomerFilter | None:
    """The filter by which the row's packs are limited; None where they are not."""
    if bool(name) != bool(value):
        problems.append(f"{where}: filter_field and filter_value belong together; one of them is empty")
    elif name and name not in FILTERABLE:
        problems.append(f"{where}: filter_field {name[:40]!r} is no column to choose customers by; known: {', '.join(FILTERABLE)}")
    elif name:
        return CustomerFilter(name, value)
    return None


def _locale(text: str, locales: Sequence[str]) -> str:
    """The language packs were made in that suits best: the same, the same language, else the first."""
    asked = text.strip().replace("-", "_").lower()
    exact = [locale for locale in locales if locale.lower() == asked]
    language = [locale for locale in locales if asked and locale.lower().split("_")[0] == asked.split("_")[0]]
    return [*exact, *language, *locales][0]


def _merge_rows(rows: Iterable[_Row]) -> list[Recipient]:
    """One recipient per address and language; a tier that is limited in one row and not in another is not for this person at all."""
    by_person: dict[tuple[str, str], list[_Row]] = {}
    for row in rows:
        by_person.setdefault((row.address.compared, row.locale), []).append(row)
    found = []
    for (_, locale), own in sorted(by_person.items()):
        full = frozenset().union(*(row.tiers for row in own if row.limit is None))
        parts = [(tier, row.limit) for row in own if row.limit is not None for tier in row.tiers]
        limits = {tier: CONTRADICTED for tier, _ in parts if tier in full}
        bound = frozenset().union(*(row.tiers for row in own if row.mandatory))
        gone = any(row.opted_out for row in own)
        segments = frozenset(segment_of(tier, limit) for tier, limit in parts if tier not in full)
        address = min((row.address for row in own), key=lambda address: address.written)
        name = max((row.name for row in own), key=lambda name: (len(name), name))
        formats = frozenset[str]().union(*(row.formats for row in own))
        found.append(Recipient(address, name, locale, full - limits.keys(), dict(sorted(limits.items())), segments, bound, gone, formats))
    return found


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    # Only the edges' plain spaces go: a line break inside or at the end is for the checks to see.
    return "" if value is None or value is pd.NA or value != value else str(value).strip(" ")


def _flag(value: Any) -> bool:
    return value is not None and value is not pd.NA and value == value and bool(value)


def _day(value: Any) -> date | None:
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else pd.Timestamp(value).date()
