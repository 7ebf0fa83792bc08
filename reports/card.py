"""One customer on a page: who it is, its grade and why, its habits, contacts and outlook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from reports.actions import action_of
from reports.blocks import Block, Cell, Chart, Column, Kpi, Kpis, Paragraph, Running, Section, Side, Table, Terms, Tone
from reports.charts import FULL, Line, trend
from reports.formats import Formats, finite, formats
from reports.glyphs import NAME_LIMIT, clean, printed_name
from reports.i18n import N_, Words, words
from reports.pack import ReviewPack
from reports.sections.plays import PlayWords
from reports.sections.words import class_word
from reports.why import is_set_by_hand, score_change, way_back
from transforms.figures import Unit
from transforms.month import Month
from transforms.policy.rules import UNRATED, Policy
from transforms.why.score import term_weights

MONTHS = 13
"""How many months the course of the grade goes back, the card's own included."""

Row = Mapping[str, object]

_LOYALTY = {
    "true": N_("likes us and buys"),
    "latent": N_("likes us, buys little"),
    "spurious": N_("buys without liking us"),
    "none": N_("neither"),
}


@dataclass(frozen=True)
class CardMonth:
    """A customer in one kept month; `score` is None where it had none."""

    month: Month
    grade: str
    score: float | None


@dataclass(frozen=True)
class CardMaterial:
    """All that a card is made of.

    customer      the customer's line of the month's review (`MonthReview.customers`)
    told          its line of the evidence (`transforms.why.evidence`)
    course        its kept months up to the card's own, oldest first
    open_tickets  tickets that were open at the month's end; None where no tickets are supplied
    revision      None for a month that was replayed and never published
    """

    company: str
    currency: str
    month: Month
    revision: int | None
    known_at: datetime
    policy: Policy
    customer: Row
    told: Row
    course: tuple[CardMonth, ...]
    open_tickets: int | None
    supplied: frozenset[str]
    notice: str = ""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The company's own words for its values, by language."""


def customer_card(material: CardMaterial, locale: str) -> ReviewPack:
    """The card as a pack of one page; hostile text in any field is printed as text."""
    card = _Card(material, words(locale), formats(locale, material.currency))
    title = card.says._("Customer card")
    month = card.shows.month(material.month)
    company = clean(material.company, NAME_LIMIT)
    return ReviewPack(
        name="card",
        locale=locale,
        lang=card.says.lang,
        title=card.says._("{company}: {title}, {month}", company=company, title=f"{title} {card.name}", month=month),
        subtitle=card.says._("{company} · Customer card", company=company),
        headline=card.name if card.name == card.key else f"{card.name} · {card.key}",
        running=card.running(company, title, month),
        sections=(Section("summary", title, tuple(card.blocks())),),
        shorter=(Section("summary", title, tuple(block for block in card.blocks() if not isinstance(block, Chart))),),
        attached=(),
        known_at=material.known_at,
        customers=1,
    )


