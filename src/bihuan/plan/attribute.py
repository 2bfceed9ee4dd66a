"""One attribute of a kind of component: what it is called, in what unit, and what holds where it is not given."""

from __future__ import annotations

from dataclasses import dataclass

Default = float | str | bool


@dataclass(frozen=True, slots=True)
class Attribute:
    """One column of a table of components."""

    default: Default
    """What holds where nothing is given; its type is the attribute's type. NaN means: none."""
    unit: str
    """As PyPSA writes it; empty for names, flags and texts."""
    meaning: str
    """One line for the reference page."""
    varying: bool = False
    """Whether it may have a value for each snapshot."""


Table = dict[str, Attribute]
"""Attribute's name -> what it is."""
