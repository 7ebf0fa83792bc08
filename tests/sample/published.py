"""The newest month of the sample company as its readers have it."""

from __future__ import annotations

import copyreg
import fcntl
import pickle
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest
from pypdf import PdfReader

from flows.review import printing
from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.sample import SampleCompany
from flows.settings import load
from reports.blocks import Block, Chart, Paragraph, Side, Table, Terms
from reports.material import PackMaterial
from reports.pack import ReviewPack, each_pack
from reports.workbook.sheets import Grid
from tests.reports.test_pdf import outline
from transforms.month import Month

NEWEST = "2026-10"
PROMISED = {"company": (6, 8), "tier-a": (5, 6), "tier-b": (5, 6), "tier-c": (5, 6), "tier-unrated": (5, 6)}
"""The most pages that are read through, and the most that a pack has."""
Built = tuple[PackMaterial, tuple[ReviewPack, ...]]


def _read_only(rows: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(rows)


class _Keeping(pickle.Pickler):
    """Pickles mappings that cannot be written to, too."""

    dispatch_table = copyreg.dispatch_table | {
        MappingProxyType: lambda one: (_read_only, (dict(one),)),
    }


def publish_newest(company: SampleCompany, place: Path) -> Published:
    """One run of the sample's newest month in English, in a copy of its folder at `place`; made once, however many processes ask for it."""
    place.mkdir(parents=True, exist_ok=True)
    kept = place / "built.pickle"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            written = BytesIO()
            _Keeping(written).dump(_published(company, place / "sample"))
            kept.write_bytes(written.getvalue())
    folder, (material, packs) = pickle.loads(kept.read_bytes())
    return Published(folder, material, packs)


def _published(company: SampleCompany, folder: Path) -> tuple[Path, Built]:
    shutil.copytree(company.folder, folder)
    config = folder / "keping.toml"
    config.write_text(config.read_text(encoding="utf-8").replace('locales = ["en", "zh_CN"]', 'locales = ["en"]'), encoding="utf-8")
    built: list[tuple[PackMaterial, ReviewPack]] = []

    def kept(material: PackMaterial, *more: Any) -> Iterator[ReviewPack]:
        for pack in each_pack(material, *more):
            built.append((material, pack))
            yield pack

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEPING_CLOCK", "2026-11-02T03:00:00+00:00")
        patch.setattr(printing, "each_pack", kept)
        outcome = run_month(load(config, {}), RunRequest(Month.parse(NEWEST)))
    assert outcome.folder is not None
    return outcome.folder, (built[0][0], tuple(pack for _, pack in built))


def told(block: Block | Grid) -> Iterator[str]:
    """What a block of a sheet says, in the order of reading."""
    match block:
        case Side():
            for one in (*block.left, *block.right):
                yield from told(one)
        case Table():
            yield from (block.caption, *(column.title for column in block.columns))
            yield from (text for row in block.rows for cell in row for text in (cell.text, cell.detail))
            yield block.note
        case Terms():
            yield from (text for row in block.rows for text in (block.title, *row))
        case Paragraph():
            yield block.text
        case Chart():
            yield from (block.title, block.sentence)


@dataclass(frozen=True)
class ReadPdf:
    """A printed pack; bookmarks and the lines of a page are read once, however many tests ask for them."""

    path: Path
    _lines: dict[int, list[str]] = field(default_factory=dict)

    @cached_property
    def reader(self) -> PdfReader:
        return PdfReader(self.path)

    @cached_property
    def starts(self) -> list[tuple[str, int]]:
        return [(title, self.reader.get_destination_page_number(item) or 0) for _, title, item in outline(self.reader.outline)]

    def lines(self, page: int) -> list[str]:
        if page not in self._lines:
            self._lines[page] = [line.strip() for line in self.reader.pages[page].extract_text().splitlines()]
        return self._lines[page]


@dataclass(frozen=True)
class Published:
    """The newest month of the sample company as its readers have it, in English."""

    folder: Path
    material: PackMaterial
    packs: tuple[ReviewPack, ...]

    @cached_property
    def figures(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "figures.csv", keep_default_na=False, na_values=[""], dtype={"scope_value": str})

    @cached_property
    def customers(self) -> pd.DataFrame:
        held = pd.read_csv(self.folder / "customers.csv", keep_default_na=False, na_values=[""], dtype={"customer_id": str})
        return held.set_index("customer_id")

    @cached_property
    def moves(self) -> dict[tuple[str, str], int]:
        rows = pd.read_csv(self.folder / "transitions.csv")
        return dict(zip(zip(rows["grade_before"], rows["grade_after"], strict=True), rows["customers"].astype(int), strict=True))

    @cached_property
    def highlights(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "highlights.csv", dtype={"scope_value": str})

    def figure(self, indicator: str, tier: str = "") -> pd.Series:
        scope = "tier" if tier else "company"
        rows = self.figures[(self.figures["indicator"] == indicator) & (self.figures["scope"] == scope)]
        return rows[rows["scope_value"].fillna("") == tier].iloc[0]

    def of_group(self, indicator: str, group: str) -> float:
        """A group's figure, such as `role=employee`."""
        rows = self.figures[(self.figures["indicator"] == indicator) & (self.figures["scope_value"] == group)]
        return float(rows["value"].iloc[0])

    @cached_property
    def _pdfs(self) -> dict[str, ReadPdf]:
        return {path.name.removesuffix(".en.pdf"): ReadPdf(path) for path in self.folder.glob("*.en.pdf")}

    def starts(self, pack: str) -> list[tuple[str, int]]:
        """Every title of a pack's bookmarks with the number of its page, counted from 0."""
        return self._pdfs[pack].starts

    def section(self, pack: str, title: str) -> str:
        """The text of one section of a pack, from its heading to the next, white space as single spaces; else that of its sheet."""
        if title not in dict(self.starts(pack)):
            return self.sheet(pack, title)
        pdf, starts = self._pdfs[pack], self.starts(pack)
        place = next(number for number, (name, _) in enumerate(starts) if name == title)
        after, last = starts[place + 1] if place + 1 < len(starts) else ("", len(pdf.reader.pages) - 1)
        lines = [line for page in range(starts[place][1], last + 1) for line in pdf.lines(page)]
        first = lines.index(title)
        end = lines.index(after, first + 1) if after in lines[first + 1 :] else len(lines)
        return " ".join(" ".join(lines[first:end]).split())

    def sheet(self, pack: str, title: str) -> str:
        """The text of one sheet of a pack's workbook as it was built, row by row."""
        (sheet,) = [sheet for one in self.packs if one.name == pack for sheet in one.sheets if sheet.title == title]
        return " ".join(" ".join(text for block in sheet.blocks for text in told(block)).split())
