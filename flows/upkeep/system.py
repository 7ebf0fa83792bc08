"""The system libraries that the renderer needs: found, or installed where that is possible, never in silence.

Runs with the system's own Python before anything of ours is installed: standard library only.
"""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
"""Shared library -> Debian package."""


def missing() -> list[str]:
    """Debian names of the packages whose libraries are not on this machine."""
    return [package for library, package in LIBRARIES.items() if ctypes.util.find_library(library) is None]


def main() -> int:
    """Install what is missing on Debian-like systems as root; elsewhere print the names and go on or stop."""
    packages = missing()
    if not packages:
        return 0
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        print(f"keping: the PDF renderer needs Pango and HarfBuzz; install your system's packages for: {names}", file=sys.stderr)
        return 7
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if prefix and shutil.which("sudo") is None:
        print(f"keping: missing system libraries. Ask an administrator for: apt-get install {names}", file=sys.stderr)
        return 7
    print(f"keping: installing system libraries: {names}", flush=True)
    return _apt(prefix, packages)


def _apt(prefix: Sequence[str], packages: Sequence[str]) -> int:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    steps = ([*prefix, "apt-get", "update", "-qq"], install)
    for step in steps:
        done = subprocess.run(step, env=environment, check=False, capture_output=True, text=True)  # noqa: S603
        if done.returncode != 0 and step is install:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            print(f"keping: {' '.join(install)} failed: {last}\nInstall them by hand, then run the same command again.", file=sys.stderr)
            return 7
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
