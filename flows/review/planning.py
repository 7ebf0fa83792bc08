"""The first two stages of a month: its sources gathered, and the plan by which it is scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from expectations.mapping import Remapped
from flows.archive.kept import KeptSnapshots, since
from flows.delivery.sending import printed_segments
from flows.intake.pull import pull
from flows.machine.code_version import code_version
from flows.policies.frozen import freeze_policies
from flows.review.printing import pack_names
from flows.review.remapping import Remapping
from flows.review.scoring import Scorer
from flows.review.work import Findings, Work
from flows.snapshots.chain import chain_snapshots, input_digest
from flows.snapshots.store import Pulled, Snapshot
from transforms.classes.segments import Segment
from transforms.month import Month, months
from transforms.policy.rules import Policies


@dataclass(frozen=True)
class Gathered:
    """The sources as they were read for the asked months, oldest first; what is in `held` holds them all."""

    work: Work
    months: tuple[Month, ...]
    kept: KeptSnapshots
    pulled: Pulled
    held: Findings
    remapped: tuple[Remapped, ...] = ()
    """Tables that are read by another mapping than what was kept of them; `kept` holds nothing of it."""

    @property
    def last(self) -> Month:
        return self.months[-1]


def gather(work: Work, first: Month, last: Month) -> Gathered:
    """Read the sources as far back as the months from `first` to `last` need them, and pass the data gate."""
    office, asked = work.office, tuple(months(first, last))
    kept = KeptSnapshots.of(office.warehouse, office.settings.archive_path)
    remapping = Remapping.of(office.settings, office.warehouse, kept, last)
    needed = kept.first_to_pull(first, office.settings)
    oldest = kept.first_to_read(remapping.first_to_pull(needed, kept, office.settings))
    read = work.do("pull sources", lambda: pull(office.settings, oldest, last, now=office.clock(), progress=office.tell), network=True)
    pulled = since(read, needed, remapping.anew(kept, read))
    remapped = remapping.compare(kept, pulled, first)
    pulled = remapping.merge(kept, pulled, remapped, remapping.findings(remapped, last))
    pulled = replace(pulled, findings=work.weigh(pulled.findings, asked))
    held = work.do("check data", lambda: work.pass_gate("data", pulled.findings, asked, pulled.quality))
    if work.keeps and not held:
        office.warehouse.record_mappings(remapping.current.values(), work.run)
    return Gathered(work, asked, remapping.left_of(kept, remapped), pulled, held, remapped)


@dataclass(frozen=True)
class Inputs:
    """What a month's packs are made from: their names, and all of it as one digest and in parts."""

    names: tuple[str, ...]
    digest: str
    parts: dict[str, object]


@dataclass(frozen=True)
class Planned:
    """By what the gathered months are scored: a scorer over the chain of snapshots, and the policies of the months' own time."""

    gathered: Gathered
    scorer: Scorer
    policies: Policies

    @property
    def work(self) -> Work:
        return self.gathered.work

    @property
    def pulled(self) -> Pulled:
        return self.gathered.pulled

    def done_by(self, work: Work) -> Planned:
        """The same plan, carried out by other means."""
        return replace(self, gathered=replace(self.gathered, work=work))

    def inputs(self, month: Month, tiers: tuple[str, ...], segments: Sequence[Segment] | None = None) -> Inputs:
        """What the month's packs of these tiers (none named: all) are made from, with today's parts of tiers or with others."""
        parts, policy, settings = (
            self.scorer.segments if segments is None else segments,
            self.policies.in_force(month),
            self.scorer.settings,
        )
        names = pack_names(policy, settings, tiers, parts)
        chosen = tuple(segment for segment in parts if segment.name in names)
        return Inputs(names, *input_digest(self.scorer.chain, month, policy, settings, code_version(), names, chosen))

    def snapshots(self, month: Month) -> list[Snapshot]:
        """What the month is made from: the tables without months, and what was pulled of the months up to it."""
        dated = [
            snapshot
            for by_month in self.pulled.snapshots.values()
            for name, snapshot in by_month.items()
            if name and Month.parse(name) <= month
        ]
        return list(dict.fromkeys([*self.scorer.chain.undated.values(), *dated]))


def plan(gathered: Gathered) -> Planned:
    """Chain what was pulled to what was kept, and settle the policies; those used for the first time are frozen and recorded."""
    work, pulled, last = gathered.work, gathered.pulled, gathered.last
    office = work.office
    scorer = Scorer.over(
        office.settings, chain_snapshots(pulled, gathered.kept.newest, office.settings.company.first_month), pulled.supplied
    )
    record = work.run if work.keeps else None
    policies = work.do(
        "settle the policy",
        lambda: freeze_policies(
            office.warehouse, office.settings.policies_path, lambda policy: scorer.freeze_by_rule(policy, last), last, record
        ),
    )
    segments = printed_segments(pulled, scorer.customers, policies.in_force(last), office.today)
    return Planned(gathered, replace(scorer, segments=segments), policies)
