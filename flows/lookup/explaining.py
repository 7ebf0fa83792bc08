"""`keping explain`: one customer's grade in a kept month, from its inputs to the sentence that says why it moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flows.archive.office import Office
from flows.lookup.one_customer import review_of_customer
from flows.settings import Settings
from flows.warehouse.records import KeptReview
from reports.formats import Formats, finite, formats
from reports.i18n import Words, words
from reports.why import CAUSES, amount_back, causes, score_change
from transforms.errors import UsageError
from transforms.policy.rules import UNRATED, Policy
from transforms.why.evidence import explanations, plain_row
from transforms.why.grade import STEP_PARTS
from transforms.why.restoring import MEASURES
from transforms.why.score import INPUTS, term_weights

LOCALE = "en"
_NAMES = {"tenure": "months since first order", "recency": "days of silence", "orders": "orders per month", "net": "yearly net"}
_DIGITS = {"tenure": 0, "recency": 0, "orders": 2, "net": 2}


@dataclass(frozen=True)
class Explanation:
    """One customer's line of the evidence (`transforms.why.evidence`), the policy and the review that it is from."""

    row: Mapping[str, Any]
    review: KeptReview
    policy: Policy
    policy_before: Policy | None
    currency: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values for programs: numbers unrounded, missing as null."""
        plain = plain_row(self.row)
        named = {
            "month": str(self.review.month),
            "revision": self.review.revision,
            "known_at": self.review.known_at.isoformat(),
            "policy": self.policy.version,
            "policy_before": None if self.policy_before is None else self.policy_before.version,
            "cuts": {grade.grade: grade.cut for grade in self.policy.grades},
            "weights": term_weights(self.policy),
        }
        return named | plain | {"sentence": self.sentence}

    @property
    def sentence(self) -> str:
        """`A to B: −6.2 = fewer orders per month −4.0, lower yearly net −1.7`."""
        says, shows = words(LOCALE), formats(LOCALE, self.currency)
        before, after = _text(self.row["previous_grade"]) or "none", _text(self.row["grade"])
        moved = f"{before} to {after}" if before != after else f"{after} as before"
        return f"{moved}: {score_change(says, shows, self.row)}".replace("\u00a0", " ")

    def lines(self) -> list[str]:
        """The same for people, in at most thirty lines."""
        return list(_lines(self, words(LOCALE), formats(LOCALE, self.currency)))


def explain_grade(settings: Settings, customer: str, month: str | None) -> Explanation:
    """Why a customer has that grade in a month as published (default: the newest); a UsageError names what is near."""
    with Office.open(settings) as office:
        warehouse = office.warehouse
        review, row = review_of_customer(warehouse, customer, month)
        policy = warehouse.policy(review.policy_version)
        if policy is None:
            raise UsageError(
                f"the warehouse {warehouse.place} no longer has policy {review.policy_version}; {review.month} is not explained."
            )
        before = warehouse.review_before(review)
        earlier = row.iloc[:0] if before is None else warehouse.kept_customer(before.review_id, customer)
        policy_before = None if before is None else warehouse.policy(before.policy_version)
    found = {str(key): value for key, value in explanations(row, earlier, policy).iloc[0].to_dict().items()}
    own = {name: row[name].iloc[0] for name in ("months_below", "upgrade_reversed") if name in row}
    own |= {str(name): row[name].iloc[0] for name in row.columns if str(name).startswith("override_")}
    return Explanation(found | own, review, policy, policy_before, settings.company.currency)


def _lines(told: Explanation, says: Words, shows: Formats) -> Iterator[str]:
    row, policy, review = told.row, told.policy, told.review
    name, revision = _text(row["name"]), "replayed, not published" if review.revision is None else f"r{review.revision}"
    yield f"{row['customer_id']}{f' · {name}' if name else ''} · {review.month} {revision} · policy {policy.version}"
    yield f"data as known at {shows.instant(review.known_at)}"
    yield ""
    yield told.sentence
    yield from _standing(told, shows)
    yield ""
    yield from _table(told, shows)
    if told.policy_before is not None and told.policy_before != policy:
        yield f"policy: {'; '.join(_differences(told.policy_before, policy))}"
    steps = finite(row["grade_steps"])
    if steps:
        parts = {f"change_{part}": row[f"steps_{part}"] for part in STEP_PARTS}
        yield f"grade {shows.difference(steps, 0)} = {causes(says, shows, parts, 2)}".replace("\u00a0", " ")
    yield from _back(row, says, shows)


def _standing(told: Explanation, shows: Formats) -> Iterator[str]:
    row, policy = told.row, told.policy
    score, before = finite(row["score"]), finite(row["score_before"])
    if score is None:
        yield f"no score: a grade needs a first order at least {policy.unrated_months} months old"
        return
    last, cut = "none" if before is None else shows.number(before, 2), shows.number(finite(row["cut"]), 1)
    yield f"score {shows.number(score, 2)} (last month {last}); by the score alone {row['would_be']}, from {cut}"
    yield "cuts: " + ", ".join(f"{grade.grade} from {shows.number(grade.cut, 1)}" for grade in policy.grades)
    rule = _text(row.get("rule_grade")) or _text(row["grade"])
    if _text(row["grade"]) != rule:
        who = " ".join(filter(None, (_text(row.get("override_author")), _text(row.get("override_reason")))))
        yield f"set by hand to {row['grade']}; the rules give {rule}{f' ({who})' if who else ''}"
    if rule not in (_text(row["would_be"]), UNRATED):
        place = next(number for number, grade in enumerate(policy.grades) if grade.grade == rule)
        band, patience = shows.number(policy.bands[place], 1), policy.patience[place]
        below = row.get("months_below", 0)
        yield f"held at {rule}: a change needs {band} points beyond a cut, or {patience} months in a row below it (so far {below})"
    if str(row.get("upgrade_reversed")) == "True":
        yield "an upgrade was taken back: a refund showed that it was not earned"


def _table(told: Explanation, shows: Formats) -> Iterator[str]:
    row, weights = told.row, term_weights(told.policy)
    yield f"{'measure':<26}{'last month':>14}{'this month':>14}{'weight':>8}{'points':>9}{'change':>9}"
    for name, measure in INPUTS.items():
        digits = _DIGITS[name]
        cells = (
            shows.number(finite(row[f"{measure}_before"]), digits),
            shows.number(finite(row[measure]), digits),
            shows.number(weights[name], 2),
            shows.number(finite(row[f"points_{name}"]), 2),
            shows.difference(finite(row[f"change_{name}"]), 2),
        )
        yield f"{_NAMES[name]:<26}{cells[0]:>14}{cells[1]:>14}{cells[2]:>8}{cells[3]:>9}{cells[4]:>9}"
    for name in ("policy", "restated", "appeared"):
        part = finite(row[f"change_{name}"])
        if part:
            yield f"{CAUSES[name][part > 0]:<71}{shows.difference(part, 2):>9}"
    yield f"{'total':<62}{shows.number(finite(row['score']), 2):>9}{shows.difference(finite(row['change_score']), 2):>9}"


def _differences(before: Policy, after: Policy) -> Iterator[str]:
    """What of the policy a score or grade feels."""
    for name in ("history", "frequency", "amount"):
        old, new = getattr(before.weights, name), getattr(after.weights, name)
        if old != new:
            yield f"weight of {name} {old:g} to {new:g}"
    cuts = {grade.grade: grade.cut for grade in before.grades}
    for grade in after.grades:
        if cuts.get(grade.grade) != grade.cut:
            yield f"cut of {grade.grade} {cuts.get(grade.grade, 'none')} to {grade.cut:g}"
    if before.reference != after.reference and before.reference and after.reference:
        yield f"reference of {before.reference.month} to {after.reference.month}"
    if before.unrated_months != after.unrated_months:
        yield f"rated from {before.unrated_months} to {after.unrated_months} months"
    yield f"version {before.version} to {after.version}"


def _back(row: Mapping[str, Any], says: Words, shows: Formats) -> Iterator[str]:
    named = _text(row["restore_measure"])
    if finite(row["restore_amount"]) is None:
        if named is not None and isinstance(row["restore_measure"], str):
            yield f"back to {row['previous_grade']}: no single measure alone is enough"
        return
    amounts = {name: finite(row[f"restore_{name}"]) for name in MEASURES}
    others = [amount_back(says, shows, name, amount) for name, amount in amounts.items() if amount is not None and name != named]
    first = amount_back(says, shows, named, float(row["restore_amount"]))
    yield f"back to {row['previous_grade']}: {first}" + (f" (or {', or '.join(others)})" if others else "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
