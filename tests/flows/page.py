"""docs/operations.md as something that can be carried out: its shell commands, section by section."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.flows.company import Small, small_company
from tests.places import CHECKOUT

PAGE = CHECKOUT / "docs" / "operations.md"
CLOCK = "2026-07-02T03:00:00+00:00"
_HEADING, _FENCE = re.compile(r"^#{2,3} (.+)$"), re.compile(r"^```(\w*)$")


def blocks(language: str) -> list[tuple[str, list[str]]]:
    """Section and lines of every fenced block of that language, in the order of the page."""
    found: list[tuple[str, list[str]]] = []
    section, inside = "", ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        fence = _FENCE.match(line)
        if fence:
            inside = "" if inside else fence[1]
            if inside == language:
                found.append((section, []))
        elif inside == language:
            found[-1][1].append(line)
        elif not inside and (heading := _HEADING.match(line)):
            section = heading[1]
    return found


def commands(section: str) -> list[str]:
    """The shell commands of a section, without their comments."""
    lines = [line for name, block in blocks("sh") if name == section for line in block]
    return [re.sub(r"\s+# .*$", "", line) for line in lines if line.strip()]


def units() -> dict[str, configparser.ConfigParser]:
    """The systemd units of the page by file name."""
    found = {}
    for _, lines in blocks("ini"):
        parser = configparser.ConfigParser(strict=False)
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read_string("\n".join(lines))
        found[lines[0].rpartition("/")[2]] = parser
    return found


TESTED = '\n[delivery]\ntest_addresses = ["me@example.com"]\n'


def company_of_the_page(folder: Path) -> Small:
    """A small company whose files lie where the page has them."""
    company = small_company(folder, warehouse="sqlite:///var/keping.db")
    company.config.write_text(company.config.read_text().replace('path = "archive"', 'path = "var/archive"') + TESTED)
    (folder / "var").mkdir()
    return company


def environment(**more: str) -> dict[str, str]:
    """The environment of somebody who follows the page with the project's environment active, on the day of the tests."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "KEPING_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**clean, "PATH": path, "KEPING_CLOCK": CLOCK, **more}


def carried_out(command: str, folder: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """One command of the page in a shell; it must succeed."""
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def exported(line: str, folder: Path, env: Mapping[str, str]) -> dict[str, str]:
    """The environment after an `export` line."""
    done = carried_out(f"{line} && env -0", folder, env)
    return dict(entry.partition("=")[::2] for entry in done.stdout.split("\0") if "=" in entry)
