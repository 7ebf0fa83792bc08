"""Each planted fact is found by a reader: in the text of the right pack, or in the files published beside it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pytest
from pypdf import PdfReader

from flows.lookup.rerendering import differing
from flows.review import printing
from flows.review.request import RunRequest
from flows.review.run import run_month
from flows.sample import SampleCompany
from flows.settings import load
from flows.upkeep.requirements import Status, read_coverage
from flows.warehouse.store import Warehouse
from reports.blocks import Block, Chart, Paragraph, Section, Side, Table, Terms
from reports.material import PackMaterial
from reports.pack import ReviewPack, each_pack
from reports.workbook.sheets import Grid, Sheet
from tests.adding_up import bridges_in, wrong_columns
from tests.places import CHECKOUT
from tests.printed import PrintedCompany, ample, simulated_month, unprinted
from tests.reports.test_pdf import outline, strays
from tests.sample import raw
from transforms.indicators.all import CATALOGUE
from transforms.month import Month

NEWEST = "2026-10"
Part = TypeVar("Part", Section, Sheet)


def told(block: Block | Grid) -> Iterator[str]:
    """What a block of a sheet says, in the order of reading."""
    match block:
        case Side():
            for one in (*block.left, *block.right):
                yield from told(one)
        case Table():
            yield from (block.caption, *(column.title for column in block.columns))
            yield from (text for row in block.rows for cell in row for text in (cell.text, cell.detail))
            yield block.note
        case Terms():
            yield from (text for row in block.rows for text in (block.title, *row))
        case Paragraph():
            yield block.text
        case Chart():
            yield from (block.title, block.sentence)


@dataclass(frozen=True)
class ReadPdf:
    """A printed pack; bookmarks and the lines of a page are read once, however many tests ask for them."""

    path: Path
    _lines: dict[int, list[str]] = field(default_factory=dict)

    @cached_property
    def reader(self) -> PdfReader:
        return PdfReader(self.path)

    @cached_property
    def starts(self) -> list[tuple[str, int]]:
        return [(title, self.reader.get_destination_page_number(item) or 0) for _, title, item in outline(self.reader.outline)]

    def lines(self, page: int) -> list[str]:
        if page not in self._lines:
            self._lines[page] = [line.strip() for line in self.reader.pages[page].extract_text().splitlines()]
        return self._lines[page]


@dataclass(frozen=True)
class Published:
    """The newest month of the sample company as its readers have it, in English."""

    folder: Path
    material: PackMaterial
    packs: tuple[ReviewPack, ...]

    @cached_property
    def figures(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "figures.csv", keep_default_na=False, na_values=[""], dtype={"scope_value": str})

    @cached_property
    def customers(self) -> pd.DataFrame:
        held = pd.read_csv(self.folder / "customers.csv", keep_default_na=False, na_values=[""], dtype={"customer_id": str})
        return held.set_index("customer_id")

    @cached_property
    def moves(self) -> dict[tuple[str, str], int]:
        rows = pd.read_csv(self.folder / "transitions.csv")
        return dict(zip(zip(rows["grade_before"], rows["grade_after"], strict=True), rows["customers"].astype(int), strict=True))

    @cached_property
    def highlights(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "highlights.csv", dtype={"scope_value": str})

    def figure(self, indicator: str, tier: str = "") -> pd.Series:
        scope = "tier" if tier else "company"
        rows = self.figures[(self.figures["indicator"] == indicator) & (self.figures["scope"] == scope)]
        return rows[rows["scope_value"].fillna("") == tier].iloc[0]

    @cached_property
    def _pdfs(self) -> dict[str, ReadPdf]:
        return {path.name.removesuffix(".en.pdf"): ReadPdf(path) for path in self.folder.glob("*.en.pdf")}

    def starts(self, pack: str) -> list[tuple[str, int]]:
        """Every title of a pack's bookmarks with the number of its page, counted from 0."""
        return self._pdfs[pack].starts

    def section(self, pack: str, title: str) -> str:
        """The text of one section of a pack, from its heading to the next, white space as single spaces; else that of its sheet."""
        if title not in dict(self.starts(pack)):
            return self.sheet(pack, title)
        pdf, starts = self._pdfs[pack], self.starts(pack)
        place = next(number for number, (name, _) in enumerate(starts) if name == title)
        after, last = starts[place + 1] if place + 1 < len(starts) else ("", len(pdf.reader.pages) - 1)
        lines = [line for page in range(starts[place][1], last + 1) for line in pdf.lines(page)]
        first = lines.index(title)
        end = lines.index(after, first + 1) if after in lines[first + 1 :] else len(lines)
        return " ".join(" ".join(lines[first:end]).split())

    def sheet(self, pack: str, title: str) -> str:
        """The text of one sheet of a pack's workbook as it was built, row by row."""
        (sheet,) = [sheet for one in self.packs if one.name == pack for sheet in one.sheets if sheet.title == title]
        return " ".join(" ".join(text for block in sheet.blocks for text in told(block)).split())


