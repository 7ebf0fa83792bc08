"""How well the model of losses foretold a year, against rules of thumb; of the company alone."""

from __future__ import annotations

from collections.abc import Callable

from transforms.figures import Better, Label, Unit
from transforms.indicators.declare import COMPANY_ONLY, ORDERS, YEAR_WINDOW, Part, indicator
from transforms.lifetime.churn import ChurnTest
from transforms.statistics.estimates import Estimate, no_data


def _declare_test(
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
        section="lifetime",
        label=Label.ESTIMATE,
        scopes=COMPANY_ONLY,
    )
    def computed(part: Part) -> Estimate:
        found = None if part.outlook is None else part.outlook.churn
        if found is None:
            return no_data("not enough history or too few customers for a test out of time")
        value, interval = chosen(found)
        shown = "beats the rules" if found.beats_rules else "does not beat the rules: not shown"
        method = f"logistic regression, trained 24 to 12 months ago on {found.trained_on}, tested on the year since; {shown}"
        lower, upper = interval or (None, None)
        return Estimate(value, found.n, lower, upper, method=method)


_declare_test(
    "loss_model_auc",
    "Loss model: area under the curve",
    "chance that a customer who then did not order for a year was ranked above one who did",
    lambda found: (found.auc, found.interval),
    Better.HIGHER,
)
_declare_test(
    "loss_rule_auc",
    "The better rule of thumb: area",
    "the same for days of silence or the purchase model's own chance, whichever is the better",
    lambda found: (found.rule_auc, None),
)
_declare_test(
    "loss_model_gain",
    "Loss model: gain over the rules",
    "difference of the areas on the same customers; shown only if its interval lies above 0",
    lambda found: (found.gain, found.gain_interval),
    Better.HIGHER,
)
_declare_test(
    "loss_model_brier",
    "Loss model: Brier score",
    "mean squared distance of probability and outcome; 0 is perfect",
    lambda found: (found.brier, None),
    Better.LOWER,
)
_declare_test(
    "loss_model_slope",
    "Loss model: slope of calibration",
    "slope of the outcome's log odds on the forecast's; 1 is perfect, below 1 too bold",
    lambda found: (found.slope, None),
)
_declare_test(
    "loss_model_intercept",
    "Loss model: intercept of calibration",
    "intercept of the same line; 0 is perfect",
    lambda found: (found.intercept, None),
)
