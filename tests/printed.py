"""What stands printed: every cell and sentence of built packs with the words around it, and which figures are among them.

A pack is read as its reader reads it, in English, before it is laid out: a figure counts as printed where its words and its
formatted value stand together, in the table or chart that the requirement names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

import pandas as pd

from flows.lookup.simulating import SimulationOutcome
from flows.upkeep.requirements import Requirement, Status
from reports.blocks import Block, Bullets, Chart, Heading, Kpis, Paragraph, Side, Table, Terms
from reports.card import CardMaterial, customer_card
from reports.material import PackMaterial
from reports.pack import ReviewPack, build_packs
from reports.pack_facts import Number, PackFacts
from reports.reference import each_reference
from reports.sections.words import group_word
from reports.view import View
from reports.workbook.sheets import Grid
from tests.reports.builders import material
from tests.reports.rich import MARCH, SUITES, company
from tests.transforms.builders import ZONE, canonical
from transforms.figures import Scope
from transforms.indicators.all import CATALOGUE
from transforms.inputs import MonthInputs
from transforms.policy.declared_segments import DeclaredSegment
from transforms.policy.rules import builtin
from transforms.review import MonthReview, no_history, review_month
from transforms.why.whatif import simulate_months

CARD = "keping card"

WORDS: Mapping[str, tuple[str, ...]] = {
    # group figures stand under short heads
    "group_customers": ("Customers|All",),
    "group_customer_share": ("Share|Customers, share",),
    "group_value_share": ("Value share",),
    "group_tenure_median": ("Months",),
    "group_orders_median": ("Orders",),
    "group_nps": ("NPS",),
    "group_satisfaction": ("Satisfaction",),
    "group_net_12m": ("12-month net",),
    "group_retention": ("Retention",),
    "group_high_share": ("High-value share",),
    "group_acquisition_cost": ("Cost of winning one",),
    "group_new": ("New",),
    "group_basket_median": ("Median basket",),
    "separation": ("Between classes",),
    "need_share": ("Named by",),
    "market_share": ("Our share",),
    # figures of movements stand in the columns of their parts
    "score_mean": ("Mean score",),
    **{
        f"{name}_by_{part}": (title, head)
        for name, title in (
            ("csat_mean", "Satisfaction (mean)"),
            ("loyalty_index", "Loyalty index"),
            ("net_revenue", "Net revenue"),
            ("nps", "Net promoter score"),
            ("satisfaction_index", "Satisfaction index"),
            ("score_mean", "Mean score"),
        )
        for part, head in (
            ("mix", "Mix of tiers"),
            ("rate", "Within tiers"),
            ("size", "Number of customers"),
            ("outside", "Outside of tiers"),
        )
    },
    # figures that a sentence or a total tells
    "top20_share": ("The largest fifth of",),
    "customers_base": ("customers are in the base",),
    "grade_value_correlation": ("Rank correlation of score and revenue since",),
    "grade_value_inversions": ("Inversions",),
    "grade_value_since": ("Mean revenue since",),
    "lost_customer_cost": ("lost customer",),
    "customer_survival_5y": ("5  ", "Still buying"),
    "referrals_per_100": ("True", "Referred per 100"),
    "risers_below_top": ("customers below the best tier grew",),
    **{f"share_{kind}_loyalty": ("Four kinds of loyalty",) for kind in ("true", "latent", "spurious", "no")},
}
"""The English words beside a figure where they are not its title; `a|b` is either."""

NOUGHT = {"grade_value_inversions": "Each grade brought more per customer than the one below it"}
"""The sentence that stands for a figure of nought."""


@dataclass(frozen=True)
class Piece:
    """One cell, sentence or headline of a pack: `words` is all that says what it is, `text` what it says, `row` whose it is."""

    section: str
    block: str
    words: str
    text: str
    row: str = ""


def pieces(pack: ReviewPack, section_title: str = "") -> Iterator[Piece]:
    """Everything that a pack prints on its pages and in its workbook, section by section; tables cell by cell."""
    for section in (*pack.sections, *pack.sheets):
        for block in _flat(section.blocks):
            for told in _of_block(block):
                yield Piece(section_title or section.title, *told)


def _flat(blocks: Iterable[Block | Grid]) -> Iterator[Block | Grid]:
    for block in blocks:
        yield from _flat((*block.left, *block.right)) if isinstance(block, Side) else (block,)


def _of_block(block: Block | Grid) -> Iterator[tuple[str, ...]]:
    match block:
        case Table():
            yield from _of_table(block)
        case Chart():
            # the picture's own description repeats title and sentence; its labels are text too
            yield block.title, f"{block.title} {block.sentence}", " ".join([block.sentence, *re.findall(r">([^<]+)<", block.art)])
        case Kpis():
            for one in (*block.cards, *block.rows):
                if not one.missing:
                    yield one.title, one.title, f"{one.value} {one.basis}"
        case Terms():
            for name, meaning in block.rows:
                yield block.title or name, name, meaning
        case Bullets():
            for item in block.items:
                yield block.title or item, item, item
        case Paragraph():
            yield block.text, block.text, block.text
        case Heading():
            yield block.text, block.text, block.text
        case _:
            return


def _of_table(table: Table) -> Iterator[tuple[str, ...]]:
    for row in table.rows:
        if len(row) < len(table.columns):  # a row that names those that follow
            yield table.caption, row[0].text, row[0].text, row[0].text
            continue
        told = " | ".join(f"{cell.text} {cell.detail}" for cell in row)
        for column, cell in zip(table.columns, row, strict=True):
            if cell.text or cell.detail:
                yield table.caption, f"{told} | {column.title}", f"{cell.text} {cell.detail}".strip(), row[0].text
    if table.note and table.rows:
        yield table.caption, table.note, table.note


Printed = Mapping[str, Mapping[str, Sequence[Piece]]]
"""Section -> caption or sentence -> what stands there."""


def shelved(found: Iterable[Piece]) -> Printed:
    """Pieces by section and block."""
    shelves: dict[str, dict[str, list[Piece]]] = {}
    for piece in found:
        shelves.setdefault(piece.section, {}).setdefault(piece.block, []).append(piece)
    return shelves


@dataclass(frozen=True)
class PrintedCompany:
    """A company's month, and all that is printed of it in English: in its packs, and on the card of its largest customer."""

    material: PackMaterial
    packs: tuple[ReviewPack, ...]

    @classmethod
    def of_material(cls, made: PackMaterial) -> PrintedCompany:
        """The company's pack and those of its tiers, built and not laid out."""
        return cls(made, (*build_packs(made, made.review.policy.tiers, ["en"], CATALOGUE), *each_reference(made, ["en"], CATALOGUE)))

    @cached_property
    def view(self) -> View:
        return View(PackFacts(self.material, None, CATALOGUE), "en")

    @cached_property
    def printed(self) -> Printed:
        return shelved((*(piece for pack in self.packs for piece in pieces(pack)), *pieces(self._card(), CARD)))

    def _card(self) -> ReviewPack:
        """The card of the customer who brings most."""
        people, review = self.view.customers, self.material.review
        best = people.sort_values(["net_12m", "customer_id"], ascending=[False, True], kind="stable").index[0]
        told = self.view.explanations.set_index("customer_id").loc[people.loc[best, "customer_id"]]
        return customer_card(
            CardMaterial(
                self.material.company,
                self.material.currency,
                self.material.month,
                self.material.revision,
                self.material.known_at,
                review.policy,
                {str(name): value for name, value in people.loc[best].to_dict().items()},
                {str(name): value for name, value in told.to_dict().items()},
                (),
                0,
                review.supplied,
            ),
            "en",
        )

    @cached_property
    def numbers(self) -> dict[str, list[tuple[str, str, Number]]]:
        """Indicator -> its figures with a value, as (scope, scope value, number)."""
        found: dict[str, list[tuple[str, str, Number]]] = {}
        for (scope, value, indicator), number in self.view.facts.figures.items():
            if number.value is not None:
                found.setdefault(indicator, []).append((scope, value, number))
        return found

    def standing(self, indicator: str, among: Sequence[Piece]) -> Piece | None:
        """The first piece in which a figure of an indicator stands with its words."""
        for scope, value, number in self.numbers.get(indicator, ()):
            nought = number.value == 0 and indicator in NOUGHT
            words = () if nought else self._words(scope, value, indicator)
            group = self._group(scope, value)
            told = [piece for piece in among if names(words, piece) and group in ("", piece.row)]
            said = {NOUGHT[indicator]} if nought else self._forms(number) if told else set()
            for piece in told:
                if any(stands(one, piece.text) for one in said):
                    return piece
        return None

    def _words(self, scope: str, value: str, indicator: str) -> tuple[str, ...]:
        own = WORDS.get(indicator, (self.view.title(indicator),))
        if scope != Scope.SEGMENT or "+" not in value:
            return own
        dimension, _, group = value.partition("=")
        last = group.rpartition("+")[2]
        # a crossing says its second class in the head of the column
        return (self.view.tier_names.get(last, last) if dimension.endswith("+tier") else group_word(self.view, last),)

    def _group(self, scope: str, value: str) -> str:
        """The group that a figure is of, as the first cell of its row names it; markets are named by their entry in the register."""
        dimension, _, group = value.partition("=")
        if scope != Scope.SEGMENT or dimension == "market":
            return ""
        return group_word(self.view, group.rpartition("+")[0] if "+" in dimension else group)

    def _forms(self, number: Number) -> set[str]:
        """A figure as the pack may write it: in its unit, short, to the unit, to a tenth, as a signed number."""
        shows, known = self.view.formats, number.value
        assert known is not None
        forms = {
            self.view.value(number),
            shows.money_short(known),
            shows.money(known, 0),
            shows.number(known, 1),
            shows.number(known, 2),
            shows.share(known),
            shows.share(known, 0),
        }
        signed = {
            shows.difference(known, 1),
            f"{shows.difference(100 * known, 1)}%",
            shows.change(known, None, self.view.unit(number.indicator)),
        }
        return {form for form in forms | signed if form}


