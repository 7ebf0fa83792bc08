"""`python -m tests.nightly.wrong_formulas`: puts each wrong formula of the table into a copy of the tree and tells whether it is noticed.

Asked first are the rows by hand of the subject, then the whole table, then the other unit tests of the method; the first that fails
is named. With numbers as arguments, only those of the table are tried (1 is the first).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.nightly.wrong_table import WRONG, Wrong
from tests.places import CHECKOUT
from transforms.indicators.all import MEASURES

FOLDER = "transforms/indicators"
COPIED = ("transforms", "expectations", "reports", "flows", "tests", "docs")
TABLE = f"tests/{FOLDER}/by_hand"


def copy_tree(target: Path) -> None:
    """The packages and their tests, without what running them leaves behind."""
    for name in COPIED:
        shutil.copytree(CHECKOUT / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    for file in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(CHECKOUT / file, target / file)


def _tests_of(wrong: Wrong) -> Iterator[list[str]]:
    """What is asked, one after the other."""
    own = [name for name, measure in MEASURES.items() if measure.file == f"{FOLDER}/{wrong.file}"]
    if own:
        yield [f"{TABLE}/test_by_hand.py", "-k", " or ".join(own)]
    yield [TABLE]
    yield ["tests/transforms"]


def noticed_by(wrong: Wrong, tree: Path) -> str | None:
    """The first unit test that fails with the wrong formula; None where all pass."""
    file = tree / FOLDER / wrong.file
    sound = file.read_text(encoding="utf-8")
    if sound.count(wrong.old) != 1:
        raise SystemExit(f"{wrong.file} has {sound.count(wrong.old)} times, not once: {wrong.old}")
    file.write_text(sound.replace(wrong.old, wrong.new), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-m", "unit", "-x", "-n", "0", "-p", "no:cacheprovider", "--tb=no", "-rfE"]
    try:
        for tests in _tests_of(wrong):
            told = subprocess.run(
                [*command, *tests],
                cwd=tree,
                env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True,
                text=True,
                check=False,
            )
            failed = [line.split(" ")[1] for line in told.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
            if told.returncode == 1 and failed:
                return failed[0]
            if told.returncode not in (0, 5):
                raise SystemExit(f"{wrong.file}, {wrong.what}: the tests cannot be run\n{told.stdout[-2000:]}{told.stderr[-2000:]}")
        return None
    finally:
        file.write_text(sound, encoding="utf-8")


def main(wanted: Sequence[str]) -> int:
    """Each wrong formula with the test that notices it; 1 where one goes unnoticed."""
    chosen = [(number, wrong) for number, wrong in enumerate(WRONG, start=1) if not wanted or str(number) in wanted]
    noticed = 0
    with tempfile.TemporaryDirectory(prefix="wrong-formulas-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        for number, wrong in chosen:
            test = noticed_by(wrong, tree)
            noticed += test is not None
            print(f"{number:2} {wrong.file}: {wrong.what}: {'noticed by ' + test if test else 'UNNOTICED'}", flush=True)
    print(f"{noticed} of {len(chosen)} noticed", flush=True)
    return 0 if noticed == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
