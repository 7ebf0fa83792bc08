"""Whole companies backfilled, killed at random moments, and held against an unbroken backfill: `make soak`."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.sample import make
from tests.flows.company import Small
from tests.flows.killing import carry_out, killed_when_it_has_used, points_of, truth
from tests.flows.quick_packs import quickly
from tests.flows.tiny import ended
from tests.places import CHECKOUT, DATA, data
from transforms.month import Month

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]
SEED = int(os.environ.get("KEPING_SEED", "20260701"))
KILLS = 12


def sample(folder: Path) -> Small:
    """The sample company, two years of it."""
    make(folder, until=Month(2026, 10))
    return Small(folder)


def online_retail(folder: Path) -> Small:
    """Online Retail, twenty months of it."""
    for name in ("online-retail", "online-retail-2010-uk-clean"):
        data(name)
    folder.mkdir()
    text = (CHECKOUT / "tests" / "real" / "online-retail-files.toml").read_text(encoding="utf-8")
    said = text.replace("${KEPING_DATA}", str(DATA)).replace("${KEPING_REAL}", str(folder))
    (folder / "keping.toml").write_text(said, encoding="utf-8")
    return Small(folder)


@pytest.mark.parametrize(
    ("made", "span", "clock"),
    [
        (sample, ("2024-11", "2026-10"), "2026-11-02T03:00:00+00:00"),
        (online_retail, ("2010-01", "2011-08"), "2011-09-02T03:00:00+00:00"),
    ],
    ids=["sample", "online-retail"],
)
def test_killed_at_random_moments_it_ends_as_an_unbroken_one(
    made: Callable[[Path], Small], span: tuple[str, str], clock: str, tmp_path: Path
) -> None:
    print(f"seed {SEED}")
    chance, whole, broken = random.Random(SEED), made(tmp_path / "whole"), made(tmp_path / "broken")
    with quickly():
        assert ended(carry_out, str(whole.folder), str(tmp_path / "whole-told"), span, clock, seconds=3600) == 0
        spent = json.loads((tmp_path / "whole-told.json").read_text())["spent"]
        pull = spent["pull sources"]
        months = sum(spent.values()) - pull
        print(f"unbroken: {pull:.0f} CPU seconds of reading, {months:.0f} of months")
        killed: list[str] = []
        while len(killed) < KILLS:
            in_reading = len(killed) % 3 == 0
            moment = chance.uniform(0.5, pull) if in_reading else pull + chance.uniform(0, 3 * months / KILLS)
            code = killed_when_it_has_used(moment, str(broken.folder), str(tmp_path / "told"), span, clock)
            if code == 0:
                break
            assert code == -signal.SIGKILL, killed
            killed.append(f"{moment:.1f} s")
            print(f"killed after {killed[-1]}, {len(points_of(tmp_path / 'told'))} points on")
        assert len(killed) >= KILLS // 2, "it was killed on its way"
        assert ended(carry_out, str(broken.folder), str(tmp_path / "told"), span, clock, seconds=3600) == 0, killed
    print(f"{len(killed)} kills, each after CPU seconds: {', '.join(killed)}")
    assert len(truth(whole).publications) == Month.parse(span[1]).index - Month.parse(span[0]).index + 1
    assert truth(broken) == truth(whole), killed
