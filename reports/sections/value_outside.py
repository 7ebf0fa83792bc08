"""Tables of the value section that speak of what comes from outside: what customers told, and the market."""

from __future__ import annotations

from collections.abc import Sequence

from reports.blocks import Cell, Column, Table
from reports.glyphs import clean
from reports.i18n import N_
from reports.view import View
from transforms.markets import Market
from transforms.telling import Told

KINDS = {
    "complaint": N_("Complaints"),
    "suggestion": N_("Suggestions"),
    "request": N_("Requests"),
    "enquiry": N_("Enquiries"),
    "praise": N_("Praise"),
}
INFORMANTS = 3


def told_table(view: View, lines: Sequence[Told]) -> Table | None:
    """What customers told us in the month, and who told most in twelve months."""
    if not any(line.items for line in lines):
        return None
    heads = (
        Column(view._("What customers told"), width="46"),
        Column(view._("Items"), numeric=True),
        Column(view._("Customers"), numeric=True),
    )
    rows = tuple(
        (Cell(view._(KINDS[line.kind])), Cell(view.formats.count(line.items)), Cell(view.formats.count(line.customers))) for line in lines
    )
    asked = view.known_column("tickets_12m")
    order = sorted(range(len(asked)), key=lambda place: (-asked.iloc[place], str(view.customers["customer_id"].iloc[place])))
    most = [place for place in order[:INFORMANTS] if asked.iloc[place] > 0]
    names = [view.customer({str(name): cell for name, cell in view.customers.iloc[place].items()})[0] for place in most]
    note = view._("Most tickets in twelve months: {names}.", names=view.words.listed(names)) if names else ""
    return Table(view._("Information from customers, this month"), heads, rows, note=note, compact=True)


def markets_table(view: View, lines: Sequence[Market]) -> Table | None:
    """The target markets of the register beside own money; sizes and growth are external."""
    if not lines:
        return None
    heads = (
        Column(view._("Market (external)"), width="24"),
        Column(view._("Size a year"), numeric=True),
        Column(view._("Own share"), numeric=True),
        Column(view._("Market growth"), numeric=True),
        Column(view._("Own growth"), numeric=True),
        Column(view._("Competition, source"), width="26"),
    )
    rows = tuple(
        (
            Cell(view._("All customers") if not line.field else clean(line.group, 40)),
            Cell(view.formats.money(line.size, 0)),
            Cell(view.formats.share(line.own_share)),
            Cell(view.formats.share(line.growth)),
            Cell(view.formats.share(line.own_growth)),
            Cell(clean(line.competition, 120), clean(_source(line), 120)),
        )
        for line in lines
    )
    note = view._("Size, growth and competition come from the register of markets: external, and never estimated from own data.")
    return Table(view._("Target markets"), heads, rows, note=note, compact=True)


def _source(line: Market) -> str:
    return ", ".join(part for part in (line.source, "" if line.opened_on is None else line.opened_on.strftime("%Y-%m-%d")) if part)
