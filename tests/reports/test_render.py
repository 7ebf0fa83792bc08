"""Packs are rendered apart: one that dies, hangs or fills the memory does not take others with it."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable

import pytest

import reports.render
from reports.document import LayoutError
from reports.pack import ReviewPack, build_packs
from reports.render import Rendered, RenderFailure, render_packs
from tests.reports.builders import material
from transforms.indicators.all import CATALOGUE


def packs() -> list[ReviewPack]:
    return build_packs(material(), ("a", "b"), ("en",), CATALOGUE)


def poisoned(monkeypatch: pytest.MonkeyPatch, poison: Callable[[], None]) -> None:
    """Rendering is quick, and for tier a it takes poison first."""

    def render(pack: ReviewPack) -> bytes:
        if pack.name == "tier-a":
            poison()
        return f"%PDF {pack.name}".encode()

    monkeypatch.setattr(reports.render, "render_pack", render)


def hang() -> None:
    time.sleep(60)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def devour() -> None:
    held = bytearray(3 * 1024**3)
    held[::4096] = b"x" * len(held[::4096])


def stumble() -> None:
    raise ZeroDivisionError("a bug")


def overflow() -> None:
    raise LayoutError("the summary does not fit on one page")


@pytest.mark.parametrize(
    ("poison", "cause"),
    [
        (hang, r"stopped after 2 s, the deadline"),
        (die, r"the renderer died \(SIGKILL\)"),
        (devour, r"the renderer ran out of memory \(limit 0\.5 GiB\)"),
        (stumble, r"ZeroDivisionError: a bug"),
        (overflow, r"the summary does not fit on one page"),
    ],
)
def test_a_pack_that_fails_is_named_and_the_others_are_made(
    monkeypatch: pytest.MonkeyPatch, poison: Callable[[], None], cause: str
) -> None:
    poisoned(monkeypatch, poison)
    start = time.monotonic()
    found = render_packs(packs(), workers=2, deadline_seconds=2, memory_bytes=512 * 1024**2)
    assert time.monotonic() - start < 30
    failure = found["tier-a", "en"]
    assert isinstance(failure, RenderFailure)

    assert re.search(cause, failure.cause), failure.cause
    assert (failure.pack, failure.locale) == ("tier-a", "en") and "tier-a (en, " in str(failure)
    made = {name: one.pdf for (name, _), one in found.items() if isinstance(one, Rendered)}
    assert made == {"tier-b": b"%PDF tier-b", "company": b"%PDF company"}


def test_any_number_of_workers_gives_the_same_bytes_as_rendering_here() -> None:
    here = {pack.key: reports.render.render_pack(pack) for pack in packs()[:2]}
    for workers in (1, 4):
        made = render_packs(packs()[:2], workers=workers)
        assert {key: one.pdf for key, one in made.items() if isinstance(one, Rendered)} == here
        assert all(isinstance(one, Rendered) and one.workbook.startswith(b"PK") for one in made.values())


def test_no_packs_are_no_work() -> None:
    assert render_packs([]) == {}
