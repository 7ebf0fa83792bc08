"""The smallest company that goes through everything: twelve customers, three orders a month or so, one pack, one language.

Runs of it take about a second, so that a test can afford many; children are forked from a server that has everything imported.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from tests.flows.company import Small
from tests.flows.quick_packs import is_quick, quickly
from transforms.month import Month

CONFIG = """
[company]
name = "Tiny Company"
timezone = "Asia/Shanghai"
currency = "CNY"
locales = ["en"]

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

[[tables.recipients]]
source = "files"
files = "recipients.csv"
"""

SMTP = """
[delivery]
transport = "smtp"
sender = "reviews@example.com"
[delivery.smtp]
host = "localhost"
port = {port}
security = "none"
pause_seconds = 0.0
"""
"""Mail to a relay of the test; what it does not take now is tried again at once."""

HEAD = ["order_id", "customer_id", "ordered_at", "amount"]


def tiny_company(
    folder: Path,
    first: Month,
    last: Month,
    *,
    customers: int = 12,
    readers: int = 1,
    warehouse: str = "sqlite:///keping.db",
    delivery: str = "",
) -> Small:
    """Make the company in `folder`, with orders in every month from `first` to `last`; `readers` get the company's pack."""
    company = Small(folder)
    company.data.mkdir(parents=True)
    company.config.write_text(CONFIG.format(warehouse=warehouse) + delivery, encoding="utf-8")
    orders: list[list[str]] = [HEAD]
    for index in range(first.index, last.index + 1):
        month = Month.from_index(index)
        for number in range(customers):
            if (index + number) % 3 == 0:
                day, amount = 2 + (5 * number + index) % 26, 40 + 10 * number + index % 7
                orders.append([f"O{month}-{number:02d}", f"C{number:02d}", f"{month}-{day:02d} 10:00:00", f"{amount}.00"])
    company.write("orders", orders)
    people = [[f"p{number:02d}@example.com", f"P {number}", "en", "company"] for number in range(readers)]
    company.write("recipients", [["email", "name", "locale", "tiers"], *people])
    return company


def copied(company: Small, to: Path) -> Small:
    """The company in another folder, where its warehouse has moved on purpose."""
    from flows.warehouse.whereabouts import record_move

    copy = Small(Path(shutil.copytree(company.folder, to)))
    record_move(copy.settings(), "a copy to try things on")
    return copy


@cache
def forks() -> multiprocessing.context.ForkServerContext:
    """Processes that have everything imported when they begin."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.flows.warmed"])
    return context


def begun(work: Callable[..., Any], *arguments: Any) -> BaseProcess:
    """Start a piece of work in a process of its own, which prints packs as this one does."""
    process = forks().Process(target=_carried_out, args=(is_quick(), work, arguments))
    process.start()
    return process


def _carried_out(quick: bool, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    with quickly() if quick else nullcontext():
        work(*arguments)


def ended(work: Callable[..., Any], *arguments: Any, seconds: float = 400) -> int | None:
    """Carry it out in a process of its own; its exit code, -9 where it was killed."""
    process = begun(work, *arguments)
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join(10)
        raise AssertionError(f"{work} did not end within {seconds:g} s")
    return process.exitcode


def in_environment(values: Mapping[str, str]) -> None:
    """In a child: the clock and whatever else stands in the environment."""
    os.environ.update(values)


def command(arguments: list[str], said: str, environment: Mapping[str, str]) -> None:
    """In a child: one `keping` command; what it says goes to `<said>.out` and `<said>.err`, its exit code is the child's."""
    in_environment(environment)
    for number, ending in ((1, "out"), (2, "err")):
        handle = os.open(f"{said}.{ending}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(handle, number)
    sys.stdout, sys.stderr = os.fdopen(1, "w", encoding="utf-8"), os.fdopen(2, "w", encoding="utf-8")
    sys.argv = ["keping", *arguments]
    from flows.cli import main

    try:
        main()
    except SystemExit as leaving:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(leaving.code or 0))


def keping(company: Small, *arguments: str, clock: str, said: Path) -> tuple[int, str, str]:
    """A command as a person gives it, in a process of its own: exit code, what it printed, what it complained of."""
    code = ended(command, [*arguments, "--config", str(company.config)], str(said), {"KEPING_CLOCK": clock})
    assert code is not None
    return code, Path(f"{said}.out").read_text(encoding="utf-8"), Path(f"{said}.err").read_text(encoding="utf-8")


def published_in_time(company: Small, wanted: Sequence[Month], tiers: Mapping[Month, tuple[str, ...]] = MappingProxyType({})) -> None:
    """Review each month on the second day after it, from the orders there were by then; all orders are there afterwards."""
    from flows.review.request import RunRequest
    from flows.review.run import run_month

    head, *orders = company.rows("orders")
    patch = pytest.MonkeyPatch()
    for month in wanted:
        company.write("orders", [head, *(row for row in orders if row[2] < str(month + 1))])
        patch.setenv("KEPING_CLOCK", f"{month + 1}-02T03:00:00+00:00")
        outcome = run_month(company.settings(), RunRequest(month, tiers=tiers.get(month, ("company",))))
        assert outcome.exit_code == 0, outcome.lines()
    patch.undo()
    company.write("orders", [head, *orders])
