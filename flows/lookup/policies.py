"""`keping policy show | check | freeze`: the standard in words, a file judged before it is used, a version made to stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import select

from flows.archive.locks import month_lock
from flows.archive.office import Office
from flows.lookup.past import Past
from flows.machine import clock
from flows.policies.files import Written, raw_of, text_of, with_distributions, write_frozen_policy
from flows.policies.frozen import read_written_policies
from flows.settings import Settings
from flows.warehouse import schema
from flows.warehouse.records import Recorded
from transforms.errors import Exit, NoWarehouseError, PolicyError, UsageError
from transforms.month import Month
from transforms.policy.changes import policy_changes
from transforms.policy.reading import policy_from_mapping, policy_problems
from transforms.policy.rules import Policy

RUNS = 12
"""Of how many reviews the usual duration is told."""


# --- show ------------------------------------------------------------------------------


@dataclass(frozen=True)
class PolicyView:
    """The policy in force in a month, and how it came to be."""

    month: Month
    policy: Policy
    used: bool
    versions: tuple[Policy, ...]
    today: date
    seconds: tuple[float, ...]

    @property
    def overdue(self) -> bool:
        return bool(self.policy.review_due) and date.fromisoformat(self.policy.review_due) < self.today

    def as_dict(self) -> dict[str, Any]:
        policy = self.policy
        reference = policy.reference
        return {
            "month": str(self.month),
            "version": policy.version,
            "digest": policy.digest,
            "effective_from": str(policy.effective_from),
            "author": policy.author,
            "reason": policy.reason,
            "used": self.used,
            "weights": vars(policy.weights),
            "grades": [
                {"grade": grade.grade, "tier": grade.tier, "cut": grade.cut, "band": band, "months_below": months}
                for grade, band, months in zip(policy.grades, policy.bands, policy.patience, strict=True)
            ],
            "recheck_months": policy.hold.recheck_months,
            "unrated_months": policy.unrated_months,
            "borderline": policy.borderline,
            "reference": None if reference is None else {"month": reference.month, "customers": reference.customers},
            "owner": policy.owner,
            "review_due": policy.review_due,
            "overdue": self.overdue,
            "effort": policy.effort,
            "versions": [{"version": one.version, "effective_from": str(one.effective_from)} for one in self.versions],
            "run_seconds_median": median(self.seconds) if self.seconds else None,
            "runs": len(self.seconds),
        }

    def lines(self) -> list[str]:
        policy, weights = self.policy, self.policy.weights
        frozen = describe_reference(policy)
        lines = [
            f"policy {policy.version}, in force in {self.month} (from {policy.effective_from}), digest {policy.digest[:12]}",
            f"by {policy.author}: {policy.reason}",
            f"score = {weights.history:.0%} history + {weights.frequency:.0%} frequency + {weights.amount:.0%} amount, "
            "each a percentile rank against the reference",
        ]
        for grade, band, months in zip(policy.grades[:-1], policy.bands, policy.patience, strict=False):
            lines.append(
                f"  {grade.grade} ({grade.name_en}, {grade.name_zh}): from {grade.cut:g}; earned at {grade.cut + band:g}, "
                f"lost below {grade.cut - band:g} or after {months} months in a row below {grade.cut:g}"
            )
        last = policy.grades[-1]
        lines += [
            f"  {last.grade} ({last.name_en}, {last.name_zh}): all others",
            f"unrated: first order less than {policy.unrated_months} months ago",
            f"one grade a month down; an upgrade is re-checked on refunds for {policy.hold.recheck_months} months",
            f"reference: {frozen}; borderline within {policy.borderline:g} points of a cut",
            f"owner: {policy.owner or 'not named'}; review due: {policy.review_due or 'not set'}{', OVERDUE' if self.overdue else ''}",
            f"effort (by hand): {policy.effort or 'not told'}; {self._duration()}",
            "used by a review: an edit is refused, a new version is needed" if self.used else "not used by any review yet",
        ]
        if len(self.versions) > 1:
            lines.append("versions: " + ", ".join(f"{one.version} from {one.effective_from}" for one in self.versions[-6:]))
        return lines

    def _duration(self) -> str:
        if not self.seconds:
            return "no review has been timed yet"
        return f"a review takes {median(self.seconds):,.0f} s (median of the last {len(self.seconds)})"


def describe_reference(policy: Policy) -> str:
    """At which month a policy's ranks are frozen, or will be, and how that is chosen."""
    if policy.reference is not None:
        return f"frozen at {policy.reference.month}, {policy.reference.customers:,} customers"
    if policy.reference_month is not None:
        return f"not frozen yet: the first run does it, at {policy.reference_month} as the policy says"
    return (
        "not frozen yet: the first run does it, at the first month with a whole year of orders behind it and not before the policy "
        'takes effect; reference_month = "YYYY-MM" in the policy names another'
    )