@pytest.fixture(scope="session")
def published(company: SampleCompany, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """One run of the sample's newest month, in a copy of its folder."""
    folder = tmp_path_factory.mktemp("published") / "sample"
    shutil.copytree(company.folder, folder)
    config = folder / "keping.toml"
    config.write_text(config.read_text(encoding="utf-8").replace('locales = ["en", "zh_CN"]', 'locales = ["en"]'), encoding="utf-8")
    built: list[tuple[PackMaterial, ReviewPack]] = []

    def kept(material: PackMaterial, *more: Any) -> Iterator[ReviewPack]:
        for pack in each_pack(material, *more):
            built.append((material, pack))
            yield pack

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEPING_CLOCK", "2026-11-02T03:00:00+00:00")
        patch.setattr(printing, "each_pack", kept)
        outcome = run_month(load(config, {}), RunRequest(Month.parse(NEWEST)))
    assert outcome.folder is not None
    return Published(outcome.folder, built[0][0], tuple(pack for _, pack in built))


PROMISED = {"company": (6, 8), "tier-a": (5, 6), "tier-b": (5, 6), "tier-c": (5, 6), "tier-unrated": (5, 6)}
"""The most pages that are read through, and the most that a pack has."""


@pytest.mark.parametrize("pack", PROMISED)
def test_a_pack_is_read_in_ten_minutes_and_fits_its_pages(published: Published, pack: str) -> None:
    starts = dict(published.starts(pack))
    pdf = (published.folder / f"{pack}.en.pdf").read_bytes()
    body, whole = PROMISED[pack]
    assert starts["For reference"] <= body
    assert len(PdfReader(published.folder / f"{pack}.en.pdf").pages) <= whole
    assert strays(pdf) == []


def test_the_reference_document_is_published_in_the_manifest_and_names_no_customer(published: Published) -> None:
    file = published.folder / "reference.en.pdf"
    text = " ".join(page.extract_text() for page in PdfReader(file).pages)
    for words in ("Method and definitions", "Rules in force", "Every figure of the packs", "Quoted, and measured"):
        assert words in text
    assert not [key for key in published.customers.index if key in text]
    files = json.loads((published.folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert file.name in files and {f"{pack}.en.xlsx" for pack in PROMISED} <= set(files)


LINES = read_coverage((CHECKOUT / "docs" / "coverage.csv").read_text(encoding="utf-8"), CATALOGUE)


def test_every_section_that_the_coverage_names_is_printed(published: Published) -> None:
    titles = {title for pack in PROMISED for title, _ in published.starts(pack)}
    titles |= {sheet.title for pack in published.packs for sheet in pack.sheets}
    named = {place for line in LINES for place in line.places}
    assert {name for name in named if not name.startswith("keping ")} <= titles


def test_what_a_requirement_says_is_printed_was_found_in_built_packs(published: Published) -> None:
    """Each figure of each row stands with its words where the row says: in the sample's packs, or in those of a company with more."""
    companies = [PrintedCompany(published.material, published.packs), ample()]
    others = simulated_month()
    shown = [line for line in LINES if line.status in (Status.COMPUTED, Status.OPTIONAL, Status.NOTE)]
    assert {line.row: found for line in shown if (found := unprinted(line, companies, others))} == {}


@pytest.mark.parametrize(
    ("row", "caption", "first", "missed"),
    [
        ("S032", "What the base leans on", "Prospects (never bought)", "no figure of prospects stands there"),
        ("S001", "The base by role", "", "'The base by role' does not stand there"),
        ("S041", "Health of the standard", "Customers near a cut", "no figure of standard_borderline stands there"),
        ("S221", "Quoted, and measured", "Selling is 20% explaining and 10% closing", "does not stand there"),
    ],
)
def test_what_a_section_stops_printing_is_missed(published: Published, row: str, caption: str, first: str, missed: str) -> None:
    """A row of a table is taken out, or all of them: what the requirement says is no longer true."""
    (line,) = [line for line in LINES if line.row == row]
    assert unprinted(line, [PrintedCompany(published.material, published.packs)], {}) == []
    packs = tuple(
        replace(
            pack,
            sections=tuple(_without(one, caption, first) for one in pack.sections),
            sheets=tuple(_without(one, caption, first) for one in pack.sheets),
        )
        for pack in published.packs
    )
    assert [said for said in unprinted(line, [PrintedCompany(published.material, packs)], {}) if missed in said]


def _without(section: Part, caption: str, first: str) -> Part:
    def cut(block: Any) -> Any:
        if isinstance(block, Side):
            return Side(tuple(map(cut, block.left)), tuple(map(cut, block.right)))
        if isinstance(block, Table) and block.caption == caption:
            return replace(block, rows=tuple(cells for cells in block.rows if first and cells[0].text != first))
        return block

    return replace(section, blocks=tuple(map(cut, section.blocks)))


def acted_on(published: Published, pack: str, customer: str) -> str:
    """What a pack's list of customers to act on says of one customer, up to the next one."""
    text = published.section(pack, "Customers to act on")
    assert customer in text, f"{customer} is not to be acted on in {pack}"
    return text.split(customer, 1)[1][:160]


def test_the_first_hours_of_the_next_month_do_not_count(published: Published, planted: dict[str, Any]) -> None:
    book = planted["books"][NEWEST]
    for indicator in ("orders", "gross_revenue", "refunds", "net_revenue", "tickets_opened", "complaints"):
        assert published.figure(indicator)["value"] == pytest.approx(book[indicator], abs=0.01), indicator


def test_the_branch_file_in_an_old_encoding_counts_in_the_months_answers(published: Published, planted: dict[str, Any]) -> None:
    book = planted["books"][NEWEST]
    mean = published.figure("csat_mean")
    assert (mean["n"], mean["value"]) == (book["csat_answers"], pytest.approx(book["csat_mean"], abs=1e-6))
    assert f"from {book['csat_answers']} answers" in published.section("company", "Satisfaction")


def test_the_complaint_rate_of_the_b_customers_stands_in_their_pack_and_has_risen(published: Published) -> None:
    rate = published.figure("complaint_rate", "b")
    assert rate["value"] > 1.5 * published.figure("complaint_rate")["value"]
    assert f"Complaints per 1,000 orders {rate['value']:.1f} per 1,000" in published.section("tier-b", "Service and complaints")


def test_one_customer_s_share_of_the_money_is_said_in_the_company_pack(published: Published, planted: dict[str, Any]) -> None:
    fact = raw.fact(planted, "concentration")
    assert published.customers.loc[fact["customers"][0], "net_12m"] == pytest.approx(fact["figures"]["net_12m"], abs=0.01)
    assert published.customers["net_12m"].idxmax() == fact["customers"][0]
    said = re.search(r"the largest one ([\d.]+)%", published.section("company", "Grades and movements"))
    assert said and float(said[1]) == pytest.approx(100 * fact["figures"]["share_of_net_12m"], abs=0.1)


def test_the_bound_and_dissatisfied_customer_is_acted_on_before_the_contract_ends(published: Published, planted: dict[str, Any]) -> None:
    fact = raw.fact(planted, "contract_ending")
    said = acted_on(published, "tier-a", fact["customers"][0])
    assert f"contract ends on {fact['figures']['contract_end']}" in said and "unhappy" in said
    assert "Meet before the contract ends" in said


def test_the_flapping_score_keeps_its_grade_and_the_file_says_that_it_is_held(published: Published, planted: dict[str, Any]) -> None:
    row = published.customers.loc[raw.fact(planted, "flapper")["customers"][0]]
    assert 68 < row["score"] < 72
    assert row["grade"] == row["previous_grade"]
    assert row["held"] == (row["would_be"] != row["grade"])


def test_the_large_defector_leads_the_lists_and_its_money_is_at_risk(published: Published, planted: dict[str, Any]) -> None:
    fact = raw.fact(planted, "large_defector")
    (customer,) = fact["customers"]
    row = published.customers.loc[customer]
    for pack in ("company", f"tier-{row['tier']}"):
        said = acted_on(published, pack, customer)
        assert f"no order for {row['recency_days']} days" in said and "Call: why no order" in said and str(row["account_manager"]) in said
    assert row["act_rank"] <= 2 and row["act_stake"] > row["net_12m"], "what it brought before it fell silent is at stake"
    assert abs(row["recency_days"] - fact["figures"]["silent_days"]) <= 1
    assert published.figure("revenue_at_risk")["value"] > row["net_12m"] > 0


def test_the_souring_of_the_c_customers_is_told_by_their_pack(published: Published, planted: dict[str, Any]) -> None:
    mean, top = published.figure("csat_mean", "c"), published.figure("csat_top2_share", "c")
    assert mean["upper"] < published.figure("csat_mean")["value"]
    assert mean["change"] < 0 and top["value"] < published.figure("csat_top2_share")["value"]
    shares = raw.fact(planted, "last_tier_sours")["figures"]["share_of_scale"]
    assert (mean["value"] - 1) / 9 == pytest.approx(shares[-1], abs=0.06)
    assert re.search(
        r"Satisfaction \(mean\) was [\d.]+ in October 2026, −[\d.]+ on the month before, the lowest of \d+ months",
        published.section("tier-c", "Satisfaction"),
    )


def test_the_late_refund_takes_the_upgrade_back(published: Published, planted: dict[str, Any]) -> None:
    fact = raw.fact(planted, "late_refund")
    row = published.customers.loc[fact["customers"][0]]
    assert (row["previous_grade"], row["grade"]) == ("A", "B")
    assert published.moves["A", "B"] >= 1
    assert published.figure("refunds")["value"] > fact["figures"]["amount"]
    assert f"{fact['customers'][0]}; A → B" in published.section("tier-a", "Customers to act on")
    assert f"{row['name']} alone" in published.section("tier-b", "Summary")
    assert "given back in the month" in acted_on(published, "tier-a", fact["customers"][0]), "it stands in the pack that it left"
    assert fact["customers"][0] not in published.section("tier-b", "Customers to act on")


def test_two_records_of_one_customer_are_one_row_and_the_quality_page_says_so(published: Published, planted: dict[str, Any]) -> None:
    old, new = raw.fact(planted, "merged_record")["customers"]
    assert new in published.customers.index and old not in published.customers.index
    assert old in published.sheet("company", "Data quality")


def test_the_newly_lost_are_counted_and_leave_the_grades(published: Published, planted: dict[str, Any]) -> None:
    lost = published.customers.loc[list(raw.fact(planted, "newly_lost")["customers"])]
    assert lost["is_lost"].all() and not lost["was_lost"].any()
    count = int(published.figure("customers_lost")["value"])
    assert count == sum(number for (_, after), number in published.moves.items() if after == "lost") >= len(lost)
    assert re.search(rf"Lost customers {count}\b", published.section("company", "Grades and movements"))


def test_the_riser_goes_from_c_to_a_and_is_named_in_the_packs(published: Published, planted: dict[str, Any]) -> None:
    (customer,) = raw.fact(planted, "riser")["customers"]
    row = published.customers.loc[customer]
    assert (row["previous_grade"], row["grade"], row["month_orders"]) == ("C", "A", 12)
    for pack in ("company", "tier-a"):
        assert re.search(rf"{customer} C → A", published.section(pack, "Movements and their causes"))
    assert re.search(r"left to A −\d", published.section("tier-c", "Summary"))


def test_the_changed_scale_is_a_break_and_not_a_rise(published: Published) -> None:
    text = published.section("company", "Satisfaction")
    assert "asked on another scale" in text
    assert re.search(r"Satisfaction \(mean\) was 6\.84 in October 2026, −0\.15 on the month before; over 5 months it lay", text)
    assert "asked on another scale since June 2026" in published.sheet("company", "Data quality")


def test_the_silent_dissatisfied_stand_together_with_where_their_orders_went(published: Published, planted: dict[str, Any]) -> None:
    fact = raw.fact(planted, "silent_dissatisfied")
    rows = published.customers.loc[list(fact["customers"])]
    assert (rows["tickets_12m"] == 0).all() and (rows["satisfaction_index"] < 40).all() and (rows["nps_score"] <= 4).all()
    assert (rows["act_reason"] == "unhappy_quiet").all() and rows["act_rank"].notna().all()
    group = published.customers[(published.customers["act_reason"] == "unhappy_quiet") & published.customers["act_rank"].notna()]
    tier = rows["act_tier"].iloc[0]
    group = group[group["act_tier"] == tier]
    together = rf"Unhappy, no ticket: {len(group)} customers, ¥{group['act_stake'].sum():,.0f} at stake; orders (\d+) → (\d+) a month"
    said = re.search(together, published.section(f"tier-{tier}", "Customers to act on"))
    first, last = (sum(fact["figures"]["orders_by_month"][part]) / 3 for part in (slice(0, 3), slice(-3, None)))
    others = len(group) - len(rows)
    assert said and others <= 2, "whoever else is unhappy and has no ticket stands with them"
    assert first <= int(said[1]) <= first + 4 * others and last <= int(said[2]) <= last + 4 * others


def test_who_was_lost_is_on_a_list_or_counted_with_what_was_brought_before(published: Published, planted: dict[str, Any]) -> None:
    rows = published.customers.loc[list(raw.fact(planted, "newly_lost")["customers"])]
    assert (rows["act_reason"] == "lost").all() and (rows["act_stake"] > 0).all() and (rows["net_12m"] == 0).all()


def test_nobody_of_ones_own_is_acted_on_and_the_list_is_as_long_as_its_owners_can_act(
    published: Published, planted: dict[str, Any]
) -> None:
    own = published.customers.loc[list(raw.fact(planted, "own_people")["customers"])]
    assert own["act_reason"].isna().all()
    listed = published.customers[published.customers["act_rank"].notna()]
    assert listed.groupby("act_owner").size().max() == 10
    assert f"{len(listed)} customers to act on" in published.section("company", "Customers to act on")


def test_the_missing_days_of_tickets_are_named_on_the_quality_page(published: Published, planted: dict[str, Any]) -> None:
    days = raw.fact(planted, "ticket_gap")["figures"]
    assert f"tickets: no rows from {days['first_day']} to {days['last_day']}" in published.sheet("company", "Data quality")


def of_group(published: Published, indicator: str, group: str) -> float:
    """A group's figure, such as `role=employee`."""
    rows = published.figures[(published.figures["indicator"] == indicator) & (published.figures["scope_value"] == group)]
    return float(rows["value"].iloc[0])


def test_the_new_product_group_is_a_part_of_the_revenue(published: Published, planted: dict[str, Any]) -> None:
    share = published.figure("new_product_share")["value"]
    assert share == pytest.approx(raw.fact(planted, "new_product")["figures"]["share_of_lines_12m"], abs=0.001)
    assert f"Revenue from new products {100 * share:.1f}%" in published.section("company", "Economics in detail")


def test_old_customers_are_won_more_often_and_both_rates_are_printed(published: Published, planted: dict[str, Any]) -> None:
    text, figures = published.section("company", "Economics in detail"), raw.fact(planted, "win_rates")["figures"]
    for name, indicator, words in (("old", "win_rate_existing", "existing"), ("new", "win_rate_new", "new")):
        rate = published.figure(indicator)
        assert (rate["n"], rate["value"]) == (pytest.approx(figures[f"{name}_decided"], abs=6), pytest.approx(figures[name], abs=0.02))
        assert f"Win rate, {words} customers {100 * rate['value']:.1f}%" in text


def test_quotes_lost_on_price_are_told(published: Published, planted: dict[str, Any]) -> None:
    share = published.figure("lost_on_price_share")["value"]
    assert share == pytest.approx(raw.fact(planted, "outbid")["figures"]["lost_on_price_share_12m"], abs=0.02)
    assert f"Quotes lost on price {100 * share:.1f}%" in published.section("company", "Economics in detail")


def test_the_untold_outcomes_show_in_the_loop_of_feedback(published: Published, planted: dict[str, Any]) -> None:
    share = published.figure("feedback_closed_loop")["value"]
    assert share == pytest.approx(raw.fact(planted, "loop_broken")["figures"]["share_in_month"], abs=0.05)
    assert f"Feedback whose outcome was told {100 * share:.1f}%" in published.section("company", "Customers and classes")


def test_visits_stay_far_below_what_the_strategy_of_the_best_class_plans(published: Published, planted: dict[str, Any]) -> None:
    visits, plan = (
        of_group(published, "group_visits", "value_class=high"),
        raw.fact(planted, "visits_by_habit")["figures"]["planned_for_high"],
    )
    assert 0 < visits < plan / 2
    assert f"{visits:.2f} planned {plan:.2f}" in published.section("company", "Customers and classes")


def test_the_account_that_nobody_speaks_to_has_no_contact_in_the_file(published: Published, planted: dict[str, Any]) -> None:
    row = published.customers.loc[raw.fact(planted, "neglected_account")["customers"][0]]
    assert (row["contacts_12m"], row["value_class"]) == (0, "high") and pd.isna(row["last_contact_on"])


def test_each_source_says_what_winning_a_customer_costs(published: Published, planted: dict[str, Any]) -> None:
    text, figures = published.section("company", "Customers and classes"), raw.fact(planted, "dear_fair")["figures"]
    for source in ("fair", "search"):
        cost = of_group(published, "group_acquisition_cost", f"source_channel={source}")
        assert cost == pytest.approx(figures[f"cost_per_new_{source}"], rel=0.05)
        assert re.search(rf"{source} source [^¥]*¥[\d,]+ [^¥]*¥{cost:,.0f}", text)


def test_the_company_s_own_people_are_counted_apart_and_have_no_grade(published: Published, planted: dict[str, Any]) -> None:
    fact = raw.fact(planted, "own_people")
    rows = published.customers.loc[list(fact["customers"])]
    assert (rows[["grade", "value_class", "behaviour_class"]] == "unrated").all(axis=None)
    for role in ("employee", "stockholder"):
        assert of_group(published, "group_customers", f"role={role}") == fact["figures"][role] == (rows["role"] == role).sum()
        told = rf"{role} {fact['figures'][role]} [\d.]+% – – "  # how many they are, and of their money nothing
        assert re.search(told, published.section("company", "Customers and classes"))


def test_the_class_without_a_strategy_is_shown_and_warned_of(published: Published) -> None:
    assert published.figure("strategy_cells_missing")["value"] == 1
    text = published.section("company", "Customers and classes")
    assert re.search(r"latent none Ask why", text) and "1 of 9 cells have no strategy; 3 more strategies are for groups." in text
    assert "No configured difference: active · mid and active · low." in text
    assert "latent, high" in published.sheet("company", "Data quality")


def test_overdue_actions_are_counted_in_the_company_and_in_the_tier(published: Published, planted: dict[str, Any]) -> None:
    late = raw.fact(planted, "actions_overdue")["figures"]["overdue"]
    assert published.figure("actions_overdue")["value"] == published.figure("actions_overdue", "b")["value"] == late
    assert f"Actions overdue {late}" in published.section("company", "Customers and classes")


def test_the_grade_set_by_hand_is_told_with_its_author_and_the_refused_one_is_named(published: Published, planted: dict[str, Any]) -> None:
    (customer,) = raw.fact(planted, "graded_by_hand")["customers"]
    row = published.customers.loc[customer]
    assert (row["grade"], row["would_be"], row["override_author"]) == ("B", "C", "li.na")
    assert published.figure("standard_overrides")["value"] == 1
    assert re.search(rf"{customer} B C 2027-03-31 li\.na", published.section("company", "The grading standard"))
    assert "it has no reason" in published.sheet("company", "Data quality")


def test_feedback_that_led_to_improvements_is_a_share_of_all(published: Published, planted: dict[str, Any]) -> None:
    figures, share = raw.fact(planted, "feedback_adopted")["figures"], published.figure("feedback_adopted")["value"]
    assert share == pytest.approx(figures["adopted"] / figures["feedback"], abs=0.01)
    assert f"Feedback that led to an improvement {100 * share:.1f}%" in published.section("company", "Customers and classes")


def test_the_stated_markets_say_whom_they_are_made_of(published: Published, planted: dict[str, Any]) -> None:
    size = raw.fact(planted, "market_size")["figures"]["size"]
    text = published.section("company", "Economics in detail")
    share = 100 * published.customers["net_12m"].sum() / size  # a market is customers: orders that name nobody are in none
    assert f"All customers ¥{size:,.0f} {share:.1f}%" in text
    markets = published.section("company", "Customers and classes").split("Target markets", 1)[1]
    assert re.search(r"All customers MAR-001 [\d.]+% .*West MAR-004 [\d.]+%", markets)


def test_winning_against_keeping_is_printed_from_own_costs(published: Published, planted: dict[str, Any]) -> None:
    figures, ratio = raw.fact(planted, "winning_is_dear")["figures"], published.figure("win_to_keep_ratio")["value"]
    assert ratio == pytest.approx(figures["per_new"] / figures["per_kept"], rel=0.03)
    assert f"Winning against keeping, cost {ratio:.2f}" in published.section("company", "What customers are worth")


def test_every_target_of_the_month_is_printed_beside_what_came(published: Published, planted: dict[str, Any]) -> None:
    """Five targets, none of them met: three of the company, one of A, one of B; C has none and says so."""
    targets = pd.read_csv(published.folder / "targets.csv", keep_default_na=False, na_values=[""]).set_index("indicator")
    assert set(targets["status"]) <= {"missed", "within_reach"}
    assert len(targets) == 5
    company = published.section("company", "Targets")
    net = raw.fact(planted, "target_missed")["figures"]["target"]
    assert targets.loc["net_revenue", "target"] == net
    came = published.figure("net_revenue")["value"]
    assert f"Net revenue ¥{came:,.0f} ¥{net:,.0f} −¥{net - came:,.0f}" in company
    assert "85.0%" in company and "Net promoter score" in company
    assert f"{published.figure('complaint_rate', 'b')['value']:.1f} per 1,000" in published.section("tier-b", "Summary")
    assert "60.0%" in published.section("tier-a", "Summary")
    assert "No target is supplied for this month." in published.section("tier-c", "Summary")


def test_every_table_with_an_opening_and_a_closing_adds_up_in_print(published: Published) -> None:
    tables = [(pack.name, table) for pack in published.packs for table in bridges_in(pack)]
    assert [(name, wrong) for name, table in tables if (wrong := wrong_columns(table))] == []
    assert {name for name, _ in tables} >= {"tier-a", "tier-b", "tier-c", "tier-unrated"}


def test_the_messages_of_page_1_are_at_most_five_and_their_numbers_are_figures(published: Published) -> None:
    rows = published.highlights
    assert set(rows["pack"]) <= {pack.name for pack in published.packs} and rows.groupby("pack").size().max() <= 5
    assert all(group["rank"].tolist() == list(range(1, len(group) + 1)) for _, group in rows.groupby("pack"))
    told = rows[rows["figure_id"].notna()]
    known = published.figures.set_index("figure_id")["value"].to_dict()
    assert len(told) and [known[key] for key in told["figure_id"]] == pytest.approx(told["value"].tolist())
    for row in rows.to_dict("records"):
        page = re.sub(r"\s", "", published.section(row["pack"], "Summary"))
        assert re.sub(r"\s", "", row["says.en"]) in page, row["says.en"]


@pytest.mark.parametrize(
    ("pack", "indicator", "because"),
    [("tier-b", "complaint_rate", "damaged in transport"), ("company", "feedback_closed_loop", "")],
)
def test_what_is_planted_in_a_figure_is_a_message_on_page_1(published: Published, pack: str, indicator: str, because: str) -> None:
    rows = published.highlights
    (row,) = rows[(rows["pack"] == pack) & (rows["indicator"] == indicator)].to_dict("records")
    assert row["kind"] in ("signal", "target") and because in str(row["because"])
    assert not row["limit_low"] <= row["value"] <= row["limit_high"] or row["value"] > row["target"]


def test_the_revision_made_again_from_the_archive_is_the_published_one(published: Published) -> None:
    config = published.folder.parents[2] / "keping.toml"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEPING_CLOCK", "2026-11-03T03:00:00+00:00")
        settings = load(config, {})
        with Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment) as warehouse:
            assert differing(settings, warehouse, Month.parse(NEWEST), 0) == ()
