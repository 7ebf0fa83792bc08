from __future__ import annotations

import json
import os
import stat
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from flows.archive import revisions
from flows.archive.manifest import MANIFEST, Difference, read_manifest
from flows.archive.publishing import recover
from flows.archive.revisions import Archive, verify
from flows.settings import Settings
from tests.flows.archive.builders import FILES, KillAt, in_child, manifest, opened, published, staged
from tests.flows.warehouse.builders import MAY, keep, review
from transforms.errors import MachineError, UsageError
from transforms.month import Month

STEPS = ("kept", "staged", "sealed", "renamed", "synced", "recorded", "latest")


def tree(settings: Settings) -> dict[str, bytes]:
    """Every file of the archive but the manifests, which name their run."""
    root = settings.archive_path
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file() and path.name != MANIFEST
    }


def test_a_published_folder_holds_its_files_and_a_manifest_that_tells_them_apart(settings: Settings):
    publication = published(settings)
    folder = Archive(settings.archive_path).folder(MAY, 0)
    told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert set(told["files"]) == set(FILES)
    assert told["month"] == "2026-05" and told["revision"] == 0 and told["reason"] == "first publication"
    assert told["policy"]["version"] == "builtin-1" and told["known_at"] == "2026-06-01T04:30:00+00:00"
    assert verify(folder) == []
    assert read_manifest(folder).digest == publication.manifest_digest
    assert read_manifest(folder).as_bytes() == (folder / MANIFEST).read_bytes()
    assert tree(settings) == {f"2026-05/r0/{name}": data for name, data in FILES.items()} | {"latest": b"2026-05\n"}


def test_a_manifest_is_read_by_people_and_by_programs_and_says_in_which_form_it_is(settings: Settings):
    made = replace(manifest(1, "run", reason="首次发布"), files={"b": {"sha256": "0", "bytes": 1}, "a": {"sha256": "1", "bytes": 2}})
    lines = made.as_bytes().decode("utf-8").splitlines()
    assert lines[:2] == ["{", ' "code_version": "0.1.0",']
    assert ' "form": 1,' in lines and ' "reason": "首次发布",' in lines
    assert [line for line in lines if line.startswith(('  "a"', '  "b"'))] == ['  "a": {', '  "b": {']
    with pytest.raises(FrozenInstanceError):
        setattr(made, "revision", 7)  # noqa: B010
    with pytest.raises(FrozenInstanceError):
        setattr(Difference("figures.csv", "changed"), "kind", "none")  # noqa: B010


def test_the_archive_is_its_owners_alone_whatever_the_umask(settings: Settings):
    before = os.umask(0)
    try:
        published(settings)
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in settings.archive_path.rglob("*") if path.is_file()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in [settings.archive_path, *settings.archive_path.rglob("*")] if path.is_dir()}
    assert (modes, folders) == ({0o600}, {0o700})


@pytest.mark.parametrize("step", STEPS)
def test_killed_before_any_step_the_same_command_completes_the_month_as_if_unbroken(settings: Settings, step: str):
    assert in_child(lambda: published(settings, at=KillAt(step))) == -9
    folder = Archive(settings.archive_path).folder(MAY, 0)
    # Whole or not at all, also right after the kill.
    assert not folder.exists() or verify(folder) == []
    publication = published(settings)
    assert publication.revision == 0 and verify(folder) == []
    assert tree(settings) == {f"2026-05/r0/{name}": data for name, data in FILES.items()} | {"latest": b"2026-05\n"}
    with opened(settings) as warehouse:
        assert [(pack.pack, pack.locale) for pack in warehouse.packs(MAY)] == [
            ("company", "en"),
            ("tier-a", "en"),
            ("tier-a", "zh_CN"),
            ("tier-b", "en"),
        ]
        assert len(warehouse.publications()) == 1
        assert warehouse.publication(MAY).manifest_digest == read_manifest(folder).digest


@pytest.mark.parametrize("step", STEPS)
def test_a_later_revision_that_is_killed_leaves_the_earlier_one_untouched(settings: Settings, step: str):
    published(settings)
    before = tree(settings)
    later = dict(FILES, **{"tier-a.en.pdf": b"%PDF-1.7 other"})
    assert (
        in_child(lambda: published(settings, digest="j" * 64, reason="input changed", files=later, at=KillAt(step))) == -9
        or step == "latest"
    )
    assert {name: data for name, data in tree(settings).items() if "/r0/" in name} == {
        name: data for name, data in before.items() if "/r0/" in name
    }
    assert published(settings, digest="j" * 64, reason="input changed", files=later).revision == 1
    assert {name: data for name, data in tree(settings).items() if "/r0/" in name} == {
        name: data for name, data in before.items() if "/r0/" in name
    }
    assert Archive(settings.archive_path).revisions(MAY) == [0, 1]


