"""Reading a data area whose names are already known, at the speed of one regular expression.

A device sends the same names in the same order all day. `Shape` is such an order: an expression over the whole data
area with a group a value. Where it does not match, nothing is known, and the caller reads piece by piece; where it
does, the result is the same (held by tests).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Name = tuple[str, str]
"""Code of a factor and suffix: ("a34004", "Rtd")."""

_NUMBER = r"([0-9.+\-]{1,40})"  # without an exponent and this short, it is finite
_TEXT = r"([^=;,\s]+)"
_DATE_TIME = r"([0-9]{14}(?:[0-9]{3})?)"


@dataclass(frozen=True, slots=True)
class Shape:
    """Names of one data area: DataTime, then the same suffixes for each of several codes."""

    match: Any
    """The expression's `fullmatch`."""
    names: tuple[Name, ...]
    step: int
    """How many suffixes each code has."""
    numeric: tuple[int, ...]
    """Which of them are numbers."""

    def read(self, data: str) -> tuple[str, list[Any]] | None:
        """Return DataTime and the values in the order of `names`; None where the data has another shape."""
        found = self.match(data)
        if found is None:
            return None
        moment, *values = found.groups()
        step = self.step
        try:
            for at in self.numeric:
                values[at::step] = [*map(float, values[at::step])]
        except ValueError:  # 1.2.3 is no number, and stays the text it is
            return None
        return moment, values


@lru_cache(maxsize=1024)
def shape_of(separators: str, names: tuple[str, ...], numeric: tuple[bool, ...]) -> Shape | None:
    """Return the shape of a data area, None where it has none that is worth knowing.

    Args:
        separators: the `;` and `,` between its pieces.
        names: of the pieces, in order.
        numeric: whether each piece's value is a number.
    """
    if names[0] != "DataTime" or len(names) < 2 or len(set(names)) != len(names):
        return None
    codes, suffixes = _grid(names[1:])
    step = len(suffixes)
    if not step or numeric[1:] != numeric[1 : 1 + step] * len(codes):
        return None
    groups = (_DATE_TIME, *(_NUMBER if number else _TEXT for number in numeric[1:]))
    pieces = [f"{re.escape(name)}={group}" for name, group in zip(names, groups, strict=True)]
    pattern = "".join(piece + separator for piece, separator in zip(pieces, (*separators, ""), strict=True))
    grid = tuple((code, suffix) for code in codes for suffix in suffixes)
    return Shape(re.compile(pattern).fullmatch, grid, step, tuple(at for at in range(step) if numeric[1 + at]))


def _grid(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return codes and suffixes of names that are every code with every suffix in turn; nothing otherwise."""
    halves = [name.partition("-") for name in names]
    codes = tuple(dict.fromkeys(code for code, _, _ in halves))
    suffixes = tuple(suffix for code, _, suffix in halves if code == codes[0])
    expected = [(code, "-", suffix) for code in codes for suffix in suffixes]
    return (codes, suffixes) if halves == expected else ((), ())
