"""Every number that the sample's packs print has an id, is counted again from the kept rows, and stands in the published file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import pytest

from flows.archive.office import Office
from flows.lookup.finished import FinishedPack
from flows.lookup.plain import QUERIES
from flows.lookup.rerendering import scored_again
from flows.lookup.tracing import TracedPack
from flows.lookup.tracing_figures import Recount, trace_figure
from flows.settings import load
from reports.printed import NO_FIGURES, NumberKind
from tests.sample.published import NEWEST, PROMISED, Published, told
from transforms.errors import UsageError
from transforms.figures import Scope
from transforms.month import Month


@dataclass(frozen=True)
class Month0:
    """The sample's newest month, computed anew once for all its packs."""

    office: Office
    recount: Recount
    published: Published

    @cached_property
    def packs(self) -> dict[str, TracedPack]:
        return {name: self._traced(name) for name in PROMISED}

    def _traced(self, name: str) -> TracedPack:
        folder, job = self.published.folder, self.recount.job
        finished = FinishedPack((folder / f"{name}.en.pdf").read_bytes(), (folder / f"{name}.en.xlsx").read_bytes())
        built = finished.laid_out(job.build_one(name, "en"))
        return TracedPack(self.office, job, self.recount, built, finished, self.published.figures)


@pytest.fixture(scope="module")
def again(published: Published) -> Iterator[Month0]:
    config = published.folder.parents[2] / "keping.toml"
    with Office.open(load(config, {})) as office:
        recount = Recount(*scored_again(office, office.archive.manifest(Month.parse(NEWEST), 0)))
        yield Month0(office, recount, published)


def digits(text: str, times: int = 1) -> str:
    return "".join(sorted(re.sub(r"\D", "", text) * times))


def test_every_digit_of_every_text_is_part_of_a_number_with_an_id_or_said_to_be_no_figure(again: Month0) -> None:
    """The texts are walked by the tests' own reader of packs, not by what gives the ids."""
    for pack in again.packs.values():
        named = [one.id for one in pack.numbers if one.id]
        assert len(set(named)) == len(named)
        assert all(bool(one.id) is (one.kind not in NO_FIGURES) for one in pack.numbers)
        found: dict[str, list[str]] = {}
        for one in pack.numbers:
            found.setdefault(one.text, []).append(one.number)
        texts = {text for part in (*pack.built.sections, *pack.built.sheets) for block in part.blocks for text in told(block)}
        for text in texts:
            if once := digits(text):
                inside = "".join(found.get(str(text), ()))
                assert digits(inside) == digits(text, len(digits(inside)) // len(once)) != "", text


def test_all_printed_numbers_are_counted_again_from_the_kept_rows_and_stand_in_the_published_file(
    again: Month0, capsys: pytest.CaptureFixture[str]
) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    anew, known = again.recount.anew, again.published.figures.set_index("figure_id")
    for name, pack in again.packs.items():
        for one in pack.numbers:
            counts[name, one.kind.value] += 1
            if one.id and not pack.finished.shows(one):
                wrong.append(f"{name}: {one.place}: {one.number} is not in the file")
            if one.kind is NumberKind.FIGURE:
                printed, counted = known.loc[one.figure, "value"], anew[one.figure]["value"]
                if not (pd.isna(printed) and pd.isna(counted)) and printed != pytest.approx(counted, rel=1e-9):
                    wrong.append(f"{name}: {one.figure} {printed} is {counted}")
    assert wrong == []
    assert sum(count for (_, kind), count in counts.items() if kind == "figure") > 3_000
    with capsys.disabled():
        table = pd.Series(counts).unstack(fill_value=0)
        print(f"\nprinted numbers, all counted again and found in the files:\n{table.to_string()}")


def test_every_figure_with_a_plain_query_is_what_that_query_counts(again: Month0) -> None:
    rows = again.published.figures
    asked = rows[rows["indicator"].isin(QUERIES) & rows["scope"].isin(["company", "tier", "unattributed"]) & rows["value"].notna()]
    tiers = again.recount.job.review.customers.groupby("tier")["customer_id"].agg(list).to_dict()
    plain = again.recount.plain
    found = {}
    for row in asked.to_dict("records"):
        query = plain.query(row["indicator"], Scope(row["scope"]))
        found[row["figure_id"]] = (row["value"], plain.value(query, tiers.get(row["scope_value"], [])))
    assert len(found) >= 90
    assert {name: pair for name, pair in found.items() if pair[0] != pytest.approx(pair[1], rel=1e-9)} == {}


def test_a_figure_is_told_with_the_rows_that_add_up_to_it(again: Month0) -> None:
    found = again.packs["tier-a"].trace(again.published.figure("gross_revenue", "a")["figure_id"])
    assert found.agrees and found.figure is not None
    assert float(found.rows["orders"]["amount"].sum()) == pytest.approx(found.figure.value)
    lines = "\n".join(found.lines())
    assert "by query" in lines and "sum of the month's order amounts" in lines
    held = again.packs["company"].trace(again.published.figure("customers_lost")["figure_id"])
    assert held.agrees and len(held.rows["customers"].query("is_lost and not was_lost")) == held.figure.value  # type: ignore[union-attr]


def test_a_number_of_a_customer_is_told_with_the_customer_s_row_and_one_of_another_tier_is_not_told(again: Month0) -> None:
    pack = again.packs["tier-b"]
    one = next(one for one in pack.numbers if one.kind is NumberKind.CUSTOMER and not one.in_workbook)
    held = pack.trace(one.id)
    assert held.agrees and held.rows["customers"]["customer_id"].tolist() == [one.about]
    with pytest.raises(UsageError, match="has no number with the id"):
        pack.trace(again.published.figure("orders", "c")["figure_id"])


def test_a_figure_that_was_changed_after_its_publication_differs(again: Month0) -> None:
    changed = again.published.figures.copy()
    row = changed["indicator"].eq("orders") & changed["scope"].eq("company")
    changed.loc[row, "value"] += 1
    found = trace_figure(again.recount, changed, str(changed.loc[row, "figure_id"].iloc[0]))
    assert found is not None and not found.agrees and "DIFFERS" in "\n".join(found.lines())


def test_the_numbers_of_page_1_lead_to_their_figures(again: Month0) -> None:
    """Of every message about a figure its number, of the grid of tiers every value that has one."""
    rows = pd.read_csv(again.published.folder / "highlights.csv").query("pack in @again.packs and figure_id.notna()")
    assert len(rows) >= 5
    for row in rows.to_dict("records"):
        numbers = [one for one in again.packs[row["pack"]].numbers if row["sentence.en"] in one.place]
        assert row["figure_id"] in {one.figure for one in numbers}, row["sentence.en"]
    grid = [one for one in again.packs["company"].numbers if "The tiers this month" in one.place and not one.in_workbook]
    values = [one for one in grid if one.id and "Joined, left" not in one.place]
    assert len(values) >= 20 and all(one.figure for one in values)
