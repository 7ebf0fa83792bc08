"""The names of classes and groups in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from reports.glyphs import NAME_LIMIT, clean
from reports.i18n import N_, Words
from reports.view import View
from transforms.policy.rules import UNRATED

_WORDS = {
    "value_class": N_("value class"),
    "practice_class": N_("practice class"),
    "behaviour_class": N_("behaviour class"),
    "role": N_("role"),
    "source_channel": N_("source"),
    "industry": N_("industry"),
    "segment": N_("segment"),
    "region": N_("region"),
    "kind": N_("kind"),
    "person": N_("person"),
    "company": N_("company customer"),
    "age_band": N_("age"),
    "gender": N_("gender"),
    "occupation": N_("occupation"),
    "under 18": N_("under 18"),
    "65 and over": N_("65 and over"),
    "high": N_("high"),
    "mid": N_("mid"),
    "low": N_("low"),
    "high_value": N_("high-value"),
    "developable": N_("developable"),
    "ordinary": N_("ordinary"),
    "loyal": N_("loyal"),
    "active": N_("active"),
    "latent": N_("latent"),
    "unrated": N_("unrated"),
    "unknown": N_("unknown"),
    "gap_band": N_("own interval"),
    "main_channel": N_("main channel"),
    "to 7 days": N_("to 7 days"),
    "8-30 days": N_("8-30 days"),
    "31-90 days": N_("31-90 days"),
    "91-180 days": N_("91-180 days"),
    "over 180 days": N_("over 180 days"),
    "one purchase day": N_("one purchase day"),
    "consumer": N_("consumer"),
    "dealer": N_("dealer"),
    "employee": N_("employee"),
    "stockholder": N_("stockholder"),
    "other": N_("other"),
    "(other)": N_("other"),
    "tenure_months": N_("months with us"),
    "recency_days": N_("days since the last order"),
    "orders_12m": N_("orders in 12 months"),
    "net_12m": N_("net revenue in 12 months"),
    "median_gap_days": N_("days between orders"),
    "gap_spread": N_("evenness of the intervals"),
    "satisfaction_index": N_("satisfaction index"),
    "nps_score": N_("recommendation"),
    "tickets_12m": N_("tickets in 12 months"),
    "complaints_12m": N_("complaints in 12 months"),
    "behavioural_loyalty": N_("behavioural loyalty"),
    "completeness": N_("completeness of the file"),
}


def group_word(view: View, name: str) -> str:
    """A class or dimension in words; declared segments by their name in the policy; anything else as the source writes it."""
    declared = {one.segment: one for one in view.material.review.policy.segments}
    if name in declared:
        return clean(declared[name].name_zh if view.locale.startswith("zh") else declared[name].name_en, 40)
    return class_word(view.words, name, own_words(view))


def own_words(view: View) -> Mapping[str, str]:
    """The company's own words for its values in the pack's language."""
    return view.material.words.get(view.locale, {})


def value_word(view: View, value: str, limit: int = NAME_LIMIT) -> str:
    """A value of the company's own, such as a complaint's cause: in its word for the language, else as the source writes it."""
    return clean(own_words(view).get(value, value), limit)


def class_word(says: Words, name: str, own: Mapping[str, str] | None = None) -> str:
    """A class in the company's own word, else in ours; anything else as the source writes it."""
    if own and name in own:
        return clean(own[name], 40)
    return says._(_WORDS[name]) if name in _WORDS else clean(name, 40)


def joined_words(view: View, grade: str) -> str:
    """That customers came from another grade."""
    return view._("joined from unrated") if grade == UNRATED else view._("joined from {grade}", grade=view.grade_name(grade))


def left_words(view: View, grade: str) -> str:
    """That customers went to another grade."""
    return view._("left to unrated") if grade == UNRATED else view._("left to {grade}", grade=view.grade_name(grade))
