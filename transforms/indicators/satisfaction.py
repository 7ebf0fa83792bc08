"""What the month's survey answers say, each with n and an interval."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from transforms.facts.surveys import SATISFACTION_INSTRUMENTS
from transforms.figures import Better, Scale, Unit
from transforms.indicators.declare import MONTH, Part, indicator
from transforms.statistics.estimates import Estimate, mean_of, net_promoter, no_data, no_source, share_of

SURVEYS = ("surveys",)
DIMENSIONS = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")


def _answers(part: Part, *instruments: str) -> pd.DataFrame | None:
    """The month's scored answers to some instruments; None where nobody was asked in a year."""
    asked = part.everybody.once("instruments of the year", lambda: _instruments(part))
    if not asked & set(instruments):
        return None
    said = part.answers["instrument"].isin(instruments).to_numpy(dtype=bool)
    return part.answers.loc[said & part.answers["share"].notna().to_numpy()]


def _instruments(part: Part) -> frozenset[str]:
    """Instruments that anybody was asked by in the twelve months."""
    frames = (part.inputs.survey_window, part.inputs.surveys)
    return frozenset(str(name) for frame in frames for name in frame["instrument"].dropna().unique())


def _absent(instrument: str) -> Estimate:
    return no_source(f"no answers to {instrument} in twelve months")


def _on_one_scale(rows: pd.DataFrame) -> tuple[pd.Series, Scale, str]:
    """Scores on the scale that most answers have (the widest of several), that scale, and a note on what was rescaled."""
    scales = rows.groupby(["low", "high"], sort=True).size().reset_index(name="answers")
    scales = scales.assign(width=scales["high"] - scales["low"]).sort_values(["answers", "width", "low"], kind="stable")
    low, high = float(scales["low"].iloc[-1]), float(scales["high"].iloc[-1])
    scale = Scale(low, high)
    other = int(((rows["low"] != low) | (rows["high"] != high)).sum())
    note = f"every answer, scale {scale}" + (f"; {other} answers rescaled from another scale" if other else "")
    own = (rows["low"] == low) & (rows["high"] == high)
    return rows["score"].astype("float64").where(own, low + rows["share"] * (high - low)), scale, note


def _scale_mean(part: Part, instrument: str) -> Estimate:
    rows = _answers(part, instrument)
    if rows is None:
        return _absent(instrument)
    if rows.empty:
        return no_data("every answer of the month")
    scores, scale, note = _on_one_scale(rows)
    return replace(mean_of(scores.to_numpy(), scale.low, scale.high, note), scale=scale)


@indicator(
    "csat_mean",
    title="Satisfaction (mean)",
    unit=Unit.SCORE,
    better=Better.HIGHER,
    formula="mean of all csat answers of the month, on the instrument's own scale",
    window=MONTH,
    needs=SURVEYS,
    section="satisfaction",
    serves=("S59",),
    survey=True,
)
def csat_mean(part: Part) -> Estimate:
    return _scale_mean(part, "csat")


@indicator(
    "csat_top2_share",
    title="Satisfied customers (top two answers)",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    formula="csat answers in the two highest boxes of the scale / all csat answers of the month",
    window=MONTH,
    needs=SURVEYS,
    section="satisfaction",
    serves=("S59",),
    survey=True,
)
def csat_top2_share(part: Part) -> Estimate:
    rows = _answers(part, "csat")
    if rows is None:
        return _absent("csat")
    if rows.empty:
        return no_data("every answer of the month")
    scores, scale, note = _on_one_scale(rows)
    found = share_of(int((scores >= scale.high - 1).sum()), len(scores), f"{note}; Wilson interval")
    return replace(found, scale=scale)  # two boxes of five are not two of ten: compared on one scale alone


@indicator(
    "satisfaction_index",
    title="Satisfaction index",
    unit=Unit.INDEX,
    better=Better.HIGHER,
    formula="100 x mean of (score - lowest) / (highest - lowest), all csat and acsi answers of the month",
    window=MONTH,
    needs=SURVEYS,
    section="satisfaction",
    serves=("S55",),
    survey=True,
)
def satisfaction_index(part: Part) -> Estimate:
    rows = _answers(part, *SATISFACTION_INSTRUMENTS)
    if rows is None:
        return _absent("csat or acsi")
    return mean_of(100 * rows["share"].to_numpy(dtype=np.float64), 0, 100, "every answer of the month, 0-100")


def recommendations(answers: pd.DataFrame) -> pd.DataFrame:
    """The last usable recommendation answer of each customer: whole numbers on a 0-10 scale; others are left out.

    Of several at one instant the one with the greatest response id counts. Answers without a customer stand each for itself.
    """
    usable = answers.loc[(answers["low"] == 0) & (answers["high"] == 10) & answers["score"].between(0, 10) & (answers["score"] % 1 == 0)]
    usable = usable.sort_values(["answered_at", "response_id", "item"], kind="stable")
    return usable.loc[usable["customer_id"].isna() | ~usable["customer_id"].duplicated(keep="last")]


@indicator(
    "nps",
    title="Net promoter score",
    unit=Unit.POINTS,
    better=Better.HIGHER,
    formula="100 x (share of 9-10 - share of 0-6), last answer per customer in the month",
    window=MONTH,
    needs=SURVEYS,
    section="satisfaction",
    serves=("S94",),
    survey=True,
)
def nps(part: Part) -> Estimate:
    rows = _answers(part, "nps")
    if rows is None:
        return _absent("nps")
    scores = recommendations(rows)["score"].to_numpy(dtype=np.float64)
    found = net_promoter(int((scores <= 6).sum()), int(((scores > 6) & (scores < 9)).sum()), int((scores >= 9).sum()))
    return found.with_method(f"last answer per customer; {found.method}")


@indicator(
    "ces",
    title="Customer effort score",
    unit=Unit.SCORE,
    better=Better.NEITHER,
    formula="mean of all ces answers of the month, on the instrument's own scale (1-7: higher is easier; 1-5: higher is harder)",
    window=MONTH,
    needs=SURVEYS,
    section="satisfaction",
    survey=True,
)
def ces(part: Part) -> Estimate:
    return _scale_mean(part, "ces")


@indicator(
    "servqual_gap",
    title="Service quality gap",
    unit=Unit.SCORE,
    better=Better.HIGHER,
    formula="mean over the dimensions of (mean over respondents of (perception - expectation)); 0 means as expected",
    window=MONTH,
    needs=SURVEYS,
    section="satisfaction",
    serves=("S143",),
    survey=True,
)
def servqual_gap(part: Part) -> Estimate:
    """A respondent's dimension needs at least half of the items that anybody answered in it."""
    rows = _answers(part, "servqual")
    if rows is None or not part.tells("surveys", "expectation"):
        return _absent("servqual with expectations")
    rows = rows.loc[rows["expectation"].notna() & rows["dimension"].notna()]
    method = "mean of the dimension gaps, unweighted"
    if rows.empty:
        return no_data(method)
    gaps = rows.assign(gap=rows["score"].astype("float64") - rows["expectation"].astype("float64"))
    told = gaps.groupby(["response_id", "dimension"], sort=True).agg(gap=("gap", "mean"), items=("item", "nunique")).reset_index()
    possible = rows.groupby("dimension")["item"].nunique()
    told = told.loc[2 * told["items"] >= told["dimension"].map(possible)]
    respondents = int(told["response_id"].nunique())
    return Estimate(float(told.groupby("dimension")["gap"].mean().mean()), respondents, method=f"{method}; n = respondents")
