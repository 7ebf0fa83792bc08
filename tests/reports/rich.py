"""A small company that supplies everything: people, contacts, quotes, campaigns, tickets with kinds, answers and registers."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd

from expectations.suites import Suites
from reports.material import PackMaterial
from reports.pack_facts import PackFacts
from reports.view import View
from tests.reports.builders import material
from tests.transforms.builders import Company, answers, canonical
from transforms.indicators.all import CATALOGUE
from transforms.inputs import SurveyRules
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.review import History, MonthReview, no_history, review_month

FEBRUARY, MARCH = Month(2024, 2), Month(2024, 3)
SIZE = 40
NAMES = [f"c{number:02}" for number in range(SIZE)]


SUITES = Suites("0123456789ab", {"orders": ("orders.amount.null", "orders.amount.negative"), "registers": ("registers.entry_id.null",)})


def _people() -> list[dict[str, Any]]:
    """Even numbers are companies of the tea trade, odd ones persons born in 1960 or 1995; c39 alone is a baker of 1980."""
    found: list[dict[str, Any]] = []
    for number, name in enumerate(NAMES):
        own: dict[str, Any] = {"customer_id": name, "name": f"Customer {number}", "region": "north" if number % 4 < 2 else "south"}
        own["source_channel"] = "web" if number % 2 else "fair"
        if number % 2:
            young = number % 4 == 1
            own |= {"kind": "person", "birth_date": "1995-05-05" if young else "1960-05-05", "gender": "f" if young else "m"}
        else:
            own |= {"kind": "company", "industry": "tea"}
        found.append(own)
    found[39] |= {"occupation": "baker", "birth_date": "1980-01-01"}
    return found


def _sold() -> pd.DataFrame:
    """c00-c09 buy every month, c10-c24 every third, the others once; the more the lower the number, c20 much in March alone."""
    rows = []
    for number, name in enumerate(NAMES):
        begin, step = 2022 * 12 + 9, 1 if number < 10 else 3 if number < 25 else 40
        for at in range(begin + (5 if step == 40 else number % 3), 2024 * 12 + 3, step):
            rows.append(
                {"customer_id": name, "ordered_at": f"{at // 12}-{at % 12 + 1:02}-{number % 27 + 1:02}", "amount": 400 - 9 * number}
            )
    rows.append({"customer_id": "c20", "ordered_at": "2024-03-15", "amount": 9000})
    return canonical(
        "orders",
        [
            {"order_id": f"o{place}", "channel": "web" if place % 3 else "shop", "discount": 5 if place % 2 else 0, **row}
            for place, row in enumerate(rows)
        ],
    )


def _registers() -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"register": "strategy", "behaviour_class": "loyal", "value_class": "high", "subject": "Monthly visit", "body": "Named engineer"},
        {"register": "strategy", "behaviour_class": "loyal", "value_class": "mid", "subject": "Monthly visit", "body": "Named engineer"},
        {"register": "strategy", "behaviour_class": "latent", "value_class": "low", "subject": "Newsletter"},
        {"register": "strategy", "value_class": "high", "indicator": "group_contacts", "value": 6.0},
        {
            "register": "strategy",
            "field": "source_channel",
            "field_value": "web",
            "subject": "Welcome call",
            "indicator": "group_retention",
            "value": 0.9,
        },
        {"register": "strategy", "field": "age_band", "field_value": "65 and over", "subject": "Large print"},
        {
            "register": "action",
            "field": "source_channel",
            "field_value": "web",
            "subject": "Call",
            "closed_on": "2024-03-10",
            "owner": "Wang Wei",
        },
        {
            "register": "action",
            "field": "source_channel",
            "field_value": "web",
            "subject": "Call",
            "due_on": "2024-04-20",
            "owner": "Wang Wei",
        },
        {"register": "strategic", "customer_id": "c30", "author": "Chen Jie"},
        {"register": "users", "customer_id": "c00", "value": 12.0},
        {"register": "target", "customer_id": "c00", "value": 9600.0},
        {"register": "users", "customer_id": "c01", "value": 3.0},
        {"register": "improvement", "field": "ticket_id", "field_value": "t00", "value": 500.0, "status": "done"},
        {
            "register": "override",
            "customer_id": "c05",
            "field_value": "B",
            "author": "Chen Jie",
            "reason": "merger under way",
            "due_on": "2024-06-30",
        },
        {"register": "review", "owner": "Zhao Min", "due_on": "2024-06-30", "subject": "Look at the cuts"},
    ]
    owned = {"strategy": {"owner": "Li Na", "due_on": "2024-09-30"}}
    return canonical("registers", [{"entry_id": f"e{place:02}", **owned.get(row["register"], {}), **row} for place, row in enumerate(rows)])


def company() -> Company:
    """Twelve contacts with c00, half of them visits; letters of one campaign to c00-c03; quotes of which one tells a budget."""
    talks = [
        {
            "contact_id": f"k{number:02}",
            "customer_id": "c00",
            "contacted_at": f"2024-03-{number + 1:02}",
            "method": "visit" if number % 2 else "phone",
        }
        for number in range(12)
    ]
    letters = {"contacted_at": "2024-02-05", "direction": "out", "method": "letter", "campaign_id": "spring"}
    talks += [{"contact_id": f"l{number}", "customer_id": name, **letters} for number, name in enumerate(NAMES[:4])]
    offers = [
        {
            "quote_id": f"q{number:02}",
            "customer_id": NAMES[number],
            "quoted_at": "2024-01-10",
            "amount": 100,
            "result": "won" if number < 6 else "lost",
        }
        for number in range(12)
    ]
    offers += [{"quote_id": "q99", "customer_id": "c12", "quoted_at": "2024-03-10", "amount": 1000, "budget": 50_000}]
    kinds = ("need", "need", "innovation", "competitor", None)
    asked = [
        {
            "ticket_id": f"t{number:02}",
            "customer_id": NAMES[number],
            "opened_at": "2024-03-06 09:00",
            "first_response_at": f"2024-03-06 {11 + number}:00",
        }
        | {"type": "suggestion", "info_kind": kinds[number]}
        for number in range(5)
    ]
    said = answers(*((name, "2024-03-07", kind, score) for name in NAMES[:20] for kind, score in (("csat", 5), ("nps", 10))))
    return Company(
        _sold(),
        surveys=said,
        tickets=canonical("tickets", asked),
        customers=_people(),
        contacts=canonical("contacts", talks),
        quotes=canonical("quotes", offers),
        campaigns=canonical("campaigns", [{"campaign_id": "spring", "starts_on": "2024-02-01", "amount": 400}]),
        registers=_registers(),
        rules=SurveyRules(),
        channels=True,
        models=True,
    )


@cache
def reviews() -> tuple[MonthReview, MonthReview]:
    """February, as if it stood alone, and March after it."""
    made = company()
    before = review_month(made.inputs(FEBRUARY), no_history(), builtin())
    history = History(before.customers, before.figures.assign(month=str(FEBRUARY)))
    return before, review_month(made.inputs(MARCH), history, before.policy)


def rich(**changes: Any) -> PackMaterial:
    """March of the company as material for packs."""
    before, review = reviews()
    figures = before.figures.assign(month=str(FEBRUARY))
    return material(months=0, review=review, month=MARCH, previous=before.customers, history=figures, suites=SUITES, **changes)


def view(tier: str | None = None, locale: str = "en") -> View:
    return View(PackFacts(rich(), tier, CATALOGUE), locale)
