from __future__ import annotations

import time

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations.findings import Finding, Severity
from flows.review.scoring import RunHistory
from flows.warehouse import schema
from flows.warehouse.store import Warehouse
from tests.flows.warehouse.builders import KNOWN_AT, MAY, customers, keep, review, snapshot
from transforms.errors import UsageError
from transforms.month import Month
from transforms.policy.rules import builtin


def test_customers_come_back_as_they_were_kept_in_value_order_and_type(warehouse: Warehouse):
    kept = customers(50)
    keep(warehouse, review(frame=kept))
    found = warehouse.history(MAY + 1).customers
    pd.testing.assert_frame_equal(found, kept, check_exact=True)


def test_a_column_that_the_method_adds_needs_no_migration(warehouse: Warehouse):
    kept = customers(3).assign(p_alive=[0.1 + 0.2, None, 1e-300], ladder=pd.Series(["fan", None, "buyer"], dtype="str"))
    keep(warehouse, review(frame=kept))
    pd.testing.assert_frame_equal(warehouse.history(MAY + 1).customers, kept, check_exact=True)


def test_a_known_column_of_another_type_comes_back_with_that_type(warehouse: Warehouse):
    kept = customers(3).assign(net_12m=[1.5, 2.5, None], grade=pd.Series([1, 2, 3], dtype="Int64"))
    keep(warehouse, review(frame=kept))
    pd.testing.assert_frame_equal(warehouse.history(MAY + 1).customers, kept, check_exact=True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(alphabet=st.characters(exclude_categories=()), max_size=20))
def test_any_text_can_be_kept_and_only_what_no_database_takes_is_replaced(warehouse: Warehouse, name: str):
    kept = customers(1).assign(name=pd.Series([name], dtype="object"), note=pd.Series([name], dtype="object"))
    keep(warehouse, review(frame=kept))
    found = warehouse.history(MAY + 1).customers
    expected = "".join("\ufffd" if letter == "\x00" or "\ud800" <= letter <= "\udfff" else letter for letter in name)
    assert found["note"].tolist() == [expected]
    assert found["name"].tolist() == [expected]


def test_figures_carry_month_revision_known_at_policy_and_run(warehouse: Warehouse):
    run = warehouse.begin_run("review", MAY)
    keep(warehouse, review(), run, revision=2)
    with warehouse.reading() as connection:
        row = connection.execute(sa.select(schema.figures).where(schema.figures.c.indicator == "nps")).one()
    assert (row.month, row.revision, row.known_at, row.policy_version, row.run_id) == ("2026-05", 2, KNOWN_AT, "builtin-1", run.run_id)
    assert (row.value, row.reason, row.n, row.scope, row.scope_value) == (None, "too_few", 4, "tier", "a")


def test_history_gives_last_months_customers_and_every_months_newest_figures(warehouse: Warehouse):
    run = warehouse.begin_run("review", MAY)
    for month, shift in ((MAY - 2, 0.0), (MAY - 1, 0.0), (MAY - 1, 5.0)):
        keep(warehouse, review(month, 3, shift=shift), run, revision=None)
    keep(warehouse, review(MAY, 9), run)
    found = warehouse.history(MAY)
    assert len(found.customers) == 3
    base = found.figures[found.figures["indicator"] == "customers_base"]
    assert base[["month", "value"]].to_numpy().tolist() == [["2026-03", 3.0], ["2026-04", 8.0]]
    assert found.figures["n"].dtype == "Int64"


def test_history_reaches_back_as_far_as_asked_and_no_farther(warehouse: Warehouse):
    run = warehouse.begin_run("replay", MAY)
    for back in range(1, 5):
        keep(warehouse, review(MAY - back), run, revision=None)
    assert sorted(set(warehouse.history(MAY, months=2).figures["month"])) == ["2026-03", "2026-04"]


def test_history_gives_the_customers_of_twelve_months_before_and_of_no_other_month(warehouse: Warehouse):
    run = warehouse.begin_run("replay", MAY)
    keep(warehouse, review(MAY - 13, 2), run, revision=None)
    keep(warehouse, review(MAY - 12, 5), run, revision=None)
    found = warehouse.history(MAY).year_ago
    assert len(found) == 5 and {"customer_id", "grade", "score", "behavioural_loyalty"} <= set(found.columns)
    assert "name" not in found and "watch" not in found
    pd.testing.assert_frame_equal(warehouse.year_ago(MAY), found)
    assert warehouse.history(MAY - 2).year_ago.empty


def test_a_replay_remembers_what_it_said_twelve_months_before(warehouse: Warehouse):
    """Its own reviews first; what it did not review itself the warehouse tells."""
    keep(warehouse, review(MAY - 12, 5), warehouse.begin_run("replay", MAY), revision=None)
    remembered = RunHistory(warehouse.history, warehouse.year_ago)
    for back in range(11, -1, -1):
        assert len(remembered.before(MAY - back).year_ago) == (0 if back else 5)
        remembered.add(review(MAY - back, 2 + back))
    assert len(remembered.before(MAY + 1).year_ago) == 13


def test_the_first_month_has_an_empty_history_with_columns(warehouse: Warehouse):
    found = warehouse.history(MAY)
    assert found.customers.empty and {"customer_id", "grade", "tier"} <= set(found.customers.columns)
    assert found.figures.empty and {"month", "indicator", "value"} <= set(found.figures.columns)


