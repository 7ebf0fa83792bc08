"""The table of marks names what is there, and a unit test that does more is stopped."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest
from weasyprint import HTML

from tests.marks import KINDS, MARKS, files_of, mark_of
from tests.places import CHECKOUT


def test_every_line_of_the_table_names_a_folder_or_file_and_one_of_the_five_marks():
    assert [place for place in MARKS if not (CHECKOUT / "tests" / place).exists()] == []
    assert set(MARKS.values()) == set(KINDS)


def test_every_test_file_has_exactly_one_mark():
    files = [path.relative_to(CHECKOUT / "tests").as_posix() for path in (CHECKOUT / "tests").rglob("test_*.py")]
    assert [name for name in files if mark_of(name) is None] == []
    assert mark_of("flows/delivery/test_recipients.py") == "unit"
    assert mark_of("flows/delivery/test_smtp.py") == "relay"
    assert mark_of("elsewhere/test_new.py") is None


def test_the_files_of_a_mark_are_those_of_its_places_and_those_that_name_it_themselves():
    unit, whole = files_of("unit"), files_of("whole")
    assert (
        "transforms/lifetime/test_outlook.py" in unit and "transforms/lifetime/test_outlook.py" in whole
    )  # one of its tests starts a process
    assert "flows/delivery/test_recipients.py" in unit and "flows/delivery/test_recipients.py" not in files_of("relay")
    assert "flows/delivery/test_smtp.py" not in unit
    everything = {path.relative_to(CHECKOUT / "tests").as_posix() for path in (CHECKOUT / "tests").rglob("test_*.py")}
    assert set().union(*map(files_of, KINDS)) == everything


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (lambda: sqlite3.connect(":memory:"), "opens a database"),
        (lambda: subprocess.run([sys.executable, "-V"], check=False), "starts a process"),
        (lambda: HTML(string="<p>page</p>").render(), "lays out a page"),
    ],
)
def test_a_unit_test_is_stopped_at_what_it_may_not_do(act, what):
    with pytest.raises(pytest.fail.Exception, match=what):
        act()