@dataclass(frozen=True)
class _Card:
    material: CardMaterial
    says: Words
    shows: Formats

    @property
    def key(self) -> str:
        return clean(self.material.customer["customer_id"], 32)

    @property
    def name(self) -> str:
        return printed_name(self.material.customer.get("name"), self.key)

    def running(self, company: str, title: str, month: str) -> Running:
        material = self.material
        revision = self.says._("replayed") if material.revision is None else f"r{material.revision}"
        return Running(
            company=company,
            pack=title,
            month=self.says._("{month} · revision {revision}", month=month, revision=revision),
            state=self.says._("Data as known at {instant}", instant=self.shows.instant(material.known_at)),
            run=self.says._("Policy {version}", version=clean(material.policy.version, 40)),
            page=self.says._("Page {page} of {pages}"),
            notice=clean(self.says._(material.notice), 80) if material.notice else "",
        )

    def blocks(self) -> list[Block]:
        habits, contact = Terms(self._habits(), self.says._("Habits")), Terms(self._contact(), self.says._("Contact and complaints"))
        who, outlook = Terms(self._who(), self.says._("Who it is")), Terms(self._outlook(), self.says._("Outlook (estimates)"))
        return [
            Paragraph(self._lead(), "lead"),
            *self._act(),
            Kpis(self._cards(), ()),
            *self._course(),
            *self._why(),
            Side((who, outlook), (habits, contact)),
        ]

    def _lead(self) -> str:
        row, told = self.material.customer, self.material.told
        before, after = told["previous_grade"], told["grade"]
        grade = self._grade(after)
        moved = (
            self.says._("Grade {grade}", grade=grade)
            if before == after or not isinstance(before, str)
            else self.says._("Grade {before} → {after}", before=self._grade(before), after=grade)
        )
        parts = [
            moved,
            self.says._("tier {tier}", tier=clean(self.material.policy.tier_name(str(row["tier"]), self.says.locale), NAME_LIMIT)),
        ]
        parts.append(score_change(self.says, self.shows, told))
        if is_set_by_hand(told):
            parts.append(self.says._("set by hand"))
        back = way_back(self.says, self.shows, told)
        parts += [self.says._("back to {grade}: {amount}", grade=self._grade(before), amount=back)] if back else []
        return self.says.apart(parts)

    def _act(self) -> list[Block]:
        """Why this customer needs somebody now, who does what by when, and what is seen of last month's play."""
        action = action_of(self.material.customer)
        if action is None:
            return []
        words = PlayWords(self.says, self.shows, self.material.policy)
        reason, also, seen = words.reason(action), words.also(action), words.result(action.result)
        who = {"play": words.play(action), "owner": words.owner(action), "day": words.due(action)}
        do = self.says._("{reason}: {play}; {owner}, by {day}.", reason=reason[:1].upper() + reason[1:], **who)
        told = self.says.apart([part for part in (also, self.says._("last month’s play: {result}", result=seen) if seen else "") if part])
        return [Paragraph(do), *([Paragraph(told, "note")] if told else [])]

    def _cards(self) -> tuple[Kpi, ...]:
        row, told = self.material.customer, self.material.told
        number = self.shows.number
        score, net = finite(told["score"]), finite(row.get("net_12m"))
        change = finite(told["change_score"])
        tone = Tone.PLAIN if not change else Tone.GOOD if change > 0 else Tone.BAD
        said = self.shows.difference(change, 1) if change else ""
        return (
            Kpi(self.says._("Score"), self._value_or_reason(score, number(score, 1)), self.says._("of 100"), change=said, tone=tone),
            Kpi(
                self.says._("Net revenue, 12 months"),
                self._value_or_reason(net, self.shows.money(None if net is None else net / 10_000, 0)),
                self.says._("{number} orders", number=self.shows.count(finite(row.get("orders_12m")))),
            ),
            self._index("satisfaction_index", N_("Satisfaction"), N_("{number} answers"), finite(row.get("satisfaction_n"))),
            self._index("loyalty_index", N_("Loyalty"), "", None),
        )

    def _index(self, column: str, title: str, basis: str, n: float | None) -> Kpi:
        value = finite(self.material.customer.get(column))
        said = self.says._(basis, number=self.shows.count(n)) if basis and n is not None else ""
        return Kpi(self.says._(title), self._value_or_reason(value, self.shows.figure(value, Unit.INDEX), "surveys"), said)

    def _course(self) -> list[Block]:
        course = self.material.course[-MONTHS:]
        if len(course) < 2:
            return [Paragraph(self.says._("There is no earlier month to draw a course from."), "note")]
        known = [one for one in course if one.score is not None]
        sentence = self.says._(
            "Score of {count} kept months; grades: {grades}.",
            count=self.shows.count(len(known)),
            grades=" ".join(self._grade(one.grade) for one in course),
        )
        years = [str(one.month.year) if place == 0 or one.month.number == 1 else "" for place, one in enumerate(course)]
        art = trend(
            sentence,
            [self.shows.month_tick(one.month) for one in course],
            years,
            [Line("", tuple(one.score for one in course))],
            lambda value: self.shows.number(value, 0),
            width=FULL,
            height=84,
            empty=self.says._("no score"),
        )
        return [Chart(self.says._("Score and grade by month"), art, sentence)]

    def _why(self) -> list[Block]:
        told = self.material.told
        if finite(told["score"]) is None:
            months = self.material.policy.unrated_months
            text = self.says._("No score: a grade needs a first order at least {number} months old.", number=self.shows.count(months))
            return [Paragraph(text, "note")]
        weights, number, money = term_weights(self.material.policy), self.shows.number, self.shows.money
        lines: Sequence[tuple[str, str, str, int]] = (
            ("tenure", "tenure_months", N_("Months since the first order"), 0),
            ("recency", "recency_days", N_("Days since the last order"), 0),
            ("orders", "orders_per_month", N_("Orders per month"), 2),
            ("net", "annual_net", N_("Yearly net"), 0),
        )
        rows = []
        for name, measure, title, digits in lines:
            before, now = (finite(told[column]) for column in (f"{measure}_before", measure))
            shown = [money(value, 0) if name == "net" else number(value, digits) for value in (before, now)]
            points, change = finite(told[f"points_{name}"]), finite(told[f"change_{name}"])
            cells = (*shown, number(weights[name], 2), number(points, 1), self.shows.difference(change, 1) if change else "")
            rows.append((Cell(self.says._(title)), *(Cell(cell) for cell in cells)))
        total = (Cell(self.says._("Total")), Cell(""), Cell(""), Cell(""), Cell(number(finite(told["score"]), 1)))
        heads = [Column(self.says._("Measure"), width="34")]
        heads += [
            Column(self.says._(head), numeric=True)
            for head in (N_("Last month"), N_("This month"), N_("Weight"), N_("Points"), N_("Change"))
        ]
        change = finite(told["change_score"])
        rows.append((*total, Cell(self.shows.difference(change, 1) if change else "")))
        return [Table(self.says._("Why this grade"), tuple(heads), tuple(rows), last_is_total=True, compact=True)]

    def _who(self) -> tuple[tuple[str, str], ...]:
        return self._terms(
            (N_("Role"), self._word("role")),
            (N_("Segment"), self._word("segment")),
            (N_("Region"), self._word("region", "customers")),
            (N_("Industry"), self._word("industry", "customers")),
            (N_("Source"), self._word("source_channel", "customers")),
            (N_("Account manager"), self._word("account_manager", "customers")),
            (N_("First order"), self._day("first_order_on")),
            (N_("Last order"), self._day("last_order_on")),
            (N_("File complete"), self._figure("completeness", Unit.SHARE)),
        )

    def _habits(self) -> tuple[tuple[str, str], ...]:
        return self._terms(
            (N_("Value class"), self._word("value_class")),
            (N_("Behaviour class"), self._word("behaviour_class")),
            (N_("Practice class"), self._word("practice_class")),
            (N_("Strategy"), self._word("strategy_id", "registers")),
            (N_("Purchase, usage and feedback, 0-100"), self._behaviour()),
            (N_("Between orders"), self._figure("median_gap_days", Unit.DAYS)),
            (N_("Each order against the one before"), self._slope()),
            (N_("Season"), self._season()),
            (N_("Main channel"), self._word("main_channel")),
            (N_("Main category"), self._word("main_category")),
        )

    def _contact(self) -> tuple[tuple[str, str], ...]:
        tickets = "tickets" in self.material.supplied
        open_now = self.material.open_tickets
        return self._terms(
            (N_("Contacts, 12 months"), self._figure("contacts_12m", Unit.COUNT, "contacts")),
            (N_("Last contact"), self._day("last_contact_on", "contacts")),
            (N_("Tickets, 12 months"), self._figure("tickets_12m", Unit.COUNT, "tickets")),
            (N_("of these complaints"), self._figure("complaints_12m", Unit.COUNT, "tickets")),
            (N_("Open at the month's end"), self._missing("tickets") if not tickets or open_now is None else self.shows.count(open_now)),
            (N_("Type of loyalty"), self._loyalty()),
        )

    def _outlook(self) -> tuple[tuple[str, str], ...]:
        rows = (
            (N_("Active in 12 months"), self._figure("p_active_12m", Unit.SHARE)),
            (N_("Expected net, 12 months"), self._figure("expected_net_12m", Unit.MONEY)),
            (N_("Worth over 36 months"), self._figure("value_36m", Unit.MONEY)),
        )
        return self._terms(*rows)

    # cells

    def _terms(self, *rows: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        return tuple((self.says._(title), value) for title, value in rows)

    def _grade(self, grade: object) -> str:
        spoken = {UNRATED: N_("unrated"), "new": N_("new"), "lost": N_("lost")}
        text = str(grade) if isinstance(grade, str) and grade else "unknown"
        return self.says._(spoken[text]) if text in spoken else class_word(self.says, text)

    def _value_or_reason(self, value: float | None, shown: str, *tables: str) -> str:
        return shown if value is not None else self._missing(*tables)

    def _missing(self, *tables: str) -> str:
        """Not supplied where the table is not there at all, else unknown."""
        return self.says._("not supplied") if tables and not self.material.supplied & {*tables} else self.says._("unknown")

    def _figure(self, column: str, unit: Unit, *tables: str) -> str:
        value = finite(self.material.customer.get(column))
        if value is not None and unit is Unit.MONEY:
            value /= 10_000
        return self._value_or_reason(value, self.shows.figure(value, unit), *tables)

    def _behaviour(self) -> str:
        """Three ranks; what no source tells, such as usage, is not supplied and no zero."""
        known = (finite(self.material.customer.get(f"{name}_score")) for name in ("purchase", "usage", "feedback"))
        return self.says.apart(self.says._("not supplied") if rank is None else self.shows.number(rank, 0) for rank in known)

    def _slope(self) -> str:
        """The trend of the last six orders of a year, per order, as a share of their mean."""
        slope = finite(self.material.customer.get("basket_slope"))
        return self._value_or_reason(slope, f"{self.shows.difference(100 * (slope or 0.0), 1)}%")

    def _season(self) -> str:
        start = finite(self.material.customer.get("season_start"))
        return self.says._("none to be seen") if start is None else self.shows.season(start)

    def _word(self, column: str, *tables: str) -> str:
        value = self.material.customer.get(column)
        own = self.material.words.get(self.says.locale, {})
        return class_word(self.says, value, own) if isinstance(value, str) and value else self._missing(*tables)

    def _loyalty(self) -> str:
        kind = self.material.customer.get("loyalty_type")
        return self.says._(_LOYALTY[kind]) if isinstance(kind, str) and kind in _LOYALTY else self._missing("surveys")

    def _day(self, column: str, *tables: str) -> str:
        value = self.material.customer.get(column)
        return self.shows.day(pd.Timestamp(str(value)).to_pydatetime()) if value is not None and value == value else self._missing(*tables)
