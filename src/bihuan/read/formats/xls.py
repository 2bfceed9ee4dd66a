"""Excel before 2007 (BIFF), by calamine."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineWorkbook, SheetTypeEnum

from bihuan.core.errors import FormatError
from bihuan.read.formats.container import damaged, locked
from bihuan.read.formats.extraction import Extraction
from bihuan.read.formats.limits import Limits
from bihuan.read.formats.sheet import Place, Sheet, number_text
from bihuan.read.formats.workbook import text_of

Value = int | float | str | bool | time | date | datetime | timedelta


def extract(data: bytes, name: str, limits: Limits) -> Extraction:
    """Return the text of a workbook; a place is `Sheet1!B7`.

    Raises:
        FormatError: damaged, locked, or empty.
    """
    return text_of(_sheets(data, name), name)


def _sheets(data: bytes, name: str) -> Iterator[Sheet]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for sheet in book.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet:
                yield _sheet(book, sheet.name)
    except FormatError:
        raise
    except BaseException as error:
        raise _refused(error, name) from error


def _refused(error: BaseException, name: str) -> BaseException:
    """Return what to raise: a broken file also shows as a panic of the Rust library, which is no `Exception`."""
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        return error
    if "assword" in type(error).__name__ or "assword" in str(error):
        return locked(name)
    return damaged(name, "the workbook is cut short or damaged")


def _sheet(book: CalamineWorkbook, title: str) -> Sheet:
    sheet = book.get_sheet_by_name(title)
    top, left = sheet.start or (0, 0)
    cells: dict[Place, str] = {}
    for row, values in enumerate(sheet.to_python(skip_empty_area=True), top):
        for column, value in enumerate(values, left):
            if text := _text(value):
                cells[row, column] = text
    return Sheet(title, cells, sheet.merged_cell_ranges or ())


def _text(value: Value) -> str:
    if isinstance(value, bool | time | timedelta):
        return ""
    if isinstance(value, int | float):
        return number_text(value)
    return value.isoformat()[:10] if isinstance(value, date) else value
