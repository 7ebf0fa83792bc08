"""What a pack holds: its own customers alone, every section, and words in place of what is missing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pandas as pd
import pytest

from expectations.findings import Finding, Severity
from reports.blocks import Paragraph, Table
from reports.glyphs import SUBSTITUTE, missing_glyphs
from reports.pack import PackMaterial, ReviewPack, build_packs
from reports.pack_facts import PackFacts
from reports.view import View
from tests.reports.builders import EVERYTHING, MONTH, customers, material
from transforms.figures import Detail
from transforms.indicators.all import CATALOGUE

LOCALES = ("en", "zh_CN")
BODY = ["summary", "act", "grades", "voice", "service"]
ANNEX = ["standard", "quality"]
SHEETS = ["act", "customers", "why", "grades", "movements", "satisfaction", "loyalty", "standard", "quality", "method"]
OF_GRADES = {"movements", "why"}
"""Sections that customers without a grade have nothing to say in."""


def packs(made: PackMaterial, tiers: tuple[str, ...] = ("a", "b", "c", "unrated"), locales: tuple[str, ...] = LOCALES) -> list[ReviewPack]:
    return build_packs(made, tiers, locales, CATALOGUE)


def one(made: PackMaterial, tier: str | None = None, locale: str = "en") -> ReviewPack:
    return packs(made, (tier,) if tier else (), (locale,))[-1]


def texts(value: object) -> Iterator[str]:
    """Every text in a pack, however deep."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            yield from texts(getattr(value, item.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from texts(item)


def words_of(pack: ReviewPack, section: str | None = None) -> str:
    chosen = [part for part in (*pack.sections, *pack.sheets) if section in (None, part.name)]
    return "\n".join(texts(tuple(chosen)))


def attached(pack: ReviewPack, name: str) -> list[dict[str, str]]:
    (content,) = [file.content for file in pack.attached if file.name == name]
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


def test_there_is_one_pack_per_tier_and_one_of_the_company_in_every_language() -> None:
    keys = [pack.key for pack in packs(material(), tiers=("a", "b"))]
    assert keys == [(name, locale) for name in ("company", "tier-a", "tier-b") for locale in LOCALES]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("tier", [None, "a", "unrated"])
def test_every_pack_has_every_section_in_order_and_only_human_words(tier: str | None, locale: str) -> None:
    pack = one(material(), tier, locale)
    annex = ["newcomers", *ANNEX] if tier is None else ANNEX
    assert [section.name for section in pack.sections] == [*BODY, *annex]
    assert {section.name for section in pack.sections if section.annex} == set(annex)
    assert [sheet.name for sheet in pack.sheets] == [name for name in SHEETS if tier != "unrated" or name not in OF_GRADES]
    said = re.sub(r"<svg.*?</svg>", "", words_of(pack))
    assert not re.search(r"\bnan\b|\binf\b|NaT|<NA>|\{\w+\}", said)
    assert not missing_glyphs(said)


def test_a_tier_pack_holds_no_other_tiers_customer_and_no_other_tiers_figure() -> None:
    made = material(size=200)
    base = made.review.customers
    for tier in ("a", "b", "c", "unrated"):
        pack = one(made, tier)
        own = set(base.loc[base["tier"] == tier, "customer_id"])
        others = set(base["customer_id"]) - own
        left = set(base.loc[(base["act_tier"] == tier) & base["act_rank"].notna() & (base["tier"] != tier), "customer_id"])
        said = "\n".join(texts(pack)) + "".join(file.content.decode() for file in pack.attached)
        assert set(re.findall(r"C-\d{5}", said)) <= own | left, "but for those who left it this month, who are on its list"
        assert not [name for name in others - left if name in said]
        assert {row["customer_id"] for row in attached(pack, "customers.csv")} == own
        assert {(row["scope"], row["scope_value"]) for row in attached(pack, "figures.csv")} == {("company", ""), ("tier", tier)}


def test_asking_for_another_tiers_figure_is_refused() -> None:
    with pytest.raises(PermissionError, match="tier a asked for a figure of tier b"):
        View(PackFacts(material(), "a", CATALOGUE), "en").of_tier("b", "nps")


def test_evidence_holds_listed_columns_and_exact_money() -> None:
    made = material()
    rows = attached(one(made, "a"), "customers.csv")
    assert "birth_date" not in rows[0]
    first = made.review.customers.set_index("customer_id").loc[rows[0]["customer_id"]]
    assert round(float(rows[0]["net_12m"]) * 10_000) == first["net_12m"]


@pytest.mark.parametrize("locale", LOCALES)
def test_without_surveys_and_tickets_sections_are_one_sentence(locale: str) -> None:
    pack = one(material(supplied=frozenset({"orders", "customers"})), "a", locale)
    for name in ("satisfaction", "service"):
        (section,) = [part for part in (*pack.sections, *pack.sheets) if part.name == name]
        assert len(section.blocks) == 1 and isinstance(section.blocks[0], Paragraph)
        assert section.blocks[0].text.startswith({"en": "Not supplied", "zh_CN": "未提供"}[locale])
    assert "nps" not in words_of(pack, "method")


