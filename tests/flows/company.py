"""A small company in CSV files, for runs that take a second: 40 customers, six months, orders, tickets, surveys, readers."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flows.settings import Settings, load

CONFIG = """
[company]
name = "Small Company"
timezone = "Asia/Shanghai"
currency = "CNY"
locales = {locales}

[warehouse]
url = "{warehouse}"

[archive]
path = "archive"

[sources.files]
path = "data"

[[tables.orders]]
source = "files"
files = "orders.csv"
timezone = "Asia/Shanghai"

[[tables.tickets]]
source = "files"
files = "tickets.csv"
timezone = "Asia/Shanghai"

[[tables.surveys]]
source = "files"
files = "surveys.csv"
timezone = "Asia/Shanghai"

[[tables.customers]]
source = "files"
files = "customers.csv"

[[tables.recipients]]
source = "files"
files = "recipients.csv"
"""
FIRST, LAST = datetime(2026, 1, 1), datetime(2026, 7, 1)
REVIEWED = "2026-06"


@dataclass
class Small:
    """The company's folder; its files may be changed between runs."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "keping.toml"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def settings(self) -> Settings:
        return load(self.config, {})

    def rows(self, name: str) -> list[list[str]]:
        with (self.data / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def write(self, name: str, rows: Iterable[Sequence[object]]) -> None:
        with (self.data / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)

    def append(self, name: str, *rows: Sequence[object]) -> None:
        self.write(name, [*self.rows(name), *rows])


def small_company(
    folder: Path, *, locales: str = '["en"]', warehouse: str = "sqlite:///keping.db", seed: int = 1, customers: int = 40
) -> Small:
    """Make the company in `folder`; the same arguments give the same files."""
    chance = random.Random(seed)
    company = Small(folder)
    company.data.mkdir(parents=True)
    company.config.write_text(CONFIG.format(locales=locales, warehouse=warehouse), encoding="utf-8")
    names = [f"C{number:03d}" for number in range(customers)]
    company.write("customers", [["customer_id", "name", "region"], *([name, f"Customer {name}", "North"] for name in names)])
    orders: list[list[object]] = [["order_id", "customer_id", "ordered_at", "amount", "refund_amount", "refunded_at"]]
    tickets: list[list[object]] = [["ticket_id", "customer_id", "opened_at", "type", "first_response_at", "resolved_at"]]
    surveys: list[list[object]] = [["response_id", "customer_id", "answered_at", "instrument", "item", "score", "scale_min", "scale_max"]]
    span = int((LAST - FIRST).total_seconds())
    for number, name in enumerate(names):
        for _ in range(2 + number % 7):
            at = FIRST + timedelta(seconds=chance.randrange(span))
            back = number % 9 == 0
            orders.append(
                [
                    f"O{len(orders):05d}",
                    name,
                    at.isoformat(" "),
                    f"{chance.randrange(2_000, 90_000) / 100:.2f}",
                    "10.00" if back else "",
                    (at + timedelta(days=5)).isoformat(" ") if back else "",
                ]
            )
        for _ in range(number % 3):
            at = FIRST + timedelta(seconds=chance.randrange(span))
            kind = chance.choice(["complaint", "enquiry"])
            tickets.append(
                [
                    f"T{len(tickets):05d}",
                    name,
                    at.isoformat(" "),
                    kind,
                    (at + timedelta(hours=3)).isoformat(" "),
                    (at + timedelta(hours=chance.randrange(5, 200))).isoformat(" "),
                ]
            )
        for _ in range(3):
            at = FIRST + timedelta(seconds=chance.randrange(span))
            surveys.append([f"S{len(surveys):05d}", name, at.isoformat(" "), "csat", "overall", chance.randrange(2, 6), 1, 5])
            surveys.append([f"N{len(surveys):05d}", name, at.isoformat(" "), "nps", "recommend", chance.randrange(4, 11), 0, 10])
    company.write("orders", orders)
    company.write("tickets", tickets)
    company.write("surveys", surveys)
    company.write(
        "recipients",
        [["email", "name", "locale", "tiers"], ["an@example.com", "An", "en", "a|company"], ["bo@example.com", "Bo", "en", "*"]],
    )
    return company
