"""Rows of the requirements on classes, strategies, core customers and accounts: what a company that supplies everything sees of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from expectations.findings import Finding, Severity
from expectations.strategies import check_strategies
from expectations.suites import suites
from reports.blocks import Table
from reports.pack import build_packs
from reports.pack_facts import PackFacts
from reports.scoping import PackScope, limit_to_scope
from reports.sections.classes import classes
from reports.sections.economics import economics
from reports.sections.quality import quality
from reports.sections.why import why
from reports.view import View
from tests.printed import ample
from tests.reports.rich import MARCH, SUITES, company, rich, view
from tests.reports.test_classes_section import tables
from transforms.classes.registers import alike, planned_values, strategies
from transforms.indicators.all import CATALOGUE
from transforms.inputs import SurveyRules
from transforms.policy.rules import builtin
from transforms.review import no_history, review_month


def shown(tier=None, locale="en"):
    section = classes(view(tier, locale))
    assert section is not None
    return tables(section)


def row_of(table, name):
    """The cells of the row that begins with a word, as (text, detail)."""
    return next([(cell.text, cell.detail) for cell in row] for row in table.rows if row[0].text == name)


def test_the_printed_inputs_give_the_printed_score_and_an_override_names_author_and_reason():
    """What stands on the page re-adds to what stands on the page, within the rounding of four numbers to a tenth."""
    made = view()
    section = why(made)
    assert section is not None
    (table,) = [block for block in section.blocks if isinstance(block, Table)]
    cuts = {grade.grade: grade.cut for grade in made.material.review.policy.grades}
    for cells in table.rows:
        points = sum(float(cell.detail.replace("−", "-").replace("+", "")) for cell in cells[1:5])
        score, cut = float(cells[5].text), float(cells[6].text)
        assert abs(points - score) <= 0.25 and cut in cuts.values() and cut <= score
    by_hand = next(cells for cells in table.rows if cells[0].text == "Customer 5")
    assert by_hand[7].text.endswith("B") and by_hand[7].detail == "set by hand; Chen Jie; merger under way"
    pack = build_packs(made.material, ["a"], ["en"], CATALOGUE)[-1]
    assert made.material.review.policy.version in pack.running.run and "Data as known at" in pack.running.state


def test_priority_customers_are_listed_with_their_three_parts():
    """Each rank is that of customers.csv, their mean the priority; who declared a budget of 50,000 has all the power that there is."""
    people = view().customers.set_index("name")
    (tier,) = set(people.loc[people["customer_id"] == "c12", "tier"])
    table = shown(tier)["Priority customers (estimate)"]
    listed = people.loc[[row[0].text for row in table.rows]]
    parts = ["priority_power", "priority_loyalty", "priority_value"]
    assert [[cell.text for cell in row[1:]] for row in table.rows] == [
        [f"{value:.0f}" for value in (*row[parts], row["priority"])] for _, row in listed.iterrows()
    ]
    assert (people["priority"].dropna() - people[parts].mean(axis=1)[people["priority"].notna()]).abs().max() < 1e-9
    own = people[people["tier"] == tier]
    assert listed["priority"].is_monotonic_decreasing and listed["priority"].iloc[0] == own["priority"].max()
    assert set(listed["customer_id"]) <= set(own["customer_id"])
    declared = people[people["priority_power_from"] == "declared"]
    assert declared["customer_id"].tolist() == ["c12"] and declared["priority_power"].iloc[0] == 100
    assert "budget declared by 1, else peers’ spending" in table.note


def test_every_customer_has_one_label_per_dimension_and_the_strategy_of_its_two_classes():
    people = view().customers
    for name in ("value_class", "behaviour_class", "practice_class", "source_channel", "region", "grade"):
        assert people[name].notna().all()
    loyal = people["behaviour_class"] == "loyal"
    assert loyal.any() and set(people.loc[loyal & (people["value_class"] == "high"), "strategy_id"]) == {"e00"}
    assert set(people.loc[loyal & (people["value_class"] == "mid"), "strategy_id"]) == {"e01"}
    assert people.loc[loyal & (people["value_class"] == "low"), "strategy_id"].isna().all()


def test_the_nine_cells_show_strategy_plan_owner_and_review_day_and_an_empty_one_is_a_warning():
    table = shown()["Strategy per class"]
    assert row_of(table, "loyal")[1] == ("Monthly visit", "Named engineer; Li Na; review by 2024-09-30")
    assert [text for text, _ in row_of(table, "active")[1:]] == ["none"] * 3
    assert table.note.startswith("6 of 9 cells have no strategy")
    registers = rich().review.registers
    (finding,) = check_strategies(registers, frozenset({"registers"}), MARCH)
    assert (finding.severity, finding.rows, finding.of_rows) == (Severity.WARNING, 6, 9)
    assert check_strategies(registers, frozenset(), MARCH) == []
    own = shown("a")["Strategy per class"]
    counted = [detail.rpartition("n=")[2] for name in ("loyal", "active", "latent") for _, detail in row_of(own, name)[1:]]
    assert sum(map(int, counted)) == len(view("a").customers)  # a tier sees its own customers in each cell


def test_whether_service_differs_in_fact_is_told_beside_what_was_planned():
    """c00 alone of the seven of high value was called, twelve times, six of them visits; four letters went to c00-c03; planned were 6."""
    made = view()
    table = shown()["Does service differ in fact?"]
    high = made.customers[made.customers["value_class"] == "high"]
    letters = int(high["customer_id"].isin(["c00", "c01", "c02", "c03"]).sum())
    assert "c00" in set(high["customer_id"])
    contacts, visits, response = row_of(table, "high")[2:5]
    assert contacts == (f"{(12 + letters) / len(high):.2f}", "planned 6.00")
    assert visits == (f"{6 / len(high):.2f}", "")
    asked = sorted(int(name[1:]) for name in high["customer_id"] if int(name[1:]) < 5)
    assert response[0] == f"{2 + (asked[0] + asked[-1]) / 2:.1f} h"  # c00 was answered after 2 hours, c01 after 3, ...
    assert "No configured difference: loyal · high and loyal · mid." in table.note
    registers = rich().review.registers
    assert alike(registers, MARCH) == [(("loyal", "high"), ("loyal", "mid"))]
    assert planned_values(registers, MARCH) == {("high", "group_contacts"): 6.0}
    changed = registers.assign(body=registers["body"].mask(registers["entry_id"] == "e01", "Call centre"))
    assert alike(changed, MARCH) == [] and len(strategies(changed, MARCH)) == 3


def test_the_seven_steps_name_owners_and_days_of_the_steps_that_people_take():
    table = shown()["The seven steps of classification"]
    assert len(table.rows) == 7
    assert row_of(table, "Design strategies")[1:] == [("6 entries", ""), ("Li Na; next due 2024-09-30", "")]
    assert row_of(table, "Carry them out")[1:] == [("2 actions, 1 done this month", ""), ("Wang Wei; next due 2024-04-20", "")]
    assert row_of(table, "Evaluate and adjust")[2] == ("Zhao Min; next due 2024-06-30", "")
    assert row_of(table, "Classify")[1:] == [("40 customers, one rule for all tiers", ""), ("the run", "")]


def test_groups_by_attribute_and_source_show_strategy_actions_and_what_was_planned():
    made = view()
    table = shown()["Strategies for groups, by attribute and source"]
    web = row_of(table, "web")
    assert web[1:4] == [("20", ""), ("Welcome call", "Li Na; review by 2024-09-30"), ("1 / 2", "")]
    assert web[4:] == [
        ("Retention of the group", ""),
        (made.value(made.of_group("source_channel=web", "group_retention")), ""),
        ("90.0%", ""),
    ]
    assert row_of(table, "65 and over")[:3] == [("65 and over", "age"), ("0", ""), ("Large print", "Li Na; review by 2024-09-30")]
    assert "no individual decision rests on sex or age" in table.note


def test_attributes_are_told_by_tier_and_groups_of_few_are_withheld():
    made = view()
    table = shown()["Attributes by tier"]
    rows = {(row[0].text, row[0].detail): [cell.text for cell in row[1:]] for row in table.rows}
    everybody = made.material.review.customers
    for kind, word in (("person", "person"), ("company", "company customer")):
        own = everybody[everybody["kind"] == kind]
        sizes = [int((own["tier"] == tier).sum()) for tier in ("a", "b", "c", "unrated")]
        assert rows[word, "kind"] == [("–" if not n else str(n) if n >= 10 else "too few") for n in sizes] + ["20"]
    assert ("unknown", "age") in rows, "unknown is a band of its own"
    assert not any(word == "baker" for word, _ in rows), "one baker is no group"
    assert "birth_date" not in everybody and "age_band" not in everybody


def test_the_core_shows_who_came_who_left_who_was_named_by_hand_and_what_the_company_leans_on():
    made = view()
    table, leaning = shown()["Core customers by name"], shown()["How concentrated the base is"]
    before = set(made.material.previous.loc[made.material.previous["is_core"], "customer_id"])
    now = set(made.customers.loc[made.customers["is_core"], "customer_id"])
    assert "c20" in now - before and before - now
    assert "New in the core: Customer 20." in table.note
    assert all(f"Customer {int(name[1:])}" in table.note.partition("No longer in it:")[2] for name in before - now)
    values = made.customers.sort_values("current_value", ascending=False)["current_value"].astype(float)
    for count, words in ((1, "largest customer"), (5, "largest five customers"), (10, "largest ten customers")):
        assert row_of(leaning, f"Value share of the {words}")[1][0] == f"{values.head(count).sum() / values.sum():.1%}"
    assert bool(made.customers.set_index("customer_id").loc["c30", "is_core"]), "strategic by hand, though it buys nothing"
    tier = str(made.customers.set_index("customer_id").loc["c30", "tier"])
    by_hand = next(row for row in shown(tier)["Core customers by name"].rows if row[0].text == "Customer 30")
    assert by_hand[5].detail == "strategic, named by Chen Jie"
    assert "No longer in it" not in shown("a")["Core customers by name"].note, "who left it is told in the pack of the own tier alone"


def test_the_base_by_role_counts_the_unknown_and_tells_of_those_inside_what_they_say_alone():
    """Forty customers, two of them employees and one a stockholder, all three of whom were asked; of nine others the role is known."""
    roles = {"c00": "employee", "c01": "employee", "c02": "stockholder", **{f"c{number:02}": "dealer" for number in range(3, 12)}}
    people = [{**one, "role": roles.get(one["customer_id"])} for one in company().customers]
    inputs = replace(company(), customers=people, rules=SurveyRules(min_n=1)).inputs(MARCH)
    review = review_month(inputs, no_history(), builtin())
    section = classes(View(PackFacts(replace(rich(), review=review), None, CATALOGUE), "en"))
    assert section is not None
    table = tables(section)["The base by role"]
    sizes = {row[0].text: (row[1].text, row[1].detail) for row in table.rows}
    assert sizes == {"unknown": ("28", "70.0%"), "dealer": ("9", "22.5%"), "employee": ("2", "5.0%"), "stockholder": ("1", "2.5%")}
    money, asked = row_of(table, "employee")[2:4], row_of(table, "employee")[4]
    assert money == [("–", ""), ("–", "")] and asked == ("100.0", "n=2, few")
    sold = review.customers.set_index("customer_id").loc[[name for name, role in roles.items() if role == "dealer"], "net_12m"].sum()
    assert row_of(table, "dealer")[2][0] == f"¥{sold / 10_000:,.0f}"
    register = tables(section)["Class register"]
    for place in (0, 4, 8):  # three classes and the unrated of each dimension: those inside have no class, and nobody is left out
        own = register.rows[place : place + 4]
        assert sum(int(row[1].text) for row in own) == 40 and (own[3][0].text, own[3][1].text) == ("unrated", "3")
    assert "mid: value_score >= 40" in register.note and "recency_days <= 1.5 * median_gap_days" in register.note


def test_each_behaviour_class_has_the_medians_of_its_ranks_and_usage_is_no_zero():
    people = view().customers
    table = shown()["Behaviour profile"]
    assert [row[0].text for row in table.rows] == [
        name for name in ("loyal", "active", "latent") if (people["behaviour_class"] == name).any()
    ]
    for row in table.rows:
        own = people[people["behaviour_class"] == row[0].text]
        assert [cell.text for cell in row[1:]] == [
            f"{own['purchase_score'].median():.0f}",
            "not supplied",
            f"{own['feedback_score'].median():.0f}",
        ]


def test_a_segment_tells_its_basket_and_what_it_buys_most_and_the_others_are_a_segment_too():
    section = classes(ample().view)
    assert section is not None
    table = tables(section)["Customers by segment"]
    people = ample().view.customers
    for name, segment in (("The north", "north"), ("other", "other")):
        own = people[people["segment"] == segment]
        assert row_of(table, name)[1] == (str(len(own)), f"{len(own) / len(people):.1%}")
        most = own["main_category"].value_counts()
        assert row_of(table, name)[-1][0].split("; ")[0] in set(most.index[most == most.max()])


def test_company_accounts_show_users_value_and_target_in_three_columns():
    """c00 has 12 users and bought for 4,800 of a target of 9,600; c01 has users too and is a person."""
    table = shown()["Accounts"]
    assert [[cell.text for cell in row] for row in table.rows] == [["Customer 0", "12", "¥4,800", "50%"]]
    assert "no grade reads it" in table.note


def test_one_suite_for_every_pack_and_no_pack_with_a_relaxed_one():
    broken = Finding("orders", "orders.amount.negative", Severity.WARNING, "3 negative amounts", str(MARCH), 3, 100)
    made = rich(findings=(broken,))
    books = made.quality.assign(month="").loc[:1].assign(table=["orders", "customers"])
    made = replace(made, quality=books)
    for tier in (None, "a", "b", "c", "unrated"):
        table = next(block for block in quality(View(PackFacts(made, tier, CATALOGUE), "en")).blocks if isinstance(block, Table))
        assert {row[0].text: row[-1].text for row in table.rows} == {"orders": "1 / 2", "customers": "–"}
        assert table.note.endswith("Suite 0123456789ab: 3 rules, the same for every tier, region and pack; 2 hold, 1 do not.")
    packs = build_packs(made, ["a", "b", "c"], ["en"], CATALOGUE)
    told = {pack.name: repr([section for section in pack.sheets if section.name == "quality"]) for pack in packs}
    assert len(told) == 4 and all(SUITES.version in text and "orders.amount.negative" in text for text in told.values())


def test_another_rule_or_severity_is_another_suite():
    """The version is that of the rules in force: the same twice, another where the configuration weighs a rule less."""
    one = suites()
    assert one == suites({}) and len(one.version) == 12
    assert {"orders", "tickets", "surveys", "registers"} <= set(one.rules) and all(one.rules.values())
    rule = next(iter(one.rules["orders"]))
    assert suites({rule: Severity.INFO}).version != one.version


def test_information_kinds_and_loyalty_economics_are_printed_for_who_supplies_them():
    section = economics(view())
    assert section is not None
    found = tables(section)
    kinds = found["Information from customers by kind, this month"]
    assert [text for text, _ in row_of(kinds, "Needs")[1:]] == ["2", "2", "8.0", "50%", "¥500"]
    loyalty = found["What loyalty is worth: active customers by type, twelve months"]
    names = [head.title for head in loyalty.columns]
    true = dict(zip(names, (text for text, _ in row_of(loyalty, "True")), strict=True))
    bought = view().customers.query("loyalty_type == 'true' and orders_12m > 0")["net_12m"].sum() / 10_000
    assert true["Marketing / net"] == f"{400 / bought:.1%}" and float(true["Spread of months"]) > 0


@pytest.mark.parametrize("tier", [None, "a"])
def test_the_pack_of_a_segment_counts_its_own_customers_and_no_group_of_the_company(tier):
    """Customers of the north: what only the whole company has is left out, and nobody else is named."""
    made = rich()
    own = frozenset(made.review.customers.loc[made.review.customers["region"] == "north", "customer_id"])
    scope = PackScope(f"{'company' if tier is None else f'tier-{tier}'}~north", tier, "region = north", own)
    section = classes(View(PackFacts(limit_to_scope(made, scope), tier, CATALOGUE), "en"))
    assert section is not None
    found = tables(section)
    assert not {"Does service differ in fact?", "Strategies for groups, by attribute and source", "Attributes by tier"} & set(found)
    foreign = {f"Customer {int(name[1:])}" for name in set(made.review.customers["customer_id"]) - own}
    told = {cell.text for table in found.values() for row in table.rows for cell in row} | {found["Core customers by name"].note}
    assert not {name for name in foreign if any(name == word or f"{name}." in word or f"{name};" in word for word in told)}


@pytest.mark.parametrize("tier", [None, "b"])
def test_both_languages_show_the_same_tables(tier):
    english, chinese = shown(tier), shown(tier, "zh_CN")
    assert [len(table.rows) for table in english.values()] == [len(table.rows) for table in chinese.values()]
    assert "核心客户名单" in chinese and ("优先客户（估计）" in chinese) == (tier is not None)


def test_without_registers_no_strategy_and_no_account_is_shown():
    made = rich()
    bare = replace(made, review=replace(made.review, supplied=made.review.supplied - {"registers"}))
    section = classes(View(PackFacts(bare, None, CATALOGUE), "en"))
    assert section is not None
    assert not {"Strategy per class", "Strategies for groups, by attribute and source"} & set(tables(section))
