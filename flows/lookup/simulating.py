"""`keping simulate`: another standard over the kept history, told and not written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from flows.archive.office import Office
from flows.lookup.past import Past
from flows.machine.progress import Progress, silent
from flows.policies.files import read_policy
from flows.settings import Settings
from reports.evidence import csv_bytes
from transforms.errors import UsageError
from transforms.money import amount
from transforms.month import Month
from transforms.policy.rules import Policy
from transforms.statistics.separation import Contest, Interval
from transforms.why.whatif import PARTS, MonthUnder, Simulation, simulate_months

SHOWN = 6
WATERMARK = "CANDIDATE, not in force; nothing was written."


@dataclass(frozen=True)
class SimulationOutcome:
    """A simulation with the words around it."""

    simulation: Simulation
    frozen_at: str
    names: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        found = self.simulation
        return {
            "watermark": WATERMARK,
            "candidate": {"version": found.candidate.version, "digest": found.candidate.digest, "reference_frozen_at": self.frozen_at},
            "months": [_month_dict(month) for month in found.months],
            "movers": [_mover_dict(row) for row in found.movers.to_dict("records")],
            "separation": None if found.contest is None else _contest_dict(found.contest, found.contest_month),
            "separation_missing": found.why_not,
        }

    def lines(self) -> list[str]:
        """At most a screen for a person."""
        return list(self._lines())

    def _lines(self) -> Iterator[str]:
        found, newest = self.simulation, self.simulation.months[-1]
        span = f"{found.months[0].month} to {newest.month}" if len(found.months) > 1 else str(newest.month)
        yield f"{WATERMARK} {found.candidate.version} against {newest.current}, {span}; its reference frozen at {self.frozen_at}."
        total = int(newest.matrix.to_numpy().sum())
        ways = "" if newest.rose is None else f" ({newest.rose} up, {newest.fell} down)"
        money = _part(newest.money, newest.all_money)
        yield f"{newest.month}: {newest.moved:,} of {total:,} customers would move{ways}, with {money} of twelve-month net."
        because = ", ".join(f"{count:,} by {name}" for name, count in newest.causes.items() if count)
        if because:
            yield f"Why: {because}."
        yield "current below, candidate across:"
        yield from _table(newest.matrix)
        if len(found.months) > 1:
            yield "Moved per month: " + ", ".join(f"{month.month} {month.moved:,}" for month in found.months[-12:])
        for row in found.movers.head(SHOWN).to_dict("records"):
            yield f"  {self._mover(row)}"
        if len(found.movers) > SHOWN:
            yield f"  and {len(found.movers) - SHOWN:,} more; all with --json or --out FILE."
        yield from self._separation()

    def _mover(self, row: dict[Any, Any]) -> str:
        key = str(row["customer_id"])
        who = f"{key} {self.names[key]}" if self.names.get(key) else key
        points = ", ".join(f"{part} {row[part]:+.1f}" for part in PARTS if row[part] == row[part] and abs(row[part]) >= 0.05)
        scores = f"{_score(row['current_score'])} -> {_score(row['candidate_score'])}"
        return f"{who}: {row['current']} -> {row['candidate']}, score {scores}{f' ({points})' if points else ''}; by {row['cause']}"

    def _separation(self) -> Iterator[str]:
        found = self.simulation
        if found.contest is None or found.contest.difference.value is None:
            yield f"Kept against lost customers: no verdict, {found.why_not}."
            return
        one = found.contest
        yield (
            f"Of the customers active in {found.contest_month}, {one.kept:,} ordered again within twelve months and {one.lost:,} did not."
        )
        for name, side in (("current", one.first), ("candidate", one.second)):
            shares = f"worst grade: {_interval(side.precision)} were lost, {_interval(side.recall)} of the lost found"
            yield f"  {name}: AUC {_interval(side.auc, 3)}; {shares}"
        verdict = "beyond chance" if one.p_value is not None and one.p_value < 0.05 else "within chance"
        yield f"  candidate less current: {_interval(one.difference, 3)}, {verdict}."

    def report(self, suffix: str) -> bytes:
        """The movers of every month as CSV, or everything told as a Markdown page."""
        every = self.simulation.every
        if suffix == ".csv":
            return csv_bytes(every[["month", *(name for name in every.columns if name != "month")]])
        lines = [f"# {WATERMARK}", "", *(f"    {line}" for line in self.lines()), ""]
        for month in self.simulation.months:
            lines += [f"## {month.month}: current {month.current} below, candidate across", "", *_markdown(month.matrix), ""]
        return "\n".join(lines).encode()


def simulate(settings: Settings, candidate: Path, months: int, out: Path | None = None, tell: Progress = silent) -> SimulationOutcome:
    """Grade the kept months under the candidate and under the policies they stand under; only `out` is written, if asked.

    No source, no mail server and no lock is touched: the months come from the archive's snapshots. A candidate without
    a frozen reference is frozen, for this look alone, at the month of the reference in force.
    """
    policy = read_policy(candidate)
    if out is not None and out.suffix not in (".csv", ".md"):
        raise UsageError(f"--out {out.name}: say a name that ends in .csv or .md. Nothing was simulated.")
    if out is not None and out.exists():
        raise UsageError(f"--out {out} is there already and is not written over. Nothing was simulated. Say another name.")
    with Office.open(settings) as office:
        past = Past.of(office)
        policy = _freeze(policy, past)
        assert policy.reference is not None

        def windows() -> Iterator[tuple[Month, pd.DataFrame]]:
            for month, window in past.windows():
                if month.number == 1 or month == past.months[0]:
                    tell(f"grading {month.year} under both")
                yield month, window

        found = simulate_months(windows(), past.policy, policy, months)
        known = past.scorer.customers
    names = dict(zip(known["customer_id"].astype(str), known["name"], strict=True)) if "name" in known else {}
    outcome = SimulationOutcome(found, policy.reference.month, {key: str(name) for key, name in names.items() if isinstance(name, str)})
    if out is not None:
        with out.open("xb") as file:
            file.write(outcome.report(out.suffix))
    return outcome


def _freeze(policy: Policy, past: Past) -> Policy:
    if policy.reference is not None:
        return policy
    reference = past.policy(past.newest).reference
    at = policy.reference_month or (past.newest if reference is None else Month.parse(reference.month))
    frozen = past.scorer.freeze(policy, at if at in past.months else past.newest)
    return replace(frozen, version=policy.version)


def _month_dict(month: MonthUnder) -> dict[str, Any]:
    sizes = {"current": month.matrix.sum(axis=1), "candidate": month.matrix.sum(axis=0)}
    return {
        "month": str(month.month),
        "current_policy": month.current,
        "moved": month.moved,
        "up": month.rose,
        "down": month.fell,
        "net_12m_moved": amount(month.money),
        "net_12m": amount(month.all_money),
        "causes": month.causes,
        "sizes": {card: {str(grade): int(count) for grade, count in counts.items()} for card, counts in sizes.items()},
        "matrix": {str(before): {str(after): int(count) for after, count in row.items()} for before, row in month.matrix.iterrows()},
    }


def _mover_dict(row: dict[Any, Any]) -> dict[str, Any]:
    plain = {str(name): (None if value != value else value) for name, value in row.items()}
    return {**plain, "net_12m": amount(int(row["net_12m"]))}


def _contest_dict(found: Contest, month: Month | None) -> dict[str, Any]:
    sides = {
        name: {part: vars(getattr(side, part)) for part in ("auc", "precision", "recall")}
        for name, side in (("current", found.first), ("candidate", found.second))
    }
    return {
        "month": str(month),
        "kept": found.kept,
        "lost": found.lost,
        **sides,
        "difference": vars(found.difference),
        "p_value": found.p_value,
        "method": "AUC with DeLong intervals, paired; shares with Wilson intervals; 95 %",
    }


def _interval(value: Interval, digits: int = 2) -> str:
    if value.value is None:
        return f"no data (n={value.n})"
    return f"{value.value:.{digits}f} [{value.lower:.{digits}f}, {value.upper:.{digits}f}]"


def _score(value: float) -> str:
    return "none" if value != value else f"{value:.1f}"


def _part(money: int, total: int) -> str:
    share = f" ({money / total:.1%})" if total > 0 else ""
    return f"{amount(money):,.0f}{share}"


def _table(matrix: pd.DataFrame) -> list[str]:
    width = max(9, *(len(str(name)) + 2 for name in (*matrix.index, *matrix.columns)))
    head = " " * width + "".join(f"{name!s:>{width}}" for name in matrix.columns) + f"{'all':>{width}}"
    rows = [
        f"{before!s:<{width}}" + "".join(f"{count:>{width},}" for count in row) + f"{int(row.sum()):>{width},}"
        for before, row in matrix.iterrows()
    ]
    total = f"{'all':<{width}}" + "".join(f"{count:>{width},}" for count in (*matrix.sum(axis=0), int(matrix.to_numpy().sum())))
    return [head, *rows, total]


def _markdown(matrix: pd.DataFrame) -> list[str]:
    def flat(name: object) -> str:
        return str(name).replace("|", "\\|")

    head = ["| | " + " | ".join(flat(name) for name in matrix.columns) + " |", "|---|" + "---:|" * len(matrix.columns)]
    return [*head, *(f"| {flat(before)} | " + " | ".join(str(count) for count in row) + " |" for before, row in matrix.iterrows())]
