"""The one CSV writer: same frame, same bytes; exact money; no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Mapping
from datetime import UTC
from math import isfinite

import pandas as pd

from reports.formats import finite
from transforms.figures import Indicator
from transforms.money import UNITS
from transforms.month import Month

FIGURES_CSV = (
    "figure_id",
    "month",
    "revision",
    "scope",
    "scope_value",
    "indicator",
    "unit",
    "value",
    "n",
    "lower",
    "upper",
    "method",
    "label",
    "reason",
    "previous",
    "change",
    "signal",
)
"""Columns of figures.csv, in order."""

MONEY_COLUMNS = frozenset(
    {
        *("net_12m", "net_total", "month_net", "month_gross", "expected_net_12m", "historic_value", "current_value", "potential_value"),
        *("potential_by_rule", "peer_gap", "quoted_value"),
        *("expected_margin_12m", "value_36m", "forecast_net_12m", "prior_net_12m"),
        "act_stake",
        *("money", "money_read", "money_accepted", "money_quarantined", "money_duplicates", "source_money"),
    }
)
"""Columns of customers.csv, quality.csv and the quarantine that hold ten-thousandths."""

EVIDENCE_COLUMNS = (
    *("customer_id", "name", "tier", "grade", "previous_grade", "held", "would_be", "rule_grade", "override_until"),
    *("score", "history_score", "frequency_score", "amount_score", "recency_days", "tenure_months", "first_order_on", "last_order_on"),
    *("orders_12m", "net_12m", "net_total", "month_orders", "month_net", "is_new", "is_lost", "value_class", "behaviour_class"),
    *("satisfaction_index", "satisfaction_n", "nps_score", "loyalty_index", "behavioural_loyalty", "loyalty_type", "ladder"),
    *("tickets_12m", "complaints_12m", "p_alive", "expected_net_12m", "region", "account_manager"),
    *("role", "status", "segment", "industry", "source_channel", "practice_class", "abc_class", "is_core", "is_strategic", "rfm_code"),
    *("historic_value", "current_value", "potential_value", "p_active", "p_active_from", "peer_gap", "quoted_value"),
    *("potential_by_rule", "potential_rank", "value_score", "purchase_score", "feedback_score"),
    *(
        "median_gap_days",
        "gap_band",
        "gap_spread",
        "basket_change",
        "basket_slope",
        "season_start",
        "main_channel",
        "main_category",
        "contacts_12m",
        "last_contact_on",
    ),
    *("priority", "priority_power", "priority_power_from", "priority_loyalty", "priority_value", "priority_value_from"),
    *("visits_12m", "strategy_id", "completeness", "users", "performance"),
    *("p_active_12m", "expected_orders_12m", "expected_margin_12m", "value_36m", "p_lost_12m", "lifetime_note"),
    *("days_12m", "forecast_orders_12m", "forecast_net_12m", "prior_days_12m", "prior_net_12m"),
    *("contract_end", "tickets_open", "complaints_open", "act_reason", "act_reasons", "act_measure", "act_play", "act_owner", "act_due_on"),
    *("act_stake", "act_tier", "act_rank", "act_before", "act_result"),
)
"""What of a customer may travel inside a pack; nothing that is not on this list does."""

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_bytes(frame: pd.DataFrame, money_columns: Collection[str] = MONEY_COLUMNS) -> bytes:
    """A frame as UTF-8 CSV with LF line ends and a head.

    Money columns (ten-thousandths) become currency units with two decimals, four where
    they are needed. Floats print their shortest exact form, instants as ISO 8601 in UTC,
    flags as true/false; missing cells are empty. Text that starts like a formula gets an
    apostrophe in front; numbers stay numbers.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow([_text(str(name)) for name in frame.columns])
    written = [_column(frame[name], _money if name in money_columns else _cell) for name in frame.columns]
    writer.writerows(zip(*written, strict=True))
    return out.getvalue().encode("utf-8", errors="replace")


def _column(cells: pd.Series, shape: Callable[[object], str]) -> list[str]:
    """The cells of a column as text; what stands there more than once is put into words once."""
    values = cells.to_numpy(dtype="object").tolist()
    if not isinstance(cells.dtype, pd.StringDtype):
        return [shape(value) for value in values]
    told = {value: shape(value) for value in set(values)}
    return [told[value] for value in values]


def figures_table(figures: pd.DataFrame, month: Month, revision: int, catalogue: Mapping[str, Indicator]) -> pd.DataFrame:
    """`FIGURE_COLUMNS` as the columns of figures.csv: with month, revision and the unit of each indicator."""
    units = [catalogue[name].unit.value if name in catalogue else "" for name in figures["indicator"]]
    return figures.assign(month=str(month), revision=revision, unit=units)[list(FIGURES_CSV)]


def customers_table(customers: pd.DataFrame) -> pd.DataFrame:
    """Customers with the allow-listed columns alone, sorted by id."""
    columns = [name for name in EVIDENCE_COLUMNS if name in customers]
    return customers[columns].sort_values("customer_id", kind="stable", ignore_index=True)


def _money(cell: object) -> str:
    known = finite(cell)
    if known is None:
        return ""
    units = int(known)
    whole, rest = divmod(abs(units), UNITS)
    decimals = f"{rest // 100:02d}" if rest % 100 == 0 else f"{rest:04d}"
    return f"{'-' if units < 0 else ''}{whole}.{decimals}"


def _cell(cell: object) -> str:
    kind = type(cell)
    if kind is str:
        return _text(cell)  # type: ignore[arg-type]
    if kind is float:
        return repr(cell) if isfinite(cell) else ""  # type: ignore[arg-type]
    if kind is int:
        return repr(cell)
    return _rarer(cell)


def _rarer(cell: object) -> str:
    if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and cell != cell):
        return ""
    if isinstance(cell, bool) or type(cell).__name__ in ("bool_", "bool"):
        return "true" if cell else "false"
    if isinstance(cell, str):
        return _text(cell)
    if isinstance(cell, pd.Timestamp):
        return cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if cell.tzinfo else cell.strftime("%Y-%m-%d")
    known = finite(cell)
    if known is None:
        return "" if isinstance(cell, float) else _text(str(cell))
    return repr(known)


def without_guard(cell: str) -> str:
    """A text cell of ours as it was before it was written: without the apostrophe that keeps spreadsheets from running it."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_RISKY) else cell


def _text(cell: str) -> str:
    """Text that no spreadsheet takes for a formula; NUL is gone and every line break is LF, so that all readers take it."""
    kept = cell.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return f"'{kept}" if kept.startswith(_RISKY) else kept
