"""What PDF/UA-1 asks of the tag tree beyond what the renderer writes: heads with a scope, running lines as decoration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pydyf  # type: ignore[import-untyped]


def finish_tags(_document: Any, pdf: Any) -> None:
    """Complete the tags of a PDF before it is written.

    Every head of a table says whether it is a row's or a column's. What pages repeat above and below their text is
    decoration, as a screen reader need not read it on each: the renderer tags it and links it to nothing (ISO 14289-1, 7.8).
    """
    for head in _elements(pdf, "/TH"):
        scope = "/Column" if _parent(pdf, _parent(pdf, head))["S"] == "/THead" else "/Row"
        head["A"]["Scope"] = scope
    tree = _at(pdf, pdf.catalog["StructTreeRoot"])
    (top,) = tree["K"]
    read = {_key(one) for one in _at(pdf, top)["K"]}
    numbers = _at(pdf, tree["ParentTree"])["Nums"]
    for page, elements in zip(numbers[::2], numbers[1::2], strict=True):
        if isinstance(elements, list):
            repeated = {place for place, element in enumerate(elements) if _key(_root(pdf, element, top)) not in read}
            _decorate(_at(pdf, _at(pdf, pdf.page_references[page])["Contents"]).stream, repeated)
            elements[:] = ["null" if place in repeated else element for place, element in enumerate(elements)]


def _decorate(stream: list[Any], repeated: set[int]) -> None:
    """Say of pieces of content, told by their numbers, that they are decoration."""
    for place, operator in enumerate(stream):
        if operator == b"BDC" and stream[place - 1].get("MCID") in repeated:
            stream[place - 2 : place] = ["/Artifact", pydyf.Dictionary({"Type": "/Pagination"})]


def _elements(pdf: Any, kind: str) -> Iterator[Any]:
    named = (one for one in pdf.objects if isinstance(one, pydyf.Dictionary) and one.get("Type") == "/StructElem")
    yield from (one for one in named if one["S"] == kind)


def _root(pdf: Any, element: Any, top: Any) -> Any:
    """The element directly below the document's own that a piece of content belongs to."""
    while _key(above := _at(pdf, element)["P"]) != _key(top):
        element = above
    return element


def _parent(pdf: Any, element: Any) -> Any:
    return _at(pdf, element["P"])


def _at(pdf: Any, reference: Any) -> Any:
    return pdf.objects[_key(reference)]


def _key(reference: Any) -> int:
    """The number of the object that a reference such as `12 0 R` leads to."""
    return int(reference.split()[0])
