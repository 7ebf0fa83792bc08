"""The flow carries out the very sequence of the command line: named tasks, an artifact, and the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.flows.company import REVIEWED, Small, small_company

CLOCK = "2026-07-02T03:00:00+00:00"
QUIET = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_LOGGING_LEVEL": "WARNING"}
pytestmark = pytest.mark.xdist_group("prefect")


@dataclass(frozen=True)
class Server:
    url: str
    environment: dict[str, str]

    def post(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            f"{self.url}{path}", data=json.dumps(body).encode(), headers={"content-type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real Prefect server on loopback with a database of its own, ended with the test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("prefect")
    environment = {**os.environ, **QUIET, "PREFECT_HOME": str(home), "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    log = (home / "server.log").open("w")
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT, cwd=home)
    try:
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=2):
                    break
            except OSError:
                assert process.poll() is None, (home / "server.log").read_text()
                time.sleep(0.5)
        yield Server(environment["PREFECT_API_URL"], environment)
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def keping(company: Small, environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flows.cli", *words, "--config", str(company.config), "--json"]
    return subprocess.run(
        command, env={**environment, "KEPING_CLOCK": CLOCK}, capture_output=True, text=True, timeout=300, cwd=company.folder, check=False
    )


def published(company: Small) -> dict[str, str]:
    folder = company.folder / "archive" / REVIEWED / "r0"
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.suffix in (".pdf", ".csv")}


def test_a_flow_run_and_the_command_line_give_the_same_bytes(server: Server, tmp_path: Path) -> None:
    alone, there = small_company(tmp_path / "alone"), small_company(tmp_path / "there")
    without = {name: value for name, value in server.environment.items() if name != "PREFECT_API_URL"}
    by_hand = keping(alone, without, "run", "--month", REVIEWED)
    as_flow = keping(there, server.environment, "run", "--month", REVIEWED)
    assert by_hand.returncode == 0, by_hand.stderr
    assert as_flow.returncode == 0, as_flow.stderr
    assert published(alone) == published(there)
    assert len(published(alone)) >= 9

    runs = server.post("/flow_runs/filter", {})
    assert [(run["name"], run["state_type"]) for run in runs] == [(f"review {REVIEWED}", "COMPLETED")]
    tasks = [task["name"] for task in server.post("/task_runs/filter", {"sort": "EXPECTED_START_TIME_ASC"})]
    assert {
        "pull sources",
        "check data",
        "settle the policy",
        "replay earlier months",
        "score",
        "check results",
        "print packs",
        "publish",
    } <= set(tasks)
    artifacts = server.post("/artifacts/filter", {})
    left = {artifact["key"]: artifact["data"] for artifact in artifacts}
    assert set(left) == {f"review-{REVIEWED}", f"packs-{REVIEWED}", f"quality-{REVIEWED}"}
    assert f"{REVIEWED}/r0/tier-a.en.pdf" in left[f"review-{REVIEWED}"]
    books = {row["table"]: row for row in json.loads(left[f"quality-{REVIEWED}"]) if row["month"] == REVIEWED}
    assert int(books["orders"]["read"]) == int(books["orders"]["accepted"]) > 0


def test_without_an_api_no_server_is_started(tmp_path: Path) -> None:
    company = small_company(tmp_path / "small")
    home = tmp_path / "prefect-home"
    environment = {**os.environ, **QUIET, "PREFECT_HOME": str(home)}
    environment.pop("PREFECT_API_URL", None)
    assert keping(company, environment, "run", "--month", REVIEWED).returncode == 0
    assert not home.exists()


def test_the_month_of_a_scheduled_run_is_the_one_before_its_scheduled_time_in_the_business_zone() -> None:
    import tomllib
    from datetime import UTC, datetime

    from flows.request import month_asked
    from flows.settings import Settings
    from tests.flows.company import CONFIG

    raw = tomllib.loads(CONFIG.format(locales='["en"]', warehouse="sqlite:///k.db"))
    settings = Settings.model_validate(raw)
    # 06:00 on 1 November in Shanghai is still 31 October in UTC.
    scheduled = datetime(2026, 10, 31, 22, 0, tzinfo=UTC)
    assert str(month_asked(None, scheduled, settings)) == "2026-10"
