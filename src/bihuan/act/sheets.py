"""Excel in and out: a checked preview before anything is opened, all rows or none; lists as a 台账.

In: one sheet, its first row names fields (by name, English name or identifier) and 牵头单位, 配合单位, 档位, 收到时间. Formulas
and merged cells are refused with their place, for what one sees is not what would be read. Out: texts stay texts, so
that a title beginning with `=` is no formula in the file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import xlsxwriter
from lxml import etree
from python_calamine import CalamineWorkbook

from bihuan.act.clock import CHINA
from bihuan.act.command import Opening
from bihuan.act.decide import decide_opening
from bihuan.act.engine import Engine, Opened
from bihuan.act.messages import LIGHT_WORDS
from bihuan.core.errors import BihuanError, FormatError, InputError
from bihuan.core.messages import N_
from bihuan.core.records.principal import Principal
from bihuan.store.case_lists import CaseRow
from bihuan.store.connect import Connection

MOST_ROWS = 5000
MAX_BYTES = 10 * 1024 * 1024
_UNPACKED_MOST = 100 * 1024 * 1024
_OWN: Mapping[str, str] = {"牵头单位": "lead", "配合单位": "supports", "档位": "profile", "收到时间": "received_at"}
_SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one row."""

    row: int
    """As Excel numbers it."""
    error: BihuanError

    def __str__(self) -> str:
        """Say it in English."""
        return f"row {self.row}: {self.error}"


@dataclass(frozen=True, slots=True)
class Preview:
    """What opening the rows of a file would do."""

    openings: tuple[Opening, ...]
    faults: tuple[Fault, ...]
    """Where there is one, nothing can be opened."""


def preview(content: bytes, engine: Engine, type_name: str, who: Principal, now: datetime) -> Preview:
    """Check every row of a file as if it were opened, and open nothing.

    Raises:
        FormatError: it is no .xlsx, too big, or holds formulas or merged cells.
        InputError: a column names no field, or there is no such type.
    """
    _refuse_what_misleads(content)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    if not rows or len(rows) < 2:
        raise InputError(N_("holds no rows below its header"), where="file", key="act.sheet_empty")
    if len(rows) > MOST_ROWS + 1:
        raise InputError(
            N_("holds {rows:,} rows; at most {most:,} are taken at once"),
            where="file",
            key="act.sheet_big",
            rows=len(rows) - 1,
            most=MOST_ROWS,
        )
    law = engine.law(type_name)
    columns = _columns(engine, type_name, rows[0])
    openings, faults = [], []
    for number, row in enumerate(rows[1:], 2):
        if not any(cell not in ("", None) for cell in row):
            continue
        try:
            opening = _opening(type_name, columns, row)
            decide_opening(law, f"row {number}", opening, who, now)
            openings.append(opening)
        except BihuanError as error:
            faults.append(Fault(number, error))
    return Preview(tuple(openings), tuple(faults))


def open_all(connection: Connection, engine: Engine, who: Principal, checked: Preview, now: datetime) -> list[Opened]:
    """Open all rows of a preview in the caller's transaction.

    Raises:
        InputError: the preview has faults.
    """
    if checked.faults:
        raise InputError(
            N_("{count} rows have faults; nothing was opened"),
            where=str(checked.faults[0]),
            key="act.sheet_faults",
            count=len(checked.faults),
        )
    return [engine.open(connection, who, opening, now) for opening in checked.openings]


