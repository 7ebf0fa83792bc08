"""The plain values that a policy holds, as its file may write them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, Strict, ValidatorFunctionWrapHandler, WrapValidator


def _as_written(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """A whole number stays one: a policy's digest is of what was written."""
    check(value)
    return value


Number = Annotated[float, Field(strict=True, allow_inf_nan=False), WrapValidator(_as_written)]
Whole = Annotated[int, Strict()]
Text = Annotated[str, Strict()]
Flag = Annotated[bool, Strict()]
