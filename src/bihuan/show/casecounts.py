"""Open cases counted for the supervision office: a line for each type and each unit, every figure leading to its cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from bihuan.core.records.case import LIGHTS
from bihuan.show.rendering import query
from bihuan.store.case_conditions import NOBODY
from bihuan.store.case_tallies import Tally

SOON = timedelta(days=3)
"""What is due within it is nearly due."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and the list behind it."""

    count: int
    address: str


@dataclass(frozen=True, slots=True)
class Line:
    """How the open cases of one type or unit stand."""

    name: str
    open: Figure
    lights: dict[str, Figure]
    """Light -> how many."""
    overdue: Figure
    soon: Figure
    returned: Figure


def by_type(tallies: Iterable[Tally], name: Callable[[str | None], str]) -> list[Line]:
    """Return a line for each type, the one with most overdue first."""
    return _lines(tallies, "type", name)


def by_unit(tallies: Iterable[Tally], name: Callable[[str | None], str]) -> list[Line]:
    """Return a line for each leading unit, the one with most overdue first; cases nobody leads make a line too."""
    return _lines(tallies, "lead", name)


def whole(tallies: Iterable[Tally]) -> Line:
    """Return the line of all together."""
    return _line("", {}, list(tallies))


def _lines(tallies: Iterable[Tally], field: str, name: Callable[[str | None], str]) -> list[Line]:
    groups: dict[str | None, list[Tally]] = {}
    for tally in tallies:
        groups.setdefault(getattr(tally, field), []).append(tally)
    lines = [_line(name(value), {field: value or NOBODY}, found) for value, found in groups.items()]
    return sorted(lines, key=lambda line: (-line.overdue.count, -line.open.count, line.name))


def _line(name: str, chosen: dict[str, object], together: list[Tally]) -> Line:
    def figure(count: int, **more: object) -> Figure:
        return Figure(count, "/cases" + query(chosen, **more))

    lights = {light: sum(t.count for t in together if t.light == place) for place, light in enumerate(LIGHTS)}
    return Line(
        name,
        figure(sum(t.count for t in together)),
        {light: figure(count, light=light) for light, count in lights.items()},
        figure(sum(t.overdue for t in together), state="overdue"),
        figure(sum(t.soon for t in together), state="soon"),
        figure(sum(t.returned for t in together), state="returned"),
    )
