"""Pages of companies that nobody would draw on purpose: the layout holds, or the pack is not made."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reports import document
from reports.pack import PackMaterial, ReviewPack, each_pack
from tests.reports.builders import EVERYTHING, customers, material
from tests.reports.laid_out import Seen, heard
from tests.reports.rich import rich
from transforms.indicators.all import CATALOGUE

SOAK = bool(os.environ.get("KEPING_SOAK"))
LOCALES = ("en", "zh_CN")

STRANGE = (
    "Harbour Lane Trading and Provisions of the North-Eastern Counties, formerly Harbour & Sons, Wholesale and Retail, " * 2,
    "W" * 200,
    "杭州云帆国际贸易股份有限公司华东大区直属第三零售事业部旗舰店" * 7,
    "🍵🫖 Tea & Friends 👩‍👩‍👧‍👦",
    "شركة الشاي العربية المحدودة",
    "חברת התה של ירושלים בעמ",
    "บริษัท ชา ไทย จำกัด",
    "王𠮷",
    "O’Neill \u202egnp.exe",
    "A",
)


def strange(size: int, **columns: object) -> pd.DataFrame:
    """Customers with every strange name, most of them on the list of those to act on."""
    names = [STRANGE[place % len(STRANGE)] for place in range(size)]
    base = customers(size).assign(name=names, account_manager=[f"{name[:200]}" for name in names], region=names[::-1], **columns)
    return base.assign(recency_days=pd.array(200 + np.arange(size) % 150, dtype="Int64"))


@cache
def made(case: str) -> PackMaterial:
    """The material of a case; small ones give most pages for their time."""
    units = dict.fromkeys(CATALOGUE)
    match case:
        case "1 customer":
            return material(base=strange(1))
        case "30 customers":
            return material(base=strange(30), company="Very Long Company Name, Limited " * 4)
        case "5,000 customers":
            return material(base=strange(5_000))
        case "huge":
            return material(
                base=strange(60, net_12m=900_000_000_000_000_000 // 60, net_total=900_000_000_000_000_000 // 60, orders_12m=9_999_999),
                values={name: 9.87654321e14 for name, one in CATALOGUE.items() if one.unit in ("money", "count")},
            )
        case "negative":
            return material(
                base=strange(60, net_12m=-123_456_789_012, net_total=-123_456_789_012),
                values={name: -98_765_432.1 for name, one in CATALOGUE.items() if one.unit in ("money", "index", "score", "ratio")},
            )
        case "zero":
            return material(base=strange(60, net_12m=0, net_total=0, orders_12m=0), values=dict.fromkeys(CATALOGUE, 0.0))
        case "nothing known":
            return material(values=units)
        case "orders alone":
            return material(base=strange(60), supplied=EVERYTHING - {"tickets", "surveys"})
        case "one month":
            return material(base=strange(60), months=0)
        case _:
            return rich()


CASES = ("1 customer", "30 customers", "5,000 customers", "huge", "negative", "zero", "nothing known", "orders alone", "one month", "rich")
USUAL = (
    *(("1 customer", "a", "en"), ("30 customers", "a", "zh_CN"), ("5,000 customers", "a", "zh_CN")),
    *(("huge", None, "en"), ("negative", None, "zh_CN"), ("zero", "a", "zh_CN"), ("nothing known", None, "zh_CN")),
    *(("orders alone", "a", "zh_CN"), ("one month", None, "zh_CN"), ("rich", None, "en")),
)
"""Case, tier and language of what the usual run prints; KEPING_SOAK prints all packs of all cases in both."""


def packs(case: str) -> list[ReviewPack]:
    """The packs of a case that are printed in this run."""
    wanted = [(tier, locale) for one, tier, locale in USUAL if one == case]
    if SOAK:
        wanted = [(tier, locale) for tier in (None, "a", "b", "c", "unrated") for locale in LOCALES]
    tiers = tuple(dict.fromkeys(tier for tier, _ in wanted if tier))
    names = {("company" if tier is None else f"tier-{tier}", locale) for tier, locale in wanted}
    return [pack for pack in each_pack(made(case), tiers, LOCALES, CATALOGUE) if pack.key in names]


@pytest.mark.parametrize("case", CASES)
def test_pages_hold_whatever_a_company_is(case: str) -> None:
    for pack in packs(case):
        assert Seen.of(pack).faults() == []


STYLES = "<style>{}</style></head>"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {
                "</head>": STYLES.format(
                    ".act-name { width: 20mm; white-space: nowrap } .act-why { margin-top: -3mm } .part-grades { margin-left: -30mm }"
                ),
                '<span class="page-number">': '<span class="page-count">',
                "<h1>": "<h1 style=\"bookmark-label: 'Nowhere'\">\U0001f375 ",
            },
            (
                *("wider than its room", "one text on another", "outside the margins", "page 1: does not say", "the bookmark 'Nowhere'"),
                "without a glyph: \U0001f375",
            ),
        ),
        (
            {
                "</head>": STYLES.format(
                    "tr { break-inside: auto !important } .detail { display: block; margin-top: 150mm } "
                    ".part-grades .table-block { break-after: page } "
                    ".part-voice .table-block h3 { break-after: page; margin-top: 60mm }"
                )
            },
            ("a row is split", "filled to", "ends with a heading"),
        ),
    ],
)
def test_each_fault_of_a_page_is_seen(changes: dict[str, str], told: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    plain = document.pack_html

    def spoilt(*pack: Any, **shape: Any) -> str:
        html = plain(*pack, **shape)
        for before, after in changes.items():
            html = html.replace(before, after, 1)
        return html

    monkeypatch.setattr(document, "pack_html", spoilt)
    faults = Seen.of(packs("zero")[0]).faults()
    assert [one for one in told if not any(one in fault for fault in faults)] == [], faults


def test_our_style_sheets_give_the_renderer_nothing_to_warn_of() -> None:
    document._styles.cache_clear()
    with heard() as warnings:
        document._styles()
    assert warnings == []
