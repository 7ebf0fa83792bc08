"""Printing a month: its packs and tables into a staging folder, each file made once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain
from pathlib import Path

import pandas as pd

from expectations.findings import Finding
from expectations.suites import suites
from flows.archive.manifest import Manifest
from flows.archive.revisions import Archive, Staging
from flows.delivery.recipients import COMPANY, is_whole
from flows.delivery.words import ACTIONS, HIGHLIGHTS, MAIL, words_of_packs
from flows.machine.code_version import code_version
from flows.machine.files import inside, make_folder, remove_tree
from flows.machine.hooks import Hook, nowhere
from flows.machine.progress import Progress
from flows.settings import Settings
from flows.snapshots.store import Pulled
from flows.warehouse.records import Pack
from reports.evidence import csv_bytes, figures_table
from reports.highlights import highlights_table
from reports.mail.letter import PackWords
from reports.mail.tables import actions_table, mail_table
from reports.pack import PackMaterial, PackScope, ReviewPack, each_pack, facts_of_packs, one_pack
from reports.reference import REFERENCE, each_reference
from reports.render import Rendered, RenderFailure, render_each
from reports.revised import no_revisions
from transforms.classes.segments import Segment
from transforms.errors import MachineError, UsageError
from transforms.grades.transitions import with_shares, year_transitions
from transforms.indicators.all import CATALOGUE
from transforms.indicators.targets import targets_table
from transforms.inputs import History
from transforms.month import Month
from transforms.policy.rules import Policy
from transforms.review import MonthReview
from transforms.tables.merging import Merged
from transforms.why.evidence import explanations

YEAR_TRANSITIONS = "transitions_12m.csv"
"""As transitions.csv, from the grades of twelve months ago; a published folder has it only where that month was reviewed."""
REVISED = "revised.csv"
"""What earlier months say now, where that differs; a published folder has it only then."""
TARGETS = "targets.csv"
"""What was planned for the month beside what came, one row per target; a published folder has it where the month has targets."""
STANDARD = "standard.csv"
"""The month's grades by last month's standard and by its own; a published folder has it where the standard changed."""


PACK_ENDINGS = (".pdf", ".xlsx")
"""What files of packs are called; all other published files are tables in plain text."""


@dataclass(frozen=True)
class PrintJob:
    """A finished month and all that its packs say about where it comes from."""

    settings: Settings
    review: MonthReview
    history: History
    pulled: Pulled
    findings: tuple[Finding, ...]
    revision: int
    known_at: datetime
    digest: str
    names: tuple[str, ...]
    revised: pd.DataFrame = field(default_factory=no_revisions)
    code: str = field(default_factory=code_version)
    segments: tuple[Segment, ...] = ()
    """Parts of tiers that have packs of their own; `names` holds theirs as well."""
    known: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"customer_id": pd.Series([], dtype="str")}))
    """The customers table, which the segments' filters look at."""
    merged: Merged = field(default_factory=dict)
    """Records that count as another customer."""

    @property
    def common_words(self) -> tuple[str, ...]:
        """Words that are no sign of a customer, though one may be called so: the company's own, and the configured ones."""
        policy = self.review.policy
        filters = [one.filter.value for one in self.segments]
        company = self.settings.company
        return (
            *self.settings.delivery.common_words,
            company.name,
            company.timezone,
            policy.author,
            policy.reason,
            policy.version,
            *filters,
            *(word for words in company.words.values() for word in words.values()),
        )

    @property
    def key(self) -> str:
        """What the files in staging are made from: the month's inputs, and what earlier months say now."""
        return self.digest if self.revised.empty else f"{self.digest}-{hashlib.sha256(csv_bytes(self.revised)).hexdigest()[:16]}"

    @property
    def material(self) -> PackMaterial:
        company, quality = self.settings.company, self.settings.quality
        month = str(self.review.month)
        return PackMaterial(
            company=company.name,
            currency=company.currency,
            timezone=company.timezone,
            month=self.review.month,
            revision=self.revision,
            known_at=self.known_at,
            run_id=self.digest[:12],
            code_version=self.code,
            review=self.review,
            history=self.history.figures,
            standards=self.history.standards,
            previous=self.history.customers,
            quality=self.pulled.quality,
            findings=tuple(one for one in self.findings if one.month in ("", month) or one.rule.endswith(".days.missing")),
            min_n=quality.min_n,
            flag_n=quality.flag_n,
            sample_notice=company.notice,
            words=company.words,
            revised=self.revised,
            year_ago=self.history.year_ago,
            known=frozenset(self.known["customer_id"].astype("str")),
            merged=self.merged,
            suites=suites(quality.severities),
        )

    @property
    def packs(self) -> tuple[Pack, ...]:
        """The PDFs that the revision holds; their digests are known when it is sealed."""
        return tuple(
            Pack(self.review.month, self.revision, name, locale, file_name(name, locale), "", 0)
            for name in self.names
            for locale in self.settings.company.locales
        )

    def manifest(self, reason: str, run_id: str, review_id: int, parts: Mapping[str, object]) -> Manifest:
        """What the revision says of itself once it is sealed."""
        return Manifest(
            month=self.review.month,
            revision=self.revision,
            company=self.settings.company.name,
            reason=reason,
            known_at=self.known_at,
            run_id=run_id,
            review_id=review_id,
            code_version=self.code,
            policy_version=self.review.policy.version,
            policy_digest=self.review.policy.digest,
            input_digest=self.digest,
            inputs=parts,
            gates=tuple(asdict(finding) for finding in self.findings),
            packs=self.packs,
        )

    def build(self) -> Iterator[ReviewPack]:
        """The packs and the reference document, each built when it is asked for."""
        material, locales = self.material, self.settings.company.locales
        packs = each_pack(material, self._tiers, locales, CATALOGUE, self._scopes())
        return chain((pack for pack in packs if pack.name in self.names), each_reference(material, locales, CATALOGUE))

    def build_one(self, name: str, locale: str) -> ReviewPack:
        """One of the packs, built and not laid out."""
        return one_pack(self.material, (name, locale), self._tiers, self._scopes())

    @property
    def _tiers(self) -> list[str]:
        return [name.removeprefix("tier-") for name in self.names if name != COMPANY and is_whole(name)]

    @cached_property
    def word_tables(self) -> dict[str, bytes]:
        """What the packs of this run say on their first pages and in their mails, and whom they want acted on: the files by name."""
        found = facts_of_packs(self.material, self._tiers, CATALOGUE, self._scopes())
        packs, locales = [(name, facts) for name, facts in found if name in self.names], self.settings.company.locales
        tables = {HIGHLIGHTS: highlights_table(packs, locales), MAIL: mail_table(packs, locales), ACTIONS: actions_table(packs, locales)}
        return {name: csv_bytes(table) for name, table in tables.items()}

    @cached_property
    def words(self) -> dict[tuple[str, str], PackWords]:
        """What the mails of this run say of its packs, from the very tables that are published."""
        figures = figures_table(self.review.figures, self.review.month, self.revision, CATALOGUE)
        limits = {one.name: str(one.filter) for one in self.segments}
        return words_of_packs(self.packs, figures, self.word_tables, (self.review.policy, self.settings, limits))

    def _scopes(self) -> list[PackScope]:
        """The segments with the ids of all customers that pass their filter, now or last month."""
        ids = [frame["customer_id"].astype("str") for frame in (self.review.customers, self.history.customers) if "customer_id" in frame]
        everyone = pd.concat(ids, ignore_index=True).drop_duplicates()
        passing = {one.filter: frozenset(everyone[one.filter.passes(everyone, self.known)]) for one in self.segments}
        return [PackScope(one.name, one.tier, str(one.filter), passing[one.filter]) for one in self.segments if one.name in self.names]

    def tables(self) -> dict[str, bytes]:
        """The CSV files beside the packs."""
        review, pulled = self.review, self.pulled
        figures = figures_table(review.figures, review.month, self.revision, CATALOGUE)
        files = {
            "figures.csv": csv_bytes(figures, money_columns=()),
            "customers.csv": csv_bytes(review.customers),
            "transitions.csv": csv_bytes(with_shares(review.transitions)),
            "explanations.csv": csv_bytes(explanations(review.customers, self.history.customers, review.policy), money_columns=()),
            "quality.csv": csv_bytes(pulled.quality),
        }
        if len(self.history.year_ago) and "grade" in self.history.year_ago:
            year = year_transitions(review.customers, self.history.year_ago, review.month, review.policy)
            files[YEAR_TRANSITIONS] = csv_bytes(with_shares(year))
        files |= self.word_tables
        if any(one.target is not None for one in review.targets):
            files[TARGETS] = csv_bytes(targets_table(review.targets, review.month), money_columns=())
        if len(review.standards):
            files[STANDARD] = csv_bytes(review.standards)
        if len(self.revised):
            files[REVISED] = csv_bytes(self.revised)
        return files | quarantine_files(pulled)


