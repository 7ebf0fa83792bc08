"""Lifetime value: what is to be expected of the customers, who is likely gone, and how far last year's forecast held."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from reports.blocks import Block, Cell, Chart, Column, Paragraph, Section, Table, Terms
from reports.charts import FULL, columns
from reports.formats import finite
from reports.i18n import N_
from reports.sections.common import measures
from reports.view import View, amount_of
from transforms.indicators.lifetime import is_likely_gone
from transforms.lifetime.backtest import calibration
from transforms.lifetime.churn import ChurnTest
from transforms.lifetime.fitting import NotFitted, Unfit
from transforms.lifetime.lognormal import LogSpendFit
from transforms.lifetime.outlook import NO_REPEAT, Outlook

MEASURES = ("expected_orders_12m", "expected_net_12m", "lifetime_value_36m", "share_likely_gone", "net_likely_gone")
BACK_TEST = (
    "forecast_net_ratio",
    "forecast_rank_correlation",
    "forecast_rank_correlation_naive",
    "forecast_top_decile_capture",
    "forecast_error_ratio",
)
ROWS = 5

WHY: Mapping[Unfit, str] = {
    Unfit.TOO_FEW_CUSTOMERS: N_("too few customers"),
    Unfit.NO_REPEATS: N_("too few customers came back"),
    Unfit.RUNAWAY: N_("parameters run away"),
    Unfit.STARTS_DISAGREE: N_("two starts end in different places"),
    Unfit.NOT_CONVERGED: N_("the search did not come to rest"),
    Unfit.NO_MEAN: N_("the mean spend does not exist (q <= 1)"),
    Unfit.NO_SPEND: N_("too few customers with repeat spend"),
    Unfit.DIVERGES: N_("expectations diverge"),
}
RULES: Mapping[str, str] = {"silence": N_("days of silence"), "purchase model": N_("the purchase model’s own chance")}


def lifetime(view: View) -> Section | None:
    """Estimates, told as such; one sentence where no model is fitted, nothing where none was asked for."""
    outlook = view.material.review.outlook
    if outlook is None or not len(view.customers):
        return None
    title = view._("Lifetime value (estimate)")
    found = outlook.now.purchases
    if isinstance(found, NotFitted):
        return Section("lifetime", title, (Paragraph(_no_fit_sentence(view, found), "notice"),))
    blocks: list[Block] = [
        Paragraph(_lead(view), "lead"),
        measures(view, view._("What is to be expected"), MEASURES),
    ]
    if view.tier is None:
        blocks.append(_tiers(view))
    blocks += [block for block in (_likely_gone_table(view), _losses(view, outlook.churn), _calibration(view)) if block is not None]
    return Section("lifetime", title, tuple(blocks))


def model_lines(view: View) -> Terms | None:
    """The models in the method annex: parameters, fit, last year's forecast, the loss model; in the company's pack."""
    outlook = view.material.review.outlook
    if outlook is None or view.tier is not None:
        return None
    rows = [
        (view._("Purchases"), _purchases(view, outlook)),
        (view._("Spend"), _spend(view, outlook)),
        (view._("Last year’s forecast"), _back_test(view, outlook)),
        (view._("Loss within a year"), _churn(view, outlook.churn)),
    ]
    if outlook.now.discount is not None:
        rate = view._("{rate} a year on money to come: an assumption.", rate=view.formats.share(outlook.now.discount))
        rows.insert(2, (view._("Discount"), rate))
    return Terms(tuple(rows), view._("Lifetime models (estimates; no grade looks at them)"))


def _lead(view: View) -> str:
    net = view.own("expected_net_12m")
    if net.value is None:
        said = view._(
            "These customers are expected to order on {days} days in the next twelve months.",
            days=view.value(view.own("expected_orders_12m")),
        )
    else:
        said = view._(
            "These customers are expected to bring {net} net in the next twelve months, new ones not counted.",
            net=view.value(net),
        )
    return view.words.join([said, view._("All of this part is estimated by models; no grade depends on it.")])


def _no_fit_sentence(view: View, found: NotFitted) -> str:
    return view._(
        "Not fitted: {why} (n={n}). Nothing is estimated in place of the model.",
        why=view._(WHY[found.why]),
        n=view.formats.count(found.n),
    )


def _tiers(view: View) -> Table:
    heads = (
        Column(view._("Tier"), width="28"),
        Column(view._("Customers"), numeric=True),
        *(Column(view.title(name), numeric=True) for name in ("expected_net_12m", "lifetime_value_36m", "net_likely_gone")),
    )
    rows = []
    for tier, name in view.tier_names.items():
        numbers = [view.of_tier(tier, one) for one in ("customers_base", "expected_net_12m", "lifetime_value_36m", "net_likely_gone")]
        rows.append((Cell(name), *(Cell(view.value(number), muted=number.value is None) for number in numbers)))
    return Table(view._("By tier"), heads, tuple(rows), compact=True)


def _likely_gone_table(view: View) -> Table | None:
    """Active customers who are likely gone, most twelve-month net first."""
    alive, net = view.known_column("p_alive").to_numpy(), view.known_column("net_12m").to_numpy()
    places = np.flatnonzero(is_likely_gone(alive, view.known_column("orders_12m").to_numpy()) & (net > 0))
    if not len(places):
        return None
    ids = view.customers["customer_id"].tolist()
    shown = sorted(places.tolist(), key=lambda place: (-net[place], str(ids[place])))[:ROWS]
    rows = []
    for place in shown:
        row = {str(key): value for key, value in view.customers.iloc[place].items()}
        note = view._("no repeat yet") if row.get("lifetime_note") == NO_REPEAT else ""
        rows.append(
            (
                view.customer_cell(row),
                Cell(view.formats.share(finite(row.get("p_alive")), 1), note),
                Cell(view.formats.count(finite(row.get("recency_days")))),
                Cell(view.formats.money(amount_of(row.get("net_12m")), 0)),
                Cell(view.formats.money(amount_of(row.get("expected_net_12m")), 0) or "–"),
            )
        )
    heads = (
        Column(view._("Customer"), width="36"),
        Column(view._("Still a customer"), numeric=True),
        Column(view._("Silent days"), numeric=True),
        Column(view._("12-month net"), numeric=True),
        Column(view._("Expected next year"), numeric=True),
    )
    note = view._(
        "Showing {shown} of {total}. Still a customer: estimated probability of not having left for good, below one half for all of these.",
        shown=view.formats.count(len(rows)),
        total=view.formats.count(len(places)),
    )
    return Table(view._("Valuable and likely gone"), heads, tuple(rows), note=note, compact=True, inline=True)


def _losses(view: View, found: ChurnTest | None) -> Table | None:
    """Who will likely not order for a year, where the loss model has proved itself."""
    if found is None or not found.beats_rules:
        return None
    chance, net = view.known_column("p_lost_12m").to_numpy(), view.known_column("net_12m").to_numpy()
    places = np.flatnonzero(~np.isnan(chance) & (net > 0)).tolist()
    if not places:
        return None
    ids = view.customers["customer_id"].tolist()
    shown = sorted(places, key=lambda place: (-chance[place] * net[place], str(ids[place])))[:ROWS]
    rows = []
    for place in shown:
        row = {str(key): value for key, value in view.customers.iloc[place].items()}
        at_stake = view.formats.money(amount_of(chance[place] * net[place]), 0)
        silent = view.formats.count(finite(row.get("recency_days")))
        rows.append((view.customer_cell(row), Cell(view.formats.share(chance[place], 0)), Cell(silent), Cell(at_stake)))
    heads = (
        Column(view._("Customer"), width="40"),
        Column(view._("No order for a year"), numeric=True),
        Column(view._("Silent days"), numeric=True),
        Column(view._("Net x probability"), numeric=True),
    )
    note = view._(
        "A model of five features, tried on a year that it had not seen; see the method. It changes no grade. Most net at stake first."
    )
    return Table(view._("Likely to be lost within a year"), heads, tuple(rows), note=note, compact=True, inline=True)


def _calibration(view: View) -> Chart | None:
    """Last year's forecast of purchase days against what came, in tenths of the customers."""
    predicted, came = view.known_column("forecast_orders_12m").to_numpy(), view.known_column("days_12m").to_numpy()
    known = ~np.isnan(predicted)
    tenths = calibration(predicted[known], came[known])
    if not tenths:
        return None
    title = view._("Last year’s forecast, from the lowest tenth of customers to the highest")
    sentence = view._(
        "Twelve months ago {expected} purchase days were expected of these {n} customers; {came} came.",
        expected=view.formats.count(round(float(predicted[known].sum()))),
        n=view.formats.count(int(known.sum())),
        came=view.formats.count(round(float(came[known].sum()))),
    )
    groups = [(str(place + 1), one.predicted, one.came) for place, one in enumerate(tenths)]
    art = columns(
        f"{title}. {sentence}",
        groups,
        lambda value: view.formats.number(value, 1),
        view._("came, days per customer"),
        view._("expected"),
        width=FULL,
        height=80,
    )
    return Chart(title, art, sentence)


