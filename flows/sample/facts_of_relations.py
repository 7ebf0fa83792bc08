"""Planted facts about what stands beside the orders: lines, talks, quotes, campaigns, and what people wrote down."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from flows.sample.campaigns import CHEAP_SOURCE, DEAR_SOURCE
from flows.sample.lines import BREAKAGE, LAUNCH_BACK, NEW_GROUP, RETURN_MONTHS, RETURNED
from flows.sample.planted import Everything, Fact
from flows.sample.registers import EMPTY_CELL, MARKET_SIZE, OVERDUE, PLANNED_VISITS
from flows.sample.relations import FEEDBACK, LOOP_MONTHS, LOOP_TEAM, PRICE_GROUP, PRICE_MONTHS, large_accounts
from flows.sample.standing import window_net

FEWEST_MONTHS = 12


def facts_of_relations(all_of: Everything) -> Iterator[Fact]:
    """The facts that fit into this sample's months; all of them need a year."""
    if all_of.world.season.months < FEWEST_MONTHS:
        return
    told = (_new_product, _returned, _win_rates, _outbid, _loop, _visits, _neglected, _opted_out, _fair, _staff)
    by_hand = (_strategy_hole, _alike, _overdue, _promise, _by_hand, _adopted, _market, _winning, _target)
    for tell in (*told, *by_hand):
        fact = tell(all_of)
        if fact is not None:
            yield fact


def _year_of_lines(all_of: Everything) -> pd.DataFrame:
    """Lines of the twelve months' orders that were not cancelled, in CNY hundredths as `cny`."""
    orders, season = all_of.orders, all_of.world.season
    place = season.place(orders["ordered"].to_numpy())
    counts = (place > all_of.newest - 12) & (place <= all_of.newest) & (orders["state"] != "X").to_numpy()
    at = all_of.lines["order"].to_numpy()
    rate = (orders["cents"] / orders["amount"]).to_numpy()[at]
    lines: pd.DataFrame = all_of.lines.assign(cny=all_of.lines["cents"] * rate).loc[counts[at]]
    return lines


def _new_product(all_of: Everything) -> Fact:
    lines = _year_of_lines(all_of)
    share = float(lines.loc[lines["group"] == NEW_GROUP, "cny"].sum() / lines["cny"].sum())
    return Fact(
        name="new_product",
        title="A new product group finds its buyers",
        month=all_of.month(),
        what=f"{NEW_GROUP.capitalize()} is sold since {all_of.month(LAUNCH_BACK)}; its part of twelve months' money.",
        where="economics in detail: new_product_share",
        figures={"group": NEW_GROUP, "share_of_lines_12m": round(share, 4)},
    )


def _returned(all_of: Everything) -> Fact | None:
    season, orders, lines = all_of.world.season, all_of.orders, all_of.lines
    paid = orders["refunded"].to_numpy()
    recent = ~np.isnat(paid) & (season.place(np.where(np.isnat(paid), season.start(0), paid)) > all_of.newest - RETURN_MONTHS)
    back = lines[recent[lines["order"].to_numpy()] & (lines["returned"] > 0).to_numpy()]
    theirs = back[(back["sku"] == RETURNED) & (back["reason"] == BREAKAGE)]
    if len(theirs) < 5:
        return None
    return Fact(
        name="returned_product",
        title="One grinder comes back broken",
        month=all_of.month(),
        what=f"Since {all_of.month(RETURN_MONTHS - 1)} article {RETURNED} leads the returns, with one reason: {BREAKAGE}.",
        where="order lines: returned quantity and reason; no page shows reasons yet",
        figures={"article": RETURNED, "reason": BREAKAGE, "lines_returned": len(theirs), "lines_returned_all": len(back)},
    )