def quarantine_files(pulled: Pulled) -> dict[str, bytes]:
    """`quarantine/<table>.csv` for every table that had refused rows."""
    grouped = pulled.quarantine.groupby("table", sort=True)
    return {f"quarantine/{table}.csv": csv_bytes(rows.reset_index(drop=True)) for table, rows in grouped}


def pack_names(policy: Policy, settings: Settings, tiers: tuple[str, ...], segments: Sequence[Segment] = ()) -> tuple[str, ...]:
    """The packs of a run: every tier's and the company's, or only those of the tiers that were asked for, and their segments'."""
    unknown = [tier for tier in tiers if tier not in (*policy.tiers, COMPANY)]
    if unknown:
        raise UsageError(
            f"no tier is called {', '.join(unknown)}; policy {policy.version} has {', '.join(policy.tiers)}. Nothing was published."
        )
    chosen = tiers or (*policy.tiers, COMPANY)
    whole = [tier if tier == COMPANY else f"tier-{tier}" for tier in dict.fromkeys(chosen)]
    return (*whole, *(segment.name for segment in segments if (segment.tier or COMPANY) in chosen))


def file_name(pack: str, locale: str) -> str:
    return f"{pack}.{locale}.pdf"


def workbook_name(pack: str, locale: str) -> str:
    return f"{pack}.{locale}.xlsx"


