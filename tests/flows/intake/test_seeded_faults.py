"""Every seeded fault is found and no odd but sound row is touched: 60 kinds of bad row, and names that look like nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from expectations.findings import Severity
from flows.snapshots.store import read_snapshot
from tests.flows.intake.builders import pulled
from tests.flows.intake.test_books import drops
from transforms.tables.contract import TABLES

DAY = "2024-06-03 09:00"
SOUND: dict[str, dict[str, Any]] = {
    "orders": {"customer_id": "C1", "ordered_at": DAY, "amount": "60.00", "status": "completed", "refund_amount": "", "refunded_at": "",
               "cost": "", "discount": "", "currency": "CNY", "delivered_at": ""},
    "tickets": {"customer_id": "C1", "opened_at": DAY, "type": "complaint", "first_response_at": "", "resolved_at": "",
                "reopened_count": "", "transfers": "", "sla_due_at": "", "sla_met": "", "compensation": ""},
    "surveys": {"customer_id": "C1", "answered_at": DAY, "instrument": "csat", "item": "overall", "score": "4", "scale_min": "1",
                "scale_max": "5", "expectation": "", "importance": "", "sent_at": ""},
}  # fmt: skip
KEYS = {"orders": "order_id", "tickets": "ticket_id", "surveys": "response_id"}
NO_TIME = [
    *("2024-02-30 10:00", "31/04/2024", "yesterday", "2024-13-01 00:00"),
    *("0001-01-01", "9999-12-31 00:00", "1970-01-01 00:00", "2031-01-01 00:00"),
]
NO_MONEY = ["nan", "inf", "-inf", "1e400", "five", "12,5,6", "0x1F", "--1"]
BAD: dict[str, dict[str, list[str]]] = {
    "orders": {
        "ordered_at": [*NO_TIME, ""],
        "amount": [*NO_MONEY, ""],
        "status": ["shipped", "done?"],
        "refund_amount": ["-5", "nan", "lots"],
        "cost": ["nan", "much"],
        "discount": ["inf", "-1e400"],
        "delivered_at": ["2024-06-31"],
        "currency": ["EURO", "XAU", "¥"],
    },
    "tickets": {"opened_at": [*NO_TIME[:4], ""], "type": ["grievance"], "first_response_at": ["soon"], "resolved_at": ["2024-02-30"],
                "reopened_count": ["1.5", "two", "-1"], "transfers": ["x"], "sla_due_at": ["never"], "sla_met": ["perhaps"],
                "compensation": ["nan", "-3"]},
    "surveys": {"answered_at": [*NO_TIME[:3], ""], "score": ["0", "6", "five", "nan", "inf"], "scale_max": ["wide"],
                "expectation": ["9"], "importance": ["nan"], "sent_at": ["tomorrow"]},
}  # fmt: skip
NAMES = [
    *("NA", "Null", "None", "nan", "007", "True", "1e5", "-", "inf", "=SUM(A1)", "<b>x</b>", "Robert'); DROP TABLE x;--"),
    *("O’Brien", "李娜", "𠮷野", "Zoë  Müller", "٣", "محمد"),
]


def test_sixty_kinds_of_bad_cell_cost_their_row_or_their_value_and_odd_sound_rows_are_kept_as_they_are(tmp_path: Path) -> None:
    tables: dict[str, list[dict[str, Any]]] = {}
    wanted: dict[str, set[str]] = {}
    emptied: dict[str, dict[str, list[str]]] = {}
    kinds = 0
    for table, sound in SOUND.items():
        rows = [{KEYS[table]: f"good{number}", **sound, "customer_id": name} for number, name in enumerate(NAMES)]
        wanted[table], emptied[table] = set(), {}
        for column, values in BAD[table].items():
            for value in values:
                kinds += 1
                for _ in range(2):
                    rows.append({KEYS[table]: f"bad{len(rows)}", **sound, column: value})
                    if TABLES[table].costs_row(column):
                        wanted[table].add(f"{table}.csv:{len(rows) + 1}")
                    else:
                        emptied[table].setdefault(column, []).append(str(rows[-1][KEYS[table]]))
        tables[table] = rows
    tables["customers"] = [{"customer_id": name, "name": name} for name in [*NAMES, "C1"]]
    assert kinds >= 60
    result = pulled(drops(tmp_path, tables))
    found = {table: set(result.quarantine.loc[result.quarantine["table"] == table, "place"]) for table in wanted}
    none: dict[str, list[str]] = {table: [] for table in wanted}
    assert {table: sorted(wanted[table] - found[table]) for table in wanted} == none, "bad rows that went through"
    assert {table: sorted(found[table] - wanted[table]) for table in wanted} == none, "sound rows that were refused"
    for table in wanted:
        kept = read_snapshot(result.snapshots[table]["2024-06"])
        good = kept[kept[KEYS[table]].str.startswith("good")]
        assert sorted(good["customer_id"].dropna()) == sorted(NAMES), table
        for column, ids in emptied[table].items():
            assert kept.set_index(KEYS[table]).loc[ids, column].isna().all(), f"{table}.{column}"
            told = [found for found in result.findings if found.rule.startswith(f"{table}.{column}.") and "left empty" in found.message]
            assert sum(found.rows for found in told) == len(ids) and {found.severity for found in told} == {Severity.WARNING}
    people = read_snapshot(result.snapshots["customers"][""])
    assert dict(zip(people["customer_id"], people["name"], strict=True)) == {name: name for name in [*NAMES, "C1"]}
    refused = sum(map(len, wanted.values()))
    print(f"{kinds} kinds of bad cell, {refused} rows refused, the others emptied; {3 * len(NAMES)} odd rows, all kept")
