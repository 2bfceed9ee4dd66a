"""Excel in: a checked preview before anything is done, then all rows or none.

One sheet, its first row names fields (by name, English name or identifier) and 牵头单位, 配合单位, 档位, 收到时间. A row without
编号 opens a case. A row with one is a case that was exported (`act/sheets_out.py`): what differs is changed by the type's
`edit` action, what is the same is left alone, and 版本 tells whether somebody was quicker. Formulas and merged cells are
refused with their place, for what one sees is not what would be read.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from lxml import etree
from python_calamine import CalamineWorkbook

from bihuan.act import access, fields
from bihuan.act.case_type import NUMBERS, CaseType
from bihuan.act.command import Command, Opening
from bihuan.act.decide import Law, decide, decide_opening
from bihuan.act.engine import Engine, Opened
from bihuan.act.fields import moment_of
from bihuan.act.plain_text import MASK
from bihuan.core.errors import BihuanError, FormatError, InputError, MissingError
from bihuan.core.messages import N_
from bihuan.core.records.case import Case
from bihuan.core.records.principal import Principal
from bihuan.store import cases
from bihuan.store.connect import Connection

MOST_ROWS = 5000
MAX_BYTES = 10 * 1024 * 1024
_UNPACKED_MOST = 100 * 1024 * 1024
NUMBER, VERSION = "编号", "版本"
OWN: Mapping[str, str] = {"牵头单位": "lead", "配合单位": "supports", "档位": "profile", "收到时间": "received_at"}
"""Columns besides the fields that an opening takes, and those of an exported case."""
_OWN = {NUMBER: "number", **OWN, VERSION: "version"}
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
class Edit:
    """What a row changes of a case that is there."""

    number: str
    command: Command


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking the rows of a file would do."""

    openings: tuple[Opening, ...]
    edits: tuple[Edit, ...]
    same: int
    """Rows of cases that are as the row says."""
    faults: tuple[Fault, ...]
    """Where there is one, nothing can be done."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the fields that are filled, and the columns that are no fields."""

    cells: Mapping[str, Any]
    own: Mapping[str, Any]
    """Under their names in `OWN`, `number` and `version`."""


def preview(
    connection: Connection, content: bytes, engine: Engine, type_name: str, who: Principal, now: datetime
) -> Preview:
    """Check every row of a file as if it were taken, and do nothing.

    Raises:
        FormatError: it is no .xlsx, too big, or holds formulas or merged cells.
        InputError: a column names no field, or there is no such type.
    """
    law, (columns, rows) = engine.law(type_name), _rows(content, engine, type_name)
    known = _known(connection, engine, who, [str(row.own["number"]) for _, row in rows if "number" in row.own])
    openings, edits, faults, same = [], [], [], 0
    for number, row in rows:
        try:
            if "number" not in row.own:
                opening = _opening(law, row)
                decide_opening(law, f"row {number}", opening, who, now)
                openings.append(opening)
            elif command := edit_of(law, *_case(known, row, type_name), columns, row):
                case = known[str(row.own["number"])][0]
                decide(law, case, replace(command, version=case.version), who, now)
                edits.append(Edit(case.number, command))
            else:
                same += 1
        except BihuanError as error:
            faults.append(Fault(number, error))
    return Preview(tuple(openings), tuple(edits), same, tuple(faults))


def take(connection: Connection, engine: Engine, who: Principal, checked: Preview, now: datetime) -> list[Opened]:
    """Do what a preview says in the caller's transaction, all of it; return the cases that were opened.

    Raises:
        InputError: the preview has faults.
        StaleError: somebody changed a case since it was exported.
    """
    if checked.faults:
        raise InputError(
            N_("{count} rows have faults; nothing was opened"),
            where=str(checked.faults[0]),
            key="act.sheet_faults",
            count=len(checked.faults),
        )
    for edit in checked.edits:
        engine.act(connection, who, edit.number, edit.command, now)
    return [engine.open(connection, who, opening, now) for opening in checked.openings]


def _rows(content: bytes, engine: Engine, type_name: str) -> tuple[list[str], list[tuple[int, Row]]]:
    """Return the columns and the filled rows with their numbers in Excel."""
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
    columns = _columns(engine, type_name, rows[0])
    read = ((number, _row(engine.types[type_name], columns, row)) for number, row in enumerate(rows[1:], 2))
    return columns, [(number, row) for number, row in read if row.cells or row.own]


Known = Mapping[str, tuple[Case, Mapping[str, str]]]
"""Number -> the case, and its personal values as an export masks them."""


def _known(connection: Connection, engine: Engine, who: Principal, numbers: list[str]) -> Known:
    """Return the cases of these numbers that somebody sees."""
    hidden = engine.masked(connection, numbers)
    found = cases.states(connection, numbers)
    return {n: (case, hidden.get(n, {})) for n, case in found.items() if access.sees(who, case, engine.units)}


