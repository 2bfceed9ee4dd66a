"""The lines a text is made of, blank ones left out but covered."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]*\S[^\r\n\x0b\x0c\x85\u2028\u2029]*")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, or the part of one that stands for itself (a run-in heading and what follows it)."""

    text: str
    """Without white space around it."""
    start: int
    """Offset of `text` in the restored text."""

    @property
    def end(self) -> int:
        """One past the last character."""
        return self.start + len(self.text)

    @property
    def is_row(self) -> bool:
        """Return whether it is the row of a table: cells with ` | ` or tabs between."""
        return " | " in self.text or "\t" in self.text

    def split(self, at: int) -> tuple[Line, Line]:
        """Return the line's first `at` characters and the rest, without white space around either."""
        rest = self.text[at:]
        kept = rest.lstrip()
        return Line(self.text[:at].rstrip(), self.start), Line(kept, self.end - len(kept))


def lines_of(text: str) -> list[Line]:
    """Return the lines of `text` that hold anything but white space, in order."""
    lines = []
    for match in _LINE.finditer(text):
        whole = match[0]
        bare = whole.strip()
        lines.append(Line(bare, match.start() + whole.index(bare)))
    return lines
