"""Where a page of a long list stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PAGE_SIZE = 50
"""Rows of a page."""


def page_number(parameters: Mapping[str, str]) -> int:
    """Return the page an address asks for, from 1; what is no such number is the first page."""
    asked = parameters.get("page", "")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1


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
