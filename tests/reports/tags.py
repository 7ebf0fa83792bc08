"""The tag tree of a PDF as a screen reader walks it, and what in it breaks PDF/UA-1.

These are checks of our own: an independent checker (veraPDF) is not to be had where the suite runs.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

PAINTS = frozenset({"Tj", "TJ", "'", '"', "Do", "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh", "EI", "INLINE IMAGE"})
KNOWN = frozenset(
    (
        *("Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Caption", "TOC", "TOCI", "Index", "NonStruct", "Private"),
        *("P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody", "Table", "TR", "TH", "TD", "THead", "TBody", "TFoot"),
        *("Span", "Quote", "Note", "Reference", "BibEntry", "Code", "Link", "Annot", "Ruby", "Warichu", "Figure", "Formula", "Form"),
    )
)
PARENTS = {
    "TR": {"Table", "THead", "TBody", "TFoot"},
    "TH": {"TR"},
    "TD": {"TR"},
    "THead": {"Table"},
    "TBody": {"Table"},
    "LI": {"L"},
    "LBody": {"LI"},
    "Lbl": {"LI", "Note"},
}


def faults_of_tags(data: bytes, lang: str, title: str) -> list[str]:
    """Every fault of the tag tree; empty: none."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [*_document(pdf, lang, title), *_content(pdf), *_elements(pdf), *_headings(pdf), *_tables(pdf)]


def _document(pdf: pikepdf.Pdf, lang: str, title: str) -> Iterator[str]:
    root = pdf.Root
    if str(root.get("/Lang", "")) != lang:
        yield f"the language is {root.get('/Lang')}"
    if not root.get("/MarkInfo", {}).get("/Marked", False) or root.get("/MarkInfo", {}).get("/Suspects", False):
        yield "not marked as tagged"
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False):
        yield "the title is not shown"
    with pdf.open_metadata() as meta:
        if str(meta.get("pdfuaid:part")) != "1" or str(meta.get("dc:title")) != title:
            yield "the metadata lack the standard or the title"
    for number, page in enumerate(pdf.pages, start=1):
        if str(page.get("/Tabs", "")) != "/S":
            yield f"page {number}: tabs do not follow the structure"
        for note in page.get("/Annots", []):
            if "/StructParent" not in note or not str(note.get("/Contents", "")):
                yield f"page {number}: an annotation without structure or words"


def _content(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Marks on a page that are neither tagged nor said to be decoration, and tags that lead to no mark."""
    told = {(page, mcid) for _, _, page, mcid in _leaves(pdf)}
    for number, page in enumerate(pdf.pages, start=1):
        open_marks: list[int | None] = []
        """Of each open mark its number; -1 for decoration, None for others."""
        here = set[int]()
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in ("BDC", "BMC"):
                kind = str(operands[0])
                mcid = operands[1].get("/MCID") if name == "BDC" and isinstance(operands[1], pikepdf.Dictionary) else None
                open_marks.append(-1 if kind == "/Artifact" else None if mcid is None else int(mcid))
                if mcid is not None:
                    here.add(int(mcid))
                if -1 in open_marks[:-1] and mcid is not None:
                    yield f"page {number}: content {mcid} lies inside decoration"
            elif name == "EMC":
                open_marks.pop()
            elif name in PAINTS and not any(mark is not None for mark in open_marks):
                yield f"page {number}: {name} {str(operands)[:40]} is neither tagged nor decoration"
        if open_marks:
            yield f"page {number}: {len(open_marks)} marks are not closed"
        held = {mcid for place, mcid in told if place == number}
        if here != held:
            yield f"page {number}: content that no tag holds {sorted(here - held)[:5]}, tags without content {sorted(held - here)[:5]}"


def _elements(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Elements of unknown kind or in the wrong place, figures without words, elements that hold nothing."""
    for kind, parent, node in _nodes(pdf):
        if kind not in KNOWN:
            yield f"{kind} is no element of PDF 1.7"
        if kind in PARENTS and parent not in PARENTS[kind]:
            yield f"{kind} stands in {parent}"
        if kind == "Figure" and not str(node.get("/Alt", "")).strip():
            yield "a figure without words"
        if kind in ("P", "H1", "H2", "H3", "Figure", "Lbl") and not _children(node):
            yield f"an empty {kind}"


def _headings(pdf: pikepdf.Pdf) -> Iterator[str]:
    before = 0
    for kind, _, _node in _nodes(pdf):
        if re.fullmatch(r"H\d", kind):
            level = int(kind[1])
            if level > before + 1:
                yield f"H{level} follows H{before}"
            before = level
    if not before:
        yield "no heading"


def _tables(pdf: pikepdf.Pdf) -> Iterator[str]:
    for kind, _, table in _nodes(pdf):
        if kind != "Table":
            continue
        heads = list(_below(table, "TH"))
        if not heads:
            yield "a table without heads"
        for head in heads:
            if str(_attribute(head, "/Scope")) not in ("/Row", "/Column", "/Both"):
                yield "a table head without scope"
        widths = {sum(_span(cell) for cell in (*_below(row, "TH"), *_below(row, "TD"))) for row in _below(table, "TR")}
        if len(widths) != 1:
            yield f"a table with rows of {sorted(widths)} cells"


def _span(cell: Any) -> int:
    return int(_attribute(cell, "/ColSpan") or 1)


def _attribute(node: Any, name: str) -> Any:
    held = node.get("/A", [])
    for one in held if isinstance(held, pikepdf.Array) else [held]:
        if isinstance(one, pikepdf.Dictionary) and name in one:
            return one[name]
    return None


def _children(node: Any) -> list[Any]:
    held = node.get("/K", [])
    return list(held) if isinstance(held, pikepdf.Array) else [held]


def _below(node: Any, kind: str) -> Iterator[Any]:
    for child in _children(node):
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            if str(child["/S"]) == f"/{kind}":
                yield child
            yield from _below(child, kind)


def _nodes(pdf: pikepdf.Pdf) -> Iterator[tuple[str, str, Any]]:
    """Every element in the order of reading, with its kind and its parent's."""
    yield from _walk(pdf.Root.StructTreeRoot, "")


def _walk(node: Any, parent: str) -> Iterator[tuple[str, str, Any]]:
    for child in _children(node):
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            kind = str(child["/S"])[1:]
            yield kind, parent, child
            yield from _walk(child, kind)


def _leaves(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any, int, int]]:
    """Every piece of content that a tag holds: the tag's kind, the tag, its page and its number on it."""
    pages = {page.objgen: number for number, page in enumerate(pdf.pages, start=1)}
    for kind, _, node in _nodes(pdf):
        for child in _children(node):
            if isinstance(child, pikepdf.Dictionary) and "/MCID" in child:
                page = child.get("/Pg", node.get("/Pg"))
                yield kind, node, pages[page.objgen], int(child["/MCID"])
            elif not isinstance(child, pikepdf.Dictionary):
                yield kind, node, pages[node["/Pg"].objgen], int(child)
