"""The first page: the month in two sentences, twelve numbers, what stands out, and whether to trust it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reports.blocks import Block, Bullets, Cell, Column, Kpi, Kpis, Paragraph, Section, Side, Table
from reports.charts import spark
from reports.formats import finite
from reports.sections.bridge import same_customers_sentence
from reports.sections.common import change_cell
from reports.sections.grades import movement_sentence
from reports.sections.quality import trust_line
from reports.sections.watch import watch_list
from reports.view import View, amount_of, money_of
from transforms.figures import Better, Unit
from transforms.statistics.judging import Signal

CARDS = ("net_revenue", "customers_active_12m", "csat_mean", "loyalty_index", "retention_rate", "repeat_purchase_rate", "orders", "nrr")
"""The first four of these that have a value are printed large."""

ROWS = (
    "nps",
    "retention_rate",
    "revenue_at_risk",
    "average_order_value",
    "customers_new",
    "customers_lost",
    "complaint_rate",
    "resolution_hours_median",
    "nrr",
    "top20_share",
    "orders",
    "repeat_purchase_rate",
    "customers_base",
)
"""The first eight of these that are not among the cards and are supplied are printed as rows."""


STAYED = ("retention_rate", "nrr")
"""Not on a tier's first page, where there is no room to say that who left has often fallen to another tier before."""


@dataclass(frozen=True)
class Caps:
    """The most that each part of the summary may hold."""

    measures: int = 8
    sentences: int = 4
    customers: int = 5


SHORTER = (Caps(7, 4, 4), Caps(6, 3, 3), Caps(5, 2, 3), Caps(3, 1, 2))
"""What is left out, little by little, where the page is too small for the whole; each row is also in its own section."""


def summaries(view: View) -> tuple[Section, ...]:
    """The summary, and the shorter ones for a page that is too small for it; what all of them say is worked out once."""
    headline, sentences, trusted, missing = _headline(view), _stands_out(view), trust(view), _missing(view)
    kpis = _kpis(view, Caps().measures)

    def capped(caps: Caps) -> Section:
        """Exactly one page: every part of it is capped."""
        left: list[Block] = [Bullets(tuple(sentences[: caps.sentences]), view._("What stands out"))]
        blocks: list[Block] = [
            Paragraph(headline, "headline"),
            replace(kpis, rows=kpis.rows[: caps.measures]),
            Side(tuple(left), (_watch_table(view, caps.customers),)),
            trusted,
            *([Paragraph(missing, "note")] if missing else []),
        ]
        return Section("summary", view._("Summary"), tuple(blocks))

    return tuple(capped(caps) for caps in (Caps(), *SHORTER))


def trust(view: View) -> Paragraph:
    """One line on how far the data can be trusted."""
    return Paragraph(trust_line(view), "trust")


def _headline(view: View) -> str:
    """Who this is about, what they brought, and who moved."""
    everyone, own = view.material.review.customers, view.customers
    month = view.formats.month(view.month)
    if not len(own):
        return view._("No customers are in this tier in {month}.", month=month)
    net, all_net = money_of(own, "net_12m"), money_of(everyone, "net_12m")
    revenue = view.own("net_revenue")
    found: list[str] = []
    if view.tier is None:
        found.append(
            view._(
                "{n} customers brought {money} net in the twelve months to {month}.",
                n=view.formats.count(len(own)),
                money=view.formats.money_short(net),
                month=month,
            )
        )
    elif all_net > 0:
        found.append(
            view._(
                "{share} of the customers bring {money_share} of the money: {n} customers, {money} net in twelve months.",
                share=view.formats.share(len(own) / len(everyone), 0),
                money_share=view.formats.share(net / all_net, 0),
                n=view.formats.count(len(own)),
                money=view.formats.money_short(net),
            )
        )
    if revenue.value is not None:
        said = {"month": month, "money": view.formats.money_short(revenue.value), "change": view.change(revenue)}
        if said["change"]:
            found.append(view._("{month} itself brought {money}, {change} on the month before.", **said))
        else:
            found.append(view._("{month} itself brought {money}.", **said))
    if view.tier is not None:
        found.append(same_customers_sentence(view))
    found.append(movement_sentence(view))
    return view.words.join(found)


def _kpis(view: View, most: int) -> Kpis:
    supplied = [name for name in CARDS if view.own(name).value is not None][:4]
    rows = [
        name
        for name in ROWS
        if name not in (*supplied, *(STAYED if view.tier is not None else ()))
        and view.own(name).has_source
        and (name in view.catalogue or view.own(name).value is not None)
    ]
    heads = [view._("Measure"), view.formats.month_short(view.month), view._("Change"), view._("Trend"), view._("Based on")]
    widths: tuple[int, ...] = (32, 16, 14, 24, 14)
    if view.tier is not None:
        heads.append(view._("Company"))
        widths = (27, 15, 14, 19, 11, 14)
    cards = tuple(_kpi(view, name, card=True) for name in supplied)
    return Kpis(cards, tuple(_kpi(view, name) for name in rows[:most]), tuple(heads), widths)


def _kpi(view: View, indicator: str, card: bool = False) -> Kpi:
    number = view.own(indicator)
    unit = view.unit(indicator)
    value = view.formats.money_short(number.value) if card and unit is Unit.MONEY and number.value is not None else view.value(number)
    moved = change_cell(view, indicator)
    company = view.company(indicator)
    beside = ""
    if view.tier is not None and unit not in (Unit.COUNT, Unit.BALANCE, Unit.MONEY):
        beside = view._("company {value}", value=view.value(company))
    return Kpi(
        title=view.title(indicator),
        value=value,
        basis=" · ".join(part for part in (view.basis(number), beside) if part) if card else view.basis(number),
        change=moved.text,
        tone=moved.tone,
        signal=signal_words(view, number.signal),
        company=view.value(company) if view.tier is not None else "",
        spark=spark(
            view._("{title} over the last months", title=view.title(indicator)), view.series(indicator), *((92, 20) if card else ())
        ),
        missing=number.value is None,
        figure_id=number.figure_id,
    )


