"""Policy files and the frozen versions made from them: which rules score a month, for ever the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flows.policies.files import read_policy
from flows.warehouse.records import Run
from flows.warehouse.store import Warehouse
from transforms.errors import UsageError
from transforms.month import Month
from transforms.policy.rules import Policies, Policy, builtin


def read_written_policies(folder: Path) -> Policies:
    """The versions written in `policies/*.toml`, or the built-in one where there is no file."""
    files = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    if not files:
        return Policies((builtin(),))
    versions = tuple(read_policy(file) for file in files)
    _refuse_repeats([policy.version for policy in versions], "version")
    _refuse_repeats([str(policy.effective_from) for policy in versions], "effective_from")
    return Policies(versions)


def _refuse_repeats(values: list[str], what: str) -> None:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise UsageError(f"policies: {what} {', '.join(repeated)} stands in more than one file; each version has its own")


@dataclass(frozen=True)
class RecordedPolicy:
    """A version that has been used: the digest of its file as written, and the frozen policy itself."""

    written_digest: str
    policy: Policy


def freeze_references(
    written: Policies,
    recorded: dict[str, RecordedPolicy],
    freeze: Callable[[Policy], Policy],
    last: Month,
) -> tuple[Policies, dict[str, RecordedPolicy]]:
    """Every version in force up to `last` with its reference fixed; and those that were fixed just now.

    A version that has been used before keeps its recorded reference; if its file says something
    else today, that is refused: an edited policy needs a new version.
    """
    versions: list[Policy] = []
    fresh: dict[str, RecordedPolicy] = {}
    for policy in written.versions:
        used = recorded.get(policy.version)
        if used is not None and used.written_digest != policy.digest:
            raise UsageError(
                f"policy {policy.version} has been used and its file has changed since. Nothing was scored.\n"
                "Put the file back as it was, or give the changed rules a new version and effective_from."
            )
        if used is not None:
            versions.append(used.policy)
        elif policy is not written.in_force(last) and policy.effective_from > last:
            continue
        else:
            final = policy if policy.reference is not None else freeze(policy)
            fresh[policy.version] = RecordedPolicy(policy.digest, final)
            versions.append(final)
    return Policies(tuple(versions)), fresh


def freeze_policies(warehouse: Warehouse, folder: Path, freeze: Callable[[Policy], Policy], last: Month, run: Run | None) -> Policies:
    """The frozen policies up to `last`, as recorded when they were first used; those used first now are recorded under `run`."""
    recorded = {version: RecordedPolicy(used.written_digest, used.policy) for version, used in warehouse.recorded_policies().items()}
    written = read_written_policies(folder)
    policies, fresh = freeze_references(written, recorded, freeze, last)
    if run is not None:
        by_version = {policy.version: policy for policy in written.versions}
        for version, used in fresh.items():
            warehouse.record_policy(used.policy, run, by_version[version])
    return policies
