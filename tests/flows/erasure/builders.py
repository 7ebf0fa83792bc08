"""A company with a person to be forgotten, and everything that is kept of it as text."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd
from pypdf import PdfReader

from flows.review.outcome import RunOutcome
from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.settings import Settings
from reports.workbook.read import description_of, read_sheets
from tests.flows.company import REVIEWED, Small, small_company
from transforms.month import Month

PERSON, NAME = "C017", "Zhuge Canary-Seventeen"
MONTH = Month.parse(REVIEWED)


def published_company(folder: Path) -> Small:
    """A company whose month is published and mailed, with one customer whose name is like no other."""
    found = small_company(folder)
    rows = found.rows("customers")
    found.write("customers", [[row[0], NAME, *row[2:]] if row[0] == PERSON else row for row in rows])
    reviewed(found)
    return found


def reviewed(company: Small) -> RunOutcome:
    return run_month(company.settings(), RunRequest(MONTH, ("company",), True, False))


def figures(settings: Settings) -> pd.DataFrame:
    """The newest figures of the month, but for how complete the customers' files are: a file without a name is less so."""
    newest = max((settings.archive_path / REVIEWED).glob("r*"))
    found = pd.read_csv(newest / "figures.csv", keep_default_na=False, na_values=[""]).drop(columns=["revision"])
    told_of_files = (found["indicator"] == "file_completeness") | (found["scope_value"] == "separates=completeness")
    return found[~told_of_files].reset_index(drop=True)


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
    if path.suffix == ".xlsx":
        return "\n".join([description_of(data), *(cell for _, rows in read_sheets(data) for row in rows for cell in row)])
    return data.decode("utf-8", "replace")


def named_in(company: Small) -> list[str]:
    person = re.compile(rf"\b{PERSON}\b|Canary-Seventeen")
    return sorted(name for name, text in everything_kept(company).items() if person.search(text))
