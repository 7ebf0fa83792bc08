"""Planted turns of the business are found by a reader: revenue, service, quotes, strategies, markets, costs, targets."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from tests.sample import raw
from tests.sample.published import NEWEST, Published


def test_the_first_hours_of_the_next_month_do_not_count(published: Published, planted: dict[str, Any]) -> None:
    book = planted["books"][NEWEST]
    for indicator in ("orders", "gross_revenue", "refunds", "net_revenue", "tickets_opened", "complaints"):
        assert published.figure(indicator)["value"] == pytest.approx(book[indicator], abs=0.01), indicator


def test_the_branch_file_in_an_old_encoding_counts_in_the_months_answers(published: Published, planted: dict[str, Any]) -> None:
    book = planted["books"][NEWEST]
    mean = published.figure("csat_mean")
    assert (mean["n"], mean["value"]) == (book["csat_answers"], pytest.approx(book["csat_mean"], abs=1e-6))
    assert f"from {book['csat_answers']} answers" in published.section("company", "Satisfaction")


def test_the_complaint_rate_of_the_b_customers_stands_in_their_pack_and_has_risen(published: Published) -> None:
    rate = published.figure("complaint_rate", "b")
    assert rate["value"] > 1.5 * published.figure("complaint_rate")["value"]
    assert f"Complaints per 1,000 orders {rate['value']:.1f} per 1,000" in published.section("tier-b", "Service and complaints")


def test_one_customer_s_share_of_the_money_is_said_in_the_company_pack(published: Published, planted: dict[str, Any]) -> None:
    fact = raw.fact(planted, "concentration")
    assert published.customers.loc[fact["customers"][0], "net_12m"] == pytest.approx(fact["figures"]["net_12m"], abs=0.01)
    assert published.customers["net_12m"].idxmax() == fact["customers"][0]
    said = re.search(r"the largest one ([\d.]+)%", published.section("company", "Grades and movements"))
    assert said and float(said[1]) == pytest.approx(100 * fact["figures"]["share_of_net_12m"], abs=0.1)


def test_the_souring_of_the_c_customers_is_told_by_their_pack(published: Published, planted: dict[str, Any]) -> None:
    mean, top = published.figure("csat_mean", "c"), published.figure("csat_top2_share", "c")
    assert mean["upper"] < published.figure("csat_mean")["value"]
    assert mean["change"] < 0 and top["value"] < published.figure("csat_top2_share")["value"]
    shares = raw.fact(planted, "last_tier_sours")["figures"]["share_of_scale"]
    assert (mean["value"] - 1) / 9 == pytest.approx(shares[-1], abs=0.06)
    assert re.search(
        rf"Month before [\d.]+ \(−{abs(mean['change']):.2f}\); no usual range before twelve comparable months",
        published.section("tier-c", "Satisfaction"),
    )


def test_the_changed_scale_is_a_break_and_not_a_rise(published: Published) -> None:
    text = published.section("company", "Satisfaction")
    assert "asked on another scale" in text
    assert re.search(
        r"Month before (6\.9[89]|7\.00) \(−0\.15\); no usual range before twelve comparable months\. Earlier months were asked", text
    )
    assert "asked on another scale since June 2026" in published.sheet("company", "Data quality")


def test_the_missing_days_of_tickets_are_named_on_the_quality_page(published: Published, planted: dict[str, Any]) -> None:
    days = raw.fact(planted, "ticket_gap")["figures"]
    assert f"tickets: no rows from {days['first_day']} to {days['last_day']}" in published.sheet("company", "Data quality")


def test_the_new_product_group_is_a_part_of_the_revenue(published: Published, planted: dict[str, Any]) -> None:
    share = published.figure("new_product_share")["value"]
    assert share == pytest.approx(raw.fact(planted, "new_product")["figures"]["share_of_lines_12m"], abs=0.001)
    assert f"Revenue from new products {100 * share:.1f}%" in published.section("company", "Economics in detail")


def test_old_customers_are_won_more_often_and_both_rates_are_printed(published: Published, planted: dict[str, Any]) -> None:
    text, figures = published.section("company", "Economics in detail"), raw.fact(planted, "win_rates")["figures"]
    for name, indicator, words in (("old", "win_rate_existing", "existing"), ("new", "win_rate_new", "new")):
        rate = published.figure(indicator)
        assert (rate["n"], rate["value"]) == (pytest.approx(figures[f"{name}_decided"], abs=6), pytest.approx(figures[name], abs=0.02))
        assert f"Win rate, {words} customers {100 * rate['value']:.1f}%" in text


def test_quotes_lost_on_price_are_told(published: Published, planted: dict[str, Any]) -> None:
    share = published.figure("lost_on_price_share")["value"]
    assert share == pytest.approx(raw.fact(planted, "outbid")["figures"]["lost_on_price_share_12m"], abs=0.02)
    assert f"Quotes lost on price {100 * share:.1f}%" in published.section("company", "Economics in detail")


def test_the_untold_outcomes_show_in_the_loop_of_feedback(published: Published, planted: dict[str, Any]) -> None:
    share = published.figure("feedback_closed_loop")["value"]
    assert share == pytest.approx(raw.fact(planted, "loop_broken")["figures"]["share_in_month"], abs=0.05)
    assert f"Feedback whose outcome was told {100 * share:.1f}%" in published.section("company", "Customers and classes")


def test_visits_stay_far_below_what_the_strategy_of_the_best_class_plans(published: Published, planted: dict[str, Any]) -> None:
    visits, plan = (
        published.of_group("group_visits", "value_class=high"),
        raw.fact(planted, "visits_by_habit")["figures"]["planned_for_high"],
    )
    assert 0 < visits < plan / 2
    assert f"{visits:.2f} planned {plan:.2f}" in published.section("company", "Customers and classes")


def test_each_source_says_what_winning_a_customer_costs(published: Published, planted: dict[str, Any]) -> None:
    text, figures = published.section("company", "Customers and classes"), raw.fact(planted, "dear_fair")["figures"]
    for source in ("fair", "search"):
        cost = published.of_group("group_acquisition_cost", f"source_channel={source}")
        assert cost == pytest.approx(figures[f"cost_per_new_{source}"], rel=0.05)
        assert re.search(rf"{source} source [^¥]*¥[\d,]+ [^¥]*¥{cost:,.0f}", text)


def test_the_class_without_a_strategy_is_shown_and_warned_of(published: Published) -> None:
    assert published.figure("strategy_cells_missing")["value"] == 1
    text = published.section("company", "Customers and classes")
    assert re.search(r"latent none Ask why", text) and "1 of 9 cells have no strategy; 3 more strategies are for groups." in text
    assert "No configured difference: active · mid and active · low." in text
    assert "latent, high" in published.sheet("company", "Data quality")


def test_overdue_actions_are_counted_in_the_company_and_in_the_tier(published: Published, planted: dict[str, Any]) -> None:
    late = raw.fact(planted, "actions_overdue")["figures"]["overdue"]
    assert published.figure("actions_overdue")["value"] == published.figure("actions_overdue", "b")["value"] == late
    assert f"Actions overdue {late}" in published.section("company", "Customers and classes")


def test_feedback_that_led_to_improvements_is_a_share_of_all(published: Published, planted: dict[str, Any]) -> None:
    figures, share = raw.fact(planted, "feedback_adopted")["figures"], published.figure("feedback_adopted")["value"]
    assert share == pytest.approx(figures["adopted"] / figures["feedback"], abs=0.01)
    assert f"Feedback that led to an improvement {100 * share:.1f}%" in published.section("company", "Customers and classes")


def test_the_stated_markets_say_whom_they_are_made_of(published: Published, planted: dict[str, Any]) -> None:
    size = raw.fact(planted, "market_size")["figures"]["size"]
    text = published.section("company", "Economics in detail")
    share = 100 * published.customers["net_12m"].sum() / size  # a market is customers: orders that name nobody are in none
    assert f"All customers ¥{size:,.0f} {share:.1f}%" in text
    markets = published.section("company", "Customers and classes").split("Target markets", 1)[1]
    assert re.search(r"All customers MAR-001 [\d.]+% .*West MAR-004 [\d.]+%", markets)


def test_winning_against_keeping_is_printed_from_own_costs(published: Published, planted: dict[str, Any]) -> None:
    figures, ratio = raw.fact(planted, "winning_is_dear")["figures"], published.figure("win_to_keep_ratio")["value"]
    assert ratio == pytest.approx(figures["per_new"] / figures["per_kept"], rel=0.03)
    assert f"Winning against keeping, cost {ratio:.2f}" in published.section("company", "What customers are worth")


def test_every_target_of_the_month_is_printed_beside_what_came(published: Published, planted: dict[str, Any]) -> None:
    """Five targets, none of them met: three of the company, one of A, one of B; C has none and says so."""
    targets = pd.read_csv(published.folder / "targets.csv", keep_default_na=False, na_values=[""]).set_index("indicator")
    assert set(targets["status"]) <= {"missed", "within_reach"}
    assert len(targets) == 5
    company = published.section("company", "Targets")
    net = raw.fact(planted, "target_missed")["figures"]["target"]
    assert targets.loc["net_revenue", "target"] == net
    came = published.figure("net_revenue")["value"]
    assert f"Net revenue ¥{came:,.0f} ¥{net:,.0f} −¥{net - came:,.0f}" in company
    assert "85.0%" in company and "Net promoter score" in company
    assert f"{published.figure('complaint_rate', 'b')['value']:.1f} per 1,000" in published.section("tier-b", "Summary")
    assert "60.0%" in published.section("tier-a", "Summary")
    assert "No target is supplied for this month." in published.section("tier-c", "Summary")
