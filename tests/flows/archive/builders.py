"""A company's configuration, a staged month, and children that are killed where a test says."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.archive.manifest import Manifest
from flows.archive.publishing import publish, recover
from flows.archive.revisions import Archive, Staging
from flows.settings import Settings, load
from flows.warehouse.records import Pack, Publication
from flows.warehouse.store import Warehouse
from tests.flows.warehouse.builders import KNOWN_AT, MAY, keep, review
from transforms.month import Month
from transforms.policy.rules import builtin

PDF = b"%PDF-1.7 a pack that stands for a pack\n%%EOF\n"


def configuration(
    folder: Path, url: str, *, company: str = "Hanlin Trading", environment: str = "test", sender: str = "reviews@example.com"
) -> Settings:
    """A complete configuration in `folder`, with this warehouse."""
    file = folder / "keping.toml"
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f"""
[company]
name = "{company}"
timezone = "Asia/Shanghai"
currency = "CNY"
locales = ["en", "zh_CN"]
[warehouse]
url = "{url}"
[archive]
path = "archive"
[sources.drops]
path = "drops"
[[tables.orders]]
source = "drops"
files = "orders.csv"
timezone = "UTC"
[delivery]
sender = "{sender}"
environment = "{environment}"
""",
        encoding="utf-8",
    )
    return load(file, {})


def opened(settings: Settings) -> Warehouse:
    return Warehouse.open(settings.warehouse_url, settings.company.name, settings.delivery.environment)


FILES = {
    "tier-a.en.pdf": PDF + b"a en",
    "tier-a.zh_CN.pdf": PDF + b"a zh",
    "tier-b.en.pdf": PDF + b"b en",
    "company.en.pdf": PDF + b"company en",
    "figures.csv": b"figure_id\n",
    "quarantine/orders.csv": b"row\n",
}


def staged(archive: Archive, revision: int = 0, *, month: Month = MAY, key: str = "key", files: dict[str, bytes] | None = None) -> Staging:
    staging = archive.stage(month, revision, key)
    for name, data in (files or FILES).items():
        if not staging.has(name):
            staging.put(name, data)
    return staging


def manifest(
    review_id: int,
    run_id: str,
    revision: int = 0,
    *,
    month: Month = MAY,
    reason: str = "first publication",
    digest: str = "i" * 64,
    files: dict[str, bytes] | None = None,
) -> Manifest:
    packs = [name.split(".") for name in files or FILES if name.endswith(".pdf")]
    return Manifest(
        month=month,
        revision=revision,
        company="Hanlin Trading",
        reason=reason,
        known_at=KNOWN_AT,
        run_id=run_id,
        review_id=review_id,
        code_version="0.1.0",
        policy_version=builtin().version,
        policy_digest=builtin().digest,
        input_digest=digest,
        inputs={"snapshots": {"2026-05": {"orders": "d" * 64}}},
        packs=tuple(Pack(month, revision, pack, locale, f"{pack}.{locale}.pdf", "", 0) for pack, locale, _ in packs),
    )


def published(
    settings: Settings,
    *,
    month: Month = MAY,
    digest: str = "i" * 64,
    reason: str = "first publication",
    files: dict[str, bytes] | None = None,
    at: Callable[[str], None] = lambda step: None,
) -> Publication:
    """What a run does from its kept review on: recover, and publish if the input is new; the same call again completes it."""
    archive = Archive(settings.archive_path)
    with opened(settings) as warehouse:
        recover(warehouse, archive, month)
        known = warehouse.publication(month)
        if known is not None and known.input_digest == digest:
            return known
        revision = 0 if known is None else known.revision + 1
        run = warehouse.begin_run("review", month)
        review_id = keep(warehouse, review(month), run, revision=revision, digest=digest)
        at("kept")
        staging = staged(archive, revision, month=month, key=digest, files=files)
        at("staged")
        sealed = manifest(review_id, run.run_id, revision, month=month, reason=reason, digest=digest, files=files)
        return publish(warehouse, archive, staging, sealed, at=at)


@dataclass
class KillAt:
    """A hook that kills its process, as `kill -9` does, at the n-th time a step is told."""

    step: str
    time: int = 1

    def __call__(self, step: str) -> None:
        if step == self.step:
            self.time -= 1
            if self.time == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def in_child(work: Callable[..., Any], *arguments: Any) -> int | None:
    """Run in a process of its own; returns its exit code, -9 if it was killed."""
    child = multiprocessing.get_context("fork").Process(target=work, args=arguments)
    child.start()
    child.join(60)
    return child.exitcode
