"""A few rows of every block through the real intake: what a run would refuse, and what values give away, before any run."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import pandas as pd

from expectations.findings import Finding, holds, worst_first
from expectations.garbled import check_garbled
from expectations.identities import check_contacts
from expectations.looks import check_lost, check_refusals, check_scales_seen, check_unlisted, check_words
from expectations.values import check_crowding
from expectations.volume import Booked, Broken, check_months, check_refused_money
from flows.intake.books import Books
from flows.intake.calendar import Calendar
from flows.intake.opening import blocks, open_source
from flows.intake.readings import reading_of
from flows.intake.refusals import PLACES, VALUES, Refusals
from flows.intake.tables import Intake
from flows.machine import clock
from flows.settings import Settings
from flows.sources.chunks import Block, Chunk, Source, Span, map_columns, source_columns
from flows.sources.files import read_file
from flows.sources.folder import FolderSource
from flows.sources.sql import SqlSource
from flows.sources.statement import parse
from transforms.errors import ReviewError
from transforms.month import Month
from transforms.tables.canonical import canonical
from transforms.tables.identities import Identities

ROWS = 5_000
"""Rows of a database that are looked at per block; of files the first piece of the newest one."""

MOST_CUSTOMERS = 200_000
"""A table of customers with more rows is not read to see who is on it."""

NAMES_CUSTOMERS = ("orders", "refunds", "tickets", "surveys", "contacts", "quotes")
MONEY = ("orders", "order_lines", "refunds")


@dataclass(frozen=True)
class Looked:
    """What a few rows of one block show: how many were looked at and which, findings worst first, or the error of a run."""

    block: Block
    rows: int = 0
    which: str = ""
    findings: tuple[Finding, ...] = ()
    error: ReviewError | None = None


def look(settings: Settings, last: Month, away: frozenset[str]) -> list[Looked]:
    """See `flows.intake.look`."""
    with tempfile.TemporaryDirectory(prefix="keping-look-") as folder:
        return _Look(settings, last, Path(folder), set(away)).blocks()


@dataclass
class _Look:
    """A look under way: which sources are open, and what earlier blocks said that later ones need."""

    settings: Settings
    last: Month
    folder: Path
    away: set[str]
    sources: dict[str, Source] = field(default_factory=dict)
    rates: list[pd.DataFrame] = field(default_factory=list)
    orders: list[pd.DataFrame] = field(default_factory=list)
    unbounded: set[str] = field(default_factory=set)
    """Tables of which not every block asks for the month: that no row of it came says nothing."""

    def __post_init__(self) -> None:
        zone = self.settings.company.timezone
        self.calendar = Calendar(Month(1980, 1), self.last, zone)
        self.span = Span(self.last.start(zone), self.last.end(zone))
        self.identities = Identities({})
        self.listed: frozenset[str] | None = None

    def blocks(self) -> list[Looked]:
        try:
            self.identities = self._identities()
            self.listed = self._customers()
            return self._with_missing_months([one for block in blocks(self.settings) for one in self._block(block)])
        finally:
            for source in self.sources.values():
                source.close()

    def _source(self, block: Block) -> Source | None:
        """The block's source; None where it cannot be reached, which is told elsewhere."""
        name = block.settings.source
        if name not in self.sources and name not in self.away:
            try:
                self.sources[name] = open_source(self.settings, name, block.name)
            except ReviewError:
                self.away.add(name)
        return self.sources.get(name)

    def _block(self, block: Block) -> Iterator[Looked]:
        source = self._source(block)
        if source is None:
            self.unbounded.add(block.table)
            return
        try:
            chunk, which = self._first_rows(source, block)
            yield self._judged(block, chunk, which)
            if block.table == "fx_rates":  # few, and any of them may be the one that an amount needs
                every = (self._typed(block, piece) for piece in source.read(block, self.span) if len(piece.frame.columns))
                self.rates += [typed.dropna(subset=["date", "currency", "rate"]) for typed in every]
        except ReviewError as error:
            self.unbounded.add(block.table)
            yield Looked(block, error=error)

    def _first_rows(self, source: Source, block: Block) -> tuple[Chunk, str]:
        if isinstance(source, SqlSource):
            bounded = parse(block.settings.query or "", block.where, source.dialect).asks_range
            if not bounded:
                self.unbounded.add(block.table)
            return Chunk(source.probe(block, self.span, ROWS)), str(self.last) if bounded else "the whole query"
        self.unbounded.add(block.table)
        if isinstance(source, FolderSource) and block.settings.files is not None:
            newest = source.matching(block)[-1]
            return next(read_file(newest, block)), newest.name
        return next(iter(source.read(block, self.span))), "the query"

    def _judged(self, block: Block, chunk: Chunk, which: str) -> Looked:
        rows = len(chunk.frame) + len(chunk.refused)
        rates = pd.concat(self.rates, ignore_index=True) if self.rates else None
        intake = Intake(block.table, self.calendar, Books(), clock.now(), self.settings.company.currency, self.folder, rates)
        if block.table == "order_lines" and self.orders:
            intake.orders = pd.concat(self.orders, ignore_index=True).drop_duplicates("order_id")
        intake.identities = self.identities
        intake.take(block, chunk)
        typed = self._typed(block, chunk)
        self._remember(block, typed)
        found = check_refusals(self._broken(intake.quarantine.refused, block.table, rows), block.spec)
        if not holds(found):  # one cause, one finding
            found += self._refused_money(intake)
        found += check_lost(self._broken(intake.quarantine.lost, block.table, rows))
        found += [*check_words(block.table, typed), *check_garbled(block.table, typed)]
        if block.table in NAMES_CUSTOMERS and "customer_id" in typed:
            found += check_crowding(block.table, typed["customer_id"], None)
            if self.listed is not None:
                found += check_unlisted(block.table, typed["customer_id"], self.listed)
        found += intake.match_findings()
        if "customer_id" in typed:
            told = check_contacts(block.table, typed["customer_id"])
            found += [replace(one, message=f"{one.rows:,} of {one.of_rows:,} rows {one.message}") for one in told]
        if block.table == "surveys":
            found += check_scales_seen(typed)
        intake.close()
        return Looked(block, rows, which, tuple(worst_first(found)))

    def _typed(self, block: Block, chunk: Chunk) -> pd.DataFrame:
        """The rows as they are typed, those that would be refused as well."""
        given = source_columns(block, [str(name) for name in chunk.frame.columns], chunk.origin)
        raw = map_columns(chunk.frame, given, block).reset_index(drop=True)
        columns = [*given, *block.settings.constants]
        reading = reading_of(block, self.settings.company.currency, columns, points=chunk.points)
        typed = canonical(raw, block.spec, reading, now=clock.now()).frame
        system = block.settings.same_as
        if system is None or "customer_id" not in typed:
            return typed
        return typed.assign(customer_id=self.identities.recognise(typed["customer_id"], system).ids)

    def _remember(self, block: Block, typed: pd.DataFrame) -> None:
        if block.table == "orders":
            known = typed.reindex(columns=["order_id", "ordered_at", "customer_id", "currency"])
            self.orders.append(known.assign(currency=known["currency"].astype("str").fillna(self.settings.company.currency)))

    def _broken(self, refusals: Refusals, table: str, rows: int) -> Iterator[Broken]:
        """What is refused by each rule, over all months."""
        for rule, parts in groupby(refusals, key=lambda part: part[0]):
            count, places, values = 0, list[str](), Counter[str]()
            for _, _, refused, some, common in parts:
                count += refused
                places += some
                values.update(dict(common))
            yield Broken(table, "", rule, count, rows, tuple(places[:PLACES]), tuple(values.most_common(VALUES)))

    def _refused_money(self, intake: Intake) -> list[Finding]:
        if intake.table not in MONEY:
            return []
        pages = [intake.books.page(intake.table, code) for code in intake.books.months(intake.table)]
        names = ("read", "quarantined", "money_read", "money_quarantined", "unread_money")
        sums = [sum(int(getattr(page, name)) for page in pages) for name in names]
        return check_refused_money([Booked(intake.table, str(self.last), *sums)], self.settings.quality.refused_money)

    def _customers(self) -> frozenset[str] | None:
        """Every id of the table of customers; None where there is none, it is large, or it cannot be read."""
        found: set[str] = set()
        for block in (block for block in blocks(self.settings) if block.table == "customers"):
            source = self._source(block)
            if source is None:
                return None
            try:
                for chunk in self._whole(source, block):
                    found |= set(self._typed(block, chunk)["customer_id"].dropna())
                    if len(found) > MOST_CUSTOMERS:
                        return None
            except ReviewError:  # the block's own line tells it
                return None
        return frozenset(found) or None

    def _identities(self) -> Identities:
        """Who is known by which key; nobody where there is no such table, it is large, or it cannot be read."""
        parts: list[pd.DataFrame] = []
        for block in (block for block in blocks(self.settings) if block.table == "identities"):
            source = self._source(block)
            if source is None:
                continue
            try:
                parts += [self._typed(block, chunk).dropna() for chunk in self._whole(source, block)]
            except ReviewError:  # the block's own line tells it
                continue
        return Identities.of(pd.concat(parts, ignore_index=True), self.settings.company.calling_code) if parts else Identities({})

    def _whole(self, source: Source, block: Block) -> Iterator[Chunk]:
        if isinstance(source, SqlSource):
            yield Chunk(source.probe(block, self.span, MOST_CUSTOMERS + 1))
        else:
            yield from source.read(block, self.span)

    def _with_missing_months(self, found: list[Looked]) -> list[Looked]:
        """With what a run says of a month of which no block of a table brings a row."""
        for table in {one.block.table for one in found} - self.unbounded:
            mine = [place for place, one in enumerate(found) if one.block.table == table]
            if table in ("orders", "tickets", "surveys") and not any(found[place].rows for place in mine):
                missing = check_months(table, {}, self.last, self.last)
                found[mine[0]] = replace(found[mine[0]], findings=(*missing, *found[mine[0]].findings))
        return found
