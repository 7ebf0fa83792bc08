"""Scoring a month: facts from the chain, the policy in force, earlier months replayed in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import pandas as pd

from expectations.findings import Finding, Severity
from expectations.overrides import check_overrides
from expectations.planned import check_targets
from expectations.reference import check_reference
from expectations.results import check_results
from expectations.steadiness import check_orphans, check_strange_buyers, note_merges
from expectations.strategies import check_strategies
from expectations.values import check_crowding
from flows.facts.cache import FactStore
from flows.review.steadiness import check_steadiness
from flows.settings import Settings
from flows.snapshots.chain import Chain, MonthSnapshots
from flows.snapshots.store import UNDATED, read_snapshot, undated_rows
from reports.glyphs import missing_glyphs
from transforms.classes.segments import Segment
from transforms.facts.days import holidays_of
from transforms.facts.window import customers_of
from transforms.freezing import freeze_reference, month_to_freeze
from transforms.indicators.all import CATALOGUE
from transforms.indicators.declare import ORDERS
from transforms.inputs import History, MonthInputs, Standard, SurveyRules, year_ago_of
from transforms.money import amount
from transforms.month import Month, months
from transforms.policy.rules import Policy
from transforms.review import MonthReview, replay_month, review_month
from transforms.tables.contract import NOT_COUNTED
from transforms.tables.merging import Merged, merged_records, remaining

HISTORY_MONTHS = 24
YEAR = 12

SCORED = frozenset({"orders", "refunds"})
"""Tables that a score is computed from."""


@dataclass(frozen=True)
class Scorer:
    """Turns a chain of snapshots into reviews; the same chain and policy give the same review."""

    settings: Settings
    chain: Chain
    supplied: frozenset[str]
    store: FactStore
    customers: pd.DataFrame
    merged: Merged
    segments: tuple[Segment, ...] = ()
    """Parts of tiers that some readers are limited to; each has figures of its own."""

    @classmethod
    def over(cls, settings: Settings, chain: Chain, supplied: frozenset[str], *, writes: bool = True) -> Scorer:
        customers = undated_rows(chain.undated.get("customers"), "customers")
        merged = merged_records(customers)
        store = FactStore(settings.archive_path / "facts", settings.company.timezone, merged, writes=writes)
        return cls(settings, chain, supplied, store, remaining(customers, merged), merged)

    def inputs(self, month: Month, *, models: bool = False) -> MonthInputs:
        """What a month's review is computed from; lifetime models only where they are asked for."""
        return self.store.inputs(
            month,
            self.chain.up_to(month),
            customers=self.customers,
            supplied=self.supplied,
            currency=self.settings.company.currency,
            rules=SurveyRules(self.settings.quality.min_n, self.settings.quality.flag_n),
            undated=self.chain.undated,
            models=models,
        )

    @property
    def first_orders(self) -> Month | None:
        """The first month that has orders; None where there are none."""
        return min(
            (month for month, kept in self.chain.by_month.items() if any(name in kept and kept[name].rows for name in ORDERS)), default=None
        )

    def freeze(self, policy: Policy, month: Month) -> Policy:
        """The policy with its reference distributions taken from a month's customers."""
        return freeze_reference(self.inputs(month), policy)

    def freeze_by_rule(self, policy: Policy, last: Month) -> Policy:
        """The same at the month that the policy names, or the rule: it does not depend on which month was asked for first."""
        return self.freeze(policy, month_to_freeze(policy, self.first_orders or last, last))

    def strangers(self, month: Month) -> list[Finding]:
        """Rows of the month whose customer nobody knows, or is nobody, or is rather a key for all who have none."""
        inputs = self.inputs(month)
        listed = pd.concat([self.customers["customer_id"], pd.Series(list(self.merged), dtype="str")])
        known = pd.concat([inputs.window["customer_id"], listed])
        rows = {"tickets": inputs.tickets["customer_id"], "surveys": inputs.surveys["customer_id"]}
        found = [finding for table, ids in rows.items() for finding in check_orphans(table, ids, known, month)]
        ordered = self.chain.by_month[month].get("orders")
        if ordered is not None:
            rows["orders"] = read_snapshot(ordered, ["customer_id"])["customer_id"]
            if "customers" in self.supplied:
                found += check_strange_buyers(rows["orders"], listed, month)
        return found + [finding for table, ids in rows.items() for finding in check_crowding(table, ids, month)]

    def review(self, month: Month, history: History, policy: Policy) -> MonthReview:
        """A month's review; where last month was scored from other rows than are known now, the change is told as restated."""
        return review_month(self.inputs_of(month, history), history, policy, self.segments)

    def replay(self, month: Month, history: History, policy: Policy) -> MonthReview:
        """The same for a month that is not printed."""
        return replay_month(self.inputs_of(month, history), history, policy, self.segments)

    def inputs_of(self, month: Month, history: History) -> MonthInputs:
        """What `review` computes from, with last month's rows beside it where those were restated."""
        inputs = self.inputs(month, models=True)
        if self._is_restated(month, history.stood_on):
            window = self.store.window(month - 1, self.chain.up_to(month - 1))
            inputs = replace(inputs, before=customers_of(window))
        return inputs

    def _is_restated(self, month: Month, stood_on: Mapping[tuple[str, str], str] | None) -> bool:
        """Whether the orders or refunds up to the month before, or which customers are one, differ from what that was scored from."""
        earlier = self.chain.up_to(month - 1)
        if stood_on is None or not earlier or max(earlier) != month - 1:
            return False
        dated = {(table, str(one)): kept.digest for one, by_table in earlier.items() for table, kept in by_table.items() if table in SCORED}
        who = ("customers", UNDATED)  # a month that was only replayed kept no digest of who is whom: nothing is known to have changed
        merged = {who: self.chain.undated["customers"].digest} if self.merged and who in stood_on else {}
        return any(stood_on.get(key) != digest for key, digest in (dated | merged).items())


