"""The command line: what is typed, what comes out, and with which exit code."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli import app, run_guarded
from tests.flows.company import REVIEWED, Small, small_company

CLOCK = "2026-07-02T03:00:00+00:00"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return small_company(tmp_path_factory.mktemp("cli") / "small")


def keping(*words: str, folder: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "KEPING_"))}
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *words],
        env={**clean, "KEPING_CLOCK": CLOCK, "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        cwd=folder,
        check=False,
    )


def test_help_names_the_commands_and_exit_codes() -> None:
    shown = keping("--help")
    assert shown.returncode == 0
    for command in ("demo", "check", "run", "packs", "status", "deliveries"):
        assert command in shown.stdout
    assert "8 a check said no" in " ".join(shown.stdout.replace("│", " ").split())


def test_help_answers_in_half_a_second() -> None:
    spent: list[float] = []
    for _ in range(3):  # processor time: what else this machine does meanwhile is not the command's doing
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        keping("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) < 0.5


def test_help_loads_none_of_the_heavy_libraries() -> None:
    heavy = ("pandas", "prefect", "great_expectations", "weasyprint", "sqlalchemy", "pyarrow")
    code = f"import sys, flows.cli; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--month", "2026-13"), "keping: no such month: 2026-13. Nothing was run."),
        (("--month", "0001-01"), "keping: 0001-01 lies before 1980-01, the first month that rows are read of. Nothing was run."),
        (("--month", "October"), "keping: 'October' is not a month; write it as YYYY-MM, for example 2026-10. Nothing was run."),
        (
            ("--month", "2062-10"),
            "keping: 2062-10 has not ended yet: it ends at 2062-10-31 16:00 UTC (midnight in Asia/Shanghai). Nothing was run.\n"
            "The last complete month is 2026-06: `keping run --month 2026-06`.",
        ),
        (
            ("--month", "2026-07"),
            "keping: 2026-07 has not ended yet: it ends at 2026-07-31 16:00 UTC (midnight in Asia/Shanghai). Nothing was run.\n"
            "The last complete month is 2026-06: `keping run --month 2026-06`.",
        ),
        (
            ("--month", "2026-06", "--tier", "gold"),
            "keping: no tier is called gold; policy builtin-1@2026-06 has a, b, c, unrated. Nothing was published.",
        ),
    ],
)
def test_a_month_or_tier_that_cannot_be_is_refused_in_plain_words(company: Small, words: tuple[str, ...], said: str) -> None:
    refused = keping("run", *words, "--config", str(company.config))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.strip().split("\n")[-len(said.split("\n")) :] == said.split("\n")
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("words", "said", "where"),
    [
        (["nosuch"], "No such command 'nosuch'", "keping"),
        (["run", "--nosuch"], "No such option: --nosuch", "keping run"),
        (["verify"], "Missing argument 'PACK'", "keping verify"),
        (["backfill", "2026-05"], "Missing argument 'TO'", "keping backfill"),
        (["backfill", "2026-05", "2026-06"], "Missing option '--reason'", "keping backfill"),
        (["status", "--expect"], "Option '--expect' requires an argument", "keping"),
    ],
)
def test_what_is_typed_wrong_is_no_bug_and_says_where_the_help_is(
    words: list[str], said: str, where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_guarded(lambda: app(words, prog_name="keping", standalone_mode=False)) == 2
    assert capsys.readouterr().err == f"keping: {said}. Nothing was run.\nHow it is typed: {where} --help\n"


def test_nothing_typed_at_all_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_guarded(lambda: app([], prog_name="keping", standalone_mode=False)) == 2
    shown = capsys.readouterr()
    assert "backfill" in shown.out
    assert shown.err == ""


def test_ctrl_c_is_the_machine_s_trouble_and_tells_how_to_go_on(company: Small, tmp_path: Path) -> None:
    config = tmp_path / "keping.toml"
    config.write_text(company.config.read_text().replace('path = "data"', f'path = "{company.data}"'))
    words = [sys.executable, "-m", "flows.cli", "run", "--tier", "company", "--config", str(config)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    # Tests that were started in the background have Ctrl-C switched off, and what they start would have it off, too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    run = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env={**clean, "KEPING_CLOCK": CLOCK})
    signal.signal(signal.SIGINT, before)
    with run:
        assert run.stderr is not None
        run.stderr.readline()  # it has begun to read the sources
        run.send_signal(signal.SIGINT)
        said = run.stderr.read()
    assert run.returncode == 7
    assert said.endswith("keping: interrupted. What was published stays published; the same command goes on where this one stopped.\n")
    assert "Traceback" not in said


def test_an_unknown_key_is_refused_with_the_nearest_known_one(company: Small, tmp_path: Path) -> None:
    config = tmp_path / "keping.toml"
    config.write_text(company.config.read_text().replace("currency =", "curency ="))
    refused = keping("run", "--config", str(config))
    assert refused.returncode == 2
    assert refused.stderr == (
        "keping: keping.toml: 2 problem(s); nothing was run.\n"
        "- company.currency: missing\n"
        "- company.curency: unknown key; did you mean 'currency'?\n"
    )


def test_a_whole_life_on_the_command_line(company: Small) -> None:
    before = keping("packs", "--config", str(company.config))
    assert (before.returncode, "there is no warehouse" in before.stderr or "nothing is published" in before.stdout) in (
        (0, True),
        (2, True),
    )
    checked = keping("check", "--config", str(company.config))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert all(line.startswith("ok") for line in checked.stdout.splitlines())
    run = keping("run", "--send", "--config", str(company.config))
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"{REVIEWED} r0 published")
    listed = json.loads(keping("packs", "--json", "--config", str(company.config)).stdout)
    assert {row["pack"] for row in listed} == {"company", "tier-a", "tier-b", "tier-c", "tier-unrated"}
    assert all(Path(row["file"]).is_file() for row in listed)
    mailed = json.loads(keping("deliveries", "--json", "--month", REVIEWED, "--config", str(company.config)).stdout)
    assert {row["state"] for row in mailed} == {"accepted"}
    state = json.loads(keping("status", "--json", "--config", str(company.config)).stdout)
    assert "published" in {run["outcome"] for run in state["runs"]}
    assert "published" in keping("status", "--config", str(company.config)).stdout


def test_a_held_month_exits_3_with_at_most_ten_lines_and_no_traceback(tmp_path: Path) -> None:
    company = small_company(tmp_path / "small")
    rows = company.rows("orders")
    company.write("orders", [rows[0], *(row for row in rows[1:] if not row[2].startswith("2026-06"))])
    held = keping("run", "--config", str(company.config))
    assert held.returncode == 3
    lines = (held.stdout).strip().splitlines()
    assert lines[0] == "2026-06 is held: 1 critical finding(s). Nothing was published or mailed."
    assert len(lines) <= 10
    assert "Traceback" not in held.stderr


def test_a_missing_column_exits_3_and_names_what_was_found(tmp_path: Path) -> None:
    company = small_company(tmp_path / "small")
    rows = company.rows("orders")
    company.write("orders", [["order_id", "customer_id", "ordered_at", "amont", *rows[0][4:]], *rows[1:]])
    held = keping("run", "--config", str(company.config))
    assert held.returncode == 3
    assert "amount" in held.stderr
    assert "amont" in held.stderr
    assert "Traceback" not in held.stderr


def test_an_unreachable_server_exits_4_and_hides_the_password(tmp_path: Path) -> None:
    company = small_company(tmp_path / "small")
    text = company.config.read_text().replace(
        '[[tables.orders]]\nsource = "files"\nfiles = "orders.csv"', '[[tables.orders]]\nsource = "shop"\nquery = "select 1"'
    )
    company.config.write_text(text + '\n[sources.shop]\nurl = "postgresql+psycopg://u:hush-hush@127.0.0.1:1/shop"\n')
    away = keping("run", "--config", str(company.config))
    assert away.returncode == 4
    assert "shop" in away.stderr
    assert "hush-hush" not in away.stderr + away.stdout
    assert "Traceback" not in away.stderr
    assert len(away.stderr.strip().splitlines()) <= 10


def test_a_prefect_server_that_is_away_exits_4_before_anything_is_run(company: Small, tmp_path: Path) -> None:
    away = keping("run", "--config", str(company.config), PREFECT_API_URL="http://127.0.0.1:1/api", PREFECT_HOME=str(tmp_path))
    assert (away.returncode, away.stdout) == (4, "")
    assert away.stderr == (
        "keping: the Prefect server at http://127.0.0.1:1/api does not answer: ConnectError.\n"
        "Nothing was run. Start it (docs/operations.md), or unset PREFECT_API_URL to run without it.\n"
    )


def test_what_goes_wrong_is_json_too_where_json_was_asked_for(company: Small, tmp_path: Path) -> None:
    refused = keping("run", "--month", "2026-13", "--json", "--config", str(company.config))
    assert refused.returncode == 2
    assert json.loads(refused.stdout) == {"ending": "error", "exit_code": 2, "error": "no such month: 2026-13. Nothing was run."}
    assert refused.stderr == "keping: no such month: 2026-13. Nothing was run.\n"
    held = small_company(tmp_path / "held")
    held.write("orders", held.rows("orders")[:1])
    told = keping("run", "--json", "--config", str(held.config))
    assert (told.returncode, json.loads(told.stdout)["ending"]) == (3, "held")
