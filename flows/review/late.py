"""Rows that came late or were corrected: what earlier months would say now, beside what readers were told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from expectations.findings import Finding, Severity
from flows.review.causes import differing_tables, figures_by_cause, figures_by_key, split_change
from flows.review.planning import Planned
from flows.review.scoring import RunHistory, Scorer
from flows.snapshots.chain import NOT_PRINTED, Chain, chain_of
from flows.snapshots.store import Pulled, Snapshot, read_snapshot
from flows.warehouse.reading import KeptMonth
from flows.warehouse.records import Publication
from reports.formats import finite
from reports.revised import REVISED_COLUMNS, no_revisions
from transforms.indicators.restatement import Restatement, compare_reviews
from transforms.money import amount
from transforms.month import Month, months
from transforms.review import MonthReview
from transforms.tables.contract import TABLES

Own = Mapping[str, Mapping[str, Any]]
"""Table to the snapshot that a month was scored from."""


@dataclass(frozen=True)
class KnownMonth:
    """An earlier month as readers know it, and the revision that has restated it since, if any.

    `own` and `own_newest` are the rows that the month was scored from, then and last: table to snapshot, of the month
    itself and of the tables without months.
    """

    month: Month
    read: Callable[[int], KeptMonth]
    kept_id: int
    own: Own
    own_newest: Own
    known_as: str = ""
    restated_as: str = ""
    reason: str = ""

    @cached_property
    def kept_month(self) -> KeptMonth:
        return self.read(self.kept_id)


@dataclass(frozen=True)
class Late:
    """What came late: findings for the owner, and revised figures for readers (`reports.revised`)."""

    findings: tuple[Finding, ...]
    revised: pd.DataFrame


@dataclass(frozen=True)
class Lookback:
    """How a month looks back at those before it.

    Of months before `since` nothing is told. `staged` names reviews in which months were scored from these very rows
    already: they are not scored again. `read` fetches a kept review; whoever asks month after month remembers some of
    them. Without `warns` the owner is told nothing: a backfill is what the warning would ask for.
    """

    since: Month | None = None
    staged: Mapping[Month, int] = field(default_factory=dict)
    read: Callable[[int], KeptMonth] | None = None
    warns: bool = True


def late_changes(planned: Planned, month: Month, lookback: Lookback) -> Late:
    """Compare the months read again before `month` with what their reviews stood on, and score again those that differ.

    A month is held against the revision that readers knew when the month before `month` first went out;
    a backfill since then is told as well. What is published stays as it is.
    """
    warehouse, scorer, pulled = planned.work.office.warehouse, planned.scorer, planned.pulled
    since, staged, read = lookback.since, lookback.staged, lookback.read or warehouse.kept_month
    known = _months_known(planned, read, month)
    changed = {one.month: _changed_tables(one.own, one.month, pulled) for one in known}
    first = min((one.month for one in known if changed[one.month] or one.restated_as), default=None)
    if first is None:
        return Late((), no_revisions())
    remembered = RunHistory(warehouse.history, warehouse.year_ago)
    findings: list[Finding] = []
    rows: list[pd.DataFrame] = []
    for one in known:
        told = since is None or one.month >= since
        if one.month < first or (not told and one.month in staged):
            continue
        if one.month in staged:
            again = read(staged[one.month])
            customers, figures = again.customers, again.figures
        else:
            review = scorer.review(one.month, remembered.before(one.month), planned.policies.in_force(one.month))
            remembered.add(review)
            customers, figures = review.customers, review.figures
        if not told:
            continue
        difference = compare_reviews(one.kept_month.customers, one.kept_month.figures, customers, figures)
        tables = sorted({table for earlier, own in changed.items() if earlier <= one.month for table in own})
        then = _then(scorer.settings.archive_path / "snapshots", one, known)
        causes = figures_by_cause(planned, then, one.kept_month, figures, tables)
        touched = _count_customers_touched(scorer, one, pulled, changed[one.month])
        rows.append(_rows(one, difference, causes, changed[one.month], touched, pulled))
        if lookback.warns and _changed_tables(one.own_newest, one.month, pulled):
            findings.append(_finding(one, difference, pulled, touched, month))
    return Late(tuple(findings), pd.concat([no_revisions(), *(part for part in rows if len(part))], ignore_index=True))


def compare_with_published(planned: Planned, review: MonthReview, published: Publication, reason: str, lookback: Lookback) -> pd.DataFrame:
    """What the next revision of a month says beside the published one, as rows of `reports.revised`: old value, new value, causes.

    No row where the two say the same, and only the packs are others.
    """
    office, scorer, pulled = planned.work.office, planned.scorer, planned.pulled
    warehouse, inputs = office.warehouse, office.archive.manifest(published.month, published.revision).inputs
    month, kept_id = review.month, published.review_id
    own = warehouse.own_snapshots({kept_id})[kept_id]
    words = (f"r{published.revision}", f"r{published.revision + 1}", reason)
    one = KnownMonth(month, lookback.read or warehouse.kept_month, kept_id, own, own, *words)
    then, now = chain_of(scorer.settings.archive_path, inputs, month), scorer.chain.up_to(month)
    tables = sorted({table for earlier, present in now.items() for table in differing_tables(then.by_month.get(earlier, {}), present)})
    difference = compare_reviews(one.kept_month.customers, one.kept_month.figures, review.customers, review.figures)
    if not difference.changed:
        return no_revisions()
    causes = figures_by_cause(planned, then, one.kept_month, review.figures, tables)
    changed = _changed_tables(own, month, pulled)
    return _rows(one, difference, causes, changed, _count_customers_touched(scorer, one, pulled, changed), pulled)


def _months_known(planned: Planned, read: Callable[[int], KeptMonth], month: Month) -> list[KnownMonth]:
    """The months that were read again before `month` as the last pack's readers knew them, oldest first.

    What was never published and is reviewed anew by this very run was known to nobody.
    """
    warehouse, first, stood = planned.work.office.warehouse, planned.pulled.first, planned.gathered.kept.reviewed
    published: dict[Month, list[Publication]] = {}
    for publication in warehouse.publications():
        published.setdefault(publication.month, []).append(publication)
    kept = {review.month: review.review_id for review in warehouse.latest_reviews()}
    anchor = next((one.review_id for one in published.get(month - 1, [])), None)
    named: list[tuple[Month, int, int, tuple[str, str, str]]] = []
    for earlier in months(first, month - 1):
        revisions = published.get(earlier, [])
        if revisions:
            seen = [one for one in revisions if anchor is None or one.review_id <= anchor] or revisions[:1]
            then, now = seen[-1], revisions[-1]
            since = ("", "") if then.revision == now.revision else (f"r{now.revision}", now.reason)
            named.append((earlier, then.review_id, now.review_id, (f"r{then.revision}", *since)))
        elif earlier in kept and earlier in stood:
            named.append((earlier, kept[earlier], kept[earlier], ("", "", "")))
    own = warehouse.own_snapshots({review_id for _, then_id, now_id, _ in named for review_id in (then_id, now_id)})
    return [KnownMonth(one, read, then, own[then], own[now], *words) for one, then, now, words in named]


def _changed_tables(own: Own, month: Month, pulled: Pulled) -> tuple[str, ...]:
    """Tables whose rows of that month are no longer those that the review stood on."""
    name = str(month)
    fresh = {table: by_month[name].digest for table, by_month in pulled.snapshots.items() if name in by_month and table not in NOT_PRINTED}
    return tuple(sorted(table for table, digest in fresh.items() if table in own and own[table]["digest"] != digest))


def _then(folder: Path, one: KnownMonth, known: Sequence[KnownMonth]) -> Chain:
    """What a month was scored from, as far as it was read again: its lookback months, and the tables without months."""
    own = {other.month: {table: _snapshot(folder, row) for table, row in other.own.items()} for other in known if other.month <= one.month}
    return Chain(
        {month: {table: kept for table, kept in rows.items() if kept.month} for month, rows in own.items()},
        {table: kept for table, kept in own[one.month].items() if not kept.month},
    )


def _snapshot(folder: Path, row: Mapping[str, object]) -> Snapshot:
    table, month, digest = str(row["table"]), str(row["month"]), str(row["digest"])
    money = row["money"]
    newest = row.get("newest")
    return Snapshot(
        table,
        month,
        digest,
        folder / table / (month or "all") / f"{digest}.parquet",
        int(str(row["rows"])),
        None if money is None else int(str(money)),
        newest if isinstance(newest, datetime) else None,
    )


def _count_customers_touched(scorer: Scorer, one: KnownMonth, pulled: Pulled, tables: Sequence[str]) -> int:
    """How many customers have a row that came, went or changed."""
    folder = scorer.settings.archive_path / "snapshots"
    own, found = one.own, set[str]()
    for table in tables:
        if "customer_id" not in TABLES[table].names:
            continue
        then, now = read_snapshot(_snapshot(folder, own[table])), read_snapshot(pulled.snapshots[table][str(one.month)])
        marks = [pd.util.hash_pandas_object(frame.astype("string"), index=False) for frame in (then, now)]
        for frame, own_marks, others in ((then, marks[0], marks[1]), (now, marks[1], marks[0])):
            found |= set(frame.loc[~own_marks.isin(others).to_numpy(), "customer_id"].dropna())
    return len(found)


def _rows(
    one: KnownMonth,
    difference: Restatement,
    causes: Sequence[tuple[str, pd.DataFrame]],
    tables: Sequence[str],
    touched: int,
    pulled: Pulled,
) -> pd.DataFrame:
    """Everything about one month as rows of `reports.revised`."""
    found: list[tuple[str, str, str, str, float | None, float | None, str]] = []
    for table in tables:
        then, now = one.own[table], pulled.snapshots[table][str(one.month)]
        found.append(("rows", "", "", table, float(then["rows"]), float(now.rows), ""))
        if then["money"] is not None and now.money is not None:
            found.append(("money", "", "", table, amount(int(then["money"])), amount(now.money), ""))
    found.append(("customers", "", "", "customers", None, float(touched), ""))
    found.append(("grades", "", "", "grades", None, float(len(difference.grades)), ""))
    steps = [(name, figures_by_key(figures)) for name, figures in causes]
    for row in difference.figures.itertuples():
        key = (str(row.scope), str(row.scope_value), str(row.indicator))
        before, after = finite(row.before), finite(row.after)
        found.append(("figure", *key, before, after, split_change(key, before, steps)))
    frame = pd.DataFrame(found, columns=["what", "scope", "scope_value", "name", "before", "after", "causes"])
    frame = frame.assign(month=str(one.month), known_as=one.known_as, restated_as=one.restated_as, reason=one.reason)
    return frame.astype(no_revisions().dtypes.to_dict())[list(REVISED_COLUMNS)]


def _is_read_otherwise(then: Mapping[str, Any], now: Snapshot) -> bool:
    return bool(then.get("mapping")) and then["mapping"] != now.mapping


def _finding(one: KnownMonth, difference: Restatement, pulled: Pulled, touched: int, month: Month) -> Finding:
    """A word for the owner: how much came late, what it would change, how to restate the month."""
    tables = _changed_tables(one.own_newest, one.month, pulled)
    parts = []
    for table in tables:
        then, now = one.own_newest[table], pulled.snapshots[table][str(one.month)]
        rows = now.rows - int(then["rows"])
        money = "" if then["money"] is None or now.money is None else f", {amount(now.money - int(then['money'])):+,.2f}"
        parts.append(f"{table} {rows:+,} rows{money}")
    otherwise = [table for table in tables if _is_read_otherwise(one.own_newest[table], pulled.snapshots[table][str(one.month)])]
    what = f"is read otherwise ({', '.join(otherwise)})" if otherwise else "has changed at the source"
    stands = f"published {one.restated_as or one.known_as} stands" if one.known_as else "it was never published"
    message = (
        f"{one.month} {what} since it was reviewed: {'; '.join(parts)}; {touched:,} customers, "
        f"{len(difference.grades):,} grades would change; {stands}. To restate it: keping backfill {one.month} {month - 1} --reason ..."
    )
    rows = sum(abs(pulled.snapshots[table][str(one.month)].rows - int(one.own_newest[table]["rows"])) for table in tables)
    return Finding(tables[0], f"{tables[0]}.late", Severity.WARNING, message, str(month), rows)
