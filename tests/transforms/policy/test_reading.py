"""Policies from plain values: the same digest as ever, every problem at once, and what is written reads back."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.errors import PolicyError
from transforms.policy.assumptions import Assumption
from transforms.policy.declared_segments import DeclaredSegment
from transforms.policy.reading import policy_from_json, policy_from_mapping, policy_problems
from transforms.policy.rules import Classes, Economics, Hold, Policy, Reference, Weights, builtin, canonical_json
from transforms.policy.text import policy_to_toml


def plain(**changes: object) -> dict[str, object]:
    """The built-in policy as plain values; `changes` replace its keys."""
    return {**json.loads(canonical_json(builtin())), **changes}


RICH = replace(
    builtin(),
    version="rich",
    author='A "quoted" name, 王\n\t\x7f\\',
    weights=Weights(0.25, 0.25, 0.5),
    hold=Hold(1.5, 2, 6),
    economics=Economics(discount_rate=0, horizon_years=7),
    classes=Classes(core_share=1, abc_including=True, card_fields=("name", "role")),
    segments=(DeclaredSegment("south", "South", "南方", {"region": ("s", "n"), "role": ("dealer",)}),),
    assumptions=(Assumption("wom_told", 9.0, "own survey"), Assumption("wom_lost", None, "company", on=False)),
    borderline=1,
    review_due="2027-01-31",
)


def test_a_whole_number_stays_one_so_that_a_file_keeps_its_digest() -> None:
    """`cut = 70` and `cut = 70.0` are two digests, as they have always been; neither turns into the other."""
    whole = plain(borderline=3, lost_days=400)
    whole["grades"][0]["cut"] = 71  # type: ignore[index]
    read = policy_from_mapping(whole, "test")
    assert '"borderline":3,' in canonical_json(read) and '"cut":71,' in canonical_json(read)
    assert read.digest == "7f3e4f52a4c28f8ef103b1ff134f2eb172a649ab3ff09fac44145a5c31025345"
    assert read.digest != policy_from_mapping({**whole, "borderline": 3.0}, "test").digest


@pytest.mark.parametrize("policy", [builtin(), RICH], ids=lambda one: one.version)
def test_the_warehouse_and_a_file_give_back_the_same_policy_with_the_same_digest(policy: Policy) -> None:
    assert policy_from_json(canonical_json(policy)).digest == policy.digest
    assert policy_from_mapping(tomllib.loads(policy_to_toml(policy)), "file").digest == policy.digest
    frozen = policy.freeze(Reference("2026-06", 40, {"net_12m": (0.0, 0.1, 1e-7, 12345678.9)}), 0.7)
    assert policy_from_json(canonical_json(frozen)) == frozen


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NUMBERS = st.one_of(st.floats(0, 1e9), st.integers(0, 10**6))


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS, NUMBERS, NUMBERS, st.lists(TEXTS, max_size=3), st.lists(TEXTS, min_size=1, max_size=3))
def test_whatever_stands_in_a_policy_is_read_back_from_its_file(
    author: str, effort: str, days: float, answers: float, fields: list[str], regions: list[str]
) -> None:
    policy = replace(
        builtin(),
        author=author,
        effort=effort,
        borderline=days,
        satisfaction=replace(builtin().satisfaction, prior_answers=answers),
        classes=Classes(card_fields=tuple(fields)),
        segments=(DeclaredSegment("x", author, effort, {"region": tuple(regions)}),),
    )
    read = policy_from_mapping(tomllib.loads(policy_to_toml(policy)), "file")
    assert read == policy and read.digest == policy.digest


def test_every_problem_is_told_at_once_with_its_key() -> None:
    raw = plain(
        effective_from="April",
        weights={"amont": 1.0},
        hold={"band": -1},
        colour={},
        loyalty=3,
        borderline=True,
        lost_days=30.5,
        lost_intervals=float("nan"),
        owner=["x"],
        classes={"abc_a": 0.99},
        assumptions={"wom_lost": 25, "profit": 1},
        segments=[{"segment": "x", "where": {"colour": "red"}}, {"where": {}}, 4, {"segment": "y", "where": 3}],
    )
    raw["grades"][1]["cut"] = "thirty"  # type: ignore[index]
    del raw["author"]
    told = dict(policy_problems(raw))
    assert told.keys() == {
        *("effective_from", "weights.amont", "hold", "colour", "loyalty", "borderline", "lost_days", "lost_intervals", "owner", "classes"),
        *("assumptions.wom_lost", "assumptions.profit", "segments[1]", "segments[2].segment", "segments[2].name_en", "segments[2].name_zh"),
        *("segments[3]", "segments[4].where", "grades[2].cut", "author"),
    }
    assert told["weights.amont"] == "unknown key; did you mean 'amount'?"
    assert told["loyalty"] == "is no table; write [loyalty]"
    assert (told["borderline"], told["lost_days"]) == ("True is not a number", "30.5 is not a whole number")
    assert (told["lost_intervals"], told["segments[4].where"]) == ("nan is not a number", "3 is not a table")
    assert told["hold"].startswith("a band must be >= 0"), "a contradiction is told although values elsewhere are wrong"
    with pytest.raises(PolicyError, match=r"(?s)policy a\.toml: 20 problems\n- .*\n- and 12 more") as caught:
        policy_from_mapping(raw, "a.toml")
    assert len(str(caught.value).splitlines()) == 10 and len(caught.value.problems) == 20


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("grades", {"a": 1}, "is no list of tables; write [[grades]] for each"),
        ("assumptions", "none", "a table of key = number, false, or { value, source } is needed"),
        ("assumptions", [{"value": 3}], "a table of key = number, false, or { value, source } is needed"),
        ("review_due", "soon", "'soon' is no day; write YYYY-MM-DD"),
        ("reference", "frozen", "is no table; write [reference]"),
    ],
)
def test_a_value_of_another_shape_is_told_in_words(key: str, value: object, said: str) -> None:
    assert policy_problems(plain(**{key: value})) == [(key, said)]


def test_a_policy_that_is_put_together_in_code_checks_itself_too() -> None:
    with pytest.raises(PolicyError, match=r"policy builtin-1: weights: the weights add up to 1\.1, not to 1"):
        replace(builtin(), weights=Weights(0.3, 0.3, 0.5))
