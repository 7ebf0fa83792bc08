"""Planted facts that are about groups, the service and the sources."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from flows.sample.company import SLOW_REGION
from flows.sample.planted import Everything, Fact
from flows.sample.shapes import BRANCH_REGION
from flows.sample.surveys import FALL, TEN_POINT_MONTHS, last_grade
from flows.sample.tickets import COMPLAINT_MONTHS, GAP_BACK, SLOW_MONTHS, steady_b

FEWEST_MONTHS_OF_TRENDS = 8
FEWEST_ANSWERS = 5


def facts_of_groups(all_of: Everything) -> Iterator[Fact]:
    """The facts that fit into this sample's months."""
    for told in (_silent, _newly_lost, _promoters, _last_grade, _b_complaints, _slow_region, _scale, _gap, _after_the_end, _branch):
        fact = told(all_of)
        if fact is not None:
            yield fact


def _silent(all_of: Everything) -> Fact | None:
    places = all_of.world.playing("silent")
    if not places:
        return None
    return Fact(
        name="silent_dissatisfied",
        title="A dissatisfied group complains to nobody and orders less and less",
        month=all_of.month(),
        what="Low satisfaction, recommendation at most 4, not one ticket, and orders that shrink from four a month to one.",
        where="tier pack: silent dissatisfied, customers to watch",
        customers=tuple(all_of.world.ids(places)),
        figures={"orders_by_month": [float(count) for count in all_of.book.orders[places].sum(axis=0)[-12:]], "tickets": 0},
    )


def _newly_lost(all_of: Everything) -> Fact | None:
    places, book = all_of.world.playing("newly_lost"), all_of.book
    if not places:
        return None
    silence = book.ends[all_of.newest] - book.last_day[places, all_of.newest]
    return Fact(
        name="newly_lost",
        title="Customers cross the line to lost in the newest month",
        month=all_of.month(),
        what="Their last order turned 365 days old within the month.",
        where="customers_lost; company pack: movements",
        customers=tuple(all_of.world.ids(places)),
        figures={"silent_days": [float(days) for days in silence]},
    )


def _promoters(all_of: Everything) -> Fact | None:
    ids = all_of.world.ids([int(place) for place in all_of.promoters])
    referred = int(all_of.world.customers["referred_by"].isin(ids).sum())
    if not referred:
        return None
    return Fact(
        name="promoters_bring",
        title="Promoters bring new customers",
        month=all_of.month(),
        what=f"{len(ids)} promoters (always 9 or 10) recommended the company to {referred} of the last twelve months' new customers.",
        where="loyalty: referrals; customers.csv referred_by",
        customers=tuple(ids),
        figures={"referred": referred, "promoters": len(ids)},
    )


def _last_grade(all_of: Everything) -> Fact | None:
    season, members = all_of.world.season, last_grade(all_of.world, all_of.book)
    if season.months < FEWEST_MONTHS_OF_TRENDS or not len(members):
        return None
    answers = all_of.satisfaction[all_of.satisfaction["customer"].isin(members)]
    back = all_of.newest - season.place(answers["answered"].to_numpy())
    share = ((answers["score"] - 1) / (answers["top"] - 1)).to_numpy()
    per_month = np.bincount(back[back < len(FALL) + 3], minlength=len(FALL) + 3)
    if per_month.min() < FEWEST_ANSWERS:
        return None
    return Fact(
        name="last_tier_sours",
        title="Satisfaction of the C customers falls three months in a row",
        month=all_of.month(),
        what="Their answers, as a share of the scale (0-1), fall from about two thirds to about a third.",
        where="tier c pack: satisfaction trend; csat_mean, csat_top2_share",
        figures={
            "members": len(members),
            "answers_in_month": int((back == 0).sum()),
            "share_of_scale": [round(float(share[back == ago].mean()), 3) for ago in range(len(FALL) + 2, -1, -1)],
        },
    )