def show(settings: Settings, month: str | None) -> PolicyView:
    """The policy in force in a month (default: the last complete one); nothing is changed."""
    asked = _month(month) if month else Month.last_complete(clock.now(), settings.company.timezone)
    recorded, seconds = _read_recorded(settings)
    written = read_written_policies(settings.policies_path)
    versions = tuple(sorted(written.versions, key=lambda policy: policy.effective_from))
    policy = written.in_force(asked)
    used = recorded.get(policy.version)
    today = clock.now().astimezone(settings.zone).date()
    return PolicyView(asked, policy if used is None else used.policy, used is not None, versions, today, seconds)


def standing_policies(settings: Settings) -> tuple[Policy, ...]:
    """Every version as its file has it or, once it was used, as it was frozen; by effective month."""
    recorded, _ = _read_recorded(settings)
    written = sorted(read_written_policies(settings.policies_path).versions, key=lambda policy: policy.effective_from)
    return tuple(recorded[policy.version].policy if policy.version in recorded else policy for policy in written)


def _read_recorded(settings: Settings) -> tuple[Mapping[str, Recorded], tuple[float, ...]]:
    """The recorded policies, and how long the last published reviews took; nothing where there is no warehouse yet."""
    ends, runs = schema.run_ends.c, schema.runs.c
    query = (
        select(ends.seconds)
        .join(schema.runs, runs.run_id == ends.run_id)
        .where(runs.kind == "review", ends.outcome == "published")
        .order_by(ends.ended_at.desc())
        .limit(RUNS)
    )
    try:
        with Office.open(settings) as office, office.warehouse.reading() as connection:
            seconds = tuple(float(value) for value in connection.execute(query).scalars())
            return office.warehouse.recorded_policies(), seconds
    except NoWarehouseError:
        return {}, ()


# --- check -----------------------------------------------------------------------------


@dataclass(frozen=True)
class PolicyCheck:
    """A policy file judged: every problem with its key and line, and what it would change."""

    file: Path
    problems: tuple[tuple[str, int, str], ...]
    against: str
    changes: tuple[tuple[str, str, str], ...]

    @property
    def exit_code(self) -> int:
        return Exit.USAGE if self.problems else Exit.DONE

    def as_dict(self) -> dict[str, Any]:
        return {
            "file": str(self.file),
            "problems": [{"key": key, "line": line or None, "problem": said} for key, line, said in self.problems],
            "against": self.against,
            "changes": [{"key": key, "now": old, "then": new} for key, old, new in self.changes],
        }

    def lines(self) -> list[str]:
        if self.problems:
            lines = [f"{self.file}: {len(self.problems)} problem(s); it cannot be used."]
            return lines + [f"- {self._place(key, line)}{said}" for key, line, said in self.problems]
        if not self.changes:
            return [f"{self.file}: ok; nothing differs from {self.against}."]
        lines = [f"{self.file}: ok; against {self.against} it changes:"]
        return lines + [f"- {key}: {old} -> {new}" for key, old, new in self.changes]

    @staticmethod
    def _place(key: str, line: int) -> str:
        where = f"{key} (line {line})" if line and key else key or (f"line {line}" if line else "")
        return f"{where}: " if where else ""


def check(settings: Settings, file: Path) -> PolicyCheck:
    """Judge a policy file before it is used: all its problems, and what it changes against the policy of its time."""
    text = text_of(file)
    raw = raw_of(text, file.name)
    problems = [
        (key, line_of(text, key), said) for key, said in policy_problems({**raw, "reference": "auto"} if "reference" in raw else raw)
    ]
    policy: Policy | None = None
    if not problems:
        try:
            policy = policy_from_mapping(with_distributions(raw, file), file.name)
        except PolicyError as error:
            problems += [(key, line_of(text, "reference"), said) for key, said in error.problems]
        except UsageError as error:
            problems.append(("reference", line_of(text, "reference"), str(error).split("\n")[0]))
    recorded, _ = _read_recorded(settings)
    own = file.resolve()
    others = list(_others(settings, own))
    if policy is not None:
        used = recorded.get(policy.version)
        if used is not None and used.written_digest != policy.digest:
            said = "has been used with other rules; give the changed rules a new version and effective_from"
            problems.append(("version", line_of(text, "version"), said))
        problems += [
            (key, line_of(text, key), f"{getattr(policy, key)} stands in another file of the policies folder too")
            for one in others
            for key in ("version", "effective_from")
            if getattr(one, key) == getattr(policy, key)
        ]
    against = _before(settings, others, policy, recorded)
    changes = () if policy is None or problems else tuple(policy_changes(against, policy))
    return PolicyCheck(file, tuple(sorted(problems, key=lambda one: one[1])), against.version, changes)


