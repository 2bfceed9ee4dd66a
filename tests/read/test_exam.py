"""The grammar against passages of cities it was not made for. Floors lie a little below what was measured."""

from dataclasses import asdict
from pathlib import Path

import pytest
from tests.read.marking import Mark, figure, labels, mark, mark_links, regions, same_commitment, same_quantity, within

from bihuan.read import Ledger, read

EXAM = Path(__file__).parent / "exam"

STATEMENT_FLOORS = {
    "f1": 0.99,
    "measure": 0.99,
    "direction": 0.99,
    "bound": 0.99,
    "kind": 0.99,
    "measure macro-F1": 0.98,
    "direction macro-F1": 0.98,
    "bound macro-F1": 0.98,
    "kind macro-F1": 0.98,
    "period": 0.96,
    "subject": 0.97,
    "indicator": 0.96,
}
COMMITMENT_FLOORS = {"f1": 0.97, "kind": 0.97, "stage": 0.98, "due": 0.97, "period": 0.88, "subject": 0.79}
LINK_FLOORS = {"precision": 0.97, "recall": 0.93, "verdict": 0.97}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return read(sorted(EXAM.glob("*.txt")))


@pytest.fixture(scope="module")
def statements(ledger: Ledger) -> Mark:
    found = within(map(asdict, ledger.statements), regions(EXAM, "regions"))
    return mark(labels(EXAM, "statements"), found, same_quantity)


@pytest.fixture(scope="module")
def commitments(ledger: Ledger) -> Mark:
    found = within(map(asdict, ledger.commitments), regions(EXAM, "commitment_regions"))
    return mark(labels(EXAM, "commitments"), found, same_commitment)


@pytest.mark.parametrize("name", STATEMENT_FLOORS)
def test_statements(statements: Mark, name: str) -> None:
    assert figure(statements, name) >= STATEMENT_FLOORS[name]


@pytest.mark.parametrize("name", COMMITMENT_FLOORS)
def test_commitments(commitments: Mark, name: str) -> None:
    assert figure(commitments, name) >= COMMITMENT_FLOORS[name]


@pytest.mark.parametrize("name", LINK_FLOORS)
def test_links(ledger: Ledger, name: str) -> None:
    assert mark_links(labels(EXAM, "links"), list(map(asdict, ledger.links)))[name] >= LINK_FLOORS[name]


def test_every_quote_stands_at_its_place(ledger: Ledger) -> None:
    texts = {path.name: path.read_bytes().decode("utf-8") for path in EXAM.glob("*.txt")}
    assert ledger.statements
    assert all(texts[s.doc].startswith(s.quote, s.start) for s in (*ledger.statements, *ledger.commitments))
