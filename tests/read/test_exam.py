"""The grammar against passages of cities it was not made for. Floors lie a little below what was measured."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from tests.read.marking import Mark, Record, mark, same_commitment, same_link, same_quantity, within

from bihuan.read import Ledger, read

EXAM = Path(__file__).parent / "exam"

STATEMENT_FLOORS = {
    "f1": 0.0,
    "measure": 0.0,
    "direction": 0.0,
    "bound": 0.0,
    "kind": 0.0,
    "period": 0.0,
    "subject": 0.0,
    "indicator": 0.0,
}
COMMITMENT_FLOORS = {"f1": 0.97, "kind": 0.96, "stage": 0.97, "due": 0.95, "period": 0.66, "subject": 0.79}
LINK_FLOORS = {"precision": 0.97, "recall": 0.93, "verdict": 0.97}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return read(sorted(EXAM.glob("*.txt")))


def labels(name: str) -> list[Record]:
    return [json.loads(line) for line in (EXAM / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def regions(name: str) -> dict[str, list[list[int]]]:
    found: dict[str, list[list[int]]] = json.loads((EXAM / f"{name}.json").read_text(encoding="utf-8"))
    return found


def figure(outcome: Mark, name: str) -> float:
    if name in ("f1", "precision", "recall"):
        value: float = getattr(outcome, name)
        return value
    return outcome.alike(name) if name == "indicator" else outcome.agree(name)


@pytest.fixture(scope="module")
def statements(ledger: Ledger) -> Mark:
    found = within(map(asdict, ledger.statements), regions("regions"))
    return mark(labels("statements"), found, same_quantity)


@pytest.fixture(scope="module")
def commitments(ledger: Ledger) -> Mark:
    found = within(map(asdict, ledger.commitments), regions("commitment_regions"))
    return mark(labels("commitments"), found, same_commitment)


@pytest.mark.parametrize("name", STATEMENT_FLOORS)
def test_statements(statements: Mark, name: str) -> None:
    assert figure(statements, name) >= STATEMENT_FLOORS[name]


@pytest.mark.parametrize("name", COMMITMENT_FLOORS)
def test_commitments(commitments: Mark, name: str) -> None:
    assert figure(commitments, name) >= COMMITMENT_FLOORS[name]


@pytest.mark.parametrize("name", LINK_FLOORS)
def test_links(ledger: Ledger, name: str) -> None:
    """A link to a near miss counts against precision; one that nobody labelled does not count."""
    found = [asdict(link) for link in ledger.links if link.relation != "none"]
    wanted = labels("links")
    true = [label for label in wanted if label["relation"] != "none"]
    hits = [(a, b) for a in true for b in found if same_link(a, b)]
    wrong = [a for a in wanted if a["relation"] == "none" and any(same_link(a, b) for b in found)]
    reached = {id(a) for a, _ in hits}
    judged = [(a, b) for a, b in hits if a["verdict"]]
    measured = {
        "precision": len(reached) / max(len(reached) + len(wrong), 1),
        "recall": len(reached) / len(true),
        "verdict": sum(a["verdict"] == b["verdict"] for a, b in judged) / max(len(judged), 1),
    }
    assert measured[name] >= LINK_FLOORS[name]


def test_every_quote_stands_at_its_place(ledger: Ledger) -> None:
    texts = {path.name: path.read_bytes().decode("utf-8") for path in EXAM.glob("*.txt")}
    assert ledger.statements
    assert all(texts[s.doc].startswith(s.quote, s.start) for s in (*ledger.statements, *ledger.commitments))
