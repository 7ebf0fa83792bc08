"""A real Prefect server and worker, installed as docs/operations.md says: scheduled and ad-hoc runs give the bytes of the command line."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import yaml

from tests.flows.company import REVIEWED, Small, small_company
from tests.flows.page import carried_out, commands, company_of_the_page, environment, exported
from tests.places import CHECKOUT, POSTGRES

pytestmark = [pytest.mark.timeout(1800)]
SERVICES = ("prefect server start", "prefect worker start --pool keping")
"""What the page starts in a terminal of its own."""
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass(frozen=True)
class Installed:
    """A company with a Prefect server and a worker beside it."""

    company: Small
    url: str
    environment: dict[str, str]

    def ask(self, path: str, body: Any = None, method: str = "") -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}{path}",
            data=data,
            headers={"content-type": "application/json"},
            method=method or ("GET" if body is None else "POST"),
        )
        for patience in range(20, -1, -1):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    text = answer.read()
                return json.loads(text) if text else None
            except urllib.error.HTTPError as error:
                if error.code != 503 or not patience:  # SQLite is busy for a moment; the server says: again, later
                    raise
                time.sleep(1)
        raise AssertionError("unreachable")

    def run(self, deployment: str, request: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Ask for a run of a deployment, as the page does."""
        known = self.ask(f"/deployments/name/{deployment}")
        made: dict[str, Any] = self.ask(f"/deployments/{known['id']}/create_flow_run", {"parameters": {"request": request}, **more})
        return made

    def ended(self, run_id: str, seconds: float = 900) -> dict[str, Any]:
        """The run, once it has ended."""
        return self.until(lambda: self.ask(f"/flow_runs/{run_id}"), lambda run: run["state_type"] in ENDED, seconds)

    def until(self, look: Callable[[], Any], good: Callable[[Any], bool], seconds: float = 900) -> Any:
        give_up = time.monotonic() + seconds
        while True:
            found = look()
            if good(found):
                return found
            assert time.monotonic() < give_up, f"still {found}\n{(self.company.folder / 'worker.log').read_text()[-3000:]}"
            time.sleep(0.5)

    def artifacts(self, run_id: str) -> dict[str, str]:
        wanted = {"artifacts": {"flow_run_id": {"any_": [run_id]}}}
        return {artifact["key"]: artifact["data"] for artifact in self.ask("/artifacts/filter", wanted)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """The page's first block in a new folder, with another port; beside the page's deployments one that fires every minute."""
    company = company_of_the_page(tmp_path_factory.mktemp("prefect") / "company")
    for name in ("flows", "prefect.toml"):
        (company.folder / name).symlink_to(CHECKOUT / name)
    deployments = yaml.safe_load((CHECKOUT / "prefect.yaml").read_text(encoding="utf-8"))
    soon = {**deployments["deployments"][0], "name": "soon", "schedules": [{"cron": "* * * * *", "timezone": "Asia/Shanghai"}]}
    (company.folder / "prefect.yaml").write_text(yaml.safe_dump({**deployments, "deployments": [*deployments["deployments"], soon]}))

    port = free_port()
    env = environment(PREFECT_SERVER_API_PORT=str(port), PREFECT_WORKER_QUERY_SECONDS="2")
    with ExitStack() as services:
        for command in commands("On a schedule, with Prefect"):
            line = command.replace("4200", str(port))
            if line.startswith("prefect deployment run"):
                break
            if line.startswith("export "):
                env = exported(line, company.folder, env)
            elif line in SERVICES:
                services.enter_context(service(line, company.folder, env))
            else:
                said = carried_out(line, company.folder, env)
        assert all(name in said.stdout for name in ("monthly-review/monthly", "backfill/backfill", "deliver/deliver"))
        yield Installed(company, env["PREFECT_API_URL"], env)


@contextmanager
def service(command: str, folder: Path, env: dict[str, str]) -> Iterator[None]:
    """A program of the page that runs in a terminal of its own; asked to stop at the end."""
    with (folder / f"{command.split()[1]}.log").open("wb") as log:
        # A worker stops by SIGINT too, which a shell in the background has its children ignore.
        process = subprocess.Popen(
            command.split(), cwd=folder, env=env, stdout=log, stderr=log, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@pytest.fixture(scope="module")
def scheduled(installed: Installed) -> dict[str, Any]:
    """The first run that the scheduler itself made, once it has ended; the schedule is paused then."""
    soon = installed.ask("/deployments/name/monthly-review/soon")
    wanted = {
        "deployments": {"id": {"any_": [soon["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["RUNNING", *ENDED]}}},
        "sort": "EXPECTED_START_TIME_ASC",
    }
    begun = installed.until(lambda: installed.ask("/flow_runs/filter", wanted), bool)
    installed.ask(f"/deployments/{soon['id']}", {"paused": True}, "PATCH")
    return installed.ended(begun[0]["id"])


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The same company, run by the command line without any Prefect."""
    company = company_of_the_page(tmp_path_factory.mktemp("alone") / "company")
    home = company.folder / "prefect-home"
    env = environment(KEPING_CONFIG=str(company.config), PREFECT_HOME=str(home))
    carried_out("keping run --send", company.folder, env)
    assert not home.exists(), "without an API no server is started"
    return company


def published(company: Small, month: str) -> dict[str, str]:
    folder = company.folder / "var" / "archive" / month / "r0"
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.suffix in (".pdf", ".csv")}


def mails(company: Small) -> list[str]:
    return sorted(path.name for path in (company.folder / "var" / "outbox").rglob("*.eml"))


def letters(company: Small) -> list[str]:
    """Subjects of what the owner was told."""
    folder = company.folder / ("var" if (company.folder / "var").exists() else "") / "outbox" / "owner"
    return sorted(str(message_from_bytes(path.read_bytes())["Subject"]) for path in folder.glob("*.eml"))


# -- scheduled ----------------------------------------------------------------------------------------


def test_a_scheduled_run_gives_the_bytes_of_the_command_line(installed: Installed, scheduled: dict[str, Any], alone: Small) -> None:
    assert (scheduled["name"], scheduled["state_name"], scheduled["auto_scheduled"]) == (f"review {REVIEWED}", "Completed", True)
    assert published(installed.company, REVIEWED) == published(alone, REVIEWED)
    assert len(published(alone, REVIEWED)) >= 9
    assert mails(installed.company) == mails(alone)
    assert len(mails(alone)) == 2

    tasks = installed.ask("/task_runs/filter", {"flow_runs": {"id": {"any_": [scheduled["id"]]}}})
    steps = {"pull sources", "check data", "settle the policy", "replay earlier months", "score", "check results", "print packs", "publish"}
    assert {task["name"] for task in tasks} >= steps | {"send"}
    assert {task["state_type"] for task in tasks} == {"COMPLETED"}
    left = installed.artifacts(scheduled["id"])
    assert set(left) == {f"{key}-{REVIEWED}" for key in ("review", "packs", "quality", "deliveries")}
    assert f"{REVIEWED}/r0/tier-a.en.pdf" in left[f"review-{REVIEWED}"]
    books = {row["table"]: row for row in json.loads(left[f"quality-{REVIEWED}"]) if row["month"] == REVIEWED}
    assert int(books["orders"]["read"]) == int(books["orders"]["accepted"]) > 0
    assert {row["state"] for row in json.loads(left[f"deliveries-{REVIEWED}"])} == {"accepted"}


def test_the_scheduler_makes_the_runs_of_the_months_to_come(installed: Installed, scheduled: dict[str, Any]) -> None:
    monthly = installed.ask("/deployments/name/monthly-review/monthly")
    runs = installed.ask(
        "/flow_runs/filter", {"deployments": {"id": {"any_": [monthly["id"]]}}, "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    )
    at = sorted(datetime.fromisoformat(run["expected_start_time"]).astimezone(ZoneInfo("Asia/Shanghai")) for run in runs)
    assert len(at) >= 3
    assert {(moment.day, moment.hour, moment.minute) for moment in at} == {(1, 6, 0)}
    assert len({(moment.year, moment.month) for moment in at}) == len(at)


@pytest.mark.soak
def test_whatever_fires_the_month_again_publishes_and_mails_nothing(
    installed: Installed, scheduled: dict[str, Any], by_page: list[dict[str, Any]]
) -> None:
    before = (published(installed.company, REVIEWED), mails(installed.company))
    # A second deployment's run that is late by months and knows no rehearsal's clock: its scheduled time says which month.
    late = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2026-06-30T22:00:00+00:00"}}
    again = installed.run("monthly-review/monthly", {"send": True}, state=late, job_variables={"env": {"KEPING_CLOCK": ""}})
    ended = [installed.ended(again["id"]), *by_page]
    assert {run["state_name"] for run in ended} == {"Completed"}, [(run["name"], run["state"]["message"]) for run in ended]
    assert sorted(run["name"] for run in ended) == [
        f"backfill 2026-05 to {REVIEWED}",
        f"deliver {REVIEWED}",
        f"review {REVIEWED}",
        f"review {REVIEWED}",
    ]
    by_hand = carried_out("keping run --send --json", installed.company.folder, installed.environment)
    assert json.loads(by_hand.stdout)["ending"] == "unchanged"
    assert (published(installed.company, REVIEWED), mails(installed.company)) == before


@pytest.fixture(scope="module")
def by_page(installed: Installed, scheduled: dict[str, Any]) -> list[dict[str, Any]]:
    """The runs that the page asks for by hand, once they have ended."""
    for line in commands("On a schedule, with Prefect"):
        if line.startswith("prefect deployment run"):
            carried_out(line, installed.company.folder, installed.environment)
    ours = lambda run: run["deployment_id"] != scheduled["deployment_id"] and not run["auto_scheduled"]  # noqa: E731
    runs = [run for run in installed.ask("/flow_runs/filter", {}) if ours(run)]
    assert len(runs) == 3
    return [installed.ended(run["id"]) for run in runs]


# -- on request ---------------------------------------------------------------------------------------


def test_a_backfill_asked_for_on_the_page_gives_the_bytes_of_the_command_line(
    installed: Installed, by_page: list[dict[str, Any]], alone: Small
) -> None:
    (run,) = (run for run in by_page if run["name"].startswith("backfill"))
    words = commands("Past months")[0]
    assert "--promote" not in words
    carried_out(words, alone.folder, environment(KEPING_CONFIG=str(alone.config)))
    assert staged(installed.company) == staged(alone)
    assert {"comparison.csv", "2026-05/figures.csv", "2026-05/customers.csv", f"{REVIEWED}/figures.csv"} <= set(staged(alone))
    months = json.loads(installed.artifacts(run["id"])[f"backfill-2026-05-{REVIEWED}-months"])
    assert [(row["month"], row["ending"]) for row in months] == [("2026-05", "differs"), (REVIEWED, "unchanged")]


def staged(company: Small) -> dict[str, str]:
    """What a backfill keeps aside, by name and digest."""
    (folder,) = (company.folder / "var" / "archive" / "backfills").iterdir()
    files = [path for path in folder.rglob("*") if path.suffix in (".csv", ".md")]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize(
    ("deployment", "request_", "named"),
    [
        ("backfill/backfill", {"first": "2026-13", "last": "2026-05", "reason": "late orders"}, "2026-13"),
        ("backfill/backfill", {"first": "2026-05", "last": "2026-05"}, "reason"),
        ("backfill/backfill", {"first": "2026-05", "last": "2026-05", "reason": "  "}, "reason"),
        ("backfill/backfill", {"first": "2026-05", "last": "2026-05", "reason": "late orders", "promot": True}, "promot"),
        ("backfill/backfill", {"first": "2026-05", "last": "2026-05", "reason": "late orders", "send": True}, "send"),
        ("monthly-review/monthly", {"month": "October"}, "October"),
        ("monthly-review/monthly", {"catch_up": 1000}, "1000"),
        ("deliver/deliver", {}, "month"),
    ],
)
def test_bad_input_is_refused_before_a_run_is_made(deployment: str, request_: dict[str, Any], named: str, installed: Installed) -> None:
    before = installed.ask("/flow_runs/count", {})
    with pytest.raises(urllib.error.HTTPError) as refused:
        installed.run(deployment, request_)
    assert refused.value.code in (409, 422)
    assert named in refused.value.read().decode()
    assert installed.ask("/flow_runs/count", {}) == before


def test_the_form_explains_every_field(installed: Installed) -> None:
    for name in ("monthly-review/monthly", "backfill/backfill", "deliver/deliver"):
        schema = installed.ask(f"/deployments/name/{name}")["parameter_openapi_schema"]
        (form,) = schema["definitions"].values()
        assert form["additionalProperties"] is False
        assert form["description"]
        for field in form["properties"].values():
            assert field["title"] and len(field["description"]) > 20


# -- trouble ------------------------------------------------------------------------------------------


def test_a_held_month_is_a_failed_run_called_held_and_the_owner_hears_of_it_once(installed: Installed, tmp_path: Path) -> None:
    company = small_company(tmp_path / "held")
    rows = company.rows("orders")
    company.write("orders", [rows[0], *(row for row in rows[1:] if not row[2].startswith(REVIEWED))])
    run = installed.run("monthly-review/monthly", {"config": str(company.config), "send": True})
    ended = installed.ended(run["id"])
    message = ended["state"]["message"]
    assert (ended["state_type"], ended["state_name"]) == ("FAILED", "Held")
    assert message.startswith(f"exit code 3: {REVIEWED} is held: 1 critical finding(s). Nothing was published or mailed.")
    assert len(message.splitlines()) <= 10 and "Traceback" not in message
    assert {f"review-{REVIEWED}", f"quality-{REVIEWED}"} <= set(installed.artifacts(run["id"]))
    assert letters(company) == [f"Small Company: the review of {REVIEWED} is held"]
    logs = installed.ask("/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "limit": 200})
    assert not [line for line in logs if "Traceback" in line["message"]]


def test_a_run_that_waits_for_its_month_and_is_killed_is_crashed_and_told_to_the_owner(installed: Installed, tmp_path: Path) -> None:
    company = small_company(tmp_path / "killed")
    locks = company.folder / "archive" / ".locks"
    locks.mkdir(parents=True)
    with (locks / f"{REVIEWED}-{lock_name(company)}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(json.dumps({"host": "here", "pid": "1", "since": "now"}))
        lock.flush()
        run = installed.run("monthly-review/monthly", {"config": str(company.config)})
        wanted = {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "limit": 200}
        installed.until(
            lambda: installed.ask("/logs/filter", wanted), lambda logs: any("waiting: " in line["message"] for line in logs), 120
        )
        process = installed.ask(f"/flow_runs/{run['id']}")["labels"]["keping.process"]
        os.kill(int(process.split(":")[1]), signal.SIGKILL)
        ended = installed.ended(run["id"])
    assert ended["state_type"] == "CRASHED"
    installed.until(lambda: letters(company), lambda found: found == [f"Small Company: the review of {REVIEWED} failed"], 60)


def lock_name(company: Small) -> str:
    from flows.machine.files import slug

    return slug(company.settings().company.name, 24)


def test_a_run_that_a_power_cut_left_behind_is_ended_and_frees_its_place(
    installed: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = small_company(tmp_path / "cut")
    # Far ahead, so that the worker leaves it alone. No run is made in a place; stepping to Pending, as under a worker, takes it.
    ahead = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2099-01-01T00:00:00+00:00"}}
    run = installed.run("deliver/deliver", {"month": REVIEWED, "config": str(company.config)}, state=ahead)
    stepped = installed.ask(f"/flow_runs/{run['id']}/set_state", {"state": {"type": "PENDING"}})
    assert stepped["status"] == "ACCEPT", stepped
    deployment = installed.ask("/deployments/name/deliver/deliver")
    limit = f"/v2/concurrency_limits/{deployment['global_concurrency_limit']['id']}"
    code = (
        "from datetime import UTC, datetime, timedelta\n"
        "from prefect.client.orchestration import get_client\n"
        "from flows.scheduling.janitor import end_stuck_runs\n"
        "with get_client(sync_client=True) as client:\n"
        "    print(list(end_stuck_runs(client, datetime.now(UTC) + timedelta(minutes=50))))\n"
        "    print(list(end_stuck_runs(client, datetime.now(UTC) + timedelta(hours=2))))\n"
    )
    (tmp_path / "look.py").write_text(code)
    taken = installed.ask(limit)["active_slots"]
    said = carried_out(f"python {tmp_path / 'look.py'}", installed.company.folder, installed.environment).stdout.splitlines()
    assert said[0] == "[]", "what may still begin is left alone"
    assert "set to Crashed" in said[1]
    assert installed.ended(run["id"])["state_type"] == "CRASHED"
    assert (taken, installed.ask(limit)["active_slots"]) == (1, 0)
    assert letters(company) == [f"Small Company: the review of {REVIEWED} failed"]


# -- the installation ---------------------------------------------------------------------------------


def test_nothing_is_told_to_anybody_outside(installed: Installed) -> None:
    settings = installed.ask("/admin/settings")
    assert settings["server"]["analytics_enabled"] is False
    assert settings["server"]["api"]["host"] == "127.0.0.1"
    assert "filesystem" in settings["server"]["concurrency"]["lease_storage"]
    shown = carried_out(commands("Telemetry")[0], installed.company.folder, installed.environment).stdout
    assert "PREFECT_SERVER_ANALYTICS_ENABLED='False'" in shown


@pytest.mark.soak
def test_the_server_also_keeps_its_books_in_postgresql(tmp_path: Path) -> None:
    try:
        engine = sa.create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
        with engine.connect():
            pass
    except sa.exc.OperationalError:
        pytest.skip(f"no PostgreSQL at {POSTGRES}; start one, or set KEPING_TEST_POSTGRES")
    name, port = f"prefect_{secrets.token_hex(6)}", free_port()
    address = f"{engine.url.host}:{engine.url.port or 5432}"
    env = environment(PREFECT_SERVER_API_PORT=str(port), PREFECT_HOME=str(tmp_path), DO_NOT_TRACK="1")
    env |= {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    env |= {"PGHOST": str(engine.url.host), "PGPORT": str(engine.url.port or 5432), "PGUSER": str(engine.url.username)}
    (tmp_path / "prefect.toml").symlink_to(CHECKOUT / "prefect.toml")
    create, export, start, ready = commands("On PostgreSQL")
    assert start in SERVICES
    try:
        carried_out(create.replace("createdb prefect", f"createdb {name}"), tmp_path, env)
        env = exported(export.replace("127.0.0.1:5432/prefect", f"{address}/{name}"), tmp_path, env)
        with service(start, tmp_path, env):
            carried_out(ready, tmp_path, env)
            there = Installed(small_company(tmp_path / "company"), env["PREFECT_API_URL"], env)
            there.ask("/work_pools/", {"name": "keping", "type": "process"})
            books = sa.create_engine(engine.url.set(database=name))
            with books.connect() as connection:
                assert connection.execute(sa.text("select name from work_pool")).scalars().all() == ["keping"]
            books.dispose()
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f'drop database if exists "{name}" with (force)'))
        engine.dispose()
