"""Where a sentence ends.

A sentence ends with 。！？ (or a half-width ! ? behind Chinese), the quotation mark closing behind it included, and
with its line. A semicolon does not end one: what stands before it and behind it often share subject, verb and period,
so the grammar takes it as a border of clauses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# A quoted exclamation inside a sentence does not end it: “……！”的口号, 《……？》.
_END = re.compile(r"(?:[。！？]|(?<=[\u3400-\u9fff”’）)])[!?])+[”’」』）)\"]*(?![，,、；;：:》」”’的等为和与是])")


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each sentence of one line, white space around it left out."""
    start = 0
    for match in _END.finditer(text):
        yield from _span(text, start, match.end())
        start = match.end()
    yield from _span(text, start, len(text))


def _span(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
