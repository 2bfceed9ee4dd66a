"""Entities that tell their position are kept where they are now, so that whoever asks by place finds them there."""

from __future__ import annotations

from collections.abc import Sequence

from bihuan.core.records.observation import PERIODS, Layout, is_valid
from bihuan.store import entities, outbox
from bihuan.store.connect import Connection, Store
from bihuan.store.rows import Layouts, Row, unfolded

READER = "places"
LON, LAT = "lon_deg", "lat_deg"
_NOW = PERIODS.index("now")


class Places:
    """Follows what is kept and moves the entities that have moved; any number of processes may, in turn."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._layouts = Layouts()

    def begin(self) -> None:
        """Register as a reader of what is kept."""
        with self._store.connection() as connection:
            outbox.start(connection, READER)

    def follow(self) -> int:
        """Look at what is new and move what has moved; return how many group commits that was."""
        with self._store.connection() as connection:
            batches = outbox.take_batches(connection, READER, batches=200)
            rows = [row for _, kept in batches for row in kept if row.period == _NOW]
            layouts = self._layouts.of(connection, {row.layout for row in rows})
            told = {row.entity for row in rows if LON in layouts[row.layout].attributes}
            if told:
                entities.move(connection, self._latest(connection, sorted(told)), at=self._store.clock())
        return len(batches)

    def _latest(self, connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[float, float]]:
        """Return where entities are by the newest of what is kept: what comes late is no news of that."""
        rows = entities.latest_rows(connection, numbers, period="now")
        layouts = self._layouts.of(connection, {row.layout for row in rows})
        newest = sorted(rows, key=lambda row: row.time_us)
        return {row.entity: place for row in newest if (place := _place(row, layouts[row.layout]))}


def _place(row: Row, layout: Layout) -> tuple[float, float] | None:
    valid = {name: value for name, _, value, quality in unfolded(row, layout) if is_valid(quality)}
    lon, lat = valid.get(LON), valid.get(LAT)
    return (lon, lat) if isinstance(lon, float) and isinstance(lat, float) else None
