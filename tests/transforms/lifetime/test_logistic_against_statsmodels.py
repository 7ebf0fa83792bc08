"""The logistic regression against statsmodels' on random customers: weights without a penalty, with one, and a calibration line."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special
from statsmodels.discrete.discrete_model import Logit
from statsmodels.tools import add_constant

from transforms.lifetime import logistic


def customers(seed: int, count: int = 500, features: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Features of different size, and who left: by chance, but more often with the first and less with the second."""
    random = np.random.default_rng(seed)
    drawn = random.normal(size=(count, features)) * random.uniform(0.1, 20, features) + random.uniform(-5, 5, features)
    standard = (drawn - drawn.mean(axis=0)) / drawn.std(axis=0)
    return drawn, random.random(count) < special.expit(-0.5 + 0.9 * standard[:, 0] - 0.6 * standard[:, 1])


@pytest.mark.parametrize("seed", range(5))
def test_without_a_penalty_weights_and_chances_are_those_of_statsmodels(seed):
    features, outcome = customers(seed)
    ours = logistic.fit(features, outcome, ridge=0.0)
    theirs = Logit(outcome.astype(float), add_constant(features)).fit(disp=False, tol=1e-12)
    assert ours.weights / ours.spreads == pytest.approx(theirs.params[1:], rel=1e-6, abs=1e-9)
    assert ours.probability(features) == pytest.approx(theirs.predict(), abs=1e-8)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ridge", [0.5, 1.0, 30.0])
def test_at_the_penalised_optimum_statsmodels_slope_is_the_penaltys(seed, ridge):
    """Where loglikelihood - ridge |w|^2 / 2 is highest, the gradient of the first is ridge w, and 0 for the intercept."""
    features, outcome = customers(seed)
    ours = logistic.fit(features, outcome, ridge=ridge)
    model = Logit(outcome.astype(float), add_constant((features - ours.means) / ours.spreads))
    assert model.score(np.array([ours.intercept, *ours.weights])) == pytest.approx([0.0, *(ridge * ours.weights)], abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_calibration_line_is_that_of_statsmodels(seed):
    random = np.random.default_rng(100 + seed)
    said = random.uniform(0.02, 0.98, 600)
    outcome = random.random(600) < special.expit(0.3 + 0.7 * special.logit(said))
    theirs = Logit(outcome.astype(float), add_constant(special.logit(said))).fit(disp=False, tol=1e-12)
    assert logistic.calibration_line(said, outcome) == pytest.approx(tuple(theirs.params), abs=1e-6)
