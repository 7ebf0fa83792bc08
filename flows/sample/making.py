"""Make the sample company: invent, plant, soil, write, and put in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from flows.sample import campaigns, office, registers, relations, shapes, surveys, telling, write
from flows.sample import dirt as soil
from flows.sample import dirt_of_relations as soil_beside
from flows.sample import shapes_of_relations as beside
from flows.sample.books import books
from flows.sample.company import World, invent_company
from flows.sample.config import configuration
from flows.sample.facts_of_customers import facts_of_customers
from flows.sample.facts_of_groups import facts_of_groups
from flows.sample.facts_of_relations import facts_of_relations
from flows.sample.lines import order_lines
from flows.sample.names import AWKWARD
from flows.sample.orders import crowd, order_table
from flows.sample.planted import Everything, promoters, with_ties
from flows.sample.scripts import scripted_lines
from flows.sample.seasons import Floats, season
from flows.sample.standing import OrderMonths, ledger
from flows.sample.tickets import Cases, cases, steady_b
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
            "order_lines": len(raw.beside["sale_items"]),
            "refunds": len(raw.refunds),
            "tickets": len(raw.cases),
            "surveys": sum(len(frame) for frame in raw.answers.values()),
            "customers": len(raw.crm),
            "quotes": len(raw.beside["offers"]),
            "contacts": sum(len(raw.beside[name]) for name in ("messages", "diary", "mailings")),
            "campaigns": len(raw.beside["campaigns"]),
            "registers": sum(len(raw.beside[name]) for name in ("strategies", "log", "manual", "holidays")),
        },
    )


def _quiet(message: str) -> None:
    """Say nothing."""


def _happenings(customers: int, months: int, seed: int, until: Month) -> tuple[Everything, Floats]:
    """What happened, before it was written down. Each part draws from its own stream: one may change without the others."""

    def stream(number: int) -> np.random.Generator:
        return np.random.default_rng([seed, number])

    bare = invent_company(season(until, months), customers, stream(1))
    crowd_lines, mood = crowd(bare, stream(2))
    lines = scripted_lines(bare, crowd_lines, stream(3))
    book = ledger(lines, bare.season, customers)
    happy = promoters(bare, book, mood)
    taken = np.concatenate([happy, steady_b(book), np.flatnonzero(bare.customers["name"].isin(AWKWARD).to_numpy())])
    world = registers.staff(with_ties(bare, book, happy, stream(4)), book, taken, stream(30))
    orders = order_table(lines, world, stream(5))
    opened = cases(world, orders, mood, book, stream(6))
    satisfied = surveys.satisfaction(world, orders, opened.frame, mood, book, stream(7))
    recommended = surveys.recommendation(world, mood, book, happy, stream(8))
    related, kept = _beside(world, orders, book, opened, stream)
    lines = order_lines(orders, world, stream(31))
    costs = office.costs(world.season, stream(11))
    return Everything(world, orders, book, opened, satisfied, recommended, happy, lines, related, kept, costs), mood


def _beside(
    world: World, orders: pd.DataFrame, book: OrderMonths, opened: Cases, stream: Callable[[int], np.random.Generator]
) -> tuple[relations.Relation, registers.Registers]:
    """What stands beside orders, tickets and answers; drawn from streams of its own, so that those stay as they were."""
    desk = relations.desk_messages(opened.frame, world, stream(32))
    diary, neglected = relations.diary(world, book, opened.frame, stream(33))
    letters, opted_out = relations.mailings(world, book, campaigns.mailing_codes(world.season), neglected, stream(34))
    asked = relations.quotes(world, book, orders, pd.concat([desk, diary], ignore_index=True), stream(35))
    log, promised, adopted = registers.office_log(world, book, opened, stream(36))
    by_hand, graded = registers.manual(world, book)
    kept = registers.Registers(
        strategies=registers.strategies(world.season),
        log=log,
        manual=by_hand,
        holidays=registers.holidays(world.season),
        campaigns=campaigns.campaigns(world.season),
        graded_by_hand=graded,
        promised=promised,
        adopted=adopted,
    )
    return relations.Relation(desk, diary, letters, asked, neglected, opted_out), kept


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
    refunds, sales = shapes.refunds(all_of.orders, world), shapes.sales(all_of.orders, world)
    return shapes.Raw(
        sales=soil.soil_sales(sales, refunds, world, dust, rng),
        refunds=soil.soil_refunds(refunds, world.season, dust),
        cases=soil.soil_cases(shapes.help_desk(all_of.cases.frame, world), world.season, dust, rng),
        answers=soil.soil_answers(answers, world.season, dust),
        crm=soil.soil_crm(shapes.crm(world), dust),
        beside=_raw_beside(all_of, sales, dust, np.random.default_rng([seed, 21])),
    )


def _raw_beside(all_of: Everything, sales: pd.DataFrame, dust: soil.Bin, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """The tables and files beside orders, tickets and answers as they are written, by name."""
    world, relation, kept, season = all_of.world, all_of.relation, all_of.registers, all_of.world.season
    return {
        "sale_items": soil_beside.soil_items(beside.sale_items(all_of.lines, all_of.orders), sales, season, dust, rng),
        "articles": beside.shop_articles(),
        "offers": soil_beside.soil_offers(beside.offers(relation.quotes, world), season, dust),
        "messages": soil_beside.soil_messages(beside.messages(relation.desk, world), season, dust),
        "diary": soil_beside.soil_diary(beside.diary_file(relation.diary, world), season, dust),
        "mailings": beside.mailing_file(relation.mailings, world),
        "strategies": kept.strategies,
        "log": soil_beside.soil_log(kept.log, dust),
        "manual": kept.manual,
        "holidays": kept.holidays,
        "campaigns": soil_beside.soil_campaigns(kept.campaigns, dust),
    }


def _write_words(room: Path, raw: shapes.Raw, all_of: Everything, soiled: list[soil.Dirt], seed: int) -> None:
    """The configuration and what the sample tells about itself, into the room."""
    world = all_of.world
    held = sorted([*facts_of_customers(all_of), *facts_of_groups(all_of), *facts_of_relations(all_of)], key=lambda fact: fact.name)
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
    shop = {"sales": raw.sales, "paybacks": raw.refunds, **{name: raw.beside[name] for name in ("sale_items", "articles", "offers")}}
    write.write_database(room / "shop.db", shop, {**shapes.SHOP_COLUMNS, **beside.ITEM_COLUMNS, **beside.OFFER_COLUMNS})
    by_time = {
        "sales_by_time": ("sales", "placed_at"),
        "paybacks_by_time": ("paybacks", "paid_at"),
        "offers_by_time": ("offers", "made_at"),
    }
    write.index_database(room / "shop.db", by_time)
    write.write_database(room / "helpdesk.db", {"cases": raw.cases, "messages": raw.beside["messages"]}, shapes.DESK_COLUMNS)
    write.index_database(room / "helpdesk.db", {"cases_by_time": ("cases", "created"), "messages_by_time": ("messages", "sent")})
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
    write.write_csv(office_room / "costs.csv", all_of.costs)
    write.write_csv(office_room / "plans.csv", office.plans(world.season, all_of.book.net.sum(axis=0)))
    kept = room / "drops" / "office"
    kept.mkdir()
    for name in ("diary", "mailings", "log", "manual", "holidays"):
        write.write_csv(kept / f"{name}.csv", raw.beside[name], encoding="gb18030" if name == "manual" else "utf-8")
    for name in ("strategies", "campaigns"):
        write.write_workbook(kept / f"{name}.xlsx", raw.beside[name], name)
