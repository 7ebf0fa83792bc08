"""Last year's forecast against what came."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from transforms.figures import Better, Label, Reason, Unit
from transforms.indicators.declare import ORDERS, YEAR_WINDOW, Part, indicator
from transforms.indicators.lifetime import missing_expectation, without_fit
from transforms.lifetime.backtest import Score, score
from transforms.lifetime.fitting import NotFitted
from transforms.money import UNITS
from transforms.statistics.estimates import Estimate, no_data


def judge_forecast(part: Part, naive: bool = False) -> Score | Estimate:
    """The forecast of net made twelve months ago (or "as the year before") against the net that came; or why it cannot be judged."""
    missing = missing_expectation(part, money=True)
    if missing or part.outlook is None:
        return missing or no_data()
    before = part.outlook.year_ago
    if before is None:
        return no_data("not enough history: 24 months are needed")
    for found in (before.purchases, before.spend):
        if isinstance(found, NotFitted):
            return without_fit(found)
    predicted, came = part.numbers("forecast_net_12m") / UNITS, part.numbers("net_12m") / UNITS
    known = ~np.isnan(predicted)
    if naive:
        predicted = part.numbers("prior_net_12m") / UNITS
    if not known.any():
        return no_data("nobody of twelve months ago")
    found_score = score(predicted[known], came[known])
    return Estimate(None, int(known.sum()), reason=Reason.TOO_FEW) if found_score is None else found_score


def _of_score(part: Part, method: str, chosen: Callable[[Score], float | None], naive: bool = False) -> Estimate:
    found = judge_forecast(part, naive)
    if isinstance(found, Estimate):
        return found
    value = chosen(found)
    return no_data(method, found.n) if value is None else Estimate(value, found.n, method=method)


@indicator(
    "forecast_net_ratio",
    title="Last year's forecast / what came",
    unit=Unit.RATIO,
    better=Better.NEITHER,
    formula="net that was to be expected twelve months ago for these months / net that came, of the customers of then",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="lifetime",
    label=Label.ESTIMATE,
    serves=("S15",),
)
def forecast_net_ratio(part: Part) -> Estimate:
    return _of_score(part, "model of 12 months ago, on the data known now up to then", lambda found: found.ratio)


@indicator(
    "forecast_rank_correlation",
    title="Forecast and outcome: rank correlation",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    formula="Spearman correlation of the net that was to be expected twelve months ago with the net that came",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="lifetime",
    label=Label.ESTIMATE,
    serves=("S15",),
)
def forecast_rank_correlation(part: Part) -> Estimate:
    found = judge_forecast(part)
    if isinstance(found, Estimate):
        return found
    if found.rank_correlation is None or found.interval is None:
        return no_data("nothing varies", found.n)
    return Estimate(found.rank_correlation, found.n, *found.interval, method="Spearman; interval by Fisher's z")


@indicator(
    "forecast_rank_correlation_naive",
    title="The same for 'as last year'",
    unit=Unit.RATIO,
    better=Better.NEITHER,
    formula="Spearman correlation of the net of the twelve months before with the net that came, same customers",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="lifetime",
    serves=("S15",),
)
def forecast_rank_correlation_naive(part: Part) -> Estimate:
    return _of_score(part, "Spearman; naive forecast", lambda found: found.rank_correlation, naive=True)


@indicator(
    "forecast_top_decile_capture",
    title="Outcome brought by the tenth with the highest forecasts",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="share of the net that came which the 10% of customers with the highest forecasts of twelve months ago brought",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="lifetime",
    label=Label.ESTIMATE,
    serves=("S15",),
)
def forecast_top_decile_capture(part: Part) -> Estimate:
    return _of_score(part, "customers of twelve months ago; ties share alike", lambda found: found.capture)


@indicator(
    "forecast_error_ratio",
    title="Forecast error against 'as last year'",
    unit=Unit.RATIO,
    better=Better.LOWER,
    formula="mean absolute error of the forecast of net / that of expecting from each customer the net of the year before",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section="lifetime",
    label=Label.ESTIMATE,
    serves=("S15",),
)
def forecast_error_ratio(part: Part) -> Estimate:
    own, naive = judge_forecast(part), judge_forecast(part, naive=True)
    if isinstance(own, Estimate):
        return own
    if isinstance(naive, Estimate) or naive.mean_error == 0:
        return no_data("the naive forecast makes no error", own.n)
    return Estimate(own.mean_error / naive.mean_error, own.n, method="mean absolute errors of net per customer")
