"""Why a figure is news, as far as the pack's own data tell: the customers, the cause, the tier that carry it. Else nothing is said."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.sections.words import value_word
from reports.view import View, amount_of
from transforms.figures import Scope
from transforms.indicators.movements import MEANS, part_name
from transforms.messages import FAMILY_OF, Message
from transforms.money import IntArray
from transforms.voice.complaints import rank_causes

CARRIERS = 2
"""Most customers or tiers that are named."""
SHARE = 0.2
"""Least share of a change that a customer must carry to be named as its reason."""


def because(view: View, message: Message) -> str:
    """One sentence, or nothing where the pack holds no reason."""
    family = FAMILY_OF[message.indicator]
    if family == "complaints":
        return _first_cause(view, message)
    if family == "refunds":
        return _largest_refunds(view, message)
    if message.indicator in ("net_revenue", "gross_revenue"):
        return _movers(view, message)
    if message.indicator in MEANS and message.scope is Scope.COMPANY:
        return _tiers(view, message)
    return ""


def _customers(view: View, message: Message) -> pd.DataFrame:
    """The customers that the message is about, of those that the pack may show."""
    rows = view.customers
    return rows[rows["tier"] == message.scope_value] if message.scope is Scope.TIER and view.tier is None else rows


def _first_cause(view: View, message: Message) -> str:
    everybody = message.scope is Scope.COMPANY and not view.material.segment
    whose = None if everybody else set(_customers(view, message)["customer_id"].astype("str"))
    causes = rank_causes(view.material.review.causes, whose, view.facts.months_before)
    told = causes[(causes["cause"] != "") & (causes["now"] > 0)]
    if told.empty:
        return ""
    grown = told.assign(more=told["now"] - told["before"].fillna(0.0)).sort_values(["more", "now", "cause"], ascending=[False, False, True])
    row = grown.iloc[0]
    now, whole = view.formats.count(int(row["now"])), view.formats.count(int(causes["now"].sum()))
    said = {"cause": value_word(view, str(row["cause"])), "now": now, "all": whole}
    if pd.isna(row["before"]) or row["more"] <= 0:
        return view._("First cause: {cause}, {now} of {all}.", **said)
    before = view.formats.number(float(row["before"]), 1)
    return view._("Mostly {cause}: {now} of {all}, before {before} a month.", before=before, **said)


def _largest_refunds(view: View, message: Message) -> str:
    rows = _customers(view, message)
    if not {"month_gross", "month_net"} <= set(rows.columns) or not len(rows):
        return ""
    refunds = _units(rows["month_gross"]) - _units(rows["month_net"])
    total, place = int(refunds.sum()), int(refunds.argmax())
    if total <= 0 or refunds[place] < SHARE * total:
        return ""
    money, whole = (view.formats.money_short(amount_of(int(units))) for units in (refunds[place], total))
    return view._("{name} alone: {money} of {all}.", name=_name(view, rows, place), money=money, all=whole)


def _movers(view: View, message: Message) -> str:
    """The customers whose month changed most, where they carry enough of the figure's change."""
    rows, before = _customers(view, message), view.material.previous
    known = "month_net" in rows and "month_net" in before and len(before) and len(rows)
    if not known or message.value is None or message.expected is None:
        return ""
    then = dict(zip(before["customer_id"].astype("str"), _units(before["month_net"]).tolist(), strict=True))
    ids = rows["customer_id"].astype("str").tolist()
    moved = _units(rows["month_net"]) - np.array([then.get(key, 0) for key in ids], dtype=np.int64)
    signed = moved if message.value > message.expected else -moved
    whole = int(signed.sum())
    order = sorted(range(len(ids)), key=lambda place: (-int(signed[place]), ids[place]))[:CARRIERS]
    chosen = [place for place in order if whole > 0 and signed[place] >= SHARE * whole]
    if not chosen:
        return ""
    names = [view._("{name} {money}", name=_name(view, rows, place), money=_signed(view, int(moved[place]))) for place in chosen]
    return view._("Most of it since last month: {names}.", names=view.words.list_of(names))


def _name(view: View, rows: pd.DataFrame, place: int) -> str:
    return view.name_of(str(rows["customer_id"].iloc[place]))


def _units(money: pd.Series) -> IntArray:
    found: IntArray = money.fillna(0).to_numpy(dtype=np.int64)
    return found


def _signed(view: View, units: int) -> str:
    money = view.formats.money_short(amount_of(units))
    return f"+{money}" if units > 0 else money


def _tiers(view: View, message: Message) -> str:
    """The tier whose own level moved the company's most since last month."""
    if view.tier is not None or view.material.segment:
        return ""
    name = part_name(message.indicator, "rate")
    parts = {tier: view.of_tier(tier, name).value for tier in view.tier_names}
    known = {tier: value for tier, value in parts.items() if value}
    if not known or message.value is None or message.expected is None:
        return ""
    rising = message.value > message.expected
    tier = max(known, key=lambda one: known[one] if rising else -known[one])
    if (known[tier] > 0) != rising:
        return ""
    return view._("Most of it since last month comes from {tier}.", tier=view.tier_names[tier])
