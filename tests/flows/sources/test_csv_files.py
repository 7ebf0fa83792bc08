"""A broken row costs itself, with its true line number, and never its neighbours."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.sources.chunks import Chunk
from flows.sources.csv_files import read_csv
from transforms.errors import HeldError


def read(path: Path, text: str | bytes, **how: object) -> tuple[list[list[str]], list[int], list[tuple[int, str]]]:
    """Rows, their lines, and the refused lines with the reason."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    options = {"encoding": "utf-8", "delimiter": None, **how}
    chunks: list[Chunk] = list(read_csv(path, "orders@drops", **options))  # type: ignore[arg-type]
    rows = [row for chunk in chunks for row in chunk.frame.fillna("").to_numpy().tolist()]
    lines = [int(line) for chunk in chunks if chunk.lines is not None for line in chunk.lines]
    return rows, lines, [(refused.line, refused.what) for chunk in chunks for refused in chunk.refused]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


def test_line_numbers_are_those_of_the_file_also_after_quoted_line_breaks(path: Path) -> None:
    rows, lines, refused = read(path, 'a,b\n1,"two\nlines"\n2,x\n\n3,"a ""quoted"" word"\r\n4,y\n')
    assert rows == [["1", "two\nlines"], ["2", "x"], ["3", 'a "quoted" word'], ["4", "y"]]
    assert lines == [2, 4, 6, 7]
    assert refused == []


def test_rows_of_another_length_are_refused_alone(path: Path) -> None:
    rows, lines, refused = read(path, "a,b\n1,x\n2\n3,y,z\n4,w\n")
    assert (rows, lines) == ([["1", "x"], ["4", "w"]], [2, 5])
    assert refused == [(3, "shape"), (4, "shape")]


@pytest.mark.parametrize("stray", ['2,"open', '2,"op"en', '2,"'])
def test_a_stray_quotation_mark_swallows_no_rows(stray: str, path: Path) -> None:
    good = "".join(f"{number},row {number}\n" for number in range(3, 5003))
    rows, lines, refused = read(path, f'a,b\n1,x\n{stray}\n{good}5003,"fine"\n')
    assert len(rows) == 5002 and refused[0][0] == 3 and len(refused) == 1
    assert lines[:3] == [2, 4, 5] and rows[-1] == ["5003", "fine"]


def test_a_file_cut_off_in_the_middle_of_a_row(path: Path) -> None:
    rows, _, refused = read(path, "a,b,c\n1,2,3\n4,5")
    assert rows == [["1", "2", "3"]] and refused == [(3, "shape")]


@pytest.mark.parametrize(("sign", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_the_delimiter_is_read_off_the_header(sign: str, name: str, path: Path) -> None:
    rows, _, _ = read(path, f"a{sign}b{sign}c\n1{sign}2{sign}x\n")
    assert rows == [["1", "2", "x"]]


def test_marks_and_line_ends_of_other_programs_do_no_harm(path: Path) -> None:
    rows, lines, _ = read(path, b"\xef\xbb\xbfa;b\r\n1;x\r\n2;y\r\n")
    assert rows == [["1", "x"], ["2", "y"]] and lines == [2, 3]
    rows, lines, _ = read(path, "a,b\r1,x\r2,y\r")
    assert rows == [["1", "x"], ["2", "y"]] and lines == [2, 3]


def test_names_that_look_like_nothing_stay_names(path: Path) -> None:
    rows, _, _ = read(path, "a,b\nNA,None\nnull,007\nnan,\n")
    assert rows == [["NA", "None"], ["null", "007"], ["nan", ""]]


def test_gzip_and_other_encodings(tmp_path: Path) -> None:
    packed = tmp_path / "rows.csv.gz"
    rows, _, _ = read(packed, gzip.compress("名称,b\n客户,1\n".encode("gb18030")), encoding="gb18030")
    assert rows == [["客户", "1"]]
    with pytest.raises(HeldError, match=r"rows\.csv\.gz is not a whole gzip file"):
        read(packed, gzip.compress(b"a,b\n" + b"1,2\n" * 9999)[:-20])


def test_pieces_are_bounded_and_complete(path: Path) -> None:
    path.write_text("a\n" + "".join(f"{number}\n" for number in range(2500)))
    chunks = list(read_csv(path, "orders@drops", "utf-8", None, chunk_rows=1000))
    assert [len(chunk.frame) for chunk in chunks] == [1000, 1000, 500]
    assert chunks[2].lines is not None and chunks[2].lines[-1] == 2501


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.text(alphabet='ab,;"\n\r x1.', max_size=6)] * 2).filter(lambda row: row[0] + row[1] != ""), max_size=12))
def test_what_a_proper_writer_writes_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    import csv

    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["first", "second"])
        writer.writerows(rows)
    found = [row for chunk in read_csv(path, "x", "utf-8", ",") for row in chunk.frame.to_numpy().tolist()]
    assert found == [list(row) for row in rows]
