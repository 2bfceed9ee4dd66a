"""The documents the demo reads: what they show, and that the damaged one is damaged by our own script."""

import importlib.util
from pathlib import Path

import pytest

from bihuan.read import Ledger, read
from bihuan.read.restore import restore
from bihuan.store.packs import load_pack

ROOT = Path(__file__).parents[2]
CLEAN = Path(__file__).parent / "samples/press_conference.txt"


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return read(load_pack("yangquan").documents)


def test_every_document_is_read_and_tells_something(ledger: Ledger) -> None:
    told = {record.doc for record in (*ledger.statements, *ledger.commitments)}
    silent = {document.name for document in ledger.documents} - told
    assert len(ledger.documents) == 7
    assert silent <= {"2022年主要统计指标-示例.xlsx"}
    assert {document.city for document in ledger.documents} == {"阳泉市"}


def test_every_light_has_a_promise(ledger: Ledger) -> None:
    verdicts = {link.verdict for link in ledger.links if link.relation == "target_result"}
    answered = {(link.a.doc, link.a.start) for link in ledger.links if link.relation == "target_result"}
    targets = [r for r in (*ledger.statements, *ledger.commitments) if r.kind == "target"]
    assert verdicts >= {"met", "missed", "partly"}
    assert any((target.doc, target.start) not in answered for target in targets)


def test_the_invented_document_says_so() -> None:
    invented = [path for path in load_pack("yangquan").documents if "虚构演示" in path.name]
    assert len(invented) == 1
    from docx import Document

    lines = [paragraph.text for paragraph in Document(str(invented[0])).paragraphs]
    assert "虚构" in lines[0]
    assert "虚构" in lines[2]
    assert "虚构" in lines[-1]


def test_the_damaged_document_is_made_by_our_script_and_comes_back() -> None:
    spec = importlib.util.spec_from_file_location("damage", ROOT / "scripts/damage.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    clean = CLEAN.read_text(encoding="utf-8")
    damaged = script.damage(clean, characters="naive", readings="plain", share=0.15, doubled=0.01, seed=7)
    (packaged,) = [path for path in load_pack("yangquan").documents if "受损" in path.name]
    assert packaged.read_text(encoding="utf-8") == damaged
    assert restore(damaged).text == clean
