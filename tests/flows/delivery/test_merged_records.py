"""Records that were merged into somebody: a note of them names nobody to a tier's readers whom they must not see."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pypdfium2 import PdfDocument

from flows.review.outcome import Ending
from flows.review.request import RunRequest
from flows.review.run import run_month
from reports.leaks import Register
from tests.flows.company import REVIEWED, small_company
from transforms.month import Month

OLD, NEW = "P0002", "P0001"


def test_a_merge_of_somebody_who_is_in_no_tier_holds_no_pack_and_is_told_to_the_company_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEPING_CLOCK", "2026-07-02T03:00:00+00:00")
    company = small_company(tmp_path / "small")
    head, *rows = company.rows("customers")
    nobody = [[NEW, "Never Bought", "North", ""], [OLD, "Never Bought (old)", "North", NEW]]
    company.write("customers", [[*head, "merged_into"], *([*row, ""] for row in rows), *nobody])
    outcome = run_month(company.settings(), RunRequest(Month.parse(REVIEWED), tiers=("a", "company")))
    assert (outcome.ending, outcome.findings and [one.rule for one in outcome.findings if one.rule == "customers.merged"]) == (
        Ending.PUBLISHED,
        ["customers.merged"],
    )
    assert outcome.folder is not None
    told = {name: text_of(outcome.folder / f"{name}.en.pdf") for name in ("company", "tier-a")}
    assert f"{OLD} -> {NEW}" in told["company"]
    assert OLD not in told["tier-a"] and NEW not in told["tier-a"]


def test_a_merged_record_is_the_customers_own_and_foreign_to_everybody_else() -> None:
    people = pd.DataFrame({"customer_id": ["C0001", "C0002"], "name": ["First", "Second"]})
    register = Register.of(people, merged={"C0009": "C0001"})
    assert register.foreign(people.head(1)).in_text("here", "C0009 is C0001") is None
    found = register.foreign(people.tail(1)).in_text("here", "C0009")
    assert found is not None and found.ids == ("C0009",)


def text_of(pdf: Path) -> str:
    return "\n".join(page.get_textpage().get_text_bounded() for page in PdfDocument(pdf))
