"""Plays: what is done about a customer for which reason, by whom and by when; the company's choice, as every rule is."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter

from transforms.policy.plain import Number, Text, Whole

MANAGER, TEAM = "account_manager", "team"
"""Who answers for a play: the customer's account manager (where there is none, the play's team), or the team."""

Words = Mapping[Text, Text]
"""The same words by locale; `en` is there always."""


class Occasion(StrEnum):
    """Why somebody should act on a customer, the most urgent first: of several the first is the main reason.

    lost               crossed the line to lost in the month
    contract           the contract ends within `contract_days` after the month's end
    complaint          a complaint is open at the month's end
    silent             at risk: twelve-month net, but no order for `Policy.warn_days`
    unhappy_quiet      satisfaction index below `unhappy_below`, and no ticket in twelve months
    refund             the month's refunds are at least `refund_share` of the orders of twelve months
    complaint_late     a complaint was settled in the month, after it was due
    demoted            a grade lower than last month, by behaviour: not by hand, by the policy or by restated data
    satisfaction_fell  answered in the month, and the index fell by `satisfaction_fall` points or more
    unhappy            satisfaction index below `unhappy_below`, with a ticket, or where tickets are not supplied
    new_valuable       the first order in the month, and already as much as `new_rank` % of the customers bring in a year
    near_cut           less than `near_cut` points above the own grade's cut
    one_order          one more order of the usual size would earn a better grade
    """

    LOST = "lost"
    CONTRACT = "contract"
    COMPLAINT = "complaint"
    SILENT = "silent"
    UNHAPPY_QUIET = "unhappy_quiet"
    REFUND = "refund"
    COMPLAINT_LATE = "complaint_late"
    DEMOTED = "demoted"
    SATISFACTION_FELL = "satisfaction_fell"
    UNHAPPY = "unhappy"
    NEW_VALUABLE = "new_valuable"
    NEAR_CUT = "near_cut"
    ONE_ORDER = "one_order"


@dataclass(frozen=True)
class Play:
    """What to do for a reason; every key is written down, so that a policy's digest is of all of it."""

    play: Text
    name: Words
    days: Whole
    """From the month's last day to the day on which it is due."""
    owner: Text
    team: Text
    weight: Number
    """What a unit of money at stake counts for where the list is cut: a chance counts for less than a danger."""

    def words(self, locale: str) -> str:
        """What to do, in the reader's language; in English where it has no words."""
        return _in_language(self.name, locale)


def _in_language(words: Words, locale: str) -> str:
    return words.get(locale) or words.get(locale.partition("_")[0]) or words["en"]


@cache
def _shipped() -> Mapping[str, Any]:
    """The table that comes with the program (`plays.toml`)."""
    return tomllib.loads(files("transforms.policy").joinpath("plays.toml").read_text(encoding="utf-8"))


@cache
def builtin_plays() -> Mapping[str, Play]:
    """The plays that apply where a policy says nothing else, by reason."""
    return TypeAdapter(dict[str, Play]).validate_python(_shipped()["plays"])


def _filled(raw: Any) -> Any:
    """A policy's own plays with what they leave out taken from the shipped ones."""
    if not isinstance(raw, Mapping):
        return raw
    unknown = sorted(set(raw) - set(Occasion))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: no such reason; possible are {', '.join(Occasion)}")
    return {reason: _with_rest(own, _shipped()["plays"][reason]) for reason, own in raw.items()}


def _with_rest(own: Any, shipped: Mapping[str, Any]) -> Any:
    if not isinstance(own, Mapping):
        return own
    name = own.get("name", {})
    return {**shipped, **own, "name": {**shipped["name"], **name} if isinstance(name, Mapping) else name}


@dataclass(frozen=True)
class Acting:
    """Whom to act on: where each reason begins, how long the list is, and the plays that a policy changes."""

    per_owner: Whole = 10
    """Most customers on one owner's list; a team's is counted for each tier apart. The rest is counted by reason."""
    least_stake: Number = 0.0
    """Currency units at stake below which nobody is listed, only counted."""
    contract_days: Whole = 60
    unhappy_below: Number = 50.0
    satisfaction_fall: Number = 10.0
    refund_share: Number = 0.25
    new_rank: Number = 50.0
    near_cut: Number = 2.0
    teams: Mapping[Text, Words] = field(default_factory=dict)
    """Further teams by id with their names, or other names of the shipped ones."""
    plays: Annotated[Mapping[Text, Play], BeforeValidator(_filled)] = field(default_factory=dict)
    """Reason -> play, where it is another than the shipped one."""

    def __post_init__(self) -> None:
        if self.per_owner < 1 or min(self.least_stake, self.contract_days, self.satisfaction_fall, self.near_cut) < 0:
            raise ValueError("per_owner is at least 1; least_stake, contract_days, satisfaction_fall and near_cut are not negative")
        if not 0 <= self.unhappy_below <= 100 or not 0 <= self.new_rank <= 100 or not self.refund_share > 0:
            raise ValueError("unhappy_below and new_rank are 0-100, refund_share is above 0")
        for team, words in self.teams.items():
            if not words.get("en"):
                raise ValueError(f"team {team!r} has no name in en")
        for reason, play in self.plays.items():
            if play.owner not in (MANAGER, TEAM) or play.team not in self._teams:
                raise ValueError(
                    f"play for {reason}: owner is {MANAGER!r} or {TEAM!r} and team one of {', '.join(sorted(self._teams))}; "
                    f"it says {play.owner!r} and {play.team!r}"
                )
            if play.days < 0 or play.weight < 0 or not play.name.get("en"):
                raise ValueError(f"play for {reason}: days and weight are not negative, and it has a name in en")

    @property
    def _teams(self) -> Mapping[str, Words]:
        return {**_shipped()["teams"], **self.teams}

    def play(self, reason: str) -> Play:
        """What is done for a reason."""
        return self.plays.get(reason) or builtin_plays()[reason]

    def play_words(self, play: str, locale: str) -> str:
        """What a play's id stands for, in the reader's language."""
        found = next((one for reason in Occasion if (one := self.play(reason)).play == play), None)
        return play if found is None else found.words(locale)

    def team_name(self, team: str, locale: str) -> str:
        """A team's name in the reader's language."""
        words = self._teams.get(team)
        return team if words is None else _in_language(words, locale)
