"""The list: who of those with a reason is acted on, by whom, with what and by when, as columns of the review's customers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from transforms.actions.aftermath import find_results
from transforms.actions.reasons import find_reasons
from transforms.actions.signs import Signs, read_signs
from transforms.inputs import History, MonthInputs
from transforms.money import UNITS, BoolArray, FloatArray, IntArray
from transforms.month import Month
from transforms.policy.acting import MANAGER, Occasion
from transforms.policy.rules import Policy
from transforms.tables.columns import names_of_codes

REASONS = tuple(reason.value for reason in Occasion)

LIST_COLUMNS = (
    *("contract_end", "tickets_open", "complaints_open", "act_reason", "act_reasons", "act_measure", "act_play", "act_owner"),
    *("act_due_on", "act_stake", "act_tier", "act_rank"),
)


def with_actions(customers: pd.DataFrame, inputs: MonthInputs, history: History, policy: Policy) -> pd.DataFrame:
    """The review's customers with who is to be acted on (`list_actions`) and what became of last month's list (`find_results`).

    Needs the customers in the order of the window, with grades and scores; money is ten-thousandths.
    """
    signs = read_signs(inputs, history)
    listed = customers.assign(**list_actions(customers, signs, inputs.month, policy))
    return listed.assign(**find_results(listed, history.customers, signs.answered, policy))


def names_in_pack(customers: pd.DataFrame, tier: str) -> BoolArray:
    """Whom the pack of a tier may name: its own customers, and those on its list, though they fell to another tier this month."""
    own: BoolArray = (customers["tier"] == tier).to_numpy(dtype=bool)
    if "act_rank" in customers:
        own = own | (customers["act_rank"].notna() & (customers["act_tier"] == tier).fillna(False)).to_numpy(dtype=bool)
    return own


def list_actions(customers: pd.DataFrame, signs: Signs, month: Month, policy: Policy) -> dict[str, Any]:
    """`LIST_COLUMNS`, one entry per customer; missing where there is no reason to act.

    contract_end   day on which the contract ends, missing where none is known
    tickets_open   tickets open at the month's end, missing where that is not told; complaints_open: those of them that are complaints
    act_reason     the main reason: of several the first of `Occasion`; act_reasons: all of them, with a comma between
    act_measure    the number that says the main reason (`transforms.actions.reasons.find_reasons`)
    act_play       what to do, by the policy; act_due_on: by when
    act_owner      who does it: the account manager, or a team of the policy
    act_stake      money at stake, ten-thousandths, never below 0: net of twelve months; of who is silent or lost,
                   of the twelve months up to the last order, before the silence began; of who had a refund,
                   before the month's refunds
    act_tier       the tier in whose pack it stands: the one that was left, for who fell a grade or was lost
    act_rank       1 for most money at stake (times the play's weight), of those on the list; missing: has a reason, and is only counted

    The list holds at most `per_owner` customers of one account manager, and of one team in each tier; who has less than
    `least_stake` at stake is not on it. Ties by customer_id.
    """
    rule = policy.acting
    found = find_reasons(customers, signs, month, policy)
    holds = np.stack([found[Occasion(reason)].holds for reason in REASONS])
    main = np.where(holds.any(axis=0), holds.argmax(axis=0), len(REASONS))
    has = main < len(REASONS)
    measure = np.stack([*(found[Occasion(reason)].measure for reason in REASONS), np.full(len(customers), np.nan)])[
        main, np.arange(len(customers))
    ]
    plays = [rule.play(reason) for reason in REASONS]
    stake = _stake(customers, signs, found[Occasion.SILENT].holds | found[Occasion.LOST].holds, found[Occasion.REFUND].holds)
    tier = _tier_of_list(customers, found[Occasion.LOST].holds, policy)
    owner, is_team = _owner(customers, main, policy)
    weight = np.array([*(play.weight for play in plays), 0.0])[main]
    rank = _rank(
        customers["customer_id"], stake * weight, has & (stake >= rule.least_stake * UNITS), (owner, is_team, tier), rule.per_owner
    )
    days = np.array([*(play.days for play in plays), 0], dtype="timedelta64[D]")[main]
    due = np.where(has, np.datetime64(month.last_day, "D") + days, np.datetime64("NaT", "D"))
    size = len(customers)
    return {
        "contract_end": signs.contract_end.reset_index(drop=True),
        "tickets_open": _known_counts(signs.tickets_open, size),
        "complaints_open": _known_counts(None if signs.tickets_open is None else signs.complaints_open, size),
        "act_reason": names_of_codes((*REASONS, None), main),
        "act_reasons": _all_reasons(holds),
        "act_measure": np.where(has, np.round(measure, 6), np.nan),
        "act_play": names_of_codes((*(play.play for play in plays), None), main),
        "act_owner": owner.where(has),
        "act_due_on": pd.Series(due.astype("datetime64[us]")),
        "act_stake": pd.arrays.IntegerArray(stake, ~has),
        "act_tier": tier.where(has),
        "act_rank": pd.arrays.IntegerArray(np.maximum(rank, 0), rank == 0),
    }


def _known_counts(counts: IntArray | None, size: int) -> pd.api.extensions.ExtensionArray:
    return pd.array([None] * size if counts is None else counts, dtype="Int64")


def _stake(customers: pd.DataFrame, signs: Signs, silent: BoolArray, refunded: BoolArray) -> IntArray:
    net = customers["net_12m"].fillna(0).to_numpy(dtype=np.int64) + np.where(refunded, signs.refunds, 0)
    stake: IntArray = np.maximum(np.where(silent, np.maximum(signs.peak, net), net), 0)
    return stake


def _tier_of_list(customers: pd.DataFrame, lost: BoolArray, policy: Policy) -> pd.Series:
    """The tier of last month's grade for who fell or was lost, else the customer's own."""
    order = {one.grade: place for place, one in enumerate(policy.grades)}
    tiers = {one.grade: one.tier for one in policy.grades}
    before, after = customers["previous_grade"].map(order), customers["grade"].map(order)
    left = customers["previous_grade"].map(tiers)
    moved = left.notna().to_numpy(dtype=bool) & (lost | (before < after).fillna(False).to_numpy(dtype=bool))
    return customers["tier"].astype("str").mask(moved, left).astype("str").reset_index(drop=True)


def _owner(customers: pd.DataFrame, main: IntArray, policy: Policy) -> tuple[pd.Series, BoolArray]:
    """Who answers for each customer's play, and whether that is a team."""
    plays = [policy.acting.play(reason) for reason in REASONS]
    team = names_of_codes((*(play.team for play in plays), None), main)
    managed = np.array([*(play.owner == MANAGER for play in plays), False])[main]
    if "account_manager" not in customers:
        return team, np.ones(len(customers), dtype=bool)
    manager = customers["account_manager"].astype("str").reset_index(drop=True)
    own = managed & (manager.fillna("").str.strip() != "").to_numpy(dtype=bool)
    return team.mask(own, manager).astype("str"), ~own


def _rank(ids: pd.Series, money: FloatArray, chosen: BoolArray, whose: tuple[pd.Series, BoolArray, pd.Series], most: int) -> IntArray:
    """The place on the list, most money first; 0 for who is not on it. `whose`: owner, whether it is a team, tier."""
    owner, is_team, tier = whose
    rows = pd.DataFrame(
        {"id": ids.to_numpy(), "money": money, "owner": owner.fillna("").to_numpy(), "team": is_team, "tier": tier.to_numpy()}
    )
    rows = rows.loc[chosen].sort_values(["money", "id"], ascending=[False, True], kind="stable")
    # A manager is one person in all tiers; a team's list is that of the tier.
    rows = rows.assign(tier=rows["tier"].where(rows["team"], ""))
    kept = rows.index[(rows.groupby(["owner", "team", "tier"], sort=False).cumcount() < most).to_numpy()]
    rank = np.zeros(len(ids), dtype=np.int64)
    rank[kept.to_numpy()] = np.arange(1, len(kept) + 1)
    return rank


def _all_reasons(holds: BoolArray) -> pd.Series:
    """All reasons of each customer as one text; as few texts are made as there are combinations."""
    codes = (holds.astype(np.int64) << np.arange(len(REASONS))[:, None]).sum(axis=0)
    distinct, places = np.unique(codes, return_inverse=True)
    texts = [",".join(reason for place, reason in enumerate(REASONS) if code >> place & 1) or None for code in distinct.tolist()]
    return names_of_codes(tuple(texts), places.astype(np.int64))
