"""The tables of a published revision, as mails and limits take them: the published bytes or none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from io import BytesIO

import pandas as pd

from flows.archive.manifest import MANIFEST
from flows.archive.revisions import Archive
from flows.machine.files import digest_of, machine_trouble
from flows.warehouse.records import Publication
from transforms.errors import RefutedError

FILE = "figures.csv"


def read_published_figures(archive: Archive, publication: Publication) -> pd.DataFrame:
    """`figures.csv` of a published revision; a RefutedError where it, or the manifest that vouches for it, is not what was published."""
    whole = read_published_files(archive, publication, [FILE]).get(FILE, b"")
    return pd.read_csv(BytesIO(whole), dtype={"scope_value": "str"}, keep_default_na=False, na_values=[""])


def read_published_files(archive: Archive, publication: Publication, names: Iterable[str]) -> dict[str, bytes]:
    """Files of a published revision by name, without those it has not; a RefutedError where one of them, or the manifest that vouches
    for them, is not what was published.
    """
    folder = archive.folder(publication.month, publication.revision)
    manifest = archive.manifest(publication.month, publication.revision)
    with machine_trouble(folder / MANIFEST, "reading what was published"):
        _refuse_other(str(folder / MANIFEST), digest_of(folder / MANIFEST), publication.manifest_digest)
    found: dict[str, bytes] = {}
    for name in names:
        if name not in manifest.files:
            continue
        with machine_trouble(folder / name, "reading what was published"):
            found[name] = (folder / name).read_bytes()
        _refuse_other(str(folder / name), hashlib.sha256(found[name]).hexdigest(), str(manifest.files[name].get("sha256", "")))
    return found


def _refuse_other(path: str, found: str, published: str) -> None:
    if found != published:
        raise RefutedError(
            f"{path} is not the file that was published (sha256 {found[:12]}, published {published[:12]}). "
            "Nothing was mailed.\nPut the published file back from a copy."
        )
