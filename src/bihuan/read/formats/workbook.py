"""Worksheets -> one text: each sheet's rows, a line each, an empty line between sheets."""

from __future__ import annotations

from collections.abc import Iterable

from bihuan.core.errors import FormatError
from bihuan.read.formats.extraction import Extraction
from bihuan.read.formats.sheet import Sheet, sheet_lines


def text_of(sheets: Iterable[Sheet], name: str) -> Extraction:
    """Return the text of all sheets with a place for every cell.

    Raises:
        FormatError: no sheet holds anything.
    """
    parts: list[str] = []
    locators: list[tuple[int, str]] = []
    at = 0
    for sheet in sheets:
        for line, places in sheet_lines(sheet, name):
            locators += [(at + offset, label) for offset, label in places]
            parts.append(line + "\n")
            at += len(line) + 1
        if parts and parts[-1] != "\n":
            parts.append("\n")
            at += 1
    if not locators:
        raise FormatError("the workbook holds no filled cell.", where=name, key="read.empty")
    return Extraction("".join(parts), tuple(locators))
