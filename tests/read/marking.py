"""How well records agree with labels: pairs by place and content, then the share of pairs whose fields agree."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Same = Callable[[Record, Record], float]
"""How alike a label and a record are; 0 where they cannot be meant for each other."""


@dataclass(frozen=True)
class Mark:
    """The outcome of one comparison."""

    pairs: list[tuple[Record, Record]]
    labels: int
    records: int

    @property
    def precision(self) -> float:
        return len(self.pairs) / max(self.records, 1)

    @property
    def recall(self) -> float:
        return len(self.pairs) / max(self.labels, 1)

    @property
    def f1(self) -> float:
        return 2 * len(self.pairs) / max(self.labels + self.records, 1)

    def agree(self, field: str) -> float:
        """Return the share of pairs that have the same value in a field."""
        return sum(label[field] == record[field] for label, record in self.pairs) / max(len(self.pairs), 1)

    def macro_f1(self, field: str) -> float:
        """Return the mean of the F1 of each value that a field takes in the labels of the pairs."""
        truth = Counter(label[field] for label, _ in self.pairs)
        guess = Counter(record[field] for _, record in self.pairs)
        right = Counter(label[field] for label, record in self.pairs if label[field] == record[field])
        return sum(2 * right[value] / (truth[value] + guess[value]) for value in truth) / max(len(truth), 1)

    def alike(self, field: str) -> float:
        """Return the mean likeness of a field's characters over the pairs."""
        return sum(likeness(label[field], record[field]) for label, record in self.pairs) / max(len(self.pairs), 1)


def mark(labels: Iterable[Record], records: Iterable[Record], same: Same) -> Mark:
    """Pair each label with at most one record, the most alike first."""
    labels, records = list(labels), list(records)
    scored = [(same(a, b), i, j) for i, a in enumerate(labels) for j, b in enumerate(records) if a["doc"] == b["doc"]]
    taken: tuple[set[int], set[int]] = set(), set()
    pairs = []
    for degree, i, j in sorted(scored, reverse=True):
        if degree > 0 and i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            pairs.append((labels[i], records[j]))
    return Mark(pairs, len(labels), len(records))


def shared_chars(a: Record, b: Record) -> int:
    """Return how many raw characters two quotes of one document share."""
    end = min(a["start"] + len(a["quote"]), b["start"] + len(b["quote"]))
    return max(end - max(a["start"], b["start"]), 0)


def likeness(a: str, b: str) -> float:
    """Return the F1 of the characters of two names, punctuation and 的 left out."""
    first, second = ([c for c in text if c.isalnum() and c != "的"] for text in (a, b))
    common = (Counter(first) & Counter(second)).total()
    return 2 * common / (len(first) + len(second)) if first or second else 1.0


def same_quantity(a: Record, b: Record) -> float:
    """Compare two statements: their quotes overlap, value and unit are equal."""
    equal = a["unit"] == b["unit"] and isclose(float(a["value"]), float(b["value"]), rel_tol=1e-6)
    return shared_chars(a, b) if equal else 0


def same_commitment(a: Record, b: Record) -> float:
    """Compare two commitments: half of the shorter quote is shared, the objects are much alike."""
    shared = 2 * shared_chars(a, b) >= min(len(a["quote"]), len(b["quote"]))
    degree = likeness(a["object"], b["object"])
    return degree if shared and degree >= 0.6 else 0


def same_link(a: Record, b: Record) -> bool:
    """Compare two links: their ends overlap one by one, in either order."""

    def meet(x: Record, y: Record) -> bool:
        return x["doc"] == y["doc"] and shared_chars(x, y) > 0

    return (meet(a["a"], b["a"]) and meet(a["b"], b["b"])) or (meet(a["a"], b["b"]) and meet(a["b"], b["a"]))


def within(records: Iterable[Record], regions: dict[str, list[list[int]]]) -> list[Record]:
    """Return the records that begin in a labelled range."""
    return [r for r in records if any(start <= r["start"] < end for start, end in regions.get(r["doc"], ()))]


def labels(folder: Path, name: str) -> list[Record]:
    """Return the labels of one family."""
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def regions(folder: Path, name: str) -> dict[str, list[list[int]]]:
    """Return the labelled ranges of each text."""
    found: dict[str, list[list[int]]] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return found


def figure(outcome: Mark, name: str) -> float:
    """Return one figure of a comparison: f1, precision, recall, or how often a field agrees."""
    if name in ("f1", "precision", "recall"):
        value: float = getattr(outcome, name)
        return value
    if name.endswith(" macro-F1"):
        return outcome.macro_f1(name.removesuffix(" macro-F1"))
    return outcome.alike(name) if name == "indicator" else outcome.agree(name)


def mark_links(wanted: list[Record], found: list[Record]) -> dict[str, float]:
    """Compare links: one to a near miss counts against precision, one that nobody labelled does not count."""
    found = [link for link in found if link["relation"] != "none"]
    true = [label for label in wanted if label["relation"] != "none"]
    hits = [(a, b) for a in true for b in found if same_link(a, b)]
    wrong = [a for a in wanted if a["relation"] == "none" and any(same_link(a, b) for b in found)]
    reached = {id(a) for a, _ in hits}
    judged = [(a, b) for a, b in hits if a["verdict"]]
    return {
        "precision": len(reached) / max(len(reached) + len(wrong), 1),
        "recall": len(reached) / len(true),
        "relation": sum(a["relation"] == b["relation"] for a, b in hits) / max(len(hits), 1),
        "verdict": sum(a["verdict"] == b["verdict"] for a, b in judged) / max(len(judged), 1),
    }
