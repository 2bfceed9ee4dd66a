"""What the list of cases counts: the choices of its facets, and the tiles above it. One question for each filter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bihuan.core.records.case import LIGHTS
from bihuan.show.casecounts import SOON
from bihuan.show.labels import N_
from bihuan.show.rendering import query
from bihuan.store.case_conditions import NOBODY, CaseFilter
from bihuan.store.case_tallies import MOST_COUNTED, Tallies, Tally, tallies
from bihuan.store.case_words import Hits
from bihuan.store.connect import Connection
from bihuan.store.entries import FacetValue

RED = LIGHTS.index("red")
MANY = 1_000
"""A tile says of closed cases that there are more."""


class Counts:
    """The tallies of one page; the same filter is asked for once."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._asked: dict[CaseFilter, Tallies] = {}

    def of(self, wanted: CaseFilter, most: int = MOST_COUNTED, hits: Hits | None = None) -> Tallies:
        """Return how the cases of a filter stand; `most` and `hits` as for `tallies`, where it was not asked for before."""
        if wanted not in self._asked:
            self._asked[wanted] = tallies(self._connection, wanted, self._now, self._now + SOON, most, hits)
        return self._asked[wanted]


@dataclass(frozen=True, slots=True)
class Tile:
    """A count above the list, and where its cases are listed."""

    address: str
    count: int
    title: str
    """Catalogued English."""
    whole: bool = True
    """False where there may be more."""


def tiles(counts: Counts, units: tuple[str, ...] | None) -> list[Tile]:
    """Return what a supervision office looks at first."""
    opened, closed = counts.of(CaseFilter(units=units)), counts.of(CaseFilter(units=units, is_open=False), MANY)
    red = sum(tally.count for tally in opened.all if tally.light == RED)
    return [
        Tile("/cases", opened.total, N_("Open")),
        Tile("/cases" + query({}, state="overdue"), sum(tally.overdue for tally in opened.all), N_("Overdue")),
        Tile("/cases" + query({}, state="soon"), sum(tally.soon for tally in opened.all), N_("Due within three days")),
        Tile("/cases" + query({}, light=["red"]), red, N_("Red lights")),
        Tile("/cases" + query({}, state="closed"), min(closed.total, MANY), N_("Closed"), closed.whole),
    ]


def facet_values(counted: Tallies, wanted: CaseFilter, name: str, fields: Iterable[str]) -> list[FacetValue]:
    """Return the choices of a facet, the most frequent first, each with the cases it would leave.

    Args:
        counted: of the list without any facet chosen.
        wanted: the list, with what is chosen.
        name: of the facet; what is chosen in it narrows the others alone.
        fields: of all facets.
    """
    left = fitting(counted, wanted, [other for other in fields if other != name]).by(name)
    chosen = getattr(wanted, name)
    named = ((LIGHTS[key] if name == "light" else key, key, count) for key, count in left.most_common())
    return [FacetValue(value, str(value), count, key in chosen) for value, key, count in named if value is not None]


def fitting(counted: Tallies, wanted: CaseFilter, fields: Iterable[str]) -> Tallies:
    """Return the tallies that fit what is chosen in some facets."""
    chosen = [(field, getattr(wanted, field)) for field in fields if getattr(wanted, field)]
    fits = [tally for tally in counted.all if all(_value(tally, field) in values for field, values in chosen)]
    return replace(counted, all=fits)


def _value(tally: Tally, field: str) -> object:
    value = getattr(tally, field)
    return NOBODY if value is None else value
