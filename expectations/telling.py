"""How a suite is written: the vocabulary of Great Expectations, and what each expectation says of itself."""

from __future__ import annotations

from typing import Any


def vocabulary() -> Any:
    """The expectation classes; imported here, when a suite is run, since that takes seconds."""
    import great_expectations.expectations as gxe

    return gxe


def meta(rule: str, message: str) -> dict[str, str]:
    """The `meta` of an expectation: `rule` for settings and waivers, `message` for people."""
    return {"rule": rule, "message": message}
