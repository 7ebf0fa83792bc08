"""`keping policy` and `keping simulate` on a small reviewed company: read, judged, frozen and tried, with nothing else touched."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from flows.archive.office import Office
from flows.cli import main
from flows.lookup.past import Past
from flows.lookup.policies import check, freeze, show
from flows.lookup.simulating import simulate
from flows.policies.files import read_policy
from flows.policies.frozen import freeze_policies, read_written_policies
from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.warehouse.schema import metadata
from flows.warehouse.store import Warehouse
from tests.flows.company import Small, small_company
from transforms.errors import UsageError
from transforms.month import Month
from transforms.policy.changes import policy_changes
from transforms.policy.reading import policy_from_mapping
from transforms.policy.rules import builtin
from transforms.policy.text import policy_to_toml

pytestmark = pytest.mark.usefixtures("quick_packs")
JUNE = Month(2026, 6)

CANDIDATE = """
version = "2027"
effective_from = "2027-01"
author = "An Analyst"
reason = "money alone"

[[grades]]
grade = "A"
tier = "a"
name_en = "A customers"
name_zh = "A 级客户"
cut = 60.0
band = 1.5

[[grades]]
grade = "B"
tier = "b"
name_en = "B customers"
name_zh = "B 级客户"
cut = 30.0

[[grades]]
grade = "C"
tier = "c"
name_en = "C customers"
name_zh = "C 级客户"
cut = 0.0