def _decided(all_of: Everything) -> pd.DataFrame:
    """Quotes of twelve months that were decided before the newest month's end."""
    season, quotes = all_of.world.season, all_of.relation.quotes
    place = season.place(quotes["quoted"].to_numpy())
    decided = quotes["decided"].to_numpy()
    known = ~np.isnat(decided) & (decided < season.start(season.months))
    held: pd.DataFrame = quotes.loc[(place > all_of.newest - 12) & (place <= all_of.newest) & known & (quotes["result"] != "").to_numpy()]
    return held


def _win_rates(all_of: Everything) -> Fact | None:
    quotes = _decided(all_of)
    old, new = (quotes[quotes["old"].to_numpy(dtype=bool) == which] for which in (True, False))
    if len(old) < 30 or len(new) < 10:
        return None
    return Fact(
        name="win_rates",
        title="Old customers say yes far more often than new ones",
        month=all_of.month(),
        what="Quotes won of those decided in twelve months; those who had ordered before against those who had not.",
        where="economics in detail: win_rate_existing, win_rate_new",
        figures={
            "old": round(float((old["result"] == "won").mean()), 4),
            "old_decided": len(old),
            "new": round(float((new["result"] == "won").mean()), 4),
            "new_decided": len(new),
        },
    )


def _outbid(all_of: Everything) -> Fact | None:
    quotes, season = _decided(all_of), all_of.world.season
    late = season.place(quotes["quoted"].to_numpy()) >= season.months - PRICE_MONTHS
    machines = quotes[late & (quotes["group"] == PRICE_GROUP).to_numpy() & (quotes["result"] == "lost").to_numpy()]
    if len(machines) < 5:
        return None
    lost = quotes[(quotes["result"] == "lost").to_numpy()]
    return Fact(
        name="outbid",
        title="A competitor takes the quotes for coffee machines",
        month=all_of.month(),
        what=f"Since {all_of.month(PRICE_MONTHS - 1)} quotes for {PRICE_GROUP} are lost on price, at about 13 % below ours.",
        where="economics in detail: lost_on_price_share",
        figures={
            "group": PRICE_GROUP,
            "lost": len(machines),
            "lost_on_price": int((machines["reason"] == "price").sum()),
            "lost_on_price_share_12m": round(float((lost["reason"] == "price").mean()), 4),
        },
    )


def _loop(all_of: Everything) -> Fact | None:
    frame, season = all_of.cases.frame, all_of.world.season
    solved = frame["solved"].to_numpy()
    known = ~np.isnat(solved) & (solved < season.start(season.months))
    told = all_of.relation.desk
    outcomes = set(told.loc[(told["kind"] == "outcome") & (told["contacted"] < season.start(season.months)), "ticket_id"])
    place = season.place(frame["opened"].to_numpy())
    feedback = frame["type"].isin(FEEDBACK).to_numpy() & known
    heard = frame["ticket_id"].astype(str).isin(outcomes).to_numpy()
    before = feedback & (place < season.months - LOOP_MONTHS) & (place >= season.months - LOOP_MONTHS - 6)
    now = feedback & (place == all_of.newest)
    if now.sum() < 10:
        return None
    return Fact(
        name="loop_broken",
        title="Customers no longer hear what came of their complaints",
        month=all_of.month(),
        what=f"Since {all_of.month(LOOP_MONTHS - 1)} the team {LOOP_TEAM} tells no outcomes: feedback with a message after the solution.",
        where="customers and classes: feedback_closed_loop",
        figures={"share_before": round(float(heard[before].mean()), 4), "share_in_month": round(float(heard[now].mean()), 4)},
    )


def _visits(all_of: Everything) -> Fact:
    large, small = large_accounts(all_of.world, all_of.book)
    diary = all_of.relation.diary
    place = all_of.world.season.place(diary["contacted"].to_numpy())
    visits = diary[(diary["method"] == "visit").to_numpy() & (place > all_of.newest - 12) & (place <= all_of.newest)]["customer"]
    return Fact(
        name="visits_by_habit",
        title="Visits follow habit, not value",
        month=all_of.month(),
        what="Small companies are visited more often than large ones; the best class gets less than half of what its strategy plans.",
        where="customers and classes: does service differ in fact? (group_visits of the value classes, planned beside it)",
        figures={
            "visits_a_year_large": round(float(visits.isin(large).sum() / len(large)), 2),
            "visits_a_year_small": round(float(visits.isin(small).sum() / max(1, len(small))), 2),
            "planned_for_high": PLANNED_VISITS,
        },
    )