def _case(known: Known, row: Row, type_name: str) -> tuple[Case, Mapping[str, str]]:
    number = str(row.own["number"])
    if number not in known or known[number][0].type != type_name:
        raise MissingError(
            N_("there is no such case of this type, or it is not yours to see"), where=number, key="act.missing"
        )
    return known[number]


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


def _row(case_type: CaseType, columns: list[str], row: list[Any]) -> Row:
    cells = {name: _plain(cell) for name, cell in zip(columns, row, strict=False) if cell not in ("", None)}
    own = {field: cells.pop(name) for name, field in _OWN.items() if name in cells}
    return Row({name: _as_text(case_type, name, cell) for name, cell in cells.items()}, own)


def _as_text(case_type: CaseType, name: str, cell: Any) -> Any:
    """Excel makes numbers of what looks like one; a telephone number in a text field is a text all the same."""
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    return str(cell) if is_number and case_type.fields[name].kind not in NUMBERS else cell


def _opening(law: Law, row: Row) -> Opening:
    for name in row.cells:
        _given(law.type, name, row)
    received = row.own.get("received_at")
    return Opening(
        law.type.type,
        row.cells,
        row.own.get("profile"),
        moment_of(str(received), "received_at") if received else None,
        lead=row.own.get("lead"),
        supports=_several(row.own.get("supports")),
    )


def _several(cell: Any) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[、,，;；\s]+", str(cell or "")) if part)


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell == int(cell):
        return int(cell) if abs(cell) < 1e15 else cell
    return cell.strip() if isinstance(cell, str) else cell


# -- rows of cases that are there ---------------------------------------------------------------------------------------


def edit_of(law: Law, case: Case, hidden: Mapping[str, str], columns: list[str], row: Row) -> Command | None:
    """Return what a row changes of its case; None where they agree.

    Raises:
        InputError: it differs in what no sheet changes; the message names the column.
    """
    for column, field in OWN.items():
        if column in columns and _told_of(law, field, row) != _held(case, field):
            raise InputError(
                N_("'{column}' is not changed by a sheet; do it on the page of the case"),
                where=case.number,
                key="act.sheet_fixed",
                column=column,
            )
    changed: dict[str, Any] = {}
    for name in (name for name in columns if name in law.type.fields):
        held = shown(law.type, case, hidden, name)
        if row.cells.get(name) == held or (given := _given(law.type, name, row)) == held:
            continue
        if given is None:
            raise InputError(
                N_("is empty here and filled in the case; a sheet takes nothing away"),
                where=name,
                key="act.sheet_emptied",
            )
        changed[name] = given
    return Command(_editing(law, case, set(changed)), _version(case, row), values=changed) if changed else None


def _given(case_type: CaseType, name: str, row: Row) -> Any:
    """Return a cell as the case would hold it; None where it is empty."""
    cell = row.cells.get(name)
    if case_type.fields[name].personal and isinstance(cell, str) and MASK in cell:
        raise InputError(
            N_("is masked; give the whole value, or leave the cell empty"), where=name, key="act.sheet_masked"
        )
    return fields.checked(case_type, {name: cell}).get(name)


def shown(case_type: CaseType, case: Case, hidden: Mapping[str, str], name: str) -> Any:
    """Return a field's value as a file shows it to anybody: personal ones masked, or as the copy without numbers."""
    personal = case_type.fields[name].personal
    return hidden.get(name) if personal and not personal.redacted else case.values.get(name)


def _editing(law: Law, case: Case, changed: set[str]) -> str:
    """Return the action of the type by which fields are changed."""
    editing = [name for name, action in law.type.actions.items() if action.does == "edit"]
    able = [name for name in editing if changed <= set(law.type.actions[name].sets)]
    if not able:
        allowed = {field for name in editing for field in law.type.actions[name].sets}
        raise InputError(
            N_("is not changed by a sheet; do it on the page of {case}"),
            where=min(changed - allowed or changed),
            key="act.sheet_fixed",
            case=case.number,
        )
    return able[0]


def _version(case: Case, row: Row) -> int:
    given = row.own.get("version", case.version)
    if not isinstance(given, int):
        raise InputError(
            N_("a whole number was expected, not '{given}'"), where="version", key="act.no_number", given=given
        )
    return given


def _told_of(law: Law, field: str, row: Row) -> object:
    cell = row.own.get(field)
    if field == "supports":
        return {law.units.find(unit) for unit in _several(cell)}
    if field == "received_at":
        return moment_of(str(cell), "received_at") if cell else None
    return law.units.find(str(cell)) if field == "lead" and cell else cell


def _held(case: Case, field: str) -> object:
    if field == "supports":
        return set(case.supports)
    return case.received_at.replace(microsecond=0) if field == "received_at" else getattr(case, field)
