"""Messages in a few words: what a mail's subject says, in both languages, and what the tables of the mails hold of a pack."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from reports.highlights import highlights_table
from reports.mail.tables import actions_table, mail_table
from reports.pack import facts_of_packs
from reports.pack_facts import PackFacts
from reports.sections.messages import headline
from reports.view import View
from tests.reports.builders import material
from transforms.actions.listing import names_in_pack
from transforms.figures import Scope
from transforms.indicators.all import CATALOGUE
from transforms.messages import Message, MessageKind
from transforms.policy.acting import Occasion
from transforms.policy.rules import builtin
from transforms.statistics.judging import Signal

LOCALES = ("en", "zh_CN")
B = {"scope": Scope.TIER, "scope_value": "b"}


MADE = cache(material)
"""The month, made once."""


def view(tier: str | None, locale: str) -> View:
    return View(PackFacts(MADE(), tier, CATALOGUE), locale)


def missed(value: float, target: float, indicator: str = "complaint_rate") -> Message:
    return Message(MessageKind.TARGET, 1.0, **B, indicator=indicator, value=value, target=target)


def unusual(signal: Signal, value: float = 13) -> Message:
    return Message(MessageKind.SIGNAL, 1.0, **B, indicator="customers_lost", value=value, signal=signal)


@pytest.mark.parametrize(
    ("message", "english", "chinese"),
    [
        (missed(120, 60), "Complaints per 1,000 orders at twice the target", "千单投诉率达目标的两倍"),
        (missed(126, 60), "Complaints per 1,000 orders at 2.1 times the target", "千单投诉率达目标的2.1倍"),
        (missed(90, 60), "Complaints per 1,000 orders 90.0, target 60.0", "千单投诉率为90.0，目标60.0"),
        (missed(61.2, 70, "satisfaction_index"), "Satisfaction index 61.2, target 70.0", "满意度指数为61.2，目标70.0"),
        (missed(300, 100, "orders"), "Orders 300, target 100", "订单数为300，目标100"),
        (missed(5, 0), "Complaints per 1,000 orders 5.0, target 0.0", "千单投诉率为5.0，目标0.0"),
        (unusual(Signal.ABOVE), "Lost customers unusually high (13)", "流失客户数异常偏高（13）"),
        (unusual(Signal.BELOW), "Lost customers unusually low (13)", "流失客户数异常偏低（13）"),
        (unusual(Signal.RUN_ABOVE), "Lost customers high for eight months (13)", "流失客户数连续八个月偏高（13）"),
        (unusual(Signal.NEAR_BELOW), "Lost customers low in three of four months (13)", "流失客户数近四个月有三个月偏低（13）"),
        (unusual(Signal.NONE), "Lost customers away from its usual level (13)", "流失客户数偏离常态（13）"),
    ],
)
def test_a_figure_is_told_in_the_few_words_of_a_subject(message: Message, english: str, chinese: str):
    assert headline(view("b", "en"), message) == ("", english)
    assert headline(view("b", "zh_CN"), message) == ("", chinese)
    assert headline(view(None, "en"), message) == ("B customers", english), "in the company's pack it is told of which tier it is"


def test_a_signal_of_a_figure_far_above_its_target_tells_the_target():
    both = Message(MessageKind.SIGNAL, 1.0, **B, indicator="complaint_rate", value=150, target=60, signal=Signal.ABOVE)
    assert headline(view("b", "en"), both)[1] == "Complaints per 1,000 orders at 2.5 times the target"


def test_customers_are_counted_and_none_is_named():
    lost = Message(MessageKind.CUSTOMER, 1.0, occasion=Occasion.LOST, customers=("c1", "c2"))
    assert headline(view("b", "en"), lost) == ("", "2 customers were lost")


def test_each_message_has_its_few_words_in_every_language():
    packs = list(facts_of_packs(MADE(), builtin().tiers))
    rows, mails = highlights_table(packs, LOCALES), mail_table(packs, LOCALES)
    assert len(rows) and all(rows[f"short.{locale}"].str.len().between(5, 80).all() for locale in LOCALES)
    assert mails[["pack", "locale"]].to_numpy().tolist() == [[pack, locale] for pack, _ in packs for locale in LOCALES]
    firsts = rows[rows["rank"] == 1].set_index("pack")
    for row in mails.to_dict("records"):
        assert row["calm"] == "" and row["data"] and firsts.loc[row["pack"], f"short.{row['locale']}"].endswith(row["news"])


def test_a_pack_without_news_says_so():
    review = MADE().review
    quiet = replace(review, usual=review.usual.iloc[:0], targets=(), customers=review.customers.assign(act_rank=pd.NA))
    packs = [("tier-b", PackFacts(replace(MADE(), review=quiet), "b", CATALOGUE))]
    assert highlights_table(packs, LOCALES).empty and actions_table(packs, LOCALES).empty
    english, chinese = mail_table(packs, LOCALES).to_dict("records")
    assert (english["about"], english["news"]) == ("B customers", "Nothing to report yet") and "twelve months" in english["calm"]
    assert (chinese["about"], chinese["news"]) == ("B 级客户", "暂无可报告的变化")


def test_the_list_of_a_pack_holds_the_customers_that_its_readers_may_see_and_nobody_else():
    made = MADE()
    packs = list(facts_of_packs(made, builtin().tiers))
    rows = actions_table(packs, LOCALES)
    customers = made.review.customers
    assert set(rows["pack"]) > {"company"}
    for pack, listed in rows.groupby("pack"):
        own = customers if pack == "company" else customers[names_in_pack(customers, str(pack).removeprefix("tier-"))]
        assert set(listed["customer_id"]) <= set(own["customer_id"])
        assert listed["rank"].is_monotonic_increasing and listed["customer_id"].is_unique
    listed = customers[customers["act_rank"].notna()].sort_values("act_rank")
    assert rows.loc[rows["pack"] == "company", "customer_id"].tolist() == listed["customer_id"].tolist()
    named = rows[rows["manager"] != ""]
    assert (named["manager"] == named["owner"]).all() and (rows["owner"] != "").all()
    assert all((rows[f"{kind}.{locale}"] != "").all() for kind in ("why", "what", "who", "stake") for locale in LOCALES)