class RunHistory:
    """The history that months are scored against: what the warehouse kept, and what this run has reviewed since.

    A replay reads the warehouse once and then goes on from its own reviews, so a rehearsal, which
    keeps nothing, sees the very history that a real run would leave.
    """

    def __init__(self, kept: Callable[[Month], History], year_ago: Callable[[Month], pd.DataFrame]) -> None:
        self._kept = kept
        self._kept_year_ago = year_ago
        self._years: dict[Month, pd.DataFrame] = {}
        self._last: MonthReview | None = None
        self._figures: pd.DataFrame | None = None
        self._scored_by: dict[Month, Standard] = {}

    def before(self, month: Month) -> History:
        """What earlier months say to `month`."""
        if self._last is None or self._figures is None or self._last.month != month - 1:
            return self._kept(month)
        recent = self._figures["month"] >= str(month - HISTORY_MONTHS)
        figures = self._figures.loc[recent].reset_index(drop=True)
        return History(self._last.customers, figures, self._year_ago(month), self._last.policy, standards=self._standards(month))

    def _year_ago(self, month: Month) -> pd.DataFrame:
        own = self._years.get(month - YEAR)
        return self._kept_year_ago(month) if own is None else own

    def add(self, review: MonthReview) -> None:
        """Remember the review of the month that `before` was last asked about."""
        history = self.before(review.month)
        figures = review.figures.assign(month=str(review.month))[list(history.figures.columns)]
        self._figures = pd.concat([history.figures, figures.astype(history.figures.dtypes.to_dict())], ignore_index=True)
        self._remember_standards(review, history.standards)
        self._last = review
        self._years[review.month] = year_ago_of(review.customers)
        self._years.pop(review.month - YEAR, None)

    def _remember_standards(self, review: MonthReview, earlier: Sequence[Standard]) -> None:
        """By which standard each month was scored; one that is told of kept months held until the next one began."""
        if self._last is None or self._last.month != review.month - 1:
            self._scored_by = {}
            for one, following in zip_longest(earlier, earlier[1:]):
                end = (following.since if following else review.month) - 1
                self._scored_by |= dict.fromkeys(months(one.since, end), one)
        policy = review.policy
        self._scored_by[review.month] = Standard(review.month, policy.version, policy.author, policy.reason)

    def _standards(self, month: Month) -> tuple[Standard, ...]:
        """Of each standard of the months that `month` looks back at the first one, oldest first: as the warehouse would tell it."""
        found: dict[str, Standard] = {}
        for earlier, one in sorted(self._scored_by.items()):
            if month - HISTORY_MONTHS <= earlier < month:
                found.setdefault(one.version, replace(one, since=earlier))
        return tuple(sorted(found.values(), key=lambda one: (one.since, one.version)))


