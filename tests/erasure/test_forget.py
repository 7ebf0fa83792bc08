"""A forgotten person is nowhere, every sum stays, and nothing brings the person back."""

from __future__ import annotations

import io
import re
import shutil
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from pypdf import PdfReader

from flows.erasure.forget import ForgetOutcome, forget, forget_again
from flows.review.outcome import Ending, RunOutcome
from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.settings import Settings
from flows.warehouse.store import Warehouse
from tests.flows.company import REVIEWED, Small, small_company
from transforms.errors import BusyError, UsageError
from transforms.month import Month

PERSON, NAME = "C017", "Zhuge Canary-Seventeen"
MONTH = Month.parse(REVIEWED)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company whose month is published and mailed; every test works on a copy."""
    found = small_company(tmp_path_factory.mktemp("published") / "company")
    rows = found.rows("customers")
    found.write("customers", [[row[0], NAME, *row[2:]] if row[0] == PERSON else row for row in rows])
    reviewed(found)
    return found.folder


@pytest.fixture
def company(published: Path, tmp_path: Path) -> Small:
    return Small(Path(shutil.copytree(published, tmp_path / "company")))


def reviewed(company: Small) -> RunOutcome:
    return run_month(company.settings(), RunRequest(MONTH, ("company",), True, False))


def figures(settings: Settings) -> pd.DataFrame:
    """The newest figures of the month, but for how complete the customers' files are: a file without a name is less so."""
    newest = max((settings.archive_path / REVIEWED).glob("r*"))
    found = pd.read_csv(newest / "figures.csv", keep_default_na=False, na_values=[""]).drop(columns=["revision"])
    return found[found["indicator"] != "file_completeness"].reset_index(drop=True)


def everything_kept(company: Small) -> dict[str, str]:
    """Every file of archive, outbox and warehouse as the text that a reader could take from it."""
    files = {path.relative_to(company.folder): path for path in company.folder.rglob("*") if path.is_file()}
    return {str(name): text_of(path) for name, path in files.items() if name.parts[0] != "data"}


def text_of(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix == ".parquet":
        return pd.read_parquet(path).astype("str").to_csv()
    if path.suffix == ".pdf":
        reader = PdfReader(io.BytesIO(data))
        carried = [content.decode() for contents in reader.attachments.values() for content in contents]
        return "".join([*(page.extract_text() for page in reader.pages), *carried])
    return data.decode("utf-8", "replace")


def named_in(company: Small) -> list[str]:
    person = re.compile(rf"\b{PERSON}\b|Canary-Seventeen")
    return sorted(name for name, text in everything_kept(company).items() if person.search(text))


def test_the_person_is_nowhere_and_every_figure_stays_as_it_was(company: Small) -> None:
    settings = company.settings()
    before = figures(settings)
    assert any(name.endswith(".pdf") for name in named_in(company)), "the test looks where the person is"
    outcome = forget(settings, PERSON)
    assert named_in(company) == []
    pd.testing.assert_frame_equal(figures(settings), before)
    assert (outcome.exit_code, outcome.erased, outcome.redacted) == (0, (f"{REVIEWED}/r0",), (f"{REVIEWED}/r1",))
    assert {copy["address"] for copy in outcome.removed.copies} == {"an@example.com", "bo@example.com"}
    assert "cannot be called back" in "\n".join(outcome.told())
    assert len(outcome.told()) <= 10
    customers = pd.read_csv(settings.archive_path / REVIEWED / "r1" / "customers.csv", dtype="str", keep_default_na=False)
    assert customers.loc[customers["customer_id"] == outcome.pseudonym, "name"].tolist() == [""]
    assert len(customers) == 40


def test_what_is_read_again_stays_under_the_pseudonym_and_the_month_is_unchanged(company: Small) -> None:
    forget(company.settings(), PERSON)
    again = reviewed(company)
    assert (again.ending, again.revision) == (Ending.UNCHANGED, 1)
    with Warehouse.open(company.settings().warehouse_url, "Small Company", "production") as warehouse:
        assert {row["revision"] for row in warehouse.deliveries()} == {0}, "nobody who has the pack is mailed the redacted one"
    company.append("orders", ["O99999", PERSON, "2026-06-30 12:00:00", "12.00", "", ""])
    assert reviewed(company).revision == 2
    assert named_in(company) == []


def test_verify_says_erased_of_the_old_bytes_also_of_a_mailed_copy(company: Small, tmp_path: Path) -> None:
    from flows.review.reporting import verdict_told

    settings = company.settings()
    copy = tmp_path / "copy.pdf"
    copy.write_bytes((settings.archive_path / REVIEWED / "r0" / "company.en.pdf").read_bytes())
    forget(settings, PERSON)
    for subject in (str(copy), f"{REVIEWED}/r0/company.en.pdf", f"{REVIEWED}/r0"):
        assert "erased" in verdict_told(settings, subject, again=False).told()[0]
    redacted = verdict_told(settings, f"{REVIEWED}/r1", again=True)
    assert redacted.problems == ()


@pytest.mark.parametrize("step", ["begun", "rows", "redacted", "erased"])
def test_stopped_anywhere_runs_are_refused_and_the_same_command_goes_on(company: Small, step: str) -> None:
    settings = company.settings()
    before = figures(settings)

    def stop(at: str) -> None:
        if at == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forget(settings, PERSON, at=stop)
    with pytest.raises(BusyError, match="being forgotten"):
        reviewed(company)
    outcome = forget(settings, PERSON)
    assert (named_in(company), outcome.exit_code) == ([], 0)
    pd.testing.assert_frame_equal(figures(settings), before)
    assert forget(settings, PERSON).erased == outcome.erased, "once more is harmless"
    assert len(list((settings.archive_path / REVIEWED).iterdir())) == 2


def test_a_restored_warehouse_is_cleaned_again_without_the_id_being_typed(company: Small) -> None:
    settings = company.settings()
    database = company.folder / "keping.db"
    with sqlite3.connect(database) as source, sqlite3.connect(company.folder / "copy.db") as target:
        source.backup(target)
    forget(settings, PERSON)
    for left in company.folder.glob("keping.db*"):
        left.unlink()
    (company.folder / "copy.db").rename(database)
    outcomes: list[ForgetOutcome] = forget_again(settings)
    assert (len(outcomes), named_in(company)) == (1, [])
    assert forget_again(settings) == []


def test_nobody_of_that_id_is_told_and_nothing_is_made(company: Small) -> None:
    settings = company.settings()
    with pytest.raises(UsageError, match="no customer 'C999' is known"):
        forget(settings, "C999")
    assert not (settings.archive_path / ".erased").exists()