def _neglected(all_of: Everything) -> Fact | None:
    place = all_of.relation.neglected
    if place is None:
        return None
    net = window_net(all_of.book, all_of.newest)
    return Fact(
        name="neglected_account",
        title="Nobody has spoken to a large account for a year",
        month=all_of.month(),
        what="It orders, and there is no visit, no call and no letter of a manager in the diary.",
        where="customers.csv: contacts_12m; the customer's card",
        customers=tuple(all_of.world.ids([place])),
        figures={"net_12m": float(net[place]) / 100, "rank": int((net > net[place]).sum()) + 1},
    )


def _opted_out(all_of: Everything) -> Fact | None:
    letters = all_of.relation.mailings
    who = all_of.relation.opted_out
    if not len(who):
        return None
    return Fact(
        name="mailed_after_opt_out",
        title="Three customers opted out and are written to again",
        month=all_of.month(),
        what="They opted out of the first mailing and stand in every later one.",
        where="contacts with the result opted_out; no page shows them yet",
        customers=tuple(all_of.world.ids([int(place) for place in who])),
        figures={"letters_after": int(letters["customer"].isin(who).sum()) - len(who)},
    )


def _fair(all_of: Everything) -> Fact | None:
    book, campaigns = all_of.book, all_of.registers.campaigns
    begin = all_of.world.season.month(max(0, all_of.newest - 11)).first_day
    source = all_of.world.customers["source_channel"].to_numpy()
    new = (book.first > all_of.newest - 12) & (book.first <= all_of.newest)
    figures: dict[str, float | int | str | list[float]] = {}
    for name in (DEAR_SOURCE, CHEAP_SOURCE):
        mine = campaigns[(campaigns["Source"] == name) & (campaigns["Begins"] >= begin)]
        won = int((new & (source == name)).sum())
        if not won or mine.empty:
            return None
        figures[f"cost_per_new_{name}"] = round(float(mine["Spent"].sum()) / won, 2)
    return Fact(
        name="dear_fair",
        title="Customers from the fair cost several times those from search",
        month=all_of.month(),
        what="Campaign money of twelve months per new customer, by source.",
        where="customers and classes: customers by group, cost of winning one",
        figures=figures,
    )


def _staff(all_of: Everything) -> Fact:
    role = all_of.world.customers["role"].to_numpy()
    net = window_net(all_of.book, all_of.newest)
    inside = np.flatnonzero(np.isin(role, ["employee", "stockholder"]))
    return Fact(
        name="own_people",
        title="The company's own people buy too",
        month=all_of.month(),
        what="Eight employees and three stockholders order for themselves: no sign of commercial value, so no grade.",
        where="customers and classes: customers by group (role); customers.csv: role, value_class unrated",
        customers=tuple(all_of.world.ids(inside.tolist())),
        figures={
            "employee": int((role == "employee").sum()),
            "stockholder": int((role == "stockholder").sum()),
            "net_12m": float(net[inside].sum()) / 100,
        },
    )


def _strategy_hole(all_of: Everything) -> Fact:
    behaviour, value = EMPTY_CELL
    return Fact(
        name="strategy_hole",
        title="Valuable customers who sleep have no strategy",
        month=all_of.month(),
        what=f"Eight of nine class cells have one; {behaviour} and {value} has none since the old one for everybody was closed.",
        where="customers and classes: strategy per class; strategy_cells_missing; data quality",
        figures={"behaviour_class": behaviour, "value_class": value, "cells_missing": 1},
    )


