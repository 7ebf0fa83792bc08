"""The parameters of the purchase and the spend model, of the company alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from transforms.figures import Better, Label, Unit
from transforms.indicators.declare import COMPANY_ONLY, MONTH_END, ORDERS, Part, indicator
from transforms.indicators.lifetime import SPEND_MODELS, missing_expectation, without_fit
from transforms.lifetime.beta_geometric import Fit
from transforms.lifetime.fitting import NotFitted
from transforms.lifetime.forecast import PACKS
from transforms.lifetime.lognormal import LogSpendFit
from transforms.lifetime.spend import SpendFit
from transforms.statistics.estimates import Estimate, no_data


def _declare_parameter(name: str, formula: str, chosen: Callable[[Fit], float], title: str) -> None:
    @indicator(
        name,
        title=title,
        unit=Unit.RATIO,
        better=Better.NEITHER,
        formula=formula,
        window=MONTH_END,
        needs=ORDERS,
        section="lifetime",
        label=Label.ESTIMATE,
        scopes=COMPANY_ONLY,
    )
    def computed(part: Part) -> Estimate:
        missing = missing_expectation(part)
        if missing or part.outlook is None:
            return missing or no_data()
        found = part.outlook.now.purchases
        assert isinstance(found, Fit)
        prior = ", held by a weak prior as the data leave them open," if found.held else ""
        method = f"{PACKS}, time in weeks; maximum likelihood{prior} from two starts that agree; n = customers"
        return Estimate(chosen(found), found.n, method=method)


_declare_parameter("model_r", "shape of the customers' purchase rates", lambda found: found.model.r, "Model: r")
_declare_parameter("model_alpha", "weeks; r / alpha is the mean purchase rate a week", lambda found: found.model.alpha, "Model: alpha")
_declare_parameter("model_a", "a / (a + b) is the mean chance of leaving after a purchase", lambda found: found.model.a, "Model: a")
_declare_parameter("model_b", "see a", lambda found: found.model.b, "Model: b")
_declare_parameter(
    "model_log_likelihood",
    "log likelihood of all purchase histories at these parameters",
    lambda found: round(found.log_likelihood, 2),
    "Model: log likelihood",
)


def _declare_spending(name: str, title: str, formula: str, chosen: Callable[[SpendFit | LogSpendFit], float | None]) -> None:
    @indicator(
        name,
        title=title,
        unit=Unit.RATIO,
        better=Better.NEITHER,
        formula=formula,
        window=MONTH_END,
        needs=ORDERS,
        section="lifetime",
        label=Label.ESTIMATE,
        scopes=COMPANY_ONLY,
    )
    def computed(part: Part) -> Estimate:
        if part.outlook is None:
            return no_data("no model was asked for")
        found = part.outlook.now.spend
        if isinstance(found, NotFitted):
            return without_fit(found)
        value = chosen(found)
        method = f"{SPEND_MODELS[type(found)]}; {found.left_out} without positive spend left out; n = customers"
        return no_data(method, found.n) if value is None or np.isnan(value) else Estimate(value, found.n, method=method)


def _gamma_gamma(chosen: Callable[[SpendFit], float]) -> Callable[[SpendFit | LogSpendFit], float | None]:
    return lambda found: chosen(found) if isinstance(found, SpendFit) else None


def _log_normal(chosen: Callable[[LogSpendFit], float]) -> Callable[[SpendFit | LogSpendFit], float | None]:
    return lambda found: chosen(found) if isinstance(found, LogSpendFit) else None


_declare_spending("spend_p", "Spend model: p", "shape of one customer's spends", _gamma_gamma(lambda found: found.model.p))
_declare_spending("spend_q", "Spend model: q", "shape of the customers' mean spends", _gamma_gamma(lambda found: found.model.q))
_declare_spending("spend_gamma", "Spend model: gamma", "scale of spend, money", _gamma_gamma(lambda found: found.model.gamma))
_declare_spending("spend_mu", "Spend model: mu", "mean log spend over customers", _log_normal(lambda found: found.model.mu))
_declare_spending("spend_tau", "Spend model: tau", "spread of log spend over customers", _log_normal(lambda found: found.model.tau))
_declare_spending(
    "spend_sigma",
    "Spend model: sigma",
    "scatter of a customer's log spend",
    _log_normal(lambda found: found.model.sigma),
)
_declare_spending(
    "spend_correlation",
    "Spend model: frequency and spend",
    "correlation of the number of purchase days with their mean spend; the model takes it for 0",
    lambda found: round(found.correlation, 6),
)
