"""Movements and the annex of grades in a pack: what they say is in the evidence, and they add up."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from reports.blocks import Side, Table
from reports.formats import formats
from reports.pack import ReviewPack
from tests.adding_up import bridges_in, wrong_columns
from tests.reports.builders import figures, material
from tests.reports.test_packs import attached, one, words_of
from tests.transforms.builders import Company, orders
from transforms.inputs import History, year_ago_of
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.review import no_history, review_month
from transforms.why.evidence import EXPLANATION_COLUMNS
from transforms.why.score import PARTS

JANUARY = Month(2024, 1)
SOLD = orders(
    *(("a-1", f"{year}-{month:02}-10", 40) for year in (2022, 2023) for month in range(1, 13)),
    *(("b-17", f"2023-01-{day}", 30) for day in range(10, 20)),
    *((f"c-{number:02}", f"2023-{month:02}-20", 5 + number) for number in range(25) for month in range(4, 4 + number % 7)),
    ("a-1", "2024-01-20", 90),
    ("d-9", "2024-01-21", 5),
)


@pytest.fixture(scope="module")
def made():
    """The material of January 2024: b-17 fell from B to C, d-9 is new."""
    company = Company(SOLD)
    first = review_month(company.inputs(JANUARY - 1), no_history(), builtin())
    figures_then = first.figures.assign(month=str(JANUARY - 1))
    history = History(first.customers, figures_then, policy=first.policy)
    now = review_month(company.inputs(JANUARY), history, first.policy)
    year_ago = year_ago_of(first.customers)
    return material(month=JANUARY, review=now, previous=first.customers, history=figures_then, year_ago=year_ago, findings=())


def tables(pack: ReviewPack, section: str):
    (found,) = [part for part in pack.sheets if part.name == section]
    for block in found.blocks:
        for inner in (*block.left, *block.right) if isinstance(block, Side) else (block,):
            if isinstance(inner, Table):
                yield inner


def test_who_fell_is_listed_with_parts_that_are_in_the_evidence_and_with_the_way_back(made):
    pack = one(made)
    (demoted,) = [table for table in tables(pack, "movements") if table.caption == "Demoted"]
    (row,) = [row for row in demoted.rows if row[0].text == "b-17"]
    evidence = {line["customer_id"]: line for line in attached(pack, "explanations.csv")}["b-17"]
    numbers = set(re.findall(r"[+−]?\d[\d.]*\d", row[3].text))
    kept = {formats("en", "CNY").difference(float(evidence[f"change_{name}"]), 1) for name in (*PARTS, "score")}
    assert len(numbers) >= 3
    assert numbers <= kept
    assert (row[4].text == "no single measure") == (not evidence["restore_measure"])


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_annex_has_inputs_points_score_cut_and_grade_and_says_what_it_left_out(made, locale):
    pack = one(made, locale=locale)
    (table,) = tables(pack, "why")
    assert len(table.rows) == 10
    assert "explanations.csv" in table.note
    lines = attached(pack, "explanations.csv")
    assert tuple(lines[0]) == EXPLANATION_COLUMNS
    assert len(lines) == len(made.review.customers)
    for line in lines:
        if line["score"]:
            points = sum(float(line[f"points_{name}"]) for name in ("tenure", "recency", "orders", "net"))
            assert points == pytest.approx(float(line["score"]), abs=1e-9)
            assert sum(float(line[f"change_{name}"]) for name in PARTS) == pytest.approx(float(line["change_score"]), abs=1e-9)
            assert float(line["cut"]) <= float(line["score"])


def test_the_whole_years_matrix_adds_up_to_the_base(made):
    (table,) = [table for table in tables(one(made), "grades") if table.caption == "From the grade of twelve months ago"]
    counted = sum(int(cell.text) for row in table.rows for cell in row[1:] if cell.text.isdigit())
    customers = made.review.customers
    stayed_lost = int((customers["is_lost"] & customers["was_lost"]).sum())
    assert counted == len(customers) - stayed_lost


def test_mobility_counts_those_graded_in_both_months_and_not_lost(made):
    (table,) = [table for table in tables(one(made), "movements") if table.caption == "How many changed grade"]
    customers = made.review.customers
    both = customers["previous_grade"].isin(list("ABC")) & customers["grade"].isin(list("ABC"))
    both &= ~customers["is_lost"] & ~customers["was_lost"]
    assert sum(int(row[1].text) for row in table.rows) == both.sum()


def test_what_moved_the_company_is_printed_with_parts_that_add_up(made):
    shown = figures_of(made)
    change = shown["net_revenue"]["change"]
    parts = [shown[f"net_revenue_by_{kind}"]["value"] for kind in ("size", "mix", "rate", "outside")]
    assert sum(parts) == pytest.approx(change, abs=1e-4)
    (table,) = [table for table in tables(one(made), "movements") if table.caption.startswith("What moved")]
    assert table.rows[0][0].text == "Net revenue"
    assert table in [block for section in one(made).sections for block in section.blocks], "it is read, too"
    assert "What moved" not in words_of(one(made, tier="b"))


def figures_of(made):
    frame = made.review.figures
    return frame[frame["scope"] == "company"].set_index("indicator").to_dict("index")


def test_the_parts_by_mix_and_rate_are_printed_with_their_signs():
    values = {"csat_mean": 4.0, "csat_mean_by_mix": 0.1, "csat_mean_by_rate": -0.6}
    frame = figures(values=values)
    chosen = (frame["indicator"] == "csat_mean") & (frame["scope"] == "company")
    frame.loc[chosen, ["previous", "change"]] = [4.5, -0.5]
    (table,) = [table for table in tables(one(replace_figures(material(), frame)), "movements") if table.caption.startswith("What moved")]
    (row,) = [row for row in table.rows if row[0].text == "Satisfaction (mean)"]
    assert [row[place].text for place in (1, 3, 4)] == ["−0.50", "+0.10", "−0.60"]


def replace_figures(made, frame):
    return replace(made, review=replace(made.review, figures=frame))


def test_without_a_month_before_there_is_no_page_of_movements():
    pack = one(material(months=0))
    assert "movements" not in [sheet.name for sheet in pack.sheets]


def test_a_tiers_pack_explains_its_own_customers_alone(made):
    customers = made.review.customers
    own = set(customers.loc[customers["tier"] == "b", "customer_id"])
    assert {line["customer_id"] for line in attached(one(made, tier="b"), "explanations.csv")} == own
    assert 0 < len(own) < len(customers)


def test_a_grade_set_by_hand_is_told_with_author_and_reason_and_has_no_way_back(made):
    """b-17 fell to C by the rules; somebody set B by hand for a customer whom the rules give C."""
    customers = made.review.customers
    chosen = customers["customer_id"] == "a-1"
    by_hand = customers.assign(
        grade=customers["grade"].mask(chosen, "B"),
        tier=customers["tier"].mask(chosen, "b"),
        override_author=pd.Series([None] * len(customers), dtype="str").mask(chosen, "li.na"),
        override_reason=pd.Series([None] * len(customers), dtype="str").mask(chosen, "moves abroad"),
    )
    pack = one(replace(made, review=replace(made.review, customers=by_hand)))
    assert "set by hand; li.na; moves abroad" in words_of(pack, "why")
    line = {line["customer_id"]: line for line in attached(pack, "explanations.csv")}["a-1"]
    assert (line["rule_grade"], line["grade"], line["override_author"], line["restore_measure"]) == ("A", "B", "li.na", "")
    assert "set by hand" in words_of(pack, "movements")


def test_the_bridge_of_each_tier_adds_up_in_print_and_ends_at_the_tiers_own_money(made):
    for tier in ("a", "b", "c"):
        pack = one(made, tier=tier)
        (table,) = bridges_in(pack)
        assert wrong_columns(table) == []
        own = made.review.customers[made.review.customers["tier"] == tier]
        assert table.rows[-1][1].text == str(int((~own["is_lost"]).sum()))
        assert table.rows[-1][2].text == f"¥{int(own['month_net'].sum()) // 10_000}"


def test_a_table_that_does_not_add_up_is_found(made):
    (table,) = bridges_in(one(made, tier="a"))
    wrong = replace(table, rows=(*table.rows[:-1], (table.rows[-1][0], *(replace(cell, text="¥7") for cell in table.rows[-1][1:]))))
    assert len(wrong_columns(wrong)) == 3


def test_a_tiers_headline_compares_the_same_customers(made):
    """Five customers were in A in December, too, and a-1 alone bought: 40 then, 90 now."""
    text = words_of(one(made, tier="a"), "summary")
    assert "The 5 customers who were here a month ago, too, brought ¥90 (+125.0%)." in text
