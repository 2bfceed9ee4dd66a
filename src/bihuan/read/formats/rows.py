"""How the row of a table becomes one line of text: its cells in order, ` | ` between them, empty cells kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

CELL = " | "
"""Between the cells of a row."""
_NUMBER = re.compile(r"[-+−]?[\d.,，]+ *%?")
_LONG_CELL = 120
_MOST_FILLED = 20_000


def is_data_table(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether rows hold data, not a page's layout: at least two of two cells or more, none of them a paragraph."""
    cells = [cell for row in rows for cell in row]
    return sum(len(row) > 1 for row in rows) >= 2 and all(len(cell) <= _LONG_CELL for cell in cells)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as written, perhaps over several columns and rows."""

    text: str
    columns: int = 1
    rows: int = 1

    @property
    def repeated(self) -> str:
        """What stands in the further columns and rows it covers: a heading or label again, a figure only once."""
        return "" if _NUMBER.fullmatch(self.text) else self.text


def spread(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """Return a plain grid in which a cell over several columns and rows fills each, so that headers meet their figures.

    A row that is one cell (the table's title, a note) stands once. What is filled in is bounded, for a small file can
    claim spans without end.
    """
    grid: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}
    spare = _MOST_FILLED
    for row in rows:
        line: list[str] = []
        for cell in row:
            _fill(line, hanging)
            for at in range(1 if len(row) == 1 else min(cell.columns, max(1, spare))):
                if cell.rows > 1 and spare > 0:
                    hanging[len(line)] = (cell.rows - 1, cell.repeated)
                line.append(cell.repeated if at else cell.text)
        _fill(line, hanging)
        spare -= len(line) - len(row)
        if spare < 0:
            hanging.clear()
        grid.append(line)
    return grid


def _fill(line: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    """Put in what hangs down from the rows above at this place."""
    while (above := hanging.pop(len(line), None)) is not None:
        left, text = above
        if left > 1:
            hanging[len(line)] = (left - 1, text)
        line.append(text)


def row_line(cells: Sequence[str]) -> str:
    """Return the cells of a row as one line; empty ones at its end are left out."""
    last = max((i for i, cell in enumerate(cells) if cell), default=-1)
    return CELL.join(" ".join(cell.split()) for cell in cells[: last + 1])