def _others(settings: Settings, own: Path) -> Iterator[Policy]:
    from flows.policies.files import read_policy

    for file in sorted(settings.policies_path.glob("*.toml")) if settings.policies_path.is_dir() else []:
        if file.resolve() != own:
            yield read_policy(file)


def _before(settings: Settings, others: list[Policy], policy: Policy | None, recorded: Mapping[str, Recorded]) -> Policy:
    """The policy that would be in force at the file's effective month without the file."""
    from transforms.policy.rules import Policies, builtin

    month = policy.effective_from if policy else Month.last_complete(clock.now(), settings.company.timezone)
    before = Policies(tuple(others) or (builtin(),)).in_force(month)
    used = recorded.get(before.version)
    return before if used is None else used.policy


def line_of(text: str, key: str) -> int:
    """The line on which a key stands; of a missing one the line of its section; 0 where neither is found."""
    found = re.fullmatch(r"(?:(\w+)(?:\[(\d+)\])?\.)?(\w+)(?:\[(\d+)\])?", key)
    if not found:
        return 0
    section, number, name = found[1], int(found[2] or 0), found[3]
    if section is None and found[4]:
        section, number, name = name, int(found[4]), ""
    here, count, head = None, 0, 0
    for place, line in enumerate(text.splitlines(), start=1):
        table = re.match(r"\s*\[\[?\s*([\w.]+)\s*\]\]?", line)
        if table:
            here = table[1]
            count = count + 1 if here == section and "[[" in line else count
            if here == (section or name) and (not number or count == number) and not head:
                head = place
        elif here == section and (not number or count == number) and re.match(rf"\s*{re.escape(name)}\s*=", line) and name:
            return place
        elif section and here is None and re.match(rf"\s*{re.escape(section)}\s*=", line) and not head:
            head = place
    return head


# --- freeze and unfreeze ---------------------------------------------------------------


def unfreeze(settings: Settings) -> tuple[int, tuple[str, ...]]:
    """Take back what was frozen and reckoned while nothing is published: how many reviews, which policies; a run starts anew."""
    with Office.open(settings) as office, ExitStack() as locks:
        for month in office.warehouse.open_months():  # a run that is alive holds its month; one that was killed does not
            locks.enter_context(month_lock(settings, month))
        return office.warehouse.strike_unpublished_reviews()


def freeze(settings: Settings, file: Path | None, month: str, effective: str | None, out: str | None) -> Written:
    """A new version of a policy, its distributions frozen at a reviewed month, as a file in the policies folder.

    Without a file the policy in force is taken. It takes effect with the month after, or `effective`.
    """
    from flows.policies.files import read_policy

    at = _month(month)
    since = _month(effective) if effective else at + 1
    written = read_written_policies(settings.policies_path)
    policy = written.in_force(since) if file is None else read_policy(file)
    version = re.sub(r"(-\d{4}-\d{2})?(@.*)?$", "", policy.version) + f"-{at}"
    with Office.open(settings) as office:
        past = Past.of(office)
        if at not in past.months:
            raise UsageError(f"{at} was not reviewed; {past.months[0]} to {past.newest} were. Nothing was written.")
        frozen = past.scorer.freeze(replace(policy, reference=None), at)
        recorded = office.warehouse.recorded_policies()
    taken = [
        one for one in written.versions if settings.policies_path.is_dir() and one.effective_from == since and one.version != "builtin-1"
    ]
    if version in recorded or version in {one.version for one in written.versions}:
        raise UsageError(f"there is a policy {version} already. Nothing was written. Freeze at another month, or name the version anew.")
    if taken:
        raise UsageError(f"{taken[0].version} takes effect with {since} already. Nothing was written. Say --from YYYY-MM.")
    return write_frozen_policy(settings.policies_path, frozen, version, since, f"{policy.reason}; reference frozen at {at}", out)


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError as error:
        raise UsageError(f"{error}. Nothing was written.") from error
