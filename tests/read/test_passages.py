"""The grammar against passages of other kinds than the exam's. Floors lie a little below what was measured."""

from dataclasses import asdict
from pathlib import Path

import pytest
from tests.read.marking import Mark, figure, labels, mark, regions, same_quantity, within

from bihuan.read import read

PASSAGES = Path(__file__).parent / "passages"
FLOORS = {
    "f1": 0.99,
    "measure": 0.98,
    "direction": 0.98,
    "bound": 0.98,
    "kind": 0.97,
    "measure macro-F1": 0.97,
    "direction macro-F1": 0.97,
    "bound macro-F1": 0.97,
    "kind macro-F1": 0.96,
    "period": 0.92,
    "subject": 0.97,
    "indicator": 0.92,
}


@pytest.fixture(scope="module")
def statements() -> Mark:
    ledger = read(sorted(PASSAGES.glob("*.txt")))
    found = within(map(asdict, ledger.statements), regions(PASSAGES, "regions"))
    return mark(labels(PASSAGES, "statements"), found, same_quantity)


@pytest.mark.parametrize("name", FLOORS)
def test_statements(statements: Mark, name: str) -> None:
    assert figure(statements, name) >= FLOORS[name]
