"""Which needs customers name."""

from __future__ import annotations

from transforms.classes.topics import NEED, need_answers, respondents_by_need
from transforms.figures import Better, Unit
from transforms.indicators.declare import COMPANY_ONLY, GROUPS, MONTH, Part, indicator
from transforms.statistics.estimates import Estimate, no_data, share_of


@indicator(
    "need_share",
    title="Share who name the need",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    formula="respondents who name the code / respondents asked about needs, pains, expectations or motives in the month",
    window=MONTH,
    needs=("surveys",),
    section="classes",
    serves=("S04", "S12"),
    survey=True,
    scopes=GROUPS,
    families=(NEED,),
)
def need_share(part: Part) -> Estimate:
    code = part.scope_value.partition("=")[2]
    named = respondents_by_need(part.inputs.surveys)
    hits = named.loc[(named["item"] == code).to_numpy(dtype=bool), "customer_id"].nunique()
    return share_of(int(hits), int(need_answers(part.inputs.surveys)["customer_id"].nunique()), "share of respondents; Wilson interval")


@indicator(
    "needs_uncoded",
    title="Comments without a code",
    unit=Unit.COUNT,
    better=Better.LOWER,
    formula="answers about needs in the month that hold a comment and name no code (item `other`, or no score)",
    window=MONTH,
    needs=("surveys",),
    section="classes",
    serves=("S04",),
    scopes=COMPANY_ONLY,
)
def needs_uncoded(part: Part) -> Estimate:
    rows = need_answers(part.inputs.surveys)
    if rows.empty or "comment" not in rows:
        return no_data("nobody was asked about needs")
    open_ended = rows["comment"].notna() & ((rows["item"] == "other") | rows["score"].isna())
    return Estimate(float(open_ended.sum()), len(rows), method="full count")
