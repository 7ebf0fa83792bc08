"""Grades: measures by hand, the score, the hold rules, and that a grade is its customer's alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.counts import examples
from tests.transforms.builders import Company, inputs_of, orders, refunds
from transforms.errors import HeldError
from transforms.freezing import freeze_reference
from transforms.grades.grading import NONE, grade_numbers, held_grade, is_rated, measures, plain_grade, ranks, scores
from transforms.inputs import History
from transforms.month import Month
from transforms.policy.reading import policy_from_json
from transforms.policy.rules import Policy, builtin, canonical_json
from transforms.scoring import no_history, score_customers

MARCH = Month(2024, 3)
POLICY = builtin()


def measured(sold, month=MARCH, back=None, first=None):
    return measures(inputs_of(month, sold, back=back, first=first).window, month)


def test_the_measures_of_an_old_customer_by_hand():
    sold = orders(("a", "2022-05-20", 100), ("a", "2023-04-02", 60), ("a", "2024-03-21", 40))
    found = {name: values.tolist() for name, values in measured(sold, back=refunds(("a", "2024-01-05", 10))).items()}
    assert found == {
        "tenure_months": [22],
        "recency_days": [10],
        "observed_months": [12],
        "orders_per_month": [2 / 12],
        "annual_net": [90],
        "net_12m": [90],
        "historic_net": [100],
    }


def test_a_customer_younger_than_a_year_is_brought_to_a_year():
    """First order in December: four months observed, so net x 3; orders over four months."""
    found = measured(orders(("a", "2023-12-15", 100), ("a", "2024-03-31", 20)))
    assert found["observed_months"].tolist() == [4]
    assert found["annual_net"].tolist() == [360]
    assert found["orders_per_month"].tolist() == [0.5]
    assert found["tenure_months"].tolist() == [3]


def test_nothing_is_blown_up_from_less_than_three_months():
    found = measured(orders(("a", "2024-03-15", 100)))
    assert found["observed_months"].tolist() == [1]
    assert found["annual_net"].tolist() == [400]


@pytest.mark.parametrize(("first_order", "tenure", "rated"), [("2024-01-01", 3, True), ("2024-01-02", 2, False), ("2023-12-31", 3, True)])
def test_a_grade_needs_a_first_order_of_three_months_ago(first_order, tenure, rated):
    found = measured(orders(("a", first_order, 1)))
    assert found["tenure_months"].tolist() == [tenure]
    assert is_rated(found, POLICY).tolist() == [rated]


def four_customers():
    return orders(
        *((name, f"2023-{month:02}-10", 10 * worth) for name, worth in (("a", 4), ("b", 3), ("c", 2)) for month in range(3, 3 + 2 * worth)),
        ("d", "2023-03-10", 1),
    )


def test_the_score_is_the_weighted_mean_of_the_parts():
    inputs = inputs_of(Month(2023, 12), four_customers())
    policy = freeze_reference(inputs, POLICY)
    found = measures(inputs.window, inputs.month)
    ranked = ranks(found, policy.reference)
    scored = scores(ranked, is_rated(found, policy), policy)
    # orders in W12: 8, 6, 4, 1; last orders in October, August, June, March; nets 320, 180, 80, 1; all with the same tenure
    assert ranked["annual_net"] == pytest.approx([87.5, 62.5, 37.5, 12.5], abs=0.1)
    assert ranked["recency_days"] == pytest.approx([12.5, 37.5, 62.5, 87.5], abs=0.1)
    assert ranked["tenure_months"] == pytest.approx([50] * 4, abs=0.1)
    assert scored["history_score"] == pytest.approx([68.75, 56.25, 43.75, 31.25], abs=0.1)
    assert scored["score"] == pytest.approx([81.875, 60.625, 39.375, 18.125], abs=0.1)


@pytest.mark.parametrize(("tenure", "silence", "orders_rank", "amount"), [(16, 10, 59, 16.0), (44, 54, 77, 8.5), (98, 42, 46, 7.0)])
def test_a_score_that_stands_on_a_cut_earns_its_grade_however_the_sum_is_rounded(tenure, silence, orders_rank, amount):
    """0.3 x 53 + 0.3 x 59 + 0.4 x 16 is 40; a computer's sum of tenths says 39.99999999999999."""
    ranked = {"tenure_months": tenure, "recency_days": silence, "orders_per_month": orders_rank, "annual_net": amount}
    scored = scores({name: np.array([float(rank)]) for name, rank in ranked.items()}, np.array([True]), POLICY)
    assert scored["score"].tolist() == [40]
    assert plain_grade(scored["score"], POLICY).tolist() == [1]


def test_the_unrated_have_no_score():
    inputs = inputs_of(MARCH, orders(("a", "2023-01-01", 1), ("b", "2024-03-01", 1)))
    customers = score_customers(inputs, no_history(), freeze_reference(inputs, POLICY))
    assert customers["tier"].tolist() == ["b", "unrated"]
    assert customers["grade"].tolist() == ["B", "unrated"]
    assert customers["score"].isna().tolist() == [False, True]


