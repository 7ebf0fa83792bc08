"""Names decide nothing that provenance has not shown: no honest pack is held for what its customers are called, no planted one passes."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from reports.blocks import Cell, Paragraph, Table
from reports.document import render_pack
from reports.glyphs import NAME_LIMIT, clean
from reports.i18n import words
from reports.leaks import Register, leaks_in
from reports.numerals import Numeral
from reports.pack import ReviewPack, build_packs
from reports.render import _workbook as book_of_pack
from reports.told import Named, Ours, leaves
from tests.reports.builders import material
from transforms.actions.listing import names_in_pack
from transforms.indicators.all import CATALOGUE

WHOLE = material(60)
MANY = 10_000

COMPANIES = {
    "branches": lambda n: f"Customer {n}",
    "stores": lambda n: f"Branch {n // 10} {n % 10}" if n % 3 else f"Branch {n // 10}",
    "namesakes": lambda n: ("Wang Wei", "王伟", "Li Na Trading", "Shanghai", "Steve")[n % 5],
    "words of ours": lambda n: ("every year", "Complaints", "the month", "orders", "Customers to act", "net revenue", "of them")[n % 7],
    "short and long": lambda n: ("Bo", "Ng", "A", "某", "Société Générale de l’Île " * 4 + str(n))[n % 5],
}


@cache
def company(kind: str) -> tuple[ReviewPack, Register, pd.DataFrame]:
    """A tier's pack of a company whose sixty customers, and ten thousand more whom the month has not, are called so."""
    called = COMPANIES[kind]
    people = WHOLE.review.customers
    named = people.assign(name=[called(n) for n in range(1, len(people) + 1)])
    made = replace(WHOLE, review=replace(WHOLE.review, customers=named))
    more = pd.DataFrame({"customer_id": [f"X-{n:05}" for n in range(MANY)], "name": [called(n) for n in range(MANY)]})
    (pack,) = (one for one in build_packs(made, ("a",), ("en",), CATALOGUE) if one.name == "tier-a")
    return pack, Register.of(more, named), named[names_in_pack(named, "a")]


@cache
def files(kind: str) -> tuple[bytes, bytes]:
    pack, _, _ = company(kind)
    return render_pack(pack), book_of_pack(pack)


@pytest.mark.parametrize("kind", COMPANIES)
def test_no_honest_pack_is_held_for_what_customers_are_called(kind: str) -> None:
    pack, register, own = company(kind)
    assert leaks_in(register.foreign(own), pack, *files(kind)) == []


def stranger(kind: str) -> tuple[str, str]:
    _, register, own = company(kind)
    names = set(own["name"])
    key = next((key for key in register.names if key.startswith("X-") and register.names[key] not in names), "X-00007")
    return key, register.names[key]


def planted(pack: ReviewPack, cell: str) -> list[ReviewPack]:
    """The pack with a text in a sentence, a cell, a title, a running line and a bookmark."""
    first, *rest = pack.sections
    table = Table("More", (), ((Cell(cell),),))
    return [
        replace(pack, sections=(replace(first, blocks=(*first.blocks, Paragraph(cell))), *rest)),
        replace(pack, sections=(replace(first, blocks=(*first.blocks, table)), *rest)),
        replace(pack, title=cell),
        replace(pack, running=replace(pack.running, state=cell)),
        replace(pack, sections=(replace(first, title=cell), *rest)),
    ]


@pytest.mark.parametrize("kind", COMPANIES)
def test_whoever_stands_in_a_pack_with_his_own_id_behind_the_name_is_found_whatever_he_is_called(kind: str) -> None:
    """Also a namesake of an own customer, and one who is called like a word of ours."""
    pack, register, own = company(kind)
    key, name = stranger(kind)
    for text in (Named(name, key), words("en")._("{name}: {facts}", name=Named(name, key), facts=Ours("new"))):
        for poisoned in planted(pack, text):
            leak = register.foreign(own).in_pack("here", poisoned)
            assert leak is not None and leak.ids == (key,)


