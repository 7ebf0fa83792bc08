"""The commands by which people decide, typed as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows import cli
from flows.check import check_everything
from flows.review.request import RunRequest
from flows.review.run import run_month
from tests.flows.company import REVIEWED, Small, small_company
from transforms.errors import Exit, UsageError
from transforms.month import Month

pytestmark = pytest.mark.usefixtures("quick_packs")

JUNE = Month.parse(REVIEWED)


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def typed(company: Small, *words: str) -> tuple[int, str]:
    """Exit code and what is printed."""
    result = CliRunner().invoke(cli.app, [*words, "--config", str(company.config)])
    return result.exit_code, result.stdout


def test_published_packs_wait_until_somebody_approves_and_the_ledger_says_who_got_what(tmp_path: Path):
    company = small_company(tmp_path / "small")
    company.config.write_text(company.config.read_text() + "\n[delivery]\napproval = true\n")
    outcome = run_month(company.settings(), RunRequest(JUNE, ("company",), send=True))
    assert int(outcome.exit_code) == 5 and outcome.deliveries == {"held": 2} and len(outcome.lines()) <= 10

    code, told = typed(company, "status")
    assert code == 0 and "waits for approval" in told and "keping approve --month 2026-06 --tier company" in told
    code, told = typed(company, "deliveries", "--month", REVIEWED)
    assert code == 0 and told.count("held") == 2 and "waits for approval" in told
    code, told = typed(company, "approve", "--month", REVIEWED, "--tier", "company", "--json")
    released = json.loads(told)
    assert code == 0 and released["mails"] == 2 and [one["pack"] for one in released["approved"]] == ["company"]
    assert not list((company.folder / "outbox" / REVIEWED).glob("*.eml")), "an approval mails nothing"
    code, told = typed(company, "approve", "--month", REVIEWED)
    assert (code, told) == (0, "2026-06 r0: nothing waits for approval. Nothing was changed.\n")

    code, told = typed(company, "suppress", "bo@example.com", "--reason", "asked to be taken off")
    assert code == 0 and told.startswith("bo@example.com gets no more mail")
    code, told = typed(company, "deliver", "--month", REVIEWED)
    assert code == 0 and "1 accepted, 1 opted_out" in told
    code, told = typed(company, "deliveries", "--month", REVIEWED, "--json")
    rows = {row["recipient"]: (row["state"], row["reason"][:21]) for row in json.loads(told)}
    assert rows == {"an@example.com": ("accepted", ""), "bo@example.com": ("held", "suppressed: opted out")}
    code, told = typed(company, "bounces", str(company.data))
    assert code == 0 and "0 hard, 0 soft" in told
    code, told = typed(company, "moved", "--reason", "x")
    assert code == 0 and "already" in told


def test_a_month_whose_approval_or_limits_name_what_there_is_not_is_refused_before_it_is_published(tmp_path: Path):
    company = small_company(tmp_path / "small")
    company.config.write_text(company.config.read_text() + '\n[delivery]\napproval = ["A"]\n')
    with pytest.raises(UsageError, match=r"delivery.approval: no tier is called 'A'; known: a, b, c, company, unrated"):
        run_month(company.settings(), RunRequest(JUNE, send=True))
    assert not (company.folder / "archive" / REVIEWED).exists()
    mail = next(result for result in check_everything(company.settings()) if result.what == "mail")
    assert "no tier is called 'A'" in mail.problem and mail.exit_code == Exit.USAGE
    company.config.write_text(company.config.read_text().replace('approval = ["A"]', "figures_jump = {net_revenu = 0.5}"))
    with pytest.raises(UsageError, match=r"delivery.figures_jump: no indicator is called 'net_revenu'"):
        run_month(company.settings(), RunRequest(JUNE, send=True))
    assert not (company.folder / "archive" / REVIEWED).exists()
