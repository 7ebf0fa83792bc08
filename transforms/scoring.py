"""Every customer's line of the review: grade, classes, satisfaction and loyalty."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.classes.columns import class_columns
from transforms.classes.lost import lost_customers
from transforms.classes.roles import is_commercial, roles
from transforms.facts.matching import Lookup, locate
from transforms.facts.surveys import SATISFACTION_INSTRUMENTS
from transforms.grades.grading import NONE, YEAR
from transforms.grades.overrides import apply_overrides
from transforms.grades.standing import standing
from transforms.inputs import History, MonthInputs
from transforms.money import IntArray
from transforms.policy.rules import UNRATED, Policy
from transforms.tables.columns import names_of_codes
from transforms.voice.loyalty import attitude, behavioural_loyalty, ladder, loyalty_index, loyalty_type
from transforms.voice.satisfaction import answers_of, last_recommendation, satisfaction_index
from transforms.why.changes import changes

PROFILE = ("name", "account_manager")
"""Columns taken over from the customers table, missing where it does not tell them."""


def score_customers(inputs: MonthInputs, history: History, policy: Policy) -> pd.DataFrame:
    """Score every customer of the base; one row per customer, sorted by customer_id.

    Needs a policy whose reference is frozen. A row depends on its own customer, last month's row and the
    policy alone. Money columns (`net_...`, `month_net`, `month_gross`) are Int64 ten-thousandths: whoever
    writes them for people divides. Missing is NA.

    tier, grade, would_be   tier id and grade after the hold rules; what the cuts alone would say
    previous_grade, held    last month's grade; whether the hold rules keep it
    score, history_score, frequency_score, amount_score   0-100, missing for the unrated
    rule_grade              the grade by the rules, where a manual one stands in `grade`
    override_grade, override_author, override_reason, override_until   the manual grade, see `transforms.grades.overrides`
    months_below            months in a row below the rule grade's cut
    upgrade_reversed        an upgrade was taken back this month, as a refund showed that it was not earned
    raised_...              the last upgrade while it may be taken back, see `transforms.grades.upgrades`
    recency_days, tenure_months, observed_months, first_order_on, last_order_on, median_gap_days
    is_new, is_lost, was_lost, short_history   was_lost: at the month's beginning
    value_class, behaviour_class, practice_class, ...    see `transforms.classes.columns`
    loyalty_type, ladder    see `transforms.voice.loyalty`
    satisfaction_index, satisfaction_n, nps_score (0-10), attitude, loyalty_index, behavioural_loyalty
    tickets_12m, complaints_12m
    change_score, change_tenure, ...   against last month, and its parts, which add up to it (`transforms.why.score`);
                            missing where there is no last month
    grade_steps, steps_tenure, ...   the same for the grade, where it moved (`transforms.why.grade`)
    grade_year_ago, score_year_ago   what the review of twelve months before said
    p_alive, expected_net_12m   empty: they need a fitted model
    """
    window, month = inputs.window, inputs.month
    ids, size = window["customer_id"], len(window)
    others = [
        inputs.customers["customer_id"],
        history.customers["customer_id"],
        inputs.ticket_window["customer_id"],
        history.year_ago["customer_id"],
    ]
    places, _ = locate(ids, others)
    known, before, asked, then = (Lookup.of(found, size) for found in places)

    commercial = is_commercial(roles(known.column(inputs.customers["role"]) if "role" in inputs.customers else None, size))
    stands = standing(window, month, before, history.customers, policy, commercial)
    measured, rated, ranked, scored, graded = stands.measured, stands.rated, stands.ranked, stands.scored, stands.graded
    previous = before.column(history.customers["grade"]) if len(history.customers) else _no_text(size)
    grade, manual = apply_overrides(ids, graded.grade, inputs.registers, month, policy)
    changed = changes(stands, grade, inputs, history, before, policy)
    lost_before = before.flags(history.customers["is_lost"]) if len(history.customers) else np.zeros(size, dtype=bool)
    contract_end = known.column(inputs.customers["contract_end"]) if "contract_end" in inputs.customers else None
    loss = lost_customers(window, contract_end, lost_before, month, policy)

    score_sum, answers = answers_of(ids, inputs.survey_window, SATISFACTION_INSTRUMENTS)
    satisfaction = satisfaction_index(score_sum, answers, policy.satisfaction)
    recommendation = last_recommendation(ids, inputs.survey_window)
    loyalty_sum, loyalty_answers = answers_of(ids, inputs.survey_window, ("loyalty",))
    with np.errstate(invalid="ignore", divide="ignore"):
        stated = attitude(recommendation, 100 * loyalty_sum / np.where(loyalty_answers > 0, loyalty_answers, np.nan))
    behaviour = behavioural_loyalty(ranked, rated)
    index, partial = loyalty_index(behaviour, satisfaction, recommendation, policy.loyalty)

    net_12m, net_total, month_net = (
        window[gross].to_numpy() - window[refunds].to_numpy()
        for gross, refunds in (("gross_12m", "refunds_12m"), ("total_gross", "total_refunds"), ("month_gross", "month_refunds"))
    )
    profile = {name: known.column(inputs.customers[name]).astype("str") if name in inputs.customers else _no_text(size) for name in PROFILE}
    tickets = asked.counts(inputs.ticket_window["tickets"])
    classes = class_columns(inputs, known, stands, loss, _last_word(inputs, asked), policy)
    columns: dict[str, object] = {
        "customer_id": ids.reset_index(drop=True),
        "name": profile["name"],
        "tier": _grade_names([one.tier for one in policy.grades], grade),
        "grade": _grade_names([one.grade for one in policy.grades], grade),
        "previous_grade": previous.astype("str"),
        "held": graded.grade != graded.would_be,
        "would_be": _grade_names([one.grade for one in policy.grades], graded.would_be),
        "score": scored["score"],
        "history_score": scored["history_score"],
        "frequency_score": scored["frequency_score"],
        "amount_score": scored["amount_score"],
        "rule_grade": _grade_names([one.grade for one in policy.grades], graded.grade),
        **manual,
        "months_below": graded.months_below,
        "upgrade_reversed": stands.upgrade_reversed,
        **stands.upgrades.columns(policy),
        "recency_days": measured["recency_days"].astype(np.int64),
        "tenure_months": measured["tenure_months"].astype(np.int64),
        "observed_months": measured["observed_months"].astype(np.int64),
        "short_history": measured["observed_months"] < YEAR,
        "first_order_on": window["first_order_on"].reset_index(drop=True),
        "last_order_on": window["last_order_on"].reset_index(drop=True),
        "median_gap_days": window["median_gap_days"].to_numpy(dtype=np.float64),
        "orders_12m": window["orders_12m"].to_numpy(),
        "net_12m": pd.array(net_12m, dtype="Int64"),
        "net_total": pd.array(net_total, dtype="Int64"),
        "month_orders": window["month_orders"].to_numpy(),
        "month_gross": pd.array(window["month_gross"].to_numpy(), dtype="Int64"),
        "month_net": pd.array(month_net, dtype="Int64"),
        "is_new": (window["month_orders"] == window["total_orders"]).to_numpy(),
        "is_lost": loss.is_lost,
        "was_lost": loss.was_lost,
        **classes,
        "satisfaction_index": satisfaction,
        "satisfaction_n": answers,
        "nps_score": recommendation,
        "attitude": stated,
        "loyalty_index": index,
        "loyalty_partial": partial,
        "behavioural_loyalty": behaviour,
        "loyalty_type": loyalty_type(stated, behaviour, policy.loyalty),
        "ladder": ladder(recommendation, window["days_12m"].to_numpy(dtype=np.float64)),
        "tickets_12m": tickets,
        "complaints_12m": asked.counts(inputs.ticket_window["complaints"]),
        "p_alive": np.full(size, np.nan),
        "expected_net_12m": pd.array(np.full(size, None), dtype="Int64"),
        "account_manager": profile["account_manager"],
        "grade_year_ago": then.column(history.year_ago["grade"]).astype("str") if "grade" in history.year_ago else _no_text(size),
        "score_year_ago": then.numbers(history.year_ago["score"]) if "score" in history.year_ago else np.full(size, np.nan),
        **changed,
    }
    return pd.DataFrame(columns, copy=False)


def no_history() -> History:
    """The history before the first month."""
    customers = pd.DataFrame(
        {
            "customer_id": pd.Series([], dtype="str"),
            "grade": pd.Series([], dtype="str"),
            "months_below": pd.Series([], dtype="int64"),
            "is_lost": pd.Series([], dtype="bool"),
        }
    )
    figures = pd.DataFrame({name: pd.Series([], dtype="str") for name in ("month", "scope", "scope_value", "indicator")})
    return History(customers, figures.assign(value=pd.Series([], dtype="float64")))


def _no_text(size: int) -> pd.Series:
    return names_of_codes((None,), np.zeros(size, dtype=np.int64))


def _grade_names(names: list[str], numbers: IntArray) -> pd.Series:
    return names_of_codes((*names, UNRATED), np.where(numbers == NONE, len(names), numbers))


def _last_word(inputs: MonthInputs, asked: Lookup) -> pd.Series:
    """When each customer last opened a ticket or answered a survey, in the twelve months."""
    opened = asked.column(inputs.ticket_window["last_opened_at"])
    answers = inputs.survey_window.groupby("customer_id", sort=True)["last_answered_at"].max()
    (places,), _ = locate(inputs.window["customer_id"], [answers.index.to_series().reset_index(drop=True)])
    answered = Lookup.of(places, len(opened)).column(answers.reset_index(drop=True))
    return opened.where(answered.isna() | (opened >= answered), answered)
