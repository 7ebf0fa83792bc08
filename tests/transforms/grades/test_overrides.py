"""Manual grades: applied beside the rule's grade, refused without author, reason or end, and gone when they end."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from expectations.overrides import check_overrides
from tests.transforms.builders import canonical, inputs_of, orders
from transforms.freezing import freeze_reference
from transforms.grades.overrides import overrides_of
from transforms.inputs import History
from transforms.month import Month
from transforms.policy.rules import builtin
from transforms.scoring import no_history, score_customers

MARCH = Month(2024, 3)
GOOD = {"register": "override", "entry_id": "1", "customer_id": "a", "field_value": "A", "author": "Li Na", "reason": "pilot partner"}
GOOD |= {"opened_on": "2024-01-10", "due_on": "2024-06-30"}


def register(*entries: dict[str, str]) -> pd.DataFrame:
    return canonical("registers", [GOOD | {"entry_id": str(number)} | entry for number, entry in enumerate(entries, start=1)])


def test_a_manual_grade_stands_beside_the_rule_s_and_the_rules_go_on_underneath() -> None:
    inputs = replace(inputs_of(MARCH, orders(("a", "2023-01-01", 1), ("b", "2023-01-01", 900))), registers=register({}))
    policy = freeze_reference(inputs, builtin())
    rows = score_customers(inputs, no_history(), policy)
    a = rows.iloc[0]
    assert (a["grade"], a["tier"], a["rule_grade"], a["override_grade"]) == ("A", "a", "B", "A")
    assert (a["override_author"], a["override_reason"], str(a["override_until"].date())) == ("Li Na", "pilot partner", "2024-06-30")
    assert rows["override_grade"].isna().tolist() == [False, True]
    plain = score_customers(replace(inputs, registers=register()), no_history(), policy)
    assert plain["rule_grade"].equals(rows["rule_grade"])
    after = score_customers(replace(inputs, registers=register()), History(rows, no_history().figures), policy)
    assert (after["grade"].iloc[0], after["previous_grade"].iloc[0]) == ("B", "A")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"author": None}, "it has no author"),
        ({"reason": "  "}, "it has no reason"),
        ({"due_on": None}, "it has no last day (due_on)"),
        ({"customer_id": None}, "it has no customer_id"),
        ({"field_value": "Platinum"}, "its grade is none of A, B, C"),
    ],
)
def test_an_entry_is_refused_with_its_reason(wrong: dict[str, str], said: str) -> None:
    found = overrides_of(register(wrong), MARCH, builtin())
    assert (len(found.standing), found.refused["why"].tolist()) == (0, [said])
    (finding,) = check_overrides(found, pd.Series(["a"]), MARCH)
    assert finding.rule == "registers.override.refused"
    assert said in finding.message


def test_two_entries_in_force_for_one_customer_are_both_refused_and_counted() -> None:
    found = overrides_of(register({}, {"field_value": "B"}, {"customer_id": "b"}), MARCH, builtin())
    assert (found.standing["customer_id"].tolist(), len(found.refused), found.twice) == (["b"], 2, 1)


@pytest.mark.parametrize(
    ("entry", "standing", "ended"),
    [
        ({"due_on": "2024-03-31"}, 1, 0),  # in force to the month's last day
        ({"due_on": "2024-03-30"}, 0, 1),
        ({"due_on": "2024-02-29"}, 0, 0),  # ended earlier: no longer told
        ({"closed_on": "2024-03-15"}, 0, 1),
    ],
)
def test_an_entry_that_has_ended_falls_away_with_a_note_in_its_last_month(entry: dict[str, str], standing: int, ended: int) -> None:
    found = overrides_of(register(entry), MARCH, builtin())
    assert (len(found.standing), len(found.ended)) == (standing, ended)
    assert [finding.rule for finding in check_overrides(found, pd.Series(["a"]), MARCH)] == ["registers.override.ended"] * ended
