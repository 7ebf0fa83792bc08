"""What holds for the whole suite: a property is about values, never about how busy the machine is."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.flows.quick_packs import quickly

settings.register_profile("keping", deadline=None)
settings.load_profile("keping")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long suites run only where they are asked for: `make soak`."""
    if os.environ.get("KEPING_SOAK"):
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("soak")]


@pytest.fixture(scope="module")
def quick_packs() -> Iterator[None]:
    """For a module whose tests do not look at pages: `pytestmark = pytest.mark.usefixtures("quick_packs")`."""
    with quickly():
        yield
