"""Each planted fact is found in the raw sources by plain means."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.sample import make
from tests.sample import raw
from transforms.month import Month

NEWEST, BEFORE = "2026-10", "2026-09"
TWELVE = [str(month) for month in pd.period_range("2025-11", "2026-10", freq="M")]


def _net_12m(folder: Path, planted: dict[str, Any]) -> pd.Series:
    """CNY net of twelve months per customer; foreign orders left out (nobody planted orders abroad)."""
    sales = raw.clean_sales(folder, planted)
    kept = sales[sales["month"].isin(TWELVE) & (sales["state"] != "X") & (sales["curr"] == "CNY") & (sales["buyer"] != "")]
    refunds = raw.clean_refunds(folder)
    back = refunds[refunds["month"].isin(TWELVE) & (refunds["curr"] == "CNY")]
    return kept.groupby("buyer")["amount"].sum().sub(back.groupby("buyer")["amount"].sum(), fill_value=0.0).sort_values(ascending=False)


def _orders_by_month(folder: Path, planted: dict[str, Any], customers: list[str]) -> pd.Series:
    sales = raw.clean_sales(folder, planted)
    return sales[sales["buyer"].isin(customers)].groupby("month").size()


def test_one_customer_brings_more_than_eight_per_cent(folder: Path, planted: dict[str, Any]):
    fact, net = raw.fact(planted, "concentration"), _net_12m(folder, planted)
    assert net.index[0] == fact["customers"][0]
    assert net.iloc[0] == pytest.approx(fact["figures"]["net_12m"], abs=0.01)
    assert 0.08 < net.iloc[0] / net.sum() < 0.15


def test_a_top_ten_customer_has_been_silent_for_seven_months(folder: Path, planted: dict[str, Any]):
    fact = raw.fact(planted, "large_defector")
    sales = raw.clean_sales(folder, planted)
    theirs = sales[sales["buyer"] == fact["customers"][0]]
    silence = pd.Timestamp("2026-11-01") - theirs["local"].max().normalize()
    assert silence.days == fact["figures"]["silent_days"]
    assert 200 <= silence.days <= 240
    assert fact["customers"][0] in _net_12m(folder, planted).index[:10]
    earlier = sales[(sales["month"] < "2026-04") & (sales["month"] >= "2025-04") & (sales["state"] != "X")]
    assert fact["customers"][0] in earlier.groupby("buyer")["amount"].sum().nlargest(10).index


def test_a_riser_orders_a_dozen_times_after_months_of_silence(folder: Path, planted: dict[str, Any]):
    fact = raw.fact(planted, "riser")
    assert _orders_by_month(folder, planted, fact["customers"]).to_dict() == {"2026-03": 1, NEWEST: 12}
    *before, now = fact["figures"]["scores"]
    assert max(before) < 36 and now > 74
    assert raw.plain_scores(folder, planted)[fact["customers"][0]] == pytest.approx(now, abs=1.0)


def test_a_late_refund_takes_an_upgrade_back(folder: Path, planted: dict[str, Any]):
    fact = raw.fact(planted, "late_refund")
    sales, refunds = raw.clean_sales(folder, planted), raw.clean_refunds(folder)
    order = sales[sales["sale_no"] == fact["figures"]["order_id"]].iloc[0]
    back = refunds[refunds["sale_no"] == fact["figures"]["order_id"]].iloc[0]
    assert (order["month"], back["month"]) == ("2026-08", NEWEST)
    assert order["amount"] == back["amount"] == fact["figures"]["amount"]
    before, up, held, down = fact["figures"]["scores"][-4:]
    assert before < 66 and up > 73 and held > 73 and 42 < down < 66


def test_a_score_flaps_around_the_cut_within_the_hold_band(planted: dict[str, Any]):
    seen = raw.fact(planted, "flapper")["figures"]["scores"]
    crossings = sum((one < 70) != (two < 70) for one, two in pairwise(seen))
    assert crossings >= 3
    assert max(abs(score - 70) for score in seen) < 2


def test_a_silent_group_is_dissatisfied_shrinks_and_opens_no_ticket(folder: Path, planted: dict[str, Any]):
    fact = raw.fact(planted, "silent_dissatisfied")
    who = fact["customers"]
    assert len(who) == 8
    by_month = _orders_by_month(folder, planted, who)
    assert [by_month[month] for month in TWELVE] == fact["figures"]["orders_by_month"]
    assert by_month[TWELVE[0]] == 4 * by_month[NEWEST]
    assert not raw.table(folder / "helpdesk.db", "cases")["client"].str.strip().isin(who).any()
    satisfaction, recommendation = raw.all_satisfaction(folder, planted), raw.all_recommendation(folder, planted)
    assert satisfaction.loc[satisfaction["Cust"].isin(who), "share"].mean() < 0.25
    scores = recommendation[recommendation["Cust"].isin(who)]
    assert scores["score"].max() <= 4 and set(scores.loc[scores["month"] == NEWEST, "Cust"]) == set(who)


def test_customers_turn_365_days_silent_within_the_newest_month(folder: Path, planted: dict[str, Any]):
    fact = raw.fact(planted, "newly_lost")
    sales = raw.clean_sales(folder, planted)
    last = sales[sales["buyer"].isin(fact["customers"])].groupby("buyer")["local"].max().dt.normalize()
    crossing = last + pd.Timedelta(days=365)
    assert len(last) == 5
    assert crossing.dt.strftime("%Y-%m").eq(NEWEST).all()


def test_promoters_bring_new_customers(folder: Path, planted: dict[str, Any]):
    fact = raw.fact(planted, "promoters_bring")
    assert raw.crm(folder)["ReferredBy"].isin(fact["customers"]).sum() == fact["figures"]["referred"] == 24
    scores = raw.all_recommendation(folder, planted)
    theirs = scores[scores["Cust"].isin(fact["customers"])]
    assert theirs["score"].min() >= 9
    assert theirs.loc[theirs["month"] == NEWEST, "Cust"].nunique() == 10


def test_a_record_was_merged_and_its_orders_moved(folder: Path, planted: dict[str, Any]):
    fact = raw.fact(planted, "merged_record")
    old, new = fact["customers"]
    assert raw.crm(folder).loc[old, "MergedInto"] == new
    earlier, later = (_orders_by_month(folder, planted, [customer]) for customer in (old, new))
    assert earlier.index.max() < later.index.min()
    assert (earlier.sum(), later.sum()) == (fact["figures"]["orders_old"], fact["figures"]["orders_new"])


def test_a_large_dissatisfied_customer_is_bound_by_a_contract_that_ends_next_month(folder: Path, planted: dict[str, Any]):
    fact = raw.fact(planted, "contract_ending")
    record = raw.crm(folder).loc[fact["customers"][0]]
    assert (record["ContractUntil"], record["Bound"]) == ("2026-11-15", "contract|sole_source")
    answers = raw.all_satisfaction(folder, planted)
    assert answers.loc[answers["Cust"] == fact["customers"][0], "share"].mean() < 0.45


def test_the_satisfaction_scale_changes_and_the_file_names_say_so(folder: Path, planted: dict[str, Any]):
    first = raw.fact(planted, "scale_change")["figures"]["first_month"]
    answers = raw.all_satisfaction(folder, planted)
    assert first == "2026-06"
    assert answers[answers["month"] < first].groupby("top")["score"].max().to_dict() == {5: 5.0}
    assert answers[answers["month"] >= first].groupby("top")["score"].max().to_dict() == {10: 10.0}


def test_the_satisfaction_of_small_customers_falls_three_months_in_a_row(folder: Path, planted: dict[str, Any]):
    figures = raw.fact(planted, "last_tier_sours")["figures"]
    *before, third, second, newest = figures["share_of_scale"]
    assert sum(before) / len(before) > 0.58 > third > second > newest
    assert newest < 0.36
    assert figures["answers_in_month"] >= 15
    scores = raw.plain_scores(folder, planted)
    answers = raw.all_satisfaction(folder, planted)
    means = answers[answers["Cust"].isin(scores.index[scores < 40])].groupby("month")["share"].mean()
    assert means["2026-10"] < means["2026-09"] < means["2026-08"] < means["2026-07"]


def test_the_complaint_rate_of_middling_customers_doubles(planted: dict[str, Any], folder: Path):
    *before, last_but_one, newest = raw.fact(planted, "b_complaints")["figures"]["rate_by_month"]
    usual = sum(before) / len(before)
    assert last_but_one > 1.8 * usual and newest > 1.8 * usual
    cases = raw.clean_cases(folder, planted)
    damaged = cases[(cases["kind"] == "C") & (cases["reason"] == "damaged in transport")].groupby("month").size()
    assert damaged[[BEFORE, NEWEST]].min() > 1.5 * damaged[TWELVE[:-2]].mean()


def test_one_region_waits_longest_for_a_first_answer(folder: Path, planted: dict[str, Any]):
    figures = raw.fact(planted, "slow_region")["figures"]
    cases = raw.clean_cases(folder, planted)
    hours = (cases["answered"] - cases["opened"]).dt.total_seconds() / 3600
    region = cases["client"].map(raw.crm(folder)["Region"])
    recent = cases["month"].between("2026-07", NEWEST)
    medians = hours[recent].groupby(region[recent]).median().sort_values()
    assert medians.index[-1] == figures["region"] == "West"
    assert medians.iloc[-1] > 2.5 * medians.iloc[-2]
    assert hours[~recent].groupby(region[~recent]).median().max() < 4


def test_three_days_of_tickets_are_missing(folder: Path, planted: dict[str, Any]):
    figures = raw.fact(planted, "ticket_gap")["figures"]
    days = raw.clean_cases(folder, planted)["opened"].dt.strftime("%Y-%m-%d")
    missing = pd.date_range(figures["first_day"], figures["last_day"]).strftime("%Y-%m-%d")
    assert len(missing) == 3 and missing[0].startswith(BEFORE)
    assert not days.isin(missing).any()
    assert figures["tickets_lost"] >= 5
    assert days[days.str.startswith(BEFORE)].nunique() >= 24


def test_the_first_hours_of_the_next_month_are_there_and_so_are_its_edges(folder: Path, planted: dict[str, Any]):
    figures = raw.fact(planted, "after_the_end")["figures"]
    sales = raw.clean_sales(folder, planted)
    after = sales[sales["local"] >= pd.Timestamp("2026-11-01")]
    assert len(after) == figures["orders_after"] >= 5
    assert after["sale_no"].min() == figures["first_order_after"]
    moments = set(sales["local"])
    assert {pd.Timestamp("2026-10-01"), pd.Timestamp("2026-10-31 23:59:59"), pd.Timestamp("2026-11-01")} <= moments
    assert max(moments) < pd.Timestamp("2026-11-01 06:00")


def test_the_year_has_a_quiet_spring_festival_and_a_busy_november(folder: Path, planted: dict[str, Any]):
    orders = pd.Series({month: book["orders"] for month, book in planted["books"].items()})
    usual = orders[TWELVE].median()
    assert orders["2026-02"] < 0.8 * usual
    assert orders["2025-11"] > 1.15 * usual


@pytest.mark.parametrize(("until", "seed"), [(Month(2026, 2), 20), (Month(2027, 12), 20), (Month(2028, 2), 5), (Month(2025, 7), 4)])
def test_the_facts_hold_in_other_months_and_with_other_seeds(tmp_path: Path, until: Month, seed: int):
    made = make(tmp_path, until=until, seed=seed)
    facts = {item["name"]: item["figures"] for item in json.loads(made.planted_path.read_text(encoding="utf-8"))["facts"]}
    assert len(facts) == 36
    assert 0.08 < facts["concentration"]["share_of_net_12m"] < 0.15
    assert facts["large_defector"]["rank_when_active"] <= 10
    assert max(facts["riser"]["scores"][:-1]) < 36 and facts["riser"]["scores"][-1] > 74
    before, up, held, down = facts["late_refund"]["scores"][-4:]
    assert before < 66 and min(up, held) > 73 and down < 66
    assert max(abs(score - 70) for score in facts["flapper"]["scores"]) < 2
    *usual, last_but_one, newest = facts["b_complaints"]["rate_by_month"]
    assert min(last_but_one, newest) > 1.8 * sum(usual) / len(usual)
    *_, third, second, last = facts["last_tier_sours"]["share_of_scale"]
    assert third > second > last
    assert facts["slow_region"]["median_hours_region"] > 2.5 * facts["slow_region"]["median_hours_others"]
    assert facts["ticket_gap"]["tickets_lost"] >= 5
    assert facts["new_product"]["share_of_lines_12m"] > 0.08
    assert facts["returned_product"]["lines_returned"] > 0.15 * facts["returned_product"]["lines_returned_all"]
    assert facts["win_rates"]["old"] > 2 * facts["win_rates"]["new"]
    assert facts["outbid"]["lost_on_price"] >= 5
    assert facts["loop_broken"]["share_in_month"] < 0.5 * facts["loop_broken"]["share_before"]
    assert facts["visits_by_habit"]["visits_a_year_small"] > 1.5 * facts["visits_by_habit"]["visits_a_year_large"]
    assert facts["dear_fair"]["cost_per_new_fair"] > 3 * facts["dear_fair"]["cost_per_new_search"]
    assert facts["winning_is_dear"]["per_new"] > 4 * facts["winning_is_dear"]["per_kept"]
