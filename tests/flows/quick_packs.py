"""Packs for tests that look at what happens to a pack, not at its pages: real PDFs of one page, made in a tenth of the time.

Their bytes depend on every word of the whole pack, and title, description and attachments are those of the whole pack.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from reports import render
from reports.blocks import Paragraph, Section
from reports.document import _document, pack_html, pdf_of
from reports.pack import ReviewPack


def quick_pack(pack: ReviewPack) -> bytes:
    """One page with the digest of the whole pack's words."""
    words = hashlib.sha256(pack_html(pack).encode()).hexdigest()
    page = Section("summary", pack.headline, (Paragraph(words),))
    return pdf_of(_document(pack_html(replace(pack, sections=(page,)))), pack)


@contextmanager
def quickly() -> Iterator[None]:
    """Inside, and in the processes forked inside, every pack is a quick one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "render_pack", quick_pack)
        yield


def is_quick() -> bool:
    return render.render_pack is quick_pack
