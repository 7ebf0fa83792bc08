"""The catalogue: every indicator once, with its words, unit, formula and computation.

An indicator is added where its subject lives (`economics`, `service`, `survey_figures`,
`loyalty_figures`) by one decorated function; a new subject is one more line here.
"""

from __future__ import annotations

from collections.abc import Mapping

from transforms import (
    base_figures,
    class_figures,
    economics,
    effort,
    lifetime_figures,
    losing,
    loyalty_figures,
    loyalty_value,
    profit_buckets,
    register_figures,
    service,
    split_figures,
    standard_figures,
    staying,
    survey_figures,
    telling,
    topic_figures,
    winning,
)
from transforms.catalogue import Measure, declared
from transforms.figures import Indicator

SUBJECTS = (
    *(economics, staying, losing, profit_buckets, winning, loyalty_value, effort, telling),
    *(survey_figures, loyalty_figures, service, lifetime_figures),
    *(base_figures, class_figures, topic_figures, register_figures),
    *(split_figures, standard_figures),
)

MEASURES: Mapping[str, Measure] = declared()
"""Indicator name -> words, computation and scopes, in the order in which packs list them."""

CATALOGUE: Mapping[str, Indicator] = {name: measure.indicator for name, measure in MEASURES.items()}
"""Indicator name -> what the number means."""
