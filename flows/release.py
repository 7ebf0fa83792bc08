"""The last gate: what is printed is held against whom its readers may see, before anything is published."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from expectations.findings import Finding, Severity
from flows.archive import Staging
from flows.files import machine_trouble
from flows.printing import PrintJob, file_name
from flows.recipients import COMPANY, is_whole, tier_of
from reports.leaks import Leak, Register, leaks_in
from reports.pack import ReviewPack

RULE = "packs.foreign"


def release_findings(job: PrintJob, staging: Staging, packs: Iterable[ReviewPack] | None = None) -> tuple[Finding, ...]:
    """A critical finding for every staged pack that names a customer of another tier or scope; sorted by pack.

    Looked at are the pack as it was built and the finished file: pages, bookmarks, description, attachments.
    """
    register = Register.of(job.known, job.review.customers, common=job.common_words)
    found: list[Finding] = []
    for pack in job.built() if packs is None else packs:
        own = own_customers(job, pack.name)
        if len(own) == len(register.names):
            continue
        path = staging.path(file_name(*pack.key))
        with machine_trouble(path, "reading a printed pack"):
            pdf = path.read_bytes()
        leaks = leaks_in(register.foreign(own), pack, pdf, f"{pack.name} ({pack.locale})")
        if leaks:
            found.append(_finding(job, pack, leaks))
    return tuple(sorted(found, key=lambda finding: finding.message))


def own_customers(job: PrintJob, pack: str) -> pd.DataFrame:
    """The customers that a pack may name: of the company's own pack everybody in the review."""
    customers = job.review.customers
    if pack == COMPANY:
        return customers
    if is_whole(pack):
        return customers[customers["tier"] == tier_of(pack)]
    segment = next(segment for segment in job.segments if segment.name == pack)
    return customers[segment.chosen(customers, job.known)]


def _finding(job: PrintJob, pack: ReviewPack, leaks: list[Leak]) -> Finding:
    ids = sorted({key for leak in leaks for key in leak.ids})
    count = max(len(ids), *(leak.names for leak in leaks))
    some = f" (first: {', '.join(ids[:3])})" if ids else ""
    message = (
        f"pack {pack.name} ({pack.locale}) names {count} customer(s) whom its readers must not see{some}, "
        f"in {leaks[0].place.partition(': ')[2]}. It was not released. "
        "A word that only looks like a name goes into delivery.common_words; else this is a mistake of ours."
    )
    return Finding("packs", RULE, Severity.CRITICAL, message, str(job.review.month), count, 0, tuple(ids[:3]))