def stands(value: str, text: str) -> bool:
    """Whether a value stands in a text as a number of its own, not inside a longer one."""
    return re.search(rf"(?<![\d.,]){re.escape(value)}(?![\d]|[.,]\d)", text) is not None


def names(words: Iterable[str], piece: Piece) -> bool:
    """Whether a piece is about all of these words; `a|b` is either."""
    return all(any(one in piece.words for one in word.split("|")) for word in words)


def at(item: str, blocks: Mapping[str, Sequence[Piece]]) -> list[Piece]:
    """What stands where an item of `printed` says: `caption`, `caption: words of a row`, or words of a sentence."""
    head, _, words = (part.strip() for part in item.rpartition(": ")) if ": " in item else (item, "", "")
    found: list[Piece] = []
    for block, own in blocks.items():
        if block.startswith(item):
            found += own
        else:
            inside = own if block.startswith(head) else [piece for piece in own if piece.words == piece.text and head in piece.text]
            found += [piece for piece in inside if words in piece.words]
    return found


def unprinted(line: Requirement, companies: Sequence[PrintedCompany], others: Printed) -> list[str]:
    """What of a requirement's row is not printed: a section, a block that it names, a figure of an indicator that serves it.

    `others` holds what is printed of no company's packs, such as the answer of a command.
    """
    printed = [*(company.printed for company in companies), others]
    found = [f"nothing has the section {place}" for place in line.places if not any(place in one for one in printed)]
    if not line.printed:
        found.append("does not say under what caption or words it stands")
    for item in line.printed:
        if not any(at(item, one.get(place, {})) for one in printed for place in line.places):
            found.append(f"{item!r} does not stand there")
    if line.status is Status.NOTE:
        return found
    for indicator in line.indicators:
        known = [company for company in companies if indicator in company.numbers]
        if not known:
            found.append(f"no company has a value of {indicator}")
        elif not any(company.standing(indicator, _among(company, line)) for company in known):
            found.append(f"no figure of {indicator} stands there")
    return found