def _alike(all_of: Everything) -> Fact:
    return Fact(
        name="alike_on_paper",
        title="Two neighbouring classes have the same strategy, word for word",
        month=all_of.month(),
        what="Active customers of middle and of low value get the same newsletter.",
        where="customers and classes: does service differ in fact? (no configured difference)",
        figures={"subject": "Newsletter"},
    )


def _overdue(all_of: Everything) -> Fact:
    return Fact(
        name="actions_overdue",
        title="The search for the cause of the breakage is overdue",
        month=all_of.month(),
        what="Actions of the B team that were due in the newest month and are open.",
        where="customers and classes: actions_overdue",
        figures={"overdue": OVERDUE, "tier": "b"},
    )


def _promise(all_of: Everything) -> Fact | None:
    place = all_of.registers.promised
    if place is None:
        return None
    return Fact(
        name="broken_promise",
        title="The promise to the largest customer is past its day",
        month=all_of.month(),
        what="A spare machine on loan was due on the tenth; promises to four others were kept.",
        where="register commitment; no page shows it yet",
        customers=tuple(all_of.world.ids([place])),
        figures={"due": f"{all_of.month()}-10"},
    )


def _by_hand(all_of: Everything) -> Fact | None:
    place = all_of.registers.graded_by_hand
    if place is None:
        return None
    return Fact(
        name="graded_by_hand",
        title="A C customer was made a B by hand",
        month=all_of.month(),
        what="One manual grade is in force, one is refused for want of a reason, one has ended in the month.",
        where="the standard: overrides; customers.csv: override_grade; data quality",
        customers=tuple(all_of.world.ids([place])),
        figures={"grade": "B", "in_force": 1},
    )


def _adopted(all_of: Everything) -> Fact | None:
    frame = all_of.cases.frame
    mine = (all_of.world.season.place(frame["opened"].to_numpy()) == all_of.newest) & frame["type"].isin(FEEDBACK).to_numpy()
    if not all_of.registers.adopted:
        return None
    return Fact(
        name="feedback_adopted",
        title="What customers said led to improvements",
        month=all_of.month(),
        what="Complaints, suggestions and requests of the month that an entry of the register of improvements names.",
        where="customers and classes: feedback_adopted",
        figures={"adopted": all_of.registers.adopted, "feedback": int(mine.sum())},
    )


def _market(all_of: Everything) -> Fact:
    return Fact(
        name="market_size",
        title="The size of the market is known from outside",
        month=all_of.month(),
        what="Entered by hand with its source; the company's part of it follows from its own money.",
        where="economics in detail: target markets",
        figures={"size": MARKET_SIZE, "growth": 0.06},
    )


def _winning(all_of: Everything) -> Fact | None:
    book = all_of.book
    now, before = (book.orders[:, max(0, end - 12) : end].sum(axis=1) > 0 for end in (all_of.newest + 1, max(0, all_of.newest - 11)))
    won, kept = int((now & (book.first > all_of.newest - 12)).sum()), int((now & before).sum())
    costs = all_of.costs[all_of.costs["Month"] > all_of.month(12)]
    spent = costs.groupby("Kind")["Amount"].sum()
    if not won or not kept:
        return None
    return Fact(
        name="winning_is_dear",
        title="Winning a customer costs several times what keeping one does",
        month=all_of.month(),
        what="Own costs of acquisition per new customer against own costs of retention per kept one, twelve months.",
        where="value: win_to_keep_ratio",
        figures={
            "per_new": round(float(spent["acquisition"]) / won, 2),
            "per_kept": round(float(spent["retention"]) / kept, 2),
        },
    )


def _target(all_of: Everything) -> Fact:
    target = round(float(all_of.book.net[:, all_of.newest].sum()) / 100 * 1.06, -3)
    return Fact(
        name="target_missed",
        title="Net revenue stays below its target",
        month=all_of.month(),
        what="The target of the newest month lies six per cent above what graded customers brought.",
        where="company's pack, targets; plans.csv",
        figures={"target": target},
    )
