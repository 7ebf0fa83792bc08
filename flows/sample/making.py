"""Make the sample company: invent, plant, soil, write, and put in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flows.sample import dirt as soil
from flows.sample import office, shapes, surveys, telling, write
from flows.sample.books import books
from flows.sample.company import found
from flows.sample.config import configuration
from flows.sample.facts_of_customers import facts_of_customers
from flows.sample.facts_of_groups import facts_of_groups
from flows.sample.orders import crowd, dressed
from flows.sample.planted import Everything, promoters, with_ties
from flows.sample.scripts import scripted_lines
from flows.sample.seasons import Floats, season
from flows.sample.standing import ledger
from flows.sample.tickets import cases
from transforms.month import Month


@dataclass(frozen=True)
class SampleCompany:
    """Where the sample lies, and how large its sources are (rows per table, dirt included)."""

    folder: Path
    settings_path: Path
    planted_path: Path
    first: Month
    until: Month
    customers: int
    rows: dict[str, int]


def make(
    folder: Path,
    *,
    customers: int = 600,
    months: int = 24,
    seed: int = 20,
    until: Month,
    progress: Callable[[str], None] | None = None,
) -> SampleCompany:
    """Write an invented company with planted facts into `folder`, replacing an earlier sample there.

    `until` is the newest month; the same arguments give the same files and rows. Needs at least 100 customers and
    3 months; facts that need more months than there are, are left out (PLANTED.md lists those that are in).
    UsageError where the folder holds a configuration that is not a sample's.
    """
    tell = progress or _quiet
    write.check_folder(folder)
    tell("inventing customers and their orders")
    all_of, mood = _happenings(customers, months, seed, until)
    tell("inventing tickets and answers")
    dust = soil.Bin()
    raw = _raw(all_of, mood, dust, seed)
    tell("writing databases and files")
    with write.room_beside(folder) as room:
        _write_sources(room, raw, all_of, seed)
        _write_words(room, raw, all_of, dust.found, seed)
        write.put_in_place(room, folder)
    return SampleCompany(
        folder=folder,
        settings_path=folder / "keping.toml",
        planted_path=folder / "planted.json",
        first=all_of.world.season.first,
        until=until,
        customers=customers,
        rows={
            "orders": len(raw.sales),
            "refunds": len(raw.refunds),
            "tickets": len(raw.cases),
            "surveys": sum(len(frame) for frame in raw.answers.values()),
            "customers": len(raw.crm),
        },
    )


def _quiet(message: str) -> None:
    """Say nothing."""


def _happenings(customers: int, months: int, seed: int, until: Month) -> tuple[Everything, Floats]:
    """What happened, before it was written down. Each part draws from its own stream: one may change without the others."""

    def stream(number: int) -> np.random.Generator:
        return np.random.default_rng([seed, number])

    bare = found(season(until, months), customers, stream(1))
    crowd_lines, mood = crowd(bare, stream(2))
    lines = scripted_lines(bare, crowd_lines, stream(3))
    book = ledger(lines, bare.season, customers)
    happy = promoters(bare, book, mood)
    world = with_ties(bare, book, happy, stream(4))
    orders = dressed(lines, world, stream(5))
    opened = cases(world, orders, mood, book, stream(6))
    satisfied = surveys.satisfaction(world, orders, opened.frame, mood, book, stream(7))
    recommended = surveys.recommendation(world, mood, book, happy, stream(8))
    return Everything(world, orders, book, opened, satisfied, recommended, happy), mood


def _raw(all_of: Everything, mood: Floats, dust: soil.Bin, seed: int) -> shapes.Raw:
    world = all_of.world
    rng = np.random.default_rng([seed, 20])
    effort = surveys.effort(world, all_of.cases.frame, mood, np.random.default_rng([seed, 9]))
    quality = surveys.service_quality(world, mood, all_of.book, np.random.default_rng([seed, 10]))
    answers = {
        **shapes.satisfaction_files(all_of.satisfaction, world),
        **shapes.recommendation_files(all_of.recommendation, world),
        **shapes.effort_books(effort, world),
        **shapes.service_quality_files(quality, world),
    }
    refunds = shapes.refunds(all_of.orders, world)
    return shapes.Raw(
        sales=soil.soil_sales(shapes.sales(all_of.orders, world), refunds, world, dust, rng),
        refunds=soil.soil_refunds(refunds, world.season, dust),
        cases=soil.soil_cases(shapes.help_desk(all_of.cases.frame, world), world.season, dust, rng),
        answers=soil.soil_answers(answers, world.season, dust),
        crm=soil.soil_crm(shapes.crm(world), dust),
    )


def _write_words(room: Path, raw: shapes.Raw, all_of: Everything, soiled: list[soil.Dirt], seed: int) -> None:
    """The configuration and what the sample tells about itself, into the room."""
    world = all_of.world
    held = sorted([*facts_of_customers(all_of), *facts_of_groups(all_of)], key=lambda fact: fact.name)
    texts = {
        "keping.toml": configuration(world.season),
        "README.txt": telling.readme(world, seed),
        "PLANTED.md": telling.planted_page(world, held, soiled),
        "planted.json": telling.planted_data(world, seed, held, soiled, books(all_of, raw, soiled)),
    }
    for name, text in texts.items():
        (room / name).write_text(text, encoding="utf-8", newline="\n")


def _write_sources(room: Path, raw: shapes.Raw, all_of: Everything, seed: int) -> None:
    """All databases and files into the room."""
    world = all_of.world
    write.write_database(room / "shop.db", {"sales": raw.sales, "paybacks": raw.refunds}, shapes.SHOP_COLUMNS)
    write.index_database(room / "shop.db", {"sales_by_time": ("sales", "placed_at"), "paybacks_by_time": ("paybacks", "paid_at")})
    write.write_database(room / "helpdesk.db", {"cases": raw.cases}, shapes.DESK_COLUMNS)
    write.index_database(room / "helpdesk.db", {"cases_by_time": ("cases", "created")})
    answers, office_room = room / "drops" / "surveys", room / "drops" / "crm"
    answers.mkdir(parents=True)
    office_room.mkdir()
    (room / "policies").mkdir()
    for name, frame in raw.answers.items():
        if name.endswith(".xlsx"):
            write.write_workbook(answers / name, frame, "answers")
        elif name.startswith("agency-"):
            write.write_csv(answers / name, frame, encoding="utf-8-sig", delimiter=";", line_end="\r\n")
        else:
            write.write_csv(answers / name, frame, encoding="gb18030" if name.startswith("branch-") else "utf-8")
    write.write_csv(office_room / "customers.csv", raw.crm)
    write.write_csv(office_room / "recipients.csv", office.recipients())
    write.write_csv(office_room / "fx.csv", shapes.treasury(world.season))
    write.write_csv(office_room / "costs.csv", office.costs(world.season, np.random.default_rng([seed, 11])))
    write.write_csv(office_room / "plans.csv", office.plans(world.season, all_of.book.net.sum(axis=0)))