def test_a_review_that_cannot_be_kept_whole_is_not_kept_at_all(warehouse: Warehouse):
    twice = pd.concat([customers(2), customers(1)], ignore_index=True)
    with pytest.raises(sa.exc.DBAPIError):
        keep(warehouse, review(frame=twice))
    assert warehouse.latest_review(MAY) is None
    with warehouse.reading() as connection:
        for table in (schema.reviews, schema.figures, schema.customers, schema.snapshots):
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0


@pytest.mark.parametrize("table", ["figures", "reviews", "transitions", "policies", "run_ends"])
@pytest.mark.parametrize("change", ["update {table} set {column} = {column}", "delete from {table}"])
def test_the_database_refuses_to_change_or_delete_what_a_reader_may_have_seen(warehouse: Warehouse, table: str, change: str):
    run = warehouse.begin_run("review", MAY)
    keep(warehouse, review(), run)
    warehouse.end_run(run, "published", 0, seconds=1.0)
    column = next(iter(schema.metadata.tables[table].c)).name
    with pytest.raises(sa.exc.DBAPIError, match=r"never changed or deleted"), warehouse.writing() as connection:
        connection.execute(sa.text(change.format(table=table, column=column)))


def test_a_policy_version_with_other_rules_is_refused_and_nothing_is_kept(warehouse: Warehouse):
    from dataclasses import replace

    keep(warehouse, review())
    with pytest.raises(UsageError, match=r"builtin-1 has been used with other rules"):
        keep(warehouse, review(policy=replace(builtin(), unrated_months=5)), revision=1)
    kept = warehouse.latest_review(MAY)
    assert kept is not None and kept.revision == 0


def test_recorded_policies_come_back_by_the_version_that_their_file_had(warehouse: Warehouse):
    from transforms.policy.rules import Reference

    frozen = builtin().freeze(Reference("2026-05", 3, {"net": (0.1, 1.0)}), 0.7)
    warehouse.record_policy(frozen, warehouse.begin_run("review", MAY), builtin())
    used = warehouse.recorded_policies()["builtin-1"]
    assert (used.policy, used.written_digest) == (frozen, builtin().digest)
    assert warehouse.policy("builtin-1@2026-05") == frozen
    assert warehouse.policy("builtin-2") is None


def test_latest_input_is_of_the_review_kept_last(warehouse: Warehouse):
    assert warehouse.latest_input(MAY) is None
    keep(warehouse, review(), digest="1" * 64)
    keep(warehouse, review(), digest="2" * 64)
    assert warehouse.latest_input(MAY) == "2" * 64


def test_kept_snapshots_are_those_of_each_months_newest_review(warehouse: Warehouse):
    run = warehouse.begin_run("review", MAY)
    for digest in ("a" * 64, "b" * 64):
        warehouse.keep(review(), run=run, revision=0, known_at=KNOWN_AT, input_digest="x", snapshots=[snapshot(digest=digest)])
    assert [(row["table"], row["month"], row["digest"], row["money"]) for row in warehouse.kept_snapshots()] == [
        ("orders", "2026-05", "b" * 64, 1_234_500)
    ]


def test_a_gate_is_recorded_with_its_findings_and_books_also_where_they_do_not_add_up(warehouse: Warehouse):
    run = warehouse.begin_run("review", MAY)
    books = pd.DataFrame(
        {
            "table": ["orders"],
            "month": ["2026-05"],
            "read": [10],
            "accepted": [7],
            "quarantined": [1],
            "duplicates": [1],
            "note": ["one row is missing"],
        }
    )
    broken = Finding("orders", "orders.conservation", Severity.CRITICAL, "one row is unaccounted for", "2026-05", 1, 10, ("row 4",))
    warehouse.record_gate(run, "data", [broken], books)
    (gate,) = warehouse.status()["gates"]
    assert (gate["outcome"], gate["critical"], gate["run_id"]) == ("held", 1, run.run_id)
    assert gate["findings"][0]["examples"] == ["row 4"]
    with warehouse.reading() as connection:
        assert connection.execute(sa.select(schema.quality.c.read, schema.quality.c.more)).one() == (10, {"note": "one row is missing"})


def test_a_run_without_an_end_is_told_as_unfinished_and_the_first_end_stays(warehouse: Warehouse):
    run = warehouse.begin_run("review", MAY)
    assert warehouse.status()["runs"][0]["outcome"] == "unfinished"
    warehouse.end_run(run, "published", 0, seconds=2.5)
    warehouse.end_run(run, "failed", 1, seconds=9.0)
    (told,) = warehouse.status()["runs"]
    assert (told["outcome"], told["exit_code"], told["seconds"]) == ("published", 0, 2.5)


def test_two_years_of_600_customers_are_kept_in_under_three_seconds(warehouse: Warehouse):
    run = warehouse.begin_run("replay", MAY)
    kept = [review(MAY - back, 600, indicators=200) for back in range(24)]
    begun, worked = time.perf_counter(), time.process_time()
    for month in kept:
        keep(warehouse, month, run, revision=None)
    # Measured in our own working time: other work on the machine must not fail the test.
    taken = time.process_time() - worked
    print(f"24 x 600 customers: {time.perf_counter() - begun:.2f} s, of which our own work {taken:.2f} s")
    assert taken < 3.0


def test_100000_customers_are_kept_and_read_again_in_seconds(warehouse: Warehouse):
    kept = review(MAY, 100_000)
    begun = time.process_time()
    keep(warehouse, kept)
    middle = time.process_time()
    found = warehouse.history(Month(2026, 6)).customers
    ended = time.process_time()
    print(f"100,000 customers: kept in {middle - begun:.1f} s, read in {ended - middle:.1f} s")
    pd.testing.assert_frame_equal(found, kept.customers, check_exact=True)
    assert middle - begun < 8 and ended - middle < 8
