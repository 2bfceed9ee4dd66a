"""Facets of a list: groups of choices, what is chosen, and the addresses that take a choice away again.

For any room with a filter in its address: `facets` for the form, `chips` for what holds at present, `parts.facet_form`
and `parts.chips` to show them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bihuan.show.labels import LABELS
from bihuan.show.rendering import query
from bihuan.store.entries import FacetValue

NEWEST_FIRST = frozenset({"year"})
"""Facets that are ordered by value; the others come with the most frequent choice first."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a facet, in the reader's language."""

    value: object
    text: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One group of choices."""

    name: str
    """Of the field in the address."""
    title: str
    """Catalogued English."""
    options: tuple[Option, ...]

    @property
    def language(self) -> str | None:
        """Return `zh-CN` where the choices are the documents' own words, whatever the reader's language."""
        return None if self.name in LABELS else "zh-CN"


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that holds, and the address without it."""

    text: str
    without: str
    language: str | None
    """As `Facet.language`."""


Naming = Callable[[str, FacetValue], str]
"""What a choice of a facet is called in the reader's language."""


def facets(
    counted: Mapping[str, Sequence[FacetValue]],
    chosen: Mapping[str, Sequence[object]],
    titles: Mapping[str, str],
    naming: Naming,
) -> list[Facet]:
    """Return the groups named in `titles`, in that order, with their choices.

    Args:
        counted: how many rows each choice would leave.
        chosen: what is chosen now; shown also where it leaves no row, for it must be possible to take it back.
        titles: of the groups, in catalogued English.
        naming: what a choice is called.
    """
    return [
        Facet(name, title, _options(name, _with(counted.get(name, ()), chosen.get(name, ())), naming))
        for name, title in titles.items()
    ]


def _with(values: Sequence[FacetValue], chosen: Sequence[object]) -> list[FacetValue]:
    there = {one.value for one in values}
    return [*values, *(FacetValue(value, str(value), 0, True) for value in chosen if value not in there)]


def _options(name: str, values: Sequence[FacetValue], naming: Naming) -> tuple[Option, ...]:
    ordered = sorted(values, key=lambda one: one.value, reverse=True) if name in NEWEST_FIRST else values
    return tuple(Option(one.value, naming(name, one), one.count, one.chosen) for one in ordered)


def chips(text: str, filters: Mapping[str, object], shown: Sequence[Facet]) -> list[Chip]:
    """Return one chip for the words searched for and for each choice made.

    Args:
        text: words searched for, empty for none.
        filters: the filter as it stands in the address.
        shown: the facets.
    """
    found = [Chip(text, query(dict(filters), q=None), "zh-CN")] if text else []
    for facet in shown:
        chosen = [option for option in facet.options if option.chosen]
        for option in chosen:
            rest = [str(other.value) for other in chosen if other is not option]
            found.append(Chip(option.text, query(dict(filters), **{facet.name: rest}), facet.language))
    return found
