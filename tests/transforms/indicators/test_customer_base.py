"""The base from month to month, roles, prospects, groups: who is counted, and as what."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from expectations.results import check_results
from tests.transforms.builders import Company, answers, canonical, orders
from transforms.classes.profile import age_band
from transforms.errors import UsageError
from transforms.inputs import History
from transforms.month import Month
from transforms.policy.declared_segments import DeclaredSegment
from transforms.policy.reading import policy_from_json, policy_from_mapping
from transforms.policy.rules import builtin, canonical_json
from transforms.review import no_history, review_month

DECEMBER, JANUARY = Month(2023, 12), Month(2024, 1)
SOLD = orders(
    ("old", "2022-12-20", 10),  # lost in December 2023
    ("back", "2022-01-05", 10),  # lost in January 2023, comes back
    ("back", "2024-01-09", 5),
    ("twin", "2023-11-05", 10),  # merged into `main` in January
    ("main", "2023-11-05", 10),
    ("new", "2024-01-31", 1),
)
FIRST = Month(2022, 1)


def figures_of(review, scope="company", value=""):
    rows = review.figures
    chosen = rows[(rows["scope"] == scope) & (rows["scope_value"] == value)]
    return chosen.set_index("indicator")["value"]


def test_opening_and_what_came_and_went_make_the_closing():
    before = review_month(Company(SOLD, first=FIRST).inputs(DECEMBER), no_history(), builtin())
    assert figures_of(before)["customers_current"] == 2  # twin and main
    as_one = SOLD.assign(customer_id=SOLD["customer_id"].replace("twin", "main"))
    history = History(before.customers, before.figures.assign(month=str(DECEMBER)))
    after = review_month(Company(as_one, first=FIRST).inputs(JANUARY), history, before.policy)
    found = figures_of(after)
    parts = ("base_opening", "customers_new", "base_reactivated", "customers_lost", "base_merged", "base_restated", "customers_current")
    assert [found[name] for name in parts] == [2, 1, 1, 0, 1, 0, 3]
    assert check_results(after.figures, after.customers, str(JANUARY)) == []


def test_a_broken_reconciliation_and_groups_that_lose_somebody_hold_the_month():
    review = review_month(Company(SOLD, first=FIRST).inputs(JANUARY), no_history(), builtin())
    one_more = review.figures.assign(value=review.figures["value"].where(review.figures["indicator"] != "base_opening", 99.0))
    assert {finding.rule for finding in check_results(one_more, review.customers, "2024-01")} == {"results.base.reconciled"}
    lost = review.figures[~review.figures["scope_value"].eq("value_class=unrated")]
    assert {finding.rule for finding in check_results(lost, review.customers, "2024-01")} == {"results.groups.sum"}


def test_everybody_sold_to_is_in_the_base_whether_he_bought_now_or_long_ago():
    review = review_month(Company(SOLD, first=FIRST).inputs(JANUARY), no_history(), builtin())
    assert review.customers.set_index("customer_id")["status"].to_dict() == {
        "back": "bought",
        "main": "active",
        "new": "bought",
        "old": "lapsed",
        "twin": "active",
    }


def staff_and_others():
    people = [
        {"customer_id": "c", "role": "consumer"},
        {"customer_id": "d", "role": "dealer"},
        {"customer_id": "e", "role": "employee"},
        {"customer_id": "s", "role": "stockholder"},
        {"customer_id": "never", "role": "consumer", "first_seen": "2023-12-31"},
        {"customer_id": "later", "role": "consumer", "first_seen": "2024-02-01"},
    ]
    sold = orders(*((name, f"2023-{month:02}-05", 10) for name in "cdesu" for month in (1, 6, 12)))
    said = answers(("e", "2024-01-03", "csat", 5), ("c", "2024-01-03", "csat", 3))
    return Company(sold, customers=people, surveys=said, first=FIRST)


def test_employees_and_stockholders_have_satisfaction_but_no_grade_and_are_no_part_of_the_standard():
    review = review_month(staff_and_others().inputs(JANUARY), no_history(), builtin())
    found = review.customers.set_index("customer_id")
    assert found["role"].to_dict() == {"c": "consumer", "d": "dealer", "e": "employee", "s": "stockholder", "u": "unknown"}
    for column in ("grade", "value_class", "behaviour_class", "practice_class"):
        assert found.loc[["e", "s"], column].tolist() == ["unrated", "unrated"]
        assert not (found.loc[["c", "d", "u"], column] == "unrated").any()
    assert found.loc["e", "satisfaction_n"] == 1
    assert review.policy.reference is not None and review.policy.reference.customers == 3
    employees = figures_of(review, "segment", "role=employee")
    assert employees["group_customers"] == 1 and employees["group_satisfaction"] > 0


def test_who_never_bought_is_a_prospect_and_no_customer_and_who_came_later_is_neither():
    review = review_month(staff_and_others().inputs(JANUARY), no_history(), builtin())
    assert figures_of(review)["prospects"] == 1
    assert "never" not in review.customers["customer_id"].tolist()


SOUTH = DeclaredSegment("south", "South", "南", {"region": ("s",)})
DEALERS = DeclaredSegment("dealers", "Dealers", "经销商", {"role": ("dealer",), "region": ("s", "n")})


def test_the_first_segment_that_fits_takes_the_customer_and_other_takes_the_rest():
    people = [
        {"customer_id": name, "region": region, "role": role}
        for name, region, role in (("a", "s", "dealer"), ("b", "n", "dealer"), ("c", None, None))
    ]
    sold = orders(*((name, "2023-12-05", 10) for name in "abc"))
    policy = replace(builtin(), segments=(SOUTH, DEALERS))
    review = review_month(Company(sold, customers=people, first=FIRST).inputs(JANUARY), no_history(), policy)
    assert review.customers["segment"].tolist() == ["south", "dealers", "other"]
    assert [figures_of(review, "segment", f"segment={name}")["group_customers"] for name in ("south", "dealers", "other")] == [1, 1, 1]


def test_segments_travel_with_the_policy_and_their_absence_changes_no_digest():
    policy = replace(builtin(), segments=(SOUTH, DEALERS))
    assert policy_from_json(canonical_json(policy)) == policy
    assert "segments" not in canonical_json(builtin()) and "classes" not in canonical_json(builtin())
    assert DEALERS.words == "region in (s, n) & role in (dealer)"
    plain = json.loads(canonical_json(builtin()))
    for broken, message in (
        ({"segment": "x", "where": {"colour": ["red"]}}, "looks at colour"),
        ({"segment": "other", "where": {"region": ["s"]}}, "not 'other'"),
        ({"segment": "x", "where": {}}, "names no field"),
    ):
        with pytest.raises(UsageError, match=message):
            policy_from_mapping({**plain, "segments": [broken]}, "test")
    with pytest.raises(UsageError, match="declared twice: a"):
        policy_from_mapping({**plain, "segments": [{"segment": "a", "where": {"region": ["s"]}}] * 2}, "test")


def test_a_group_of_few_is_withheld_where_it_is_told_by_an_attribute_of_the_person():
    people = [
        {"customer_id": f"c{number:02}", "gender": "f" if number else "m", "region": "n" if number else "s", "source_channel": "web"}
        for number in range(12)
    ]
    sold = orders(*((f"c{number:02}", "2023-12-05", 10) for number in range(12)))
    company = Company(sold, customers=people, first=FIRST, rules=replace(Company.rules, min_n=10))
    review = review_month(company.inputs(JANUARY), no_history(), builtin())
    few = review.figures[review.figures["scope_value"].isin(["region=s", "gender=(other)"])]
    assert "gender=m" not in set(review.figures["scope_value"]), "what only one person said is not even named"
    assert set(few["scope_value"]) == {"region=s", "gender=(other)"}
    assert few["value"].isna().all() and set(few["reason"].astype(str)) == {"too_few"} and few["n"].eq(1).all()
    assert figures_of(review, "segment", "gender=f")["group_customers"] == 11
    assert check_results(review.figures, review.customers, str(JANUARY)) == []


def test_ages_are_those_of_the_months_last_day_and_of_groups_alone():
    born = {"17": "2006-02-01", "18": "2006-01-31", "leap": "1980-02-29", "none": None}
    people = [{"customer_id": name, "birth_date": day, "gender": "f", "occupation": "cook"} for name, day in born.items()]
    sold = orders(*((name, "2023-12-05", 10) for name in born))
    review = review_month(Company(sold, customers=people, first=FIRST).inputs(JANUARY), no_history(), builtin())
    bands = age_band(pd.to_datetime(pd.Series(list(born.values()))), JANUARY, 4)
    assert bands.tolist() == ["under 18", "18-24", "35-44", "unknown"]
    assert figures_of(review, "segment", "age_band=18-24")["group_customers"] == 1
    assert not {"age_band", "gender", "occupation", "birth_date"} & set(review.customers)


def test_a_source_tells_its_new_customers_retention_and_what_winning_one_cost():
    people = [{"customer_id": name, "source_channel": "fair" if name in "ab" else None} for name in "abc"]
    sold = orders(("a", "2022-06-05", 10), ("a", "2023-12-05", 10), ("b", "2024-01-05", 10), ("c", "2022-06-05", 10))
    campaigns = [
        {"campaign_id": "1", "starts_on": "2023-09-01", "source_channel": "fair", "amount": 300},
        {"campaign_id": "2", "starts_on": "2022-09-01", "source_channel": "fair", "amount": 900},
        {"campaign_id": "3", "starts_on": "2024-02-01", "source_channel": "fair", "amount": 900},
    ]
    company = Company(sold, customers=people, campaigns=canonical("campaigns", campaigns), first=FIRST)
    review = review_month(company.inputs(JANUARY), no_history(), builtin())
    fair, unknown = (figures_of(review, "segment", f"source_channel={name}") for name in ("fair", "unknown"))
    assert fair[["group_new", "group_retention", "group_acquisition_cost"]].tolist() == [1, 1, 300]
    assert unknown["group_retention"] == 0 and pd.isna(unknown["group_acquisition_cost"])
    assert figures_of(review)["unknown_source_share"] == pytest.approx(1 / 3)