def _purchases(view: View, outlook: Outlook) -> str:
    found = outlook.now.purchases
    if isinstance(found, NotFitted):
        return _no_fit_sentence(view, found)
    number, model = view.formats.number, found.model
    said = view._(
        "{model} over {n} customers, time in weeks: r {r}, alpha {alpha}, a {a}, b {b}; log likelihood {height}; "
        "two starts ended in the same place.",
        model=str(model.leaving),
        n=view.formats.count(found.n),
        r=number(model.r, 3),
        alpha=number(model.alpha, 3),
        a=number(model.a, 3),
        b=number(model.b, 3),
        height=number(found.log_likelihood, 1),
    )
    prior = view._("The data alone leave the parameters open; a weak prior holds them.") if found.held else ""
    return view.words.join([said, prior])


def _spend(view: View, outlook: Outlook) -> str:
    found = outlook.now.spend
    if isinstance(found, NotFitted):
        return _no_fit_sentence(view, found)
    number = view.formats.number
    said = {"n": view.formats.count(found.n), "correlation": number(found.correlation, 2)}
    if isinstance(found, LogSpendFit):
        return view._(
            "Log-normal over {n} customers: mu {mu}, tau {tau}, sigma {sigma}. Gamma-Gamma was not taken: {why}. "
            "Frequency and spend correlate at {correlation}; the model takes that for 0.",
            mu=number(found.model.mu, 3),
            tau=number(found.model.tau, 3),
            sigma=number(found.model.sigma, 3),
            why=view._(WHY[found.instead.why]),
            **said,
        )
    return view._(
        "Gamma-Gamma over {n} customers and all their purchase days: p {p}, q {q}, gamma {gamma}. "
        "Frequency and spend correlate at {correlation}; the model takes that for 0.",
        p=number(found.model.p, 3),
        q=number(found.model.q, 3),
        gamma=number(found.model.gamma, 2),
        **said,
    )


