"""What `make bench-read` prints: places gained, lost and read otherwise, each with its sentence."""

from typing import Any

from benchmarks.read_gains import compare, lines_of

NAMES = ("indicator", "value")


def record(start: int, quote: str, **fields: Any) -> dict[str, Any]:
    known = {"doc": "a.txt", "start": start, "quote": quote, "indicator": "粮食产量", "value": 5.0}
    return {**known, "sentence": f"粮食产量{quote}。", **fields}


def test_places_are_matched_by_document_and_offset() -> None:
    old = [record(4, "5亿斤"), record(20, "3%")]
    new = [record(4, "5亿斤", indicator="粮食总产量"), record(30, "7家"), record(20, "3%", doc="b.txt")]
    found = compare(old, new, NAMES)
    assert [(d.sign, d.record["doc"], d.record["start"]) for d in found] == [
        ("~", "a.txt", 4),
        ("-", "a.txt", 20),
        ("+", "a.txt", 30),
        ("+", "b.txt", 20),
    ]
    assert found[0].fields == (("indicator", "粮食产量", "粮食总产量"),)


def test_the_report_ends_in_counts() -> None:
    changed = compare([record(4, "5亿斤")], [record(4, "5亿斤", value=6.0)], NAMES)
    lines = list(lines_of(changed, NAMES))
    assert "      value: 5.0 -> 6.0" in lines
    assert "      粮食产量5亿斤。" in lines
    assert lines[-1] == "\ngained 0, lost 0, changed 1 (value 1)"


def test_nothing_changed_is_said() -> None:
    assert list(lines_of([], NAMES)) == ["\ngained 0, lost 0, changed 0"]