def test_a_frozen_policy_survives_json_and_names_its_month():
    inputs = inputs_of(Month(2023, 12), four_customers())
    frozen = freeze_reference(inputs, POLICY)
    assert frozen.version == "builtin-1@2023-12"
    assert frozen.reference.customers == 4
    assert policy_from_json(canonical_json(frozen)) == frozen


def test_without_a_rated_customer_the_whole_base_is_the_reference_and_without_any_the_month_is_held():
    young = inputs_of(MARCH, orders(("a", "2024-03-01", 1), ("b", "2024-03-02", 9)))
    assert freeze_reference(young, POLICY).reference.customers == 2
    with pytest.raises(HeldError, match="no customer has an order by the end of the month"):
        freeze_reference(inputs_of(MARCH, orders((None, "2024-03-01", 1))), POLICY)


# --- the hold rules: cuts 70 and 40, band 2, patience 3 ---------------------------------


def held(score, previous, below=0):
    found = held_grade(np.array([float(score)]), grade_numbers(pd.Series([previous], dtype="str"), POLICY), np.array([below]), POLICY)
    name = lambda number: "unrated" if number == NONE else POLICY.grades[number].grade  # noqa: E731
    return name(found.grade[0]), name(found.would_be[0]), int(found.months_below[0])


@pytest.mark.parametrize(
    ("score", "previous", "below", "grade", "would_be", "months_below"),
    [
        (70, None, 0, "A", "A", 0),  # a newcomer gets the plain grade: a score on the cut earns it
        (69.99, None, 0, "B", "B", 0),
        (71.9, "B", 0, "B", "A", 0),  # not yet promoted within the band
        (72, "B", 0, "A", "A", 0),  # promoted at cut + band
        (72, "C", 0, "A", "A", 0),  # by two grades at once
        (71, "C", 0, "B", "A", 0),  # as far as the band is passed
        (69, "A", 0, "A", "B", 1),  # held within the band, first month below
        (69, "A", 1, "A", "B", 2),
        (69, "A", 2, "B", "B", 0),  # third month in a row: demoted
        (68, "A", 0, "A", "B", 1),  # exactly cut - band is not below it
        (67.99, "A", 0, "B", "B", 0),  # below the band: demoted at once
        (10, "A", 0, "B", "C", 1),  # one grade a month, and already below the new cut
        (37, "B", 1, "C", "C", 0),
        (70, "A", 2, "A", "A", 0),  # back at the cut: the count starts anew
        (5, "C", 0, "C", "C", 0),  # nothing below the last grade
        (float("nan"), "A", 2, "unrated", "unrated", 0),
        (50, "unrated", 0, "B", "B", 0),
        (50, "platinum", 2, "B", "B", 0),  # a grade of another policy counts as none
    ],
)
def test_a_grade_is_held_promoted_or_demoted(score, previous, below, grade, would_be, months_below):
    assert held(score, previous, below) == (grade, would_be, months_below)


@given(st.floats(0, 100), st.sampled_from(["A", "B", "C"]), st.integers(0, 5))
def test_a_higher_score_never_means_a_worse_grade(score, previous, below):
    order = {"A": 0, "B": 1, "C": 2}
    better = min(100.0, score + 1)
    assert order[held(better, previous, below)[0]] <= order[held(score, previous, below)[0]]


@given(st.floats(0, 100))
def test_the_plain_grade_agrees_with_reading_the_cuts(score):
    number = plain_grade(np.array([score]), POLICY)[0]
    assert POLICY.grades[number].grade == ("A" if score >= 70 else "B" if score >= 40 else "C")


# --- a grade is its customer's alone ---------------------------------------------------

some_day = st.integers(0, 300).map(lambda number: str(np.datetime64("2023-06-01") + number))
customer_orders = st.lists(st.tuples(st.sampled_from("abcdefgh"), some_day, st.integers(1, 300)), min_size=8, max_size=40)


@pytest.mark.simulated
@examples(3, 30)
@given(customer_orders, st.sets(st.sampled_from("abcdefgh")))
def test_any_partition_of_the_customers_gives_the_same_rows(rows, chosen):
    """Scored in two parts or in one, with the frozen standard and last month's rows at hand."""
    first, month = Month(2023, 6), MARCH
    *_, earlier, everyone = Company(orders(*rows), first=first).through(month)
    policy: Policy = freeze_reference(everyone, POLICY)
    history = History(score_customers(earlier, no_history(), policy), no_history().figures)
    whole = score_customers(everyone, history, policy)
    parts = [
        score_customers(inputs_of(month, orders(*part), first=first), history, policy)
        for part in ([row for row in rows if row[0] in chosen], [row for row in rows if row[0] not in chosen])
        if part
    ]
    together = pd.concat(parts, ignore_index=True).sort_values("customer_id", ignore_index=True)
    pd.testing.assert_frame_equal(together, whole)