def test_a_withheld_figure_says_too_few_with_its_n_and_never_zero() -> None:
    pack = one(material(values={"csat_mean": None, "nps": None}), "a")
    said = words_of(pack, "satisfaction")
    assert "too few (n=4)" in said
    assert "Mean satisfaction: too few (n=4)." in said


def test_few_answers_are_flagged() -> None:
    made = material(flag_n=10_000)
    assert "n=190, few" in words_of(one(made), "satisfaction")
    assert "n=480, few" in words_of(one(made), "loyalty"), "a rate of few customers is as shaky as a mean of few answers"


def test_an_empty_tier_has_a_pack_that_says_so() -> None:
    base = customers(40, tiers=("a", "b", "c"))
    base = base[base["tier"] != "unrated"].reset_index(drop=True)
    pack = one(material(base=base), "unrated")
    assert pack.customers == 0
    assert "No customers are in this tier in October 2026." in words_of(pack, "summary")


def test_the_first_month_has_no_change_no_trend_and_no_complaint_about_it() -> None:
    made = material(months=0)
    figures = made.review.figures.assign(previous=float("nan"), change=float("nan"))
    review = type(made.review)(made.month, made.review.policy, EVERYTHING, made.review.customers, figures, made.review.transitions)
    for tier in (None, "a"):
        pack = one(material(months=0, review=review), tier)
        assert "here is no earlier month to compare with" in words_of(pack)
        assert "on the month before" not in words_of(pack)


def test_figures_that_are_all_missing_still_make_a_pack() -> None:
    pack = one(material(values=dict.fromkeys(CATALOGUE)), "b")
    assert "too few" in words_of(pack)


def test_a_name_without_glyphs_is_printed_by_id_reported_and_whole_in_the_evidence() -> None:
    base = customers(12, tiers=("a",)).assign(tier="a", grade="A", name=["王𠮷"] + [f"n{place}" for place in range(11)])
    base = base.assign(net_12m=base["net_12m"].where(base.index > 0, 10**12), recency_days=300)
    pack = one(material(base=base), "a")
    assert SUBSTITUTE not in words_of(pack, "act") and "C-00000" in words_of(pack, "act")
    assert "1 name holds characters that the pack’s fonts lack" in words_of(pack, "quality")
    assert attached(pack, "customers.csv")[0]["name"] == "王𠮷"


def test_a_disagreement_with_the_source_is_told_on_the_first_page() -> None:
    broken = Finding("orders", "orders.control.rows", Severity.CRITICAL, "the source counts rows 9,000, but 8,412 arrived.", str(MONTH))
    pack = one(material(findings=(broken,)), "a")
    assert "Totals differ from the source; see “Data quality”." in words_of(pack, "summary")
    assert "differs" in words_of(pack, "quality")


def test_books_of_a_table_add_up_its_rows_with_and_without_a_month_and_leave_operating_tables_out() -> None:
    made = material()
    undated = made.quality[made.quality["table"] == "orders"].assign(month="", read=2, accepted=0, quarantined=2, duplicates=0)
    recipients = undated.assign(table="recipients")
    other = undated.assign(month="2026-09", read=99)
    pack = one(material(quality=pd.concat([made.quality, undated, recipients, other], ignore_index=True)), "a")
    (books, *_) = [block for block in next(s for s in pack.sheets if s.name == "quality").blocks if isinstance(block, Table)]
    assert [(row[0].text, row[1].text, row[3].text) for row in books.rows] == [
        ("customers", "612", "0"),
        ("orders", "8,414", "32"),
        ("survey answers", "1,204", "5"),
        ("tickets", "143", "0"),
    ]


def test_findings_are_listed_gravest_first_and_capped() -> None:
    many = tuple(Finding("orders", f"orders.rule.{place:02d}", Severity.INFO, f"finding {place}", str(MONTH), 1, 2) for place in range(30))
    grave = Finding("orders", "orders.z", Severity.CRITICAL, "a grave one", str(MONTH), 3, 10)
    pack = one(material(findings=(*many, grave)), "a")
    (page,), (sheet,) = ([part for part in parts if part.name == "quality"] for parts in (pack.sections, pack.sheets))
    told = "\n".join(texts(page))
    assert told.index("a grave one") < told.index("finding 0") and "finding 5" not in told
    assert "Showing the gravest 6 of 31; the others stand in the workbook." in told
    assert sum(f"finding {place}" in list(texts(sheet)) for place in range(30)) == 30
    assert "1 critical finding was waived." in words_of(pack, "summary")


