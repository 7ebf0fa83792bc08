"""Quoted figures: labelled with their source, changed or switched off by a policy, and never filled in where digits are lost."""

from __future__ import annotations

import pytest

from tests.transforms.indicators.test_lost_customers import plain
from transforms.errors import UsageError
from transforms.policy.assumptions import QUOTED, Assumption, Origin, in_force
from transforms.policy.reading import policy_from_json, policy_from_mapping, policy_from_toml
from transforms.policy.rules import canonical_json


def policy(**assumptions):
    return policy_from_mapping(plain(assumptions=assumptions), "test")


def test_lost_digits_have_no_value_of_their_own():
    """To how many people a lost customer speaks, and how many they tell, is cut out of the text (Q15)."""
    assert QUOTED["wom_told"].value is None
    assert QUOTED["wom_told_each"].value is None
    assert not QUOTED["wom_told"].usable
    assert in_force(())["wom_told"] == Assumption("wom_told", None, Origin.LOYALTY)


def test_the_companys_word_wins_and_names_itself_as_the_source():
    found = in_force(policy(benchmark_churn=0.2, wom_told={"value": 9, "source": "own survey 2026"}).assumptions)
    assert found["benchmark_churn"] == Assumption("benchmark_churn", 0.2, Origin.COMPANY)
    assert found["wom_told"] == Assumption("wom_told", 9.0, "own survey 2026")
    assert found["keep_to_win_ratio"] == Assumption("keep_to_win_ratio", 0.2, Origin.SERVICE_MOMENTS)


def test_false_switches_an_assumption_off_and_true_leaves_it_as_quoted():
    found = in_force(policy(keep_to_win_ratio=False, sell_new=True).assumptions)
    assert not found["keep_to_win_ratio"].usable
    assert found["sell_new"] == QUOTED["sell_new"]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"profit_factor": 0.85}, "assumptions.profit_factor: is not known"),
        ({"wom_lost": 25}, "is a share between 0 and 1"),
        ({"wom_told": -3}, "a number from 0 is needed"),
        ({"wom_told": "many"}, "a number from 0 is needed"),
        ({"wom_told": float("nan")}, "a number from 0 is needed"),
        ({"wom_told": {"source": "x"}}, "a value and its source are needed"),
    ],
)
def test_what_cannot_be_is_refused_with_its_key(said, problem):
    with pytest.raises(UsageError, match=problem):
        policy(**said)


def test_assumptions_are_part_of_the_policy_and_survive_the_warehouse():
    text = "\n".join(
        [
            'version = "v"\neffective_from = "2024-01"\nauthor = "x"\nreason = "y"',
            "[assumptions]\nbenchmark_churn = 0.25\nsell_new = false\nwom_told = { value = 9, source = 'own survey' }",
            *(f'[[grades]]\ngrade="{grade}"\ntier="{grade}"\nname_en="x"\nname_zh="x"\ncut={cut}' for grade, cut in (("a", 50), ("b", 0))),
        ]
    )
    read = policy_from_toml(text, "test")
    assert policy_from_json(canonical_json(read)) == read
    assert read.digest != policy().digest
    assert canonical_json(policy()) == canonical_json(policy_from_mapping(plain(), "test"))
