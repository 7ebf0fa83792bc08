"""What is planted beside orders, tickets and answers, in the raw tables and files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.sample import raw

NEWEST = "2026-10"
TWELVE = [str(month) for month in pd.period_range("2025-11", NEWEST, freq="M")]


def test_the_lines_of_every_sale_add_up_to_its_amount_cost_and_discount(folder: Path, planted: dict[str, Any]):
    items = raw.clean_items(folder, planted)
    sums = items.groupby("sale_no").agg(
        money=("money", "sum"), cost=("cogs", "sum"), given=("rebate", "sum"),
        amount=("amount", "first"), cogs=("cogs_of_sale", "first"), rebate=("rebate_of_sale", "first"),
    )  # fmt: skip
    assert (sums["money"] - sums["amount"]).abs().max() < 1e-6
    assert (sums["cost"] - sums["cogs"]).abs().max() < 1e-6
    assert (sums["given"] - sums["rebate"]).abs().max() < 1e-6
    assert (items["listed"] - items["price"] - items["rebate"] / items["pieces"]).abs().max() < 2e-4
    sales = raw.clean_sales(folder, planted)
    assert set(sales.loc[sales["amount"] >= 0, "sale_no"]) == set(sums.index)


def test_what_was_given_back_whole_came_back_whole(folder: Path, planted: dict[str, Any]):
    items, refunds = raw.clean_items(folder, planted), raw.clean_refunds(folder)
    back = refunds.set_index("sale_no")["amount"]
    whole = items["sale_no"].map(back) == items["amount"]
    assert (items.loc[whole, "sent_back"] == items.loc[whole, "pieces"]).all()
    assert (items.loc[~items["sale_no"].isin(back.index), "sent_back"] == 0).all()
    assert ((items["sent_back"] > 0) == (items["sent_back_why"] != "")).all()


def test_a_new_product_group_is_sold_since_its_launch(folder: Path, planted: dict[str, Any]):
    figures = raw.fact(planted, "new_product")["figures"]
    items = raw.clean_items(folder, planted)
    fresh = items["product_group"] == figures["group"]
    assert items.loc[fresh, "month"].min() == "2026-03"
    year = items[items["month"].isin(TWELVE) & (items["state"] != "X") & (items["curr"] == "CNY")]
    share = year.loc[year["product_group"] == figures["group"], "money"].sum() / year["money"].sum()
    assert share == pytest.approx(figures["share_of_lines_12m"], abs=0.005)
    assert 0.08 < share < 0.16


def test_one_article_leads_the_returns_for_one_reason(folder: Path, planted: dict[str, Any]):
    figures = raw.fact(planted, "returned_product")["figures"]
    refunds = raw.clean_refunds(folder)
    recent = refunds.loc[refunds["month"] >= "2026-07", "sale_no"]
    items = raw.clean_items(folder, planted)
    back = items[items["sale_no"].isin(recent) & (items["sent_back"] > 0)]
    counts = back.groupby(["item_no", "sent_back_why"]).size().sort_values(ascending=False)
    assert counts.index[0] == (figures["article"], figures["reason"])
    assert counts.iloc[0] == figures["lines_returned"] > 5 * counts.iloc[1]


def test_old_customers_are_won_far_more_often_than_new_ones(folder: Path, planted: dict[str, Any]):
    figures = raw.fact(planted, "win_rates")["figures"]
    offers, sales = raw.clean_offers(folder, planted), raw.clean_sales(folder, planted)
    first = sales[(sales["state"] != "X") & (sales["amount"] >= 0)].groupby("buyer")["local"].min().dt.normalize()
    decided = offers[offers["month"].isin(TWELVE) & (offers["outcome"] != "") & (offers["decided"] < "2026-11-01")]
    old = decided["client"].map(first) < decided["made"].dt.normalize()
    won = decided["outcome"] == "W"
    assert (int(old.sum()), int((~old).sum())) == (figures["old_decided"], figures["new_decided"])
    assert won[old].mean() == pytest.approx(figures["old"], abs=1e-4)
    assert won[~old].mean() == pytest.approx(figures["new"], abs=1e-4) and figures["old"] > 2 * figures["new"]


def test_quotes_for_machines_are_lost_on_price_to_a_cheaper_rival(folder: Path, planted: dict[str, Any]):
    figures = raw.fact(planted, "outbid")["figures"]
    offers = raw.clean_offers(folder, planted)
    decided = offers[(offers["outcome"] != "") & (offers["decided"] < "2026-11-01")]
    machines = decided[(decided["product_group"] == figures["group"]) & (decided["outcome"] == "L") & (decided["month"] >= "2026-08")]
    price = machines[machines["why"] == "price"]
    assert (len(machines), len(price)) == (figures["lost"], figures["lost_on_price"])
    assert (price["rival"] / price["amount"]).median() == pytest.approx(0.87, abs=0.01)


def test_won_quotes_often_had_a_service_contact_before(folder: Path, planted: dict[str, Any]):
    offers, diary = raw.clean_offers(folder, planted), raw.office(folder, "diary")
    messages = raw.table(folder / "helpdesk.db", "messages")
    service = pd.concat(
        [
            diary.loc[diary["Purpose"] == "non-sales", ["Client", "When"]].set_axis(["client", "at"], axis=1),
            messages[["client", "sent"]].set_axis(["client", "at"], axis=1),
        ]
    )
    service = service.assign(at=pd.to_datetime(service["at"], errors="coerce"), client=service["client"].str.strip())
    pairs = offers[["offer_no", "client", "made"]].merge(service, on="client")
    close = (pairs["at"] < pairs["made"]) & (pairs["at"] >= pairs["made"] - pd.Timedelta(days=90))
    served = offers["offer_no"].isin(pairs.loc[close, "offer_no"])
    crowd = offers["decided"].notna() & (offers["amount"] > 0)
    won = offers["outcome"] == "W"
    assert won[crowd & served].mean() > 1.4 * won[crowd & ~served].mean()


def test_outcomes_of_complaints_are_no_longer_told(folder: Path, planted: dict[str, Any]):
    figures = raw.fact(planted, "loop_broken")["figures"]
    cases = raw.clean_cases(folder, planted)
    cases = cases[~cases["client"].str.startswith("GHOST")]
    feedback = cases[cases["kind"].isin(list("CSR")) & (pd.to_datetime(cases["closed"]) < "2026-11-01")]
    messages = raw.table(folder / "helpdesk.db", "messages").drop_duplicates()
    told = messages[(messages["subject"] == "outcome") & (messages["sent"] < "2026-11-01")]
    heard = feedback["case_id"].astype(str).isin(told["case_ref"])
    now = feedback["month"] == NEWEST
    assert heard[now].mean() == pytest.approx(figures["share_in_month"], abs=1e-4) and heard[now].mean() < 0.35
    before = heard[feedback["month"].between("2026-03", "2026-08")].mean()
    assert before == pytest.approx(figures["share_before"], abs=1e-4)
    assert before > 0.65


def test_small_companies_are_visited_more_often_than_large_ones(folder: Path, planted: dict[str, Any]):
    figures = raw.fact(planted, "visits_by_habit")["figures"]
    assert figures["visits_a_year_small"] > 1.8 * figures["visits_a_year_large"]
    diary, sales = raw.office(folder, "diary"), raw.clean_sales(folder, planted)
    year = sales[sales["month"].isin(TWELVE) & (sales["state"] != "X")].groupby("buyer")["amount"].sum()
    companies = raw.crm(folder).query("Type == 'company'").index
    ranked = year[year.index.isin(companies)].sort_values(ascending=False)
    visits = diary[(diary["How"] == "visit") & diary["When"].str[:7].isin(TWELVE)]["Client"].str.strip()
    top, rest = ranked.index[: len(ranked) // 5], ranked.index[len(ranked) // 5 :]
    assert visits.isin(rest).sum() / len(rest) > 1.3 * visits.isin(top).sum() / len(top)


def test_nobody_speaks_to_a_large_account_for_a_year(folder: Path, planted: dict[str, Any]):
    (customer,) = raw.fact(planted, "neglected_account")["customers"]
    diary, letters = raw.office(folder, "diary"), raw.office(folder, "mailings")
    messages = raw.table(folder / "helpdesk.db", "messages")
    assert customer not in set(diary["Client"].str.strip()) | set(letters["Client"])
    assert not ((messages["client"] == customer) & (messages["sent"] >= "2025-11-01")).any()
    sales = raw.clean_sales(folder, planted)
    year = sales[sales["month"].isin(TWELVE) & (sales["state"] != "X")].groupby("buyer")["amount"].sum()
    assert customer in year.nlargest(60).index


def test_three_who_opted_out_are_written_to_again(folder: Path, planted: dict[str, Any]):
    fact = raw.fact(planted, "mailed_after_opt_out")
    letters = raw.office(folder, "mailings")
    out = letters[letters["Result"] == "opted_out"].groupby("Client")["Answered"].min()
    assert sorted(out.index) == sorted(fact["customers"]) and len(out) == 3
    after = letters["Client"].isin(out.index) & (letters["Posted"] > letters["Client"].map(out).fillna("9"))
    assert int(after.sum()) == fact["figures"]["letters_after"] >= 3


def test_customers_from_the_fair_cost_several_times_those_from_search(folder: Path, planted: dict[str, Any]):
    figures = raw.fact(planted, "dear_fair")["figures"]
    campaigns = pd.read_excel(folder / "drops/office/campaigns.xlsx", sheet_name="campaigns")
    year = campaigns[campaigns["Begins"] >= "2025-11-01"].groupby("Source")["Spent"].sum()
    sales, people = raw.clean_sales(folder, planted), raw.crm(folder)
    first = sales[(sales["buyer"] != "") & (sales["state"] != "X") & (sales["amount"] >= 0)].groupby("buyer")["month"].min()
    new = people.loc[people.index.intersection(first.index[first.isin(TWELVE)]), "Origin"].value_counts()
    for source in ("fair", "search"):
        assert year[source] / new[source] == pytest.approx(figures[f"cost_per_new_{source}"], abs=0.01)
    assert figures["cost_per_new_fair"] > 3 * figures["cost_per_new_search"]


def test_the_company_s_own_people_are_among_its_buyers(folder: Path, planted: dict[str, Any]):
    fact, people = raw.fact(planted, "own_people"), raw.crm(folder)
    roles = people.loc[list(fact["customers"])]
    assert roles["Role"].value_counts().to_dict() == {"employee": 8, "stockholder": 3}
    assert set(people.index[people["Role"].isin(["employee", "stockholder"])]) == set(fact["customers"])
    assert (roles["Type"] == "person").all()
    sales = raw.clean_sales(folder, planted)
    ordered = sales[sales["month"].isin(TWELVE) & (sales["state"] != "X")].groupby("buyer").size()
    assert (ordered[list(fact["customers"])] >= 3).all()


def test_one_cell_has_no_strategy_and_two_neighbours_have_the_same(folder: Path):
    held = pd.read_excel(folder / "drops/office/strategies.xlsx", sheet_name="strategies").astype(object)
    cells = held[held["Behaviour"].notna() & held["Value"].notna() & held["Until"].isna()].set_index(["Behaviour", "Value"])
    every = {(behaviour, value) for behaviour in ("loyal", "active", "latent") for value in ("high", "mid", "low")}
    assert every - set(cells.index) == {("latent", "high")}
    words = cells[["Title", "Text"]]
    assert words.loc[("active", "mid")].tolist() == words.loc[("active", "low")].tolist()
    assert words.duplicated().sum() == 1


def test_actions_are_overdue_and_the_promise_to_the_largest_is_broken(folder: Path, planted: dict[str, Any]):
    log = raw.office(folder, "log").drop_duplicates()
    log = log[log["No"] != ""]
    late = log[(log["List"] == "action") & (log["Closed"] == "") & (log["Due"] <= "2026-10-31")]
    assert len(late) == raw.fact(planted, "actions_overdue")["figures"]["overdue"] == 5
    promises = log[log["List"] == "commitment"].set_index("Client")
    broken = promises[promises["Closed"] == ""]
    assert (
        tuple(broken.index)
        == tuple(raw.fact(planted, "broken_promise")["customers"])
        == tuple(raw.fact(planted, "concentration")["customers"])
    )
    assert broken["Due"].tolist() == ["2026-10-10"] and len(promises) == 5


def test_improvements_name_the_tickets_they_go_back_to(folder: Path, planted: dict[str, Any]):
    figures = raw.fact(planted, "feedback_adopted")["figures"]
    log, cases = raw.office(folder, "log").drop_duplicates(), raw.clean_cases(folder, planted)
    named = log.loc[(log["List"] == "improvement") & (log["Field"] == "ticket_id"), "Group"]
    mine = cases[(cases["month"] == NEWEST) & cases["kind"].isin(list("CSR"))]
    ghosts = mine["client"].str.startswith("GHOST")
    assert int(mine["case_id"].astype(str).isin(named).sum()) == figures["adopted"] >= 5
    assert int((~ghosts).sum()) == figures["feedback"]


def test_of_three_manual_grades_one_holds_one_lacks_a_reason_and_one_has_ended(folder: Path, planted: dict[str, Any]):
    held = raw.office(folder, "manual").query("List == 'override'")
    assert held["Group"].tolist() == ["B", "B", "B"]
    assert held["Client"].iloc[0] == raw.fact(planted, "graded_by_hand")["customers"][0]
    assert [reason == "" for reason in held["Reason"]] == [False, True, False]
    assert held["Due"].tolist() == ["2027-03-31", "2027-03-31", "2026-10-20"]


def test_markets_come_with_their_sources(folder: Path, planted: dict[str, Any]):
    held = raw.office(folder, "manual").query("List == 'market'")
    size = held[(held["Subject"] == "size") & (held["Field"] == "")]
    assert float(size["Number"].iloc[0]) == raw.fact(planted, "market_size")["figures"]["size"]
    assert held["Source"].str.contains("invented").all()


def test_winning_a_customer_costs_several_times_what_keeping_one_does(folder: Path, planted: dict[str, Any]):
    figures = raw.fact(planted, "winning_is_dear")["figures"]
    costs = pd.read_csv(folder / "drops/crm/costs.csv", dtype={"Month": str})
    spent = costs[costs["Month"].isin(TWELVE)].groupby("Kind")["Amount"].sum()
    sales = raw.clean_sales(folder, planted)
    sales = sales[(sales["buyer"] != "") & (sales["state"] != "X") & (sales["amount"] >= 0) & (sales["month"] <= NEWEST)]
    first = sales.groupby("buyer")["month"].min()
    assert spent["acquisition"] / first.isin(TWELVE).sum() == pytest.approx(figures["per_new"], rel=0.01)
    assert figures["per_new"] > 4 * figures["per_kept"]


def test_the_target_of_net_revenue_lies_above_what_came(folder: Path, planted: dict[str, Any]):
    plans = pd.read_csv(folder / "drops/crm/plans.csv", dtype={"Month": str})
    target = plans[(plans["Month"] == NEWEST) & (plans["Indicator"] == "net_revenue")]["Target"].iloc[0]
    assert target == raw.fact(planted, "target_missed")["figures"]["target"]
    assert target > planted["books"][NEWEST]["net_revenue"]
