"""The last gate: what is printed is held against whom its readers may see, before anything is published."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from expectations.findings import Finding, Severity
from flows.archive.revisions import Staging
from flows.delivery.recipients import COMPANY, is_whole, tier_of
from flows.machine.files import machine_trouble
from flows.review.printing import PrintJob, file_name, workbook_name
from reports.evidence import csv_bytes
from reports.leaks import Foreign, Leak, Register, leaks_in
from reports.pack import ReviewPack
from reports.reference import REFERENCE
from transforms.actions.listing import names_in_pack

RULE = "packs.foreign"


def release_findings(job: PrintJob, staging: Staging, packs: Iterable[ReviewPack]) -> tuple[Finding, ...]:
    """A critical finding for every staged pack that names a customer of another tier or scope; sorted by pack.

    Looked at are the pack as it was built, the finished files (pages, bookmarks, description,
    attachments; every sheet of the workbook), and what its mail says. To the company's own pack nobody is foreign.
    """
    register = Register.of(job.known, job.review.customers, common=job.common_words, merged=job.merged)
    found: list[Finding] = []
    for pack in packs:
        if pack.name == COMPANY:
            continue
        own = own_customers(job, pack.name)
        pdf = _staged(staging, file_name(*pack.key))
        workbook = _staged(staging, workbook_name(*pack.key)) if pack.sheets else b""
        foreign = register.foreign(own)
        leaks = leaks_in(foreign, pack, pdf, workbook)
        leaks += [leak for leak in _in_its_mail(job, pack, foreign.beside(pack)) if leak is not None]
        if leaks:
            found.append(_finding(job, pack, leaks))
    return tuple(sorted(found, key=lambda finding: finding.message))


def _staged(staging: Staging, file: str) -> bytes:
    path = staging.path(file)
    with machine_trouble(path, "reading a printed pack"):
        return path.read_bytes()


def own_customers(job: PrintJob, pack: str) -> pd.DataFrame:
    """The customers that a pack of a tier or a part of one may name: those of the tier, and who left it and is on its list; the
    reference document names none."""
    customers = job.review.customers
    if pack == REFERENCE:
        return customers.head(0)
    if is_whole(pack):
        return customers[names_in_pack(customers, tier_of(pack))]
    segment = next(segment for segment in job.segments if segment.name == pack)
    passing = customers[segment.filter.passes(customers["customer_id"], job.known)]
    return passing if segment.tier is None else passing[names_in_pack(passing, segment.tier)]


def _in_its_mail(job: PrintJob, pack: ReviewPack, foreign: Foreign) -> list[Leak | None]:
    """What the mail of a pack says of it, sentence by sentence, and whom it lists; the reference document is not mailed."""
    if pack.name == REFERENCE:
        return []
    words = job.words[pack.key]
    texts = [words.title, words.about, words.news, words.calm, words.data, *(f"{title}: {value}" for title, value in words.headlines)]
    texts += [text for told in words.messages for text in (told.short, told.sentence, told.because, told.action)]
    texts += [text for one in words.listed for text in (one.why, one.what, one.who)]
    listed = pd.DataFrame({"customer_id": [one.customer_id for one in words.listed], "name": [one.name for one in words.listed]})
    return [foreign.in_texts("its mail", texts), foreign.in_table("the list in its mail", csv_bytes(listed).decode())]


def _finding(job: PrintJob, pack: ReviewPack, leaks: list[Leak]) -> Finding:
    ids = sorted({key for leak in leaks for key in leak.ids})
    count = max(len(ids), *(leak.names for leak in leaks))
    some = f" (first: {', '.join(ids[:3])})" if ids else ""
    message = (
        f"pack {pack.name} ({pack.locale}) names {count} customer(s) whom its readers must not see{some}, "
        f"in {leaks[0].place}. It was not released. "
        "A word that only looks like a name goes into delivery.common_words; else this is a mistake of ours."
    )
    return Finding("packs", RULE, Severity.CRITICAL, message, str(job.review.month), count, 0, tuple(ids[:3]))
