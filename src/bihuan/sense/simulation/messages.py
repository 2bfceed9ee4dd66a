"""Frames of made-up devices, in the protocol each speaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from bihuan.sense.mqtt5 import packets
from bihuan.sense.protocols import PROTOCOLS, gb32960, hj212
from bihuan.sense.protocols.hj212.commands import number
from bihuan.sense.protocols.stream import Refused
from bihuan.sense.simulation.behaviour import readings, vehicle_place
from bihuan.sense.simulation.city import SECRET, Simulated
from bihuan.sense.times import CHINA

STATIONS = {"air": "22", "water": "21", "outlet": "31"}
"""ST by kind; the rest send under 99, which no standard gives away."""
_LARGEST, _PUBACK = 65_536, b"\x40\x02"


def frame(one: Simulated, at: datetime, seed: int) -> bytes:
    """Return what a device sends at a moment."""
    if one.device.protocol == "mqtt":
        return packets.publish(f"bihuan/{one.device.id}/up", payload(one, at, seed), number=_identifier(at))
    values = readings(one, at, seed)
    if one.device.protocol == "gb32960":
        return gb32960.encode(_vehicle(one, at, seed, values))
    head = {
        "QN": number(at),
        "ST": STATIONS.get(one.kind, "99"),
        "CN": "2011",
        "PW": SECRET,
        "MN": one.device.id,
        "Flag": "5",
    }
    return hj212.encode(head, None, {code: {"Rtd": value, "Flag": "N"} for code, value in values.items()},
                        at.replace(microsecond=0))  # fmt: skip


def payload(one: Simulated, at: datetime, seed: int) -> bytes:
    """Return what a device that speaks MQTT publishes at a moment; its secret it shows at CONNECT."""
    time = at.astimezone(CHINA).isoformat(timespec="milliseconds")
    return msgspec.json.encode({"time": time, "values": readings(one, at, seed)})


def greeting(one: Simulated) -> bytes:
    """Return what a device says when it has connected, before its first frame; nothing in most protocols."""
    if one.device.protocol != "mqtt":
        return b""
    return packets.connect(one.device.id, one.device.id, SECRET.encode(), keep_alive=10 * one.every_seconds)


def answers_of(one: Simulated) -> Callable[[bytes], int]:
    """Return what counts the good answers in the bytes that come back over a new connection."""
    if one.device.protocol == "mqtt":
        return _Acknowledgements().count
    stream = PROTOCOLS[one.device.protocol].reader()
    return lambda data: sum(not isinstance(answer, Refused) for answer in stream.feed(data))


class _Acknowledgements:
    """PUBACKs that say a message is kept."""

    def __init__(self) -> None:
        self._data = b""

    def count(self, data: bytes) -> int:
        self._data += data
        at, count = 0, 0
        while (body := packets.framed(self._data, at, _LARGEST)) is not None and body[1] <= len(self._data):
            count += self._data[at : body[0]] == _PUBACK
            at = body[1]
        self._data = self._data[at:]
        return count


def _identifier(at: datetime) -> int:
    return int(at.timestamp() * 1000) % 65_535 + 1


def _vehicle(one: Simulated, at: datetime, seed: int, values: dict[str, float]) -> dict[str, Any]:
    lon, lat, speed = vehicle_place(one, at, seed)
    vehicle = {
        "type": "vehicle",
        "vehicle_state": "started",
        "charge_state": "not_charging",
        "run_mode": "electric",
        "speed_kmh": speed,
        "mileage_km": round(at.timestamp() / 3600 % 400_000, 1),
        "voltage_v": values["voltage_v"],
        "current_a": values["current_a"],
        "soc_percent": int(values["soc_percent"]),
        "dcdc_state": "on",
        "gear": "D",
        "drive_force": True,
        "brake_force": False,
        "insulation_kohm": 2000,
        "accelerator_percent": 20,
        "brake_percent": 0,
    }
    temp = int(values["temp_c"])
    extremes: dict[str, float] = {
        f"{side}_{what}": 1
        for side in ("max", "min")
        for what in ("voltage_subsystem", "voltage_cell", "temp_subsystem", "temp_probe")
    }
    extremes |= {"max_voltage_v": 3.71, "min_voltage_v": 3.66, "max_temp_c": temp, "min_temp_c": temp - 4}
    level = int(values["alarm"])
    alarms = {"max_level": level, "flags": ["battery_high_temperature"] if level else []}
    alarms |= {name: [] for name in ("battery_faults", "motor_faults", "engine_faults", "other_faults")}
    bodies = [vehicle, {"type": "position", "valid": True, "lon_deg": lon, "lat_deg": lat},
              {"type": "extremes", **extremes}, {"type": "alarms", **alarms}]  # fmt: skip
    time = at.astimezone(CHINA).isoformat(timespec="seconds")
    return {"command": "realtime", "vin": one.device.id, "time": time, "bodies": bodies}
