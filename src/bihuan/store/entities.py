"""Entities and their latest state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import PERIODS, Observation, Period
from bihuan.store.connect import Connection
from bihuan.store.rows import Layouts, Row, to_microseconds, unfolded
from bihuan.store.sql import statements

_SQL = statements("entities.sql")
_OBSERVATIONS = statements("observations.sql")
_LAYOUTS = Layouts()


def keep(connection: Connection, entities: Iterable[Entity], *, at: datetime) -> dict[str, int]:
    """Create or update entities; return their numbers by URN.

    An attribute that is not named stays as it was; `None` as its value removes nothing.
    """
    numbers = {}
    for entity in sorted(entities, key=lambda one: one.urn):
        values = {**asdict(entity), "attributes": Jsonb(dict(entity.attributes)), "at": at}
        found = connection.execute(_SQL["keep"], values).fetchone()
        assert found is not None
        numbers[entity.urn] = int(found[0])
    return numbers


def numbers_of(connection: Connection, urns: Sequence[str]) -> dict[str, int]:
    """Return the numbers of entities by URN; unknown ones are left out."""
    found = connection.execute(_SQL["by_urn"], {"urns": list(urns)}).fetchall()
    return {urn: number for number, urn in found}


def listed(
    connection: Connection,
    *,
    type: str | None = None,
    urns: Sequence[str] | None = None,
    numbers: Sequence[int] | None = None,
    after: int = 0,
    limit: int = 10_000,
) -> dict[int, Entity]:
    """Return entities by their numbers, in order of these; `after` is a page's cursor."""
    wanted = {"type": type, "urns": list(urns) if urns is not None else None, "after": after, "limit": limit,
              "numbers": list(numbers) if numbers is not None else None}  # fmt: skip
    return {number: Entity(*fields) for number, *fields in connection.execute(_SQL["listed"], wanted).fetchall()}


def pages(connection: Connection, type: str, *, size: int = 500) -> Iterator[dict[int, Entity]]:
    """Yield all entities of a type by their numbers, so many at a time."""
    after = 0
    while found := listed(connection, type=type, after=after, limit=size):
        yield found
        after = max(found)


def types(connection: Connection) -> dict[str, int]:
    """Return how many entities there are of each type."""
    return dict(connection.execute(_SQL["types"]).fetchall())


def latest(
    connection: Connection, urns: Sequence[str], *, period: Period | None = "now"
) -> dict[str, dict[str, Observation]]:
    """Return the newest observation of each attribute, by URN and attribute.

    Args:
        connection: an open transaction.
        urns: of the entities; unknown ones are left out.
        period: which statistic; None for the newest of any.
    """
    numbers = numbers_of(connection, urns)
    of_number = {number: urn for urn, number in numbers.items()}
    rows = latest_rows(connection, list(of_number), period=period)
    layouts = _LAYOUTS.of(connection, {row.layout for row in rows})
    state: dict[str, dict[str, Observation]] = {urn: {} for urn in numbers}
    for row in rows:  # oldest first: the newest message's value stands
        urn = of_number[row.entity]
        for attribute, unit, value, quality in unfolded(row, layouts[row.layout]):
            one = Observation(urn, attribute, row.time, value, unit, PERIODS[row.period], quality)
            state[urn][attribute] = one
    return state


def latest_rows(connection: Connection, entities: Sequence[int], *, period: Period | None) -> list[Row]:
    """Return the newest message of each kind of these entities, oldest first for each."""
    wanted = {"entities": list(entities), "period": None if period is None else PERIODS.index(period)}
    return [_row(*found) for found in connection.execute(_OBSERVATIONS["latest"], wanted).fetchall()]


def latest_rows_before(connection: Connection, entities: Sequence[int], before: datetime) -> list[Row]:
    """Return what `latest_rows` would have returned of period `now` before anything received at a time or later."""
    wanted = {"entities": list(entities), "period": PERIODS.index("now"), "before": before}
    return [_row(*found) for *found, _ in connection.execute(_OBSERVATIONS["latest_before"], wanted).fetchall()]


def _row(
    entity: int, period: int, layout: int, time: datetime, numbers: bytes, others: Any, quality: bytes | None
) -> Row:  # fmt: skip
    return Row(entity, period, layout, to_microseconds(time), bytes(numbers), others, quality and bytes(quality))


def move(connection: Connection, places: Mapping[int, tuple[float, float]], *, at: datetime) -> None:
    """Put entities where they are now: longitude and latitude by number."""
    if places:
        order = sorted(places)
        connection.execute(
            _SQL["move"],
            {"entities": order, "lons": [places[n][0] for n in order], "lats": [places[n][1] for n in order], "at": at},
        )
