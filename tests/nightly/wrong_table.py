"""Formulas put in wrongly on purpose: thirty mistakes that a person makes, each of which the unit tests must notice.

The first fifteen are the kinds of mistake that once went unnoticed in twelve cases of fifteen; the others are of subjects that those
leave out. Each text stands once in its file, so that the change can only land where it is meant to.
"""

from __future__ import annotations

from typing import NamedTuple


class Wrong(NamedTuple):
    """One wrong formula: in which file of `transforms/indicators`, what stands there, what stands there wrongly, and what is wrong."""

    file: str
    old: str
    new: str
    what: str


KINDS = (
    Wrong(
        "retention.py",
        "share_of(int((days >= 2).sum()), int((days >= 1).sum()),",
        "share_of(int((days >= 2).sum()), len(days),",
        "a share of all customers instead of the active ones",
    ),
    Wrong(
        "group_service.py",
        "Estimate(float(np.median(hours)), len(hours), method=",
        "Estimate(float(np.mean(hours)), len(hours), method=",
        "the mean for the median",
    ),
    Wrong("costs.py", '(costs["month"] > str(month - 12))', '(costs["month"] > str(month - 13))', "a window of thirteen months"),
    Wrong(
        "costs.py",
        'costs_of_kind(part, "service"), (part.total("gross_12m") - part.total("refunds_12m")) / UNITS',
        'costs_of_kind(part, "service"), float(part.integers("gross_12m").sum() - part.integers("refunds_12m").sum()) / UNITS',
        "the company is the sum of its tiers: what belongs to nobody is left out",
    ),
    Wrong(
        "money.py",
        '_money(part, part.total("month_gross") - part.total("month_refunds"))',
        '_money(part, part.total("month_gross") + part.total("month_refunds"))',
        "refunds with the wrong sign",
    ),
    Wrong(
        "concentration.py",
        '(part.integers("recency_days") >= part.policy.warn_days)',
        '(part.integers("recency_days") > part.policy.warn_days)',
        "more than 180 days instead of 180 or more",
    ),
    Wrong(
        "money.py",
        'Estimate(units / UNITS, part.total("orders_12m"), method=',
        "Estimate(units / UNITS, len(part), method=",
        "n counts customers instead of orders",
    ),
    Wrong(
        "service.py", 'part.total("month_orders"), 1000, "per 1,000', 'part.total("month_orders"), 100, "per 1,000', "per 100 for per 1,000"
    ),
    Wrong("churn.py", "for end in (kept.upper, kept.lower))", "for end in (kept.lower, kept.upper))", "the ends of an interval swapped"),
    Wrong(
        "satisfaction.py", "int((scores >= 9).sum()))\n    return found", "int((scores >= 8).sum()))\n    return found", "promoters from 8"
    ),
    Wrong(
        "concentration.py",
        'units = (part.integers("gross_12m") - part.integers("refunds_12m"))[active]\n    count',
        'units = part.integers("gross_12m")[active]\n    count',
        "gross for net",
    ),
    Wrong(
        "customers.py",
        'count_of(int((part.flags("is_lost") & ~part.flags("was_lost")).sum()))',
        'count_of(int(part.flags("is_lost").sum()))',
        "a flow counted as a stock: all who are lost instead of those newly lost",
    ),
    Wrong(
        "money.py",
        'Estimate(part.total("month_gross") / UNITS / number, number, method=method)',
        'Estimate((part.total("month_gross") - part.total("month_refunds")) / UNITS / number, number, method=method)',
        "net for gross",
    ),
    Wrong(
        "customers.py",
        'count_of(int((part.integers("orders_12m") > 0).sum()))',
        'count_of(int((part.integers("total_orders") > 0).sum()))',
        "ever instead of twelve months",
    ),
    Wrong(
        "retention.py",
        "share_of(before - stayed, before,",
        "share_of(stayed, before,",
        "a rate told as its complement",
    ),
)
"""The kinds of mistake: denominator, mean and median, window, scope, sign, bound, n, unit, interval, cut, gross and net, stock and flow."""

OTHERS = (
    Wrong(
        "costs.py", 'chosen &= costs["tier"] == part.scope_value', 'chosen &= costs["tier"].notna()', "costs of all tiers for each of them"
    ),
    Wrong(
        "quotes.py",
        "first[places[known]] < day[known]",
        "first[places[known]] <= day[known]",
        "ordered on the day of the quote is before it",
    ),
    Wrong(
        "effort.py",
        'out = rows.loc[(rows["direction"] != "in").to_numpy(dtype=bool)]',
        'out = rows.loc[(rows["direction"] == "in").to_numpy(dtype=bool)]',
        "their contacts for ours",
    ),
    Wrong("feedback.py", '(told["contacted_at"] <= due)', '(told["contacted_at"] < due)', "on the minute counts as late"),
    Wrong(
        "service.py",
        "median_of(_numbers(part, hours)[opened], _flags(part, done)[opened])",
        "median_of(_numbers(part, hours)[opened & _flags(part, done)], _flags(part, done)[opened & _flags(part, done)])",
        "who still waits is left out of the median",
    ),
    Wrong("service.py", "in_time = (resolved <= due)", "in_time = (resolved < due)", "solved on the minute counts as late"),
    Wrong(
        "strategy.py",
        "difference += own.sum() * (ordered[own].mean() - ordered[other].mean())",
        "difference += ordered[own].mean() - ordered[other].mean()",
        "classes weigh alike instead of by their customers",
    ),
    Wrong(
        "separation.py",
        "(sizes * (means - mean) ** 2).sum()",
        "((means - mean) ** 2).sum()",
        "the variance between groups without their sizes",
    ),
    Wrong(
        "markets.py",
        'int(part.customers.loc[chosen, "net_12m"].sum())',
        'int(part.customers.loc[chosen, "historic_net"].sum())',
        "another year's money",
    ),
    Wrong(
        "lost_customers.py",
        'days = (last - first).astype(np.int64) + part.numbers("median_gap_days")[rows]',
        "days = (last - first).astype(np.int64) + 0 * rows",
        "the interval that the last order lasts for is left out",
    ),
    Wrong(
        "lifetime.py",
        'units = int(part.integers("net_12m")[gone].sum())',
        'units = int(part.integers("gross_12m")[gone].sum())',
        "what is likely lost is told before refunds",
    ),
    Wrong(
        "splits.py",
        "mean * n - sum(group.n * group.mean",
        "mean * n + sum(group.n * group.mean",
        "what is outside the tiers has a wrong mean",
    ),
    Wrong(
        "groups.py",
        'int(part.holds_word("value_class", "high").sum()), int((~part.holds_word("value_class", "unrated")).sum())',
        'int(part.holds_word("value_class", "high").sum()), len(part)',
        "a share of all customers of the group instead of the rated ones",
    ),
    Wrong(
        "standard.py",
        "(apart <= part.policy.borderline)",
        "(apart < part.policy.borderline)",
        "exactly at the edge of the band is outside of it",
    ),
    Wrong(
        "loyalty_value.py",
        'classified, net = ~_type_of(part, "unclassified"), np.maximum(net_of(part, "12m"), 0.0)',
        'classified, net = ~_type_of(part, "unclassified"), net_of(part, "12m")',
        "who cost money lowers the sum instead of counting as 0",
    ),
)
"""Mistakes of their own subjects."""

WRONG = (*KINDS, *OTHERS)
