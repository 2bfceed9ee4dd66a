"""What clients write over NGSI-LD, seen by rules, roll-ups and history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.sense.devices import NOW, register, upload
from tests.show.test_ngsi_ld import URN, Asked
from tests.show.test_ngsi_ld_devices import ask, frames, here, subscribe, waiting

from bihuan.core.records.observation import Incoming, Quality
from bihuan.core.records.rule import Rule
from bihuan.sense import rolling
from bihuan.sense.ngsi_ld.hearing import Hearing
from bihuan.sense.ngsi_ld.landing import UNIT_CODES, Landing
from bihuan.sense.quality import Judge, Limits
from bihuan.sense.rolling import Rolling
from bihuan.sense.rules.book import RuleBook
from bihuan.sense.rules.running import RuleRunner
from bihuan.store import ngsi_ld, outbox, rollups, signals
from bihuan.store.connect import Store
from bihuan.store.entities import latest, numbers_of
from bihuan.store.lake import Lake
from bihuan.store.observations import ObservationWriter

__all__ = ["ask", "here"]
HIGH = Rule("high", "偏高", ("AirStation",), "pm25 > 75.0", "air.exceedance", "warning", "{name}{pm25}", "own")
AT = "2026-03-01T00:00:30Z"


@pytest.fixture
def landing(here: Store) -> Iterator[Landing]:
    one = Landing(here, {"pm25": "微克/立方米"}, Judge({"pm25": Limits(0, 1000)}))
    yield one
    one.close()


def make(ask: Asked, **attributes: Any) -> None:
    assert ask("POST", "/entities", json={"id": URN, "type": "AirStation", **attributes}).status_code == 201


def kept(store: Store) -> dict[str, Any]:
    with store.connection() as connection:
        return {name: (one.value, one.unit, one.quality) for name, one in latest(connection, [URN])[URN].items()}


def test_rules_and_roll_ups_see_what_a_client_wrote(ask: Asked, here: Store, landing: Landing, tmp_path: Path) -> None:
    runner = RuleRunner(here, RuleBook([HIGH]))
    runner.begin()
    with here.connection() as connection:
        outbox.start(connection, rolling.READER)
    make(ask, pm25={"value": 60, "observedAt": "2026-03-01T00:00:10Z"})
    ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": 80, "observedAt": AT})
    assert landing.land() == 2
    assert runner.run() == 2
    assert rolling.mark_new(here) == 2
    rolling.roll(here, Lake(tmp_path), Rolling(), settle=timedelta(0))
    with here.connection() as connection:
        (raised,) = signals.since(connection)
        number = numbers_of(connection, [URN])[URN]
        hours = rollups.span(connection, number, "hour", NOW, NOW + timedelta(hours=1))["pm25"]
    assert (raised.signal.kind, raised.signal.values["pm25"]) == ("air.exceedance", 80)
    assert [(fields["lowest"], fields["highest"]) for _, fields in hours] == [(60, 80)]


def test_a_reading_says_when_it_held_or_is_known_as_measured(ask: Asked, here: Store, landing: Landing) -> None:
    many = [{"value": 3, "datasetId": "urn:ngsi-ld:Dataset:other"}]
    make(ask, pm25=7, capacity=5, open={"value": True, "observedAt": AT}, name="一号站", height=many)
    landing.land()
    assert kept(here) == {
        "pm25": (7, "微克/立方米", Quality.written),
        "open": (True, None, Quality.written),
    }


def test_units_are_converted_once_and_what_cannot_be_is_not_kept(ask: Asked, here: Store, landing: Landing) -> None:
    make(ask, pm25={"value": 0.5, "unitCode": "GP"}, level={"value": 4, "unitCode": "2N", "observedAt": AT})
    landing.land()
    assert kept(here)["pm25"] == (500, "微克/立方米", Quality.written)
    assert kept(here)["level"] == (4, UNIT_CODES["2N"], Quality.written)
    ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": 4, "unitCode": "KWH"})
    assert landing.land() == 1
    assert kept(here)["pm25"][0] == 500
    ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": 5000, "unitCode": "GQ"})
    landing.land()
    assert kept(here)["pm25"][2] == Quality.written | Quality.out_of_range


def test_a_value_changed_under_its_old_time_counts_for_the_moment_of_the_request(
    ask: Asked, here: Store, landing: Landing
) -> None:
    make(ask, pm25={"value": 60, "observedAt": AT})
    ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": 61})
    ask("POST", "/entities", json={"id": "urn:ngsi-ld:AirStation:old", "type": "AirStation",
                                   "pm25": {"value": 1, "observedAt": "2020-01-01T00:00:00Z"}})  # fmt: skip
    landing.land()
    with here.connection() as connection:
        rows = connection.execute("select time from observation order by time").fetchall()
    assert [time for (time,) in rows] == [NOW + timedelta(seconds=30), here.clock()]


def test_what_was_kept_and_not_dropped_is_kept_once(
    ask: Asked, here: Store, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(ask, pm25={"value": 60, "observedAt": AT})

    def die(*arguments: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ngsi_ld, "drop_written", die)
        with pytest.raises(KeyboardInterrupt):
            landing.land()
    assert landing.land() == 1
    assert landing.land() == 0
    with here.connection() as connection:
        assert connection.execute("select count(*) from observation").fetchone() == (1,)


def test_what_cannot_be_kept_keeps_nobody_waiting(
    ask: Asked, here: Store, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(ask, pm25=10**400)
    ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": 60})
    ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": 61, "observedAt": AT})
    write = ObservationWriter.write

    def refuse(writer: ObservationWriter, batch: Sequence[Incoming], **more: Any) -> Any:
        if any(60 in message.values for message in batch):
            raise psycopg.DataError("no")
        return write(writer, batch, **more)

    monkeypatch.setattr(ObservationWriter, "write", refuse)
    assert landing.land() == 2
    assert landing.land() == 0
    assert kept(here)["pm25"][0] == 61


def test_a_client_is_not_told_twice_nor_shown_what_it_deleted(ask: Asked, here: Store, landing: Landing) -> None:
    register(here, 1)
    subscribe(ask)
    make(ask, pm25={"value": 60, "observedAt": AT, "method": "by eye"})
    landing.land()
    frames(here, upload("A1", NOW, 5))
    Hearing(replace(here, clock=lambda: NOW + timedelta(minutes=2))).hear()
    assert [(one["id"], one["pm25"]) for (one,) in waiting(here)] == [(URN, 60), ("urn:ngsi-ld:AirStation:1", 5)]
    assert ask("GET", f"/entities/{URN}").json()["pm25"]["method"]["value"] == "by eye"
    history = ask("GET", f"/temporal/entities/{URN}?options=temporalValues&attrs=pm25").json()
    assert history["pm25"]["values"] == [[60, AT]]
    assert ask("DELETE", f"/entities/{URN}/attrs/pm25").status_code == 204
    assert "pm25" not in ask("GET", f"/entities/{URN}").json()