def pack_files(pack: ReviewPack, rendered: Rendered) -> dict[str, bytes]:
    """The files of a pack by name: its pages, and its workbook if it has one."""
    books = {workbook_name(*pack.key): rendered.workbook} if rendered.workbook else {}
    return {**books, file_name(*pack.key): rendered.pdf}


def print_packs(job: PrintJob, staging: Staging, tell: Progress, at: Hook = nowhere) -> Iterator[ReviewPack]:
    """Render what the staging folder does not hold yet, and give each pack as soon as its file is there.

    A run that is killed finds again what was finished. A MachineError names the packs that failed, the others stay.
    """
    planned = [pack.file for pack in job.packs] + [file_name(REFERENCE, locale) for locale in job.settings.company.locales]
    wanted = {file for file in planned if not staging.has(file)}
    if wanted:
        tell(f"printing {len(wanted)} of {len(planned)} packs of {job.review.month} r{job.revision}")
    there: list[ReviewPack] = []

    def unprinted() -> Iterator[ReviewPack]:
        for pack in job.build():
            if file_name(*pack.key) in wanted:
                yield pack
            else:
                there.append(pack)

    failures: dict[str, RenderFailure] = {}
    for pack, result in render_each(unprinted()):
        file = file_name(*pack.key)
        if isinstance(result, RenderFailure):
            failures[file] = result
            continue
        if pack.name != REFERENCE:
            at(f"rendered {file}")
        for name, data in pack_files(pack, result).items():  # the pages last: they say that the pack is finished
            staging.put(name, data)
        yield pack
    if failures:
        listed = "\n".join(f"- {failures[file]}" for file in [file for file in planned if file in failures][:4])
        raise MachineError(
            f"{len(failures)} of {len(planned)} packs could not be printed; the others wait in staging. "
            f"Nothing was published or mailed.\n{listed}\n"
            f"Run the same command again: only these are printed anew."
        )
    yield from there
    for name, data in job.tables().items():
        at(f"tabled {name}")
        staging.put(name, data)


def rehearsal(job: PrintJob, archive: Archive) -> Staging:
    """An empty `<archive>/dry-run/<month>`, made anew each time."""
    folder = inside(archive.root, "dry-run", str(job.review.month))
    remove_tree(folder)
    return Staging(make_folder(folder), job.review.month, job.revision)


def write_held_month(archive: Archive, month: Month, pulled: Pulled, findings: tuple[Finding, ...]) -> Path:
    """The refused rows and books of a held month in `<archive>/held/<month>`, for its owner."""
    folder = inside(archive.root, "held", str(month))
    remove_tree(folder)
    place = Staging(make_folder(folder), month, 0)
    files = {"quality.csv": csv_bytes(pulled.quality)} | quarantine_files(pulled)
    files["findings.txt"] = "".join(f"{f.severity.value}\t{f.rule}\t{f.month}\t{f.message}\n" for f in findings).encode()
    for name, data in files.items():
        place.put(name, data)
    return folder


def pdfs_in(folder: Path) -> tuple[Path, ...]:
    """The packs of a folder, without the reference document, which is nobody's pack."""
    return tuple(path for path in sorted(folder.glob("*.pdf")) if not path.name.startswith(f"{REFERENCE}."))
