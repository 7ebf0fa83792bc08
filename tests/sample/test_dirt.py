"""The dirt is in the sources as counted, and the books are right about all the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.sample import raw

NEWEST = "2026-10"


def _dirt(planted: dict[str, Any], table: str, kind: str) -> list[str]:
    return [key for item in planted["dirt"] if (item["table"], item["kind"]) == (table, kind) for key in item["keys"]]


def test_every_kind_of_dirt_is_there(planted: dict[str, Any]):
    kinds = {(item["table"], item["kind"]) for item in planted["dirt"]}
    assert len(kinds) >= 20
    assert {item["fate"] for item in planted["dirt"]} == {
        "duplicate",
        "quarantined",
        "disputed",
        "accepted",
        "unattributed",
        "not read",
        "value lost",
    }
    assert all(item["rows"] == len(item["keys"]) > 0 for item in planted["dirt"])


def test_sales_repeat_and_contradict_themselves_as_counted(folder: Path, planted: dict[str, Any]):
    sales = raw.table(folder / "shop.db", "sales")
    repeated = sales[sales.duplicated()]
    assert sorted(repeated["sale_no"]) == sorted(_dirt(planted, "orders", "exact duplicate"))
    numbers = sales.drop_duplicates().groupby("sale_no").size()
    assert sorted(numbers[numbers > 1].index) == sorted(_dirt(planted, "orders", "same number, other amount"))


def test_sales_that_cannot_be_read_are_those_counted(folder: Path, planted: dict[str, Any]):
    sales = raw.table(folder / "shop.db", "sales").drop_duplicates()
    dates = pd.to_datetime(sales["placed_at"], errors="coerce", format="%Y-%m-%d %H:%M:%S")
    amounts = pd.to_numeric(sales["net_amount"], errors="coerce")
    assert sorted(sales.loc[dates.isna(), "sale_no"]) == sorted(_dirt(planted, "orders", "impossible time of day"))
    assert sorted(sales.loc[amounts.isna(), "sale_no"]) == sorted(_dirt(planted, "orders", "amount that is no number"))
    assert sales.loc[dates.dt.year == 2099, "sale_no"].tolist() == _dirt(planted, "orders", "date in the far future")
    assert sorted(sales.loc[amounts < 0, "sale_no"]) == sorted(_dirt(planted, "orders", "credit (negative amount)"))
    assert sorted(set(sales["state"]) - set("CXRO")) == ["Q"]


def test_buyers_are_missing_or_padded_as_counted(folder: Path, planted: dict[str, Any]):
    sales = raw.table(folder / "shop.db", "sales").drop_duplicates("sale_no")
    blank = sales["buyer"].fillna("").str.strip() == ""
    inside = ~sales["sale_no"].isin(raw.keys_of(planted, "orders", "quarantined", "not read"))
    assert sorted(sales.loc[blank & inside, "sale_no"]) == sorted(_dirt(planted, "orders", "no customer"))
    assert set(sales.loc[blank, "buyer"].map(repr)) >= {"''", "'   '"}
    padded = sales["buyer"].fillna("").str.endswith(" ") & ~blank
    assert sorted(sales.loc[padded, "sale_no"]) == sorted(_dirt(planted, "orders", "customer number with trailing blanks"))


def test_cases_of_ghosts_and_unknown_kinds_are_those_counted(folder: Path, planted: dict[str, Any]):
    cases = raw.table(folder / "helpdesk.db", "cases")
    known = set(raw.crm(folder).index)
    assert sorted(cases.loc[~cases["client"].isin(known), "case_id"].astype(str)) == _dirt(planted, "tickets", "client that nobody knows")
    assert sorted(cases.loc[~cases["kind"].isin(list("CQRSP")), "case_id"].astype(str)) == _dirt(planted, "tickets", "unknown kind")
    assert sorted(cases.loc[cases.duplicated(), "case_id"].astype(str)) == sorted(_dirt(planted, "tickets", "exact duplicate"))


def test_answers_off_the_scale_and_without_a_customer_are_those_counted(folder: Path, planted: dict[str, Any]):
    newest = raw.answers(folder, f"csat10-{NEWEST}.csv", "Q1")
    scores = pd.to_numeric(newest["score"], errors="coerce")
    off = newest.loc[(scores < 1) | (scores > 10), "RespID"].tolist()
    assert off == _dirt(planted, "surveys", "score off the scale")[:3]
    assert newest.loc[scores.isna(), "RespID"].tolist() == _dirt(planted, "surveys", "score that is no number")
    assert newest.loc[newest["Cust"] == "", "RespID"].tolist() == _dirt(planted, "surveys", "no customer")
    assert newest.loc[newest["month"].isna(), "RespID"].tolist() == _dirt(planted, "surveys", "date that is no date")
    assert "Device" in newest.columns
    nps = pd.to_numeric(raw.answers(folder, f"nps-{NEWEST}.csv", "Recommend")["score"])
    assert sorted(nps[(nps < 0) | (nps > 10)]) == [-1, 11]


def test_the_books_agree_with_the_raw_sales_and_refunds(folder: Path, planted: dict[str, Any]):
    sales, refunds = raw.clean_sales(folder, planted), raw.clean_refunds(folder)
    fx = pd.read_csv(folder / "drops/crm/fx.csv", dtype={"Day": str}).set_index("Day").assign(CNY=1.0)

    def in_cny(frame: pd.DataFrame, day: pd.Series) -> pd.Series:
        rate = [fx.loc[when, currency] for when, currency in zip(day, frame["curr"], strict=True)]
        return (frame["amount"] * rate).round(4)

    sales = sales[sales["month"] <= NEWEST].assign(cny=lambda f: in_cny(f, f["local"].dt.strftime("%Y-%m-%d")))
    paid = pd.to_datetime(refunds["paid_at"]) + raw.EIGHT_HOURS
    refunds = refunds.assign(cny=in_cny(refunds, paid.dt.strftime("%Y-%m-%d")))
    for month, book in planted["books"].items():
        mine = sales[(sales["month"] == month) & (sales["state"] != "X")]
        orders, credits = mine[mine["amount"] >= 0], -mine.loc[mine["amount"] < 0, "cny"].sum()
        back = refunds.loc[refunds["month"] == month, "cny"].sum() + credits
        assert len(orders) == book["orders"], month
        assert (orders["buyer"] == "").sum() == book["orders_unattributed"]
        assert orders.loc[orders["buyer"] != "", "buyer"].nunique() == book["customers_ordering"]
        assert orders["cny"].sum() == pytest.approx(book["gross_revenue"], abs=0.01)
        assert back == pytest.approx(book["refunds"], abs=0.01)
        assert orders["cny"].sum() - back == pytest.approx(book["net_revenue"], abs=0.01)


def test_the_books_agree_with_the_raw_tickets_and_answers(folder: Path, planted: dict[str, Any]):
    cases = raw.clean_cases(folder, planted)
    satisfaction, recommendation = raw.all_satisfaction(folder, planted), raw.all_recommendation(folder, planted)
    for month, book in planted["books"].items():
        opened = cases[cases["month"] == month]
        assert (len(opened), int((opened["kind"] == "C").sum())) == (book["tickets_opened"], book["complaints"])
        scores = satisfaction.loc[satisfaction["month"] == month, "score"]
        assert (len(scores), round(scores.mean(), 6)) == (book["csat_answers"], book["csat_mean"])
        theirs = recommendation[recommendation["month"] == month]
        last = theirs.drop_duplicates("Cust", keep="last")["score"]
        nps = 100 * ((last >= 9).mean() - (last <= 6).mean())
        assert (len(theirs), len(last)) == (book["nps_answers"], book["nps_customers"])
        assert nps == pytest.approx(book["nps"], abs=1e-5)


def test_some_customers_answer_again_within_a_month(folder: Path, planted: dict[str, Any]):
    recommendation = raw.all_recommendation(folder, planted)
    assert recommendation.duplicated(["Cust", "month"]).sum() >= 20


def test_order_lines_repeat_and_stray_as_counted(folder: Path, planted: dict[str, Any]):
    items, sales = raw.table(folder / "shop.db", "sale_items"), raw.table(folder / "shop.db", "sales")
    names = items["sale_no"] + "|" + items["pos"].astype(str)
    assert sorted(names[items.duplicated()]) == sorted(_dirt(planted, "order_lines", "exact duplicate"))
    assert sorted(names[pd.to_numeric(items["pieces"], errors="coerce").isna()]) == _dirt(
        planted, "order_lines", "pieces that are no number"
    )
    astray = names[~items["sale_no"].isin(sales["sale_no"])]
    assert sorted(astray) == _dirt(planted, "order_lines", "line of a sale that nobody knows")
    listed = raw.table(folder / "shop.db", "articles")["item_no"]
    assert sorted(names[~items["item_no"].isin(listed)]) == sorted(_dirt(planted, "order_lines", "article in no list"))


def test_quotes_and_contacts_that_cannot_be_read_are_those_counted(folder: Path, planted: dict[str, Any]):
    offers, messages = raw.table(folder / "shop.db", "offers"), raw.table(folder / "helpdesk.db", "messages")
    diary = raw.office(folder, "diary")
    assert sorted(offers.loc[offers.duplicated(), "offer_no"]) == _dirt(planted, "quotes", "exact duplicate")
    assert offers.loc[~offers["outcome"].isin(["", "W", "L"]), "offer_no"].tolist() == _dirt(planted, "quotes", "unknown outcome")
    amounts = pd.to_numeric(offers["amount"], errors="coerce")
    assert offers.loc[amounts.isna(), "offer_no"].tolist() == _dirt(planted, "quotes", "amount that is no number")
    assert sorted(messages.loc[messages.duplicated(), "message_id"]) == _dirt(planted, "contacts", "exact duplicate")
    known = set(raw.crm(folder).index)
    assert messages.loc[~messages["client"].isin(known), "message_id"].tolist() == _dirt(planted, "contacts", "client that nobody knows")
    assert diary.loc[~diary["Way"].isin(["In", "Out"]), "Entry"].tolist() == _dirt(planted, "contacts", "neither in nor out")
    assert diary.loc[raw.months_of(diary["When"]).isna(), "Entry"].tolist() == _dirt(planted, "contacts", "impossible day")
    padded = diary.loc[diary["Client"] != diary["Client"].str.strip(), "Entry"].tolist()
    assert padded == _dirt(planted, "contacts", "customer number with trailing blanks")


def test_the_hand_kept_lists_have_one_row_twice_and_rows_without_what_they_need(folder: Path, planted: dict[str, Any]):
    log = raw.office(folder, "log")
    campaigns = pd.read_excel(folder / "drops/office/campaigns.xlsx", sheet_name="campaigns")
    assert log.loc[log.duplicated(), "No"].tolist() == _dirt(planted, "registers", "exact duplicate")
    assert log.loc[log["No"] == "", "Subject"].tolist() == _dirt(planted, "registers", "no number")
    assert campaigns.loc[campaigns["Begins"].isna(), "Code"].tolist() == _dirt(planted, "campaigns", "no first day")


def test_the_books_agree_with_the_raw_lines_quotes_and_contacts(folder: Path, planted: dict[str, Any]):
    items, offers = raw.clean_items(folder, planted), raw.clean_offers(folder, planted)
    diary, letters = raw.office(folder, "diary"), raw.office(folder, "mailings")
    diary = diary[~diary["Entry"].isin(raw.keys_of(planted, "contacts", "quarantined"))]
    messages = raw.table(folder / "helpdesk.db", "messages").drop_duplicates()
    talks = raw.months_of(pd.concat([diary["When"], letters["Posted"], messages["sent"]])).value_counts()
    for month, book in planted["books"].items():
        assert int((items["month"] == month).sum()) == book["order_lines"], month
        assert int((offers["month"] == month).sum()) == book["quotes"], month
        assert int(talks[month]) == book["contacts"], month
