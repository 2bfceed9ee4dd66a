"""The examples of the explanation pages are what the code does."""

import re
from pathlib import Path

import pytest
from tests.read.grammar.test_promises import read

from bihuan.read import read_bytes
from bihuan.read.grammar.due import due_in
from bihuan.read.linking.names import indicator_key
from bihuan.read.restore import restore

PAGES = Path(__file__).parents[2] / "docs/explanation"


def rows(page: str, head: str) -> list[list[str]]:
    """Return the cells of the table under a head line."""
    text = (PAGES / page).read_text(encoding="utf-8")
    table = text[text.index(head) :].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


@pytest.mark.parametrize(("sentence", "told"), rows("commitments.md", "| sentence | commitments |"))
def test_what_is_a_commitment(sentence: str, told: str) -> None:
    wanted = [] if told.startswith("none") else [told.split(" · ")[:2]]
    assert [[c.verb, c.object] for c in read(sentence)] == wanted


def test_terms() -> None:
    text = (PAGES / "commitments.md").read_text(encoding="utf-8")
    listed = text[text.index("- `due` is") : text.index("The year is the one")]
    pairs = re.findall(r"((?:[\w\u4e00-\u9fff]+(?: and )?)+) →\s+`([\d-]+)`", listed)
    assert len(pairs) == 6
    for words, due in pairs:
        for word in words.split(" and "):
            assert due_in(word, 2024) == due


@pytest.mark.parametrize(("one", "other"), rows("linking.md", "| alike, but not the same | |"))
def test_near_misses_stay_apart(one: str, other: str) -> None:
    keys = [indicator_key(cell.split(",")[0]) for cell in (one, other)]
    assert keys[0] != keys[1]


def statements(sentence: str) -> list[str]:
    found = read_bytes(sentence.encode(), "sentence.txt", None).statements
    return [f"{s.indicator} · {s.measure} {s.quote}" for s in found]


@pytest.mark.parametrize(("sentence", "told"), rows("statements.md", "| sentence | statements |"))
def test_what_a_sentence_states(sentence: str, told: str) -> None:
    assert statements(sentence) == ([] if told == "none" else told.split("; "))


@pytest.mark.parametrize(("damaged", "restored", "_why"), rows("restoring.md", "| damaged | restored | why |"))
def test_what_is_restored(damaged: str, restored: str, _why: str) -> None:
    assert restore(damaged).text == restored
