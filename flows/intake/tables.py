"""One table's way in: raw pieces are typed, judged, booked and laid by month; what is refused says why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from expectations.findings import Finding
from expectations.garbled import check_garbled
from expectations.identities import check_contacts, check_matches
from flows.intake.books import Books
from flows.intake.calendar import OUTSIDE, UNDATED_TABLES, UNKNOWN, Calendar, Codes
from flows.intake.quarantine import Quarantine
from flows.intake.readings import reading_of
from flows.intake.spool import Spool
from flows.intake.strays import stray_months
from flows.intake.sums import FileSums
from flows.snapshots.arrow import kinds
from flows.sources.chunks import Block, Chunk, extra_columns, map_columns, source_columns
from transforms.tables.canonical import Typed, canonical, no_faults
from transforms.tables.cells import Mask
from transforms.tables.contract import TABLES, Kind, TableSpec
from transforms.tables.duplicates import RowFate, resolve
from transforms.tables.fx import convert_money, lines_in_reporting_currency
from transforms.tables.identities import Identities

CHECK_ROWS = 200_000
"""Rows that a suite is run on at a time: its price is per call."""

AHEAD = -3
"""Code of orders from before the stretch, kept for a refund inside it."""

_BROKEN = {"merged": (Kind.MONEY, Kind.NUMBER, Kind.COUNT), "digits": (Kind.TEXT,)}
"""Which kinds of column some bad cells are bad in."""


@dataclass
class Tally:
    """What arrived of one block, in and outside of the stretch, to hold against the source's own count."""

    rows: int = 0
    money: int = 0
    unread_money: int = 0
    unread_times: int = 0
    newest: pd.Timestamp | None = None
    foreign: bool = False


