from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.archive.revisions import Archive
from flows.machine.files import inside, make_folder, slug, write_atomic
from tests.flows.archive.builders import KillAt, in_child, manifest, staged
from tests.flows.warehouse.builders import MAY
from transforms.errors import MachineError, UsageError

HOSTILE = [
    "../x",
    "..",
    ".",
    "",
    "a/b",
    "a\\b",
    "..\\..\\x",
    "/etc/passwd",
    "a\x00b",
    "a\nb",
    "a\u202eb",
    "x" * 300,
    " a",
    "a ",
    "~root",
    "a\u2028b",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_is_no_plain_name_never_becomes_a_path(tmp_path: Path, name: str):
    with pytest.raises(UsageError, match=r"cannot be the name of a file"):
        inside(tmp_path, name)
    if "/" not in name:
        with pytest.raises(UsageError):
            Archive(tmp_path).stage(MAY, 0, "key").path(f"quarantine/{name}")


@given(st.lists(st.text(max_size=300), min_size=1, max_size=3))
def test_no_path_ever_leads_out_of_its_root(parts: list[str]):
    root = Path("/nowhere/archive")
    try:
        path = inside(root, *parts)
    except UsageError:
        return
    assert os.path.normpath(path) == str(path) and path.is_relative_to(root) and path != root


@given(st.text(), st.text())
def test_two_texts_never_share_a_slug_and_a_slug_is_always_a_plain_name(one: str, other: str):
    assert (slug(one) == slug(other)) == (one == other)
    assert inside(Path("/nowhere"), slug(one)).name == slug(one)
    assert slug(one).isascii() and len(slug(one)) <= 57


def test_a_symbolic_link_inside_the_archive_is_not_followed(tmp_path: Path):
    elsewhere = make_folder(tmp_path / "elsewhere")
    archive = make_folder(tmp_path / "archive")
    (archive / ".staging").symlink_to(elsewhere)
    with pytest.raises(MachineError, match=r"symbolic link"):
        Archive(archive).stage(MAY, 0, "key")
    (archive / "2026-05").symlink_to(elsewhere)
    with pytest.raises(MachineError, match=r"symbolic link"):
        Archive(archive).folder(MAY, 0)
    assert list(elsewhere.iterdir()) == []


def test_a_file_is_replaced_whole_and_leaves_no_other_names(tmp_path: Path):
    write_atomic(tmp_path / "x", b"old")
    write_atomic(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o600


def _publish_with_little_room(root: Path, limit: int) -> None:
    # A limit on file size stands in for a full disk: the write fails midway.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    archive = Archive(root)
    try:
        archive.publish(
            staged(archive, files={"tier-a.en.pdf": b"x" * 50_000, "figures.csv": b"y" * 2_000}),
            manifest(1, "run", files={"tier-a.en.pdf": b""}),
        )
    except MachineError as error:
        os._exit(7 if "at " in str(error) and "same command again" in str(error) else 1)


@pytest.mark.parametrize("limit", [0, 10, 1_000, 10_000, 49_999])
def test_without_room_nothing_is_published_and_the_same_command_works_once_there_is(tmp_path: Path, limit: int):
    root = tmp_path / "archive"
    assert in_child(_publish_with_little_room, root, limit) == 7
    archive = Archive(root)
    assert archive.revisions(MAY) == []
    assert in_child(_publish_with_little_room, root, 10_000_000) == 0
    assert archive.verify(MAY, 0) == []


def _mounted(options: str, target: Path) -> bool:
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(target)], capture_output=True, check=False)
    return done.returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path):
    target = make_folder(tmp_path / "disk")
    if not _mounted("size=256k,mode=700", target):
        pytest.skip("a full disk is tried on a tmpfs, which only root may mount here")
    yield target
    subprocess.run(["umount", str(target)], check=True)


def test_a_full_disk_is_told_with_place_and_need(small_disk: Path):
    archive = Archive(small_disk / "archive")
    with pytest.raises(MachineError, match=r"writing a file: no space left at .*tier-a.en.pdf, needs about 1 MB") as told:
        staged(archive, files={"tier-a.en.pdf": os.urandom(600_000)})
    assert "nothing half-made was published or mailed" in str(told.value)
    assert not archive.stage(MAY, 0, "key").has("tier-a.en.pdf")
    archive.publish(staged(archive, files={"tier-a.en.pdf": b"%PDF small"}), manifest(1, "run", files={"tier-a.en.pdf": b""}))
    assert archive.verify(MAY, 0) == []


def test_an_archive_spread_over_two_disks_is_told_before_any_work(small_disk: Path):
    archive = Archive(small_disk / "archive")
    staging = make_folder(archive.root / ".staging")
    if not _mounted("size=256k,mode=700", staging):
        pytest.skip("needs to mount a tmpfs")
    try:
        with pytest.raises(MachineError, match=r"trying to publish: another file system at"):
            archive.check_writable()
    finally:
        subprocess.run(["umount", str(staging)], check=True)
    archive.check_writable()
    assert [path.name for path in archive.root.iterdir()] == [".staging"]


def test_a_read_only_archive_is_told_before_any_work(small_disk: Path):
    archive = Archive(small_disk / "archive")
    make_folder(archive.root)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(MachineError, match=r"read-only file system at .*archive"):
        archive.check_writable()
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    archive.check_writable()


def _check_as_nobody(root: Path) -> None:
    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        Archive(root).check_writable()
    except MachineError as error:
        os._exit(7 if "no permission at" in str(error) else 1)


def test_an_archive_without_permission_is_told_before_any_work(tmp_path: Path):
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    root = make_folder(tmp_path / "archive")
    root.chmod(0o500)
    assert in_child(_check_as_nobody, root) == 7


def test_a_killed_write_leaves_the_old_file(tmp_path: Path):
    write_atomic(tmp_path / "latest", b"2026-04\n")

    def work() -> None:
        archive = Archive(tmp_path)
        archive.publish(staged(archive), manifest(1, "run"))
        archive.name_latest(KillAt("latest"))

    assert in_child(work) == -9
    assert (tmp_path / "latest").read_bytes() == b"2026-04\n"
