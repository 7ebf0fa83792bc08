"""The archive of published months: each revision's folder is written whole or not at all, and never again.

Layout: `<YYYY-MM>/r<revision>/` published folders · `latest` a text file that names the newest
month · `.staging/` revisions in the making · `.locks/` months being run.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flows.archive.manifest import MANIFEST, Difference, Manifest, describe, differences, read_manifest
from flows.machine.files import files_below, inside, machine_trouble, make_folder, remove_tree, sync_folder, write_atomic
from flows.machine.hooks import Hook, nowhere
from transforms.errors import UsageError
from transforms.month import Month

LATEST = "latest"
_STAGING = ".staging"


class Staging:
    """A revision in the making: files that were put in stay there, over runs, until it is published.

    `key` says what the files are made from; a staging folder of another key is cleared first.
    """

    def __init__(self, folder: Path, month: Month, revision: int) -> None:
        self.folder = folder
        self.month = month
        self.revision = revision

    def path(self, name: str) -> Path:
        """Where a file of that name (`company.en.pdf`, `quarantine/orders.csv`) lies."""
        return inside(self.folder, *name.split("/"))

    def has(self, name: str) -> bool:
        """Whether an earlier run has finished that file already."""
        return self.path(name).is_file()

    def put(self, name: str, data: bytes) -> None:
        """Write one file, whole or not at all."""
        path = self.path(name)
        make_folder(path.parent)
        write_atomic(path, data)


class Archive:
    """The folder of published months; it is made when the first thing is written."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, month: Month, revision: int) -> Path:
        """Where a revision lies, or would."""
        return inside(self.root, str(month), _revision_name(revision))

    def revisions(self, month: Month) -> list[int]:
        """The revisions whose folders are there, oldest first."""
        folder = inside(self.root, str(month))
        if not folder.is_dir():
            return []
        return sorted(
            int(path.name[1:]) for path in folder.iterdir() if path.name[:1] == "r" and path.name[1:].isdecimal() and path.is_dir()
        )

    def manifest(self, month: Month, revision: int) -> Manifest:
        """What a published revision says of itself."""
        return read_manifest(self.folder(month, revision))

    def verify(self, month: Month, revision: int) -> list[Difference]:
        """How a published folder differs from its manifest; empty when every byte is as published."""
        return verify(self.folder(month, revision))

    def stage(self, month: Month, revision: int, key: str) -> Staging:
        """The staging folder of a revision; what an earlier run left of the same key is used again."""
        folder, note = self._staging(month, revision)
        if not (folder.is_dir() and _read(note) == key):
            remove_tree(folder)
            make_folder(folder)
            write_atomic(note, key.encode())
        for leftover in list(files_below(folder).values()):
            # Half-written files of a run that was killed.
            if leftover.name.startswith(".") and leftover.name.endswith(".part"):
                with machine_trouble(leftover, "clearing a half-written file"):
                    leftover.unlink()
        return Staging(folder, month, revision)

    def _staging(self, month: Month, revision: int) -> tuple[Path, Path]:
        """The staging folder of a revision, and beside it the note that says what its files are made from."""
        name = f"{month}-{_revision_name(revision)}"
        return inside(self.root, _STAGING, name), inside(self.root, _STAGING, f"{name}.key")

    def tidy(self, month: Month) -> None:
        """Clear what a killed run left in staging of revisions that are published."""
        for revision in self.revisions(month):
            for left in self._staging(month, revision):
                remove_tree(left)

    def publish(self, staging: Staging, manifest: Manifest, *, at: Hook = nowhere) -> tuple[Path, Manifest]:
        """Make a staged revision the published one, in one rename; returns its folder and completed manifest.

        The manifest gets the digests of all staged files. A revision that is there already is refused.
        """
        target = self.folder(staging.month, staging.revision)
        if target.exists():
            raise UsageError(f"{target} is published; a published revision never changes. Nothing was published.")
        complete = self._seal(staging, manifest)
        at("sealed")
        make_folder(target.parent)
        with machine_trouble(target, "publishing"):
            staging.folder.rename(target)
            at("renamed")
            sync_folder(target.parent)
            sync_folder(staging.folder.parent)
            self._staging(staging.month, staging.revision)[1].unlink(missing_ok=True)
        at("synced")
        return target, complete

    def _seal(self, staging: Staging, manifest: Manifest) -> Manifest:
        """Write the manifest over the staged files and wait until the disk has everything."""
        folder = staging.folder
        with machine_trouble(folder, "sealing the staged month"):
            files = describe(folder)
            packs = tuple(
                replace(pack, digest=str(files[pack.file]["sha256"]), bytes=int(files[pack.file]["bytes"])) for pack in manifest.packs
            )
            complete = replace(manifest, files=files, packs=packs)
            write_atomic(folder / MANIFEST, complete.as_bytes())
            for below in sorted({path.parent for path in files_below(folder).values()}):
                sync_folder(below)
        return complete

    def name_latest(self, at: Hook = nowhere) -> None:
        """Make `latest` name the newest month that has a published folder."""
        newest = max((month for month in self.months() if self.revisions(month)), default=None)
        if newest is None:
            return
        path = inside(self.root, LATEST)
        text = f"{newest}\n".encode()
        if not (path.is_file() and path.read_bytes() == text):
            at("latest")
            write_atomic(path, text)

    def latest(self) -> Month | None:
        """The month that `latest` names."""
        path = inside(self.root, LATEST)
        return Month.parse(path.read_text(encoding="utf-8")) if path.is_file() else None

    def months(self) -> list[Month]:
        """Months that have a folder, oldest first."""
        if not self.root.is_dir():
            return []
        return sorted(month for path in self.root.iterdir() if (month := _month_of(path)) is not None)

    def check_writable(self) -> None:
        """Find out before any work whether a month could be published here; a MachineError says what is in the way."""
        probe = inside(make_folder(inside(self.root, _STAGING)), ".probe")
        target = inside(self.root, ".probe")
        for left in (probe, target):
            remove_tree(left)
        with machine_trouble(self.root, "trying to publish"):
            write_atomic(probe, b"")
            try:
                probe.rename(target)
            finally:
                probe.unlink(missing_ok=True)
                target.unlink(missing_ok=True)


def verify(folder: Path) -> list[Difference]:
    """How a published folder differs from its manifest, file by file; empty when it is what was published."""
    return differences(folder, read_manifest(folder))


def _revision_name(revision: int) -> str:
    if revision < 0:
        raise ValueError(f"no such revision: {revision}")
    return f"r{revision}"


def _month_of(path: Path) -> Month | None:
    try:
        return Month.parse(path.name) if path.is_dir() and not path.is_symlink() else None
    except ValueError:
        return None


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
