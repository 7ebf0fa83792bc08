"""The books of a pull: every row that was read is accepted, quarantined or a duplicate, in rows and in money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from flows.intake.calendar import UNDATED_TABLES, UNKNOWN, Codes, name_of
from transforms.tables.contract import TABLES

KINDS = ("read", "accepted", "quarantined", "duplicates")

QUALITY_COLUMNS = (
    *("table", "month", *KINDS, *(f"money_{kind}" for kind in KINDS)),
    *("freshest", "source_rows", "source_money", "source_newest", "carried", "derived_from", "note"),
)


@dataclass
class _Page:
    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    duplicates: int = 0
    money_read: int = 0
    money_accepted: int = 0
    money_quarantined: int = 0
    money_duplicates: int = 0
    freshest: pd.Timestamp | None = None
    source_rows: int | None = None
    source_money: int | None = None
    source_newest: pd.Timestamp | None = None
    unread_money: int = 0
    """How many quarantined rows have money that cannot be read."""
    ahead: int = 0
    money_ahead: int = 0
    """Of the quarantined rows and their money what is dated after the run: it belongs to no month that was read."""
    carried: int = 0
    """How many accepted refunds stood in orders."""
    derived_from: str = ""
    """The table that the rows were made of; empty where they were read themselves."""

    @property
    def note(self) -> str:
        """The same for people who open quality.csv."""
        told = [f"derived from {self.derived_from}"] * bool(self.derived_from)
        return "; ".join([*told, *[f"{self.carried:,} of them carried by orders"] * bool(self.carried)])


class Books:
    """Counts per table and month code; a broken identity is a bug and stops the program."""

    def __init__(self) -> None:
        self._pages: dict[tuple[str, int], _Page] = defaultdict(_Page)

    def add(self, table: str, kind: str, codes: Codes, money: pd.Series | None, sign: int = 1) -> None:
        """Count rows, one code each, and their money (missing counts as nothing)."""
        if not len(codes):
            return
        found, place = np.unique(codes, return_inverse=True)
        rows = np.bincount(place, minlength=len(found))
        sums = np.zeros(len(found), dtype=np.int64)
        if money is not None:
            np.add.at(sums, place, money.fillna(0).to_numpy(dtype=np.int64))
        for code, count, total in zip(found.tolist(), rows.tolist(), sums.tolist(), strict=True):
            page = self._pages[table, code]
            setattr(page, kind, getattr(page, kind) + sign * count)
            setattr(page, f"money_{kind}", getattr(page, f"money_{kind}") + sign * total)

    def move(self, table: str, kind: str, codes: Codes, money: pd.Series | None) -> None:
        """Book accepted rows as duplicates or quarantined after all."""
        self.add(table, "accepted", codes, money, sign=-1)
        self.add(table, kind, codes, money)

    def count_unread(self, table: str, codes: Codes) -> None:
        """Count quarantined rows whose money cannot be read, one code each."""
        for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
            self._pages[table, int(code)].unread_money += int(count)

    def count_ahead(self, table: str, codes: Codes, money: pd.Series) -> None:
        """Count quarantined rows that are dated after the run, one code each, and their money."""
        for code in np.unique(codes):
            page, own = self._pages[table, int(code)], codes == code
            page.ahead += int(own.sum())
            page.money_ahead += int(money[own].fillna(0).sum())

    def page(self, table: str, code: int) -> _Page:
        return self._pages[table, code]

    def forget(self, table: str, code: int) -> None:
        """Strike a month's page, whose rows are booked elsewhere."""
        self._pages.pop((table, code), None)

    def months(self, table: str) -> list[int]:
        return sorted(code for name, code in self._pages if name == table)

    def total(self, table: str, kind: str) -> int:
        return sum(int(getattr(page, kind)) for (name, _), page in self._pages.items() if name == table)

    def check(self) -> None:
        """read = accepted + quarantined + duplicates, per table and month, in rows and in money."""
        for (table, code), page in self._pages.items():
            for prefix in ("", "money_"):
                read, accepted, quarantined, duplicates = (int(getattr(page, prefix + kind)) for kind in KINDS)
                if read != accepted + quarantined + duplicates or (not prefix and min(accepted, quarantined, duplicates) < 0):
                    raise AssertionError(
                        f"the books of {table} {name_of(code)} do not balance ({prefix or 'rows'}): "
                        f"{read} read, {accepted} accepted + {quarantined} quarantined + {duplicates} duplicates"
                    )

    def frame(self, tables: Iterable[str]) -> pd.DataFrame:
        """The quality table: one row per table and month, sorted; see `flows.snapshots.store.Pulled`."""
        self.check()
        rows = []
        for table, code in sorted(self._pages):
            page = self._pages[table, code]
            if code == UNKNOWN and table not in UNDATED_TABLES and not page.read:
                continue  # no row of unknown month
            values = {field.name: getattr(page, field.name) for field in fields(page)}
            if TABLES[table].money is None:
                values |= {f"money_{kind}": pd.NA for kind in KINDS}
            rows.append({"table": table, "month": name_of(code), **values, "note": page.note})
        frame = pd.DataFrame(rows, columns=list(QUALITY_COLUMNS))
        money = [name for name in frame.columns if name.startswith(("money_", "source_m", "source_r")) or name in (*KINDS, "carried")]
        frame = frame.assign(**{name: frame[name].astype("Int64") for name in money})
        moments = {name: pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]") for name in ("freshest", "source_newest")}
        texts = {name: frame[name].astype("str") for name in ("table", "month", "derived_from", "note")}
        return frame.assign(**moments, **texts)[frame["table"].isin(list(tables))].reset_index(drop=True)