def _among(company: PrintedCompany, line: Requirement) -> list[Piece]:
    return [piece for place in line.places for item in line.printed for piece in at(item, company.printed.get(place, {}))]


def ample() -> PrintedCompany:
    """What is printed of a company that supplies everything."""
    return PrintedCompany.of_material(material(months=0, review=_reviewed()[1], month=MARCH, suites=SUITES))


@cache
def _reviewed() -> tuple[MonthInputs, MonthReview]:
    """The rich company with what few supply: needs by code, declared segments, products of every order, a long history.

    Of fourteen more customers, with it since 2018, every other one stays and the rest stop in 2020.
    """
    made = company()
    needs = [("need", "speed"), ("pain", "price")]
    said = [
        {
            "response_id": f"{code}{number}",
            "customer_id": f"c{number:02}",
            "instrument": kind,
            "item": code,
            "score": float(number % 3 == 0),
        }
        for number in range(24)
        for kind, code in needs
    ]
    old = [
        {"order_id": f"h{number}-{at}", "customer_id": f"h{number:02}", "ordered_at": f"{at // 12}-{at % 12 + 1:02}-11", "amount": 50}
        for number in range(14)
        for at in range(2018 * 12, (2024 if number % 2 else 2020) * 12, 4)
    ]
    sold = pd.concat([canonical("orders", old), made.sold], ignore_index=True)
    local = sold["ordered_at"].dt.tz_convert(ZONE).dt.tz_localize(None)
    bought = [
        {"order_id": order, "line_no": 1, "customer_id": customer, "sku": f"s{place % 4}", "category": "tea" if place % 3 else "cups"}
        | {"ordered_at": at, "quantity": 1, "amount": units / 10_000}
        for place, (order, customer, at, units) in enumerate(zip(sold["order_id"], sold["customer_id"], local, sold["amount"], strict=True))
    ]
    asked = canonical("surveys", [{"answered_at": "2024-03-08", **row} for row in said])
    policy = replace(builtin(), segments=(DeclaredSegment("north", "The north", "北方", {"region": ("north",)}),))
    plan = {"entry_id": "e99", "register": "strategy", "field": "source_channel", "field_value": "fair", "subject": "Call after the fair"}
    calls = canonical("registers", [plan | {"indicator": "group_contacts", "value": 2.0, "owner": "Li Na", "due_on": "2024-09-30"}])
    made = replace(made, registers=pd.concat([made.registers, calls], ignore_index=True))
    more = replace(made, sold=sold, surveys=pd.concat([made.surveys, asked], ignore_index=True), lines=canonical("order_lines", bought))
    inputs = more.inputs(MARCH)
    return inputs, review_month(inputs, no_history(), policy)


def simulated_month() -> Printed:
    """What `keping simulate` says of the same month under a standard that asks more of the best grade."""
    inputs, review = _reviewed()
    policy = review.policy
    stricter = replace(policy, version="candidate", grades=(replace(policy.grades[0], cut=80.0), *policy.grades[1:]))
    told = SimulationOutcome(simulate_months([(MARCH, inputs.window)], lambda _: policy, stricter, 1), str(MARCH), {}).lines()
    return shelved(Piece("keping simulate", line, line, line) for line in told)