def plain_totals(snapshots: MonthSnapshots) -> dict[str, float]:
    """A month's orders, gross money and refunds added up straight from its snapshots, to hold the figures against."""
    totals: dict[str, float] = {}
    if "orders" in snapshots:
        orders = read_snapshot(snapshots["orders"], ["amount", "status"])
        counted = orders.loc[(orders["amount"] >= 0) & ~orders["status"].isin(NOT_COUNTED), "amount"]
        totals |= {"orders": float(len(counted)), "gross_revenue": amount(int(counted.sum()))}
    if "refunds" in snapshots:
        totals["refunds"] = amount(int(read_snapshot(snapshots["refunds"], ["amount"])["amount"].sum()))
    return totals


def review_findings(scorer: Scorer, review: MonthReview) -> tuple[Finding, ...]:
    """What a finished month shows: beside its earlier months, among its customers, and in its own results."""
    beside = check_steadiness(scorer.chain, review.month, scorer.settings.company.timezone, holidays_of(review.registers))
    merges = note_merges(scorer.merged, scorer.customers["customer_id"], review.month)
    manual = check_overrides(review.overrides, review.customers["customer_id"], review.month)
    cells = check_strategies(review.registers, review.supplied, review.month)
    planned = check_targets(undated_rows(scorer.chain.undated.get("plans"), "plans"), review.policy.tiers, review.month)
    short = check_reference(review.policy, scorer.first_orders, review.month)
    people = (*scorer.strangers(review.month), *merges, *manual, *unprintable_names(review))
    return (*beside, *people, *cells, *planned, *short, *result_findings(review, scorer.chain))


def unprintable_names(review: MonthReview) -> tuple[Finding, ...]:
    """A warning where names hold characters that no font of the pages has: these customers are printed by id."""
    people = review.customers
    if "name" not in people or not missing_glyphs("".join(name for name in people["name"] if isinstance(name, str))):
        return ()
    lacking = [
        str(key) for key, name in zip(people["customer_id"], people["name"], strict=True) if isinstance(name, str) and missing_glyphs(name)
    ]
    message = (
        f"customers: {len(lacking)} of {len(people)} names hold characters that the fonts of the packs lack "
        f"(first: {', '.join(lacking[:3])}); these customers are printed by id. "
        "Add a font that has them under [fonts] files in keping.toml."
    )
    found = Finding("customers", "customers.name.glyphs", Severity.WARNING, message, str(review.month), len(lacking), len(people))
    return (replace(found, examples=tuple(lacking[:3])),)


def result_findings(review: MonthReview, chain: Chain) -> list[Finding]:
    """The results are distrusted as inputs are: they keep their promises, and their money is the orders' own."""
    units = {name: indicator.unit.value for name, indicator in CATALOGUE.items()}
    expected = plain_totals(chain.by_month[review.month])
    return check_results(review.figures, review.customers, str(review.month), units=units, expected=expected)
