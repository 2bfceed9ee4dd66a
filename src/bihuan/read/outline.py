"""Restored text -> title, headings, paragraphs, sentences; page furniture and foreign articles set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bihuan.core.records.document import Passage
from bihuan.core.text import TracedText


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a passage, up to and with its closing 。！？； or the passage's end."""

    text: str
    start: int
    """Offset of `text` in the restored text of the whole document (`Outline.text.text`)."""
    passage: int
    """Index of the passage it stands in."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A document taken apart, nothing lost."""

    name: str
    text: TracedText
    """The whole restored text, noise included."""
    title: str | None
    city: str | None
    speaker: str | None
    published: date | None
    year: int | None
    """The year that 今年 means."""
    passages: tuple[Passage, ...]
    """In order; together they cover the whole text."""
    sentences: tuple[Sentence, ...]
    """Of titles, headings, body and table passages; none of noise."""
    locators: tuple[tuple[int, str], ...] = ()
    """(raw offset, label) as in `Source.locators`."""
