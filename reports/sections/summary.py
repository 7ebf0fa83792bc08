"""The first page: what matters, whether it is real, why, who acts; beneath it where the pack stands, and whether to trust it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reports.blocks import Block, Cell, Column, Highlights, Paragraph, Section, Table, Tone
from reports.charts import spark
from reports.sections.bridge import bridge_table, same_customers_sentence
from reports.sections.grades import movement_sentence
from reports.sections.matrices import moves_of_tier
from reports.sections.messages import messages
from reports.sections.quality import trust_line
from reports.sections.scorecard import FEWEST_ON_PAGE_1, full_scorecard
from reports.told import Sentence
from reports.view import View, money_of
from transforms.figures import Better, Scope
from transforms.statistics.judging import Signal

GRID = ("net_revenue", "satisfaction_index", "nps", "complaint_rate", "first_response_hours_median")
"""What the company's grid shows of each tier; those without a source are left out."""


@dataclass(frozen=True)
class Caps:
    """The most that each part of the summary may hold."""

    messages: int = 5
    measures: int = 10
    bridge: bool = True


SHORTER = (Caps(5, 8), Caps(5, 6), Caps(5, 4), Caps(5, 4, bridge=False), Caps(4, 4, bridge=False), Caps(2, FEWEST_ON_PAGE_1, bridge=False))
"""What is left out, little by little, where the page is too small for the whole; each row is also in its own section."""


def summaries(view: View) -> tuple[Section, ...]:
    """The first page, and the shorter ones where it is too small; what all of them say is worked out once."""
    headline, told, trusted, missing = _headline(view), messages(view), trust(view), missing_tables(view)
    standing = _grid(view) if view.tier is None else full_scorecard(view)
    bridge = None if view.tier is None else bridge_table(view)

    def capped(caps: Caps) -> Section:
        """Exactly one page: every part of it is capped."""
        blocks: list[Block] = [
            Paragraph(headline, "headline"),
            replace(told, rows=told.rows[: caps.messages]) if isinstance(told, Highlights) else told,
            *([replace(standing, rows=standing.rows[: caps.measures])] if standing is not None else []),
            *([bridge] if bridge is not None and caps.bridge else []),
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
    if view.tier is not None:
        found.append(same_customers_sentence(view))
    found.append(movement_sentence(view))
    return view.words.join(found)


def _grid(view: View) -> Table | None:
    """Tiers by measures: the month's value, its course, and a mark where it is news."""
    shown = [name for name in GRID if view.company(name).has_source]
    heads = (
        Column(view._("Tier"), width="13"),
        *(Column(view.title(name), numeric=True) for name in shown),
        Column(view._("Joined, left"), numeric=True, width="12"),
    )
    rows: list[tuple[Cell, ...]] = []
    for tier, name in view.tier_names.items():
        cells = [_grid_cell(view, Scope.TIER, tier, measure) for measure in shown]
        if any(cell.text for cell in cells):
            came, went = moves_of_tier(view, tier)
            rows.append((Cell(name), *cells, Cell(f"+{view.formats.count(came)}, −{view.formats.count(went)}")))
    if not rows:
        return None
    rows.append((Cell(view._("Company")), *(_grid_cell(view, Scope.COMPANY, "", measure) for measure in shown), Cell("")))
    note = view._("● outside its usual range. The lines are the last thirteen months.")
    return Table(view._("The tiers this month"), heads, tuple(rows), note=note, compact=True, last_is_total=True)


def _grid_cell(view: View, scope: Scope, scope_value: str, indicator: str) -> Cell:
    number = view.company(indicator) if scope is Scope.COMPANY else view.of_tier(scope_value, indicator)
    value = view.short(number)
    title = view._("{title} over the last months", title=view.title(indicator))
    drawn = spark(title, view.series_of(scope, scope_value, indicator), 34, 11)
    signal = Signal(number.signal)
    tone = Tone.PLAIN
    if signal is not Signal.NONE:
        known = view.catalogue.get(indicator)
        better = known.better if known else Better.NEITHER
        tone = Tone.PLAIN if better is Better.NEITHER else Tone.GOOD if signal.rises == (better is Better.HIGHER) else Tone.BAD
    return Cell(Sentence([value, " ●"]) if signal is not Signal.NONE else value, tone=tone, muted=number.value is None, beside=drawn)


def missing_tables(view: View) -> str:
    """Which of the tables that most measures need are not supplied; empty where none is missing."""
    names = [words for table, words in (("surveys", view._("surveys")), ("tickets", view._("tickets"))) if not view.has(table)]
    if not names:
        return ""
    return view._("Not supplied: {tables}. Measures that need them are left out.", tables=view.words.list_of(names))