def test_packs_do_not_depend_on_who_ran_them() -> None:
    assert packs(material(run_id="one")) == packs(material(run_id="two"))


def test_the_same_material_with_shuffled_rows_gives_the_same_packs() -> None:
    made = material(size=120)
    shuffled = material(
        size=120, history=made.history.sample(frac=1, random_state=1), previous=made.previous.sample(frac=1, random_state=2)
    )
    assert packs(made) == packs(shuffled)


def test_findings_are_told_in_the_reader_s_language_and_what_changes_numbers_comes_before_refused_rows() -> None:
    told = (
        Finding("orders", "orders.amount.type", Severity.WARNING, "quarantined", str(MONTH), 2, 485, ("orders.csv:7", "orders.csv:9")),
        Finding("tickets", "tickets.days.missing", Severity.WARNING, "no rows", str(MONTH), 0, 0, ("2026-09-09", "2026-09-11")),
        Finding("surveys", "surveys.scale.changed", Severity.INFO, "another scale", str(MONTH), 0, 0, ("csat", "overall", "2026-06")),
        Finding("orders", "orders.rule.of_its_own", Severity.WARNING, "as the operator has it.", str(MONTH)),
    )
    expected = {
        "en": [
            "as the operator has it.",
            "tickets: no rows from 2026-09-09 to 2026-09-11, where some are usual; were these days exported?",
            "csat overall: asked on another scale since June 2026; means before and after cannot be compared, the index can.",
            "orders, amount: refused, a value cannot be read as what it should be (first: orders.csv:7 and orders.csv:9).",
        ],
        "zh_CN": [
            "as the operator has it.",
            "服务工单：2026-09-09至2026-09-11没有数据，往常应有；请确认这几天是否已导出。",
            "csat overall：自2026年6月起更换量表，前后均值不可比，指数可比。",
            "订单, amount：拒收，值的格式无法识别（如orders.csv:7和orders.csv:9）。",
        ],
    }
    for locale, lines in expected.items():
        pack = one(material(findings=told), "a", locale)
        (*_, table) = [block for block in next(s for s in pack.sections if s.name == "quality").blocks if isinstance(block, Table)]
        assert [row[1].text for row in table.rows] == lines


def test_months_on_another_scale_are_no_points_of_the_line_and_the_sentence_says_so() -> None:
    made = material()
    now = made.review.figures.assign(scale_low=1.0, scale_high=10.0)
    old = made.history.assign(scale_low=1.0, scale_high=5.0)
    old.loc[old["month"] == str(MONTH - 1), "scale_high"] = 10.0
    review = type(made.review)(made.month, made.review.policy, EVERYTHING, made.review.customers, now, made.review.transitions)
    changed = material(review=review, history=old)
    values = View(PackFacts(changed, None, CATALOGUE), "en").series("csat_mean")
    assert values[:-2] == (None,) * 11 and None not in values[-2:]
    assert "Earlier months were asked on another scale and are not drawn." in words_of(one(changed), "satisfaction")
    assert "another scale" not in words_of(one(made), "satisfaction")


def test_other_words_of_a_method_change_nothing_on_a_page_but_themselves() -> None:
    made = material()
    plain = made.review.figures.assign(scale_low=1.0, scale_high=10.0, method="as it was told")
    plain.loc[plain["indicator"] == "current_value", "detail"] = Detail.MARGIN
    old = made.history.assign(scale_low=1.0, scale_high=10.0, method="as it was told")
    found = []
    for words in ("as it was told", "scale 1-5; value is revenue; the group's value is below 0"):
        figures = plain.assign(method=words)
        review = type(made.review)(made.month, made.review.policy, EVERYTHING, made.review.customers, figures, made.review.transitions)
        pack = one(material(review=review, history=old.assign(method=words)))
        assert PackFacts(material(review=review), None, CATALOGUE).figures["company", "", "current_value"].detail is Detail.MARGIN
        found.append(repr([(section.name, section.blocks) for section in (*pack.sections, *pack.sheets)]).replace(words, "METHOD"))
    assert found[0] == found[1]


def test_money_of_orders_without_a_customer_stands_beside_the_customers_total() -> None:
    made = material(size=80)
    total = int(made.review.customers["net_12m"].sum()) / 10_000
    said = words_of(one(material(size=80, values={"net_revenue_12m": total + 4_778.0})), "grades")
    assert "With ¥4,778 of orders that name no customer, the company’s 12-month net is" in said
    assert "name no customer" not in words_of(one(material(size=80, values={"net_revenue_12m": total})), "grades")


def test_the_chart_of_the_money_says_the_share_of_the_top_fifth_that_the_figure_says() -> None:
    made = material(values={"top20_share": 0.4271})
    text = words_of(one(made), "grades")
    assert "brings 42.7% of their twelve-month net revenue" in text
    assert "42.7% from the top 20%" in text
