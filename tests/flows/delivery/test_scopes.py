"""A reader who is limited to some customers gets those alone: cut before printing, and looked for again in the finished pack."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.delivery.ledger import DeliveryState, Ledger
from flows.review import printing
from flows.review.outcome import Ending
from flows.review.printing import PrintJob
from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.warehouse.store import Warehouse
from reports.blocks import Paragraph
from reports.leaks import finished_texts
from reports.pack import ReviewPack
from reports.workbook.sheets import Field, Grid, Sheet
from tests.flows.company import REVIEWED, Small, small_company
from tests.flows.delivery.builders import parsed
from transforms.errors import Exit
from transforms.month import Month

JUNE = Month.parse(REVIEWED)
WANTED = ("a", "company")
HEAD = ["email", "name", "locale", "tiers", "filter_field", "filter_value"]
MANAGERS = ("li.na", "bo", "Zoë O'Hara")


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")


def managed(folder: Path) -> Small:
    """The small company; three account managers look after its customers in turn, two of them read about their own."""
    company = small_company(folder)
    rows = company.rows("customers")
    people = [[*row, MANAGERS[number % 3]] for number, row in enumerate(rows[1:])]
    company.write("customers", [[*rows[0], "account_manager"], *people])
    company.write(
        "recipients",
        [
            HEAD,
            ["li.na@example.com", "李娜", "en", "a", "account_manager", "li.na"],
            ["li.na.deputy@example.com", "Deputy", "en", "a", "account_manager", "li.na"],
            ["zoe@example.com", "Zoë", "en", "company", "account_manager", "Zoë O'Hara"],
            ["boss@example.com", "Boss", "en", "a|company", "", ""],
        ],
    )
    return company


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """June, published and mailed into the outbox."""
    folder = tmp_path_factory.mktemp("managed") / "small"
    os.environ["KEPING_CLOCK"] = "2026-07-02T03:00:00+00:00"
    outcome = run_month(managed(folder).settings(), RunRequest(JUNE, WANTED, send=True))
    assert outcome.exit_code == Exit.DONE, outcome.lines()
    return folder


@pytest.fixture
def company(made: Path, tmp_path: Path) -> Small:
    shutil.copytree(made, tmp_path / "small")
    return Small(tmp_path / "small")


def packs(folder: Path) -> dict[str, bytes]:
    return {path.name.split(".")[0]: path.read_bytes() for path in (folder / "archive" / REVIEWED / "r0").glob("[ct]*.pdf")}


def own_ids(folder: Path, tier: str | None, manager: str) -> set[str]:
    frame = pd.read_csv(folder / "archive" / REVIEWED / "r0" / "customers.csv", dtype=str)
    # Who fell to another tier is on the list of the one that was left.
    named = (frame["tier"] == tier) | ((frame["act_tier"] == tier) & frame["act_rank"].notna()) | (tier is None)
    return set(frame.loc[(frame["account_manager"] == manager) & named, "customer_id"])


def test_each_filter_is_printed_once_and_mailed_only_to_those_who_are_limited_to_it(made: Path):
    names = {name.partition("~")[0]: name for name in packs(made) if "~" in name}
    assert sorted(names) == ["company", "tier-a"] and len(packs(made)) == 2 + 2
    mails = [parsed(path.read_bytes()) for path in sorted((made / "outbox" / REVIEWED).glob("*.eml"))]
    got: dict[str, list[str]] = {}
    for mail in mails:
        files = [str(one.get_filename()).split("-r0-")[1] for one in mail.iter_attachments()]
        assert all(f"{name.removesuffix('.pdf')}.xlsx" in files for name in files if name.endswith(".pdf")), "each with its workbook"
        got.setdefault(str(mail["To"].addresses[0].addr_spec), []).extend(name.split(".")[0] for name in files if name.endswith(".pdf"))
    assert {address: sorted(files) for address, files in got.items()} == {
        "boss@example.com": ["company", "tier-a"],
        "li.na@example.com": [names["tier-a"]],
        "li.na.deputy@example.com": [names["tier-a"]],
        "zoe@example.com": [names["company"]],
    }
    assert len(mails) == 4, "one a person"
    said = [(mail, body.get_content()) for mail in mails if (body := mail.get_body(("plain",))) is not None]
    assert sum("Review of A customers, account_manager = li.na" in text for _, text in said) == 2


def test_a_limited_reader_s_mail_lists_own_customers_and_no_other(made: Path):
    everyone = {f"C{number:03d}" for number in range(40)}
    own = {"li.na": own_ids(made, "a", "li.na"), "zoe": own_ids(made, None, "Zoë O'Hara"), "boss": everyone}
    for path in sorted((made / "outbox" / REVIEWED).glob("*.eml")):
        mail = parsed(path.read_bytes())
        reader = str(mail["To"].addresses[0].addr_spec).partition("@")[0].removesuffix(".deputy")
        texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        assert len(texts) == 2 and {key for key in everyone if key in "".join([*texts, str(mail["Subject"])])} <= own[reader]


def test_a_limited_pack_holds_its_own_customers_and_no_trace_of_the_others(made: Path):
    everyone = {f"C{number:03d}" for number in range(40)}
    for name, pdf in packs(made).items():
        if "~" not in name:
            continue
        base = name.partition("~")[0]
        manager = "Zoë O'Hara" if base == "company" else "li.na"
        own = own_ids(made, None if base == "company" else base.removeprefix("tier-"), manager)
        said = "\n".join(text for _, text in finished_texts(pdf))
        assert own and {key for key in everyone if key in said} == own
        assert all(f"Customer {key}" not in said for key in everyone - own)
        attached = dict(finished_texts(pdf))["attached figures.csv"]
        assert f",segment,{name}," in attached and ",tier," not in attached
        assert (",company,," in attached) is (base != "company")


def test_figures_of_a_part_are_computed_from_its_customers_and_stand_in_figures_csv_and_the_manifest(made: Path):
    folder = made / "archive" / REVIEWED / "r0"
    figures = pd.read_csv(folder / "figures.csv", keep_default_na=False)
    customers = pd.read_csv(folder / "customers.csv")
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, (tier, column, value) in manifest["inputs"]["segments"].items():
        own = customers[(customers[column] == value) & ((customers["tier"] == tier) | (tier is None))]
        rows = figures[(figures["scope"] == "segment") & (figures["scope_value"] == name)].set_index("indicator")["value"]
        assert float(rows["customers_base"]) == len(own)
        assert float(rows["net_revenue"]) == pytest.approx(own["month_net"].sum())
        assert {"pack": name, "locale": "en", "file": f"{name}.en.pdf"} in manifest["packs"]
    parts = figures[(figures["scope"] == "segment") & (figures["indicator"] == "customers_base")]
    assert set(parts["previous"]) != {""}, "the replayed months give the part a history"


def test_the_same_list_again_changes_nothing_and_a_filter_that_came_later_is_held_and_makes_no_new_revision(company: Small):
    again = run_month(company.settings(), RunRequest(JUNE, WANTED, send=True))
    assert (again.ending, again.deliveries) == (Ending.UNCHANGED, {"already": 5})
    company.append("recipients", ["cy@example.com", "Cy", "en", "a", "account_manager", "bo"])
    late = run_month(company.settings(), RunRequest(JUNE, WANTED, send=True))
    assert (late.ending, late.revision, late.deliveries) == (Ending.UNCHANGED, 0, {"already": 5, "held": 1})
    assert late.exit_code == Exit.UNDELIVERED and "r0 has no pack for account_manager = bo" in late.undelivered[0]


def test_a_filter_that_no_customer_passes_prints_nothing_and_holds_the_mail(company: Small):
    company.write("recipients", [HEAD, ["x@example.com", "X", "en", "a", "account_manager", "li.nah"]])
    outcome = run_month(company.settings(), RunRequest(JUNE, WANTED, send=True))
    assert outcome.deliveries["held"] >= 1
    with Warehouse.open(company.settings().warehouse_url, "Small Company", "production") as warehouse:
        (row,) = [row for row in Ledger(warehouse).rows(JUNE, 0) if row.recipient == "x@example.com"]
    assert row.state is DeliveryState.HELD and row.pack == "tier-a" and "account_manager = li.nah" in row.reason


@pytest.mark.parametrize("place", ["page", "sheet"])
def test_a_leak_blocks_the_release_and_nothing_is_published(company: Small, monkeypatch: pytest.MonkeyPatch, place: str):
    company.append("orders", ["LATE1", "C001", "2026-06-11 10:00:00", "500.00", "", ""])
    honest = PrintJob.build

    def leaking(job: PrintJob) -> list[ReviewPack]:
        return [_naming("C001", pack, place) if "~" in pack.name else pack for pack in honest(job)]

    monkeypatch.setattr(PrintJob, "build", leaking)
    outcome = run_month(company.settings(), RunRequest(JUNE, ("a",), send=True))
    assert (outcome.ending, outcome.exit_code) == (Ending.HELD, Exit.HELD)
    (finding,) = [finding for finding in outcome.findings if finding.rule == "packs.foreign"]
    assert finding.message.startswith("pack tier-a~account-manager-li-na-") and "names 1 customer(s)" in finding.message
    assert [path.name for path in (company.folder / "archive" / REVIEWED).iterdir()] == ["r0"]
    assert len(list((company.folder / "outbox" / REVIEWED).glob("*.eml"))) == 4 and len(outcome.lines()) <= 10


@pytest.mark.usefixtures("quick_packs")
@pytest.mark.parametrize(
    ("table", "column", "place"),
    [
        ("actions_table", "customer_id", "the list in its mail"),
        ("mail_table", "news", "its mail"),
        ("highlights_table", "cause.en", "its mail"),
    ],
)
def test_a_leak_in_the_mail_alone_blocks_the_release(company: Small, monkeypatch: pytest.MonkeyPatch, table: str, column: str, place: str):
    company.append("orders", ["LATE1", "C001", "2026-06-11 10:00:00", "500.00", "", ""])
    honest = getattr(printing, table)

    def leaking(packs: Any, locales: Sequence[str]) -> pd.DataFrame:
        packs = list(packs)
        rows = honest(packs, locales)
        name = next(name for name, _ in packs if name.startswith("tier-a~"))
        row = dict.fromkeys(rows.columns, "") | {"pack": name, "rank": 99, "locale": "en", "act_stake": 0}
        mark = "C001" if column == "customer_id" else "see Customer C001."
        return pd.concat([pd.DataFrame([row | {column: mark}]), rows], ignore_index=True)

    monkeypatch.setattr(printing, table, leaking)
    outcome = run_month(company.settings(), RunRequest(JUNE, ("a",), send=True))
    assert outcome.ending == Ending.HELD
    (finding,) = [finding for finding in outcome.findings if finding.rule == "packs.foreign"]
    assert finding.message.startswith("pack tier-a~account-manager-li-na-") and f"in {place}." in finding.message


def _naming(mark: str, pack: ReviewPack, place: str) -> ReviewPack:
    """The pack with a foreign mark put in where a mistake might."""
    if place == "sheet":
        return replace(pack, sheets=(*pack.sheets, Sheet("more", "More", (Grid((Field("Customer", "", 10, (mark,)),)),))))
    last = pack.sections[-1]
    return replace(pack, sections=(*pack.sections[:-1], replace(last, blocks=(*last.blocks, Paragraph(f"see {mark}.", "body")))))
