"""Small made-up readings for the tests of the store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bihuan.core.records.document import Document, Passage
from bihuan.core.records.statement import Commitment, Statement
from bihuan.core.text import TracedText
from bihuan.store import ledger
from bihuan.store.connect import Store

AT = datetime(2024, 3, 1, 8, tzinfo=UTC)


@dataclass
class Draft:
    """A document made sentence by sentence; every sentence is one row."""

    name: str
    year: int | None = 2023
    reader: str = "1"
    city: str | None = "甲市"
    text: str = ""
    statements: list[Statement] = field(default_factory=list)
    commitments: list[Commitment] = field(default_factory=list)

    def says(self, indicator: str, quote: str, value: float, **facts: Any) -> Draft:
        """Add `indicator达到quote。`, a result at a level of 元 unless `facts` say otherwise."""
        sentence = f"{indicator}达到{quote}。"
        known: dict[str, Any] = {
            "unit": "元", "measure": "level", "direction": None, "bound": "exact", "kind": "result", "period": None,
            "subject": None, "section": "一、回顾", "sentence": sentence,
        }  # fmt: skip
        start = len(self.text) + sentence.index(quote)
        self.statements.append(Statement(self.name, quote, start, indicator, value, **(known | facts)))
        self.text += sentence
        return self

    def does(self, verb: str, thing: str, **facts: Any) -> Draft:
        """Add `verb thing。`, a target to complete it unless `facts` say otherwise."""
        quote = verb + thing
        known: dict[str, Any] = {
            "stage": "completed", "kind": "target", "period": None, "due": None, "subject": None,
            "section": "二、安排", "sentence": quote + "。",
        }  # fmt: skip
        self.commitments.append(Commitment(self.name, quote, len(self.text), verb, thing, **(known | facts)))
        self.text += quote + "。"
        return self

    def reading(self, text: TracedText | None = None) -> ledger.NewReading:
        """Return the document as the reader hands it over."""
        data = self.text.encode()
        document = Document(
            self.name, hashlib.sha256(data).hexdigest(), "text/plain", len(data), "utf-8", f"{self.name}的标题",
            self.city, None, None, self.year, len(self.text),
        )  # fmt: skip
        passages = [Passage(0, "body", 1, ("一、回顾",), 0, len(self.text), self.text)]
        traced = TracedText.of(self.text) if text is None else text
        return ledger.NewReading(document, data, traced, passages, self.statements, self.commitments, self.reader)

    def read_by(self, reader: str) -> ledger.NewReading:
        """Return the same document as another version of the reader hands it over."""
        return replace(self.reading(), reader=reader)


def keep(store: Store, *readings: ledger.NewReading | Draft, actor: str = "test") -> list[int]:
    """Store readings, a transaction each; return the documents' ids."""
    ids = []
    for one in readings:
        with store.connection() as connection:
            reading = one.reading() if isinstance(one, Draft) else one
            ids.append(ledger.save(connection, reading, actor=actor, at=AT)[0])
    return ids
