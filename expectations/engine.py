"""Running a table's suite of expectations on its rows, with three outcomes: kept, broken, or the check itself broke."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import pandas as pd

from expectations.findings import Finding, Outcome, Severity, can_be_waived
from transforms.tables.contract import TABLES

EXAMPLES = 3


def suite(table: str) -> list[Any] | None:
    """The expectations of a canonical table, from `expectations.<table>`; None where there is no such module."""
    name = f"expectations.{table}"
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None
    return list(module.expectations())


def check(table: str, frame: pd.DataFrame, expectations: list[Any] | None = None) -> list[Finding]:
    """Run a table's suite on canonical rows; one finding per broken expectation, none where all hold.

    Expectations on columns that the frame lacks are left out: optional columns may not be supplied.
    A suite that is missing or empty, and a check that raised, are critical findings of outcome CHECK.
    Each expectation says in its `meta` its `rule` and a `message`; its severity is Great Expectations' own.
    """
    chosen = suite(table) if expectations is None else expectations
    if chosen is None:
        return [_broken_check(table, "missing", f"there is no suite for {table}; its rows were not checked")]
    if not chosen:
        return [_broken_check(table, "empty", f"the suite for {table} holds no expectation; its rows were not checked")]
    if frame.empty:
        return []
    # Great Expectations reads zoned instants by a way that pandas is giving up; all of ours are UTC anyway.
    zoned = [name for name in frame.columns if isinstance(frame[name].dtype, pd.DatetimeTZDtype)]
    frame = frame.assign(**{str(name): frame[name].dt.tz_convert(None) for name in zoned}).reset_index(drop=True)
    applicable = [expectation for expectation in chosen if _columns(expectation) <= set(frame.columns)]
    if not applicable:
        return []
    try:
        results = _validate(frame, applicable).results
    except Exception as error:  # whatever breaks in there, the rows were not checked, and that must be said
        return [_broken_check(table, "broken", f"the checks of {table} could not be run: {type(error).__name__}: {error}")]
    found: list[Finding] = []
    for result in results:
        told = _finding(table, frame, result)
        if told is not None:
            found.append(told)
    return sorted(found, key=lambda finding: finding.rule)


def merge_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of several pieces of one table as if it had been checked whole; sorted."""
    together: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        key = (finding.table, finding.rule, finding.month)
        other = together.get(key)
        if other is None:
            together[key] = finding
            continue
        together[key] = Finding(
            finding.table,
            finding.rule,
            min(other.severity, finding.severity, key=list(Severity).index),
            other.message,
            finding.month,
            other.rows + finding.rows,
            other.of_rows + finding.of_rows,
            tuple(sorted({*other.examples, *finding.examples}))[:EXAMPLES],
            Outcome.CHECK if Outcome.CHECK in (other.outcome, finding.outcome) else Outcome.DATA,
        )
    return [together[key] for key in sorted(together)]


def apply_severities(findings: Iterable[Finding], severities: Mapping[str, Severity]) -> list[Finding]:
    """Findings with the severities that the configuration sets per rule; what cannot be waived keeps its own."""
    return [
        Finding(**{**vars(finding), "severity": severities[finding.rule]})
        if finding.rule in severities and can_be_waived(finding)
        else finding
        for finding in findings
    ]


def keys_of(table: str, frame: pd.DataFrame, positions: Iterable[int], most: int = EXAMPLES) -> tuple[str, ...]:
    """Some rows by their key, for a message."""
    names = [name for name in TABLES[table].key if name in frame and not TABLES[table].column(name).personal]
    if not names:
        return ()
    rows = frame.iloc[list(positions)][names].astype("object").to_numpy().tolist()
    return tuple(sorted({"|".join("" if pd.isna(value) else str(value) for value in row) for row in rows})[:most])


def _validate(frame: pd.DataFrame, expectations: list[Any]) -> Any:
    import great_expectations as gx

    batch = _whole_frame().get_batch({"dataframe": frame})
    return batch.validate(
        gx.ExpectationSuite(name="suite", expectations=expectations),
        result_format={"result_format": "COMPLETE", "include_unexpected_rows": False},
    )


@cache
def _whole_frame() -> Any:
    """The one way in for frames; making it anew for each table would cost as much as checking it."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("all")


def _columns(expectation: Any) -> set[str]:
    names = {getattr(expectation, field, None) for field in ("column", "column_A", "column_B")}
    names |= set(getattr(expectation, "column_list", None) or ())
    return {name for name in names if name}


def _finding(table: str, frame: pd.DataFrame, result: Any) -> Finding | None:
    config = result.expectation_config
    meta = config.meta or {}
    rule = str(meta.get("rule") or f"{table}.{config.kwargs.get('column', '')}.{config.type}")
    raised = _exception_text(result.exception_info)
    if raised:
        return Finding(table, rule, Severity.CRITICAL, f"the check itself broke: {raised[:200]}", outcome=Outcome.CHECK)
    if result.success:
        return None
    detail = result.result or {}
    positions = [int(place) for place in detail.get("unexpected_index_list") or []]
    rows = int(detail.get("unexpected_count") or len(positions))
    severity = Severity(str(getattr(config.severity, "value", config.severity) or "critical"))
    return Finding(
        table, rule, severity, str(meta.get("message", config.type)), "", rows, len(frame), keys_of(table, frame, positions[:50])
    )


def _exception_text(info: Any) -> str:
    """The text of an exception that Great Expectations swallowed, or nothing."""
    if not info:
        return ""
    entries = [info] if "raised_exception" in info else [entry for entry in info.values() if isinstance(entry, dict)]
    return "; ".join(str(entry.get("exception_message")) for entry in entries if entry.get("raised_exception"))


def _broken_check(table: str, what: str, message: str) -> Finding:
    return Finding(table, f"{table}.suite.{what}", Severity.CRITICAL, message, outcome=Outcome.CHECK)
