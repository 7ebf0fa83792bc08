"""What a pack promises as a whole: few pages, tables that add up, messages that are figures, the same bytes when made again."""

from __future__ import annotations

import json
import re

import pytest
from pypdf import PdfReader

from flows.archive.office import Office
from flows.lookup.rerendering import differing
from flows.settings import load
from tests.adding_up import bridges_in, wrong_columns
from tests.reports.test_pdf import strays
from tests.sample.published import NEWEST, PROMISED, Published
from transforms.month import Month


@pytest.mark.parametrize("pack", PROMISED)
def test_a_pack_is_read_in_ten_minutes_and_fits_its_pages(published: Published, pack: str) -> None:
    starts = dict(published.starts(pack))
    pdf = (published.folder / f"{pack}.en.pdf").read_bytes()
    body, whole = PROMISED[pack]
    assert starts["For reference"] <= body
    assert len(PdfReader(published.folder / f"{pack}.en.pdf").pages) <= whole
    assert strays(pdf) == []


def test_the_reference_document_is_published_in_the_manifest_and_names_no_customer(published: Published) -> None:
    file = published.folder / "reference.en.pdf"
    text = " ".join(page.extract_text() for page in PdfReader(file).pages)
    for words in ("Method and definitions", "Rules in force", "Every figure of the packs", "Quoted, and measured"):
        assert words in text
    assert not [key for key in published.customers.index if key in text]
    files = json.loads((published.folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert file.name in files and {f"{pack}.en.xlsx" for pack in PROMISED} <= set(files)


def test_every_table_with_an_opening_and_a_closing_adds_up_in_print(published: Published) -> None:
    tables = [(pack.name, table) for pack in published.packs for table in bridges_in(pack)]
    assert [(name, wrong) for name, table in tables if (wrong := wrong_columns(table))] == []
    assert {name for name, _ in tables} >= {"tier-a", "tier-b", "tier-c", "tier-unrated"}


def test_the_messages_of_page_1_are_at_most_five_and_their_numbers_are_figures(published: Published) -> None:
    rows = published.highlights
    assert set(rows["pack"]) <= {pack.name for pack in published.packs} and rows.groupby("pack").size().max() <= 5
    assert all(group["rank"].tolist() == list(range(1, len(group) + 1)) for _, group in rows.groupby("pack"))
    told = rows[rows["figure_id"].notna()]
    known = published.figures.set_index("figure_id")["value"].to_dict()
    assert len(told) and [known[key] for key in told["figure_id"]] == pytest.approx(told["value"].tolist())
    for row in rows.to_dict("records"):
        page = re.sub(r"\s", "", published.section(row["pack"], "Summary"))
        assert re.sub(r"\s", "", row["says.en"]) in page, row["says.en"]


@pytest.mark.parametrize(
    ("pack", "indicator", "because"),
    [("tier-b", "complaint_rate", "damaged in transport"), ("company", "feedback_closed_loop", "")],
)
def test_what_is_planted_in_a_figure_is_a_message_on_page_1(published: Published, pack: str, indicator: str, because: str) -> None:
    rows = published.highlights
    (row,) = rows[(rows["pack"] == pack) & (rows["indicator"] == indicator)].to_dict("records")
    assert row["kind"] in ("signal", "target") and because in str(row["because"])
    assert not row["limit_low"] <= row["value"] <= row["limit_high"] or row["value"] > row["target"]


def test_the_revision_made_again_from_the_archive_is_the_published_one(published: Published) -> None:
    config = published.folder.parents[2] / "keping.toml"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEPING_CLOCK", "2026-11-03T03:00:00+00:00")
        with Office.open(load(config, {})) as office:
            assert differing(office, Month.parse(NEWEST), 0) == ()
