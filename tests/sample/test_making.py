"""The sample is the same each time, keeps to its folder, and comes with a configuration that fits it."""

from __future__ import annotations

import hashlib
import resource
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from flows.sample import SAMPLE_TIMEZONE, SampleCompany, make
from flows.sample.names import AWKWARD
from flows.settings import load
from tests.sample.raw import crm, table
from transforms.errors import MachineError, UsageError
from transforms.month import Month, months
from transforms.tables.contract import TABLES


def test_the_same_arguments_give_the_same_bytes_and_rows(company: SampleCompany, tmp_path: Path):
    again = make(tmp_path, until=company.until)
    assert again.rows == company.rows
    assert _digests(again.folder) == _digests(company.folder)


def test_making_again_replaces_what_an_earlier_sample_left_and_nothing_else(tmp_path: Path):
    make(tmp_path, customers=100, months=4, until=Month(2026, 5))
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "latest").write_text("2026-05")
    made = make(tmp_path, customers=100, months=4, until=Month(2026, 6), seed=21)
    alone = make(tmp_path / "alone", customers=100, months=4, until=Month(2026, 6), seed=21)
    assert (tmp_path / "archive" / "latest").read_text() == "2026-05"
    assert _digests(alone.folder).items() <= _digests(made.folder).items()
    assert not list(tmp_path.glob("drops/surveys/*2026-02*"))
    assert not (tmp_path / ".making").exists()


def test_another_seed_is_another_company(tmp_path: Path):
    one = make(tmp_path / "one", customers=100, months=3, until=Month(2026, 5), seed=1)
    two = make(tmp_path / "two", customers=100, months=3, until=Month(2026, 5), seed=2)
    assert crm(one.folder)["ClientName"].tolist() != crm(two.folder)["ClientName"].tolist()


