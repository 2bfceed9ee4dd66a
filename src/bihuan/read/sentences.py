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


_LONGEST = 1500
"""Characters; the longest sentences of reports have half of it. What runs on is cut, so that work stays in proportion."""
_BREAKS = "；;，,、 "


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each sentence of one line, white space around it left out."""
    start = 0
    for match in _END.finditer(text):
        yield from _spans(text, start, match.end())
        start = match.end()
    yield from _spans(text, start, len(text))


def _spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence, cut at a mark where it runs on without end."""
    while end - start > _LONGEST:
        cut = max(text.rfind(mark, start + _LONGEST // 2, start + _LONGEST) for mark in _BREAKS) + 1
        cut = cut or start + _LONGEST
        yield from _span(text, start, cut)
        start = cut
    yield from _span(text, start, end)


def _span(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
