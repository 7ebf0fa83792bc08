"""Reasons to act, plays, owners and results in words; pack, workbook and card say them alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd

from reports.actions import Action, ActionGroup
from reports.formats import Formats, finite
from reports.glyphs import clean
from reports.i18n import N_, Words
from reports.sections.words import class_word
from transforms.grades.grading import earned_grade
from transforms.policy.acting import Occasion
from transforms.policy.rules import Policy

_TITLES = {
    Occasion.LOST: N_("lost this month"),
    Occasion.CONTRACT: N_("contract ends soon"),
    Occasion.COMPLAINT: N_("complaint open"),
    Occasion.COMPLAINT_LATE: N_("complaint settled late"),
    Occasion.SILENT: N_("silent too long"),
    Occasion.UNHAPPY_QUIET: N_("unhappy, no ticket"),
    Occasion.REFUND: N_("large refund"),
    Occasion.DEMOTED: N_("fell a grade"),
    Occasion.SATISFACTION_FELL: N_("satisfaction fell"),
    Occasion.UNHAPPY: N_("unhappy"),
    Occasion.NEW_VALUABLE: N_("new, of great value"),
    Occasion.NEAR_CUT: N_("just above the pass mark"),
    Occasion.ONE_ORDER: N_("one order from the next grade"),
}

_RESULTS = {
    "ordered": N_("ordered again"),
    "settled": N_("complaint settled"),
    "content": N_("satisfaction is back"),
    "renewed": N_("contract renewed"),
    "grade_back": N_("in the better grade"),
    "grade_kept": N_("grade kept"),
    "no_order": N_("still no order"),
    "complaint_open": N_("complaint still open"),
    "no_answer": N_("no new answer"),
    "still_unhappy": N_("still unhappy"),
    "not_renewed": N_("contract not renewed"),
    "grade_unchanged": N_("grade unchanged"),
    "grade_fell": N_("fell a grade meanwhile"),
    "lost": N_("lost meanwhile"),
}


@dataclass(frozen=True)
class PlayWords:
    """The words of one language for what a policy wants done."""

    says: Words
    shows: Formats
    policy: Policy

    def title(self, reason: str) -> str:
        """A reason in a word or two, without a number."""
        return self.says._(_TITLES[Occasion(reason)])

    def reason(self, action: Action) -> str:
        """Why this customer: the main reason with its number."""
        says, shows, row, measure = self.says, self.shows, action.row, finite(action.measure)
        match Occasion(action.reason):
            case Occasion.LOST:
                return says._("lost: no order for {days}", days=shows.days(measure))
            case Occasion.CONTRACT:
                return says._("contract ends on {day}", day=self.day(row.get("contract_end")))
            case Occasion.COMPLAINT:
                return says.plural("{count} complaint open", "{count} complaints open", int(measure or 0), count=shows.count(measure))
            case Occasion.COMPLAINT_LATE:
                return self.title(action.reason)
            case Occasion.SILENT:
                return says._("no order for {days}", days=shows.days(measure))
            case Occasion.UNHAPPY_QUIET:
                return says._("satisfaction {index}, no ticket", index=shows.number(measure, 0))
            case Occasion.UNHAPPY:
                return says._("satisfaction {index}", index=shows.number(measure, 0))
            case Occasion.REFUND:
                return says._("{money} given back in the month", money=shows.money(measure, 0))
            case Occasion.DEMOTED:
                return says._("{before} → {after}", before=self._grade(row.get("previous_grade")), after=self._grade(row.get("grade")))
            case Occasion.SATISFACTION_FELL:
                return says._("satisfaction fell by {points}", points=shows.number(measure, 0))
            case Occasion.NEW_VALUABLE:
                return says._("new: {money} in the first month", money=shows.money(measure, 0))
            case Occasion.NEAR_CUT:
                return says._(
                    "{points} points above the pass mark of {grade}", points=shows.number(measure, 1), grade=self._grade(row.get("grade"))
                )
            case Occasion.ONE_ORDER:
                return says._("one more order earns {grade}", grade=self._grade(self._earned(measure)))

    def also(self, action: Action) -> str:
        """The other reasons, or nothing."""
        others = [self.title(reason) for reason in action.reasons[1:]]
        return self.says._("also: {reasons}", reasons=self.says.apart(others)) if others else ""

    def group(self, group: ActionGroup) -> str:
        """What those who share a reason are together: how many, what is at stake, where their orders went, and what to do."""
        says, shows = self.says, self.shows
        parts = [
            says.plural(
                "{reason}: {count} customer, {money} at stake",
                "{reason}: {count} customers, {money} at stake",
                len(group.actions),
                reason=_capital(self.title(group.reason)),
                count=shows.count(len(group.actions)),
                money=shows.money(group.stake, 0),
            )
        ]
        course = group.orders_a_month
        if course is not None and round(course[0]) != round(course[1]):
            first, last = (shows.number(orders, 0) for orders in course)
            parts.append(says._("orders {before} → {after} a month", before=first, after=last))
        return says.apart(parts)

    def play(self, action: Action) -> str:
        """What is to be done."""
        return clean(self.policy.acting.play_words(action.play, self.says.locale), 90)

    def owner(self, action: Action) -> str:
        """Who does it."""
        return clean(self.policy.acting.team_name(action.owner, self.says.locale) if action.by_team else action.owner, 40)

    def due(self, action: Action) -> str:
        return self.day(action.due)

    def day(self, day: object) -> str:
        """A day as tables print it; empty where there is none."""
        if isinstance(day, date) and not isinstance(day, datetime):
            return day.isoformat()
        return "" if day is None or day is pd.NaT or day != day else self.shows.day(pd.Timestamp(str(day)).to_pydatetime())

    def result(self, result: str | None) -> str:
        """What is seen since last month's list; empty for who was not on it."""
        return self.says._(_RESULTS[result]) if result in _RESULTS else ""

    def _grade(self, grade: object) -> str:
        return class_word(self.says, str(grade)) if isinstance(grade, str) and grade else class_word(self.says, "unknown")

    def _earned(self, score: float | int | None) -> str:
        number = int(earned_grade(np.array([float("nan") if score is None else score]), self.policy)[0])
        return self.policy.grades[number].grade


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