def test_the_same_input_again_publishes_nothing_new(settings: Settings):
    first = published(settings)
    before = tree(settings)
    assert published(settings) == first
    assert tree(settings) == before


def test_a_run_that_failed_in_between_finds_its_finished_packs_again(settings: Settings):
    archive = Archive(settings.archive_path)
    staging = archive.stage(MAY, 0, "key")
    staging.put("tier-a.en.pdf", b"done")
    (staging.folder / ".tier-b.en.pdf.abcd.part").write_bytes(b"half")
    again = archive.stage(MAY, 0, "key")
    assert again.has("tier-a.en.pdf") and not again.has("tier-b.en.pdf")
    assert [path.name for path in again.folder.iterdir()] == ["tier-a.en.pdf"]
    other = archive.stage(MAY, 0, "another key")
    assert not other.has("tier-a.en.pdf")


def test_a_revision_that_is_there_is_never_written_again(settings: Settings):
    published(settings)
    archive = Archive(settings.archive_path)
    with pytest.raises(UsageError, match=r"a published revision never changes"):
        archive.publish(staged(archive, 0), manifest(1, "run"))
    with opened(settings) as warehouse, pytest.raises(UsageError, match=r"published with other bytes"):
        warehouse.publish(MAY, 0, review_id=1, reason="", manifest_digest="0" * 64, input_digest="", packs=[])


def test_latest_names_the_newest_month_also_when_an_older_one_is_published_later(settings: Settings):
    published(settings, month=MAY)
    published(settings, month=MAY - 3)
    assert (settings.archive_path / "latest").read_text() == "2026-05\n"
    published(settings, month=Month(2027, 1))
    assert Archive(settings.archive_path).latest() == Month(2027, 1)


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda folder: (folder / "figures.csv").write_bytes(b"other"), "figures.csv: changed"),
        (lambda folder: (folder / "tier-a.en.pdf").unlink(), "tier-a.en.pdf: missing"),
        (lambda folder: (folder / "notes.txt").write_bytes(b""), "notes.txt: extra"),
        (
            lambda folder: ((folder / "figures.csv").unlink(), (folder / "figures.csv").symlink_to("/etc/hostname")),
            "figures.csv: not a plain file",
        ),
    ],
)
def test_verify_names_every_file_that_is_not_as_published(settings: Settings, spoil, kind: str):
    published(settings)
    folder = Archive(settings.archive_path).folder(MAY, 0)
    spoil(folder)
    assert [str(difference) for difference in verify(folder)] == [kind]


def test_a_folder_without_rows_that_is_not_as_its_manifest_says_is_not_recorded(settings: Settings):
    in_child(lambda: published(settings, at=KillAt("recorded")))
    archive = Archive(settings.archive_path)
    with opened(settings) as warehouse:
        assert warehouse.publication(MAY) is not None
    in_child(lambda: published(settings, digest="j" * 64, at=KillAt("synced")))
    (archive.folder(MAY, 1) / "figures.csv").write_bytes(b"other")
    with (
        opened(settings) as warehouse,
        pytest.raises(MachineError, match=r"r1 is not what its manifest says \(1 difference\(s\): figures.csv: changed"),
    ):
        recover(warehouse, archive, MAY)


def test_a_damaged_manifest_is_told(settings: Settings):
    published(settings)
    folder = Archive(settings.archive_path).folder(MAY, 0)
    (folder / MANIFEST).write_text('{"month": "2026-05"')
    with pytest.raises(MachineError, match=r"manifest.json is missing or damaged"):
        verify(folder)


def test_an_archive_of_another_warehouse_is_not_taken_over(settings: Settings):
    published(settings)
    with opened(settings) as warehouse:
        stranger = warehouse.begin_run("review", MAY)
        review_id = keep(warehouse, review(), stranger, revision=1)
        archive = Archive(settings.archive_path)
        archive.publish(staged(archive, 1), manifest(review_id, "2026-05-some-other-run", 1))
        with pytest.raises(MachineError, match=r"was published by another warehouse"):
            recover(warehouse, archive, MAY)


