"""The models against themselves written plainly, at the edges, and in what must hold for any parameters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from transforms.lifetime import beta_geometric, pareto, retention, spend
from transforms.lifetime.beta_geometric import BetaGeometric, Leaving
from transforms.lifetime.fitting import NotFitted, Unfit
from transforms.lifetime.histories import Histories
from transforms.lifetime.pareto import Pareto
from transforms.lifetime.spend import Spend
from transforms.lifetime.value import discounted_purchases, monthly_rate

FEW = settings(max_examples=40, deadline=None)
positive = st.floats(0.05, 20.0)
beta_geometrics = st.builds(BetaGeometric, st.sampled_from(list(Leaving)), r=positive, alpha=positive, a=positive, b=positive)
paretos = st.builds(Pareto, r=positive, alpha=positive, s=positive, beta=positive)
models = st.one_of(beta_geometrics, paretos)
customers = st.tuples(st.integers(0, 400), st.floats(0.0, 1.0), st.floats(0.0, 200.0))
"""x, t_x as a share of T, T."""


def one(x: float, recency: float, age: float) -> Histories:
    return Histories.of(np.array([float(x)]), np.array([recency if x else 0.0]), np.array([age]))


def plain_beta_geometric(model: BetaGeometric, x: int, recency: float, age: float, ahead: float) -> tuple[float, float, float]:
    """Likelihood, P(alive) and expected purchases by adding up over every rate and every chance of leaving (Gauss)."""
    k = model.leaving.shift
    u, rate_weight = special.roots_genlaguerre(60, model.r - 1)
    t, leave_weight = special.roots_jacobi(60, model.b - 1, model.a - 1)
    rho, p = np.meshgrid(u / model.alpha, (1 + t) / 2, indexing="ij")
    weight = np.outer(rate_weight / rate_weight.sum(), leave_weight / leave_weight.sum())
    stayed = weight * rho**x * (1 - p) ** (x + k) * np.exp(-rho * age)
    left = weight * rho**x * p * (1 - p) ** (x + k - 1) * np.exp(-rho * recency) if x + k else np.zeros(1)
    seen = stayed.sum() + left.sum()
    return seen, stayed.sum() / seen, (stayed * -np.expm1(-rho * p * ahead) / p).sum() / seen


@pytest.mark.parametrize("leaving", list(Leaving))
@pytest.mark.parametrize(("x", "recency", "age"), [(0, 0.0, 3.0), (2, 4.0, 6.0)])
def test_the_closed_forms_equal_integration_over_all_customers(leaving, x, recency, age):
    model = BetaGeometric(leaving, r=1.7, alpha=2.4, a=1.3, b=2.2)
    likelihood, alive, ahead = plain_beta_geometric(model, x, recency, age, ahead=5.0)
    seen = one(x, recency, age)
    assert np.exp(model.log_likelihood(seen)) == pytest.approx(likelihood, rel=1e-6)
    assert model.p_alive(seen)[0] == pytest.approx(alive, rel=1e-6)
    assert model.purchases_ahead(seen, 5.0)[0] == pytest.approx(ahead, rel=1e-6)


@pytest.mark.parametrize(("alpha", "beta"), [(3.0, 1.5), (1.5, 3.0), (2.0, 2.0)])
def test_the_pareto_likelihood_equals_integration_over_the_moment_of_leaving(alpha, beta):
    """A0 / (r + s + x) is the integral of (alpha+y)^-(r+x) (beta+y)^-(s+1) from t_x to T, whichever of alpha and beta is the larger."""
    model, (x, recency, age) = Pareto(r=0.9, alpha=alpha, s=0.7, beta=beta), (3, 2.0, 9.0)
    missed = integrate.quad(lambda y: (alpha + y) ** -(0.9 + x) * (beta + y) ** -1.7, recency, age)[0]
    stayed = (alpha + age) ** -(0.9 + x) * (beta + age) ** -0.7
    fixed = special.gamma(0.9 + x) / special.gamma(0.9) * alpha**0.9 * beta**0.7
    assert model.log_likelihood(one(x, recency, age)) == pytest.approx(np.log(fixed * (stayed + 0.7 * missed)), rel=1e-9)
    assert model.p_alive(one(x, recency, age))[0] == pytest.approx(stayed / (stayed + 0.7 * missed), rel=1e-9)


@pytest.mark.parametrize("leaving", list(Leaving))
def test_probabilities_of_all_numbers_of_purchases_add_up_to_one_and_to_the_expectation(leaving):
    model = BetaGeometric(leaving, r=0.243, alpha=4.414, a=0.793, b=2.426)
    counts = np.arange(3000.0)
    chances = model.chance_of(counts, 39.0)
    assert chances.sum() == pytest.approx(1.0, abs=1e-9)
    assert (chances * counts).sum() == pytest.approx(model.expected_purchases(39.0)[0], rel=1e-6)


def test_a_thousand_purchases_neither_overflow_nor_underflow():
    seen = Histories.of(np.array([131.0, 400.0, 1000.0]), np.array([99.0, 99.0, 99.5]), np.array([100.0, 100.0, 100.0]))
    for model in (
        BetaGeometric(Leaving.AFTER_EVERY, 0.5, 6.2, 0.9, 1.6),
        BetaGeometric(Leaving.AFTER_REPEATS, 0.2, 4.4, 0.8, 2.4),
        Pareto(0.55, 10.6, 0.6, 11.7),
        Pareto(0.55, 11.7, 0.6, 10.6),
    ):
        alive, ahead = model.p_alive(seen), model.purchases_ahead(seen, 10.0)
        assert ((alive > 0.1) & (alive < 1)).all()
        assert (ahead > np.array([1.0, 3.0, 8.0])).all() and np.isfinite(ahead).all()
        assert np.isfinite(model.log_likelihood(seen))


@FEW
@given(models, customers)
def test_p_alive_is_a_probability_and_so_is_the_chance_of_another_order(model, customer):
    x, share, age = customer
    seen = one(x, share * age, age)
    assert 0 <= model.p_alive(seen)[0] <= 1
    if isinstance(model, BetaGeometric):
        assert 0 <= model.p_active(seen, 52.0)[0] <= model.p_alive(seen)[0]


@FEW
@given(models, customers, st.floats(0.5, 50.0))
def test_silence_never_makes_it_likelier_that_somebody_is_still_there(model, customer, silence):
    x, share, age = customer
    sooner, later = one(x, share * age, age), one(x, share * age, age + silence)
    assert model.p_alive(later)[0] <= model.p_alive(sooner)[0] + 1e-9


def test_whole_numbered_parameters_far_along_have_a_value():
    """a = 2, b = 1, r = alpha = 1, 99 repeats in no time, ten units ahead: B = 100, z = 10/11, 2F1(1, 1; 101; z) = 1.00916575, so
    101 x (1 - 1.00916575 / 11) = 91.73402, times P(alive) = 100 / 102 - and scipy says that 2F1 is infinite."""
    model = BetaGeometric(Leaving.AFTER_REPEATS, 1.0, 1.0, 2.0, 1.0)
    seen = one(99, 0.0, 0.0)
    assert model.purchases_ahead(seen, 10.0)[0] == pytest.approx(model.p_alive(seen)[0] * 101 * (1 - 1.0091657475576672 / 11), rel=1e-12)


@FEW
@given(models, customers, st.floats(0.1, 50.0), st.floats(0.1, 50.0))
@example(BetaGeometric(Leaving.AFTER_REPEATS, 1.0, 1.0, 2.0, 1.0), (99, 0.0, 0.0), 1.0, 9.0)
def test_more_time_never_brings_fewer_purchases(model, customer, ahead, more):
    x, share, age = customer
    seen = one(x, share * age, age)
    near, far = model.purchases_ahead(seen, ahead)[0], model.purchases_ahead(seen, ahead + more)[0]
    assert 0 <= near <= far * (1 + 1e-6) + 1e-9


@FEW
@given(beta_geometrics, customers, st.floats(0.1, 10.0))
def test_the_unit_of_time_makes_no_difference(model, customer, factor):
    x, share, age = customer
    seen, other = one(x, share * age, age), model.in_unit(factor)
    assert other.p_alive(seen.in_time_unit(factor))[0] == pytest.approx(model.p_alive(seen)[0], rel=1e-9, abs=1e-12)
    here, there = model.purchases_ahead(seen, 7.0)[0], other.purchases_ahead(seen.in_time_unit(factor), 7.0 * factor)[0]
    assert there == pytest.approx(here, rel=1e-7, abs=1e-9)


def test_the_expectation_is_smooth_where_its_formula_is_nothing_by_nothing():
    seen = one(3, 20.0, 30.0)
    values = [BetaGeometric(Leaving.AFTER_EVERY, 0.5, 6.0, a, 1.6).purchases_ahead(seen, 26.0)[0] for a in (0.999, 1.0, 1.001)]
    assert values[1] == pytest.approx((values[0] + values[2]) / 2, rel=1e-4)
    pair = [Pareto(0.5, 6.0, s, 9.0).purchases_ahead(seen, 26.0)[0] for s in (0.9999, 1.0, 1.0001)]
    assert pair[1] == pytest.approx((pair[0] + pair[2]) / 2, rel=1e-6)


def drawn(count: int, seed: int, stays: bool = False) -> Histories:
    """Customers whose rates and chances of leaving are drawn as the MBG/NBD has it: r 0.8, alpha 5, a 0.9, b 2.5, in weeks."""
    random = np.random.default_rng(seed)
    ages = np.rint(random.uniform(10, 100, count) * 7) / 7
    rates = random.gamma(0.8, 1 / 5.0, count)
    leaves = np.zeros(count) if stays else random.beta(0.9, 2.5, count)
    x, last = np.zeros(count), np.zeros(count)
    for place in range(count):
        now = 0.0
        while random.random() >= leaves[place]:
            now += random.exponential(1 / rates[place])
            if now > ages[place]:
                break
            x[place] += 1
            last[place] = now
    return Histories.of(x, np.rint(last * 7) / 7, ages)


def test_the_fit_finds_the_parameters_that_invented_customers_were_drawn_from():
    found = beta_geometric.fit(drawn(3000, seed=4), Leaving.AFTER_EVERY)
    assert isinstance(found, beta_geometric.Fit)
    true = np.log([0.8, 5.0, 0.9, 2.5])
    got = np.log([found.model.r, found.model.alpha, found.model.a, found.model.b])
    assert (np.abs(got - true) < 4 * found.search.errors).all()


def test_grouping_equal_histories_leaves_likelihood_and_fit_as_they_were():
    seen = drawn(800, seed=5)
    grouped = seen.group_equal()
    assert len(grouped) < len(seen) and grouped.total == len(seen)
    model = BetaGeometric(Leaving.AFTER_EVERY, 0.8, 5.0, 0.9, 2.5)
    one_by_one = sum(model.log_likelihood(one(*row)) for row in zip(seen.repeats[:50], seen.recency[:50], seen.age[:50], strict=True))
    first = Histories.of(seen.repeats[:50], seen.recency[:50], seen.age[:50])
    assert first.group_equal().total == 50
    assert model.log_likelihood(first.group_equal()) == pytest.approx(one_by_one, rel=1e-12)
    twice = Histories.of(*(np.concatenate([column, column]) for column in (seen.repeats, seen.recency, seen.age)))
    single, double = beta_geometric.fit(seen, Leaving.AFTER_EVERY), beta_geometric.fit(twice, Leaving.AFTER_EVERY)
    assert isinstance(single, beta_geometric.Fit) and isinstance(double, beta_geometric.Fit)
    np.testing.assert_allclose(
        [double.model.r, double.model.alpha, double.model.a], [single.model.r, single.model.alpha, single.model.a], rtol=2e-5
    )


def test_the_order_of_customers_makes_no_difference_to_a_byte():
    seen = drawn(600, seed=6)
    turned = Histories.of(seen.repeats[::-1], seen.recency[::-1], seen.age[::-1])
    here, there = (beta_geometric.fit(one_of, Leaving.AFTER_EVERY) for one_of in (seen, turned))
    assert isinstance(here, beta_geometric.Fit) and isinstance(there, beta_geometric.Fit)
    assert here.model == there.model and here.log_likelihood == there.log_likelihood


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (drawn(150, seed=7), Unfit.TOO_FEW_CUSTOMERS),
        (Histories.of(np.zeros(300), np.zeros(300), np.full(300, 50.0)), Unfit.NO_REPEATS),
        (drawn(400, seed=8, stays=True), Unfit.RUNAWAY),
        (Histories.of(np.full(400, 6.0), np.full(400, 48.0), np.full(400, 50.0)), Unfit.RUNAWAY),
    ],
    ids=["few", "nobody came back", "nobody ever left", "all alike"],
)
def test_data_that_do_not_allow_a_model_say_why(seen, why):
    for found in (beta_geometric.fit(seen, Leaving.AFTER_EVERY), *([pareto.fit(seen)] if why is not Unfit.RUNAWAY else [])):
        assert isinstance(found, NotFitted)
        assert (found.why, found.n) == (why, round(seen.total))


def test_spend_is_drawn_towards_the_mean_of_all_and_the_more_so_the_less_is_known():
    model = Spend(p=6.25, q=3.74, gamma=15.44)
    told = model.expected_spend(np.array([0.0, 1.0, 5.0, 500.0]), np.array([0.0, 90.0, 90.0, 90.0]))
    assert told[0] == pytest.approx(model.mean)
    assert (np.diff(told) > 0).all() and told[3] == pytest.approx(90.0, rel=0.01)


def test_spend_without_a_mean_or_without_enough_repeaters_is_not_fitted():
    random = np.random.default_rng(3)
    heavy = np.exp(random.standard_cauchy(400) * 2).clip(1e-3, 1e6)
    found = spend.fit(np.full(400, 30.0), heavy)
    assert isinstance(found, NotFitted) and found.why is Unfit.NO_MEAN
    few = spend.fit(np.array([0.0] * 100 + [2.0] * 49), np.full(149, 8.0))
    assert isinstance(few, NotFitted) and (few.why, few.n) == (Unfit.NO_SPEND, 49)


def test_repeat_spend_that_is_not_positive_is_left_out_and_counted():
    random = np.random.default_rng(2)
    x = random.integers(1, 6, 300).astype(float)
    z = random.gamma(4 * x) / x * 10 / random.gamma(3.0, 1.0, 300)
    z[:7] = 0.0
    found = spend.fit(x, z)
    assert isinstance(found, spend.SpendFit) and (found.n, found.left_out) == (293, 7)


def test_the_spend_likelihood_falls_in_every_direction_from_the_fit():
    random = np.random.default_rng(9)
    x = random.integers(1, 8, 500).astype(float)
    z = random.gamma(5 * x) / x * 12 / random.gamma(3.5, 1.0, 500)
    found = spend.fit(x, z)
    assert isinstance(found, spend.SpendFit)

    def plain(p: float, q: float, gamma: float) -> float:
        parts = special.gammaln(p * x + q) - special.gammaln(p * x) - special.gammaln(q) + q * np.log(gamma)
        return float((parts + (p * x - 1) * np.log(z) + p * x * np.log(x) - (p * x + q) * np.log(x * z + gamma)).sum())

    best = (found.model.p, found.model.q, found.model.gamma)
    assert plain(*best) == pytest.approx(found.log_likelihood, abs=1e-6)
    for place in range(3):
        for factor in (0.97, 1.03):
            moved = [value * (factor if number == place else 1) for number, value in enumerate(best)]
            assert plain(*moved) < plain(*best)


def test_a_dearer_discount_makes_the_future_worth_less_and_none_makes_it_the_sum():
    model, seen = BetaGeometric(Leaving.AFTER_EVERY, 0.5, 6.2, 0.9, 1.6), one(4, 30.0, 40.0)
    free, dear = (discounted_purchases(model, seen, 12, 4.345, rate)[0] for rate in (0.0, 0.05))
    assert free == pytest.approx(model.purchases_ahead(seen, 12 * 4.345)[0], rel=1e-12)
    assert dear < free
    assert (1 + monthly_rate(0.1)) ** 12 == pytest.approx(1.1)
    with pytest.raises(ValueError, match="cannot be discounted"):
        discounted_purchases(model, seen, 0, 4.345, 0.01)


def test_survivors_that_become_more_are_refused_and_few_are_not_fitted():
    with pytest.raises(ValueError, match="fewer"):
        retention.fit(np.array([100, 90, 95]))
    found = retention.fit(np.array([20, 10, 5, 3]))
    assert isinstance(found, NotFitted) and found.why is Unfit.TOO_FEW_CUSTOMERS