def test_somebody_elses_configuration_is_never_overwritten(tmp_path: Path):
    (tmp_path / "keping.toml").write_text("# mine")
    with pytest.raises(UsageError) as told:
        make(tmp_path, customers=100, months=3, until=Month(2026, 5))
    assert str(told.value) == (
        f"{tmp_path} has a keping.toml that is not a sample's; nothing was written.\n"
        "Give another folder: `keping demo --dir DIR` (the default is var/demo)."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["keping.toml"]


@pytest.mark.parametrize(("customers", "count"), [(99, 24), (600, 2)])
def test_a_sample_too_small_to_say_anything_is_refused_before_anything_is_written(tmp_path: Path, customers: int, count: int):
    with pytest.raises(UsageError, match="at least 100 customers and 3 months"):
        make(tmp_path / "new", customers=customers, months=count, until=Month(2026, 5))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("count", [3, 4, 8, 13])
def test_short_samples_are_whole_too(tmp_path: Path, count: int):
    made = make(tmp_path, customers=100, months=count, until=Month(2024, 3))
    settings = load(made.settings_path)
    assert settings.company.history_from == str(Month(2024, 3) - (count - 1))
    assert made.rows["orders"] > 100


def test_the_configuration_is_accepted_and_names_columns_and_files_that_exist(company: SampleCompany):
    settings = load(company.settings_path, {})
    assert settings.company.timezone == SAMPLE_TIMEZONE
    assert set(settings.tables) == set(TABLES) - {"identities"}, "every system of the sample calls a customer by the same id"
    taken: list[Path] = []
    for name, blocks in settings.tables.items():
        for block in blocks:
            source = settings.sources[block.source]
            if block.files is None or source.path is None:
                continue
            found = sorted(settings.absolute(source.path).glob(block.files))
            assert found, f"{name}: no file matches {block.files}"
            taken += found
            for path in found:
                head = _header(path, block.encoding, block.delimiter or ",", block.sheet or "")
                assert set(block.columns.values()) <= set(head), path.name
    for room in ("surveys", "office"):
        assert sorted(path for path in taken if path.parent.name == room) == sorted((company.folder / "drops" / room).iterdir())


@pytest.mark.parametrize("name", ["orders", "refunds", "tickets", "quotes", "contacts"])
def test_every_query_gives_canonical_columns_and_its_months_together_are_the_whole_table(company: SampleCompany, name: str):
    settings = load(company.settings_path, {})
    block = settings.tables[name][0]
    url = settings.sources[block.source].url
    assert url is not None and block.query is not None and block.timezone is not None
    read = 0
    with closing(sqlite3.connect(settings.absolute_url(url).removeprefix("sqlite:///"))) as connection:
        for month in months(company.first, company.until):
            start, end = (
                moment.astimezone(_zone(block.timezone)).strftime("%Y-%m-%d %H:%M:%S") for moment in month.bounds(SAMPLE_TIMEZONE)
            )
            rows = connection.execute(block.query, {"start": start, "end": end})
            assert {column[0] for column in rows.description} <= set(TABLES[name].names)
            read += len(rows.fetchall())
    place = {
        "orders": ("shop.db", "sales", "placed_at"),
        "refunds": ("shop.db", "paybacks", "paid_at"),
        "tickets": ("helpdesk.db", "cases", "created"),
        "quotes": ("shop.db", "offers", "made_at"),
        "contacts": ("helpdesk.db", "messages", "sent"),
    }
    file, source_table, time = place[name]
    whole = table(company.folder / file, source_table)
    after = (whole[time] >= end).sum()
    assert read == len(whole) - after


def test_names_are_printable_but_for_two_rare_characters_on_purpose(folder: Path):
    names = crm(folder)["ClientName"]
    assert set(AWKWARD) <= {name.strip() for name in names}
    letters = {letter for name in names for letter in name if letter >= "\u3400"}
    assert {letter for letter in letters if not _in_gb2312(letter)} == {"䶮", "𠮷"}
    assert 0.4 < names.str.contains("[\u4e00-\u9fff]").mean() < 0.8
    assert crm(folder).loc["007", "ClientName"] == "007"


def test_a_making_that_runs_out_of_disk_leaves_the_earlier_sample_whole(tmp_path: Path):
    make(tmp_path, customers=100, months=3, until=Month(2026, 5))
    before = _digests(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
    try:
        with pytest.raises(MachineError, match="An earlier sample there is as it was"):
            make(tmp_path, customers=100, months=3, until=Month(2026, 6))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert _digests(tmp_path) == before


def test_a_file_in_the_folders_place_is_said_and_left_alone(tmp_path: Path):
    (tmp_path / "demo").write_text("a letter")
    with pytest.raises(MachineError, match="cannot write the sample company into"):
        make(tmp_path / "demo", customers=100, months=3, until=Month(2026, 5))
    assert (tmp_path / "demo").read_text() == "a letter"


def test_the_folder_says_that_all_is_invented(folder: Path):
    assert (folder / "README.txt").read_text(encoding="utf-8").startswith("This is an invented sample company.")
    assert "All data here are invented" in (folder / "keping.toml").read_text(encoding="utf-8")
    assert "All invented" in (folder / "PLANTED.md").read_text(encoding="utf-8")


def _digests(folder: Path) -> dict[str, str]:
    """Each made file's digest; of databases the digest of what they hold."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not {"alone", "archive"} & set(path.relative_to(folder).parts):
            content = path.read_bytes()
            if path.suffix == ".db":
                with closing(sqlite3.connect(path)) as connection:
                    content = "\n".join(connection.iterdump()).encode()
            found[str(path.relative_to(folder))] = hashlib.sha256(content).hexdigest()
    return found


def _header(path: Path, encoding: str, delimiter: str, sheet: str) -> list[str]:
    if path.suffix == ".xlsx":
        return list(pd.read_excel(path, sheet_name=sheet, nrows=1).columns)
    with path.open(encoding=encoding) as lines:
        return lines.readline().rstrip("\r\n").split(delimiter)


def _zone(name: str):
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def _in_gb2312(letter: str) -> bool:
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
