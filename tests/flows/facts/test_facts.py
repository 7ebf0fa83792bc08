"""The cache of facts: computed once, found by digest, indifferent to how it was filled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import flows.facts.rows
from flows.facts.cache import FactStore
from flows.facts.files import FactFiles
from flows.snapshots.store import write_snapshot
from tests.transforms.builders import ZONE, Company, answers, canonical, of_month, orders, refunds
from transforms.errors import Exit, MachineError
from transforms.month import Month, months
from transforms.policy.rules import builtin
from transforms.review import freeze_reference, no_history, review_month

FIRST, LAST = Month(2023, 1), Month(2024, 6)
NOBODY = canonical("customers", [])


def company():
    random = np.random.default_rng(11)
    days = (np.datetime64("2023-01-01") + random.integers(0, 546, 400)).astype(str)
    people = [None if number % 19 == 0 else f"c{number % 23:02}" for number in range(400)]
    sold = orders(*((people[number], days[number], int(worth)) for number, worth in enumerate(random.integers(0, 500, 400))))
    back = refunds(*((people[number], days[-number], 3) for number in range(1, 60)))
    said = answers(*((people[number], days[number], "nps" if number % 2 else "csat", number % 5 + 1) for number in range(1, 200)))
    desk = canonical(
        "tickets",
        [
            {
                "ticket_id": f"t{number:03}",
                "customer_id": people[number],
                "opened_at": days[number],
                "first_response_at": f"{days[number]} 05:00" if number % 3 else None,
                "resolved_at": str(np.datetime64(days[number]) + number) if number % 4 else None,
                "type": "complaint" if number % 2 else "enquiry",
            }
            for number in range(1, 80)
        ],
    )
    return Company(sold, back=back, surveys=said, tickets=desk, first=FIRST)


TIMES = {"orders": "ordered_at", "refunds": "refunded_at", "surveys": "answered_at", "tickets": "opened_at"}


def chain_of(rows, folder):
    """Snapshots of every month: tickets by the month they were opened in."""
    frames = {"orders": rows.sold, "refunds": rows.back, "surveys": rows.surveys, "tickets": rows.tickets}
    return {
        month: {table: write_snapshot(of_month(frame, TIMES[table], month), table, str(month), folder) for table, frame in frames.items()}
        for month in months(FIRST, LAST)
    }


def read(store, month, chain):
    supplied = frozenset(TIMES)
    known = {earlier: snapshots for earlier, snapshots in chain.items() if earlier <= month}
    return store.inputs(month, known, customers=NOBODY, supplied=supplied, currency="CNY", rules=Company.rules)


def same(one, other):
    for name in ("window", "unattributed", "tickets", "surveys", "survey_window", "ticket_window", "cohorts", "followed"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_dtype=True)
    assert (one.year_ago is None) == (other.year_ago is None)
    if one.year_ago is not None and other.year_ago is not None:
        pd.testing.assert_frame_equal(one.year_ago, other.year_ago)


@pytest.fixture(scope="module")
def rows():
    return company()


@pytest.fixture(scope="module")
def chain(rows, tmp_path_factory):
    return chain_of(rows, tmp_path_factory.mktemp("snapshots"))


def test_inputs_from_snapshots_are_those_of_all_rows(rows, chain, tmp_path):
    """Through Parquet, caches and carried states, or straight from the rows: the same inputs and the same review."""
    found, plain = read(FactStore(tmp_path, ZONE), LAST, chain), rows.inputs(LAST)
    same(found, plain)
    policy = freeze_reference(plain, builtin())
    one, other = review_month(found, no_history(), policy), review_month(plain, no_history(), policy)
    pd.testing.assert_frame_equal(one.customers, other.customers)
    pd.testing.assert_frame_equal(one.figures, other.figures)


def test_month_after_month_or_at_once_with_or_without_a_cache_is_the_same(chain, tmp_path):
    steps = FactStore(tmp_path / "a", ZONE)
    for month in months(FIRST, LAST):
        walked = read(steps, month, chain)
    same(walked, read(FactStore(tmp_path / "b", ZONE), LAST, chain))
    same(walked, read(FactStore(tmp_path / "a", ZONE), LAST, chain))


def test_a_new_month_reads_its_own_snapshots_and_no_older_orders(chain, tmp_path, monkeypatch):
    read(FactStore(tmp_path, ZONE), LAST - 1, chain)
    touched = []
    honest = flows.facts.rows.read_snapshot

    def watched(snapshot, *columns):
        touched.append((snapshot.table, snapshot.month))
        return honest(snapshot, *columns)

    monkeypatch.setattr(flows.facts.rows, "read_snapshot", watched)
    read(FactStore(tmp_path, ZONE), LAST, chain)
    assert {month for table, month in touched if table in ("orders", "refunds", "surveys")} == {str(LAST)}
    assert {month for table, month in touched if table == "tickets"} == {str(LAST - 1), str(LAST)}  # which of the last month's stayed open
    touched.clear()
    read(FactStore(tmp_path, ZONE), LAST, chain)
    assert {table for table, _ in touched} == {"tickets", "surveys"}


def test_a_changed_snapshot_changes_what_follows_it_and_nothing_before(rows, chain, tmp_path):
    store = FactStore(tmp_path, ZONE)
    before = {month: read(store, month, chain) for month in (Month(2023, 6), LAST)}
    late = Month(2023, 9)
    one_more = orders(("c01", "2023-09-09", 77)).assign(order_id="late")
    more = pd.concat([of_month(rows.sold, "ordered_at", late), one_more], ignore_index=True)
    changed = {**chain, late: {**chain[late], "orders": write_snapshot(more, "orders", str(late), tmp_path)}}
    same(read(store, Month(2023, 6), changed), before[Month(2023, 6)])
    after = read(store, LAST, changed)
    difference = after.window.set_index("customer_id")["total_gross"] - before[LAST].window.set_index("customer_id")["total_gross"]
    assert difference[difference != 0].to_dict() == {"c01": 770_000}


def test_an_unreadable_file_is_computed_anew(chain, tmp_path):
    good = read(FactStore(tmp_path, ZONE), LAST, chain)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} == {
        "orders",
        "tickets",
        "surveys",
        "window",
        "waiting",
        "filled",
        "cohorts",
        "followed",
        "causes",
        "days",
        "torn",
    }
    for number, path in enumerate(sorted(files)):
        path.write_bytes(path.read_bytes()[: -20 if number % 2 else 3])
    same(read(FactStore(tmp_path, ZONE), LAST, chain), good)


def test_another_time_zone_finds_nothing_of_this_one(chain, tmp_path):
    keys = {store._key(LAST, chain[LAST], "orders") for store in (FactStore(tmp_path, ZONE), FactStore(tmp_path, "UTC"))}
    assert len(keys) == 2


def test_a_chain_with_a_gap_or_without_the_month_is_refused(chain, tmp_path):
    store = FactStore(tmp_path, ZONE)
    torn = {month: snapshots for month, snapshots in chain.items() if month != Month(2023, 5)}
    for broken, month in ((torn, LAST), (chain, LAST + 1)):
        with pytest.raises(ValueError, match="does not run without a gap"):
            store.inputs(month, broken, customers=NOBODY, supplied=frozenset(), currency="CNY")


def test_tickets_resolved_in_a_later_snapshot_are_known_from_then_on(tmp_path):
    """As the pull lays them: a ticket stands in every month in which something happened to it, as of that month's end."""
    opened = canonical("tickets", [{"ticket_id": "t", "customer_id": "a", "opened_at": "2024-01-10"}])
    solved = canonical("tickets", [{"ticket_id": "t", "customer_id": "a", "opened_at": "2024-01-10", "resolved_at": "2024-03-05"}])
    kept = {
        ("orders", "2024-01"): orders(("a", "2024-01-05", 1)),
        ("tickets", "2024-01"): opened,
        ("tickets", "2024-03"): solved,
    }
    chain = {month: {} for month in months(Month(2024, 1), Month(2024, 4))}
    for (table, month), frame in kept.items():
        chain[Month.parse(month)][table] = write_snapshot(frame, table, month, tmp_path)
    store = FactStore(tmp_path / "facts", ZONE)
    resolved = {}
    for month in chain:
        known = {earlier: snapshots for earlier, snapshots in chain.items() if earlier <= month}
        found = store.inputs(month, known, customers=NOBODY, supplied=frozenset(TIMES), currency="CNY")
        resolved[str(month)] = found.tickets["resolved_at"].notna().tolist()
        assert found.ticket_window["tickets"].tolist() == [1]
    assert resolved == {"2024-01": [False], "2024-02": [False], "2024-03": [True], "2024-04": []}


