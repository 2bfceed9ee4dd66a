"""Promises and outcomes across years, in documents of cities the grammar was not made for."""

from dataclasses import asdict
from pathlib import Path

import pytest
from tests.read.marking import Mark, figure, labels, mark, mark_links, regions, same_commitment, within

from bihuan.read import Ledger, read

PAIRS = Path(__file__).parent / "pairs"
COMMITMENT_FLOORS = {"f1": 0.98, "kind": 0.98, "stage": 0.98, "due": 0.97, "period": 0.94, "subject": 0.97}
LINK_FLOORS = {"precision": 0.99, "recall": 0.96, "relation": 0.98, "verdict": 0.94}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return read(sorted(PAIRS.glob("*.txt")))


@pytest.fixture(scope="module")
def commitments(ledger: Ledger) -> Mark:
    found = within(map(asdict, ledger.commitments), regions(PAIRS, "commitment_regions"))
    return mark(labels(PAIRS, "commitments"), found, same_commitment)


@pytest.mark.parametrize("name", COMMITMENT_FLOORS)
def test_commitments(commitments: Mark, name: str) -> None:
    assert figure(commitments, name) >= COMMITMENT_FLOORS[name]


@pytest.mark.parametrize("name", LINK_FLOORS)
def test_links(ledger: Ledger, name: str) -> None:
    assert mark_links(labels(PAIRS, "links"), list(map(asdict, ledger.links)))[name] >= LINK_FLOORS[name]


def test_documents_given_in_another_order_link_alike(ledger: Ledger) -> None:
    backwards = read(sorted(PAIRS.glob("*.txt"), reverse=True))
    assert backwards.links == ledger.links
