"""`keping card`: one customer of a kept month on one page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from flows.archive.kept import KeptSnapshots
from flows.archive.office import Office
from flows.lookup.explaining import Explanation, explain_grade
from flows.lookup.one_customer import review_of_customer
from flows.machine.files import slug, write_atomic
from flows.settings import Settings
from flows.warehouse.records import KeptReview
from flows.warehouse.store import Warehouse
from reports.card import MONTHS, CardMaterial, CardMonth, customer_card
from reports.render import RenderFailure, render_packs
from transforms.errors import MachineError, UsageError
from transforms.month import Month
from transforms.why.evidence import plain_row


@dataclass(frozen=True)
class Card:
    """A card that was written, and the evidence on it."""

    file: Path
    explanation: Explanation
    material: CardMaterial

    def as_dict(self) -> dict[str, Any]:
        """The card for programs: what `keping explain` says, and the customer's line of the review."""
        course = [{"month": str(one.month), "grade": one.grade, "score": one.score} for one in self.material.course]
        return {
            "file": str(self.file),
            "explanation": self.explanation.as_dict(),
            "customer": plain_row(self.material.customer),
            "course": course,
            "open_tickets": self.material.open_tickets,
        }

    def lines(self) -> list[str]:
        return [f"{self.explanation.sentence}", f"card: {self.file}"]


def write_card(settings: Settings, customer: str, month: str | None, locale: str | None, out: Path | None) -> Card:
    """Print one customer's card of a month as published (default: the newest) into `out`, or a file in this folder named after it.

    A UsageError names customers near to one that is not there, and refuses to write over a file that was named.
    """
    chosen = locale or settings.company.locales[0]
    explanation = explain_grade(settings, customer, month)
    material = _material(settings, explanation, customer, month)
    pack = customer_card(material, chosen)
    result = render_packs([pack])[pack.key]
    if isinstance(result, RenderFailure):
        raise MachineError(f"the card of {customer!r} could not be printed: {result.cause.removesuffix('.')}. Nothing was written.")
    file = out or Path(f"card-{slug(customer)}-{explanation.review.month}.{chosen}.pdf")
    if out is not None and out.exists():
        raise UsageError(f"{out} is there already; a card is never written over a file that was named. Nothing was written.")
    write_atomic(file, result.pdf)
    return Card(file, explanation, material)


def _material(settings: Settings, explanation: Explanation, customer: str, month: str | None) -> CardMaterial:
    with Office.open(settings) as office:
        warehouse = office.warehouse
        review, row = review_of_customer(warehouse, customer, month)
        return CardMaterial(
            company=settings.company.name,
            currency=settings.company.currency,
            month=review.month,
            revision=review.revision,
            known_at=review.known_at,
            policy=explanation.policy,
            customer={str(name): value for name, value in row.iloc[0].to_dict().items()},
            told=explanation.row,
            course=tuple(_course(warehouse, customer, review)),
            open_tickets=_open_tickets(office, customer, review.month),
            supplied=warehouse.kept_month(review.review_id).supplied,
            notice=settings.company.notice,
            words=settings.company.words,
        )


def _course(warehouse: Warehouse, customer: str, review: KeptReview) -> Iterator[CardMonth]:
    """The customer in the kept months up to the card's own, each as readers know it."""
    newest = {one.month: one.review_id for one in warehouse.latest_reviews()}
    for month in sorted(one for one in newest if review.month - MONTHS < one <= review.month):
        standing = review.review_id if month == review.month else warehouse.standing(month) or newest[month]
        row = warehouse.kept_customer(standing, customer)
        if len(row):
            score = row["score"].iloc[0]
            yield CardMonth(month, str(row["grade"].iloc[0]), None if pd.isna(score) else float(score))


def _open_tickets(office: Office, customer: str, month: Month) -> int | None:
    """The customer's tickets that were open when the month ended; None where none are supplied.

    A ticket stands in the snapshot of every month in which something happened to it: the newest tells how it is.
    """
    import pyarrow.parquet as pq

    kept = KeptSnapshots.of(office.warehouse, office.archive.root).newest
    files = [kept[one]["tickets"].path for one in sorted(kept) if "tickets" in kept[one] and one <= month]
    resolved: dict[str, bool] = {}
    for file in files:
        if not file.is_file():
            raise MachineError(f"the snapshot {file} is gone; the card was not made. Put it back from a copy.")
        if "resolved_at" not in pq.read_schema(file).names:
            return None
        rows = pq.read_table(file, columns=["ticket_id", "resolved_at"], filters=[("customer_id", "=", customer)])
        resolved |= {str(row["ticket_id"]): row["resolved_at"] is not None for row in rows.to_pylist()}
    return sum(not done for done in resolved.values()) if files else None
