"""The catalogue: every indicator once, with its words, unit, formula and computation.

An indicator is added where its subject lives (`customers`, `money`, `satisfaction`, `service`, ...) by one
decorated function; a new subject is one more line here.
"""

from __future__ import annotations

from collections.abc import Mapping

from transforms.figures import Indicator
from transforms.indicators import (
    backtest,
    churn,
    concentration,
    core,
    costs,
    customer_base,
    customer_files,
    customer_value,
    customers,
    effort,
    feedback,
    group_service,
    groups,
    information,
    lifetime,
    loss_model,
    lost_customers,
    loyalty,
    loyalty_value,
    markets,
    models,
    money,
    movements,
    needs,
    purchasing,
    quotes,
    referrals,
    retention,
    revenue_sources,
    satisfaction,
    separation,
    service,
    standard,
    strategy,
)
from transforms.indicators.declare import Measure, measures_in

SUBJECTS = (
    *(customers, money, retention, concentration, customer_base, groups),
    *(core, customer_value, customer_files, purchasing, costs, quotes),
    *(referrals, effort, lifetime, backtest, models, loss_model),
    *(lost_customers, loyalty, loyalty_value, revenue_sources, strategy, feedback),
    *(group_service, service, movements, standard, churn, satisfaction),
    *(information, separation, needs, markets),
)
"""One file per subject, in the order in which their figures are listed."""

MEASURES: Mapping[str, Measure] = {name: measure for subject in SUBJECTS for name, measure in measures_in(subject.__name__).items()}
"""Indicator name -> words, computation and scopes, in the order in which packs list them."""

CATALOGUE: Mapping[str, Indicator] = {name: measure.indicator for name, measure in MEASURES.items()}
"""Indicator name -> what the number means."""
