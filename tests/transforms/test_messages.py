"""Messages of a first page: what is news, what is missed, who is to be acted on, and in which order."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transforms.figures import Figure, Scope, figure_frame
from transforms.indicators.comparing import USUAL_COLUMNS
from transforms.indicators.targets import Standing, Target
from transforms.messages import (
    FALSE_ALARMS,
    FAMILIES,
    FAMILY_OF,
    GROUPS,
    MOST,
    Ground,
    MessageKind,
    count_judged,
    rank_messages,
    with_plays,
)
from transforms.month import Month
from transforms.policy.acting import Occasion
from transforms.policy.rules import builtin

NOBODY = pd.DataFrame(columns=["customer_id", "act_reason", "act_rank", "act_stake", "act_owner", "act_play", "act_due_on"])


def usual(*rows):
    """(indicator, chance, beyond), expected 10 within 5 to 15, of tier b."""
    full = [("tier", "b", name, 10.0, 5.0, 15.0, beyond, chance, 12.0, "level") for name, chance, beyond in rows]
    return pd.DataFrame(full, columns=list(USUAL_COLUMNS))


def figures(**values):
    return figure_frame(Figure(Scope.TIER, "b", name, value, signal="above" if value > 15 else "") for name, value in values.items())


def target(name, actual, aim, lower=None, upper=None, standing=Standing.MISSED):
    return Target(Scope.TIER, "b", name, standing, aim, actual, lower, upper, "", 9.0, "", None)


def listed(*rows):
    """(customer, reason, rank, stake in currency units)."""
    return pd.DataFrame(
        [
            {
                "customer_id": key,
                "act_reason": reason,
                "act_rank": rank,
                "act_stake": stake * 10_000,
                "act_owner": "li.na",
                "act_play": "call",
                "act_due_on": pd.Timestamp(2024, 4, 7 + rank),
            }
            for key, reason, rank, stake in rows
        ]
    )


def ground(**parts):
    blank = {"figures": figures(), "usual": usual(), "targets": (), "listed": NOBODY, "money": {}, "net_12m": 1_000 * 10_000}
    return Ground(**{**blank, **parts})


def told(ground):
    return [(message.kind, message.indicator or str(message.occasion)) for message in rank_messages(ground)]


def test_a_month_like_any_other_says_nothing():
    calm = ground(usual=usual(("orders", 0.4, 0.3), ("nps", 0.03, 0.9)), figures=figures(orders=11.0, nps=14.0))
    assert rank_messages(calm) == () and count_judged(calm) == 2


def test_the_more_figures_are_looked_at_the_less_likely_must_a_chance_be():
    """Of one figure 5 %, of two 2.5 % each."""
    found = {"figures": figures(orders=20.0, nps=12.0)}
    assert told(ground(usual=usual(("orders", 0.04, 2.0)), **found)) == [(MessageKind.SIGNAL, "orders")]
    assert told(ground(usual=usual(("orders", 0.04, 2.0), ("nps", 0.5, 0.1)), **found)) == []
    assert FALSE_ALARMS == 0.05


def test_stocks_and_bookkeeping_are_no_messages():
    assert told(ground(usual=usual(("base_opening", 1e-9, 9.0)), figures=figures(base_opening=99.0))) == []
    assert not {"customers_base", "base_opening", "tickets_open"} & set(FAMILY_OF)


def test_of_figures_that_say_the_same_the_farthest_is_told():
    rows = usual(("orders", 1e-5, 1.5), ("net_revenue", 1e-5, 2.5), ("refunds", 1e-6, 2.0))
    found = ground(usual=rows, figures=figures(orders=20.0, net_revenue=20.0, refunds=20.0))
    # more refunds are bad news, more revenue is good news and weighs half: 2.0 before 1.25
    assert told(found) == [(MessageKind.SIGNAL, "refunds"), (MessageKind.SIGNAL, "net_revenue")]


def test_a_target_that_is_missed_by_more_than_its_interval_is_told_with_its_distance():
    far, near = target("complaint_rate", 105.0, 60.0, 70.0, 140.0), target("nps", 5.0, 10.0, -5.0, 15.0, Standing.WITHIN_REACH)
    (message,) = rank_messages(ground(targets=(far, near)))
    assert (message.kind, message.indicator, message.target, message.last_year) == (MessageKind.TARGET, "complaint_rate", 60.0, 9.0)
    assert message.weight == 0.75 and message.is_bad
    assert rank_messages(ground(targets=(target("complaint_rate", 105.0, 60.0, standing=Standing.MET),))) == ()


def test_a_signal_with_a_target_is_one_message_that_holds_both():
    found = ground(
        usual=usual(("complaint_rate", 1e-4, 1.2)),
        figures=figures(complaint_rate=20.0),
        targets=(target("complaint_rate", 20.0, 8.0, 18.0, 22.0),),
    )
    (message,) = rank_messages(found)
    assert (message.kind, message.target, message.expected, message.low, message.high) == (MessageKind.SIGNAL, 8.0, 10.0, 5.0, 15.0)


def test_customers_of_one_reason_stand_together_and_the_most_money_first():
    rows = listed(("K1", "silent", 1, 300), ("K2", "unhappy", 2, 200), ("K3", "silent", 3, 100), ("K4", "lost", 4, 50))
    first, second = rank_messages(ground(listed=rows))
    assert (first.occasion, first.customers, first.stake, first.weight) == (Occasion.SILENT, ("K1", "K3"), 400 * 10_000, 0.4)
    assert (first.owners, first.play, first.due) == (("li.na",), "call", pd.Timestamp(2024, 4, 8))
    assert second.occasion is Occasion.UNHAPPY and GROUPS == 2


def test_there_are_five_at_most_and_customers_keep_their_place():
    names = [family[0] for family in FAMILIES.values()]
    crowd = ground(
        usual=usual(*((name, 1e-9, 2.0 + place / 100) for place, name in enumerate(names))),
        figures=figures(**dict.fromkeys(names, 20.0)),
        listed=listed(("K1", "silent", 1, 1), ("K2", "lost", 2, 1), ("K3", "unhappy", 3, 1)),
    )
    kinds = [message.kind for message in rank_messages(crowd)]
    assert len(kinds) == MOST and kinds.count(MessageKind.CUSTOMER) == 2


def test_in_the_companys_pack_a_tiers_news_weighs_by_its_money():
    rows = pd.concat([usual(("orders", 1e-9, 3.0)), usual(("refunds", 1e-9, 2.0)).assign(scope_value="a")], ignore_index=True)
    frame = pd.concat([figures(orders=1.0), figures(refunds=20.0).assign(scope_value="a")], ignore_index=True)
    found = rank_messages(ground(usual=rows, figures=frame, money={("tier", "a"): 0.8, ("tier", "b"): 0.2}))
    assert [(message.scope_value, round(message.weight, 9)) for message in found] == [("a", 1.6), ("b", 0.6)]
    assert not np.isnan([message.weight for message in found]).any()


def test_what_concerns_a_few_weighs_less_than_what_concerns_everybody():
    """10 with feedback among 250 customers: 1.6 x the root of 0.04 = 0.32. The promoter score speaks for all, however few answered."""
    counted = [("feedback_closed_loop", 0.4, 10), ("nps", 20.0, 40), ("customers_active_12m", 250.0, 250)]
    frame = figure_frame(Figure(Scope.TIER, "b", name, value, n=n) for name, value, n in counted)
    found = rank_messages(ground(usual=usual(("feedback_closed_loop", 1e-9, 1.6), ("nps", 1e-9, 1.2)), figures=frame))
    assert [(message.indicator, round(message.weight / (1 if message.is_bad else 0.5), 9)) for message in found] == [
        ("nps", 1.2),
        ("feedback_closed_loop", 0.32),
    ]


def test_a_refund_is_one_message_and_not_three():
    """One customer gave much back: refunds above, net below by the same sum, and the customer on the list; its manager is named."""
    frame = figures(refunds=162.0, net_revenue=-50.0, csat_mean=20.0)
    rows = usual(("refunds", 1e-9, 20.0), ("net_revenue", 1e-9, 9.0), ("csat_mean", 1e-9, 1.1))
    made = ground(usual=rows, figures=frame, listed=listed(("c1", "refund", 1, 162), ("c2", "silent", 2, 30)))
    assert told(made) == [("signal", "refunds"), ("signal", "csat_mean"), ("customer", "silent")]
    refund = with_plays(rank_messages(made), builtin(), Month(2024, 3))[0]
    assert (refund.owners, refund.play, refund.due) == (("li.na",), "call", pd.Timestamp("2024-04-08"))


def test_a_fall_that_refunds_do_not_explain_is_told_beside_them():
    """Refunds rose by 8, net fell by 60: two pieces of news."""
    rows = usual(("refunds", 1e-9, 2.0), ("net_revenue", 1e-9, 9.0))
    assert told(ground(usual=rows, figures=figures(refunds=18.0, net_revenue=-50.0))) == [("signal", "net_revenue"), ("signal", "refunds")]


def test_what_is_bad_gets_the_play_of_the_policy_and_what_is_good_none():
    bad = ground(usual=usual(("complaint_rate", 1e-4, 1.2)), figures=figures(complaint_rate=20.0))
    (message,) = with_plays(rank_messages(bad), builtin(), Month(2024, 3))
    play = builtin().acting.play(Occasion.COMPLAINT)
    assert (message.owners, message.play) == ((play.team,), play.play)
    assert message.due == pd.Timestamp(2024, 3, 31) + pd.Timedelta(days=play.days)
    good = ground(usual=usual(("orders", 1e-4, 1.2)), figures=figures(orders=20.0))
    (message,) = with_plays(rank_messages(good), builtin(), Month(2024, 3))
    assert (message.owners, message.play, message.due, message.is_bad) == ((), "", None, False)
