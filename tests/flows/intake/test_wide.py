"""Wide questionnaires: a column per question becomes a row per answer, in every kind of file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.flows.intake.builders import pulled, settings, write_csv, write_parquet, write_xlsx
from tests.flows.intake.ways import balance, cells, refusals
from transforms.errors import HeldError, UsageError

SOURCE = '[sources.s]\npath = "."\n'
WRITERS = {"csv": write_csv, "xlsx": write_xlsx, "parquet": write_parquet}
ROWS = [
    {"R": "r1", "Who": "C1", "When": "2024-06-03 10:00:00", "Q1": "9", "Q2": "good", "answers": '{"price": 4}', "Done": "True"},
    {"R": "r2", "Who": "C2", "When": "2024-06-04 10:00:00", "Q1": "", "Q2": "bad", "answers": "", "Done": "True"},
    {"R": "r3", "Who": "C3", "When": "2024-06-05 10:00:00", "Q1": "11", "Q2": "so-so", "answers": '{"delivery": 1}', "Done": "True"},
    {"R": "r4", "Who": "C4", "When": "2024-06-06 10:00:00", "Q1": "1", "Q2": "bad", "answers": "{}", "Done": "False"},
]


def block(form: str = "csv", q2: str = "Q2", more: str = "") -> str:
    return (
        f'[[tables.surveys]]\nsource = "s"\nfiles = "wide.{form}"\ntimezone = "Asia/Shanghai"\nunless = {{ Done = "False" }}\n'
        'columns = { response_id = "R", customer_id = "Who", answered_at = "When" }\n'
        f'map.score = {{ good = "5", bad = "1" }}\n{more}[tables.surveys.items]\n'
        'Q1 = { instrument = "nps", item = "recommend", scale_min = 0, scale_max = 10 }\n'
        f'{q2} = {{ instrument = "csat", item = "overall", scale_min = 1, scale_max = 5 }}\n'
        '"answers.price" = { instrument = "csat", item = "price", scale_min = 1, scale_max = 5 }\n'
    )


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_each_answer_is_a_row_and_a_blank_cell_is_none(form: str, tmp_path: Path) -> None:
    WRITERS[form](tmp_path / f"wide.{form}", ROWS)
    result = pulled(settings(tmp_path, block(form), sources=SOURCE))
    found: set[tuple[Any, ...]] = {(row["response_id"], row["customer_id"], row["item"], row["score"]) for row in cells(result, "surveys")}
    assert found == {("r1", "C1", "recommend", 9.0), ("r1", "C1", "overall", 5.0), ("r1", "C1", "price", 4.0), ("r2", "C2", "overall", 1.0)}
    assert refusals(result, "surveys") == [("surveys.score.range", "11"), ("surveys.score.type", "so-so")]
    assert balance(result, "surveys") == {"read": 6, "accepted": 4, "quarantined": 2, "duplicates": 0}


def test_a_file_without_a_question_is_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "wide.csv", ROWS)
    with pytest.raises(HeldError, match=r"no column 'Q7', which tables.surveys\[1\].items names"):
        pulled(settings(tmp_path, block(q2="Q7"), sources=SOURCE))


def test_what_items_say_is_said_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'instrument' is what items say"):
        settings(tmp_path, block(more='constants = { instrument = "csat" }\n'), sources=SOURCE)
