"""What `read` must show on the labelled texts: the table of asked and measured, every line asserted."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.accept.conftest import Run

pytestmark = pytest.mark.accept

STATEMENTS = [
    ("quantities: F1", "f1", 0.98),
    *((f"{field}: accuracy", field, 0.95) for field in ("measure", "direction", "bound", "kind")),
    *((f"{field}: macro-F1", f"{field}_macro_f1", 0.88) for field in ("measure", "direction", "bound", "kind")),
    ("subject: accuracy", "subject", 0.95),
    ("period: accuracy", "period", 0.92),
    ("indicator: character F1", "indicator_char_f1", 0.88),
]
COMMITMENTS = [
    ("commitments: F1", "f1", 0.85),
    ("commitments, kind: accuracy", "kind", 0.90),
    ("commitments, stage: accuracy", "stage", 0.90),
]
LINKS = [
    ("links: precision", "precision", 0.95),
    ("links: recall", "recall", 0.80),
    ("links, verdict: accuracy", "verdict", 0.95),
]
ASKED = [
    *(("statements", *line) for line in STATEMENTS),
    *(("commitments", *line) for line in COMMITMENTS),
    *(("links", *line) for line in LINKS),
]
REGIONS = {"statements": "regions.json", "commitments": "commitment_regions.json"}


def figures(run: Run, scorers: Any, family: str) -> dict[str, float]:
    """Return the scorer's figures of one family, counted once a session."""
    if family not in run.scores:
        read_jsonl = scorers["statements"].read_jsonl
        arguments = [read_jsonl(run.gold / f"{family}.jsonl"), read_jsonl(run.out / f"{family}.jsonl")]
        if family in REGIONS:
            arguments.append(json.loads((run.gold / REGIONS[family]).read_text(encoding="utf-8")))
        run.scores[family] = scorers[family].score(*arguments)[0]
    return run.scores[family]


@pytest.mark.parametrize(("family", "what", "figure", "asked"), ASKED, ids=[f"{a[0]}-{a[2]}" for a in ASKED])
def test_figure(
    run: Run, scorers: Any, row: Callable[..., None], family: str, what: str, figure: str, asked: float
) -> None:
    measured = figures(run, scorers, family)[figure]
    row(what, f"{asked:.2f}", f"{measured:.3f}", measured >= asked)
    assert measured >= asked


def squeeze(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("part", ["000.txt", "001.txt", "002-part.txt"])
def test_restored_text_is_that_of_the_gold(run: Run, row: Callable[..., None], part: str) -> None:
    expected = (run.gold / "restored" / part).read_text(encoding="utf-8")
    doc = next(path.name for path in (run.shared / "seeds").glob(f"{part[:3]}_*.txt"))
    got = squeeze(run.restored(doc))
    if "part" in part:  # pieces of the text, an empty line between them
        reached = all(squeeze(piece) in got for piece in expected.split("\n\n"))
    else:
        reached = squeeze(expected) == got
    row(f"restored {part[:-4]} equals the gold", "all", "all" if reached else "not all", reached)
    assert reached


def records(run: Run) -> list[dict[str, Any]]:
    lines = [
        line
        for name in ("statements", "commitments")
        for line in (run.out / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    return [json.loads(line) for line in lines]


def test_every_quote_stands_at_its_raw_offset(run: Run, row: Callable[..., None]) -> None:
    found = records(run)
    wrong = [r for r in found if not run.raw(r["doc"]).startswith(r["quote"], r["start"])]
    row("quotes at their raw offset", "all", f"{len(found) - len(wrong)}/{len(found)}", bool(found) and not wrong)
    assert found
    assert not wrong


def test_nothing_is_read_out_of_the_foreign_article_after_003(run: Run, row: Callable[..., None]) -> None:
    regions = json.loads((run.gold / "regions.json").read_text(encoding="utf-8"))
    doc, end = next((name, spans[-1][1]) for name, spans in regions.items() if name.startswith("003_"))
    strays = [r for r in records(run) if r["doc"] == doc and r["start"] >= end]
    row("records in the foreign tail of 003", "0", str(len(strays)), not strays)
    assert end < len(run.raw(doc))
    assert not strays


def test_zhu_becomes_zhe_where_it_is_the_particle_and_nowhere_else(run: Run, row: Callable[..., None]) -> None:
    texts = {path.name: run.restored(path.name) for path in sorted(Path(run.shared / "seeds").glob("*.txt"))}
    joined = "\n".join(texts.values())
    left = re.findall(r"[随沿向有]著|著[力眼手重]", joined)
    raw = "\n".join(run.raw(doc) for doc in texts)
    kept = joined.count("显著") == raw.count("顯著") + raw.count("显著") and "署著作者名" in joined
    row("著 → 着 for the particle only", "all", "all" if kept and not left else "not all", kept and not left)
    assert not left
    assert kept
