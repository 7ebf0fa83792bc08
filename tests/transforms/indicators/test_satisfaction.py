"""Survey answers as facts and figures: scales, last answers, top boxes, too few."""

from __future__ import annotations

import pytest

from tests.transforms.builders import answers, canonical, inputs_of, orders
from transforms.facts.surveys import scaled_answers, survey_facts, survey_window
from transforms.figures import Reason
from transforms.inputs import SurveyRules
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.review import no_history, review_month

MARCH = Month(2024, 3)
SOLD = orders(("a", "2023-01-05", 10), ("b", "2023-01-06", 10), ("c", "2024-03-07", 10))


def figures_of(surveys, **more):
    review = review_month(inputs_of(MARCH, SOLD, surveys=surveys, **more), no_history(), builtin())
    company = review.figures[review.figures["scope"] == "company"]
    return company.set_index("indicator")


def test_an_answer_is_read_on_its_own_scale_or_on_the_instruments_usual_one():
    rows = scaled_answers(answers(("a", "2024-03-01", "csat", 4), ("a", "2024-03-02", "csat", 7, 0, 10), ("a", "2024-03-03", "other", 2)))
    assert rows["share"].tolist() == [0.75, 0.7, 0.25]


def test_facts_count_sum_and_keep_the_last_answer_of_each_instrument():
    told = answers(
        ("b", "2024-03-05", "nps", 9),
        ("a", "2024-03-09", "csat", 5),
        ("a", "2024-03-01", "csat", 2),
        (None, "2024-03-02", "csat", 1),
        ("a", "2024-03-08", "csat", None),
    )
    facts = survey_facts(told)
    assert facts[["customer_id", "instrument", "answers", "score_sum", "last_score"]].to_numpy().tolist() == [
        ["a", "csat", 2, 1.25, 5.0],
        ["b", "nps", 1, 0.9, 9.0],
    ]
    april = survey_facts(answers(("a", "2024-04-01", "csat", 3)))
    year = survey_window([facts, april])
    assert year.loc[year["customer_id"] == "a", ["answers", "score_sum", "last_score"]].to_numpy().tolist() == [[3, 1.75, 3.0]]


def test_the_last_of_two_answers_at_one_instant_is_told_by_its_id_not_by_its_row():
    told = answers(("a", "2024-03-01 10:00", "nps", 2), ("a", "2024-03-01 10:00", "nps", 9))
    assert survey_facts(told)["last_score"].tolist() == [9]
    assert survey_facts(told.iloc[::-1].reset_index(drop=True))["last_score"].tolist() == [9]


def test_csat_is_the_mean_of_every_answer_and_the_share_of_the_two_top_boxes():
    found = figures_of(answers(*(("a", f"2024-03-{day:02}", "csat", score) for day, score in enumerate([5, 4, 4, 3, 1], start=1))))
    assert found.loc["csat_mean", "value"] == pytest.approx(3.4)
    assert found.loc["csat_mean", "n"] == 5
    assert found.loc["csat_top2_share", "value"] == pytest.approx(0.6)
    assert found.loc["satisfaction_index", "value"] == pytest.approx(60)


def test_answers_on_another_scale_are_rescaled_to_that_of_most_and_counted():
    told = answers(("a", "2024-03-01", "csat", 5, 1, 5), ("b", "2024-03-02", "csat", 3, 1, 5), ("c", "2024-03-03", "csat", 10, 0, 10))
    found = figures_of(told)
    assert found.loc["csat_mean", "value"] == pytest.approx((5 + 3 + 5) / 3)
    assert "1 answers rescaled" in found.loc["csat_mean", "method"]


def test_nps_takes_the_last_answer_of_each_customer_and_every_anonymous_one():
    """a: 9 after 3; b: 7; two anonymous: 0 and 10 -> promoters 2, passives 1, detractors 1 -> 25."""
    told = answers(
        ("a", "2024-03-02", "nps", 9),
        ("a", "2024-03-01", "nps", 3),
        ("b", "2024-03-05", "nps", 7),
        (None, "2024-03-05", "nps", 0),
        (None, "2024-03-05", "nps", 10),
    )
    found = figures_of(told)
    assert found.loc["nps", ["value", "n"]].tolist() == [25, 4]


def test_recommendations_on_another_scale_or_between_whole_numbers_are_left_out():
    told = answers(("a", "2024-03-02", "nps", 9), ("b", "2024-03-02", "nps", 9.5), ("c", "2024-03-02", "nps", 10, 1, 10))
    assert figures_of(told).loc["nps", ["value", "n"]].tolist() == [100, 1]


def test_the_service_quality_gap_is_the_mean_of_the_dimension_gaps():
    """Tangibles: -1 and -2 -> -1.5; empathy: 0 -> 0; the gap is their mean, -0.75, not the mean of all items."""
    rows = [
        {"item": "1", "dimension": "tangibles", "score": 5, "expectation": 6},
        {"item": "2", "dimension": "tangibles", "score": 4, "expectation": 6},
        {"item": "18", "dimension": "empathy", "score": 6, "expectation": 6},
    ]
    one = {"response_id": "r", "customer_id": "a", "answered_at": "2024-03-02", "instrument": "servqual"}
    told = canonical("surveys", [one | row for row in rows])
    assert figures_of(told).loc["servqual_gap", ["value", "n"]].tolist() == [-0.75, 1]


def test_below_min_n_a_survey_figure_is_withheld_and_its_n_is_not():
    told = answers(*((name, "2024-03-02", "nps", 9) for name in "abcdefghi"))
    found = figures_of(told, rules=SurveyRules(min_n=10, flag_n=30))
    assert found.loc["nps", "value"] != found.loc["nps", "value"]
    assert found.loc["nps", ["n", "reason"]].tolist() == [9, Reason.TOO_FEW]
    enough = figures_of(told, rules=SurveyRules(min_n=9, flag_n=30))
    assert enough.loc["nps", "value"] == 100


def test_no_surveys_no_such_instrument_and_no_answer_this_month_are_three_things():
    assert figures_of(None).loc["nps", "reason"] == Reason.NOT_SUPPLIED
    asked_csat = figures_of(answers(("a", "2024-03-01", "csat", 4)))
    assert asked_csat.loc["nps", "reason"] == Reason.NOT_SUPPLIED
    assert "nps" in asked_csat.loc["nps", "method"]
    last_month = figures_of(answers(("a", "2024-02-01", "nps", 9)))
    assert last_month.loc["nps", ["n", "reason"]].tolist() == [0, Reason.NO_DATA]