def test_types_survive_the_cache(tmp_path):
    files = FactFiles(tmp_path)
    frame = canonical(
        "tickets", [{"ticket_id": "t", "customer_id": None, "opened_at": "2024-01-10", "sla_met": True, "reopened_count": None}]
    )
    files.keep_frame("x", "key", frame)
    pd.testing.assert_frame_equal(FactFiles(tmp_path).frame("x", "key"), frame)


def test_a_folder_that_cannot_be_written_is_the_machines_trouble(tmp_path, chain):
    (tmp_path / "facts").write_text("a file where a folder should be")
    with pytest.raises(MachineError, match="could not be written") as caught:
        read(FactStore(tmp_path / "facts", ZONE), FIRST, chain)
    assert caught.value.exit_code is Exit.MACHINE
    assert str(caught.value).count("\n") < 10


def test_gaps_are_small_numbers(chain, tmp_path):
    window = FactStore(tmp_path, ZONE).window(LAST, chain)
    assert window.gaps.dtype == np.uint16
    assert window.state["gap_count"].sum() == len(window.gaps)


def test_models_look_back_at_what_was_known_then(rows, chain, tmp_path):
    """Of 18 months the state of 12 months ago is there, those of 24 and 36 are not; without models only that of a year ago is."""
    store = FactStore(tmp_path, ZONE)
    known = {month: snapshots for month, snapshots in chain.items() if month <= LAST}
    asked = store.inputs(LAST, known, customers=NOBODY, supplied=frozenset(TIMES), currency="CNY", models=True)
    assert asked.models and list(asked.earlier) == [12]
    then = read(store, LAST - 12, chain).window
    columns = list(asked.earlier[12].columns)
    pd.testing.assert_frame_equal(asked.earlier[12], then[columns], check_dtype=False)
    assert not read(store, LAST, chain).models
    plain = replace(rows, models=True).inputs(LAST)
    pd.testing.assert_frame_equal(asked.monthly, plain.monthly)
    assert asked.monthly["net"].sum() == asked.window["gross_12m"].sum() + asked.window["prior_gross"].sum() - (
        asked.window["refunds_12m"].sum() + asked.window["prior_refunds"].sum()
    )
    pd.testing.assert_series_equal(asked.window["basket_slope"], plain.window["basket_slope"])
    assert asked.window["basket_slope"].notna().any() and asked.window["season_start"].isna().all()  # 18 months show no season


