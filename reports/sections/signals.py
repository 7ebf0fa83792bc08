"""What is said of a month that lies apart from the others, and what it was held against."""

from __future__ import annotations

import math

from reports.i18n import N_
from reports.view import View
from transforms.figures import Unit
from transforms.statistics.judging import Against, Signal

SIGNALS = {
    Signal.ABOVE: N_("above its usual range, {low} to {high}"),
    Signal.BELOW: N_("below its usual range, {low} to {high}"),
    Signal.RUN_ABOVE: N_("above the usual {expected} for eight months"),
    Signal.RUN_BELOW: N_("below the usual {expected} for eight months"),
    Signal.NEAR_ABOVE: N_("far above the usual {expected} in three of four months"),
    Signal.NEAR_BELOW: N_("far below the usual {expected} in three of four months"),
}

BASES = {
    Against.LEVEL: N_("usual: the level of up to 24 months"),
    Against.LINE: N_("usual: the trend of up to 24 months"),
    Against.YEAR_AGO: N_("usual: last year’s month and the usual step of a year"),
}


def limit_words(view: View, low: float | None, high: float | None, unit: Unit) -> tuple[str, str]:
    """A usual range's ends as printed; of counts the least and the greatest whole number that is still usual."""
    if unit in (Unit.COUNT, Unit.BALANCE) and low is not None and high is not None:
        low, high = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    show = view.formats.axis if unit is Unit.MONEY else view.formats.figure
    return show(low, unit), show(high, unit)
