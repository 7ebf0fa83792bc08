"""A month's material cut to what one reader may see, before anything is laid out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import pandas as pd

from expectations.findings import Finding
from reports.identifiers import tokens_of
from reports.material import PackMaterial
from transforms.classes.segments import MARK
from transforms.figures import Scope
from transforms.grades.overrides import no_overrides
from transforms.grades.transitions import transitions
from transforms.standards import no_standards


@dataclass(frozen=True)
class PackScope:
    """A pack for the customers of one segment: `tier` (None: the company's) cut by a filter.

    `words` say the filter to the reader, `customer_ids` are all customers that pass it, of every tier.
    """

    name: str
    tier: str | None
    words: str
    customer_ids: frozenset[str]

    @property
    def suffix(self) -> str:
        """What the names of all packs of this filter end with."""
        return self.name.partition(MARK)[2]


def limit_to_scope(material: PackMaterial, scope: PackScope) -> PackMaterial:
    """The material of a scoped pack: no row of anybody else is left in it.

    Its tiers' figures are those of the segment; a tier's pack keeps the company's totals for comparison, as every
    tier's pack does, and the company's pack of a filter has the segment in the company's place. Of what earlier months
    say now the segment's own figures are told, without the company's counts of customers and grades. A change of the
    standard is counted over everybody and stands in the company's whole pack alone; manual grades of the segment's
    customers are columns of `customers` and stay. Targets are set for a whole tier or the company and are none of a part's.
    """
    review = material.review
    customers = _rows(review.customers, scope.customer_ids)
    cut = replace(
        review,
        customers=customers,
        figures=_figures(review.figures, scope),
        usual=_figures(review.usual, scope),
        transitions=transitions(customers, review.policy),
        causes=_rows(review.causes, scope.customer_ids),
        economics=None if review.economics is None else review.economics.for_segment(scope.name, scope.tier),
        standards=no_standards(),
        overrides=no_overrides(),
        targets=(),
        courses=_rows(review.courses, scope.customer_ids),
    )
    return replace(
        material,
        review=cut,
        history=_figures(material.history, scope),
        previous=_rows(material.previous, scope.customer_ids),
        year_ago=_rows(material.year_ago, scope.customer_ids),
        revised=_figures(material.revised, scope),
        segment=scope.suffix,
        segment_words=scope.words,
    )


def without_names(findings: Collection[Finding], foreign: Collection[str]) -> tuple[Finding, ...]:
    """The findings with every mark of a foreign customer taken out: of their examples, and of their message."""
    if not foreign:
        return tuple(findings)
    return tuple(_without(finding, foreign) for finding in findings)


def _without(finding: Finding, foreign: Collection[str]) -> Finding:
    examples = tuple(example for example in finding.examples if not _ids_in_text(example, foreign))
    message = finding.message
    for name in _ids_in_text(message, foreign):
        message = message.replace(name, "…")
    return replace(finding, examples=examples, message=message) if message != finding.message or examples != finding.examples else finding


def _ids_in_text(text: str, foreign: Collection[str]) -> list[str]:
    """The foreign ids that a text holds, longest first."""
    return sorted({token for token in tokens_of(text) if token in foreign}, key=lambda token: (-len(token), token))


def _rows(frame: pd.DataFrame, ids: frozenset[str]) -> pd.DataFrame:
    if "customer_id" not in frame:
        return frame
    return frame[frame["customer_id"].isin(ids)].reset_index(drop=True)


def _figures(frame: pd.DataFrame, scope: PackScope) -> pd.DataFrame:
    """The segment's figures filed as its tier's (or the company's) own, and in a tier's pack the company's."""
    if frame.empty:
        return frame
    kinds, values = frame["scope"].astype("str"), frame["scope_value"].fillna("").astype("str")
    own = (kinds == Scope.SEGMENT) & values.str.endswith(f"{MARK}{scope.suffix}")
    bases = values.str.partition(MARK)[0]
    whole = bases == "company"
    if scope.tier is not None:
        own &= bases == f"tier-{scope.tier}"
    kept = own | (kinds == Scope.COMPANY if scope.tier is not None else False)
    company = whole & own
    as_kind = kinds.mask(own, Scope.TIER.value).mask(company, Scope.COMPANY.value)
    as_value = values.mask(own, bases.str.removeprefix("tier-")).mask(company, "")
    return frame.assign(scope=as_kind, scope_value=as_value)[kept].reset_index(drop=True)
