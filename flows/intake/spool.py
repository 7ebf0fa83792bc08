"""Typed rows on their way to snapshots, by month: in memory while they are few, on disk beyond that."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path

import pandas as pd

from flows.machine.leftovers import mark

LIMIT_BYTES = 256 * 1024**2
"""Memory for rows in waiting; beyond it they are written to temporary files."""


class Spool:
    """Frames by month code; `read` gives all rows of a month in the order of their arrival."""

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._parent = folder
        self._held: dict[int, list[pd.DataFrame]] = defaultdict(list)
        self._files: dict[int, list[Path]] = defaultdict(list)
        self._bytes = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def add(self, code: int, frame: pd.DataFrame) -> None:
        if frame.empty:
            return
        self._held[code].append(frame)
        self._bytes += int(frame.memory_usage(index=False).sum())
        if self._bytes > self._limit:
            self._write()

    def codes(self) -> list[int]:
        return sorted({*self._held, *self._files})

    def read(self, code: int) -> pd.DataFrame:
        """All rows of a month; columns that only some of its chunks had are missing in the others."""
        import pyarrow.feather as feather

        parts = [feather.read_feather(path) for path in self._files.get(code, [])] + self._held.get(code, [])
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def drop(self, code: int) -> None:
        """Forget a month's rows."""
        for frame in self._held.pop(code, []):
            self._bytes -= int(frame.memory_usage(index=False).sum())
        for path in self._files.pop(code, []):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        self._held.clear()
        self._files.clear()
        if self._folder is not None:
            self._folder.cleanup()

    def _write(self) -> None:
        import pyarrow.feather as feather

        if self._folder is None:
            self._parent.mkdir(parents=True, exist_ok=True)
            self._folder = tempfile.TemporaryDirectory(dir=self._parent, prefix=f".pull.{mark()}.")
        for code, frames in self._held.items():
            path = Path(self._folder.name) / f"{code}-{len(self._files[code])}.arrow"
            feather.write_feather(pd.concat(frames, ignore_index=True), path, compression="lz4")
            self._files[code].append(path)
        self._held.clear()
        self._bytes = 0
