"""Text that knows where each of its characters stands in the raw source.

Every step of reading (removing injected readings, turning traditional characters into simplified ones) makes a new
`TracedText` from an old one, so that a quote found in the restored text can be shown in the source as it came.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TracedText:
    """A text whose character `i` stands for `raw[starts[i]:ends[i]]`.

    `starts` and `ends` are as long as `text`, never decrease, and lie within `raw`. A character keeps the end of what
    was removed right behind it (an injected reading), so that a quote holds the reading too; a character that was
    not restored covers exactly itself.
    """

    text: str
    raw: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, raw: str) -> TracedText:
        """Return `raw` as a text in which every character stands for itself."""
        return cls(raw, raw, range(len(raw)), range(1, len(raw) + 1))

    def __len__(self) -> int:
        return len(self.text)

    def __str__(self) -> str:
        return self.text

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where `text[start:end]` stands in `raw`, as (start, end) with the end excluded.

        An empty span gives an empty span at the start of the character it stands before.

        Raises:
            IndexError: the span does not lie within the text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"span {start}:{end} is outside a text of {len(self.text)} characters")
        if start == end:
            at = self.starts[start] if start < len(self.text) else len(self.raw)
            return at, at
        return self.starts[start], self.ends[end - 1]

    def quote(self, start: int, end: int) -> str:
        """Return the raw text that `text[start:end]` stands for."""
        a, b = self.raw_span(start, end)
        return self.raw[a:b]

    def without(self, spans: Iterable[tuple[int, int]], *, keep_in_quote: bool = False) -> TracedText:
        """Return this text with `spans` removed.

        Args:
            spans: (start, end) pairs in `text`, ascending, not overlapping.
            keep_in_quote: the character before a removed span takes the removed raw text into its own extent
                (readings belong to their character; noise does not).
        """
        pieces: list[str] = []
        starts, ends = array("l"), array("l")
        at = 0
        for a, b in spans:
            if b <= a:
                continue
            pieces.append(self.text[at:a])
            starts.extend(self.starts[at:a])
            ends.extend(self.ends[at:a])
            if keep_in_quote and ends:
                ends[-1] = self.ends[b - 1]
            at = b
        if at == 0:
            return self
        pieces.append(self.text[at:])
        starts.extend(self.starts[at:])
        ends.extend(self.ends[at:])
        return TracedText("".join(pieces), self.raw, starts, ends)

    def replaced(self, text: str) -> TracedText:
        """Return `text` in the place of this text, character for character.

        Raises:
            ValueError: the two differ in length.
        """
        if len(text) != len(self.text):
            raise ValueError(f"{len(text)} characters cannot stand for {len(self.text)} one by one")
        return TracedText(text, self.raw, self.starts, self.ends)

    def part(self, start: int, end: int) -> TracedText:
        """Return `text[start:end]`, its offsets still counted in the whole `raw`."""
        return TracedText(self.text[start:end], self.raw, self.starts[start:end], self.ends[start:end])
