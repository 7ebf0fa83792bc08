"""What is installed is what is locked, and the bill of materials says so."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from flows.upkeep.locked import LOCK, bill_of_materials, deviations, installed, normal, pinned, unsafe


def test_the_environment_is_the_locked_one() -> None:
    assert deviations() == []


def test_every_locked_package_has_hashes_and_no_address_stands_in_the_lock() -> None:
    assert [name for name, one in pinned().items() if not one.hashes] == []
    assert not any(word in LOCK.read_text(encoding="utf-8") for word in ("http://", "https://", "file:", "--index"))


def test_the_bill_of_materials_names_exactly_what_is_installed() -> None:
    listed = {one["name"]: one["version"] for one in bill_of_materials()["components"]}
    names = (one.metadata["Name"] for one in metadata.distributions())
    assert listed == installed()
    assert set(listed) == {normal(name) for name in names} - {"pip", "setuptools", "wheel", "uv", "keping"}
    assert bill_of_materials() == bill_of_materials()


def test_no_installed_package_is_older_than_is_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unsafe() == []
    monkeypatch.setattr("flows.upkeep.locked.installed", lambda: {"weasyprint": "69.9", "jinja2": "3.1.6"})
    assert unsafe() == ["weasyprint 69.9 is older than 70.0, which mends a hole"]


def test_a_package_whose_hash_is_another_is_not_installed(tmp_path: Path) -> None:
    one = pinned()["markupsafe"]
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"markupsafe=={one.version} --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "--target", str(tmp_path / "into"), "-r"]
    done = subprocess.run([*command, str(lock)], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert not (tmp_path / "into").exists()
