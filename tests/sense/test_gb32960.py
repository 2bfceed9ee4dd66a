"""GB/T 32960 streams: bodies, null values, refusals, and that segmentation never matters."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.sense.protocols import gb32960

VIN = b"LBIHUAN0000000001"
TIME = bytes([24, 3, 1, 8, 0, 0])


def frame(unit: bytes, *, command: int = 2, answer: int = 0xFE, encryption: int = 1, check: int | None = None) -> bytes:
    covered = bytes([command, answer]) + VIN + bytes([encryption]) + len(unit).to_bytes(2, "big") + unit
    return b"##" + covered + bytes([gb32960.check_byte(covered) if check is None else check])


def body(data: bytes) -> dict[str, object]:
    (got,) = gb32960.decode([frame(TIME + data)])
    assert got["ok"], got
    (only,) = got["bodies"]
    return dict(only)


def test_vehicle() -> None:
    data = (
        bytes([1, 1, 3, 1])
        + bytes.fromhex("012c0001e2400d4826fc")
        + bytes([77, 1, 0x2E])
        + bytes.fromhex("07d0")
        + bytes([10, 101])
    )
    assert body(data) == {
        "type": "vehicle",
        "vehicle_state": "started",
        "charge_state": "not_charging",
        "run_mode": "electric",
        "speed_kmh": 30.0,
        "mileage_km": 12345.6,
        "voltage_v": 340.0,
        "current_a": -2.0,
        "soc_percent": 77,
        "dcdc_state": "on",
        "gear": "D",
        "drive_force": True,
        "brake_force": False,
        "insulation_kohm": 2000,
        "accelerator_percent": 10,
        "brake_percent": None,
        "null_reasons": {"brake_percent": "applied_no_travel"},
    }


def test_a_null_element_is_named_by_its_place() -> None:
    got = body(bytes([9, 1, 1]) + (3).to_bytes(2, "big") + bytes([60, 0xFF, 0xFE]))
    (subsystem,) = got["subsystems"]  # type: ignore[misc]
    assert subsystem["probe_temps_c"] == [20, None, None]
    assert subsystem["null_reasons"] == {"probe_temps_c[1]": "invalid", "probe_temps_c[2]": "abnormal"}


def test_a_null_count_makes_the_list_null_and_nothing_of_it_follows() -> None:
    (got,) = gb32960.decode([frame(TIME + bytes([8, 0xFE]) + bytes([4, 1]) + bytes.fromhex("03e80064"))])
    cells, engine = got["bodies"]
    assert cells == {"type": "cell_voltages", "subsystems": None, "null_reasons": {"subsystems": "abnormal"}}
    assert engine == {"type": "engine", "state": "on", "crankshaft_rpm": 1000, "fuel_consumption_l_per_100km": 1.0}


def test_position_is_signed_by_its_status_bits() -> None:
    got = body(bytes([5, 0b110]) + (113_500_000).to_bytes(4, "big") + (37_870_000).to_bytes(4, "big"))
    assert got == {"type": "position", "valid": True, "lon_deg": -113.5, "lat_deg": -37.87}


def test_alarms_name_their_bits_and_keep_fault_codes() -> None:
    got = body(bytes([7, 2]) + (0x80001).to_bytes(4, "big") + bytes([1]) + b"\xff\xff\xff\xff" + bytes([0, 0xFF, 0]))
    assert got["flags"] == ["temperature_difference", "bit_19"]
    assert got["battery_faults"] == ["ffffffff"]
    assert got["engine_faults"] is None
    assert got["null_reasons"] == {"engine_faults": "invalid"}


def test_vendor_and_unknown_bodies_are_kept_raw() -> None:
    assert body(bytes([0x80, 0, 2, 0xAB, 0xCD])) == {"type": "vendor", "code": 0x80, "data_hex": "abcd"}
    assert body(bytes([0x0A, 1, 2])) == {"type": "unknown", "code": 10, "data_hex": "0102"}


def test_platform_login_never_shows_the_password() -> None:
    unit = TIME + (7).to_bytes(2, "big") + b"yangquan".ljust(12, b"\0") + b"secret".ljust(20, b"\0") + bytes([1])
    (got,) = gb32960.decode([frame(unit, command=5)])
    assert (got["serial"], got["username"], got["encryption"]) == (7, "yangquan", "none")
    assert "secret" not in json.dumps(got)


def test_vehicle_login() -> None:
    unit = TIME + (3).to_bytes(2, "big") + b"89860000000000000001" + bytes([2, 3]) + b"AB1AB2"
    (got,) = gb32960.decode([frame(unit, command=1)])
    assert (got["iccid"], got["subsystem_codes"]) == ("89860000000000000001", ["AB1", "AB2"])


def test_an_answer_carries_only_its_time_and_an_impossible_date_is_null() -> None:
    (got,) = gb32960.decode([frame(bytes([24, 13, 1, 0, 0, 0]), command=1, answer=1)])
    assert got == {
        "ok": True,
        "command": "vehicle_login",
        "answer": "success",
        "vin": VIN.decode(),
        "time": None,
        "bodies": [],
        "null_reasons": {"time": "invalid"},
    }


GOOD = frame(TIME)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"junk" + GOOD + b"x", ["bad_header", "ok", "bad_header"]),
        (frame(TIME, check=0x55), ["bad_bcc"]),
        (frame(TIME, check=0x55) + GOOD, ["bad_bcc", "ok"]),
        (frame(TIME, check=0x55) + b"x" + GOOD, ["bad_length", "ok"]),
        (frame(TIME, encryption=3) + GOOD, ["encrypted", "ok"]),
        (frame(TIME + bytes([4, 1])) + GOOD, ["bad_body", "ok"]),
        (frame(b"", command=7), ["ok"]),
        (frame(b""), ["bad_body"]),
        (GOOD[:10], ["truncated"]),
        (GOOD[:-1], ["truncated"]),
    ],
)
def test_faults_are_named_and_the_next_good_frame_is_found(stream: bytes, expected: list[str]) -> None:
    assert ["ok" if f["ok"] else f["error"] for f in gb32960.decode([stream])] == expected


pieces = st.sampled_from([GOOD, GOOD[:30], b"#", b"##", b"xyz", frame(TIME, check=1), frame(TIME + bytes([4]))])


@given(st.lists(pieces, max_size=6).map(b"".join), st.data())
def test_segmentation_never_changes_the_frames(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    edges = [0, *cuts, len(stream)]
    segments = [stream[a:b] for a, b in itertools.pairwise(edges)]
    assert gb32960.decode(segments) == gb32960.decode([stream])


@given(st.binary(max_size=200))
def test_any_data_unit_is_read_or_refused(unit: bytes) -> None:
    (got,) = gb32960.decode([frame(TIME + unit)])
    assert got["ok"] or got["error"] == "bad_body"
    json.dumps(got, allow_nan=False)