@dataclass
class Intake:
    """All blocks of one canonical table, united; rows are added by `take` and come back clean from `months`."""

    table: str
    calendar: Calendar
    books: Books
    now: datetime
    currency: str
    spool_folder: Path
    rates: pd.DataFrame | None = None
    orders: pd.DataFrame | None = None
    """order_id, ordered_at, customer_id and currency of the orders, for lines that name only their order."""
    identities: Identities = field(default_factory=lambda: Identities({}))
    """Who is known by which key of another system, for blocks that name customers by one."""
    opens_history: bool = False
    """Whether nobody says where history begins, so that the oldest row does."""
    findings: list[Finding] = field(default_factory=list)
    supplied: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)
    extras: dict[str, set[str]] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    tallies: dict[int, Tally] = field(default_factory=dict)
    lines_astray: int = 0
    matches: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """Rows with a key, and of them those of known customers, by block and system."""

    def __post_init__(self) -> None:
        self.spool = Spool(self.spool_folder)
        self.quarantine = Quarantine(self.table)
        self._given: dict[tuple[int, str], dict[str, str]] = {}
        self._origins: list[tuple[str, str]] = []
        self._rows = 0
        self._hashes: list[np.ndarray] = []
        self._ids: list[np.ndarray] = []
        self._waiting: list[pd.DataFrame] = []
        self._waiting_rows = 0
        self.spec: TableSpec = TABLES[self.table]
        self._sums = FileSums(self.table)

    # -- taking rows in ---------------------------------------------------------------------------

    def take(self, block: Block, chunk: Chunk) -> None:
        """Type, judge and lay down one piece."""
        tally = self.tallies.setdefault(block.number, Tally())
        if chunk.refused:
            self._refuse_unread(block, chunk)
            tally.rows += len(chunk.refused)
        if not len(chunk.frame.columns):
            return
        given = self._columns(block, chunk)
        raw = map_columns(chunk.frame, given, block).reset_index(drop=True)
        reading = reading_of(block, self.currency, [*given, *block.settings.constants], points=chunk.points)
        typed, light = self._convert(canonical(raw, self.spec, reading, now=self.now), raw, chunk, given)
        frame = self._recognise(block, typed.frame)
        self._count(tally, frame, typed)
        unread = pd.concat([typed.faults, light])
        self.filled |= set(unread.loc[~unread["rule"].str.endswith(".missing"), "column"])  # what cannot be read is there all the same
        if self.orders is not None:
            frame = self._of_orders(frame, tally)
        if chunk.lines is not None and self.spec.money and not chunk.copy_of:
            amounts = frame["original_amount"] if "original_amount" in frame else frame[self.spec.money]
            self._sums.add(chunk.origin, amounts, raw, chunk.lines)
        codes, relevant = self._place(frame)
        faulty = np.zeros(len(frame), dtype=bool)
        faulty[typed.faults["position"].to_numpy(dtype=np.int64)] = True
        home = np.where((codes == AHEAD) & faulty, UNKNOWN, codes)
        money = frame[self.spec.money] if self.spec.money else None
        booked = relevant & (home != AHEAD)
        self.books.add(self.table, "read", home[booked], None if money is None else money[booked])
        if chunk.copy_of:
            self.copies[chunk.origin] = chunk.copy_of
            self.books.add(self.table, "duplicates", home[booked], None if money is None else money[booked])
            return
        refused = relevant & faulty
        self.books.add(self.table, "quarantined", home[refused], None if money is None else money[refused])
        if money is not None:
            self.books.count_unread(self.table, home[refused & money.isna().to_numpy(dtype=bool)])
            ahead = refused & self._dated_ahead(typed.faults, len(frame))
            self.books.count_ahead(self.table, home[ahead], money[ahead])
        self.quarantine.add_faulty(block, chunk, raw, typed.faults[refused[typed.faults["position"].to_numpy(dtype=np.int64)]], home, money)
        good = relevant & ~faulty
        self.quarantine.count_lost(chunk, raw, light, home, good)
        ranks = None if chunk.ranks is None else chunk.ranks[good]
        self._accept(frame[good].reset_index(drop=True), home[good], block, self._lines(chunk, good), ranks=ranks)

    def take_typed(self, frame: pd.DataFrame, origin: str, *, keyed: bool = True) -> None:
        """Lay down rows that are canonical already, such as refunds that orders carry; rows outside are left out.

        Rows that are not `keyed` may repeat a key: orders made from lines, of which each month has its part.
        """
        codes, relevant = self._place(frame)
        rows = frame[relevant].reset_index(drop=True)
        self.supplied |= {name for name in self.spec.names if name in frame and frame[name].notna().any()}
        self.filled |= self.supplied
        money = rows[self.spec.money] if self.spec.money else None
        self.books.add(self.table, "read", codes[relevant], money)
        self._origins.append(("", origin))
        self._accept(rows, codes[relevant], None, np.full(len(rows), -1, dtype=np.int64), keyed=keyed)

    # -- giving months back -----------------------------------------------------------------------

    def settle(self) -> None:
        """Decide rows that share a key, over all blocks and pieces; call once, before `months`."""
        self._check_waiting(last=True)
        self.findings += self._sums.findings()
        self._dropped: set[int] = set()
        self._settle_keys()
        if self.opens_history and self.table in ("orders", "order_lines"):
            self._set_strays_apart()

    def _settle_keys(self) -> None:
        suspects = self._suspects()
        if not len(suspects):
            return
        wanted = set(suspects.tolist())
        parts = [rows[rows["_row"].isin(wanted)] for rows in (self.spool.read(code) for code in self.spool.codes())]
        rows = pd.concat(parts, ignore_index=True).drop_duplicates("_row").sort_values("_row", ignore_index=True)
        key = [name for name in self.spec.key if name in rows]
        content = [name for name in rows.columns if not str(name).startswith("_")]
        verdict = resolve(rows, key, content, _ranks(rows, key))
        gone = (verdict != RowFate.KEPT.value).to_numpy(dtype=bool)
        self._dropped = set(rows.loc[gone, "_row"].tolist())
        clashing = verdict.isin([RowFate.OLDER.value, RowFate.CONFLICT.value])
        again = verdict.isin([RowFate.DUPLICATE.value, RowFate.SUPERSEDED.value])
        for kind, mask in (("duplicates", again), ("quarantined", clashing)):
            chosen = rows[mask & (rows["_home"] != AHEAD)]
            codes = chosen["_home"].to_numpy(dtype=np.int64)
            self.books.move(self.table, kind, codes, chosen[self.spec.money] if self.spec.money else None)
        refused = rows[clashing]
        if len(refused):
            self._set_apart(refused, verdict[refused.index], key)

    def _set_strays_apart(self) -> None:
        """Send rows that are years older than all others to quarantine, as of no month, before history is laid from them."""
        accepted = {code: self.books.page(self.table, code).accepted for code in self.books.months(self.table)}
        for code in stray_months(accepted):
            rows = self.spool.read(code)
            rows = rows[~rows["_row"].isin(self._dropped)]
            money = rows[self.spec.money] if self.spec.money else None
            nowhere = np.full(len(rows), UNKNOWN, dtype=np.int64)
            for kind in ("read", "accepted"):
                self.books.add(self.table, kind, np.full(len(rows), code, dtype=np.int64), money, sign=-1)
            for kind in ("read", "quarantined"):
                self.books.add(self.table, kind, nowhere, money)
            if not self.books.page(self.table, code).read:
                self.books.forget(self.table, code)
            verdict = pd.Series(f"{self.spec.time}.stray", index=rows.index, dtype="str")
            moments = rows[self.spec.time or ""].dt.tz_convert(self.calendar.timezone).dt.strftime("%Y-%m-%d %H:%M")
            self._set_apart(rows.assign(_home=UNKNOWN), verdict, [self.spec.time or ""], moments.tolist())
            self.spool.drop(code)

    def months(self) -> Iterator[tuple[int, pd.DataFrame]]:
        """Clean rows by month code (UNKNOWN: undated tables; AHEAD: older orders), oldest first; each month once."""
        known = kinds(self.table)
        for code in self.spool.codes():
            rows = self.spool.read(code)
            if self._dropped:
                rows = rows[~rows["_row"].isin(self._dropped)]
            again = rows["_drop"] & rows.duplicated([name for name in rows.columns if name in known]) if "_drop" in rows else None
            if again is not None and again.any():
                gone = rows[again]
                codes = gone["_home"].to_numpy(dtype=np.int64)
                self.books.move(self.table, "duplicates", codes, gone[self.spec.money] if self.spec.money else None)
                rows = rows[~again]
            self.spool.drop(code)
            yield code, rows[[name for name in known if name in rows]].reset_index(drop=True)

    def close(self) -> None:
        self.spool.close()

    # -- the steps --------------------------------------------------------------------------------

    def _columns(self, block: Block, chunk: Chunk) -> dict[str, str]:
        key = (block.number, chunk.origin)
        if key not in self._given:
            found = [str(name) for name in chunk.frame.columns]
            given = source_columns(block, found, chunk.origin)
            self._given[key] = given
            self.supplied |= {*given, *block.settings.constants}
            self._origins.append((block.settings.source, chunk.origin))
            extra = extra_columns(block, found, given)
            if extra:
                self.extras.setdefault(chunk.origin or block.where, set()).update(extra)
        return self._given[key]

    def _convert(self, typed: Typed, raw: pd.DataFrame, chunk: Chunk, given: dict[str, str]) -> tuple[Typed, pd.DataFrame]:
        """With cells that their file marks as broken refused, and money in the reporting currency.

        The faults that cost a row stay with it, one per row; those that cost a value alone come beside, their cells empty.
        """
        frame, faults = typed.frame, [typed.faults]
        canonical_of = {name: canonical_name for canonical_name, name in given.items()}
        for cell in chunk.bad_cells:
            name = canonical_of.get(cell.column)
            if name is not None and (cell.what not in _BROKEN or self.spec.column(name).kind in _BROKEN[cell.what]):
                faults.append(
                    _fault(
                        [cell.position],
                        name,
                        f"{self.table}.{name}.{cell.what}",
                        ["(personal)" if self.spec.column(name).personal else cell.value],
                    )
                )
        light = _together([part[~part["column"].map(self.spec.costs_row)] for part in faults])
        faults = [part[part["column"].map(self.spec.costs_row)] for part in faults]
        for column, positions in light.groupby("column")["position"]:
            emptied = np.zeros(len(frame), dtype=bool)
            emptied[positions] = True
            frame = frame.assign(**{str(column): frame[str(column)].mask(pd.Series(emptied, index=frame.index))})
        if "refund_amount" in frame:
            frame = frame.assign(original_refund_amount=frame["refund_amount"])
        if "original_amount" in kinds(self.table):
            frame, lost = convert_money(frame, self.spec, self.currency, self.calendar.timezone, self.rates, until=self.calendar.bounds[-1])
            for what, mask in lost.items():
                at = np.flatnonzero(mask)
                if len(at):
                    values = raw["currency"].iloc[at].astype(str).tolist()
                    faults.append(_fault(at.tolist(), "currency", f"{self.table}.currency.{what}", values))
        together = _together(faults)
        order = {name: place for place, name in enumerate(self.spec.names)}
        together = together.assign(_at=together["column"].map(order)).sort_values(["position", "_at"], kind="stable")
        return Typed(frame, together.drop(columns="_at").drop_duplicates("position", ignore_index=True)), light

    def _count(self, tally: Tally, frame: pd.DataFrame, typed: Typed) -> None:
        tally.rows += len(frame)
        column = "original_amount" if "original_amount" in frame else self.spec.money
        if column is not None:
            tally.money += int(frame[column].sum())
            tally.unread_money += int(typed.faults["column"].isin([self.spec.money, "amount", "quantity", "unit_price"]).sum())
            tally.foreign |= "currency" in frame and bool((frame["currency"] != self.currency).any())
        if self.spec.time and self.spec.time in frame and self.spec.column(self.spec.time).kind is Kind.INSTANT:
            tally.unread_times += int((typed.faults["column"] == self.spec.time).sum())
            newest = frame[self.spec.time].max()
            if not pd.isna(newest) and (tally.newest is None or newest > tally.newest):
                tally.newest = newest
        self.filled |= {str(name) for name in frame.columns if name not in self.filled and frame[name].notna().any()}

    def _recognise(self, block: Block, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows under the customers' own ids, where the block names customers by a key of another system."""
        system = block.settings.same_as
        if "customer_id" not in frame:
            return frame
        if system is not None:
            found = self.identities.recognise(frame["customer_id"], system)
            frame = frame.assign(customer_id=found.ids)
            asked, matched = self.matches.get((block.name, system), (0, 0))
            self.matches[block.name, system] = (asked + found.asked, matched + found.matched)
        else:
            self.findings += check_contacts(self.table, frame["customer_id"])
        return frame

    def match_findings(self) -> list[Finding]:
        """How many rows of each block are of customers who are known by the key that they carry."""
        return check_matches(self.table, self.matches) if self.identities.customers and self.table != "customers" else []

    def _dated_ahead(self, faults: pd.DataFrame, rows: int) -> Mask:
        """Rows refused because their time lies after the run: planned orders, say, which are no part of any month yet."""
        ahead = np.zeros(rows, dtype=bool)
        told = faults[faults["rule"] == f"{self.table}.{self.spec.time}.implausible"]
        if len(told):
            moments = pd.to_datetime(told["value"], errors="coerce", utc=True, format="mixed")
            ahead[told.loc[(moments > pd.Timestamp(self.now)).to_numpy(dtype=bool), "position"].to_numpy(dtype=np.int64)] = True
        return ahead

    def _of_orders(self, frame: pd.DataFrame, tally: Tally) -> pd.DataFrame:
        """Lines with their order's time and its customer where they name none, their money at the rate of their order."""
        assert self.orders is not None
        abroad = bool((self.orders["currency"] != self.currency).any())
        if "ordered_at" in frame and not abroad:
            return frame
        found = frame[["order_id"]].merge(self.orders, on="order_id", how="left", validate="many_to_one")
        if abroad:
            tally.foreign |= bool((found["currency"].fillna(self.currency) != self.currency).any())
            frame = lines_in_reporting_currency(frame, found, self.currency, self.calendar.timezone, self.rates)
        if "ordered_at" in frame:
            return frame
        self.lines_astray += int((found["ordered_at"].isna() & frame["order_id"].notna()).sum())
        columns = ["ordered_at"] + ([] if "customer_id" in frame else ["customer_id"])
        return frame.assign(**{name: found[name] for name in columns})

    def _place(self, frame: pd.DataFrame) -> tuple[Codes, Mask]:
        """Each row's home month, and which rows matter to the stretch at all."""
        if self.table in UNDATED_TABLES or self.spec.time is None:
            return np.full(len(frame), UNKNOWN, dtype=np.int64), np.ones(len(frame), dtype=bool)
        if self.spec.time not in frame:
            return np.full(len(frame), OUTSIDE, dtype=np.int64), np.zeros(len(frame), dtype=bool)
        time = frame[self.spec.time]
        codes = self.calendar.codes(time)
        if self.table == "order_lines" and self.orders is not None:
            codes = np.where(codes == UNKNOWN, OUTSIDE, codes)
        ended = (time >= self.calendar.bounds[-1]).to_numpy(dtype=bool)
        for name in self.spec.events:
            if name not in frame:
                continue
            other = self.calendar.codes(frame[name])
            late = (codes == OUTSIDE) & ~ended & (other >= 0)
            codes = np.where(late, AHEAD if self.table == "orders" else other, codes)
        return codes, codes != OUTSIDE

    def _accept(
        self, rows: pd.DataFrame, home: Codes, block: Block | None, lines: Codes, *, keyed: bool = True, ranks: Codes | None = None
    ) -> None:
        if rows.empty:
            return
        money = rows[self.spec.money] if self.spec.money else None
        self.books.add(self.table, "accepted", home[home != AHEAD], None if money is None else money[home != AHEAD])
        ids = np.arange(self._rows, self._rows + len(rows), dtype=np.int64)
        self._rows += len(rows)
        origin = len(self._origins) - 1
        rows = rows.assign(_row=ids, _home=home, _origin=np.int32(origin), _line=lines)
        if ranks is not None:
            rows = rows.assign(_rank=ranks, _ranked_by=0 if block is None else block.number)
        if block is not None and block.settings.duplicates == "drop":
            rows = rows.assign(_drop=True)
        if keyed:
            self._remember_keys(rows, ids)
        months: dict[int, Mask] = {int(code): home == code for code in np.unique(home)}
        if self.spec.events and self.table != "orders":
            months = self._event_months(rows)
        for code, mask in sorted(months.items()):
            self.spool.add(code, rows if mask.all() else rows[mask])
        self._waiting.append(rows[[name for name in rows.columns if not str(name).startswith(("_", "original_refund"))]])
        self._waiting_rows += len(rows)
        self._check_waiting()

    def _event_months(self, rows: pd.DataFrame) -> dict[int, Mask]:
        """Rows by every month in which one of their events lies, never before they exist."""
        spread: dict[int, Mask] = {}
        opened = self.calendar.codes(rows[self.spec.time or ""])
        for name in (self.spec.time or "", *self.spec.events):
            if name not in rows:
                continue
            codes = self.calendar.codes(rows[name])
            for code in np.unique(codes[codes >= 0]):
                mask = (codes == code) & ((opened == OUTSIDE) | (opened <= code))
                spread[int(code)] = spread.get(int(code), np.zeros(len(rows), dtype=bool)) | mask
        return {code: mask for code, mask in spread.items() if mask.any()}

    def _remember_keys(self, rows: pd.DataFrame, ids: Codes) -> None:
        key = [name for name in self.spec.key if name in rows]
        if self.table == "order_lines":
            if "line_id" not in rows:
                return
            keyed = rows["line_id"].notna().to_numpy(dtype=bool)
            rows, ids = rows[keyed], ids[keyed]
        self._hashes.append(pd.util.hash_pandas_object(rows[key], index=False).to_numpy())
        self._ids.append(ids)

    def _suspects(self) -> Codes:
        """Ids of the rows whose key may occur more than once (by hash; decided on the rows themselves)."""
        if not self._hashes:
            return np.empty(0, dtype=np.int64)
        hashes, ids = np.concatenate(self._hashes), np.concatenate(self._ids)
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        same = np.zeros(len(order), dtype=bool)
        if len(order) > 1:
            twin = ordered[1:] == ordered[:-1]
            same[1:] |= twin
            same[:-1] |= twin
        return np.sort(ids[order[same]])

    def _check_waiting(self, *, last: bool = False) -> None:
        if self._waiting_rows >= CHECK_ROWS or (last and self._waiting_rows):
            from expectations.engine import check

            rows = pd.concat(self._waiting, ignore_index=True)
            self.findings += [*check(self.table, rows), *check_garbled(self.table, rows)]
            self._waiting, self._waiting_rows = [], 0

    def _refuse_unread(self, block: Block, chunk: Chunk) -> None:
        """Book rows whose cells could not be told apart; a copy of a file refuses nothing twice."""
        codes = np.full(len(chunk.refused), UNKNOWN, dtype=np.int64)
        self.books.add(self.table, "read", codes, None)
        self.books.add(self.table, "duplicates" if chunk.copy_of else "quarantined", codes, None)
        if not chunk.copy_of:
            self.quarantine.add_unread(block, chunk)

    def _set_apart(self, rows: pd.DataFrame, verdict: pd.Series, columns: list[str], values: list[str] | None = None) -> None:
        self.quarantine.add_accepted(rows, [self._origins[place] for place in rows["_origin"]], verdict, columns, values)

    def _lines(self, chunk: Chunk, chosen: Mask) -> Codes:
        return np.full(int(chosen.sum()), -1, dtype=np.int64) if chunk.lines is None else chunk.lines[chosen]


def _ranks(rows: pd.DataFrame, key: list[str]) -> pd.Series | None:
    """How new rows are, where all rows of a key are of one block: files of different blocks cannot be put in order."""
    if "_rank" not in rows:
        return None
    blocks = rows.groupby(key, dropna=False)["_ranked_by"].transform(lambda own: own.nunique(dropna=False))
    return rows["_rank"].where(blocks == 1)


def _together(faults: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([part for part in faults if len(part)], ignore_index=True) if any(map(len, faults)) else no_faults()


def _fault(positions: list[int], column: str, rule: str, values: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({"position": positions, "column": column, "rule": rule, "value": values})
    return frame.astype({"position": "int64", "column": "str", "rule": "str", "value": "str"})
