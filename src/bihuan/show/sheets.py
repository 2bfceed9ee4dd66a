"""A view as an Excel file, in the reader's language: what he sees on the page, every row of it, ready to be printed.

For any room: `sheet_answer("台账", columns, rows)`. For programs there are CSV, Parquet and the API, with raw values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from fastapi import HTTPException
from fastapi.responses import StreamingResponse

from bihuan.core.errors import InputError
from bihuan.read.export import workbook
from bihuan.show.downloads import MEDIA_TYPES, download

MOST_ROWS = 1_048_575
"""Rows an Excel sheet can hold below its header."""
LONGEST_CELL = 32_767


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column: its title in the reader's language and its width in characters."""

    title: str
    width: int = 12
    wraps: bool = False


def sheet_answer(title: str, columns: Sequence[SheetColumn], rows: Iterable[Sequence[object]]) -> StreamingResponse:
    """Return rows as an Excel file named after `title`, with a frozen header that filters.

    Raises:
        InputError: there are more rows than a sheet can hold.
    """
    return download(f"{title}.xlsx", lambda path: write_sheet(path, title, columns, rows))


def table_answer(
    title: str, suffix: str, columns: Sequence[SheetColumn], rows: Sequence[Sequence[object]]
) -> StreamingResponse:
    """Return rows as a file named after `title`: Excel, or CSV or Parquet for programs.

    Raises:
        HTTPException: 404, there is no such kind of file.
    """
    if f".{suffix}" not in MEDIA_TYPES:
        raise HTTPException(404)
    if suffix == "xlsx":
        return sheet_answer(title, columns, rows)
    table = pl.DataFrame(
        rows, [column.title for column in columns], orient="row", infer_schema_length=None, strict=False
    )
    if suffix == "csv":
        return download(f"{title}.csv", lambda path: table.write_csv(path, include_bom=True))
    return download(f"{title}.parquet", lambda path: table.write_parquet(path))


def write_sheet(path: Path, title: str, columns: Sequence[SheetColumn], rows: Iterable[Sequence[object]]) -> None:
    """Write rows to an Excel file, one in memory at a time.

    Raises:
        InputError: there are more rows than a sheet can hold.
    """
    with workbook(path) as book:
        sheet = book.add_worksheet(title[:31])
        plain, wrapped = book.add_format({"valign": "top"}), book.add_format({"valign": "top", "text_wrap": True})
        bold = book.add_format({"bold": True, "bottom": 1})
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(0, number, column.title, bold)
        sheet.freeze_panes(1, 0)
        count = 0
        for count, row in enumerate(rows, 1):
            if count > MOST_ROWS:
                raise InputError(f"an Excel sheet holds {MOST_ROWS:,} rows; choose fewer, or take CSV or Parquet")
            for number, (column, value) in enumerate(zip(columns, row, strict=True)):
                _put(sheet, count, number, value, wrapped if column.wraps else plain)
        sheet.autofilter(0, 0, count, len(columns) - 1)


def _put(sheet: Any, row: int, column: int, value: object, look: Any) -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, column, value, look)
    elif value is not None:
        # Never a formula, whatever a document's text begins with.
        sheet.write_string(row, column, str(value)[:LONGEST_CELL], look)
