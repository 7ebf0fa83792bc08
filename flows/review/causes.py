"""Why an earlier month would say something else now: its figures after each cause in turn, so that the parts add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from flows.machine.code_version import code_version
from flows.review.planning import Planned
from flows.review.scoring import Scorer
from flows.snapshots.chain import NOT_PRINTED, Chain
from flows.snapshots.store import Snapshot
from flows.warehouse.reading import KeptMonth
from reports.formats import finite

Key = tuple[str, str, str]
"""Scope, scope value and indicator of a figure."""

CALCULATION = "calculation"
"""Cause of a change that no row explains: the program itself or the policy was changed since."""


def figures_by_cause(
    planned: Planned, then: Chain, kept: KeptMonth, figures: pd.DataFrame, tables: Sequence[str]
) -> list[tuple[str, pd.DataFrame]]:
    """Figures after each cause in turn, so that the steps between them add up to the whole change.

    `kept` was scored from the rows `then`; `tables` are those of which rows of some month differ. Tables without months
    (customers and who was merged, costs, ...) are causes of their own, what no row explains is the calculation's.
    """
    steps: list[tuple[str, pd.DataFrame]] = []
    month, scorer = kept.review.month, planned.scorer
    policy, warehouse = planned.policies.in_force(month), planned.work.office.warehouse
    causes = [*differing_tables(then.undated, scorer.chain.undated), *tables]

    def scored(fresh: Sequence[str]) -> pd.DataFrame:
        return _over(scorer, _mix_chains(scorer.chain, then, fresh)).review(month, warehouse.history(month), policy).figures

    if not causes:
        return [(CALCULATION, figures)]
    if (kept.review.code_version, kept.review.policy_digest) != (code_version(), policy.digest):
        steps.append((CALCULATION, scored(())))
    steps += [(causes[count - 1], scored(causes[:count])) for count in range(1, len(causes))]
    return [*steps, (causes[-1], figures)]


def differing_tables(then: Mapping[str, Snapshot], now: Mapping[str, Snapshot]) -> list[str]:
    """Printed tables, known then and now, whose rows are no longer the same."""
    known = sorted((then.keys() & now.keys()) - NOT_PRINTED)
    return [table for table in known if then[table].digest != now[table].digest]


def _mix_chains(now: Chain, then: Chain, fresh: Sequence[str]) -> Chain:
    """The chain as it was, but for the tables named, which are as they are now."""

    def old(was: Mapping[str, Snapshot], present: Mapping[str, Snapshot]) -> dict[str, Snapshot]:
        return {**present, **{table: snapshot for table, snapshot in was.items() if table not in fresh and table in present}}

    by_month = {month: old(then.by_month.get(month, {}), present) for month, present in now.by_month.items()}
    return Chain(by_month, old(then.undated, now.undated))


def _over(scorer: Scorer, chain: Chain) -> Scorer:
    """The same scorer over another chain; the customers are read again only where they are others."""
    if "customers" not in differing_tables(chain.undated, scorer.chain.undated):
        return replace(scorer, chain=chain)
    return replace(Scorer.over(scorer.settings, chain, scorer.supplied), segments=scorer.segments)


def split_change(key: Key, before: float | None, causes: Sequence[tuple[str, Mapping[Key, float | None]]]) -> str:
    """The change in parts that add up, as `orders=-0.4;tickets=-0.2`; only names where one side has no value."""
    parts: list[tuple[str, float | None]] = []
    last = before
    for name, figures in causes:
        value = figures.get(key)
        parts.append((name, None if value is None or last is None else value - last))
        last = value
    if all(part is not None for _, part in parts):
        return ";".join(f"{name}={part!r}" for name, part in parts if part)
    return ";".join(name for name, _ in parts)


def figures_by_key(figures: pd.DataFrame) -> dict[Key, float | None]:
    """The figures' values by scope, scope value and indicator."""
    columns = (figures[name].tolist() for name in ("scope", "scope_value", "indicator", "value"))
    return {(str(scope), str(value), str(name)): finite(number) for scope, value, name, number in zip(*columns, strict=True)}
