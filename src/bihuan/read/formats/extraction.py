"""What the module of one format gives: text, and where in the file each part of it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Piece = tuple[str, str | None]
"""A line of text, and the label of the place it stands at (None: as the line before)."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """The raw text of one file, its places, and what the format says about itself."""

    text: str
    locators: tuple[tuple[int, str], ...] = ()
    """(offset, label) ascending, as in `Source`."""
    encoding: str | None = None
    published: str | None = None
    """ISO day, where the format carries a day of publication."""

    @classmethod
    def of_lines(cls, pieces: Iterable[Piece], published: str | None = None) -> Extraction:
        """Return lines as one text, a newline behind each, with a locator wherever the label changes."""
        parts: list[str] = []
        locators: list[tuple[int, str]] = []
        at = 0
        for line, label in pieces:
            if label is not None and (not locators or locators[-1][1] != label):
                locators.append((at, label))
            parts.append(line + "\n")
            at += len(line) + 1
        return cls("".join(parts), tuple(locators), published=published)
