"""What came of a backfill, for people, for programs and for the Prefect page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from expectations.findings import Finding
from flows.backfills.comparison import MonthComparison
from flows.delivery.report import unread_lines
from flows.review.held import held_lines
from transforms.errors import Exit, HeldError, UndeliveredError
from transforms.month import Month

AGAIN = "Mend the source, then run the same command again."


class MonthEnding(StrEnum):
    """What a backfill did with a month."""

    UNCHANGED = "unchanged"
    DIFFERS = "differs"
    PUBLISHED = "published"


@dataclass(frozen=True)
class MonthDone:
    """One month of a backfill: what differs, and the revision that tells it if it was promoted."""

    comparison: MonthComparison
    ending: MonthEnding
    revision: int | None = None
    before: bool = False
    """Whether an earlier run of the same backfill had published it already."""
    deliveries: Mapping[str, int] = field(default_factory=dict)
    undelivered: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    """Packs that nobody on the list of recipients is to get."""

    @property
    def month(self) -> Month:
        return self.comparison.month

    def line(self) -> str:
        words = self.comparison.told
        if self.ending is MonthEnding.PUBLISHED:
            words += f"; published as r{self.revision}" + " before" * self.before
        elif self.ending is MonthEnding.UNCHANGED and self.revision is not None:
            words += f" against r{self.revision}"
        if self.deliveries:
            words += "; mail: " + ", ".join(f"{count} {state}" for state, count in sorted(self.deliveries.items()))
        return words


@dataclass(frozen=True)
class BackfillOutcome:
    """A backfill in the words of its ledger."""

    first: Month
    last: Month
    run_id: str
    reason: str
    promoted: bool
    months: tuple[MonthDone, ...] = ()
    folder: Path | None = None
    page: Path | None = None
    held: tuple[Finding, ...] = ()
    refused: Path | None = None
    """Where the rows lie that were refused, if the sources hold the backfill."""
    rows_read: int = 0
    reused: int = 0
    """Months that an earlier run had staged already."""

    @property
    def word(self) -> str:
        if self.held:
            return "held"
        return "published" if any(done.ending is MonthEnding.PUBLISHED for done in self.months) else "staged"

    @property
    def exit_code(self) -> Exit:
        if self.held:
            return Exit.HELD
        return Exit.UNDELIVERED if any(done.undelivered for done in self.months) else Exit.DONE

    @property
    def differing(self) -> list[MonthDone]:
        return [done for done in self.months if done.ending is not MonthEnding.UNCHANGED]

    def raise_if_bad(self) -> None:
        """Turn a held backfill or an unaccepted delivery into its error, so that a scheduler sees it fail."""
        if self.exit_code is Exit.HELD:
            raise HeldError("\n".join(self.lines()))
        if self.exit_code is Exit.UNDELIVERED:
            raise UndeliveredError("\n".join(self.undelivered_lines()))

    def lines(self) -> list[str]:
        """The outcome in lines for a person."""
        span = f"backfill {self.first} to {self.last}"
        if self.held:
            return held_lines(span, self.held, self.last, again=AGAIN, refused=self.refused)
        months, before = len(self.months), sum(done.before for done in self.months)
        count = len(self.differing) - before
        if not count and before:
            head = f"{span}: no change since {before} of {months} month(s) were published anew; nothing published now."
        elif not count:
            head = f"{span}: no change in {months} month(s); nothing published, nothing mailed."
        elif self.promoted:
            head = f"{span}: {count} of {months} month(s) published anew ({self.reason})."
        else:
            head = f"{span}: {count} of {months} month(s) would change. Nothing was published or mailed."
        lines = [head, *(f"  {done.line()}" for done in self.months)]
        lines += [f"  not accepted: {line}" for done in self.months for line in done.undelivered[:3]]
        lines += [f"  {done.month}: {line}" for done in self.months for line in unread_lines(done.unread)]
        if self.page is not None:
            lines.append(f"compared: {self.page}")
        if count and not self.promoted:
            lines.append("The same command with --promote publishes the months that differ.")
        return lines

    def undelivered_lines(self) -> list[str]:
        """What is published and not accepted, in at most ten lines."""
        open_ = [(done.month, line) for done in self.months for line in done.undelivered]
        lines = [f"backfill {self.first} to {self.last}: published, but {len(open_)} deliveries are not accepted."]
        lines += [f"- {month}: {line}" for month, line in open_[:6]]
        lines += [f"- and {len(open_) - 6} more: keping deliveries"] if len(open_) > 6 else []
        return [*lines, "What is deferred or waiting is tried again by: keping deliver --month YYYY-MM"]

    def as_dict(self) -> dict[str, Any]:
        """The outcome for programs."""
        return {
            "first": str(self.first),
            "last": str(self.last),
            "ending": self.word,
            "exit_code": int(self.exit_code),
            "run_id": self.run_id,
            "reason": self.reason,
            "promoted": self.promoted,
            "folder": str(self.folder) if self.folder else None,
            "page": str(self.page) if self.page else None,
            "rows_read": self.rows_read,
            "months_staged_before": self.reused,
            "held": [finding.message for finding in self.held],
            "months": [
                {
                    "month": str(done.month),
                    "ending": done.ending.value,
                    "revision": done.revision,
                    "published_before": done.before,
                    "figures_differ": done.comparison.figures,
                    "grades_differ": done.comparison.grades,
                    "customers_differ": done.comparison.customers,
                    "deliveries": dict(done.deliveries),
                    "undelivered": list(done.undelivered),
                }
                for done in self.months
            ],
        }

    def as_markdown(self) -> str:
        """The outcome as the Prefect page shows it."""
        page = self.page.read_text(encoding="utf-8") if self.page is not None else ""
        return "\n".join([f"**{self.lines()[0]}**", "", page])
