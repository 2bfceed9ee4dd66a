"""The cells of one worksheet -> lines of text in which header, row label and unit stay beside their figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bihuan.core.errors import FormatError
from bihuan.read.formats.rows import CELL, Cell

Place = tuple[int, int]
"""(row, column), both from 0."""
_MOST_CELLS = 5_000_000
_MOST_FILLED = 20_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: its cells as a reader sees them, and which of them are merged."""

    name: str
    cells: Mapping[Place, str]
    merged: Sequence[tuple[Place, Place]] = ()
    """First and last cell of each merged area."""


def sheet_lines(sheet: Sheet, name: str) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Yield each row that holds anything as (line, [(offset in the line, `Sheet1!B7`) of each cell]).

    Columns that are empty all the way down are left out; empty cells between others are kept, so that the n-th cell
    of a row stands under the n-th header.

    Raises:
        FormatError: a few cells are spread over so much of the sheet that its text would be mostly emptiness.
    """
    cells = _filled(sheet)
    columns = sorted({column for _, column in cells})
    rows: dict[int, dict[int, str]] = {}
    for (row, column), text in cells.items():
        rows.setdefault(row, {})[column] = text
    if len(rows) * len(columns) > _MOST_CELLS:
        raise FormatError(
            f"sheet {sheet.name} spreads its cells over {len(rows):,} rows and {len(columns):,} columns. Save each "
            "table as a sheet of its own.",
            where=name,
            key="read.too-large",
        )
    for row in sorted(rows):
        yield _line(sheet.name, row, columns, rows[row])


def _line(sheet: str, row: int, columns: Sequence[int], texts: Mapping[int, str]) -> tuple[str, list[tuple[int, str]]]:
    last = max(texts)
    parts: list[str] = []
    places: list[tuple[int, str]] = []
    at = 0
    for column in columns:
        text = texts.get(column, "")
        if text:
            places.append((at, f"{sheet}!{column_name(column)}{row + 1}"))
        parts.append(text)
        at += len(text) + len(CELL)
        if column == last:
            break
    return CELL.join(parts), places


def _filled(sheet: Sheet) -> dict[Place, str]:
    """Return the cells with the labels of merged areas repeated in each cell they cover; a title row stands once."""
    cells = {place: tidy for place, text in sheet.cells.items() if (tidy := " ".join(text.split()))}
    in_row: dict[int, int] = {}
    for row, _ in cells:
        in_row[row] = in_row.get(row, 0) + 1
    spare = _MOST_FILLED
    for (top, left), (bottom, right) in sheet.merged:
        label = Cell(cells.get((top, left), "")).repeated
        if not label or (top == bottom and in_row[top] == 1):
            continue
        spare -= (bottom - top + 1) * (right - left + 1)
        if spare < 0:
            break
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                cells.setdefault((row, column), label)
    return cells


def column_name(column: int) -> str:
    """Return the letters of a column counted from 0: A, Z, AA."""
    name = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        name = chr(65 + digit) + name
    return name


def number_text(value: float) -> str:
    """Return a figure as a reader writes it: no noise of binary fractions, no exponent, whole numbers without `.0`."""
    text = f"{value:.15g}"
    if "e" in text or "n" in text:
        text = f"{value:f}".rstrip("0").rstrip(".") if abs(value) < 1e30 else text
    return text
