"""A reviewer's form is checked field by field."""

from __future__ import annotations

import pytest

from bihuan.show.corrections import STATEMENT_FIELDS, check_commitment, check_statement, form_values
from bihuan.store.entries import Entry

SOUND = {
    "name": "一般公共预算收入",
    "value": "81.97亿",
    "unit": "元",
    "measure": "level",
    "direction": "",
    "bound": "exact",
    "kind": "result",
    "period": "2022",
    "subject": "",
    "reference": "",
}
COMMITMENT = {"name": "市博物馆", "verb": "开工", "stage": "started", "kind": "target", "due": "2024-08"}


def an_entry(*, value: float, unit: str, measure: str, period: str) -> Entry:
    return Entry(
        id=1, document_id=1, document="a.txt", document_title=None, document_year=None, city=None, family="statement",
        start=4,
        quote="三分之一", name="占比", value=value, unit=unit, measure=measure, direction=None, bound="exact",
        reference=None, verb=None, stage=None, due=None, kind="result", period=period, year=2023, subject=None,
        section=None, sentence=None, canonical=None, confidence=1.0, locator=None, review="unreviewed", original=None,
    )  # fmt: skip


def test_a_sound_form_has_no_faults() -> None:
    checked = check_statement(SOUND)
    assert not checked.faults
    assert checked.fields["value"] == 8_197_000_000
    assert checked.fields["subject"] is None


@pytest.mark.parametrize(
    ("name", "entered"),
    [
        ("name", " "),
        ("name", "长" * 201),
        ("value", ""),
        ("value", "many"),
        ("value", "-3"),
        ("measure", "speed"),
        ("direction", "up"),
        ("bound", ""),
        ("kind", "promise"),
        ("period", "last year"),
        ("period", "2023-13"),
    ],
)
def test_a_fault_is_told_at_its_field(name: str, entered: str) -> None:
    assert set(check_statement({**SOUND, name: entered}).faults) == {name}


def test_growth_needs_a_direction_and_a_level_has_none() -> None:
    assert set(check_statement({**SOUND, "measure": "growth"}).faults) == {"direction"}
    assert check_statement({**SOUND, "direction": "+"}).fields["direction"] is None


@pytest.mark.parametrize(("name", "entered"), [("name", ""), ("stage", "dreamt"), ("due", "2024-13"), ("due", "soon")])
def test_faults_of_a_commitment(name: str, entered: str) -> None:
    assert set(check_commitment({**COMMITMENT, name: entered}).faults) == {name}
    assert not check_commitment(COMMITMENT).faults


def test_a_row_passes_through_its_own_form_unchanged() -> None:
    row = an_entry(value=100 / 3, unit="%", measure="share", period="2021/2023")
    values = form_values(row, STATEMENT_FIELDS)
    checked = check_statement(values)
    assert not checked.faults
    assert all(getattr(row, name) == value for name, value in checked.fields.items())
