"""Rows of one table that do not count, and values that could not be read in rows that do: where they stand, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from flows.intake.calendar import UNKNOWN, Codes, name_of
from flows.intake.refusals import Refusals
from flows.sources.chunks import Block, Chunk
from transforms.tables.cells import Mask
from transforms.tables.contract import TABLES, TableSpec

QUARANTINE_COLUMNS = ("table", "month", "source", "place", "rule", "column", "value", "money")


@dataclass
class Quarantine:
    """What an analyst reads in `quarantine.csv`: a row for each refused row and fault, in `QUARANTINE_COLUMNS`; money in units."""

    table: str
    rows: list[pd.DataFrame] = field(default_factory=list)
    refused: Refusals = field(default_factory=Refusals)
    """Rows in quarantine."""
    lost: Refusals = field(default_factory=Refusals)
    """Values that could not be read in rows that count all the same."""

    @property
    def spec(self) -> TableSpec:
        return TABLES[self.table]

    def add_unread(self, block: Block, chunk: Chunk) -> None:
        """Rows whose cells could not be told apart; nobody knows their month."""
        self._note(
            pd.DataFrame(
                {
                    "month": "",
                    "source": block.settings.source,
                    "place": [f"{chunk.origin}:{row.line}" for row in chunk.refused],
                    "rule": [f"{self.table}.row.{row.what}" for row in chunk.refused],
                    "column": "",
                    "value": [row.value for row in chunk.refused],
                    "money": pd.array([pd.NA] * len(chunk.refused), dtype="Int64"),
                }
            ),
            np.full(len(chunk.refused), UNKNOWN, dtype=np.int64),
        )

    def add_faulty(self, block: Block, chunk: Chunk, raw: pd.DataFrame, faults: pd.DataFrame, home: Codes, money: pd.Series | None) -> None:
        """Rows with a cell that breaks a rule: a line for each such cell."""
        at = faults["position"].to_numpy(dtype=np.int64)
        if not len(at):
            return
        self._note(
            pd.DataFrame(
                {
                    "month": [name_of(code) for code in home[at].tolist()],
                    "source": block.settings.source,
                    "place": self._places(chunk, raw, at),
                    "rule": faults["rule"].tolist(),
                    "column": faults["column"].tolist(),
                    "value": faults["value"].tolist(),
                    "money": pd.array([pd.NA] * len(at), dtype="Int64") if money is None else money.iloc[at].array,
                }
            ),
            home[at],
        )

    def add_accepted(
        self,
        rows: pd.DataFrame,
        origins: Sequence[tuple[str, str]],
        verdict: pd.Series,
        columns: Sequence[str],
        values: list[str] | None = None,
    ) -> None:
        """Rows that were accepted before all were seen, such as two that share a key; `origins` are (source, place) of each."""
        by_key = self._keys(rows)
        places = [
            f"{origin}:{line}" if line >= 0 else named for (_, origin), line, named in zip(origins, rows["_line"], by_key, strict=True)
        ]
        home = rows["_home"].to_numpy(dtype=np.int64)
        self._note(
            pd.DataFrame(
                {
                    "month": [name_of(code) for code in home.tolist()],
                    "source": [source for source, _ in origins],
                    "place": places,
                    "rule": [f"{self.table}.{what}" for what in verdict],
                    "column": ",".join(columns),
                    "value": values or [name.removeprefix("key=") for name in by_key],
                    "money": rows[self.spec.money].array if self.spec.money else pd.array([pd.NA] * len(rows), dtype="Int64"),
                }
            ),
            home,
        )

    def count_lost(self, chunk: Chunk, raw: pd.DataFrame, light: pd.DataFrame, home: Codes, good: Mask) -> None:
        """Count values that could not be read in rows that stay."""
        light = light[good[light["position"].to_numpy(dtype=np.int64)]].drop_duplicates(["position", "column"])
        at = light["position"].to_numpy(dtype=np.int64)
        if len(at):
            self.lost.add(light["rule"].tolist(), home[at].tolist(), self._places(chunk, raw, at), light["value"].tolist())

    def _note(self, rows: pd.DataFrame, home: Codes) -> None:
        self.rows.append(rows.assign(table=self.table)[list(QUARANTINE_COLUMNS)])
        self.refused.add(rows["rule"].tolist(), home.tolist(), rows["place"].tolist(), rows["value"].tolist())

    def _places(self, chunk: Chunk, raw: pd.DataFrame, at: Codes) -> list[str]:
        """Rows by line where their source has lines, else by key."""
        if chunk.lines is not None:
            return [f"{chunk.origin}:{line}" for line in chunk.lines[at].tolist()]
        return self._keys(raw.iloc[at])

    def _keys(self, rows: pd.DataFrame) -> list[str]:
        names = [name for name in self.spec.key if name in rows]
        if self.table == "order_lines" and "line_id" not in rows:
            names = ["order_id", "sku"]
        values = rows[names].astype(object).to_numpy().tolist()
        return ["key=" + "|".join("" if value is None or pd.isna(value) else str(value) for value in row) for row in values]
