"""Policies are versions: frozen once, in force by month, refused when a used one is edited."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path

import pytest

from flows.policies.frozen import RecordedPolicy, freeze_references, read_written_policies
from tests.places import CHECKOUT
from transforms.errors import UsageError
from transforms.month import Month
from transforms.policy.reading import policy_from_json, policy_from_toml
from transforms.policy.rules import Grade, Policies, Policy, Reference, builtin, canonical_json

GOLD = """
version = "2026-gold"
effective_from = "2026-04"
author = "An Analyst"
reason = "three grades with names of our own"

[[grades]]
grade = "Gold"
tier = "gold"
name_en = "Gold"
name_zh = "金牌"
cut = 75.0

[[grades]]
grade = "Base"
tier = "base"
name_en = "Base"
name_zh = "基础"
cut = 0.0

[weights]
history = 0.2
frequency = 0.3
amount = 0.5
"""
REFERENCE = Reference("2026-06", 40, {"net_12m": (0.0, 1.0)})


def freeze(policy: Policy) -> Policy:
    return policy.freeze(REFERENCE, 0.7)


def test_without_files_the_built_in_policy_applies(tmp_path: Path) -> None:
    assert read_written_policies(tmp_path).versions == (builtin(),)


def test_a_policy_file_is_read_whole_and_survives_the_warehouse(tmp_path: Path) -> None:
    (tmp_path / "gold.toml").write_text(GOLD, encoding="utf-8")
    (policy,) = read_written_policies(tmp_path).versions
    assert policy.tiers == ("gold", "base", "unrated")
    assert policy.tier_name("gold", "zh_CN") == "金牌"
    frozen = freeze(policy)
    assert policy_from_json(canonical_json(frozen)) == frozen


def test_the_policy_of_a_month_is_the_newest_effective_then_and_the_first_before_all() -> None:
    old, new = builtin(), policy_from_toml(GOLD, "gold.toml")
    policies = Policies((new, old))
    assert policies.in_force(Month(2026, 3)) is old
    assert policies.in_force(Month(2026, 4)) is new
    assert Policies((new,)).in_force(Month(2020, 1)) is new


def test_a_version_is_frozen_once_and_keeps_its_reference() -> None:
    written = Policies((builtin(),))
    first, fresh = freeze_references(written, {}, freeze, Month(2026, 6))
    assert first.versions[0].version == "builtin-1@2026-06"
    again, nothing = freeze_references(written, fresh, lambda _: pytest.fail("frozen twice"), Month(2026, 9))
    assert again == first
    assert nothing == {}


def test_an_edited_policy_that_has_been_used_is_refused() -> None:
    used = builtin()
    recorded = {used.version: RecordedPolicy(used.digest, freeze(used))}
    edited = replace(used, warn_days=90)
    with pytest.raises(UsageError, match="has been used and its file has changed since") as caught:
        freeze_references(Policies((edited,)), recorded, freeze, Month(2026, 6))
    assert caught.value.exit_code == 2


def test_the_built_in_policy_has_the_digest_under_which_warehouses_recorded_it() -> None:
    """Both lines stand in warehouses of the first release; a change here makes every one of them refuse its next run."""
    assert builtin().digest == "f4f9bd170df904e0bb7de4a74afdc75db329b7eb20fb3105c06f584453d97bf1"
    assert freeze(builtin()).digest == "2e46284230beb5b49eb3842dfada21cbb505b2c4d792fdb1627d94b31ef8a0f4"


@dataclass(frozen=True)
class Grace:
    """A section that does not exist yet."""

    months: int = 4
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class LaterPolicy(Policy):
    """The policy of a later program, which knows two rules more."""

    grace: Grace = field(default_factory=Grace)
    colour: str = "blue"


def test_a_rule_that_is_added_to_the_program_leaves_recorded_policies_as_they_are() -> None:
    used = freeze(builtin())
    same = LaterPolicy(**{item.name: getattr(used, item.name) for item in fields(used)})
    assert same.digest == used.digest
    assert replace(same, grace=Grace(5)).digest != used.digest
    assert '"grace":{"months":5}' in canonical_json(replace(same, grace=Grace(5)))
    assert replace(same, colour="red").digest != used.digest


@pytest.mark.parametrize("edit", ["another grid", "another month", "taken away"])
def test_a_used_policy_whose_reference_is_edited_is_refused(edit: str) -> None:
    written = replace(builtin(), reference=REFERENCE)
    recorded = {written.version: RecordedPolicy(written.digest, written)}
    assert freeze_references(Policies((written,)), recorded, freeze, Month(2026, 6))[1] == {}
    other = {
        "another grid": replace(REFERENCE, grids={"net_12m": (0.0, 2.0)}),
        "another month": replace(REFERENCE, month="2026-05"),
        "taken away": None,
    }[edit]
    with pytest.raises(UsageError, match="has been used and its file has changed since"):
        freeze_references(Policies((replace(written, reference=other),)), recorded, freeze, Month(2026, 6))


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("cut = 75.0", "cut = -5.0", "do not fall from the best grade to the last"),
        ("amount = 0.5", "amount = 0.6", "the weights add up to 1.1, not to 1"),
        ('tier = "gold"', 'tier = "../gold"', "only a-z, 0-9"),
        ('tier = "gold"', 'tier = "unrated"', "tier ids repeat, or one is called 'unrated'"),
        ('author = "An Analyst"', 'autor = "An Analyst"', "- author: missing\n- autor: unknown key; did you mean 'author'?"),
        ('effective_from = "2026-04"', 'effective_from = "April"', "'April' is not a month"),
        ("cut = 0.0", "cut = 10.0", "the last grade's cut is 10.0; it must be 0"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused_with_its_reason(good: str, bad: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        policy_from_toml(GOLD.replace(good, bad, 1), "gold.toml")
    assert said in str(caught.value)


def test_two_files_with_one_version_are_refused(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(GOLD, encoding="utf-8")
    with pytest.raises(UsageError, match="version 2026-gold stands in more than one file"):
        read_written_policies(tmp_path)


def test_every_key_of_a_policy_stands_in_the_manual() -> None:
    """Keys of sections as well; a rule that nobody can find cannot be set."""
    page = (CHECKOUT / "docs" / "configuration.md").read_text(encoding="utf-8").partition("## Policy files")[2]
    words = set(re.findall(r"[a-z_]+", page))
    policy = builtin()
    names = {item.name for kind in (Policy, Grade, Reference) for item in fields(kind)}
    sections = [value for item in fields(policy) if is_dataclass(value := getattr(policy, item.name)) and item.name != "effective_from"]
    names |= {item.name for section in sections for item in fields(section)}  # type: ignore[arg-type]
    assert sorted(names - words) == []
