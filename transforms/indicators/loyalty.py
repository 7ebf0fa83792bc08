"""Loyalty of a scope: means of the customers' indices, and how the types share out."""

from __future__ import annotations

import numpy as np

from transforms.figures import Better, Label, Unit
from transforms.indicators.declare import MONTH_END, ORDERS, Compute, Part, indicator
from transforms.statistics.estimates import Estimate, mean_of, share_of

TYPES = {
    "true": ("True loyalty", "attitude and behaviour both high", Better.HIGHER),
    "latent": ("Latent loyalty", "attitude high, behaviour low", Better.NEITHER),
    "spurious": ("Spurious loyalty", "behaviour high, attitude low", Better.NEITHER),
    "no": ("No loyalty", "attitude and behaviour both low", Better.LOWER),
}


def _mean(part: Part, column: str, method: str) -> Estimate:
    values = part.numbers(column)
    return mean_of(values[~np.isnan(values)], 0, 100, method)


@indicator(
    "behavioural_loyalty",
    title="Behavioural loyalty",
    unit=Unit.INDEX,
    better=Better.HIGHER,
    formula="mean over rated customers of the mean percent rank of yearly net, orders per month and tenure",
    window=MONTH_END,
    needs=ORDERS,
    section="loyalty",
    serves=("S100",),
)
def behavioural_loyalty(part: Part) -> Estimate:
    return _mean(part, "behavioural_loyalty", "mean over rated customers")


@indicator(
    "loyalty_index",
    title="Loyalty index",
    unit=Unit.INDEX,
    better=Better.HIGHER,
    formula="mean over customers of weights x (behavioural loyalty, satisfaction index, recommendation x 10); what is unknown is left out",
    window=MONTH_END,
    needs=ORDERS,
    section="loyalty",
    label=Label.MEASURED,
    serves=("S94",),
)
def loyalty_index(part: Part) -> Estimate:
    partial = int(part.flags("loyalty_partial").sum())
    known = int((~np.isnan(part.numbers("loyalty_index"))).sum())
    return _mean(part, "loyalty_index", f"mean over customers; {known - partial} of {known} with all parts")


def _declare_type_share(kind: str) -> Compute:
    def computed(part: Part) -> Estimate:
        unclassified = int(part.holds_word("loyalty_type", "unclassified").sum())
        hits, n = int(part.holds_word("loyalty_type", "none" if kind == "no" else kind).sum()), len(part) - unclassified
        return share_of(hits, n, f"of {n} classified customers, {unclassified} unclassified; Wilson interval")

    return computed


for _kind, (_title, _rule, _better) in TYPES.items():
    indicator(
        f"share_{_kind}_loyalty",
        title=_title,
        unit=Unit.SHARE,
        better=_better,
        formula=f"customers with {_rule} / customers whose attitude is known",
        window=MONTH_END,
        needs=("surveys",),
        section="loyalty",
        serves=("S92",),
        survey=True,
    )(_declare_type_share(_kind))
