"""A forgotten person is nowhere, every sum stays, and nothing brings the person back."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from flows.erasure.forget import ForgetOutcome, forget, forget_again
from flows.review.outcome import Ending
from flows.warehouse.store import Warehouse
from tests.flows.company import REVIEWED, Small
from tests.flows.erasure.builders import MONTH, PERSON, figures, named_in, published_company, reviewed
from transforms.errors import BusyError, UsageError

pytestmark = pytest.mark.usefixtures("quick_packs")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company whose month is published and mailed; every test works on a copy."""
    return published_company(tmp_path_factory.mktemp("published") / "company").folder


@pytest.fixture
def company(published: Path, tmp_path: Path) -> Small:
    return Small(Path(shutil.copytree(published, tmp_path / "company")))


def test_what_is_read_again_stays_under_the_pseudonym_and_the_month_is_unchanged(company: Small) -> None:
    forget(company.settings(), PERSON)
    again = reviewed(company)
    assert (again.ending, again.revision) == (Ending.UNCHANGED, 1)
    with Warehouse.open(company.settings().warehouse_url, "Small Company", "production") as warehouse:
        assert {row["revision"] for row in warehouse.deliveries()} == {0}, "nobody who has the pack is mailed the redacted one"
    company.append("orders", ["O99999", PERSON, "2026-06-30 12:00:00", "12.00", "", ""])
    assert reviewed(company).revision == 2
    assert named_in(company) == []


def test_frozen_messages_that_no_delivery_names_are_removed(company: Small) -> None:
    settings = company.settings()
    messages = settings.outbox_path / "messages"
    stray = messages / ("0" * 64)
    stray.write_bytes(b"a mail whose writer was killed before the ledger knew it")
    with Warehouse.open(settings.warehouse_url, "Small Company", "production") as warehouse:
        named = {row["message_digest"] for row in warehouse.deliveries()}
    assert named <= {path.name for path in messages.iterdir()}
    forget(settings, PERSON)
    assert not stray.exists()


def test_verify_says_erased_of_the_old_bytes_also_of_a_mailed_copy(company: Small, tmp_path: Path) -> None:
    from flows.lookup.reporting import check_pack

    settings = company.settings()
    copy = tmp_path / "copy.pdf"
    copy.write_bytes((settings.archive_path / REVIEWED / "r0" / "company.en.pdf").read_bytes())
    forget(settings, PERSON)
    for subject in (str(copy), f"{REVIEWED}/r0/company.en.pdf", f"{REVIEWED}/r0"):
        assert "erased" in check_pack(settings, subject, again=False).lines()[0]
    redacted = check_pack(settings, f"{REVIEWED}/r1", again=True)
    assert redacted.problems == ()


def test_a_test_mail_that_holds_the_person_is_removed_and_told_as_a_copy_outside(company: Small) -> None:
    from flows.delivery.trial import mail_trial

    with company.config.open("a", encoding="utf-8") as file:
        file.write('\n[delivery]\ntest_addresses = ["look@example.com"]\n')
    settings = company.settings()
    mail_trial(settings, MONTH, "look@example.com")
    assert len(list((settings.outbox_path / "test" / REVIEWED).iterdir())) == 1
    told = forget(settings, PERSON)
    assert list((settings.outbox_path / "test" / REVIEWED).iterdir()) == []
    assert [copy["state"] for copy in told.removed.copies if copy["address"] == "look@example.com"] == ["test"]


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
