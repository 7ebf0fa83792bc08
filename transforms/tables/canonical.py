"""Raw rows of one canonical table, typed: every value exact, every broken promise named by row, column and rule."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from transforms.errors import UsageError
from transforms.money import product_units
from transforms.tables.cells import Cells, Mask, read_count, read_flag, read_list, read_money, read_number, read_text, show_cells
from transforms.tables.contract import ColumnSpec, Kind, TableSpec
from transforms.tables.ids import is_id, read_id
from transforms.tables.instants import NoTimezoneError, read_day, read_instant
from transforms.tables.meaning import meaning_of
from transforms.tables.reading import Reading

EARLIEST = pd.Timestamp("1980-01-01", tz="UTC")
"""No business moment is older; earlier ones are clocks that were never set."""

FUTURE = frozenset({"sla_due_at"})
"""Instants that may lie ahead of the run."""

FAULT_COLUMNS = ("position", "column", "rule", "value")

NOT_NEGATIVE = {
    "orders": ("refund_amount",),
    "refunds": ("amount",),
    "tickets": ("reopened_count", "transfers", "compensation"),
    "costs": ("amount",),
    "order_lines": ("returned_quantity",),
    "contacts": ("minutes",),
    "quotes": ("amount", "competitor_price", "budget"),
    "campaigns": ("amount", "reached", "responses"),
}

LOWER = frozenset({"instrument", "status", "type", "kind", "role", "scope", "direction", "purpose", "result", "register", "system"})
UPPER = frozenset({"currency"})


@dataclass(frozen=True)
class Typed:
    """Typed rows, in the order of the raw ones, and the faults found in them.

    frame   all columns of the table that were given; a faulty cell is missing
    faults  position (row, from 0), column, rule (`orders.amount.type`), value as it was written;
            at most one fault per row and column
    """

    frame: pd.DataFrame
    faults: pd.DataFrame


def canonical(raw: pd.DataFrame, table: TableSpec, reading: Reading, *, now: datetime) -> Typed:
    """Type the columns of `raw` that the table knows, and name each cell that cannot be what it should.

    A row is faulty where a cell is unreadable, an instant is before 1980 or more than a day after
    `now`, a choice is unknown, a required value is missing, or a number is outside its range.
    Local times without a time zone are a UsageError that names the block.
    """
    raw = raw.reset_index(drop=True)
    columns: dict[str, pd.Series] = {}
    found: list[pd.DataFrame] = []
    for column in table.columns:
        if column.name not in raw:
            continue
        said, broken = meaning_of(raw[column.name], column, reading)
        values, faults = _judge(_read_column(said, column, reading), broken, column, now)
        columns[column.name] = values
        for what, refused in faults.items():
            if refused.any():
                found.append(_faults(table, column.name, what, refused, raw[column.name]))
    frame = pd.DataFrame(columns, index=raw.index)
    for column_name in NOT_NEGATIVE.get(table.name, ()):
        if column_name in frame:
            below = (frame[column_name] < 0).to_numpy(dtype=bool, na_value=False)
            if below.any():
                found.append(_faults(table, column_name, "range", below, raw[column_name]))
    frame, more = _special(frame, raw, table)
    found += more
    faults_frame = pd.concat(found, ignore_index=True) if found else no_faults()
    faults_frame = faults_frame.drop_duplicates(["position", "column"], ignore_index=True)
    return Typed(frame, faults_frame)


def no_faults() -> pd.DataFrame:
    """The empty table of faults."""
    return pd.DataFrame({"position": pd.Series(dtype="int64"), **{name: pd.Series(dtype="str") for name in FAULT_COLUMNS[1:]}})


def missing_columns(found: Sequence[str], table: TableSpec) -> list[tuple[str, str | None]]:
    """Required columns that were not found, each with the nearest of those that were."""
    lost = [name for name in table.required_columns if name not in found]
    rest = [name for name in found if name not in table.names]
    return [(name, next(iter(difflib.get_close_matches(name, rest, n=1, cutoff=0.5)), None)) for name in lost]


def _read_column(raw: pd.Series, column: ColumnSpec, reading: Reading) -> Cells:
    match column.kind:
        case Kind.TEXT:
            cells = read_id(raw, reading.ids) if is_id(column) else read_text(raw)
            values = cells.values
            if column.name in LOWER:
                values = values.str.lower()
            elif column.name in UPPER:
                values = values.str.upper()
            elif column.name == "month":
                values = values.str.replace(r"^([0-9]{4}-[0-9]{2})-01(?: 00:00:00)?$", r"\1", regex=True)
            return Cells(values, cells.faults)
        case Kind.LIST:
            return read_list(raw)
        case Kind.MONEY:
            return read_money(raw, reading.amounts)
        case Kind.NUMBER:
            return read_number(raw, reading.amounts)
        case Kind.COUNT:
            return read_count(raw, reading.amounts)
        case Kind.FLAG:
            return read_flag(raw)
        case Kind.DAY:
            return read_day(raw, reading.timezone)
        case Kind.INSTANT:
            try:
                return read_instant(raw, reading.timezone)
            except NoTimezoneError as error:
                raise UsageError(
                    f"{reading.where}: {column.name} holds local times (such as {error}), and the block names no time zone.\n"
                    'Nothing was read. Say whose clock it is: add timezone = "UTC", or timezone = "Asia/Shanghai", to that block.'
                ) from error


def _judge(cells: Cells, broken: Mask, column: ColumnSpec, now: datetime) -> tuple[pd.Series, dict[str, Mask]]:
    """Values and faults after the rules that hold for any column of this kind; `broken` were no JSON."""
    values, faults = cells.values, {"json": broken, **cells.faults}
    if column.choices:
        unknown = values.notna().to_numpy(dtype=bool) & ~values.isin(column.choices).to_numpy(dtype=bool)
        faults["choice"] = unknown
        values = values.mask(pd.Series(unknown, index=values.index)) if unknown.any() else values
    if column.kind is Kind.INSTANT:
        latest = pd.Timestamp("2200-01-01", tz="UTC") if column.name in FUTURE else pd.Timestamp(now) + timedelta(days=1)
        odd = ((values < EARLIEST) | (values > latest)).to_numpy(dtype=bool)
        faults["implausible"] = odd
        values = values.mask(pd.Series(odd, index=values.index)) if odd.any() else values
    if column.kind is Kind.DAY:
        odd = (values < pd.Timestamp("1880-01-01")).to_numpy(dtype=bool)
        faults["implausible"] = odd
        values = values.mask(pd.Series(odd, index=values.index)) if odd.any() else values
    if not column.nullable:
        faults["missing"] = values.isna().to_numpy(dtype=bool) & ~np.logical_or.reduce([*faults.values()])
    return values, faults


def _special(frame: pd.DataFrame, raw: pd.DataFrame, table: TableSpec) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """What one table alone asks for: defaults, scales, formats."""
    found: list[pd.DataFrame] = []
    match table.name:
        case "orders":
            if "status" in frame:
                frame = frame.assign(status=frame["status"].fillna("completed"))
            else:
                frame = frame.assign(status=pd.Series("completed", index=frame.index, dtype="str"))
        case "order_lines" if {"quantity", "unit_price"} <= set(frame):
            frame, huge = _line_amounts(frame)
            if huge.any():
                found.append(_faults(table, "quantity", "range", huge, raw["quantity"]))
        case "surveys":
            frame, broken, other = _on_scale(frame)
            if other.any():
                scale = raw[[name for name in ("scale_min", "scale_max") if name in raw]].astype(str).agg(" to ".join, axis="columns")
                found.append(_faults(table, "score", "nps_scale", other, scale))
            found += [_faults(table, column, "range", refused, raw[column]) for column, refused in broken.items() if refused.any()]
        case "fx_rates":
            low = (frame["rate"] <= 0).to_numpy(dtype=bool)
            found.append(_faults(table, "rate", "range", low, raw["rate"]))
            if "max_age_days" in frame:
                below = (frame["max_age_days"] < 0).to_numpy(dtype=bool)
                found.append(_faults(table, "max_age_days", "range", below, raw["max_age_days"]))
        case "costs" | "plans":
            odd = frame["month"].notna() & ~frame["month"].str.fullmatch(r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])", na=False)
            found.append(_faults(table, "month", "type", odd.to_numpy(dtype=bool), raw["month"]))
        case "recipients":
            odd = frame["email"].notna() & ~frame["email"].str.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", na=False)
            found.append(_faults(table, "email", "type", odd.to_numpy(dtype=bool), raw["email"]))
    if "currency" in frame:
        odd = frame["currency"].notna() & ~frame["currency"].str.fullmatch(r"[A-Z]{3}", na=False)
        found.append(_faults(table, "currency", "unknown", odd.to_numpy(dtype=bool), raw["currency"]))
    return frame, [part for part in found if len(part)]


def _line_amounts(frame: pd.DataFrame) -> tuple[pd.DataFrame, Mask]:
    """quantity x unit price per line, missing where either is; lines too large to hold are refused."""
    gone = (frame["quantity"].isna() | frame["unit_price"].isna()).to_numpy(dtype=bool)
    quantity = np.where(gone, 0.0, frame["quantity"].to_numpy(dtype=np.float64))
    price = frame["unit_price"].fillna(0).to_numpy(dtype=np.int64)
    huge = np.abs(quantity * price) >= 1e18
    units = product_units(np.where(huge, 0.0, quantity), price)
    return frame.assign(line_amount=pd.Series(pd.arrays.IntegerArray(units, gone | huge), index=frame.index)), huge


def _on_scale(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Mask], Mask]:
    """Survey answers with their scale: 0-10 for nps, else as given; scores and expectations outside it are refused.

    The last value marks answers that are called nps and were asked on another scale: they are no NPS.
    No scale is assumed for other instruments: their range is then not judged.
    """
    nps = (frame["instrument"] == "nps").to_numpy(dtype=bool, na_value=False)
    other = np.zeros(len(frame), dtype=bool)
    for name, bound in (("scale_min", 0.0), ("scale_max", 10.0)):
        if name in frame:
            other |= nps & (frame[name].notna() & (frame[name] != bound)).to_numpy(dtype=bool)
    for name, bound in (("scale_min", 0.0), ("scale_max", 10.0)):
        given = frame[name] if name in frame else pd.Series(np.nan, index=frame.index, dtype="float64")
        frame = frame.assign(**{name: given.mask(pd.Series(nps, index=frame.index), bound)})
    score, low, high = (frame[name].to_numpy(dtype=np.float64) for name in ("score", "scale_min", "scale_max"))
    outside = (score < low) | (score > high) | (nps & (score != np.rint(score)) & ~np.isnan(score))
    broken: dict[str, Mask] = {"score": outside & ~other}
    if "expectation" in frame:
        expected = frame["expectation"].to_numpy(dtype=np.float64)
        broken["expectation"] = (expected < low) | (expected > high)
    if (low >= high).any():
        broken["scale_min"] = low >= high
    return frame, broken, other


def _faults(table: TableSpec, column: str, what: str, refused: Mask, raw: pd.Series) -> pd.DataFrame:
    positions = np.flatnonzero(refused).astype(np.int64)
    hidden = column in table.names and table.column(column).personal
    values = ["(personal)"] * len(positions) if hidden else show_cells(raw, positions)
    return pd.DataFrame(
        {
            "position": positions,
            "column": pd.Series([column] * len(positions), dtype="str"),
            "rule": pd.Series([f"{table.name}.{column}.{what}"] * len(positions), dtype="str"),
            "value": pd.Series(values, dtype="str"),
        }
    )
