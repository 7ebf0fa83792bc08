"""The table of plays: what ships, what a policy file changes, and what it may not say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from transforms.errors import PolicyError
from transforms.policy.acting import Acting, Occasion, builtin_plays
from transforms.policy.reading import policy_from_json, policy_from_toml
from transforms.policy.rules import Policy, builtin, canonical_json
from transforms.policy.text import policy_to_toml
from transforms.standards import _rules


def policy(more: str) -> Policy:
    return policy_from_toml(f"{policy_to_toml(builtin())}\n{more}", "plays.toml")


def test_every_reason_has_a_shipped_play():
    assert set(builtin_plays()) == set(Occasion)
    assert {play.team for play in builtin_plays().values()} == {"sales", "service"}
    assert all(play.name.keys() == {"en", "zh_CN"} for play in builtin_plays().values())
    assert len({play.play for play in builtin_plays().values()}) == len(Occasion)


def test_a_policy_changes_a_key_and_keeps_the_rest_of_the_play():
    own = policy('[acting.plays.silent]\ndays = 3\nname.en = "Ring up"').acting.play("silent")
    shipped = builtin_plays()["silent"]
    assert own == replace(shipped, days=3, name={**shipped.name, "en": "Ring up"})


def test_a_policy_without_plays_keeps_its_digest_and_one_with_them_has_another():
    assert "acting" not in canonical_json(builtin())
    changed = policy("[acting.plays.silent]\ndays = 3")
    assert changed.digest != builtin().digest
    assert policy_from_json(canonical_json(changed)) == changed
    assert policy_from_toml(policy_to_toml(changed), "again").digest == changed.digest


def test_other_plays_are_no_other_standard():
    assert _rules(policy("[acting]\nper_owner = 3")) == _rules(builtin())


def test_a_team_of_ones_own_answers_for_a_play():
    own = policy('[acting.teams.key]\nen = "Key accounts"\n[acting.plays.lost]\nowner = "team"\nteam = "key"').acting
    assert own.team_name(own.play("lost").team, "zh_CN") == "Key accounts"


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("[acting]\nper_ownr = 5", "unknown key; did you mean 'per_owner'?"),
        ("[acting]\nper_owner = 0", "per_owner is at least 1"),
        ("[acting.plays.silnt]\ndays = 3", "silnt: no such reason; possible are lost"),
        ('[acting.plays.silent]\ndays = "x"', "'x' is not a whole number"),
        ("[acting.plays.silent]\ndays = -1", "days and weight are not negative"),
        ("[acting.plays.silent]\ndais = 4", "unknown key"),
        ('[acting.plays.silent]\nteam = "nobody"', "team one of sales, service"),
        ('[acting.plays.silent]\nowner = "boss"', "it says 'boss' and 'sales'"),
        ('[acting.plays.silent]\nname.en = ""', "a name in en"),
        ('[acting.teams.key]\nzh_CN = "x"', "no name in en"),
        ("[acting]\nrefund_share = 0.0", "refund_share is above 0"),
        ("[acting]\nunhappy_below = 101.0", "are 0-100"),
    ],
)
def test_what_cannot_be_is_named(said: str, complaint: str) -> None:
    with pytest.raises(PolicyError, match=complaint):
        policy(said)


def test_the_defaults_are_those_of_the_documentation():
    assert Acting() == Acting(10, 0.0, 60, 50.0, 10.0, 0.25, 50.0, 2.0)
