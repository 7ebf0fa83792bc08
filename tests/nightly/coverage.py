"""`make coverage`: branch coverage of the watched modules by their own tests; anything but all of it is an error."""

from __future__ import annotations

import subprocess
import sys

from tests.nightly.watched import WATCHED
from tests.places import CHECKOUT


def main() -> int:
    """Run the tests once under coverage, print what they never reach; 1 where that is anything."""
    tests = sorted({name for names in WATCHED.values() for name in names})
    data = f"--data-file={CHECKOUT / 'var' / 'coverage'}"
    tool = [sys.executable, "-m", "coverage"]
    run = [*tool, "run", data, "--branch", f"--include={','.join(WATCHED)}", "-m", "pytest", "-n", "0", *tests]
    done = subprocess.run(run, cwd=CHECKOUT, check=False)
    told = subprocess.run([*tool, "report", data, "--show-missing", "--fail-under=100"], cwd=CHECKOUT, check=False)
    return done.returncode or told.returncode


if __name__ == "__main__":
    sys.exit(main())
