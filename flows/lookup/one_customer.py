"""One customer in a kept month: the review that readers know it by, and what to say where there is no such customer."""

from __future__ import annotations

from difflib import get_close_matches

import pandas as pd

from flows.warehouse.records import KeptReview
from flows.warehouse.store import Warehouse
from transforms.errors import UsageError
from transforms.month import Month


def review_of_customer(warehouse: Warehouse, customer: str, month: str | None) -> tuple[KeptReview, pd.DataFrame]:
    """The review of a month (default: the newest kept) and the customer's row in it; a UsageError names what is near."""
    review = current_review(warehouse, month)
    row = warehouse.kept_customer(review.review_id, customer)
    if row.empty:
        raise UsageError(_unknown(warehouse, review, customer))
    return review, row


def current_review(warehouse: Warehouse, month: str | None) -> KeptReview:
    """The review that readers know a month by; without a month that of the newest one that is kept."""
    kept = {review.month: review for review in warehouse.latest_reviews()}
    if not kept:
        raise UsageError("no month is kept yet, so there is nothing to explain: `keping run` reviews the last complete month.")
    try:
        wanted = max(kept) if month is None else Month.parse(month)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if wanted not in kept:
        raise UsageError(f"no review of {wanted} is kept; kept are {min(kept)} to {max(kept)}. Nothing was explained.")
    standing = warehouse.standing(wanted)
    return warehouse.review(standing) if standing is not None else kept[wanted]


def _unknown(warehouse: Warehouse, review: KeptReview, customer: str) -> str:
    known = warehouse.known_customers(review.review_id, customer)
    ids = [name for name, _ in known]
    near = [one for one in known if customer.lower() in f"{one[0]} {one[1]}".lower()][:5]
    near += [one for one in known if one[0] in get_close_matches(customer, ids, 5, 0.6) and one not in near]
    said = f"no customer {customer!r} in the review of {review.month}. Nothing was explained."
    if near:
        return said + "\nNear to it: " + "; ".join(f"{name} ({title})" if title else name for name, title in near[:5])
    return said + "\nCustomers without an order by the month's end have no line; customers.csv of the month lists all that have one."
