"""Whose readers see whom: material cut to a scope, and finished packs searched for everybody else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.findings import Finding, Severity
from reports.blocks import Paragraph, Table
from reports.document import render_pack
from reports.leaks import Register, leaks_in
from reports.material import PackMaterial
from reports.pack import ReviewPack, build_packs
from reports.pack_facts import PackFacts
from reports.revised import REVISED_COLUMNS, no_revisions
from reports.scoping import PackScope, limit_to_scope, without_names
from reports.sections.revised import revised_months
from reports.view import View
from reports.workbook.read import read_sheets
from reports.workbook.sheets import Field, Grid, Sheet
from reports.workbook.write import BookFacts, workbook_bytes
from tests.reports.builders import KNOWN_AT, MONTH, customers, material, with_list
from transforms.actions.listing import names_in_pack
from transforms.classes.segments import CustomerFilter, Segment
from transforms.indicators.all import CATALOGUE

EVERYONE = with_list(customers(60))
REGISTER = Register.of(EVERYONE)


def scope(ids: frozenset[str], tier: str | None = "a") -> PackScope:
    return PackScope(f"tier-{tier}~x" if tier else "company~x", tier, "region = X", ids)


def with_parts(made: PackMaterial) -> PackMaterial:
    """The month with figures of the parts, as a review that was asked for them has."""
    figures = made.review.figures
    parts = [
        figures[figures["scope"] == kind].assign(
            scope="segment", scope_value=lambda rows, base=base: [base(value) for value in rows["scope_value"]]
        )
        for kind, base in (("company", lambda _: "company~x"), ("tier", lambda tier: f"tier-{tier}~x"))
    ]
    return replace(made, review=replace(made.review, figures=pd.concat([figures, *parts], ignore_index=True)))


WHOLE = with_parts(material(60))
FEW = WHOLE.review.figures[WHOLE.review.figures["indicator"].isin(["orders", "nps"])]
LEAN = replace(WHOLE, review=replace(WHOLE.review, figures=FEW), history=WHOLE.history.iloc[:0])


@settings(max_examples=1_000, deadline=None)
@given(
    ids=st.frozensets(st.sampled_from(sorted(EVERYONE["customer_id"])), max_size=60),
    tier=st.sampled_from(["a", "b", "c", "unrated", None]),
)
def test_no_row_of_anybody_else_is_left_in_the_material_of_a_scope(ids: frozenset[str], tier: str | None):
    cut = limit_to_scope(LEAN, scope(ids, tier))
    view = View(PackFacts(cut, tier, CATALOGUE), "en")
    own = set(EVERYONE.loc[EVERYONE["customer_id"].isin(ids) & ((EVERYONE["tier"] == tier) | (tier is None)), "customer_id"])
    assert set(view.customers["customer_id"]) == own
    assert set(cut.review.customers["customer_id"]) == ids and set(cut.previous["customer_id"]) == ids
    assert int(cut.review.transitions["customers"].sum()) <= len(ids)
    shown = view.facts.visible_figures()
    wanted = {("segment", f"tier-{tier}~x"), ("company", "")} if tier else {("segment", "company~x")}
    found = set(zip(shown["scope"].astype(str), shown["scope_value"], strict=True))
    assert wanted <= found and all(kind == "segment" for kind, _ in found - wanted) and ((tier is None) or found == wanted)


def told_late(*rows: tuple[str, str, str, str, float]) -> pd.DataFrame:
    """What a month before says now, from (what, scope, scope value, name, after)."""
    columns = ["what", "scope", "scope_value", "name", "after"]
    frame = pd.DataFrame(list(rows), columns=columns).assign(month=str(MONTH - 1), known_as="r0", restated_as="", reason="", before=1.0)
    return frame.assign(causes="orders=1.0").astype(no_revisions().dtypes.to_dict())[list(REVISED_COLUMNS)]


@pytest.mark.parametrize(("tier", "own", "others"), [("a", 21.0, {22, 23, 24, 25}), (None, 24.0, {21, 22, 23, 25})])
def test_a_scope_is_told_its_own_revised_figures_and_nothing_of_the_company_s_or_anybody_else_s(
    tier: str | None, own: float, others: set[int]
) -> None:
    late = told_late(
        ("customers", "", "", "customers", 25.0),
        ("grades", "", "", "grades", 25.0),
        ("figure", "segment", "tier-a~x", "orders", 21.0),
        ("figure", "segment", "tier-a~other", "orders", 22.0),
        ("figure", "tier", "a", "orders", 23.0),
        ("figure", "segment", "company~x", "orders", 24.0),
        ("figure", "company", "", "orders", 25.0),
    )
    cut = limit_to_scope(replace(LEAN, revised=late), scope(frozenset(OWN["customer_id"]), tier))
    section = revised_months(View(PackFacts(cut, tier, CATALOGUE), "en"))
    assert section is not None
    (table,) = [block for block in section.blocks if isinstance(block, Table)]
    assert [[cell.text for cell in row][1:3] for row in table.rows] == [["1", f"{own:g}"]]
    said = repr(section)
    assert not any(f"{number}" in said.replace(f"{own:g}", "") for number in others)
    assert "whole company" not in said


@given(
    values=st.lists(st.sampled_from(["li.na", "Li.Na", "bo", "", None]), min_size=1, max_size=30), value=st.sampled_from(["li.na", "bo"])
)
def test_a_filter_passes_exactly_the_customers_with_that_very_value(values: list[str | None], value: str):
    known = pd.DataFrame({"customer_id": [f"C{n}" for n in range(len(values))], "account_manager": pd.array(values, dtype="str")})
    base = known[["customer_id"]].assign(tier=np.where(np.arange(len(values)) % 2 == 0, "a", "b"))
    chosen = CustomerFilter("account_manager", value)
    assert chosen.passes(base["customer_id"], known).tolist() == [one == value for one in values]
    in_a = Segment("tier-a~x", "a", chosen).rows_in(base, known)
    assert in_a.tolist() == [one == value and n % 2 == 0 for n, one in enumerate(values)]
    assert not CustomerFilter("region", value).passes(base["customer_id"], known).any()


def built(tier: str) -> ReviewPack:
    return next(pack for pack in build_packs(WHOLE, (tier,), ("en",), CATALOGUE) if pack.name == f"tier-{tier}")


@pytest.fixture(scope="module")
def honest() -> tuple[ReviewPack, bytes]:
    pack = built("a")
    return pack, render_pack(pack)


OWN = EVERYONE[names_in_pack(EVERYONE, "a")]
STRANGER = EVERYONE[(EVERYONE["tier"] == "c") & ~names_in_pack(EVERYONE, "a")].iloc[0]


def test_an_honest_pack_names_nobody_else(honest: tuple[ReviewPack, bytes]):
    assert leaks_in(REGISTER.foreign(OWN), *honest) == []


def test_a_foreign_customer_is_found_on_a_page_in_a_title_and_in_an_attachment(honest: tuple[ReviewPack, bytes]):
    """Each place of one finished file; the pack it was built from is an honest one."""
    pack, _ = honest
    last = pack.sections[-1]
    attached = pack.attached[-1]
    poisoned = replace(
        pack,
        title=f"{pack.title} {STRANGER['customer_id']}",
        sections=(
            *pack.sections[:-1],
            replace(
                last, title=f"{last.title} {STRANGER['customer_id']}", blocks=(*last.blocks, Paragraph(f"see {STRANGER['name']}.", "body"))
            ),
        ),
        attached=(
            *pack.attached[:-1],
            replace(attached, content=attached.content + f"'{STRANGER['customer_id']},{STRANGER['name']}\n".encode()),
        ),
    )
    found = leaks_in(REGISTER.foreign(OWN), pack, render_pack(poisoned))
    assert sorted(leak.place for leak in found) == [
        f"attached {attached.name}",
        "its bookmarks",
        "its description",
        "its pages",
    ]
    assert all(leak.ids == (STRANGER["customer_id"],) for leak in found) and found[-1].names == 1
    assert [leak.place for leak in leaks_in(REGISTER.foreign(OWN), poisoned, honest[1])] == ["the pack as built"]


@pytest.mark.parametrize(
    ("title", "cells", "seen"),
    [
        ("Customer", ("nobody", str(STRANGER["name"])), True),
        ("Customer", (f"see {STRANGER['customer_id']}.",), True),
        ("Customer", (str(OWN.iloc[0]["name"]),), False),
        ("Customer id", ("4711",), True),
        ("客户编号", ("4711",), True),
        ("Number", ("4711",), False),
    ],
)
def test_a_foreign_customer_is_found_in_a_workbook_as_a_cell_in_a_sentence_and_by_a_short_id(
    title: str, cells: tuple[str, ...], seen: bool
):
    register = Register({**REGISTER.names, "4711": ""})
    book = workbook_bytes((Sheet("one", "One", (Grid((Field(title, "", 10, cells),)),)),), BookFacts("Pack", KNOWN_AT, "en"))
    found = [register.foreign(OWN).in_sheet(tab, rows) for tab, rows in read_sheets(book)]
    assert [leak is not None for leak in found] == [seen]


PEOPLE = pd.DataFrame(
    {
        "customer_id": ["K-1", "K-10", "4711", "88123456", "K-7"],
        "name": ["Wang Wei Trading", "王建国", "Orders", "Harbour Lane", "Harbour Lane Trading"],
    }
)


@pytest.mark.parametrize(
    ("text", "own", "is_leak"),
    [
        ("see K-10, and call", ["K-1"], True),
        ("K-1 and K-1.", ["K-1"], False),
        ("the code K-100 is no id", ["K-1"], False),
        ("n = 4711 answers", ["K-1"], False),
        ("order 88123456 came", ["K-1"], True),
        ("客户王建国的订单", ["K-1"], True),
        ("Wang Wei\nTrading", ["K-10"], True),
        ("wang wei trading", ["K-10"], True),
        ("Wang Weight Trading", ["K-10"], False),
        ("Orders of the month", ["K-1"], False),
        ("Harbour Lane Trading", ["K-7"], False),
        ("Harbour Lane", ["K-7"], True),
        ("Harbour Lane Trading", ["88123456"], True),
        ("", ["K-1"], False),
    ],
)
def test_whole_ids_and_names_count_and_neither_parts_of_words_nor_small_numbers_nor_our_own_words(text: str, own: list[str], is_leak: bool):
    foreign = Register.of(PEOPLE).foreign(PEOPLE[PEOPLE["customer_id"].isin(own)])
    assert (foreign.in_text("here", text) is not None) is is_leak


def test_in_a_table_a_short_number_counts_as_customer_id_and_not_as_a_count():
    foreign = Register.of(PEOPLE).foreign(PEOPLE.head(1))
    assert foreign.in_table("here", "indicator,n\norders,4711\n") is None
    found = foreign.in_table("here", "customer_id,n\nK-1,1\n4711,1\n")
    assert found is not None and found.ids == ("4711",)


def test_a_word_that_the_owner_calls_common_is_no_name():
    assert Register.of(PEOPLE, common=["王建国"]).foreign(PEOPLE.head(1)).in_text("here", "客户王建国") is None


def test_findings_name_no_foreign_customer_in_a_tiers_pack():
    told = Finding(
        "customers",
        "customers.merged",
        Severity.INFO,
        "2 records (C-00001 -> C-00002, K-3) count",
        str(MONTH),
        examples=("C-00001 -> C-00002", "K-3"),
    )
    (own,) = without_names([told], {"C-00001"})
    assert own.examples == ("K-3",) and "C-00001" not in own.message and "C-00002" in own.message
    assert without_names([told], {"C-9"}) == (told,)


def test_an_own_name_and_the_number_in_the_next_cell_are_no_foreign_name() -> None:
    branches = pd.DataFrame({"customer_id": ["K1", "K2", "K3"], "name": ["Branch 1", "Branch 12", "Branch 1 3"]})
    foreign = Register.of(branches).foreign(branches.head(1))
    assert foreign.in_texts("as built", ["Branch 1", "2", "3"]) is None
    assert foreign.in_text("a page", "Branch 1\n2\nBranch 1\n3") is None
    assert foreign.in_texts("as built", ["Branch 12"]) is not None
    assert foreign.in_text("a page", "Branch 12") is not None
    assert foreign.in_texts("as built", ["all of Branch 1 3"]) is not None
