"""The section on customers and classes: what it shows, in which pack, and what it leaves out."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from reports.blocks import Side, Table
from reports.pack_facts import PackFacts
from reports.sections.classes import classes
from reports.view import View
from tests.reports.builders import material
from tests.transforms.builders import Company, canonical, orders, refunds
from transforms.figures import Unit
from transforms.indicators.all import CATALOGUE
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.review import no_history, review_month

MARCH = Month(2024, 3)


def view(tier=None, locale="en", channel=None, **more):
    sold = orders(*((f"c{number:02}", f"2023-{month:02}-05", 10 + number) for number in range(20) for month in (1, 4, 7, 10)))
    sold = sold.assign(channel=pd.Series([channel] * len(sold), dtype="str"))
    people = [
        {"customer_id": f"c{number:02}", "name": f"Customer {number}", "source_channel": "web" if number % 2 else "fair", "industry": "tea"}
        for number in range(20)
    ]
    company = Company(sold, customers=people, first=Month(2022, 1), **more)
    review = review_month(company.inputs(MARCH), no_history(), builtin())
    made = material(months=0)
    return View(PackFacts(replace(made, review=review, month=MARCH, previous=review.customers.iloc[:0]), tier, CATALOGUE), locale)


def tables(section):
    found = []
    for block in section.blocks:
        parts = (*block.left, *block.right) if isinstance(block, Side) else (block,)
        found += [part for part in parts if isinstance(part, Table)]
    return {table.caption: table for table in found}


def test_the_company_pack_shows_classes_crossings_and_the_seven_steps():
    row = {"register": "strategy", "entry_id": "1", "value_class": "high", "behaviour_class": "loyal", "subject": "Visit"}
    entered = canonical("registers", [row])
    section = classes(view(registers=entered))
    assert section is not None
    found = tables(section)
    wanted = {"Class register", "Behaviour by value", "Practice class by value class", "Strategy per class", "Core customers by name"}
    assert wanted <= set(found)
    groups = {(row[0].text, row[0].detail): int(row[1].text) for row in found["Customers by group"].rows}
    assert (groups["web", "source"], groups["fair", "source"], groups["tea", "industry"]) == (10, 10, 20)
    register = found["Class register"]
    sizes = {row[0].text: int(row[1].text) for row in register.rows}
    assert sizes["high"] + sizes["mid"] + sizes["low"] == 20  # each dimension holds everybody once
    assert register.rows[0][0].detail == "V from 70"  # the rule in words is the policy's own
    crossed = sum(int(cell.text) for row in found["Behaviour by value"].rows for cell in row[1:])
    assert crossed == 20
    assert sum(int(cell.text) for row in found["Industry by value class"].rows for cell in row[1:]) == 20
    assert found["Strategy per class"].rows[0][1].text == "Visit"
    assert [cell.text for cell in found["Strategy per class"].rows[2][1:]] == ["none"] * 3
    assert len(found["The seven steps of classification"].rows) == 7


@pytest.mark.parametrize("tier", [None, "b"])
def test_habits_are_printed_by_interval_and_channel_with_seasons_and_quotes(tier):
    """Twenty customers who buy every quarter of a year: all of one band and one channel, three orders and a quote in twelve months."""
    offers = [{"quote_id": str(number), "customer_id": f"c{number:02}", "quoted_at": "2024-02-01", "amount": 5} for number in range(20)]
    made = view(tier, quotes=canonical("quotes", offers), channel="web", channels=True, models=True)
    section = classes(made)
    assert section is not None
    found, size = tables(section), len(made.customers)
    bands = found["Customers by their interval"]
    assert {row[0].text: int(row[1].text) for row in bands.rows}["91-180 days"] == size
    assert bands.note == ""  # one and a half years show no season
    assert [(row[0].text, int(row[1].text)) for row in found["Customers by main channel, 12 months"].rows] == [("web", size)]
    leaning = found["How concentrated the base is" if tier is None else "The base, and how concentrated it is"]
    assert {row[0].text: row[1].text for row in leaning.rows}["Orders per quote or enquiry"] == "3.00"


def test_a_tiers_pack_shows_its_own_customers_and_never_a_group_of_the_company():
    tier = view("b")
    section = classes(tier)
    assert section is not None
    mixed = tables(section)["Own customers by value class"]
    assert sum(int(row[1].text) for row in mixed.rows) == len(tier.customers) < 20
    core = tables(section)["Core customers by name"]
    names = {row[0].text for row in core.rows}
    assert names <= set(tier.customers["name"])
    assert {row[-1].text for row in core.rows} == {"38%"}  # three of the eight fields of a complete file
    with pytest.raises(PermissionError, match="asked for a figure of the company's group"):
        tier.of_group("value_class=high", "group_customers")


def test_what_is_not_supplied_is_one_line_and_no_table():
    section = classes(view())
    assert section is not None
    assert "Strategy per class" not in tables(section)
    assert section.blocks[-1].text.startswith("Not supplied: survey answers, contacts, quotes, campaigns, registers")  # type: ignore[union-attr]


def test_a_group_that_gave_back_more_than_it_bought_has_no_share_and_is_said_to_be_below_zero():
    """Fair customers bought for 760 and web customers for 800; 780 came back to one of fair: -20 and 800 of 780."""
    section = classes(view(back=refunds(("c00", "2024-03-10", 780))))
    assert section is not None
    table = tables(section)["Customers by group"]
    place = [head.title for head in table.columns].index("Value share")
    assert {row[0].text: row[place].text for row in table.rows if row[0].detail == "source"} == {"fair": "below 0", "web": "over 100%"}


def test_the_restated_are_a_whole_number_with_its_sign():
    assert CATALOGUE["base_restated"].unit is Unit.BALANCE
    formats = view().formats
    assert [formats.figure(value, Unit.BALANCE) for value in (2.0, -1.0, 0.0)] == ["+2", "−1", "0"]
    assert formats.change(-3.0, 1.0, Unit.BALANCE) == "−3"


def test_both_languages_name_every_class():
    chinese = classes(view(locale="zh_CN"))
    assert chinese is not None
    register = tables(chinese)["类别登记表"]
    assert [row[0].text for row in register.rows] == ["高", "中", "低", "高价值", "潜力", "普通", "忠诚型", "活跃型", "潜在型"]


def test_a_review_of_before_classes_has_no_such_section():
    made = material(months=0)
    assert classes(View(PackFacts(made, None, CATALOGUE), "en")) is None
