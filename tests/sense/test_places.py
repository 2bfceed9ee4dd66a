"""Whoever asks by place finds a vehicle where it is, not where it is registered."""

from __future__ import annotations

from datetime import timedelta

from tests.sense.devices import NOW

from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import Incoming, Layout, Quality
from bihuan.sense.places import Places
from bihuan.store import entities
from bihuan.store.connect import Store
from bihuan.store.observations import ObservationWriter

CAR = Entity("urn:ngsi-ld:Vehicle:1", "Vehicle", "一号车", 113.5, 37.8, synthetic=True)
WAY = Layout(("speed_kmh", "lon_deg", "lat_deg"), ("千米/时", "度", "度"))
SPEED = Layout(("speed_kmh",), ("千米/时",))


def test_an_entity_is_where_it_said_last_whatever_comes_late_or_is_invalid(store: Store) -> None:
    with store.connection() as connection:
        (number,) = entities.keep(connection, [CAR], at=NOW).values()

    def told(minute: int, values: list[float], layout: Layout = WAY, quality: int = 0) -> Incoming:
        at = NOW + timedelta(minutes=minute)
        marks = [quality] * len(values)
        return Incoming(number, at, "now", minute, layout, values, marks)

    def place() -> tuple[float | None, float | None]:
        places.follow()
        with store.connection() as connection:
            (found,) = entities.listed(connection, type="Vehicle").values()
        return found.lon, found.lat

    places = Places(store)
    places.begin()
    with store.connect() as connection:
        writer = ObservationWriter(connection)

        def say(*messages: Incoming) -> None:
            writer.write(list(messages), at=NOW + timedelta(hours=1), door="test")

        assert place() == (113.5, 37.8)
        say(told(1, [30.0, 113.61, 37.91]), told(2, [40.0, 113.62, 37.92]))
        assert place() == (113.62, 37.92)
        say(told(0, [30.0, 113.6, 37.9]), told(3, [20.0], SPEED))
        assert place() == (113.62, 37.92)
        say(told(4, [0.0, 0.0, 0.0], quality=Quality.out_of_range))
        assert place() == (113.62, 37.92)
        say(told(5, [10.0, 113.63, 37.93]))
        assert place() == (113.63, 37.93)
