"""`keping demo`: an invented company, made and reviewed."""

from __future__ import annotations

from pathlib import Path

from flows.machine import clock
from flows.machine.progress import Progress
from flows.review.outcome import RunOutcome
from flows.review.request import RunRequest, month_to_review
from flows.review.run import run_month
from flows.settings import load
from transforms.month import Month


def make_demo(folder: Path, *, customers: int, months: int, seed: int, until: str | None, tell: Progress) -> RunOutcome:
    """Make the sample company in `folder`, review its newest month, and mail it into the folder's outbox."""
    from flows.sample import SAMPLE_TIMEZONE, make

    newest = Month.parse(until) if until else Month.last_complete(clock.now(), SAMPLE_TIMEZONE)
    tell(f"making the sample company: {customers} customers, {months} months up to {newest}")
    make(folder, customers=customers, months=months, seed=seed, until=newest)
    settings = load(folder / "keping.toml")
    month = month_to_review(str(newest), clock.now(), settings)
    return run_month(settings, RunRequest(month, send=True), tell=tell)
