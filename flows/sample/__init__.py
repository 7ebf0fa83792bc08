"""An invented company with planted facts, for `keping demo` and for tests of the packs."""

from __future__ import annotations

from flows.sample.company import TIMEZONE as SAMPLE_TIMEZONE
from flows.sample.making import SampleCompany, make

__all__ = ["SAMPLE_TIMEZONE", "SampleCompany", "make"]
