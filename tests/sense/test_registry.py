"""A gateway reads of the registry what has changed, also what was changed while it was reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bihuan.core.records.entity import Device, Entity
from bihuan.sense.gateway.registry import ChangedDevices, Registry
from bihuan.store import devices, entities
from bihuan.store.connect import Connection, Store

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
URN = "urn:ngsi-ld:AirStation:1"


def keep(connection: Connection, names: Sequence[str], protocol: str = "hj212", **more: object) -> None:
    entities.keep(connection, [Entity(URN, "AirStation", "站")], at=NOW)
    devices.register(connection, [Device(protocol, name, URN, **more) for name in names], at=NOW)  # type: ignore[arg-type]


def settled(store: Store, registry: Registry, reader: ChangedDevices) -> int:
    """Look until nothing is read any more, and return how many rows the last look read; other tests' transactions may be open."""
    registry.reload()
    before = reader.read
    registry.reload()
    return reader.read - before


def test_after_the_first_look_only_what_changed_is_read(store: Store) -> None:
    with store.connection() as connection:
        keep(connection, [f"M{n}" for n in range(500)])
        keep(connection, ["V1"], "gb32960")
    reader = ChangedDevices(store, "hj212")
    registry = Registry(reader)
    assert reader.read == 500
    with store.connection() as connection:
        keep(connection, [f"M{n}" for n in range(500)])  # as it was: nothing changes
    registry.reload()
    assert reader.read == 500
    with store.connection() as connection:
        keep(connection, ["M7"], sends={"pm25": "毫克/立方米"})
        keep(connection, ["new"])
        devices.switch(connection, "hj212", "M8", active=False)
    registry.reload()
    assert reader.read == 503
    known = registry.get("M7")
    assert known is not None
    assert known.sends == {"pm25": "毫克/立方米"}
    assert registry.get("new") is not None
    assert registry.get("M8") is None
    assert registry.get("M9") is not None
    assert settled(store, registry, reader) == 0


def test_a_change_that_was_under_way_at_a_look_is_found_by_the_next(store: Store) -> None:
    reader = ChangedDevices(store, "hj212")
    registry = Registry(reader)
    with store.connect() as slow:
        keep(slow, ["slow"])  # its transaction began before that of the next, and ends after it
        with store.connection() as quick:
            entities.keep(quick, [Entity("urn:ngsi-ld:AirStation:2", "AirStation", "站")], at=NOW)
            devices.register(quick, [Device("hj212", "quick", "urn:ngsi-ld:AirStation:2")], at=NOW)
        registry.reload()
        assert registry.get("quick") is not None
        assert registry.get("slow") is None
        slow.commit()
    registry.reload()
    assert registry.get("slow") is not None


def test_a_secret_that_was_changed_counts_and_the_old_one_no_more(store: Store) -> None:
    with store.connection() as connection:
        keep(connection, ["M1"], secret="123456")
    registry = Registry(ChangedDevices(store, "hj212"))
    before = registry.get("M1")
    assert before is not None
    assert registry.is_secret(before, "123456")
    with store.connection() as connection:
        keep(connection, ["M1"], secret="654321")
    registry.reload()
    after = registry.get("M1")
    assert after is not None
    assert registry.is_secret(after, "654321")
    assert not registry.is_secret(after, "123456")