def signal_words(view: View, signal: str) -> str:
    """What the control chart says of a figure, in two words; nothing where it is within its usual range."""
    spoken = {
        Signal.ABOVE: view._("unusually high"),
        Signal.BELOW: view._("unusually low"),
        Signal.RUN_ABOVE: view._("high for eight months"),
        Signal.RUN_BELOW: view._("low for eight months"),
        Signal.NEAR_ABOVE: view._("high in three of four months"),
        Signal.NEAR_BELOW: view._("low in three of four months"),
    }
    return spoken.get(Signal(signal), "")


def _stands_out(view: View) -> list[str]:
    """At most four sentences: signals first, then the single largest mover, risk, and concentration."""
    found: list[str] = []
    for name in view.catalogue:
        number = view.own(name)
        said = signal_words(view, number.signal)
        if said and number.value is not None:
            found.append(
                view._(
                    "{title}: {signal} at {value} ({change}).",
                    title=view.title(name),
                    signal=said,
                    value=view.value(number),
                    change=view.change(number) or view._("no earlier month"),
                )
            )
    found = found[:2]
    found += [sentence for sentence in (_largest_move(view), _at_risk(view), _satisfaction(view), _top(view)) if sentence]
    return found + (_largest_changes(view) if len(found) < Caps().sentences else []) or [view._("Nothing stands out this month.")]


def _largest_move(view: View) -> str:
    """The customer whose twelve-month net moved most since last month."""
    if not len(view.previous) or "net_12m" not in view.previous or "net_12m" not in view.customers:
        return ""
    before = view.previous.set_index("customer_id")["net_12m"]
    change = view.known_column("net_12m") - view.customers["customer_id"].map(before).astype("Float64").astype("float64")
    known = change.dropna()
    if not len(known) or not known.abs().max():
        return ""
    order = sorted(known.index, key=lambda place: (-abs(known[place]), str(view.customers.at[place, "customer_id"])))
    row = {str(key): value for key, value in view.customers.loc[order[0]].items()}
    name = view.short_name(row, 150)
    moved = amount_of(known[order[0]]) or 0.0
    said = {"name": name, "money": view.formats.money(abs(moved), 0), "now": view.formats.money(amount_of(row["net_12m"]), 0)}
    if moved > 0:
        return view._("{name} grew most: twelve-month net up {money} to {now}.", **said)
    return view._("{name} fell most: twelve-month net down {money} to {now}.", **said)


def _at_risk(view: View) -> str:
    risk = view.own("revenue_at_risk")
    net = money_of(view.customers, "net_12m")
    if not risk.value or net <= 0:
        return ""
    return view._(
        "{money} of twelve-month net ({share}) sits with customers silent for {days} or more.",
        money=view.formats.money_short(risk.value),
        share=view.formats.share(risk.value / net),
        days=view.formats.days(view.material.review.policy.warn_days),
    )


def _satisfaction(view: View) -> str:
    """Where a tier's satisfaction and the company's are apart beyond chance."""
    own, company = view.own("csat_mean"), view.company("csat_mean")
    if view.tier is None or own.value is None or company.value is None or own.upper is None or own.lower is None:
        return ""
    said = {"value": view.value(own), "company": view.value(company)}
    if own.upper < company.value:
        return view._("Satisfaction is below the company’s: {value} against {company}.", **said)
    if own.lower > company.value:
        return view._("Satisfaction is above the company’s: {value} against {company}.", **said)
    return ""


def _top(view: View) -> str:
    top = view.own("top20_share")
    if top.value is None:
        return ""
    return view._("The largest fifth of the customers brings {share} of twelve-month net.", share=view.value(top))


def _largest_changes(view: View) -> list[str]:
    """The changes that are largest against their own level, among figures with a good and a bad direction."""
    sized: list[tuple[float, str]] = []
    for name, indicator in view.catalogue.items():
        number = view.own(name)
        if indicator.better is Better.NEITHER or number.change is None or not number.previous or number.value is None:
            continue
        sized.append((-abs(number.change / number.previous), name))
    return [
        view._(
            "{title}: {value}, {change} on the month before.",
            title=view.title(name),
            value=view.value(view.own(name)),
            change=view.change(view.own(name)),
        )
        for size, name in sorted(sized)
        if size < -0.02 and name not in ("net_revenue", "revenue_at_risk", "top20_share")
    ]


def _watch_table(view: View, most: int) -> Block:
    found = watch_list(view, most)
    title = view._("Customers to watch")
    if not found.total:
        return Bullets((view._("None this month."),), title)
    rows = [
        (Cell(view.short_name(one.row, 170), view.words.apart(one.reasons)), Cell(view.formats.money_short(finite(one.stake))))
        for one in found.shown
    ]
    heads = (Column(view._("Customer"), width="76"), Column(view._("12-month net"), numeric=True))
    note = (
        view._("Top {shown} of {total}; more in “{section}”.", shown=len(rows), total=view.formats.count(found.total), section=title)
        if found.total > len(rows)
        else ""
    )
    return Table(title, heads, tuple(rows), note=note, compact=True)


def _missing(view: View) -> str:
    names = [words for table, words in (("surveys", view._("surveys")), ("tickets", view._("tickets"))) if not view.has(table)]
    if not names:
        return ""
    return view._("Not supplied: {tables}. Measures that need them are left out.", tables=view.words.list_of(names))
