"""Planted facts that are about single customers: who rises, falls, leaves, flaps or weighs too much."""

from __future__ import annotations

from collections.abc import Iterator

from flows.sample.planted import Everything, Fact
from flows.sample.standing import scores, window_net


def facts_of_customers(all_of: Everything) -> Iterator[Fact]:
    """One fact for each part that a single customer (or a pair of records) plays in this sample."""
    for part, told in (
        ("giant", _giant),
        ("defector", _defector),
        ("riser", _riser),
        ("late_refund", _late_refund),
        ("flapper", _flapper),
        ("contract", _contract),
        ("merged_old", _merged),
    ):
        for place in all_of.world.playing(part):
            yield told(all_of, place)


def _giant(all_of: Everything, place: int) -> Fact:
    net = window_net(all_of.book, all_of.newest)
    return Fact(
        name="concentration",
        title="One customer brings more than 8 % of net revenue",
        month=all_of.month(),
        what="The largest customer's share of twelve-month net revenue.",
        where="company pack: concentration, top customers; customers.csv net_12m",
        customers=tuple(all_of.world.ids([place])),
        figures={"net_12m": float(net[place]) / 100, "share_of_net_12m": round(float(net[place] / net.sum()), 4)},
    )


def _defector(all_of: Everything, place: int) -> Fact:
    book = all_of.book
    before = window_net(book, all_of.newest - 7)
    return Fact(
        name="large_defector",
        title="A top-ten customer has been silent for about seven months",
        month=all_of.month(),
        what="Weekly orders stop seven months before the end; slow deliveries and low answers came first.",
        where="company pack and its tier pack: customers to watch; revenue_at_risk",
        customers=tuple(all_of.world.ids([place])),
        figures={
            "silent_days": int(book.ends[all_of.newest] - book.last_day[place, all_of.newest]),
            "net_12m": float(window_net(book, all_of.newest)[place]) / 100,
            "rank_when_active": int((before > before[place]).sum()) + 1,
        },
    )


def _riser(all_of: Everything, place: int) -> Fact:
    return Fact(
        name="riser",
        title="A customer rises from C to A within the month",
        month=all_of.month(),
        what="One small order seven months ago, then twelve large ones in the newest month.",
        where="transitions C -> A; packs of tier a and c: movements",
        customers=tuple(all_of.world.ids([place])),
        figures={"scores": _path(all_of, place), "orders_in_month": int(all_of.book.orders[place, all_of.newest])},
    )


def _late_refund(all_of: Everything, place: int) -> Fact:
    orders = all_of.orders
    given_back = orders[(orders["customer"] == place) & (orders["refund"] > 0)].iloc[0]
    return Fact(
        name="late_refund",
        title="A refund two months later takes an upgrade back",
        month=all_of.month(),
        what=f"Order {given_back['order_id']} of {all_of.month(2)} made an A of a B; it was given back whole in {all_of.month()}.",
        where="transitions A -> B; tier b pack: movements; refunds of the month",
        customers=tuple(all_of.world.ids([place])),
        figures={
            "scores": _path(all_of, place),
            "order_id": str(given_back["order_id"]),
            "amount": int(given_back["amount"]) / 100,
            "ordered_month": all_of.month(2),
        },
    )


def _flapper(all_of: Everything, place: int) -> Fact:
    return Fact(
        name="flapper",
        title="A customer's score flaps around the cut of the best grade",
        month=all_of.month(),
        what="The score crosses 70 from month to month and stays within the hold band: the grade must not flap with it.",
        where="customers.csv: score against grade; held",
        customers=tuple(all_of.world.ids([place])),
        figures={"scores": _path(all_of, place)},
    )


def _contract(all_of: Everything, place: int) -> Fact:
    return Fact(
        name="contract_ending",
        title="A dissatisfied customer's contract ends next month",
        month=all_of.month(),
        what="Orders are steady, answers are poor: only the contract holds this customer.",
        where="tier a pack: customers to watch",
        customers=tuple(all_of.world.ids([place])),
        figures={
            "contract_end": str(all_of.world.customers["contract_end"].to_numpy()[place]),
            "net_12m": float(window_net(all_of.book, all_of.newest)[place]) / 100,
        },
    )


def _merged(all_of: Everything, old: int) -> Fact:
    (new,) = all_of.world.playing("merged_new")
    ids = all_of.world.ids([old, new])
    return Fact(
        name="merged_record",
        title="Two records are one customer",
        month=all_of.month(),
        what=f"Record {ids[0]} was merged into {ids[1]}; orders moved over nine months ago. Nobody was lost or won.",
        where="customers.csv has one row for both; data quality",
        customers=tuple(ids),
        figures={"orders_old": int(all_of.book.orders[old].sum()), "orders_new": int(all_of.book.orders[new].sum())},
    )


def _path(all_of: Everything, place: int) -> list[float]:
    """The rough scores of the newest six months, oldest first."""
    months = range(max(0, all_of.newest - 5), all_of.newest + 1)
    return [round(float(scores(all_of.book, month)[place]), 1) for month in months]
