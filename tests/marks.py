"""What a test needs, told by where it lies: each carries exactly one of the five marks.

unit        pure values: no database, no relay, no page laid out, no process of its own, no whole run
database    rows that are pulled, judged, kept or locked: sources, rules of tables, snapshots, warehouse, archive
relay       mail: a relay that speaks SMTP, or the ledger of what was sent
pages       packs and letters as readers get them
whole       whole months, commands, schedules and processes

A folder's mark holds for everything below it, a file's own mark before its folder's, and a mark that stands on a test or
in a file's `pytestmark` before both. `simulated`, `soak` and `server` are told beside it.

`python -m tests.marks unit` prints the files that hold tests of one mark, so that pytest need not collect all others: `make test-unit`.
"""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath

TESTS = Path(__file__).parent

KINDS = ("unit", "database", "relay", "pages", "whole")

MARKS = {
    "bench": "whole",
    "docs": "unit",
    "docs/test_operations.py": "whole",
    "expectations": "unit",
    "expectations/test_engine.py": "database",
    "flows/archive": "database",
    "flows/backfills": "whole",
    "flows/cli": "whole",
    "flows/delivery": "relay",
    "flows/delivery/test_gate_matrix.py": "whole",
    "flows/delivery/test_mail_month.py": "whole",
    "flows/delivery/test_merged_records.py": "whole",
    "flows/delivery/test_recipients.py": "unit",
    "flows/delivery/test_scopes.py": "whole",
    "flows/delivery/test_trial.py": "whole",
    "flows/erasure": "whole",
    "flows/facts": "database",
    "flows/first_day": "database",
    "flows/intake": "database",
    "flows/intake/test_bounded_queries.py": "whole",
    "flows/lookup": "whole",
    "flows/machine": "database",
    "flows/machine/test_redact.py": "unit",
    "flows/policies": "database",
    "flows/review": "whole",
    "flows/scheduling": "whole",
    "flows/snapshots": "database",
    "flows/sources": "database",
    "flows/test_any_order.py": "whole",
    "flows/test_settings.py": "unit",
    "flows/test_parameters.py": "unit",
    "flows/upkeep": "whole",
    "flows/upkeep/test_manual.py": "unit",
    "flows/upkeep/test_rooms.py": "unit",
    "flows/warehouse": "database",
    "real": "whole",
    "reports": "pages",
    "reports/charts": "unit",
    "reports/mail/test_notice.py": "unit",
    "reports/test_evidence.py": "unit",
    "reports/test_formats.py": "unit",
    "reports/test_glyphs.py": "unit",
    "reports/test_why.py": "unit",
    "reports/test_words.py": "unit",
    "sample": "whole",
    "security": "whole",
    "test_marks.py": "unit",
    "transforms": "unit",
}


def mark_of(path: str) -> str | None:
    """The mark of a test file, by its path below tests/: its own, else that of the nearest folder; None where there is none."""
    place = PurePosixPath(path)
    return next((MARKS[str(one)] for one in (place, *place.parents) if str(one) in MARKS), None)


def files_of(kind: str) -> list[str]:
    """The test files, by their paths below tests/, that hold tests of that mark, or may: by their place, or as a mark of their own."""
    found = sorted(TESTS.rglob("test_*.py"))
    own = f"mark.{kind}"
    named = [(path, path.relative_to(TESTS).as_posix()) for path in found]
    return [name for path, name in named if mark_of(name) == kind or own in path.read_text(encoding="utf-8")]


if __name__ == "__main__":
    kinds = sys.argv[1:] or KINDS
    if not set(kinds) <= set(KINDS):
        raise SystemExit(f"a mark is one of {', '.join(KINDS)}")
    print(*(f"tests/{name}" for kind in kinds for name in files_of(kind)))
