"""The catalogue: every indicator once, with its words, unit, formula and computation.

An indicator is added where its subject lives (`economics`, `service`, `surveys`, `loyalty`, ...) by one
decorated function; a new subject is one more line here.
"""

from __future__ import annotations

from collections.abc import Mapping

from transforms.figures import Indicator
from transforms.indicators import (
    base,
    classes,
    economics,
    effort,
    lifetime,
    losing,
    loyalty,
    loyalty_value,
    movers,
    profit_buckets,
    registers,
    service,
    standard,
    staying,
    surveys,
    telling,
    topics,
    winning,
)
from transforms.indicators.declare import Measure, declared_in

SUBJECTS = (
    *(economics, base, classes, winning, effort, lifetime, losing, loyalty, loyalty_value, profit_buckets),
    *(registers, service, movers, standard, staying, surveys, telling, topics),
)
"""One file per subject, in the order in which their figures are listed."""

MEASURES: Mapping[str, Measure] = {name: measure for subject in SUBJECTS for name, measure in declared_in(subject.__name__).items()}
"""Indicator name -> words, computation and scopes, in the order in which packs list them."""

CATALOGUE: Mapping[str, Indicator] = {name: measure.indicator for name, measure in MEASURES.items()}
"""Indicator name -> what the number means."""
