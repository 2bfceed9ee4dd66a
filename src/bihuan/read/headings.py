"""Headings: numbered (一、 （一） 1. 第一、), bare short lines, questions of an interview, and run-in ones.

Numbering follows GB/T 9704-2012, 7.3.3: 一、 then （一） then 1. then （1）.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_NUMERAL = "[一二三四五六七八九十百]{1,4}"
_NUMBERS = (
    (1, re.compile(rf"(?:{_NUMERAL}\s*[、.．]|第{_NUMERAL}(?:部分|章)[、：:\s]*)\s*")),
    (2, re.compile(rf"[(（]{_NUMERAL}[)）]\s*[、.．]?\s*")),
    (3, re.compile(r"(?:\d{1,2}\s*[、.．](?!\d)|\d{1,2}[)）]|[(（]\d{1,2}[)）]|[①-⑳])\s*")),
    (3, re.compile(rf"第{_NUMERAL}[、，,：:]\s*")),
)
_ONE_IS = re.compile(rf"{_NUMERAL}是")
_FIRST_SENTENCE = re.compile(r"[^。！？!?]*[。！？!?]")
_CLOSED = re.compile(r"[。；;，,、：:…！!][”’)）]?$")
_QUESTION = re.compile(r"[？?][”’]?$|^(?:记者|主持人|问)[:：]")
_MEASURED = re.compile(r"^单位[:：]|\d(?!\d*\s*(?:年|月|日|届|次))|[|\t]")
_RUN_IN_CHARS = 24
"""Longest run-in heading without a number; the longest in the reports looked at have 17."""
_REST_CHARS = 30
"""Shortest paragraph behind a run-in heading; a short sentence before another is no heading."""
_NUMBERED_CHARS = 50
_BARE_CHARS = 30
_QUESTION_CHARS = 90


@dataclass(frozen=True, slots=True)
class Heading:
    """What of a line is heading."""

    level: int
    """1 一、, 2 （一）, 3 1. or run-in."""
    text: str
    """Without its number and closing mark."""
    chars: int
    """How much of the line it takes; the rest is body."""
    own_line_only: bool = False
    """Of a run-in heading without a number, and of 一是…: it speaks for its own paragraph and no other."""


def numbered(line: str) -> Heading | None:
    """Return the heading a line begins with by its number, the whole line or its first sentence; else None."""
    for level, number in _NUMBERS:
        match = number.match(line)
        if match:
            return _behind_number(line, match.end(), level)
    match = _ONE_IS.match(line)
    found = _behind_number(line, match.end(), 3) if match else None
    return replace(found, own_line_only=True) if found and found.chars < len(line) else None


def _behind_number(line: str, begin: int, level: int) -> Heading | None:
    first = _FIRST_SENTENCE.match(line, begin)
    end = first.end() if first else len(line)
    if end - begin > _NUMBERED_CHARS or begin == end:
        return None
    text = line[begin:end]
    if level == 3 and _MEASURED.search(text):
        return None
    return Heading(level, text.rstrip("。！!：:；;").strip(), end)


def run_in(line: str) -> Heading | None:
    """Return the short sentence without figures that opens a longer paragraph, `推动能源产业转型。……`; else None."""
    first = _FIRST_SENTENCE.match(line)
    if not first or first.end() > _RUN_IN_CHARS or len(line) - first.end() < _REST_CHARS or first[0][-1] != "。":
        return None
    text = first[0][:-1].lstrip("—")
    if len(text) < 4 or re.search(r"[“”，,、：:；;\d]|各位|我们|同志|[是已了将]", text):
        return None
    return Heading(3, text, first.end(), own_line_only=True)


def bare(line: str) -> Heading | None:
    """Return the heading a short line without closing mark is, or the question of an interview; else None."""
    if _QUESTION.search(line) and len(line) <= _QUESTION_CHARS and line.count("。") < 2:
        return Heading(1, line, len(line))
    if len(line) > _BARE_CHARS or len(line) < 4 or _CLOSED.search(line) or _MEASURED.search(line):
        return None
    return Heading(1, line, len(line))
