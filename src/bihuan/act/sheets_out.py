"""Excel out: lists as a 台账 for people, and cases in the very form that `act/sheets.py` reads back.

Texts stay texts whatever they begin with, and are marked so that they stay it when the file is saved as something else.
Personal values are masked for everybody: a file travels further than a page.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping

import xlsxwriter

from bihuan.act.case_type import NUMBERS, CaseType, FieldSpec
from bihuan.act.clock import CHINA
from bihuan.act.engine import Engine
from bihuan.act.messages import LIGHT_WORDS
from bihuan.act.sheets import MOST_ROWS, NUMBER, OWN, VERSION, shown
from bihuan.core.errors import InputError
from bihuan.core.messages import N_
from bihuan.core.records.case import Case
from bihuan.store import cases
from bihuan.store.case_lists import CaseRow
from bihuan.store.connect import Connection

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def workbook(engine: Engine, rows: Iterable[CaseRow]) -> bytes:
    """Return a list of cases as an Excel file（台账）; list rows hold no personal data."""
    return _written("台账", _OUT, (_cells(engine, row) for row in rows))


def form(case_type: CaseType) -> dict[str, int]:
    """Return the columns of the form of a type, with their widths."""
    fields = {spec.name: 40 if spec.kind == "long_text" else 18 for spec in case_type.fields.values()}
    return {NUMBER: 16, **fields, **dict.fromkeys(OWN, 18), VERSION: 8}


def filled_form(connection: Connection, engine: Engine, type_name: str, rows: Iterable[CaseRow]) -> bytes:
    """Return the cases of one type in the form that `act/sheets.py` reads back: read at once, it changes nothing.

    Raises:
        InputError: there are more cases than are read back at once.
    """
    numbers = [row.number for row in rows]
    if len(numbers) > MOST_ROWS:
        raise InputError(
            N_("{rows:,} cases; a file that is read back holds at most {most:,}. Filter the list first"),
            where="file",
            key="act.sheet_big",
            rows=len(numbers),
            most=MOST_ROWS,
        )
    spec, states = engine.types[type_name], cases.states(connection, numbers)
    hidden = engine.masked(connection, numbers)
    filled = (_form_cells(engine, spec, states[number], hidden.get(number, {})) for number in numbers)
    return _written(spec.name, form(spec), filled)


def _form_cells(engine: Engine, spec: CaseType, case: Case, hidden: Mapping[str, str]) -> Iterator[object]:
    yield case.number
    for name, field in spec.fields.items():
        yield _cell(field, shown(spec, case, hidden, name))
    yield engine.units.name(case.lead) if case.lead else None
    yield "、".join(map(engine.units.name, case.supports))
    yield case.profile
    yield f"{case.received_at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
    yield case.version


def _cell(field: FieldSpec, value: object) -> object:
    """Return a value as a person would have typed it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return ",".join(str(_cell(field, one)) for one in value)
    if field.choices and str(value) in field.choices:
        return field.choices[str(value)].name
    return value if field.kind in NUMBERS or value is None else str(value)


def _written(title: str, columns: Mapping[str, int], rows: Iterable[Iterable[object]]) -> bytes:
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(title[:31])
        bold, plain, quoted = book.add_format({"bold": True}), None, book.add_format({"quote_prefix": True})
        for column, (name, width) in enumerate(columns.items()):
            sheet.write_string(0, column, name, bold)
            sheet.set_column(column, column, width)
        number = 0
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, int | float):
                    sheet.write_number(number, column, cell)
                elif cell:
                    text = str(cell)
                    sheet.write_string(number, column, text, quoted if text.startswith(_BEGINS_FORMULA) else plain)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)
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
