"""Companies in which nothing changes but chance: hardly any first page of theirs may call something news."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from flows.review.scoring import RunHistory
from reports.pack_facts import PackFacts
from tests.reports.builders import material
from tests.transforms.builders import Company, canonical
from transforms.indicators.all import CATALOGUE
from transforms.inputs import History
from transforms.messages import MessageKind, rank_messages
from transforms.month import Month, months
from transforms.policy.rules import builtin
from transforms.review import no_history, replay_month

COMPANIES = 40 if os.environ.get("KEPING_SOAK") else 1
FIRST, SAID_FROM, LAST = Month(2022, 1), Month(2023, 1), Month(2024, 1)
SIZE, LEAVE = 220, 0.02
ONE_IN_TWENTY = 0.05


def steady_company(seed: int) -> Company:
    """Customers who order, complain and answer at rates of their own that never change; as many come as go."""
    random = np.random.default_rng(seed)
    sold: list[dict[str, object]] = []
    back: list[dict[str, object]] = []
    asked: list[dict[str, object]] = []
    said: list[dict[str, object]] = []
    people = [(f"c{number:04}", random.gamma(2.0, 0.6), random.lognormal(5, 0.8)) for number in range(SIZE)]
    for month in months(FIRST - 12, LAST):  # the year before the history fills nothing in, so that the first month has its usual mix
        days = (month.last_day - month.first_day).days + 1
        kept = [one for one in people if random.random() > LEAVE]
        people = kept + [
            (f"n{month.index}-{number:02}", random.gamma(2.0, 0.6), random.lognormal(5, 0.8))
            for number in range(random.poisson(SIZE * LEAVE))
        ]
        if month < FIRST:
            continue
        for key, rate, basket in people:
            for _ in range(random.poisson(rate)):
                day = f"{month}-{1 + int(random.random() * days):02} 12:00"
                amount = round(basket * random.lognormal(0, 0.3), 2)
                order = f"o{len(sold)}"
                sold.append({"order_id": order, "customer_id": key, "ordered_at": day, "amount": amount})
                if random.random() < 0.03:
                    back.append({"refund_id": f"r{len(back)}", "customer_id": key, "refunded_at": day, "amount": round(amount * 0.5, 2)})
                if random.random() < 0.08:
                    kind = "complaint" if random.random() < 0.6 else "enquiry"
                    asked.append({"ticket_id": f"t{len(asked)}", "customer_id": key, "opened_at": day, "type": kind, "cause": "late"})
            if random.random() < 0.2:
                day = f"{month}-{1 + int(random.random() * days):02} 15:00"
                for instrument, low, high, score in (("csat", 1, 5, 1 + random.binomial(4, 0.7)), ("nps", 0, 10, random.binomial(10, 0.8))):
                    said.append(
                        {
                            "response_id": f"s{len(said)}",
                            "customer_id": key,
                            "answered_at": day,
                            "instrument": instrument,
                            "item": "overall",
                            "score": int(score),
                            "scale_min": low,
                            "scale_max": high,
                        }
                    )
    frames = {"sold": ("orders", sold), "back": ("refunds", back), "tickets": ("tickets", asked), "surveys": ("surveys", said)}
    return Company(**{name: canonical(table, rows) for name, (table, rows) in frames.items()}, first=FIRST)


def claims(seed: int) -> list[tuple[Month, str, tuple[str, ...]]]:
    """Each pack of each month from the second year on, with the figures that its first page calls news."""
    company, policy = steady_company(seed), builtin()
    remembered = RunHistory(lambda _: no_history(), lambda _: no_history().year_ago)
    found: list[tuple[Month, str, tuple[str, ...]]] = []
    for month in months(FIRST, LAST):
        history: History = remembered.before(month)
        review = replay_month(company.inputs(month), history, policy)
        policy = review.policy
        remembered.add(review)
        if month < SAID_FROM:
            continue
        for tier in (None, *policy.tiers):
            facts = PackFacts(replace(material(), review=review, month=month), tier, CATALOGUE)
            news = [message for message in rank_messages(facts.ground) if message.kind is MessageKind.SIGNAL]
            found.append((month, tier or "company", tuple(f"{one.scope_value}:{one.indicator}" for one in news)))
    return found


@pytest.mark.parametrize("seed", range(COMPANIES))
def test_steady_companies_make_no_news(seed):
    pages = claims(seed)
    wrong = [(str(month), pack, news) for month, pack, news in pages if news]
    most = stats.binom.isf(0.001, len(pages), ONE_IN_TWENTY)
    print(f"seed {seed}: {len(wrong)} of {len(pages)} first pages claim something: {wrong}")
    assert len(wrong) <= most
