"""What a mail says of a pack is what was published with it; without that, its headline figures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from flows.archive.office import Office
from flows.archive.revisions import Archive
from flows.delivery.figures import read_published_figures
from flows.delivery.month import policy_of
from flows.delivery.words import SAID, words_of, words_of_packs
from reports.evidence import csv_bytes
from tests.flows.company import REVIEWED, Small
from transforms.errors import RefutedError
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

JUNE = Month.parse(REVIEWED)
A = ("tier-a", "en")


def folder(company: Small) -> Path:
    return Archive(company.settings().archive_path).folder(JUNE, 0)


def tables(company: Small) -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(folder(company) / name, dtype=str, keep_default_na=False) for name in SAID}


def test_a_mail_says_what_was_published_with_the_pack(copied: Small):
    with Office.open(copied.settings()) as office:
        publication = office.warehouse.publication(JUNE)
        assert publication is not None
        found = words_of(office, publication, policy_of(office.warehouse, JUNE, 0))
    said = tables(copied)
    told = said["highlights.csv"][said["highlights.csv"]["pack"] == "tier-a"]
    assert [one.short for one in found[A].messages] == told["short.en"].tolist()
    assert [one.sentence for one in found[A].messages] == told["sentence.en"].tolist()
    listed = said["actions.csv"][said["actions.csv"]["pack"] == "tier-a"]
    assert [(one.customer_id, one.why, one.due) for one in found[A].listed] == listed[["customer_id", "why.en", "due"]].apply(
        tuple, axis=1
    ).tolist()
    (row,) = said["mail.csv"][said["mail.csv"]["pack"] == "tier-a"].to_dict("records")
    assert (found[A].about, found[A].news, found[A].data) == (row["about"], row["news"], row["data"]) and row["news"]
    assert [pack for pack, _ in sorted(found, key=lambda key: found[key].order)] == [
        "company",
        "tier-a",
        "tier-b",
        "tier-c",
        "tier-unrated",
    ]


def test_words_that_are_not_the_published_ones_are_not_mailed(copied: Small):
    name = "actions.csv"
    path = folder(copied) / name
    path.chmod(0o600)
    path.write_text(path.read_text(encoding="utf-8") + "x\n", encoding="utf-8")
    with Office.open(copied.settings()) as office:
        publication = office.warehouse.publication(JUNE)
        assert publication is not None
        with pytest.raises(RefutedError, match=rf"{name} is not the file that was published"):
            words_of(office, publication, policy_of(office.warehouse, JUNE, 0))


def test_a_revision_without_words_is_mailed_with_its_headline_figures(copied: Small):
    before = tables(copied)["highlights.csv"]
    short = [name for name in before.columns if name.partition(".")[0] in ("short", "sentence", "cause", "act")]
    older = {"highlights.csv": csv_bytes(before.drop(columns=short))}
    with Office.open(copied.settings()) as office:
        publication = office.warehouse.publication(JUNE)
        assert publication is not None
        figures = read_published_figures(office.archive, publication)
        packs, policy = office.warehouse.packs(JUNE, 0), policy_of(office.warehouse, JUNE, 0)
        for said in ({}, older):
            words = words_of_packs(packs, figures, said, (policy, office.settings, {}))[A]
            assert words.title == "Review of A customers" and 3 <= len(words.headlines) <= 5
            assert not (words.messages or words.listed or words.news or words.calm or words.data)


def test_text_that_a_spreadsheet_would_run_is_told_as_it_is(copied: Small):
    said = tables(copied)
    said["actions.csv"] = said["actions.csv"].assign(name="=cmd|'/C calc'!A0", **{"what.en": "-1+1", "who.en": "'t Hooft"})
    with Office.open(copied.settings()) as office:
        publication = office.warehouse.publication(JUNE)
        assert publication is not None
        figures = read_published_figures(office.archive, publication)
        written = {name: csv_bytes(table, money_columns=()) for name, table in said.items()}
        assert b"'=cmd" in written["actions.csv"]
        names = (policy_of(office.warehouse, JUNE, 0), office.settings, {})
        words = words_of_packs(office.warehouse.packs(JUNE, 0), figures, written, names)
    listed = words["company", "en"].listed
    assert listed and {(one.name, one.what, one.who) for one in listed} == {("=cmd|'/C calc'!A0", "-1+1", "'t Hooft")}
