"""An indicator is printed by the section that its declaration names: nobody has to list it there."""

from __future__ import annotations

import pytest

from reports.blocks import Table
from reports.i18n import words
from reports.sections import economics
from reports.sections.common import of_section
from tests.reports.rich import view
from tests.reports.test_classes_section import tables
from transforms.indicators.all import CATALOGUE


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("tier", [None, "a"])
def test_an_indicator_that_no_section_names_is_printed_where_it_belongs(tier: str | None, locale: str) -> None:
    assert "discounted_orders_share" not in (*economics.WINNING, *economics.WINNING_ELSEWHERE)
    shown = view(tier, locale)
    section = economics.economics(shown)
    assert section is not None
    table: Table = tables(section)[words(locale)._("Winning against keeping")]
    row = next(row for row in table.rows if row[0].text == words(locale)._("Orders with a discount"))
    assert row[1].text == shown.value(shown.own("discounted_orders_share")) and row[1].text.endswith("%")


def test_what_a_section_puts_first_or_leaves_to_others_is_declared_for_it_or_borrowed() -> None:
    known = view()
    assert of_section(known, "service", elsewhere=("tickets_open",))[:2] == ["tickets_opened", "complaints"]
    assert of_section(known, "satisfaction", ("ces", "nps"))[:3] == ["ces", "nps", "csat_mean"]
    for section, elsewhere in (("value", economics.WINNING_ELSEWHERE), ("retention", economics.STAYING_ELSEWHERE)):
        assert {CATALOGUE[name].section for name in elsewhere} == {section}