[weights]
history = 0.0
frequency = 0.0
amount = 1.0
"""


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Small:
    patch = pytest.MonkeyPatch()
    patch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
    company = small_company(tmp_path_factory.mktemp("policy") / "small")
    run_month(company.settings(), RunRequest(JUNE, tiers=("company",)))
    patch.undo()
    return company


@pytest.fixture
def company(reviewed: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    """A copy of the reviewed company; its clock says July."""
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
    shutil.copytree(reviewed.folder, tmp_path / "small")
    return Small(tmp_path / "small")


def opened(company: Small) -> Warehouse:
    settings = company.settings()
    return Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment, create=False)


def state(company: Small) -> dict[str, str]:
    """A digest of every table's rows and of every file of the company but the database itself."""
    found = {
        str(file.relative_to(company.folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(company.folder.rglob("*"))
        if file.is_file() and not file.name.startswith("keping.db")
    }
    with opened(company) as warehouse, warehouse.reading() as connection:
        for table in metadata.sorted_tables:
            rows = sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            found[f"table {table.name}"] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def written(company: Small, text: str = CANDIDATE, name: str = "drafts/2027.toml") -> Path:
    file = company.folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)


# --- simulate --------------------------------------------------------------------------


def test_a_simulation_leaves_every_table_and_file_as_it_was_and_opens_no_connection(
    company: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = written(company)
    shutil.rmtree(company.folder / "archive" / "facts")  # computed anew, and not put back
    before = state(company)
    no_network(monkeypatch)
    outcome = simulate(company.settings(), candidate, months=24)
    told = outcome.lines()
    assert state(company) == before
    assert told[0].startswith("CANDIDATE, not in force; nothing was written. 2027 against builtin-1@2026-06, 2026-01 to 2026-06")
    assert len(told) <= 30
    assert outcome.simulation.months[-1].moved > 0
    assert outcome.simulation.why_not == "no month has twelve later months"


def test_the_current_side_of_a_simulation_is_what_the_review_has_kept(company: Small) -> None:
    """The rules alone, walked again from the first month, give the grades that the warehouse holds."""
    newest = simulate(company.settings(), written(company), months=1).simulation.months[-1]
    with opened(company) as warehouse:
        kept = warehouse.latest_review(JUNE)
        assert kept is not None
        grades = warehouse.kept_month(kept.review_id).customers["grade"].value_counts().to_dict()
    assert {name: count for name, count in newest.matrix.sum(axis=1).items() if count} == grades


@pytest.mark.parametrize("suffix", [".md", ".csv"])
def test_a_report_is_written_where_asked_and_never_over_a_file(company: Small, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"report{suffix}"
    outcome = simulate(company.settings(), written(company), 3, out)
    text = out.read_text(encoding="utf-8")
    if suffix == ".csv":
        assert text.splitlines()[0].startswith("month,customer_id,current,candidate,")
        assert len(text.splitlines()) == 1 + sum(month.moved for month in outcome.simulation.months)
    else:
        assert "CANDIDATE, not in force" in text
        assert text.count("## 2026-") == 3
    with pytest.raises(UsageError, match="is there already and is not written over"):
        simulate(company.settings(), written(company), 3, out)


def test_the_command_prints_json_whose_row_sums_are_the_counts(
    company: Small, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = ["keping", "simulate", str(written(company)), "--months", "2", "--json", "--config", str(company.config)]
    monkeypatch.setattr("sys.argv", argv)
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 0
    said = json.loads(capsys.readouterr().out)
    assert said["watermark"] == "CANDIDATE, not in force; nothing was written."
    newest = said["months"][-1]
    assert {grade: sum(row.values()) for grade, row in newest["matrix"].items()} == newest["sizes"]["current"]
    assert len(said["movers"]) == newest["moved"]


def test_before_the_first_review_there_is_nothing_to_simulate(tmp_path: Path) -> None:
    company = small_company(tmp_path / "fresh")
    with pytest.raises(UsageError, match="there is no warehouse"):
        simulate(company.settings(), written(company), 3)
    assert not (company.folder / "keping.db").exists()


# --- policy show, check, freeze --------------------------------------------------------


def test_the_policy_in_force_is_told_in_words(company: Small) -> None:
    told = "\n".join(show(company.settings(), None).lines())
    assert "policy builtin-1@2026-06, in force in 2026-06" in told
    assert "30% history + 30% frequency + 40% amount" in told
    assert "from 70; earned at 72, lost below 68 or after 3 months in a row below 70" in told
    assert "used by a review: an edit is refused" in told
    assert "a review takes" in told
    due = 'owner = "An"\nreview_due = "2026-06-30"\neffort = "two days a year"\n'
    written(company, CANDIDATE.replace("2027-01", "2026-01").replace("\n[[grades]]", f"{due}\n[[grades]]", 1), "policies/own.toml")
    told = "\n".join(show(company.settings(), "2026-06").lines())
    assert "owner: An; review due: 2026-06-30, OVERDUE" in told
    assert "effort (by hand): two days a year" in told
    assert "not used by any review yet" in told


def test_a_policy_file_hears_all_its_problems_at_once_with_key_and_line(company: Small) -> None:
    text = CANDIDATE.replace('effective_from = "2027-01"', 'effective_from = "April"').replace("cut = 30.0", 'cut = "thirty"')
    text = text.replace("amount = 1.0", "amont = 1.0\n\n[hold]\nband = -1.0\n\n[colour]\nred = 1")
    found = check(company.settings(), written(company, text))
    assert found.exit_code == 2
    assert [(key, text.splitlines()[line - 1]) for key, line, _ in found.problems] == [
        ("effective_from", 'effective_from = "April"'),
        ("grades[2].cut", 'cut = "thirty"'),
        ("weights.amont", "amont = 1.0"),
        ("hold", "[hold]"),
        ("colour", "[colour]"),
    ]
    assert "did you mean 'amount'?" in "\n".join(found.lines())


def test_a_good_policy_file_hears_what_it_would_change(company: Small) -> None:
    found = check(company.settings(), written(company))
    assert found.exit_code == 0
    assert ("weights.amount", "0.4", "1.0") in found.changes
    assert ("grades.A.cut", "70.0", "60.0") in found.changes
    assert ("grades.A.band", "none", "1.5") in found.changes
    assert ("reference", "frozen at 2026-06", "auto") in found.changes


def test_what_two_policies_differ_in_is_told_alone() -> None:
    changed = replace(builtin(), hold=replace(builtin().hold, band=3.0, recheck_months=6))
    assert policy_changes(builtin(), changed) == [("hold.band", "2.0", "3.0"), ("hold.recheck_months", "12", "6")]
    assert policy_changes(changed, replace(changed, unrated_months=4)) == [("unrated_months", "3", "4")]


def test_a_used_version_with_other_rules_is_told_before_any_run(company: Small) -> None:
    text = CANDIDATE.replace('version = "2027"', 'version = "builtin-1"')
    assert [said for _, _, said in check(company.settings(), written(company, text)).problems] == [
        "has been used with other rules; give the changed rules a new version and effective_from"
    ]


def test_freezing_writes_a_version_that_reads_back_and_scores_like_the_month_it_was_frozen_at(company: Small) -> None:
    made = freeze(company.settings(), written(company), "2026-05", "2026-08", None)
    assert (made.file.name, made.table.name) == ("2027-2026-05.toml", "2027-2026-05.reference.csv")
    assert made.file.stat().st_size < 3_000
    assert made.policy.reference is not None
    assert (made.policy.reference.month, made.policy.effective_from) == ("2026-05", Month(2026, 8))
    with Office.open(company.settings()) as office:
        again = Past.of(office).scorer.freeze(read_policy(written(company)), Month(2026, 5))
    assert again.reference == made.policy.reference
    assert check(company.settings(), made.file).exit_code == 0
    assert read_written_policies(company.settings().policies_path).versions == (made.policy,)


def test_freezing_never_writes_over_a_file_and_needs_a_reviewed_month(company: Small) -> None:
    freeze(company.settings(), None, "2026-05", "2026-08", None)
    before = state(company)
    with pytest.raises(UsageError, match="there is a policy builtin-1-2026-05"):
        freeze(company.settings(), None, "2026-05", "2026-09", None)
    with pytest.raises(UsageError, match="takes effect with 2026-08 already"):
        freeze(company.settings(), written(company), "2026-04", "2026-08", None)
    with pytest.raises(UsageError, match="is there already; a policy file is never written over"):
        freeze(company.settings(), written(company), "2026-04", "2026-09", "builtin-1-2026-05.toml")
    with pytest.raises(UsageError, match="2026-07 was not reviewed; 2026-01 to 2026-06 were"):
        freeze(company.settings(), None, "2026-07", None, None)
    (company.folder / "drafts" / "2027.toml").unlink()
    (company.folder / "drafts").rmdir()
    assert state(company) == before


def edits(company: Small) -> Iterator[tuple[Path, bytes]]:
    for file in sorted((company.folder / "policies").iterdir()):
        data = file.read_bytes()
        old, new = (b"amount = 0.4", b"amount = 0.2\n") if file.suffix == ".toml" else (b"\n0,", b"\n1,")
        assert old in data
        yield file, data.replace(old, new, 1)


def test_a_used_frozen_version_is_refused_when_its_rules_or_its_distributions_are_edited(company: Small) -> None:
    freeze(company.settings(), None, "2026-05", "2026-06", None)
    settings = company.settings()
    with opened(company) as warehouse:
        run = warehouse.begin_run("review", JUNE)
        freeze_policies(warehouse, settings.policies_path, lambda _: pytest.fail("frozen twice"), JUNE, run)
        for file, edited in edits(company):
            kept = file.read_bytes()
            file.write_bytes(edited)
            with pytest.raises(UsageError, match=r"is not the table it was frozen with|add up to 0.8"):
                freeze_policies(warehouse, settings.policies_path, lambda policy: policy, JUNE, None)
            file.write_bytes(kept)
        file = next((company.folder / "policies").glob("*.toml"))
        file.write_text(file.read_text(encoding="utf-8").replace("cut = 70.0", "cut = 71.0"), encoding="utf-8")
        with pytest.raises(UsageError, match="has been used and its file has changed since"):
            freeze_policies(warehouse, settings.policies_path, lambda policy: policy, JUNE, None)


def test_a_policy_written_as_toml_is_the_same_policy_read_again() -> None:
    import tomllib

    own = policy_from_mapping(tomllib.loads(CANDIDATE), "candidate")
    for policy in (builtin(), own):
        assert policy_from_mapping(tomllib.loads(policy_to_toml(policy)), "again") == policy
