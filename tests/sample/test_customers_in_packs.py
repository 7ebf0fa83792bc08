"""Planted customers are found by a reader: on the list to act on, in the grades, in the files published beside the packs."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from tests.sample import raw
from tests.sample.published import Published


def acted_on(published: Published, pack: str, customer: str) -> str:
    """What a pack's list of customers to act on says of one customer, up to the next one."""
    text = published.section(pack, "Customers to act on")
    assert customer in text, f"{customer} is not to be acted on in {pack}"
    return text.split(customer, 1)[1][:160]


def test_the_bound_and_dissatisfied_customer_is_acted_on_before_the_contract_ends(published: Published, planted: dict[str, Any]) -> None:
    fact = raw.fact(planted, "contract_ending")
    said = acted_on(published, "tier-a", fact["customers"][0])
    assert f"contract ends on {fact['figures']['contract_end']}" in said and "unhappy" in said
    assert "Meet before the contract ends" in said


def test_the_flapping_score_keeps_its_grade_and_the_file_says_that_it_is_held(published: Published, planted: dict[str, Any]) -> None:
    row = published.customers.loc[raw.fact(planted, "flapper")["customers"][0]]
    assert 68 < row["score"] < 72
    assert row["grade"] == row["previous_grade"]
    assert row["held"] == (row["would_be"] != row["grade"])


def test_the_large_defector_leads_the_lists_and_its_money_is_at_risk(published: Published, planted: dict[str, Any]) -> None:
    fact = raw.fact(planted, "large_defector")
    (customer,) = fact["customers"]
    row = published.customers.loc[customer]
    for pack in ("company", f"tier-{row['tier']}"):
        said = acted_on(published, pack, customer)
        assert f"no order for {row['recency_days']} days" in said and "Call: why no order" in said and str(row["account_manager"]) in said
    assert row["act_rank"] <= 2 and row["act_stake"] > row["net_12m"], "what it brought before it fell silent is at stake"
    assert abs(row["recency_days"] - fact["figures"]["silent_days"]) <= 1
    assert published.figure("revenue_at_risk")["value"] > row["net_12m"] > 0


def test_the_late_refund_takes_the_upgrade_back(published: Published, planted: dict[str, Any]) -> None:
    fact = raw.fact(planted, "late_refund")
    row = published.customers.loc[fact["customers"][0]]
    assert (row["previous_grade"], row["grade"]) == ("A", "B")
    assert published.moves["A", "B"] >= 1
    assert published.figure("refunds")["value"] > fact["figures"]["amount"]
    assert f"{fact['customers'][0]}; A → B" in published.section("tier-a", "Customers to act on")
    assert f"{row['name']} alone" in published.section("tier-b", "Summary")
    assert "given back in the month" in acted_on(published, "tier-a", fact["customers"][0]), "it stands in the pack that it left"
    assert fact["customers"][0] not in published.section("tier-b", "Customers to act on")


def test_two_records_of_one_customer_are_one_row_and_the_quality_page_says_so(published: Published, planted: dict[str, Any]) -> None:
    old, new = raw.fact(planted, "merged_record")["customers"]
    assert new in published.customers.index and old not in published.customers.index
    assert old in published.sheet("company", "Data quality")


def test_the_newly_lost_are_counted_and_leave_the_grades(published: Published, planted: dict[str, Any]) -> None:
    lost = published.customers.loc[list(raw.fact(planted, "newly_lost")["customers"])]
    assert lost["is_lost"].all() and not lost["was_lost"].any()
    count = int(published.figure("customers_lost")["value"])
    assert count == sum(number for (_, after), number in published.moves.items() if after == "lost") >= len(lost)
    assert re.search(rf"Lost customers {count}\b", published.section("company", "Grades and movements"))


def test_the_riser_goes_from_c_to_a_and_is_named_in_the_packs(published: Published, planted: dict[str, Any]) -> None:
    (customer,) = raw.fact(planted, "riser")["customers"]
    row = published.customers.loc[customer]
    assert (row["previous_grade"], row["grade"], row["month_orders"]) == ("C", "A", 12)
    for pack in ("company", "tier-a"):
        assert re.search(rf"{customer} C → A", published.section(pack, "Movements and their causes"))
    assert re.search(r"left to A −\d", published.section("tier-c", "Summary"))


