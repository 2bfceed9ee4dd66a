"""History in from a file and out to one; the registry from a file; the pack's part on devices; the worked example."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from tests.sense.devices import NOW

from bihuan.core.errors import FormatError, InputError, PackError
from bihuan.core.records.entity import Entity
from bihuan.sense.backfill import fill
from bihuan.sense.export import write
from bihuan.sense.registration import register_file
from bihuan.sense.rollups import MONITORING
from bihuan.sense.setting import limits_of, rolling_of, units_of
from bihuan.store import devices, entities
from bihuan.store.connect import Store
from bihuan.store.history import history
from bihuan.store.lake import Lake
from bihuan.store.packs import load_pack
from bihuan.store.sensing import load_sensing

USER = "urn:ngsi-ld:EnergyUser:1"
CSV = f"""entity,attribute,time,value,unit
{USER},power_kw,2026-03-01T08:00:00,2,兆瓦
{USER},energy_kwh,2026-03-01T08:00:00,10,
{USER},power_kw,2026-03-01T00:10:00+00:00,2100,千瓦
{USER},power_kw,yesterday,1,
{USER},power_kw,2026-03-01T09:00:00,1,吨
urn:nobody,power_kw,2026-03-01T09:00:00,1,
"""


@pytest.fixture
def user(store: Store) -> str:
    with store.connection() as connection:
        entities.keep(connection, [Entity(USER, "EnergyUser", "甲厂")], at=NOW)
    return USER


def read(store: Store, lake: Path) -> dict[str, Any]:
    with store.connection() as connection:
        return history(connection, Lake(lake), USER, [], NOW - timedelta(days=1), NOW + timedelta(days=1))


def test_a_file_is_taken_in_once_in_canonical_units_and_wrong_rows_are_told(
    store: Store, user: str, tmp_path: Path
) -> None:
    path = tmp_path / "old.csv"
    path.write_text(CSV, encoding="utf-8")
    units = units_of(load_sensing(load_pack("yangquan").folder))
    first, again = fill(store, path, units), fill(store, path, units)
    assert (first.new, first.repeated, first.refused_rows) == (2, 0, 3)
    assert (again.new, again.repeated) == (0, 2)
    assert [fault.split(":")[0] for fault in first.refused] == ["row 4", "row 5", "row 6"]
    found = read(store, tmp_path)
    assert found["power_kw"].values.tolist() == [2000.0, 2100.0]
    assert (found["power_kw"].unit, found["energy_kwh"].values.tolist()) == ("千瓦", [10.0])


def test_what_is_exported_can_be_taken_in_again(store: Store, user: str, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text(CSV, encoding="utf-8")
    fill(store, path, {})
    before = {name: series.values.tolist() for name, series in read(store, tmp_path).items()}
    for name in ("out.parquet", "out.csv", "out.xlsx"):
        assert write(read(store, tmp_path).values(), tmp_path / name) == 4
    with store.connection() as connection:
        connection.execute("delete from observation")
    fill(store, tmp_path / "out.parquet", {})
    assert {name: series.values.tolist() for name, series in read(store, tmp_path).items()} == before
    assert len(CalamineWorkbook.from_path(tmp_path / "out.xlsx").get_sheet_by_index(0).to_python()) == 1 + 4
    with pytest.raises(InputError, match="no format"):
        write([], tmp_path / "out.doc")


@pytest.mark.parametrize("text", ["", "entity,time\na,b\n", "\x00\x01"])
def test_a_file_that_is_no_table_of_observations_is_refused(store: Store, tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(FormatError):
        fill(store, path, {})


def test_devices_are_registered_from_a_file_all_or_none(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "devices.jsonl"
    entity = {"urn": USER, "type": "EnergyUser", "name": "甲厂", "district": "郊区"}
    good = {"protocol": "hj212", "id": "M1", "secret": "123456", "expected_seconds": 60, "entity": entity}
    path.write_text(json.dumps(good) + "\n\n" + json.dumps({**good, "protocol": "fax"}), encoding="utf-8")
    with pytest.raises(InputError, match=r"line 3.*fax"):
        register_file(store, path)
    path.write_text(
        json.dumps(good) + "\n" + json.dumps({"protocol": "gb32960", "id": "V1", "entity": USER}), encoding="utf-8"
    )
    assert register_file(store, path) == 2
    with store.connection() as connection:
        assert [(one.id, one.district) for one in devices.states(connection)] == [("V1", "郊区"), ("M1", "郊区")]
        known = devices.registered(connection, "hj212")["M1"]
        assert devices.is_secret(known, "123456")
        assert not devices.is_secret(known, "654321")
        assert "123456" not in (known.secret or "")
        devices.switch(connection, "hj212", "M1", active=False)
        assert not devices.registered(connection, "hj212")["M1"].active


def test_the_pack_tells_limits_counters_and_practice() -> None:
    sensing = load_sensing(load_pack("yangquan").folder)
    limits, rolling = limits_of(sensing), rolling_of(sensing)
    assert (limits["methane_percent"].highest, limits["cod"].lowest) == (100, 0)
    assert set(rolling.counters) >= {"energy_kwh", "energy_tce"}
    assert rolling.practices["AirStation"] == MONITORING
    assert load_sensing(Path("/nonexistent")).attributes == {}


def test_faults_of_the_pack_are_told_with_their_lines(tmp_path: Path) -> None:
    folder = tmp_path / "devices"
    folder.mkdir()
    (folder / "attributes.yaml").write_text(
        "- {id: Power, name: 甲, english: A}\n- {id: b, name: 乙, english: B, highest: much, unit: 嗨}\n"
    )
    (folder / "policy.yaml").write_text("hot_days: none\n")
    with pytest.raises(PackError) as caught:
        load_sensing(tmp_path)
    for place in (
        "attributes.yaml:1: id",
        "attributes.yaml:2: highest",
        "attributes.yaml:2: unit",
        "policy.yaml:1: hot_days",
    ):
        assert place in caught.value.message


def test_the_worked_example_of_a_protocol_works() -> None:
    text = Path("docs/how-to/add-a-protocol.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert code is not None
    module: dict[str, Any] = {}
    exec(code[1], module)
    sent = module["encode"]("T9", NOW, 21.5)
    for cut in range(len(sent)):
        stream = module["reader"]()
        ((frame, raw),) = [*stream.feed_with_bytes(sent[:cut]), *stream.feed_with_bytes(sent[cut:])]
        step = module["PROTOCOL"].handshake().receive(frame, raw)
        assert (step.device, step.upload.values, step.upload.time, step.answer) == ("T9", [21.5], NOW, b"ok\n")
    assert module["decode"]([sent[:-4]]) == [{"ok": False, "error": "truncated"}]
    assert module["decode"]([sent.replace(b"21.5", b"91.5")])[0]["error"] == "bad_check"