def test_staged_files_of_which_nobody_knows_what_they_are_made_from_are_not_used_again(settings: Settings) -> None:
    archive = Archive(settings.archive_path)
    archive.stage(MAY, 0, "this input").put("company.en.pdf", b"a page")
    assert archive.stage(MAY, 0, "this input").has("company.en.pdf")
    (note,) = settings.archive_path.glob(".staging/*.key")
    note.unlink()
    assert not archive.stage(MAY, 0, "this input").has("company.en.pdf")


def test_a_half_written_file_of_a_killed_run_is_cleared_and_its_finished_ones_stay(settings: Settings) -> None:
    archive = Archive(settings.archive_path)
    staging = archive.stage(MAY, 0, "this input")
    staging.put("company.en.pdf", b"a page")
    (staging.folder / ".tier-a.en.pdf.part").write_bytes(b"half a p")
    again = archive.stage(MAY, 0, "this input")
    assert [path.name for path in again.folder.iterdir()] == ["company.en.pdf"]


def test_no_revision_comes_before_the_first(settings: Settings) -> None:
    with pytest.raises(ValueError, match="no such revision: -1"):
        Archive(settings.archive_path).folder(MAY, -1)


def test_a_published_month_is_as_its_manifest_says_and_a_spoilt_one_is_not(settings: Settings) -> None:
    published(settings)
    archive = Archive(settings.archive_path)
    assert archive.verify(MAY, 0) == []
    assert (archive.manifest(MAY, 0).month, archive.manifest(MAY, 0).revision) == (MAY, 0)
    (archive.folder(MAY, 0) / "company.en.pdf").unlink()
    assert [str(difference) for difference in archive.verify(MAY, 0)] != []


def test_the_names_of_both_folders_are_on_the_disk_before_anything_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, told = Archive(settings.archive_path), list[str]()
    monkeypatch.setattr(revisions, "sync_folder", lambda path: told.append(f"disk has {path.relative_to(archive.root)}"))
    archive.publish(staged(archive, 0), manifest(1, "run"), at=told.append)
    assert told[told.index("sealed") :] == ["sealed", "renamed", "disk has 2026-05", "disk has .staging", "synced"]
    assert told[: told.index("sealed")] == ["disk has .staging/2026-05-r0", "disk has .staging/2026-05-r0/quarantine"]


def test_a_probe_that_a_killed_check_left_behind_is_in_nobody_s_way(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = Archive(settings.archive_path)
    (archive.root / ".probe" / "something").mkdir(parents=True)
    (archive.root / ".staging" / ".probe" / "something").mkdir(parents=True)
    archive.check_writable()
    assert [path.name for path in archive.root.rglob("*")] == [".staging"]
    # Nor does one that cannot do its work leave any.
    with monkeypatch.context() as patch, pytest.raises(MachineError, match="trying to publish"):
        patch.setattr(Path, "rename", lambda *names: (archive.root / "there is none").stat())
        archive.check_writable()
    assert list((archive.root / ".staging").iterdir()) == []


def test_a_month_is_published_also_where_somebody_has_tidied_the_note_of_its_staging_away(settings: Settings) -> None:
    archive = Archive(settings.archive_path)
    staging = staged(archive, 0)
    for note in (archive.root / ".staging").glob("*.key"):
        note.unlink()
    archive.publish(staging, manifest(1, "run"))
    assert archive.verify(MAY, 0) == []


def test_only_folders_that_are_called_as_a_month_are_months_and_only_half_written_files_are_cleared(settings: Settings) -> None:
    published(settings)
    archive = Archive(settings.archive_path)
    (archive.root / "2026-06").write_text("no folder")
    (archive.root / "2026-07").symlink_to(archive.root / "2026-05")
    (archive.root / "2026-13").mkdir()
    assert archive.months() == [MAY]
    (archive.root / "2026-05" / "r7").write_text("no folder")
    for name in ("rest", "x7", "7"):
        (archive.root / "2026-05" / name).mkdir()
    assert archive.revisions(MAY) == [0]
    staging = archive.stage(MAY, 1, "this input")
    for name in ("figures.part", ".hidden", ".figures.csv.part"):
        (staging.folder / name).write_bytes(b"")
    assert {path.name for path in archive.stage(MAY, 1, "this input").folder.iterdir()} == {"figures.part", ".hidden"}
