"""What the sample tells about itself: README.txt, PLANTED.md, planted.json."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from flows.sample.books import MonthBooks
from flows.sample.company import NAME, TIMEZONE, World
from flows.sample.dirt import Dirt
from flows.sample.planted import Fact
from flows.sample.write import SIGN


def readme(world: World, seed: int) -> str:
    """README.txt; its first line marks the folder as a sample's."""
    season = world.season
    return f"""{SIGN}

{NAME}: {len(world.customers)} customers, {season.months} months from {season.first} to {season.until}, seed {seed}.
Every person, company, order, ticket and answer here was drawn by a random number generator.
Likeness to anybody real is chance. example.com receives no mail.

shop.db        sales, their items, offers, paybacks (UTC)   helpdesk.db    cases and messages (Shanghai time)
drops/surveys  survey files of several kinds                drops/crm      customers, recipients, rates, costs, targets
drops/office   diary, mailings, campaigns, registers        policies       empty: the built-in grades apply
keping.toml    the configuration                 PLANTED.md     what is hidden in the data, and where it should show
"""


def planted_data(world: World, seed: int, facts: list[Fact], soiled: list[Dirt], books: dict[str, MonthBooks]) -> str:
    """planted.json: facts, dirt and the sample's own books."""
    season = world.season
    held: dict[str, Any] = {
        "company": NAME,
        "timezone": TIMEZONE,
        "currency": "CNY",
        "first": str(season.first),
        "until": str(season.until),
        "months": season.months,
        "customers": len(world.customers),
        "seed": seed,
        "facts": [asdict(fact) for fact in facts],
        "dirt": [{**asdict(item), "rows": item.rows} for item in soiled if item.rows],
        "books": books,
    }
    return json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


def planted_page(world: World, facts: list[Fact], soiled: list[Dirt]) -> str:
    """PLANTED.md: the same for people."""
    season = world.season
    lines = [
        f"# What is planted in {NAME}",
        "",
        f"All invented. {len(world.customers)} customers, {season.first} to {season.until}. `planted.json` holds the same as data,",
        "with the true orders, money, tickets and answers of each month. Scores are a rough reckoning, made to aim the facts.",
        "",
        "## Facts",
    ]
    for fact in facts:
        lines += ["", f"### {fact.title}", "", f"`{fact.name}`, {fact.month}. {fact.what}", ""]
        if fact.customers:
            lines.append(f"- customers: {', '.join(fact.customers)}")
        lines.append(f"- should show in: {fact.where}")
        lines += [f"- {name}: {_words_of(value)}" for name, value in fact.figures.items()]
    lines += ["", "## Dirt", "", "| table | where | what | month | rows | should be | examples |", "|---|---|---|---|---|---|---|"]
    for item in _gather(soiled):
        keys = ", ".join(item.keys[:4]) + (", ..." if item.rows > 4 else "")
        lines.append(f"| {item.table} | {item.place} | {item.kind} | {item.month} | {item.rows} | {item.fate} | {keys} |")
    return "\n".join(lines) + "\n"


def _gather(soiled: list[Dirt]) -> list[Dirt]:
    """Dirt that comes in every month is told in one line."""
    told: list[Dirt] = []
    everywhere: dict[tuple[str, str, str, str], list[Dirt]] = {}
    for item in soiled:
        if item.fate == "unattributed":
            everywhere.setdefault((item.table, item.place, item.kind, item.fate), []).append(item)
        elif item.rows:
            told.append(item)
    for (table, place, kind, fate), items in everywhere.items():
        told.append(Dirt(table, place, kind, "every", tuple(key for item in items for key in item.keys), fate))
    return told


def _words_of(value: object) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
