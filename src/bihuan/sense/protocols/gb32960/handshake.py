"""How a talk over GB/T 32960 goes on: logins, data, and the answers once they are kept (clause 6)."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from bihuan.core.errors import InputError
from bihuan.core.records.observation import Layout
from bihuan.sense.protocols.gb32960.encode import answer_to, time_answer
from bihuan.sense.protocols.plugin import Command, Step, Upload, key_of
from bihuan.sense.protocols.stream import Frame

_ANSWERED = frozenset(
    {"vehicle_login", "realtime", "resent", "vehicle_logout", "platform_login", "platform_logout", "heartbeat"}
)
_EVENTS = frozenset({"vehicle_login", "vehicle_logout", "platform_login", "platform_logout"})
_TOLD = ("serial", "iccid", "username", "subsystem_codes")
_UNITS = {
    "kmh": "公里/小时",
    "km": "公里",
    "v": "伏",
    "a": "安",
    "percent": "%",
    "c": "摄氏度",
    "kohm": None,
    "mpa": "兆帕",
}
"""By the end of a field's name."""
_PREFIXED = frozenset({"fuel_cell", "engine", "extremes", "alarms"})
"""Bodies whose fields would be mistaken for another's without the body's name."""


class Conversation:
    """One connection: a vehicle's, or a platform's that speaks for many vehicles."""

    def receive(self, frame: Frame, raw: bytes, *, edition: str | None = None) -> Step:
        """Return what a frame leads to; see `plugin.Conversation`."""
        command = frame["command"]
        step = Step(frame["vin"] or None)
        if frame["answer"] != "command":
            return step
        if command in _ANSWERED:
            step.answer, step.refusal = answer_to(raw, "success"), answer_to(raw, "error")
        if command in ("realtime", "resent") and frame["time"] is not None:
            step.upload = _upload(frame)
        elif command in _EVENTS and frame["time"] is not None:
            step.upload = _event(frame)
        step.facts = {"asks_time": True} if command == "time_check" else {}
        return step


def _upload(frame: Frame) -> Upload:
    values: dict[str, Any] = {}
    for body in frame["bodies"]:
        values.update(_attributes(body))
    layout = _layout(tuple(values))
    resent = frame["command"] == "resent"
    # The same second may be sent live and again afterwards: (VIN, command, time) tells messages apart.
    key = key_of(frame["command"], frame["time"])
    return Upload(datetime.fromisoformat(frame["time"]), "now", key, layout, list(values.values()), None, resent)


def _event(frame: Frame) -> Upload:
    """A login or logout is kept as what the vehicle did then."""
    told = {"event": frame["command"], **{name: frame[name] for name in _TOLD if frame.get(name) is not None}}
    key = key_of(frame["command"], frame["time"])
    return Upload(datetime.fromisoformat(frame["time"]), "now", key, _layout(tuple(told)), list(told.values()))


@lru_cache(maxsize=1024)
def _layout(names: tuple[str, ...]) -> Layout:
    return Layout(names, tuple(_UNITS.get(name.rsplit("_", 1)[-1]) for name in names))


def _attributes(body: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of one body: `speed_kmh`, `motor_1_temp_c`, `cell_voltages_v` as one list a subsystem."""
    kind = body["type"]
    if kind == "motors":
        return _numbered("motor", body["motors"] or [])
    if kind in ("cell_voltages", "probe_temps"):
        return _numbered("battery", body["subsystems"] or [])
    if kind == "position":
        return _location(body)
    if kind in ("vendor", "unknown"):
        return {f"{kind}_{body['code']:02x}": body["data_hex"]}
    prefix = f"{kind}_" if kind in _PREFIXED else ""
    return {f"{prefix}{name}": value for name, value in body.items() if name not in ("type", "null_reasons")}


def _numbered(prefix: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        f"{prefix}_{part['number']}_{name}": value
        for part in parts
        for name, value in part.items()
        if name not in ("number", "null_reasons")
    }


def _location(body: dict[str, Any]) -> dict[str, Any]:
    """A position without a fix is the last one: it is told, but the vehicle is not put there."""
    if not body["valid"] or body["lon_deg"] is None or body["lat_deg"] is None:
        return {"position_valid": False}
    point = {"type": "Point", "coordinates": [body["lon_deg"], body["lat_deg"]]}
    return {"position_valid": True, "lon_deg": body["lon_deg"], "lat_deg": body["lat_deg"], "location": point}


def tell_time(frame: Frame, raw: bytes, now: datetime) -> bytes:
    """Return the answer to a vehicle that asks for the time."""
    return time_answer(raw, now)


def no_command(asked: Command) -> bytes:
    """Refuse: what a platform may ask of a vehicle (0x80 to 0x82) lies with its maker's platform."""
    raise InputError(
        f"command {asked.code} cannot be sent: GB/T 32960 vehicles are only listened to", where=asked.device
    )