def test_the_silent_dissatisfied_stand_together_with_where_their_orders_went(published: Published, planted: dict[str, Any]) -> None:
    fact = raw.fact(planted, "silent_dissatisfied")
    rows = published.customers.loc[list(fact["customers"])]
    assert (rows["tickets_12m"] == 0).all() and (rows["satisfaction_index"] < 40).all() and (rows["nps_score"] <= 4).all()
    assert (rows["act_reason"] == "unhappy_quiet").all() and rows["act_rank"].notna().all()
    group = published.customers[(published.customers["act_reason"] == "unhappy_quiet") & published.customers["act_rank"].notna()]
    tier = rows["act_tier"].iloc[0]
    group = group[group["act_tier"] == tier]
    together = rf"Unhappy, no ticket: {len(group)} customers, ¥{group['act_stake'].sum():,.0f} at stake; orders (\d+) → (\d+) a month"
    said = re.search(together, published.section(f"tier-{tier}", "Customers to act on"))
    first, last = (sum(fact["figures"]["orders_by_month"][part]) / 3 for part in (slice(0, 3), slice(-3, None)))
    others = len(group) - len(rows)
    assert said and others <= 2, "whoever else is unhappy and has no ticket stands with them"
    assert first <= int(said[1]) <= first + 4 * others and last <= int(said[2]) <= last + 4 * others


def test_who_was_lost_is_on_a_list_or_counted_with_what_was_brought_before(published: Published, planted: dict[str, Any]) -> None:
    rows = published.customers.loc[list(raw.fact(planted, "newly_lost")["customers"])]
    assert (rows["act_reason"] == "lost").all() and (rows["act_stake"] > 0).all() and (rows["net_12m"] == 0).all()


def test_nobody_of_ones_own_is_acted_on_and_the_list_is_as_long_as_its_owners_can_act(
    published: Published, planted: dict[str, Any]
) -> None:
    own = published.customers.loc[list(raw.fact(planted, "own_people")["customers"])]
    assert own["act_reason"].isna().all()
    listed = published.customers[published.customers["act_rank"].notna()]
    assert listed.groupby("act_owner").size().max() == 10
    assert f"{len(listed)} customers to act on" in published.section("company", "Customers to act on")


def test_the_account_that_nobody_speaks_to_has_no_contact_in_the_file(published: Published, planted: dict[str, Any]) -> None:
    row = published.customers.loc[raw.fact(planted, "neglected_account")["customers"][0]]
    assert (row["contacts_12m"], row["value_class"]) == (0, "high") and pd.isna(row["last_contact_on"])


def test_the_company_s_own_people_are_counted_apart_and_have_no_grade(published: Published, planted: dict[str, Any]) -> None:
    fact = raw.fact(planted, "own_people")
    rows = published.customers.loc[list(fact["customers"])]
    assert (rows[["grade", "value_class", "behaviour_class"]] == "unrated").all(axis=None)
    for role in ("employee", "stockholder"):
        assert published.of_group("group_customers", f"role={role}") == fact["figures"][role] == (rows["role"] == role).sum()
        told = rf"{role} {fact['figures'][role]} [\d.]+% – – "  # how many they are, and of their money nothing
        assert re.search(told, published.section("company", "Customers and classes"))


def test_the_grade_set_by_hand_is_told_with_its_author_and_the_refused_one_is_named(published: Published, planted: dict[str, Any]) -> None:
    (customer,) = raw.fact(planted, "graded_by_hand")["customers"]
    row = published.customers.loc[customer]
    assert (row["grade"], row["would_be"], row["override_author"]) == ("B", "C", "li.na")
    assert published.figure("standard_overrides")["value"] == 1
    assert re.search(rf"{customer} B C 2027-03-31 li\.na", published.section("company", "The grading standard"))
    assert "it has no reason" in published.sheet("company", "Data quality")
