"""Records -> rows -> files: JSON Lines, CSV, Excel, Parquet; written beside the target and moved there when whole.

Heavy libraries are imported only by the format that needs them.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from bihuan.core.errors import InputError
from bihuan.core.records.document import Document
from bihuan.core.records.statement import Anchor, Commitment, Link, Statement
from bihuan.store.whole_file import whole_file

if TYPE_CHECKING:
    import pyarrow as pa

Record = Document | Statement | Commitment | Link
Kind = type[Document] | type[Statement] | type[Commitment] | type[Link]
SUFFIXES = (".jsonl", ".csv", ".xlsx", ".parquet")
_SHEET_ROWS = 1_048_575
_BATCH = 5_000
_WHOLE = {"start", "size_bytes", "year", "chars"}
_REAL = {"value", "confidence"}


class Sink(Protocol):
    """Takes records one by one; nothing is at the target before the `with` block of `sink` ends well."""

    def write(self, record: Record) -> None:
        """Add one record as one row."""


_NAMES = {kind: tuple(f.name for f in fields(kind)) for kind in (Document, Statement, Commitment, Link, Anchor)}
_CELLS: dict[type, Callable[[Any], tuple[Any, ...]]] = {kind: attrgetter(*names) for kind, names in _NAMES.items()}


def to_json(record: Record | Anchor) -> dict[str, Any]:
    """Return the record as JSON values, in the order of its fields; whole numbers without `.0`, days as ISO text."""
    cells = _CELLS[type(record)](record)
    return {name: _json_value(value) for name, value in zip(_NAMES[type(record)], cells, strict=True)}


def _json_value(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Anchor):
        return to_json(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def to_line(record: Record) -> str:
    """Return the record as one line of JSON without its newline."""
    return json.dumps(to_json(record), ensure_ascii=False)


def to_row(record: Record) -> tuple[Any, ...]:
    """Return the record as the cells of one row, in the order of `columns`; the two ends of a link lie side by side."""
    if isinstance(record, Link):
        a, b = record.a, record.b
        return a.doc, a.start, a.quote, b.doc, b.start, b.quote, record.same, record.relation, record.verdict
    return _CELLS[type(record)](record)


def columns(kind: Kind) -> tuple[str, ...]:
    """Return the names of the cells of `to_row`."""
    if kind is Link:
        return ("a_doc", "a_start", "a_quote", "b_doc", "b_start", "b_quote", "same", "relation", "verdict")
    return _NAMES[kind]


def check_suffix(path: Path) -> None:
    """Refuse a target whose name tells no format.

    Raises:
        InputError: the suffix is none of `SUFFIXES`.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"the name must end in one of {', '.join(SUFFIXES)}.", where=str(path))


@contextmanager
def sink(path: Path, kind: Kind) -> Iterator[Sink]:
    """Open a target for records of one kind; its suffix decides the format.

    The rows go to a hidden file in the same folder, which takes the target's name when the block ends well and is
    removed when it does not, so that a half-written file never stands at the target.

    Raises:
        InputError: the suffix names no format.
        OutsideError: the folder or the disk does not take the file.
    """
    check_suffix(path)
    with whole_file(path) as temporary, _OPENERS[path.suffix.lower()](temporary, kind) as opened:
        yield opened


class _Lines:
    """JSON Lines: one object a line, UTF-8."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, record: Record) -> None:
        self._file.write(to_line(record) + "\n")


@contextmanager
def _jsonl(path: Path, kind: Kind) -> Iterator[Sink]:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        yield _Lines(file)


class _Csv:
    """CSV with a byte-order mark, without which Excel takes Chinese for the code page of the machine."""

    def __init__(self, file: IO[str], kind: Kind) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(columns(kind))

    def write(self, record: Record) -> None:
        self._writer.writerow([_cell(value) for value in to_row(record)])


def _cell(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


@contextmanager
def _csv(path: Path, kind: Kind) -> Iterator[Sink]:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        yield _Csv(file, kind)


class Sheets:
    """One kind of record on as many sheets of an Excel workbook as its rows need (1,048,575 each)."""

    def __init__(self, book: Any, kind: Kind) -> None:
        self._book, self._kind = book, kind
        self._bold = book.add_format({"bold": True})
        self._row, self._sheets = _SHEET_ROWS, 0

    def write(self, record: Record) -> None:
        """Add one record as one row, on a new sheet where the last one is full."""
        if self._row >= _SHEET_ROWS:
            self.begin()
        self._row += 1
        for column, value in enumerate(to_row(record)):
            self._put(column, value)

    def begin(self) -> None:
        """Start a sheet with its frozen, filterable header."""
        self._row, self._sheets = 0, self._sheets + 1
        names = columns(self._kind)
        self._sheet = self._book.add_worksheet(self._kind.__name__ + (f" {self._sheets}" if self._sheets > 1 else ""))
        self._sheet.freeze_panes(1, 0)
        self._sheet.autofilter(0, 0, 0, len(names) - 1)
        self._sheet.write_row(0, 0, names, self._bold)

    def _put(self, column: int, value: Any) -> None:
        if isinstance(value, int | float):
            self._sheet.write_number(self._row, column, value)
        elif value is not None:
            # Never a formula, whatever a document's text begins with.
            self._sheet.write_string(self._row, column, str(value)[:32_767])


@contextmanager
def workbook(path: Path) -> Iterator[Any]:
    """Open an Excel workbook that keeps one row in memory at a time."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    try:
        yield book
    finally:
        book.close()


@contextmanager
def _xlsx(path: Path, kind: Kind) -> Iterator[Sink]:
    with workbook(path) as book:
        sheets = Sheets(book, kind)
        sheets.begin()
        yield sheets


class _Parquet:
    """Parquet, a row group every few thousand records."""

    def __init__(self, writer: Any, kind: Kind) -> None:
        self._writer, self._kind = writer, kind
        self._rows: list[Record] = []

    def write(self, record: Record) -> None:
        self._rows.append(record)
        if len(self._rows) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write the rows that wait."""
        if self._rows:
            self._writer.write_table(table(self._rows, self._kind))
            self._rows.clear()


@contextmanager
def _parquet(path: Path, kind: Kind) -> Iterator[Sink]:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, _schema(kind)) as writer:
        rows = _Parquet(writer, kind)
        yield rows
        rows.flush()


def table(records: Sequence[Record], kind: Kind) -> pa.Table:
    """Return the records as an Arrow table with fixed column types, also when there are none."""
    import pyarrow as pa

    schema = _schema(kind)
    cells = list(zip(*map(to_row, records), strict=True)) or [() for _ in schema]
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(cells, schema, strict=True)], schema=schema)


def _schema(kind: Kind) -> pa.Schema:
    import pyarrow as pa

    def type_of(name: str) -> pa.DataType:
        if name.removeprefix("a_").removeprefix("b_") in _WHOLE:
            return pa.int64()
        return pa.float64() if name in _REAL else pa.date32() if name == "published" else pa.string()

    return pa.schema([(name, type_of(name)) for name in columns(kind)])


_OPENERS = {".jsonl": _jsonl, ".csv": _csv, ".xlsx": _xlsx, ".parquet": _parquet}


def write_all(path: Path, suffix: str, kind: Kind, records: Iterable[Record]) -> None:
    """Write all records of one kind to one file in the format of `suffix`, whatever the file is called."""
    with whole_file(path) as temporary, _OPENERS[suffix](temporary, kind) as opened:
        for record in records:
            opened.write(record)
