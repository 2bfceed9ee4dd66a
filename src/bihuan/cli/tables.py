"""Tables on stdout: ruled for a person at a terminal, tab-separated for a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under their heads; Chinese counts two cells, and what is too wide is cut with an ellipsis."""
    if not sys.stdout.isatty():
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
    Console(markup=False, highlight=False).print(table)
