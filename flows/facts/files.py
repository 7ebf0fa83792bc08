"""Frames and arrays kept as files under a digest: written whole or not at all, computed anew when unreadable."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd

from flows.machine.files import FOLDER_MODE
from flows.machine.leftovers import WRITING, mark
from transforms.errors import MachineError
from transforms.facts.gaps import GapArray
from transforms.facts.window import Window

_SMALL_ROWS = 50_000
_REMEMBERED = 512


class FactFiles:
    """A folder of computed frames; each is found by kind and key, and the small ones are remembered.

    The folder may be deleted at any time. A file that cannot be read counts as not there. Without `writes`
    nothing is put into the folder, for commands that only look.
    """

    def __init__(self, root: Path, *, writes: bool = True) -> None:
        self.root = root
        self._writes = writes
        self._near: OrderedDict[str, pd.DataFrame] = OrderedDict()

    def frame(self, kind: str, key: str) -> pd.DataFrame | None:
        """The frame kept under a key, or None. Treat it as read-only."""
        name = f"{kind}/{key}"
        if name in self._near:
            self._near.move_to_end(name)
            return self._near[name]
        found = _read_frame(self.root / kind / f"{key}.parquet")
        if found is not None:
            self._remember(name, found)
        return found

    def part(self, kind: str, key: str, columns: Sequence[str]) -> pd.DataFrame | None:
        """Some columns of a kept frame, or None; of a large file only these are read."""
        name = f"{kind}/{key}"
        near = self._near.get(name)
        return near[list(columns)] if near is not None else _read_frame(self.root / kind / f"{key}.parquet", columns)

    def keep_frame(self, kind: str, key: str, frame: pd.DataFrame) -> None:
        """Keep a frame, types included."""

        def written(file: BinaryIO) -> None:
            import pyarrow as pa
            import pyarrow.parquet as pq

            table = pa.Table.from_pandas(frame, preserve_index=False)
            pq.write_table(table, file, compression="lz4", use_dictionary=False, write_statistics=False)

        self._write(kind, f"{key}.parquet", written)
        self._remember(f"{kind}/{key}", frame)

    def get_or_compute(self, kind: str, key: str, compute: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """The kept frame, or else the computed one, which is kept."""
        found = self.frame(kind, key)
        if found is None:
            found = compute()
            self.keep_frame(kind, key, found)
        return found

    def window(self, key: str) -> Window | None:
        """The state of all customers kept under a key, or None."""
        state = _read_frame(self.root / "window" / f"{key}.parquet")
        gaps = _read_array(self.root / "window" / f"{key}.npy") if state is not None else None
        return None if state is None or gaps is None else Window(state, gaps)

    def keep_window(self, key: str, window: Window) -> None:
        """Keep a state: its rows as Parquet, its gaps as a plain array beside them."""

        def written(file: BinaryIO) -> None:
            np.save(file, window.gaps, allow_pickle=False)

        self._write("window", f"{key}.npy", written)
        self.keep_frame("window", key, window.state)

    def _remember(self, name: str, frame: pd.DataFrame) -> None:
        if len(frame) <= _SMALL_ROWS:
            self._near[name] = frame
            while len(self._near) > _REMEMBERED:
                self._near.popitem(last=False)

    def _write(self, kind: str, name: str, write: Callable[[BinaryIO], None]) -> None:
        if not self._writes:
            return
        folder, writing = self.root / kind, self.root / WRITING
        try:
            for level in (self.root, writing, folder):
                level.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=writing, prefix=f".{kind}.{mark()}.")
            try:
                with os.fdopen(handle, "wb") as file:
                    write(file)
                    file.flush()
                    os.fsync(file.fileno())  # a power cut must not leave a name with other bytes
                Path(temporary).replace(folder / name)
            finally:
                Path(temporary).unlink(missing_ok=True)
        except OSError as error:
            raise MachineError(
                f"facts: {folder / name} could not be written: {error.strerror or error}.\n"
                "Nothing was published. Make room (or correct the rights), then run the same command again."
            ) from error


def digest_of(*parts: str) -> str:
    """A short digest of named parts, for keys."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


def _read_frame(path: Path, columns: Sequence[str] | None = None) -> pd.DataFrame | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with suppress(FileNotFoundError, pa.ArrowInvalid, OSError):
        frame: pd.DataFrame = pq.read_table(path, columns=None if columns is None else list(columns)).to_pandas()
        return frame
    return None


def _read_array(path: Path) -> GapArray | None:
    with suppress(FileNotFoundError, ValueError, OSError, EOFError):
        gaps: GapArray = np.load(path, allow_pickle=False)
        return gaps
    return None