def test_new_products_are_those_launched_in_the_reviews_own_twelve_months(tmp_path):
    """S214 with 13 and 17 months of history: the lamp is new where March 2023 is, whenever it was sold; the pot is only sold later."""
    sold = [("2023-01-05", "kettle", 100), ("2023-03-05", "lamp", 10), ("2023-04-05", "lamp", 20), ("2024-02-05", "lamp", 40)]
    sold += [("2023-06-05", "kettle", 60), ("2024-02-07", "pot", 30), ("2024-06-05", "kettle", 5)]
    rows = [
        {"order_id": f"o{number}", "line_id": "1", "customer_id": "c", "ordered_at": day, "sku": sku, "quantity": 1, "unit_price": worth}
        for number, (day, sku, worth) in enumerate(sold)
    ]
    lines = canonical("order_lines", rows)
    lines = lines.assign(line_amount=lines["unit_price"])
    bought = orders(*(("c", day, worth) for day, _, worth in sold))

    def written(table, frame, month):
        return write_snapshot(of_month(frame, "ordered_at", month), table, str(month), tmp_path / "rows")

    chain = {
        month: {"orders": written("orders", bought, month), "order_lines": written("order_lines", lines, month)}
        for month in months(FIRST, LAST)
    }
    store = FactStore(tmp_path / "facts", ZONE)

    def new_and_all(month):
        known = {earlier: snapshots for earlier, snapshots in chain.items() if earlier <= month}
        given = {"supplied": frozenset({"orders", "order_lines"}), "currency": "CNY", "rules": Company.rules}
        found = store.inputs(month, known, customers=NOBODY, **given).lines_12m
        pd.testing.assert_frame_equal(found, Company(bought, lines=lines, first=FIRST).inputs(month).lines_12m)
        return [int(found[name].sum()) / 10_000 for name in ("new_amount", "amount")]

    assert new_and_all(Month(2024, 2)) == [
        10 + 20 + 40 + 30,
        10 + 20 + 60 + 40 + 30,
    ]
    assert new_and_all(LAST) == [30, 40 + 30 + 5]
    no_lines_before = {month: {"orders": one["orders"]} if month < Month(2023, 3) else one for month, one in chain.items()}
    short = store.inputs(
        Month(2024, 2),
        {month: one for month, one in no_lines_before.items() if month <= Month(2024, 2)},
        customers=NOBODY,
        supplied=frozenset({"orders", "order_lines"}),
        currency="CNY",
        rules=Company.rules,
    )
    assert "new_amount" not in short.lines_12m, "lines from March 2023 on tell no launch in the twelve months that begin with it"
