"""Assumptions and benchmark notes: what is quoted in teaching texts, beside what the company's own data say."""

from __future__ import annotations

from dataclasses import dataclass

from reports.blocks import Cell, Column, Paragraph, Section, Table
from reports.glyphs import clean
from reports.i18n import N_
from reports.view import View
from transforms.policy.assumptions import QUOTED, Assumption, Origin, in_force

SOURCES = {
    Origin.SERVICE_MOMENTS: N_("quoted in a text on moments of truth"),
    Origin.LOYALTY: N_("quoted in a text on loyalty management"),
    Origin.SERVICE_SYSTEM: N_("quoted in a text on service systems"),
    Origin.COMPANY: N_("set by the company’s policy"),
}


@dataclass(frozen=True)
class Quote:
    """A quoted figure: its words, its text, the own figures that measure the same, and what is wrong with it."""

    words: str
    source: Origin
    measured: tuple[str, ...] = ()
    remark: str = ""
    key: str = ""
    """The assumption that it may be; empty: a note only."""


QUOTES = (
    Quote(
        N_("Keeping a customer costs one fifth of winning one; elsewhere winning costs “5 times more”, “5 times higher” or 6 times"),
        Origin.SERVICE_MOMENTS,
        ("win_to_keep_ratio",),
        N_("The wordings contradict one another (5 or 6 times); none is used."),
        "keep_to_win_ratio",
    ),
    Quote(
        N_("A sale to an existing customer succeeds in 50%, to a new one in 15%"),
        Origin.SERVICE_MOMENTS,
        ("win_rate_existing", "win_rate_new"),
        key="sell_existing",
    ),
    Quote(
        N_("Loyalty 5% lower makes profit 25% lower"),
        Origin.SERVICE_MOMENTS,
        (),
        N_("No factor on an undefined loyalty; see the retention scenario."),
    ),
    Quote(
        N_("Retention 5 points higher makes profit 85% higher; elsewhere 5% makes it 15%"),
        Origin.SERVICE_MOMENTS,
        ("retention_plus_5_value",),
        N_("The two contradict each other, and mix points and per cent; the scenario uses own numbers."),
    ),
    Quote(N_("60% of new customers come by recommendation"), Origin.SERVICE_MOMENTS, ("referred_new_share",)),
    Quote(
        N_("A satisfied customer is six times as willing to buy as a dissatisfied one"),
        Origin.SERVICE_MOMENTS,
        ("satisfied_purchase_ratio",),
    ),
    Quote(N_("A third of the customers is lost every year"), Origin.LOYALTY, ("churn_rate", "churn_rate_lost"), key="benchmark_churn"),
    Quote(
        N_("Within five years old customers are zero"),
        Origin.LOYALTY,
        ("customer_survival_5y",),
        N_("The arithmetic fails: a third lost each year leaves 13.2% after five."),
    ),
    Quote(
        N_("Word of mouth influences half of those who hear it, and a quarter of these stop buying"),
        Origin.LOYALTY,
        (),
        N_("Not measurable from orders, tickets and answers."),
        "wom_influenced",
    ),
    Quote(
        N_("A lost customer tells [digits lost] people; weekly spend, weeks and years [digits lost]"),
        Origin.LOYALTY,
        ("lost_customer_cost",),
        N_("The digits are lost and are not filled in; own weekly spend is used."),
        "wom_told",
    ),
    Quote(
        N_("Satisfaction of [digits lost]%, a survey every [digits lost] days, a price [digits lost]% higher"),
        Origin.LOYALTY,
        ("csat_top2_share", "wins_above_rival_share"),
        N_("The digits are lost and are not filled in."),
    ),
    Quote(
        N_("10, 20, 30 and 40% of profit come from buying, being satisfied, buying again, recommending"),
        Origin.SERVICE_SYSTEM,
        ("bucket_first_share", "bucket_satisfied_share", "bucket_repeat_share", "bucket_referral_share"),
        N_("Read as parts that exclude each other."),
    ),
    Quote(
        N_("Selling is 20% explaining and 10% closing"),
        Origin.SERVICE_SYSTEM,
        (),
        N_("The rest of the diagram is lost; nothing is reckoned with it."),
    ),
)
"""Quoted figures in the order of the pack; the words are ours, the digits theirs, and lost digits stay lost."""


def assumptions(view: View) -> Section | None:
    """The company pack's annex of quoted figures; those that the policy switched off are not printed."""
    if view.tier is not None or view.material.review.economics is None:
        return None
    assumed = in_force(view.material.review.policy.assumptions)
    lead = view._(
        "Quoted figures are never facts: none enters a computed number. Each stands here beside what the own data say, "
        "and a policy can change or switch off those that are assumptions."
    )
    heads = (
        Column(view._("What is quoted"), width="42"),
        Column(view._("Own data"), width="29"),
        Column(view._("Remark"), width="29"),
    )
    rows = [_row(view, quote, assumed) for quote in QUOTES if not quote.key or assumed[quote.key].on]
    table = Table(view._("Quoted, and measured"), heads, tuple(rows), compact=True, inline=True)
    own = _own(view, assumed)
    blocks = (Paragraph(lead, "lead"), table, *((own,) if own is not None else ()))
    return Section("assumptions", view._("Assumptions and benchmark notes"), blocks)


def _row(view: View, quote: Quote, assumed: dict[str, Assumption]) -> tuple[Cell, ...]:
    source = view._(SOURCES[quote.source])
    label = view._("assumption, {source}", source=source) if quote.key else view._("note, {source}", source=source)
    numbers = [view.own(name) for name in quote.measured if name in view.catalogue]
    told = [view._("{title}: {value}", title=view.title(number.indicator), value=view.value(number)) for number in numbers]
    own = view.words.apart(told) if told else view._("not measured")
    return Cell(view._(quote.words), label), Cell(own, muted=not told), Cell(view._(quote.remark) if quote.remark else "", muted=True)


def _own(view: View, assumed: dict[str, Assumption]) -> Table | None:
    """What the policy itself says: the company's values and what it switched off."""
    changed = [one for key, one in sorted(assumed.items()) if one != QUOTED[key]]
    if not changed:
        return None
    heads = (Column(view._("Assumption"), width="34"), Column(view._("Value"), numeric=True), Column(view._("Source")))
    rows = tuple(
        (
            Cell(one.key),
            Cell(view.formats.number(one.value, 2) if one.usable else view._("switched off"), muted=not one.usable),
            Cell(view._("assumption, {source}", source=_source(view, one))),
        )
        for one in changed
    )
    return Table(view._("What this policy assumes otherwise"), heads, rows, compact=True)


def _source(view: View, one: Assumption) -> str:
    known = {str(origin): words for origin, words in SOURCES.items()}
    return view._(known[one.source]) if one.source in known else clean(one.source, 80)
