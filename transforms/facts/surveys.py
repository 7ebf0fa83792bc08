"""Survey answers as facts: how often and how well each customer answered each instrument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from transforms.tables.nothing import no_rows_of

DEFAULT_SCALES: Mapping[str, tuple[float, float]] = {
    "csat": (1, 5),
    "nps": (0, 10),
    "ces": (1, 7),
    "acsi": (1, 10),
    "servqual": (1, 7),
}
"""Scale of an instrument whose answers do not say theirs; every other instrument: 1 to 5."""
OTHER_SCALE = (1.0, 5.0)


def no_answers() -> pd.DataFrame:
    """The empty frame of survey facts."""
    numbers = dict.fromkeys(("score_sum", "last_score", "last_share"), "float64")
    return no_rows_of({"customer_id": "str", "instrument": "str", "answers": "int64", **numbers, "last_answered_at": "datetime64[us, UTC]"})


def scaled_answers(surveys: pd.DataFrame) -> pd.DataFrame:
    """Answers that carry a score, with `low` and `high` (the ends of their scale) and `share`, the score as 0-1.

    The scale is the answer's own, else the instrument's usual one. A scale without length gives no share.
    """
    answered = surveys.loc[surveys["score"].notna()]
    instrument = answered["instrument"].astype("object")
    usual_low = instrument.map({name: low for name, (low, _) in DEFAULT_SCALES.items()}).fillna(OTHER_SCALE[0]).astype("float64")
    usual_high = instrument.map({name: high for name, (_, high) in DEFAULT_SCALES.items()}).fillna(OTHER_SCALE[1]).astype("float64")
    low = answered["scale_min"].astype("float64").fillna(usual_low) if "scale_min" in answered else usual_low
    high = answered["scale_max"].astype("float64").fillna(usual_high) if "scale_max" in answered else usual_high
    length = (high - low).where(high > low)
    return answered.assign(low=low, high=high, share=(answered["score"].astype("float64") - low) / length)


def survey_facts(surveys: pd.DataFrame) -> pd.DataFrame:
    """Answers of a month; one row per customer and instrument, sorted by both.

    answers           answers with a score (to all items of the instrument)
    score_sum         sum of the scores as 0-1 of their scale
    last_score        newest answer on its own scale; `last_share` the same as 0-1
    last_answered_at  when it was given

    Of several answers at one instant the one with the greatest response id and item counts as last.
    Answers without a customer belong to no row.
    """
    rows = scaled_answers(surveys.loc[surveys["customer_id"].notna()])
    rows = rows.loc[rows["share"].notna()]
    if rows.empty:
        return no_answers()
    rows = rows.sort_values(["customer_id", "instrument", "answered_at", "response_id", "item"], kind="stable")
    grouped = rows.assign(answers=1).groupby(["customer_id", "instrument"], sort=True)
    return grouped.agg(
        answers=("answers", "sum"),
        score_sum=("share", "sum"),
        last_score=("score", "last"),
        last_share=("share", "last"),
        last_answered_at=("answered_at", "last"),
    ).reset_index()


def survey_window(months: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Survey facts of several months, oldest first, added up; the newest month with an answer gives the last one."""
    filled = [facts for facts in months if len(facts)]
    if not filled:
        return no_answers()
    grouped = pd.concat(filled, ignore_index=True).groupby(["customer_id", "instrument"], sort=True)
    summed = grouped.agg(
        answers=("answers", "sum"),
        score_sum=("score_sum", "sum"),
        last_score=("last_score", "last"),
        last_share=("last_share", "last"),
        last_answered_at=("last_answered_at", "last"),
    )
    return summed.assign(answers=summed["answers"].astype(np.int64)).reset_index()


SATISFACTION_INSTRUMENTS = ("csat", "acsi")
"""Instruments whose answers say how satisfied somebody is."""
