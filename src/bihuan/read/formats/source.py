"""What every format is turned into."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """The raw text of one file, before anything is restored; every offset in a record counts characters of `text`."""

    name: str
    """File name without folders; the `doc` of all records."""
    text: str
    """Decoded text for `.txt` with newlines untouched; the stored extraction for other formats."""
    sha256: str
    media_type: str
    size_bytes: int
    encoding: str | None = None
    """Of a text file; None where the format has its own."""
    locators: tuple[tuple[int, str], ...] = ()
    """(offset, label) ascending: from that offset on the text stands at `page 3` or `Sheet1!B7`."""
    published: str | None = None
    """ISO day from the file's own metadata, where the format has one; the text's own day wins over it."""
