"""What a test needs, told by where it lies: each carries exactly one of the five marks.

unit        pure values: no database, no relay, no page laid out, no process of its own, no whole run
database    rows that are pulled, kept or locked: sources, snapshots, warehouse, archive
relay       mail: a relay that speaks SMTP, or the ledger of what was sent
pages       packs and letters as readers get them
whole       whole months, commands, schedules and processes

A folder's mark holds for everything below it, a file's own mark before its folder's, and a mark that stands on a test or
in a file's `pytestmark` before both. `soak` and `server` are told beside it.
"""

from __future__ import annotations

from pathlib import PurePosixPath

KINDS = ("unit", "database", "relay", "pages", "whole")

MARKS = {
    "bench": "whole",
    "docs": "unit",
    "docs/test_operations.py": "whole",
    "expectations": "unit",
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