def _b_complaints(all_of: Everything) -> Fact | None:
    season, frame, members = all_of.world.season, all_of.cases.frame, steady_b(all_of.book)
    if season.months < FEWEST_MONTHS_OF_TRENDS or not len(members):
        return None
    place = season.place(frame["opened"].to_numpy())
    theirs = (frame["customer"].isin(members) & (frame["type"] == "complaint")).to_numpy()
    orders = all_of.book.orders[members].sum(axis=0)
    months = range(all_of.newest - COMPLAINT_MONTHS - 5, all_of.newest + 1)
    return Fact(
        name="b_complaints",
        title="The complaint rate of the B customers doubles",
        month=all_of.month(),
        what="Complaints per 1,000 orders of the customers well inside B: the newest two months against the six before. "
        "The cause that grows: damaged in transport.",
        where="tier b pack: complaints, causes; complaint_rate",
        figures={
            "members": len(members),
            "rate_by_month": [round(1000 * float((theirs & (place == m)).sum()) / max(1, int(orders[m])), 1) for m in months],
        },
    )


def _slow_region(all_of: Everything) -> Fact | None:
    season, frame = all_of.world.season, all_of.cases.frame
    place = season.place(frame["opened"].to_numpy())
    recent = (place >= season.months - SLOW_MONTHS) & (place < season.months)
    slow = (all_of.world.customers["region"].to_numpy() == SLOW_REGION)[frame["customer"].to_numpy()]
    hours = ((frame["answered"] - frame["opened"]).dt.total_seconds() / 3600).to_numpy()
    if (recent & slow).sum() < FEWEST_ANSWERS:
        return None
    return Fact(
        name="slow_region",
        title=f"Region {SLOW_REGION} waits longest for a first answer",
        month=all_of.month(),
        what=f"Since {season.month(max(0, season.months - SLOW_MONTHS))} its median first response is several times that of the others.",
        where="service: first response by region",
        figures={
            "region": SLOW_REGION,
            "median_hours_region": round(float(np.nanmedian(hours[recent & slow])), 2),
            "median_hours_others": round(float(np.nanmedian(hours[recent & ~slow])), 2),
        },
    )


def _scale(all_of: Everything) -> Fact | None:
    if all_of.world.season.months <= TEN_POINT_MONTHS:
        return None
    first = all_of.month(TEN_POINT_MONTHS - 1)
    return Fact(
        name="scale_change",
        title="The satisfaction survey changed its scale",
        month=first,
        what="Asked on 1-5 before, on 1-10 since; file names tell, each block declares its scale. The jump of the mean is not news.",
        where="satisfaction trend: a break, not a rise; method page",
        figures={"first_month": first, "before": 5, "since": 10},
    )


def _gap(all_of: Everything) -> Fact:
    gap, cases = all_of.month(GAP_BACK), all_of.cases
    return Fact(
        name="ticket_gap",
        title="Three days of tickets are missing",
        month=gap,
        what=f"The export of {gap} lacks its days {cases.gap_first.day} to {cases.gap_last.day}: {cases.lost} tickets.",
        where="data quality: gap in tickets",
        figures={"first_day": str(cases.gap_first), "last_day": str(cases.gap_last), "tickets_lost": cases.lost},
    )


def _after_the_end(all_of: Everything) -> Fact:
    season, orders = all_of.world.season, all_of.orders
    after = orders[season.place(orders["ordered"].to_numpy()) >= season.months]
    return Fact(
        name="after_the_end",
        title="The sources already know the first hours of the next month",
        month=all_of.month(),
        what="Orders, refunds and solutions after the newest month's end have not happened yet for that month.",
        where="nowhere: they must not count",
        figures={"orders_after": len(after), "first_order_after": str(after["order_id"].min())},
    )


def _branch(all_of: Everything) -> Fact:
    answers, season = all_of.satisfaction, all_of.world.season
    theirs = (all_of.world.customers["region"].to_numpy() == BRANCH_REGION)[answers["customer"].to_numpy()]
    newest = season.place(answers["answered"].to_numpy()) == all_of.newest
    return Fact(
        name="branch_file",
        title=f"Region {BRANCH_REGION} sends its satisfaction answers in an old encoding",
        month=all_of.month(),
        what="A GB 18030 file with Chinese headings belongs to the month like the others.",
        where="satisfaction of the newest month: n",
        figures={"region": BRANCH_REGION, "answers": int((theirs & newest).sum())},
    )
