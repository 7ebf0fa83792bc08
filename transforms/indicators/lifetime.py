"""Figures of lifetime value: what is to be expected, how well the last forecast did, and the models behind both."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from transforms.figures import Better, Label, Reason, Scope, Unit
from transforms.indicators.declare import MONTH_END, YEAR_WINDOW, Part, indicator
from transforms.lifetime.backtest import Score, score
from transforms.lifetime.beta_geometric import Fit
from transforms.lifetime.churn import ChurnTest
from transforms.lifetime.fitting import NotFitted, Unfit
from transforms.lifetime.forecast import PACKS, VALUE_MONTHS
from transforms.lifetime.lognormal import LogSpendFit
from transforms.lifetime.spend import SpendFit
from transforms.money import UNITS, BoolArray, FloatArray
from transforms.statistics.estimates import Estimate, no_data, share_of

ORDERS = ("orders", "order_lines")
SECTION = "lifetime"
GONE_BELOW = 0.5
"""Probability of still being there below which a customer counts as likely gone."""
_SCARCE = (Unfit.TOO_FEW_CUSTOMERS, Unfit.NO_REPEATS, Unfit.NO_SPEND)


def likely_gone(p_alive: FloatArray, orders_12m: FloatArray) -> BoolArray:
    """Who ordered in the twelve months and is nevertheless likelier gone than not."""
    with np.errstate(invalid="ignore"):
        gone: BoolArray = (orders_12m > 0) & (p_alive < GONE_BELOW)
    return gone


def _unfitted(found: NotFitted) -> Estimate:
    reason = Reason.TOO_FEW if found.why in _SCARCE else Reason.NO_DATA
    return Estimate(None, found.n, method=f"not fitted: {found.why}", reason=reason)


def _missing(part: Part, money: bool = False) -> Estimate | None:
    """Why there is no expectation, or None where there is one."""
    if part.outlook is None:
        return no_data("no model was asked for")
    for found in (part.outlook.now.purchases, *([part.outlook.now.spend] if money else [])):
        if isinstance(found, NotFitted):
            return _unfitted(found)
    return None


@indicator(
    "expected_orders_12m",
    title="Expected purchase days (next 12 months)",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    formula="purchase days that the purchase model expects of the customers in the next twelve months; orders of one day are one",
    window=MONTH_END,
    needs=ORDERS,
    section=SECTION,
    label=Label.ESTIMATE,
    serves=("S15",),
)
def expected_orders_12m(part: Part) -> Estimate:
    missing = _missing(part)
    return missing or Estimate(float(np.nansum(part.numbers("expected_orders_12m"))), len(part), method=f"{PACKS}; n = customers")


def _spend_model(part: Part) -> str:
    return "" if part.outlook is None else SPEND_MODELS.get(type(part.outlook.now.spend), "")


def _total(part: Part, column: str, method: str) -> Estimate:
    missing = _missing(part, money=True)
    return missing or Estimate(float(np.nansum(part.numbers(column))) / UNITS, len(part), method=f"{method}; n = customers")


@indicator(
    "expected_net_12m",
    title="Expected net revenue (next 12 months)",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    formula="sum over customers of expected purchase days x expected spend of a day x net as a share of gross",
    window=MONTH_END,
    needs=ORDERS,
    section=SECTION,
    label=Label.ESTIMATE,
    serves=("S10", "S15"),
)
def expected_net_12m(part: Part) -> Estimate:
    return _total(part, "expected_net_12m", f"{PACKS} and {_spend_model(part)}; present customers alone")


@indicator(
    "lifetime_value_36m",
    title="Lifetime value (36 months)",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    formula="net revenue expected in the next 36 months, each month's discounted at the rate that the policy assumes",
    window=MONTH_END,
    needs=ORDERS,
    section=SECTION,
    label=Label.ESTIMATE,
    serves=("S10",),
)
def lifetime_value_36m(part: Part) -> Estimate:
    rate = None if part.outlook is None else part.outlook.now.discount
    if rate is None:
        return no_data("no discount rate is assumed")
    return _total(part, "value_36m", f"{PACKS} and {_spend_model(part)}; {VALUE_MONTHS} months; assumed discount {rate:.1%} a year")


@indicator(
    "share_likely_gone",
    title="Active customers who are likely gone",
    unit=Unit.SHARE,
    better=Better.LOWER,
    formula="of the customers with an order in twelve months those whose probability of still being there is below one half",
    window=MONTH_END,
    needs=ORDERS,
    section=SECTION,
    label=Label.ESTIMATE,
    serves=("S24",),
)
def share_likely_gone(part: Part) -> Estimate:
    missing = _missing(part)
    if missing:
        return missing
    orders = part.numbers("orders_12m")
    gone = likely_gone(part.numbers("p_alive"), orders)
    return share_of(int(gone.sum()), int((orders > 0).sum()), f"{PACKS}, P(alive) < 0.5; Wilson interval of the count, not of the model")


@indicator(
    "net_likely_gone",
    title="Twelve-month net of those likely gone",
    unit=Unit.MONEY,
    better=Better.LOWER,
    formula="net of the twelve months of customers whose probability of still being there is below one half",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section=SECTION,
    label=Label.ESTIMATE,
    serves=("S24",),
)
def net_likely_gone(part: Part) -> Estimate:
    missing = _missing(part)
    if missing:
        return missing
    gone = likely_gone(part.numbers("p_alive"), part.numbers("orders_12m"))
    units = int(part.integers("net_12m")[gone].sum())
    return Estimate(units / UNITS, int(gone.sum()), method=f"{PACKS}, P(alive) < 0.5; n = customers likely gone")


# last year's forecast against what came


def judged(part: Part, naive: bool = False) -> Score | Estimate:
    """The forecast of net made twelve months ago (or "as the year before") against the net that came; or why it cannot be judged."""
    missing = _missing(part, money=True)
    if missing or part.outlook is None:
        return missing or no_data()
    before = part.outlook.year_ago
    if before is None:
        return no_data("not enough history: 24 months are needed")
    for found in (before.purchases, before.spend):
        if isinstance(found, NotFitted):
            return _unfitted(found)
    predicted, came = part.numbers("forecast_net_12m") / UNITS, part.numbers("net_12m") / UNITS
    known = ~np.isnan(predicted)
    if naive:
        predicted = part.numbers("prior_net_12m") / UNITS
    found_score = score(predicted[known], came[known])
    return Estimate(None, int(known.sum()), reason=Reason.TOO_FEW) if found_score is None else found_score


def _of_score(part: Part, method: str, chosen: Callable[[Score], float | None], naive: bool = False) -> Estimate:
    found = judged(part, naive)
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
    section=SECTION,
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
    section=SECTION,
    label=Label.ESTIMATE,
    serves=("S15",),
)
def forecast_rank_correlation(part: Part) -> Estimate:
    found = judged(part)
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
    section=SECTION,
    serves=("S15",),
)
def forecast_rank_correlation_naive(part: Part) -> Estimate:
    return _of_score(part, "Spearman; naive forecast", lambda found: found.rank_correlation, naive=True)


@indicator(
    "forecast_top_decile_capture",
    title="Outcome brought by the tenth with the highest forecasts",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="share of the net that came which the 10 % of customers with the highest forecasts of twelve months ago brought",
    window=YEAR_WINDOW,
    needs=ORDERS,
    section=SECTION,
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
    section=SECTION,
    label=Label.ESTIMATE,
    serves=("S15",),
)
def forecast_error_ratio(part: Part) -> Estimate:
    own, naive = judged(part), judged(part, naive=True)
    if isinstance(own, Estimate):
        return own
    if isinstance(naive, Estimate) or naive.mean_error == 0:
        return no_data("the naive forecast makes no error", own.n)
    return Estimate(own.mean_error / naive.mean_error, own.n, method="mean absolute errors of net per customer")


# the models themselves, of the company alone


def _parameter(name: str, formula: str, chosen: Callable[[Fit], float], title: str) -> None:
    @indicator(
        name,
        title=title,
        unit=Unit.RATIO,
        better=Better.NEITHER,
        formula=formula,
        window=MONTH_END,
        needs=ORDERS,
        section=SECTION,
        label=Label.ESTIMATE,
        scopes=(Scope.COMPANY,),
    )
    def computed(part: Part) -> Estimate:
        missing = _missing(part)
        if missing or part.outlook is None:
            return missing or no_data()
        found = part.outlook.now.purchases
        assert isinstance(found, Fit)
        prior = ", held by a weak prior as the data leave them open," if found.held else ""
        method = f"{PACKS}, time in weeks; maximum likelihood{prior} from two starts that agree; n = customers"
        return Estimate(chosen(found), found.n, method=method)


_parameter("model_r", "shape of the customers' purchase rates", lambda found: found.model.r, "Model: r")
_parameter("model_alpha", "weeks; r / alpha is the mean purchase rate a week", lambda found: found.model.alpha, "Model: alpha")
_parameter("model_a", "a / (a + b) is the mean chance of leaving after a purchase", lambda found: found.model.a, "Model: a")
_parameter("model_b", "see a", lambda found: found.model.b, "Model: b")
_parameter(
    "model_log_likelihood",
    "log likelihood of all purchase histories at these parameters",
    lambda found: round(found.log_likelihood, 2),
    "Model: log likelihood",
)


SPEND_MODELS = {SpendFit: "Gamma-Gamma", LogSpendFit: "log-normal, as Gamma-Gamma has no mean to plan on"}


def _spending(name: str, title: str, formula: str, chosen: Callable[[SpendFit | LogSpendFit], float | None]) -> None:
    @indicator(
        name,
        title=title,
        unit=Unit.RATIO,
        better=Better.NEITHER,
        formula=formula,
        window=MONTH_END,
        needs=ORDERS,
        section=SECTION,
        label=Label.ESTIMATE,
        scopes=(Scope.COMPANY,),
    )
    def computed(part: Part) -> Estimate:
        if part.outlook is None:
            return no_data("no model was asked for")
        found = part.outlook.now.spend
        if isinstance(found, NotFitted):
            return _unfitted(found)
        value = chosen(found)
        method = f"{SPEND_MODELS[type(found)]}; {found.left_out} without positive spend left out; n = customers"
        return no_data(method, found.n) if value is None or np.isnan(value) else Estimate(value, found.n, method=method)


def _gamma_gamma(chosen: Callable[[SpendFit], float]) -> Callable[[SpendFit | LogSpendFit], float | None]:
    return lambda found: chosen(found) if isinstance(found, SpendFit) else None


def _log_normal(chosen: Callable[[LogSpendFit], float]) -> Callable[[SpendFit | LogSpendFit], float | None]:
    return lambda found: chosen(found) if isinstance(found, LogSpendFit) else None


_spending("spend_p", "Spend model: p", "shape of one customer's spends", _gamma_gamma(lambda found: found.model.p))
_spending("spend_q", "Spend model: q", "shape of the customers' mean spends", _gamma_gamma(lambda found: found.model.q))
_spending("spend_gamma", "Spend model: gamma", "scale of spend, money", _gamma_gamma(lambda found: found.model.gamma))
_spending("spend_mu", "Spend model: mu", "mean log spend over customers", _log_normal(lambda found: found.model.mu))
_spending("spend_tau", "Spend model: tau", "spread of log spend over customers", _log_normal(lambda found: found.model.tau))
_spending(
    "spend_sigma",
    "Spend model: sigma",
    "scatter of a customer's log spend",
    _log_normal(lambda found: found.model.sigma),
)
_spending(
    "spend_correlation",
    "Spend model: frequency and spend",
    "correlation of the number of purchase days with their mean spend; the model takes it for 0",
    lambda found: round(found.correlation, 6),
)


def _tested(
    name: str,
    title: str,
    formula: str,
    chosen: Callable[[ChurnTest], tuple[float, tuple[float, float] | None]],
    better: Better = Better.NEITHER,
) -> None:
    @indicator(
        name,
        title=title,
        unit=Unit.RATIO,
        better=better,
        formula=formula,
        window=YEAR_WINDOW,
        needs=ORDERS,
        section=SECTION,
        label=Label.ESTIMATE,
        scopes=(Scope.COMPANY,),
    )
    def computed(part: Part) -> Estimate:
        found = None if part.outlook is None else part.outlook.churn
        if found is None:
            return no_data("not enough history or too few customers for a test out of time")
        value, interval = chosen(found)
        shown = "beats the rules" if found.shown else "does not beat the rules: not shown"
        method = f"logistic regression, trained 24 to 12 months ago on {found.trained_on}, tested on the year since; {shown}"
        lower, upper = interval or (None, None)
        return Estimate(value, found.n, lower, upper, method=method)


_tested(
    "loss_model_auc",
    "Loss model: area under the curve",
    "chance that a customer who then did not order for a year was ranked above one who did",
    lambda found: (found.auc, found.interval),
    Better.HIGHER,
)
_tested(
    "loss_rule_auc",
    "The better rule of thumb: area",
    "the same for days of silence or the purchase model's own chance, whichever is the better",
    lambda found: (found.rule_auc, None),
)
_tested(
    "loss_model_gain",
    "Loss model: gain over the rules",
    "difference of the areas on the same customers; shown only if its interval lies above 0",
    lambda found: (found.gain, found.gain_interval),
    Better.HIGHER,
)
_tested(
    "loss_model_brier",
    "Loss model: Brier score",
    "mean squared distance of probability and outcome; 0 is perfect",
    lambda found: (found.brier, None),
    Better.LOWER,
)
_tested(
    "loss_model_slope",
    "Loss model: slope of calibration",
    "slope of the outcome's log odds on the forecast's; 1 is perfect, below 1 too bold",
    lambda found: (found.slope, None),
)
_tested(
    "loss_model_intercept",
    "Loss model: intercept of calibration",
    "intercept of the same line; 0 is perfect",
    lambda found: (found.intercept, None),
)
