"""Where a page of a long list stands."""

from __future__ import annotations

from dataclasses import dataclass

PAGE_SIZE = 50
"""Rows of a page."""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a list, in numbers."""

    page: int
    """From 1."""
    size: int
    """Most rows a page can have."""
    shown: int
    """Rows of this page."""
    total: int

    @property
    def first(self) -> int:
        """Return the number of the first row shown; 0 where there is none."""
        return (self.page - 1) * self.size + 1 if self.shown else 0

    @property
    def last(self) -> int:
        """Return the number of the last row shown."""
        return (self.page - 1) * self.size + self.shown
