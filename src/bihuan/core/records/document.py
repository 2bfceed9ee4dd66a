"""A source text and its parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Role = Literal["title", "dateline", "heading", "body", "table", "noise"]


@dataclass(frozen=True, slots=True)
class Document:
    """One source text, as it was read; two files of the same bytes are one document."""

    name: str
    """File name, the key of its statements within one run of `read`."""
    sha256: str
    """Of the file's bytes, lower-case hex; the identity of the document in the store."""
    media_type: str
    """As recognised from the content, e.g. `text/plain`, `application/pdf`."""
    size_bytes: int
    encoding: str | None
    """Of a text file (`utf-8`, `gb18030`, `big5`); None where the format has its own."""
    title: str | None
    city: str | None
    """Name of the city the text is about, `阳泉市`; None where it could not be told."""
    speaker: str | None
    published: date | None
    """Day the text names as its own; its year alone stands in `year`."""
    year: int | None
    """The year that 今年 means in this text; None where the text does not tell."""
    chars: int
    """Length of the raw text in Unicode code points."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, heading or piece of page furniture; the passages of a document cover all of its text."""

    index: int
    role: Role
    """`noise` is page furniture, link lists and foreign articles: set aside, kept, never read for statements."""
    level: int
    """Depth in the heading tree: 0 title, 1 一、, 2 （一）, 3 1. or a run-in heading; a body has its section's."""
    section: tuple[str, ...]
    """Headings above this passage, outermost first, without their numbers' punctuation."""
    start: int
    """First character in the raw text."""
    end: int
    """One past the last character in the raw text."""
    text: str
    """Restored text."""
    locator: str | None = None
    """Where the format counts pages, sheets or cells: `page 3`, `Sheet1!B7`; None for plain text."""
