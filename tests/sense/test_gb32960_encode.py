"""What is written in GB/T 32960 is read back as it was, every body, every null."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sense import gb32960_strategies as strategies

from bihuan.core.errors import InputError
from bihuan.sense.protocols import gb32960
from bihuan.sense.protocols.gb32960.encode import answer_to, time_answer
from bihuan.sense.protocols.gb32960.frames import reader
from bihuan.sense.protocols.gb32960.handshake import Conversation

VIN = "LBIHUAN0000000001"
TIME = "2026-03-01T08:00:00+08:00"


def realtime(bodies: list[dict[str, Any]], command: str = "realtime") -> dict[str, Any]:
    return {"ok": True, "command": command, "answer": "command", "vin": VIN, "time": TIME, "bodies": bodies}


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(strategies.bodies())
def test_bodies_are_read_as_they_were_written(bodies: list[dict[str, Any]]) -> None:
    frame = realtime(bodies)
    assert gb32960.decode([gb32960.encode(frame)]) == [frame]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(strategies.bodies(), st.data())
def test_a_frame_cut_short_never_gives_a_value(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    sent = gb32960.encode(realtime(bodies))
    end = data.draw(st.integers(2, len(sent) - 1))
    assert all(not frame["ok"] for frame in gb32960.decode([sent[:end]]))


@pytest.mark.parametrize(
    "frame",
    [
        {
            "command": "vehicle_login",
            "serial": 7,
            "iccid": "8986",
            "subsystem_count": 2,
            "subsystem_codes": ["A1", "B2"],
        },
        {"command": "vehicle_login", "serial": 7, "iccid": "", "subsystem_count": 0, "subsystem_codes": []},
        {"command": "vehicle_logout", "serial": None, "null_reasons": {"serial": "abnormal"}},
        {"command": "platform_login", "serial": 1, "username": "yangquan", "encryption": "none"},
        {"command": "platform_logout", "serial": 9},
        {"command": "heartbeat", "time": None},
        {"command": "time_check", "time": None},
        {"command": "vehicle_login", "answer": "vin_duplicate"},
        {"command": "0x82", "answer": 9},
    ],
)
def test_logins_and_answers_are_read_as_they_were_written(frame: dict[str, Any]) -> None:
    whole = {"ok": True, "answer": "command", "vin": VIN, "time": TIME, "bodies": [], **frame}
    sent = gb32960.encode(whole, password="not to be seen")
    assert gb32960.decode([sent]) == [whole]
    assert b"not to be seen" not in repr(gb32960.decode([sent])).encode()


@pytest.mark.parametrize(
    ("field", "value"), [("speed_kmh", 9000), ("soc_percent", -1), ("soc_percent", 254), ("vehicle_state", "flying")]
)
def test_what_does_not_fit_its_field_is_refused(field: str, value: object) -> None:
    names = (
        "vehicle_state charge_state run_mode speed_kmh mileage_km voltage_v current_a soc_percent dcdc_state".split()
    )
    names += ["insulation_kohm", "accelerator_percent", "brake_percent"]
    body = {"type": "vehicle", "gear": "D", "drive_force": True, "brake_force": False, **dict.fromkeys(names)}
    with pytest.raises(InputError, match=field):
        gb32960.encode(realtime([{**body, field: value}]))


def test_a_position_becomes_a_place_only_with_a_fix() -> None:
    bodies = [{"type": "position", "valid": True, "lon_deg": 113.58, "lat_deg": 37.86}]
    step = receive(gb32960.encode(realtime(bodies)))
    assert step.upload is not None
    values = dict(zip(step.upload.layout.attributes, step.upload.values, strict=True))
    assert values["location"] == {"type": "Point", "coordinates": [113.58, 37.86]}
    without = receive(gb32960.encode(realtime([{**bodies[0], "valid": False}])))
    assert without.upload is not None
    assert without.upload.layout.attributes == ("position_valid",)


def receive(sent: bytes) -> Any:
    ((frame, raw),) = reader().feed_with_bytes(sent)
    assert raw == sent
    return Conversation().receive(frame, raw)


def test_live_and_resent_data_are_two_messages_and_a_repeat_is_one() -> None:
    bodies = [{"type": "engine", "state": "on", "crankshaft_rpm": 900, "fuel_consumption_l_per_100km": 7.5}]
    live, again, resent = (receive(gb32960.encode(realtime(bodies, c))) for c in ("realtime", "realtime", "resent"))
    assert live.upload.key == again.upload.key != resent.upload.key
    assert resent.upload.late_by_protocol


def test_answers_repeat_head_and_time() -> None:
    sent = gb32960.encode(realtime([]))
    (ok,) = gb32960.decode([answer_to(sent, "success")])
    assert (ok["command"], ok["answer"], ok["vin"], ok["time"]) == ("realtime", "success", VIN, TIME)
    asked = gb32960.encode({"command": "time_check", "vin": VIN})
    (told,) = gb32960.decode([time_answer(asked, datetime(2026, 3, 1, tzinfo=UTC))])
    assert told["time"] == TIME
