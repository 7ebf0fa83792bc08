"""What is installed is what is locked, and the bill of materials says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from flows.upkeep.locked import LOCK, OURSELVES, TOOLS, bill_of_materials, deviations, installed_versions, normal, read_lock, unsafe


def test_the_environment_is_the_locked_one() -> None:
    assert deviations() == []


def test_every_locked_package_has_hashes_and_no_address_stands_in_the_lock() -> None:
    assert [name for name, one in read_lock().items() if not one.hashes] == []
    assert not any(word in LOCK.read_text(encoding="utf-8") for word in ("http://", "https://", "file:", "--index"))


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return bill_of_materials()


def test_the_bill_of_materials_names_exactly_what_is_installed_and_is_the_same_again(bill: dict[str, Any]) -> None:
    listed = {normal(one["name"]): one["version"] for one in bill["components"]}
    assert {name: version for name, version in listed.items() if name not in TOOLS} == installed_versions()
    assert bill["metadata"]["component"]["name"] == OURSELVES
    assert bill == bill_of_materials()


def test_every_locked_package_of_the_bill_has_its_hashes_and_almost_every_one_its_licence(bill: dict[str, Any]) -> None:
    wanted, listed = read_lock(), {normal(one["name"]): one for one in bill["components"]}
    assert len(wanted.keys() & listed.keys()) > 100
    for name in wanted.keys() & listed.keys():
        assert [found["content"] for found in listed[name]["hashes"]] == list(wanted[name].hashes)
    silent = {name for name in wanted.keys() & listed.keys() if not listed[name].get("licenses")}
    assert silent <= {"autograd-gamma", "pypdfium2"}, "packages that declare no licence: look it up and say so here"


@pytest.mark.soak
def test_the_bill_of_materials_is_valid(bill: dict[str, Any]) -> None:
    """Quarter of a minute of a whole core for the schema's own rules."""
    assert JsonStrictValidator(SchemaVersion.from_version(bill["specVersion"])).validate_str(json.dumps(bill)) is None


def test_the_bill_of_materials_tells_nothing_about_this_machine(bill: dict[str, Any]) -> None:
    assert str(LOCK.parent) not in json.dumps(bill)
    assert "file:" not in json.dumps(bill)


def test_no_installed_package_is_older_than_is_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unsafe() == []
    monkeypatch.setattr("flows.upkeep.locked.installed_versions", lambda: {"weasyprint": "69.9", "jinja2": "3.1.6"})
    assert unsafe() == ["weasyprint 69.9 is older than 70.0, which mends a hole"]


def test_a_package_whose_hash_is_another_is_not_installed(tmp_path: Path) -> None:
    one = read_lock()["markupsafe"]
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"markupsafe=={one.version} --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "--target", str(tmp_path / "into"), "-r"]
    done = subprocess.run([*command, str(lock)], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert not (tmp_path / "into").exists()
