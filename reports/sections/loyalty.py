"""Loyalty: what customers do, what they say, and where the two part."""

from __future__ import annotations

from reports.blocks import Block, Chart, Paragraph, Section, Side
from reports.charts import HALF, bars, quadrants
from reports.i18n import N_
from reports.sections.common import known_indicators, measures
from reports.sections.trends import trend_chart
from reports.view import View

MEASURES = ("loyalty_index", "behavioural_loyalty", "repeat_purchase_rate")
"""Retention is measured with the money, and drawn here."""

TYPES = (
    ("share_latent_loyalty", N_("Latent"), N_("like us, buy little")),
    ("share_true_loyalty", N_("True"), N_("like us, keep buying")),
    ("share_no_loyalty", N_("None"), N_("neither")),
    ("share_spurious_loyalty", N_("Spurious"), N_("buy without liking us")),
)
"""The four fields, attitude upward and behaviour to the right."""


def loyalty(view: View) -> Section:
    """Behaviour is known from orders; attitude only where there are surveys."""
    present = [name for name in known_indicators(view, *MEASURES) if view.own(name).has_source]
    blocks: list[Block] = [Paragraph(loyalty_lead(view), "lead"), measures(view, view._("Loyalty measures"), present)]
    lead = next((name for name in ("loyalty_index", "behavioural_loyalty") if view.own(name).value is not None), "repeat_purchase_rate")
    second = loyalty_types(view)
    rungs = _ladder(view) if second else None
    if second and view.tier is not None:
        # Who left is hardly ever in a good tier now: the rate stands with the value, and its course in the company's pack.
        blocks.append(Side((trend_chart(view, lead), *((rungs,) if rungs else ())), (second,)))
    elif second:
        blocks.append(Side((trend_chart(view, lead), trend_chart(view, "retention_rate")), (second, *((rungs,) if rungs else ()))))
    else:
        blocks.append(Side((trend_chart(view, lead),), (trend_chart(view, "retention_rate"),)))
    if not view.has("surveys"):
        blocks.append(
            Paragraph(view._("Attitude is not supplied: without surveys, loyalty is judged by behaviour alone and has no types."), "notice")
        )
    return Section("loyalty", view._("Loyalty"), tuple(blocks))


def loyalty_lead(view: View) -> str:
    """The index; where there is none, who stayed."""
    index, retention = view.own("loyalty_index"), view.own("retention_rate")
    if index.value is not None:
        return view._("The loyalty index stands at {value} of 100.", value=view.value(index))
    if retention.value is not None:
        return view._(
            "Of the customers who bought in the twelve months before, {share} bought again in the last twelve.",
            share=view.value(retention),
        )
    return view._("There is too little history yet to judge loyalty.")


def loyalty_types(view: View) -> Chart | None:
    """The four fields of attitude and behaviour; None where nobody was asked."""
    numbers = [(view.own(name), view._(kind), view._(meaning)) for name, kind, meaning in TYPES]
    if all(number.value is None for number, *_ in numbers):
        return None
    title = view._("Four kinds of loyalty")
    true, spurious = view.own("share_true_loyalty"), view.own("share_spurious_loyalty")
    sentence = view._(
        "Of the customers whose attitude is known, {true} are truly loyal; "
        "{spurious} keep buying without liking it and may leave when they can.",
        true=view.value(true),
        spurious=view.value(spurious),
    )
    cells = [(kind, meaning, number.value or 0.0, view.value(number)) for number, kind, meaning in numbers]
    return Chart(title, quadrants(f"{title}. {sentence}", cells, view._("buys"), view._("likes us")), sentence)


_RUNGS = (
    ("cognition", N_("Cognition")),
    ("consideration", N_("Consideration")),
    ("preference", N_("Preference")),
    ("purchase", N_("Purchase")),
    ("loyalty", N_("Loyal")),
)


def _ladder(view: View) -> Chart | None:
    """How many stand on which rung of the ladder of loyalty."""
    if "ladder" not in view.customers or not len(view.customers):
        return None
    held = view.customers["ladder"].dropna().astype(str).value_counts()
    total = int(held.sum())
    rows = [(view._(words), int(held.get(rung, 0))) for rung, words in _RUNGS if rung in held.index]
    if not total or not rows:
        return None
    title = view._("The ladder of loyalty")
    widest = max(rows, key=lambda row: row[1])
    sentence = view._(
        "Most of those who were asked stand on the rung “{rung}”: {count} of {total}.",
        rung=widest[0],
        count=view.formats.count(widest[1]),
        total=view.formats.count(total),
    )
    art = bars(
        f"{title}. {sentence}",
        [(name, float(count), f"{view.formats.count(count)} · {view.formats.share(count / total, 0)}") for name, count in rows],
        width=HALF,
    )
    return Chart(title, art, sentence)
