"""Tables on stdout: ruled for a person at a terminal, tab-separated for a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

PIPED_WIDTH = 110
"""Cells of a ruled table where there is no terminal to ask."""


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, ruled: bool | None = None) -> None:
    """Print rows under their heads; Chinese counts two cells, and what is too wide is cut with an ellipsis.

    Args:
        columns: the heads.
        rows: as many cells as heads each.
        ruled: True to rule it in a pipe too, where only people read it.
    """
    terminal = sys.stdout.isatty()
    if not (terminal if ruled is None else ruled):
        for row in (columns, *rows):
            print("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    Console(markup=False, highlight=False, width=None if terminal else PIPED_WIDTH).print(table)
