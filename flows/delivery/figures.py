"""The figures of a published revision, as mails and limits take them: the published bytes or none."""

from __future__ import annotations

import hashlib
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
    folder = archive.folder(publication.month, publication.revision)
    manifest = archive.manifest(publication.month, publication.revision)
    path = folder / FILE
    with machine_trouble(path, "reading the published figures"):
        said, whole = digest_of(folder / MANIFEST), path.read_bytes()
    for name, found, published in (
        (MANIFEST, said, publication.manifest_digest),
        (FILE, hashlib.sha256(whole).hexdigest(), str(manifest.files.get(FILE, {}).get("sha256", ""))),
    ):
        if found != published:
            raise RefutedError(
                f"{folder / name} is not the file that was published (sha256 {found[:12]}, published {published[:12]}). "
                "Nothing was mailed.\nPut the published file back from a copy."
            )
    return pd.read_csv(BytesIO(whole), dtype={"scope_value": "str"}, keep_default_na=False, na_values=[""])
