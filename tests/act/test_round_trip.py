"""Cases go out to Excel and come back: what nobody touched changes nothing, what somebody changed is an ordinary edit."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from tests.act.conftest import CHIEF, Office, at

from bihuan.act import sheets, sheets_out
from bihuan.act.case_type import CaseType, FieldSpec
from bihuan.act.command import Command, Opening
from bihuan.act.sheets import Preview
from bihuan.core.errors import StaleError
from bihuan.core.records.case import Case
from bihuan.core.records.principal import Principal
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_lists import everything
from bihuan.store.packs import default_pack

NOW = at("2026-03-02T12:00")
TYPES = sorted(path.stem for path in (default_pack().folder / "cases").glob("*.yaml") if ".scenario" not in path.name)
WORDS: dict[str, Any] = {
    "text": "=1+1 甲",
    "long_text": "@一\n-二",
    "number": 1.5,
    "integer": 3,
    "money_yuan": 120000,
    "percent": 40,
    "date": "2026-06-30",
    "dates": ["2026-06-30", "2026-09-30"],
    "boolean": True,
    "phone": "13812345678",
    "email": "a@example.cn",
    "place": "平定县",
    "unit": "housing",
    "case": "DB2026-00001",
    "entry": "7",
}


def filled(spec: FieldSpec) -> object:
    if spec.kind in ("choice", "choices"):
        return next(iter(spec.choices)) if spec.kind == "choice" else list(spec.choices)
    return WORDS[spec.kind]


def opener(case_type: CaseType) -> Principal:
    roles = frozenset({role.account for role in case_type.roles.values() if role.account})
    return Principal("account:1", "某", case_type.office or "government-office", roles, "city")


def opened(office: Office, name: str) -> Case:
    """A case of a type with every field filled."""
    spec = office.engine.types[name]
    values = {field: filled(one) for field, one in spec.fields.items()}
    return office.open(opener(spec), Opening(name, values, lead="housing", supports=("water",))).case


def exported(office: Office, name: str) -> bytes:
    with office.store.connection() as connection:
        rows = everything(connection, CaseFilter(type=(name,)))
        return sheets_out.filled_form(connection, office.engine, name, rows)


def rows_of(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def book(rows: list[list[Any]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"strings_to_formulas": False}) as made:
        sheet = made.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


def looked(office: Office, name: str, content: bytes) -> Preview:
    with office.store.connection() as connection:
        return sheets.preview(connection, content, office.engine, name, opener(office.engine.types[name]), NOW)


def taken(office: Office, name: str, checked: Preview) -> None:
    with office.store.connection() as connection:
        sheets.take(connection, office.engine, opener(office.engine.types[name]), checked, NOW)


def changed(content: bytes, column: str, cell: object, row: int = 1) -> bytes:
    rows = rows_of(content)
    rows[row][rows[0].index(column)] = cell
    return book(rows)


@pytest.mark.parametrize("name", TYPES)
def test_what_nobody_touched_changes_nothing(office: Office, name: str) -> None:
    opened(office, name)
    content = exported(office, name)
    assert looked(office, name, content) == Preview((), (), 1, ())
    assert looked(office, name, book(rows_of(content))).same == 1


@pytest.mark.parametrize("name", TYPES)
def test_without_numbers_it_opens_the_same_cases_again(office: Office, name: str) -> None:
    """Only what is masked must be left empty first."""
    case = opened(office, name)
    rows = rows_of(exported(office, name))
    spec = office.engine.types[name]
    hidden = {one.name for one in spec.fields.values() if one.personal}
    kept = [n for n, head in enumerate(rows[0]) if head not in hidden and head not in (sheets.NUMBER, sheets.VERSION)]
    required = [n for n, head in enumerate(rows[0]) if head in hidden and _required(spec, head)]
    checked = looked(office, name, book([[row[n] for n in (*kept, *required)] for row in rows]))
    assert checked.faults == ()
    open_values = {field: value for field, value in case.values.items() if not spec.fields[field].personal}
    again = checked.openings[0]
    taken(office, name, checked)
    with office.store.connection() as connection:
        newest = max(everything(connection, CaseFilter(type=(name,))), key=lambda row: row.id)
    second = office.load(newest.number, opener(spec))
    assert {field: second.values[field] for field in open_values} == open_values
    assert (second.lead, second.supports, second.received_at) == (case.lead, case.supports, again.received_at)


def _required(spec: CaseType, head: str) -> bool:
    return any(one.name == head and one.required for one in spec.fields.values())


def test_no_personal_value_leaves_in_the_clear_and_no_text_is_a_formula(office: Office) -> None:
    opened(office, "hotline")
    content = exported(office, "hotline")
    sheets._refuse_what_misleads(content)
    cells = dict(zip(*rows_of(content), strict=True))
    assert cells["联系电话"] == "138****5678"
    assert cells["电子邮箱"] == "a**"
    assert cells["诉求标题"] == "=1+1 甲"


def test_a_changed_field_is_edited_and_a_second_time_nothing_is_left(office: Office) -> None:
    case = opened(office, "project")
    content = changed(exported(office, "project"), "建设地点", "盂县")
    checked = looked(office, "project", content)
    assert [(edit.number, edit.command.values) for edit in checked.edits] == [(case.number, {"place": "盂县"})]
    taken(office, "project", checked)
    assert office.load(case.number).values["place"] == "盂县"
    assert looked(office, "project", content).same == 1


def test_who_exported_before_another_change_is_told(office: Office) -> None:
    case = opened(office, "project")
    content = changed(exported(office, "project"), "建设地点", "盂县")
    who = opener(office.engine.types["project"])
    office.act(who, case.number, Command("edit", case.version, values={"owner": "乙公司"}))
    checked = looked(office, "project", content)
    with pytest.raises(StaleError, match="somebody was quicker"):
        taken(office, "project", replace(checked, faults=()))
    assert office.load(case.number).values["place"] == "平定县"


@pytest.mark.parametrize(
    ("column", "cell", "key"),
    [
        ("牵头单位", "市水利局", "act.sheet_fixed"),
        ("收到时间", "2026-01-01", "act.sheet_fixed"),
        ("编号", "XM2026-99999", "act.missing"),
        ("版本", "新", "act.no_number"),
        ("堵点", "有新堵点", "act.sheet_fixed"),
        ("业主单位", "", "act.sheet_emptied"),
        ("总投资", "很多", "act.no_number"),
    ],
)
def test_what_a_sheet_cannot_change_is_refused(office: Office, column: str, cell: object, key: str) -> None:
    opened(office, "project")
    content = changed(exported(office, "project"), column, cell)
    if column == "版本":
        content = changed(content, "业主单位", "乙公司")
    checked = looked(office, "project", content)
    assert [(fault.row, fault.error.key) for fault in checked.faults] == [(2, key)]


def test_a_masked_value_opens_nothing(office: Office) -> None:
    opened(office, "hotline")
    rows = rows_of(exported(office, "hotline"))
    checked = looked(office, "hotline", book([row[1:-1] for row in rows]))
    assert [fault.error.key for fault in checked.faults] == ["act.sheet_masked"]


def test_a_case_of_others_is_not_changed_by_guessing_its_number(office: Office) -> None:
    opened(office, "project")
    content = changed(exported(office, "project"), "建设地点", "盂县")
    stranger = Principal("account:9", "某", "energy", CHIEF.roles)
    with office.store.connection() as connection:
        checked = sheets.preview(connection, content, office.engine, "project", stranger, NOW)
    assert [fault.error.key for fault in checked.faults] == ["act.missing"]