def _back_test(view: View, outlook: Outlook) -> str:
    if outlook.year_ago is None:
        return view._("Not enough history: 24 months are needed.")
    numbers = [view.own(name) for name in BACK_TEST]
    if any(number.value is None for number in numbers):
        return view._("Cannot be judged: a model of twelve months ago is not fitted, or too few customers were there.")
    ratio, rank, naive, capture, error = (view.value(number) for number in numbers)
    return view._(
        "Of {n} customers, forecast / outcome {ratio}; rank correlation {rank} (“as last year”: {naive}); the best tenth by forecast "
        "brought {capture}; mean error {error} times that of “as last year”.",
        n=view.formats.count(numbers[0].n),
        ratio=ratio,
        rank=rank,
        naive=naive,
        capture=capture,
        error=error,
    )


def _churn(view: View, found: ChurnTest | None) -> str:
    if found is None:
        return view._("No test: 30 months of history and 200 customers, 30 of them lost, are needed.")
    number = view.formats.number
    said = view._(
        "Logistic regression on silence, purchase days, tenure, spend and being overdue. On {n} customers that it had not seen: area under "
        "the curve {auc}, the best rule ({rule}) {other}; gain {gain} ({lower} to {upper}); Brier score {brier}; slope of calibration "
        "{slope}, intercept {intercept}.",
        n=view.formats.count(found.n),
        auc=number(found.auc, 3),
        rule=view._(RULES[found.rule_name]),
        other=number(found.rule_auc, 3),
        gain=number(found.gain, 3),
        lower=number(found.gain_interval[0], 3),
        upper=number(found.gain_interval[1], 3),
        brier=number(found.brier, 3),
        slope=number(found.slope, 2),
        intercept=number(found.intercept, 2),
    )
    verdict = view._("It is shown.") if found.beats_rules else view._("That is not better beyond chance, so its list is not shown.")
    return view.words.join([said, verdict])