@pytest.mark.parametrize("kind", ["branches", "stores"])
def test_a_foreign_name_or_id_that_says_not_whose_it_is_is_found_in_every_text(kind: str) -> None:
    pack, register, own = company(kind)
    key, name = stranger(kind)
    for told in (f"see {name}.", name, f"and {key}", words("en")._("{names} and {n} more", names=name, n="2")):
        for poisoned in planted(pack, told):
            assert register.foreign(own).in_pack("here", poisoned) is not None, told


def test_a_foreign_id_in_a_finished_page_a_sheet_or_an_attachment_is_found_though_the_pack_was_built_without() -> None:
    pack, register, own = company("branches")
    key, _ = stranger("branches")
    pdf, book = files("branches")
    attached = replace(pack, attached=(replace(pack.attached[0], content=pack.attached[0].content + f"{key}\n".encode()),))
    sheet = replace(pack.sheets[0], blocks=(*pack.sheets[0].blocks, Paragraph(f"see {key}")))
    pages = planted(pack, f"see {key}")[0]
    foreign = register.foreign(own)
    for poisoned in ((render_pack(attached), book), (pdf, book_of_pack(replace(pack, sheets=(sheet,)))), (render_pack(pages), book)):
        assert [leak.ids for leak in leaks_in(foreign, pack, *poisoned)] == [(key,)]


def test_a_foreign_name_in_a_sheet_an_attachment_or_a_mail_is_found_also_beside_a_head_that_it_begins_with() -> None:
    pack, register, own = company("branches")
    _, name = stranger("branches")
    foreign = register.foreign(own).beside(pack)
    assert foreign.in_sheet("a sheet", [["Customer", "Orders"], [name, ""]]) is not None
    assert foreign.in_table("a file", f"name,orders\n{name},1\n") is not None
    assert foreign.in_texts("a mail", ["Two customers to act on", f"Call {name} first."]) is not None
    assert foreign.in_texts("a mail", ["Two customers to act on", str(own["name"].iloc[0])]) is None


def test_ten_packs_are_held_against_a_hundred_thousand_customers_in_five_seconds() -> None:
    pack, _, own = company("branches")
    more = pd.DataFrame({"customer_id": [f"X-{n:06}" for n in range(100_000)], "name": [f"Customer {n}" for n in range(100_000)]})
    register, finished = Register.of(more, own), files("branches")
    began = time.process_time()
    for _ in range(10):
        assert leaks_in(register.foreign(own), pack, *finished) == []
    assert time.process_time() - began < 5


def test_a_pack_says_of_every_customer_on_it_whose_the_name_is() -> None:
    pack, _, own = company("branches")
    bare = set(own["name"]) | set(own["customer_id"])
    tables = [block for section in pack.sections for block in section.blocks if isinstance(block, Table)]
    texts = [cell.text for table in tables for row in table.rows for cell in row]
    plain = [part for text in texts for part in leaves(text) if not isinstance(part, Named | Ours | Numeral)]
    assert [part for part in plain if part in bare] == []


def test_an_own_long_name_may_stand_shortened_where_nothing_says_whose_it_is_such_as_in_a_chart_and_a_foreign_one_may_not() -> None:
    """The title of a spark names its customer as the page does: cut where it is long."""
    pack, register, own = company("namesakes")
    mine, theirs = (
        f"The Worshipful {word} of Teapot, Kettle, Samovar and Percolator Keepers of the Lower Upland" for word in ("Society", "Guild")
    )
    people = own.assign(name=[mine, *own["name"].tolist()[1:]])
    known = Register({**register.names, str(own["customer_id"].iloc[0]): mine, "X-LONG": theirs})
    for name, whose in ((mine, None), (theirs, 1)):
        shown = planted(pack, f"<title>{clean(name, NAME_LIMIT)}: net of twelve months</title>")[0]
        leak = known.foreign(people).in_pack("pack", shown)
        assert (None if leak is None else leak.count) == whose, name
