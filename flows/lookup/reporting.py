"""What `keping packs`, `status` and `deliveries` show: read from the warehouse, never computed anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flows.archive.office import Office
from flows.archive.revisions import Archive
from flows.delivery.trial import trials_of
from flows.lookup.knowing import Verification, instant_from_text, revisions_at, verify_pack
from flows.lookup.watching import Expectation, check_expectation, expectation_without_warehouse
from flows.machine import clock
from flows.review.printing import workbook_name
from flows.review.waivers import Waiver
from flows.settings import Settings
from flows.warehouse.records import Pack
from transforms.errors import NoWarehouseError, UsageError
from transforms.month import Month


def list_packs(settings: Settings, known_at: str | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """Every published pack: month, revision, pack, language, digest, file; with `known_at` only those that counted then."""
    instant = None if known_at is None else instant_from_text(known_at, settings)
    with Office.open(settings) as office:
        publications = office.warehouse.publications()
        counted = None if instant is None else {(one.month, one.revision) for one in revisions_at(publications, instant).values()}
        published_at = {(one.month, one.revision): one.published_at for one in publications}
        rows = [
            {
                "month": str(pack.month),
                "revision": pack.revision,
                "pack": pack.pack,
                "locale": pack.locale,
                "sha256": pack.digest,
                "bytes": pack.bytes,
                "published_at": published_at[pack.month, pack.revision].isoformat(),
                "file": str(office.archive.folder(pack.month, pack.revision) / pack.file),
                "workbook": _workbook(office.archive, pack),
            }
            for pack in office.warehouse.packs()
            if counted is None or (pack.month, pack.revision) in counted
        ]
    if not rows and known_at is not None:
        return [], [f"nothing was published by {known_at}."]
    if not rows:
        return [], ["nothing is published yet: `keping run` publishes the last complete month."]
    shown = [{**row, "sha256": str(row["sha256"])[:12], "revision": f"r{row['revision']}"} for row in rows]
    return rows, _columns(shown, ("month", "revision", "pack", "locale", "sha256", "file"))


def _workbook(archive: Archive, pack: Pack) -> str | None:
    """Where the workbook of a pack lies; None where there is none, as before packs had one, or after an erasure."""
    path = archive.folder(pack.month, pack.revision) / workbook_name(pack.pack, pack.locale)
    return str(path) if path.is_file() else None


def check_month_is_out(settings: Settings, month: str, by: str | None) -> Expectation:
    """Whether a month is out in time; see `flows.lookup.watching`."""
    try:
        asked = Month.parse(month)
    except ValueError as error:
        raise UsageError(str(error)) from error
    deadline = None if by is None else instant_from_text(by, settings)
    try:
        with Office.open(settings) as office:
            return check_expectation(office, asked, deadline)
    except NoWarehouseError:  # to a watchdog that is no reason to look away: nothing has ever run
        return expectation_without_warehouse(settings, asked, deadline, clock.now())


def check_pack(settings: Settings, subject: str, *, again: bool) -> Verification:
    """Whether a pack is what was published; with `again` also whether the archive still gives the same bytes."""
    with Office.open(settings) as office:
        verdict = verify_pack(office, subject)
        if verdict.problems or not again:
            return verdict
        from flows.lookup.rerendering import differing

        return replace(verdict, problems=differing(office, verdict.month, verdict.revision))


def read_status(settings: Settings) -> tuple[Mapping[str, Any], list[str]]:
    """The last runs and how they ended, what held them, what is published, what was delivered."""
    with Office.open(settings) as office:
        state = office.warehouse.status()
    runs = state["runs"]
    if not runs:
        return state, ["no run yet: `keping run` reviews the last complete month."]
    lines = [f"{state['company']} · warehouse {state['warehouse']} · environment {state['environment']}", ""]
    shown = [{**run, "started_at": str(run["started_at"])[:16].replace("T", " "), "exit": run["exit_code"]} for run in runs[:10]]
    lines += _columns(shown, ("month", "kind", "started_at", "outcome", "exit", "message"))
    lines += ["", *_gate_lines(state["gates"])]
    packs = state["packs"]
    if packs:
        newest = max(pack["month"] for pack in packs)
        count = sum(pack["month"] == newest for pack in packs)
        lines.append(f"published: {len({pack['month'] for pack in packs})} month(s); newest {newest} with {count} packs")
    counts = state["deliveries"]["counts"]
    lines += [f"deliveries {row['month']} r{row['revision']}: {row['count']} {row['state']}" for row in counts]
    lines += [
        f"  not accepted: {row['pack']} to {row['recipient']}: {row['state']} {row['reason']}"
        for row in state["deliveries"]["not_accepted"][:5]
    ]
    today = clock.now().astimezone(settings.zone).date()
    for row in state["waivers"]:
        word = Waiver(row["rule"], row["month"], row["reason"], date.fromisoformat(row["until"]), row["author"], clock.now())
        lines.append(word.line(today))
    return state, lines


def list_deliveries(settings: Settings, month: str | None) -> tuple[list[dict[str, Any]], list[str]]:
    """The ledger of deliveries: who got what, when, and which bytes."""
    try:
        chosen = Month.parse(month) if month else None
    except ValueError as error:
        raise UsageError(str(error)) from error
    with Office.open(settings) as office:
        rows, tested = office.warehouse.deliveries(chosen), _trial_lines(trials_of(office.warehouse, chosen))
    if not rows:
        return [], [f"no deliveries{f' of {month}' if month else ''}: packs are mailed by `keping run --send`.", *tested]
    shown = [
        {
            **row,
            "delivery": row["delivery_key"][:12],
            "revision": f"r{row['revision']}",
            "sha256": (row["pack_digest"] or "")[:12],
            "changed_at": f"{row['changed_at']:%Y-%m-%d %H:%M}Z",
            "why": row["reason"],
        }
        for row in rows
    ]
    why = ("why",) if any(row["reason"] for row in rows) else ()
    columns = ("delivery", "month", "revision", "pack", "locale", "address", "state", "changed_at", "sha256", *why)
    return rows, [*_columns(shown, columns), *tested]


def _trial_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Mails to test addresses, which are no deliveries: how many, where, and when the last one."""
    last = {row["delivery_key"]: row for row in rows}
    places: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in last.values():
        places.setdefault((row["month"], row["address"]), []).append(row)
    return [
        f"test mails of {month} to {address}: {len(own)}, {sum(row['outcome'] == 'accepted' for row in own)} accepted, "
        f"the last at {max(row['at'] for row in own):%Y-%m-%d %H:%M}Z by {own[-1]['who']}; no deliveries"
        for (month, address), own in places.items()
    ]


def _gate_lines(gates: Sequence[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    for gate in gates[:4]:
        lines.append(
            f"gate {gate['gate']} of {gate['month']}: {gate['outcome']} "
            f"({gate['critical']} critical, {gate['warnings']} warnings, {gate['infos']} notes)"
        )
        grave = [finding for finding in gate["findings"] if finding["severity"] == "critical"]
        lines += [f"  {finding['rule']}: {finding['message']}" for finding in grave[:3]]
    return lines


def _columns(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[str]:
    """Rows as aligned columns under their names."""
    cells = [[("" if row[name] is None else " ".join(str(row[name]).split())) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[place]) for line in cells)) for place, name in enumerate(names)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in [list(names), *cells]]
