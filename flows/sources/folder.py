"""A folder of dropped files as a source: CSV, XLSX and Parquet, by pattern or by SQL over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from flows.sources.chunks import Block, Chunk, Span, Totals
from flows.sources.csv_files import open_bytes
from flows.sources.files import KNOWN, by_number, read_file
from flows.sources.rows import choose_rows, rank_rows
from transforms.errors import HeldError, UnreachableError

_UNREAD = {
    ".xls": "a workbook of Excel before 2007 (.xls), which is not read",
    ".xlsb": "a binary Excel workbook (.xlsb), which is not read",
    ".ods": "an OpenDocument sheet (.ods), which is not read",
    ".zip": "a ZIP archive, which is not read",
}
"""Forms that people deliver and that are refused by their name."""


class FolderSource:
    """One folder; its files are listed once, when it is opened."""

    def __init__(self, name: str, path: Path, who: str) -> None:
        self.name = name
        self.path = path
        try:
            self._files = sorted(entry for entry in path.iterdir() if entry.is_file() and not entry.name.startswith((".", "~$")))
        except OSError as error:
            reason = "there is no folder" if isinstance(error, (FileNotFoundError, NotADirectoryError)) else f"{error.strerror}:"
            raise UnreachableError(
                f"{who}: {reason} {path}.\nNothing was read. Correct sources.{name}.path, or bring the folder back."
            ) from error

    def close(self) -> None:
        """Nothing is held open between reads."""

    def read(self, block: Block, span: Span) -> Iterator[Chunk]:
        if block.settings.query is not None:
            from flows.sources.duck import query_files

            yield from query_files(self._files, block, span)
            return
        seen: dict[str, str] = {}
        for rank, path in enumerate(self.matching(block)):
            digest = _digest(path)
            copy_of = seen.setdefault(digest, path.name)
            for chunk in read_file(path, block):
                chunk = rank_rows(choose_rows(chunk, block), block, rank)
                yield chunk if copy_of == path.name else replace(chunk, copy_of=copy_of)

    def totals(self, block: Block, span: Span, bounds: Sequence[datetime], first_month: int) -> Totals | None:
        """None: nobody but us could count a file's rows."""
        return None

    def matching(self, block: Block) -> list[Path]:
        """The block's files, sorted by name, numbers in it as numbers; HeldError where there is none."""
        pattern = block.settings.files or ""
        found = sorted((path for path in self._files if _matches(path, self.path, pattern)), key=by_number)
        if not found:
            others = ", ".join(path.name for path in self._files[:6]) or "none"
            more = f" and {len(self._files) - 6} more" if len(self._files) > 6 else ""
            raise HeldError(
                f"{block.name}: no file matches {pattern!r} in {self.path}. Files there: {others}{more}.\n"
                f"Nothing was published. Deliver the file, or correct {block.where}.files."
            )
        odd = [path.name for path in found if not path.name.lower().endswith(KNOWN)]
        if odd:
            form = next((form for ending, form in _UNREAD.items() if odd[0].lower().endswith(ending)), None)
            raise HeldError(
                f"{block.name}: {odd[0]} is {form or 'neither CSV (.csv, .csv.gz, .tsv, .txt), nor XLSX, nor Parquet'}.\n"
                f"Nothing was published. {'Unpack it' if form == _UNREAD['.zip'] else 'Save it as .xlsx or CSV'}, "
                f"or narrow {block.where}.files."
            )
        return found


def _matches(path: Path, folder: Path, pattern: str) -> bool:
    return path.relative_to(folder).match(pattern) or path.name == pattern


def _digest(path: Path) -> str:
    with open_bytes(path) as file:
        digest = hashlib.sha256()
        while piece := file.read(1 << 20):
            digest.update(piece)
        return digest.hexdigest()