def _refuse_what_misleads(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise FormatError(
            N_("has {size:,} bytes; at most {most:,} are taken"),
            where="file",
            key="act.file_big",
            size=len(content),
            most=MAX_BYTES,
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED_MOST:
                raise FormatError(
                    N_("unpacks to more than {most} MB; nothing was stored"),
                    where="file",
                    key="act.file_big",
                    most=_UNPACKED_MOST // 2**20,
                )
            if any("vbaProject" in name for name in archive.namelist()):
                raise FormatError(N_("holds macros; save it as .xlsx"), where="file", key="act.file_active")
            sheets = sorted(name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name))
            for name in sheets:
                _refuse_cells(archive.read(name), name.rpartition("/")[2])
    except zipfile.BadZipFile:
        raise FormatError(N_("is no Excel file (.xlsx)"), where="file", key="act.file_type") from None


def _refuse_cells(xml: bytes, sheet: str) -> None:
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise FormatError(N_("is damaged; save it anew"), where=sheet, key="act.file_damaged") from error
    formula = next(root.iter(f"{_SPREADSHEET}f"), None)
    if formula is not None:
        cell = formula.getparent()
        place = cell.get("r") if cell is not None else "?"
        raise FormatError(N_("holds a formula; paste the values"), where=f"{sheet} {place}", key="act.sheet_formula")
    merged = next(root.iter(f"{_SPREADSHEET}mergeCell"), None)
    if merged is not None:
        raise FormatError(
            N_("holds merged cells; split them"), where=f"{sheet} {merged.get('ref')}", key="act.sheet_merged"
        )


def _columns(engine: Engine, type_name: str, header: list[Any]) -> list[str]:
    spec = engine.types[type_name]
    known = {name: field for field, one in spec.fields.items() for name in (field, one.name, one.english)}
    columns = []
    for number, cell in enumerate(header, 1):
        name = str(cell).strip()
        if not name or (name not in known and name not in _OWN):
            raise InputError(
                N_("column {number} is headed '{head}'; known are {known}"),
                where="file",
                key="act.sheet_column",
                number=number,
                head=name,
                known=[*(field.name for field in spec.fields.values()), *_OWN],
            )
        columns.append(known.get(name, name))
    if doubled := next((name for name in columns if columns.count(name) > 1), None):
        raise InputError(
            N_("two columns are headed '{head}'; leave one out"), where="file", key="act.sheet_column", head=doubled
        )
    return columns


def _opening(type_name: str, columns: list[str], row: list[Any]) -> Opening:
    cells = {name: _plain(cell) for name, cell in zip(columns, row, strict=False) if cell not in ("", None)}
    own = {field: cells.pop(name) for name, field in _OWN.items() if name in cells}
    supports = tuple(part for part in re.split(r"[、,，;；\s]+", str(own.get("supports", ""))) if part)
    received = own.get("received_at")
    return Opening(
        type_name,
        cells,
        own.get("profile"),
        _instant(received) if received else None,
        lead=own.get("lead"),
        supports=supports,
    )


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell == int(cell):
        return int(cell) if abs(cell) < 1e15 else cell
    return cell.strip() if isinstance(cell, str) else cell


def _instant(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        raise InputError(
            N_("a day or time such as {example} was expected, not '{given}'"),
            where="received_at",
            key="act.no_day",
            example="2026-03-02 09:00",
            given=text,
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=CHINA)


def workbook(engine: Engine, rows: Iterable[CaseRow]) -> bytes:
    """Return a list of cases as an Excel file（台账）; list rows hold no personal data."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet("台账")
        bold = book.add_format({"bold": True})
        for column, (name, width) in enumerate(_OUT.items()):
            sheet.write_string(0, column, name, bold)
            sheet.set_column(column, column, width)
        number = 0
        for number, row in enumerate(rows, 1):
            for column, text in enumerate(_cells(engine, row)):
                sheet.write_string(number, column, text)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(number, 1), len(_OUT) - 1)
    return buffer.getvalue()


_OUT: Mapping[str, int] = {
    "编号": 16, "类型": 16, "事项": 40, "环节": 12, "灯": 8, "牵头单位": 20, "配合单位": 24, "交办单位": 20,
    "最近时限": 18, "立项时间": 18, "办结时间": 18, "退回": 6, "等次": 8, "评价": 6,
}  # fmt: skip


def _cells(engine: Engine, row: CaseRow) -> list[str]:
    spec = engine.types.get(row.type)
    names = engine.units.name
    return [
        row.number,
        spec.name if spec else row.type,
        row.title,
        spec.steps[row.step].name if spec and row.step in spec.steps else row.step,
        LIGHT_WORDS[row.light_name],
        names(row.lead),
        "、".join(map(names, row.supports)),
        names(row.office),
        *(
            "" if at is None else f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"
            for at in (row.next_due, row.opened_at, row.closed_at)
        ),
        str(row.returns),
        row.grade or "",
        "" if row.rating is None else str(row.rating),
    ]
