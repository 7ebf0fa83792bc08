"""Text that was read in another encoding than it was written in (mojibake), and what it was before."""

from __future__ import annotations

import re

import pandas as pd

from expectations.findings import Finding, Severity
from expectations.values import short_form
from transforms.tables.contract import TABLES, Kind

LOOKED_AT = 20_000
"""Different values of a column that are looked at; a wrong encoding spoils all of them alike."""

WRONG = ("cp1252", "latin-1", "gb18030")
"""Encodings as which UTF-8 is read by mistake."""

_LOST = re.compile("\ufffd|锟斤拷")
_HAN = re.compile("[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]")


def before_garbling(text: str) -> str | None:
    """The text that was meant, where `text` is UTF-8 read as Western or as GBK; None where it is as it was written.

    Read as GBK, only a text that becomes East Asian script and shorter is believed: some Chinese words are UTF-8 by chance.
    """
    for encoding in WRONG:
        try:
            meant = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if meant != text and (encoding != "gb18030" or (len(_HAN.findall(meant)) >= 2 and len(meant) < len(text))):
            return meant
    return None


def check_garbled(table: str, frame: pd.DataFrame) -> list[Finding]:
    """A warning per text column in which some value is garbled, or holds signs that were lost for good.

    Values of personal columns are not shown.
    """
    found = []
    for column in TABLES[table].columns:
        if column.kind is not Kind.TEXT or column.name not in frame:
            continue
        values = frame[column.name].dropna()
        distinct = values[~values.str.isascii()].drop_duplicates().head(LOOKED_AT)
        spoilt = {value: before_garbling(value) or "" for value in distinct if _LOST.search(value) or before_garbling(value)}
        if not spoilt:
            continue
        rows = int(values.isin(list(spoilt)).sum())
        some = [f"{short_form(value)} = {short_form(meant)}" if meant else short_form(value) for value, meant in sorted(spoilt.items())[:2]]
        shown = "" if column.personal else f" ({'; '.join(some)})"
        message = f"{column.name} was read in another encoding than it was written in{shown}; correct encoding in the block, or the source"
        examples = () if column.personal else tuple(sorted(spoilt)[:3])
        found.append(Finding(table, f"{table}.{column.name}.garbled", Severity.WARNING, message, "", rows, len(frame), examples))
    return found
