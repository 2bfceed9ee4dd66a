"""GB/T 32960.3-2016: how electric vehicles report (电动汽车远程服务与管理系统技术规范, part 3).

A frame is `##`, command, answer, a 17-byte VIN, an encryption byte, the data unit's length, the data unit, and the
exclusive-or of all bytes from the command on. Tables named below are those of the standard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bihuan.sense.protocols.stream import START, Frame, FrameReader, Refused, Scanned

COMMANDS = {
    1: "vehicle_login",
    2: "realtime",
    3: "resent",
    4: "vehicle_logout",
    5: "platform_login",
    6: "platform_logout",
    7: "heartbeat",
    8: "time_check",
}
"""Table 3."""
ANSWERS = {0x01: "success", 0x02: "error", 0x03: "vin_duplicate", 0xFE: "command"}
"""Table 4."""
ALARMS = (
    "temperature_difference",
    "battery_high_temperature",
    "pack_overvoltage",
    "pack_undervoltage",
    "soc_low",
    "cell_overvoltage",
    "cell_undervoltage",
    "soc_high",
    "soc_jump",
    "pack_mismatch",
    "cell_inconsistency",
    "insulation",
    "dcdc_temperature",
    "brake_system",
    "dcdc_status",
    "motor_controller_temperature",
    "high_voltage_interlock",
    "motor_temperature",
    "pack_overcharge",
)
"""Table 18, from bit 0."""

_HEAD = 24
_NOT_ENCRYPTED = 0x01
_BRAKE_APPLIED_NO_TRAVEL = 101


class _RunsPast(Exception):
    """The contents ask for more bytes than the data unit has."""


@dataclass(slots=True)
class _Unit:
    """A data unit being read from front to back."""

    data: bytes
    at: int = 0

    @property
    def left(self) -> int:
        return len(self.data) - self.at

    def take(self, count: int) -> bytes:
        if self.left < count:
            raise _RunsPast
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), "big")

    def text(self, width: int) -> str:
        return self.take(width).decode("ascii", errors="replace").rstrip("\0 ")


@dataclass(slots=True)
class _Reading:
    """One object of the answer, its fields filled in order; has `null_reasons` only where something is null."""

    unit: _Unit
    fields: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def done(self) -> dict[str, Any]:
        return {**self.fields, "null_reasons": self.reasons} if self.reasons else self.fields

    def number(self, name: str, width: int, scale: int = 1, offset: int = 0) -> None:
        """Read a number: (raw − offset) / scale, or null where it was sent as invalid or abnormal."""
        raw = self._sent(name, width)
        shifted = None if raw is None else raw - offset
        self.fields[name] = shifted if shifted is None or scale == 1 else shifted / scale

    def choice(self, name: str, names: dict[int, str]) -> None:
        """Read a one-byte enumeration; a code the standard does not name comes as its number."""
        raw = self._sent(name, 1)
        self.fields[name] = None if raw is None else names.get(raw, raw)

    def count(self, name: str, width: int = 1) -> int | None:
        """Read the count of the list `name`; where it is null the list is, and nothing of it follows."""
        raw = self._sent(name, width)
        if raw is None:
            self.fields[name] = None
        return raw

    def numbers(self, name: str, count: int | None, width: int, scale: int = 1, offset: int = 0) -> None:
        """Read a list of numbers whose count was read before."""
        if count is None:
            return
        shifted = []
        for index in range(count):
            raw = self._sent(f"{name}[{index}]", width)
            shifted.append(None if raw is None else (raw - offset) / scale if scale != 1 else raw - offset)
        self.fields[name] = shifted

    def _sent(self, name: str, width: int) -> int | None:
        raw = self.unit.number(width)
        all_ones = (1 << 8 * width) - 1
        if raw < all_ones - 1:
            return raw
        self.reasons[name] = "invalid" if raw == all_ones else "abnormal"
        return None


def _vehicle(r: _Reading) -> None:
    r.choice("vehicle_state", {1: "started", 2: "off", 3: "other"})
    r.choice("charge_state", {1: "parked_charging", 2: "driving_charging", 3: "not_charging", 4: "charge_complete"})
    r.choice("run_mode", {1: "electric", 2: "hybrid", 3: "fuel"})
    r.number("speed_kmh", 2, scale=10)
    r.number("mileage_km", 4, scale=10)
    r.number("voltage_v", 2, scale=10)
    r.number("current_a", 2, scale=10, offset=10_000)
    r.number("soc_percent", 1)
    r.choice("dcdc_state", {1: "on", 2: "off"})
    _gear(r, r.unit.number(1))
    r.number("insulation_kohm", 2)
    r.number("accelerator_percent", 1)
    r.number("brake_percent", 1)
    if r.fields["brake_percent"] == _BRAKE_APPLIED_NO_TRAVEL:
        r.fields["brake_percent"], r.reasons["brake_percent"] = None, "applied_no_travel"


def _gear(r: _Reading, raw: int) -> None:
    """Table A.1: bit 5 driving force, bit 4 braking force, bits 3–0 the gear."""
    named = {0: "N", 13: "R", 14: "D", 15: "P"}
    r.fields["gear"] = named.get(raw & 0x0F, str(raw & 0x0F))
    r.fields["drive_force"] = bool(raw & 0x20)
    r.fields["brake_force"] = bool(raw & 0x10)


def _motor(r: _Reading) -> None:
    r.number("number", 1)
    r.choice("state", {1: "consuming", 2: "generating", 3: "off", 4: "ready"})
    r.number("controller_temp_c", 1, offset=40)
    r.number("speed_rpm", 2, offset=20_000)
    r.number("torque_nm", 2, scale=10, offset=20_000)
    r.number("temp_c", 1, offset=40)
    r.number("controller_voltage_v", 2, scale=10)
    r.number("controller_current_a", 2, scale=10, offset=10_000)


def _fuel_cell(r: _Reading) -> None:
    r.number("voltage_v", 2, scale=10)
    r.number("current_a", 2, scale=10)
    r.number("fuel_consumption_kg_per_100km", 2, scale=100)
    r.numbers("probe_temps_c", r.count("probe_temps_c", 2), 1, offset=40)
    r.number("hydrogen_max_temp_c", 2, scale=10, offset=400)
    r.number("hydrogen_max_temp_probe", 1)
    r.number("hydrogen_max_concentration_mg_per_kg", 2)
    r.number("hydrogen_max_concentration_sensor", 1)
    r.number("hydrogen_max_pressure_mpa", 2, scale=10)
    r.number("hydrogen_max_pressure_sensor", 1)
    r.choice("dcdc_state", {1: "on", 2: "off"})


def _engine(r: _Reading) -> None:
    r.choice("state", {1: "on", 2: "off"})
    r.number("crankshaft_rpm", 2)
    r.number("fuel_consumption_l_per_100km", 2, scale=100)


def _position(r: _Reading) -> None:
    status = r.unit.number(1)
    r.fields["valid"] = not status & 1
    for name, negative in (("lon_deg", status & 4), ("lat_deg", status & 2)):
        r.number(name, 4, scale=1_000_000)
        if negative and r.fields[name] is not None:
            r.fields[name] = -r.fields[name]


def _extremes(r: _Reading) -> None:
    for side in ("max", "min"):
        r.number(f"{side}_voltage_subsystem", 1)
        r.number(f"{side}_voltage_cell", 1)
        r.number(f"{side}_voltage_v", 2, scale=1000)
    for side in ("max", "min"):
        r.number(f"{side}_temp_subsystem", 1)
        r.number(f"{side}_temp_probe", 1)
        r.number(f"{side}_temp_c", 1, offset=40)


def _alarms(r: _Reading) -> None:
    r.number("max_level", 1)
    bits = r.unit.number(4)
    names = (*ALARMS, *(f"bit_{bit}" for bit in range(len(ALARMS), 32)))
    r.fields["flags"] = [name for bit, name in enumerate(names) if bits >> bit & 1]
    for name in ("battery_faults", "motor_faults", "engine_faults", "other_faults"):
        count = r.count(name)
        if count is not None:
            r.fields[name] = [r.unit.take(4).hex() for _ in range(count)]


def _cell_voltages(r: _Reading) -> None:
    r.number("number", 1)
    r.number("voltage_v", 2, scale=10)
    r.number("current_a", 2, scale=10, offset=10_000)
    r.number("cell_count", 2)
    r.number("first_cell", 2)
    r.numbers("cell_voltages_v", r.count("cell_voltages_v"), 2, scale=1000)


def _probe_temps(r: _Reading) -> None:
    r.number("number", 1)
    r.numbers("probe_temps_c", r.count("probe_temps_c", 2), 1, offset=40)


def _list_of(name: str, part: Callable[[_Reading], None]) -> Callable[[_Reading], None]:
    def read(r: _Reading) -> None:
        count = r.count(name)
        if count is not None:
            r.fields[name] = [_filled(r.unit, part) for _ in range(count)]

    return read


def _filled(unit: _Unit, part: Callable[[_Reading], None]) -> dict[str, Any]:
    reading = _Reading(unit)
    part(reading)
    return reading.done()


BODIES: dict[int, tuple[str, Callable[[_Reading], None]]] = {
    1: ("vehicle", _vehicle),
    2: ("motors", _list_of("motors", _motor)),
    3: ("fuel_cell", _fuel_cell),
    4: ("engine", _engine),
    5: ("position", _position),
    6: ("extremes", _extremes),
    7: ("alarms", _alarms),
    8: ("cell_voltages", _list_of("subsystems", _cell_voltages)),
    9: ("probe_temps", _list_of("subsystems", _probe_temps)),
}
"""Information bodies by their type flag (table 6), tables 7–19."""


def _body(unit: _Unit) -> dict[str, Any]:
    code = unit.number(1)
    if code in BODIES:
        name, part = BODIES[code]
        return {"type": name, **_filled(unit, part)}
    if 0x80 <= code <= 0xFE:
        return {"type": "vendor", "code": code, "data_hex": unit.take(unit.number(2)).hex()}
    return {"type": "unknown", "code": code, "data_hex": unit.take(unit.left).hex()}


def _time(r: _Reading) -> None:
    year, month, day, hour, minute, second = r.unit.take(6)
    try:
        moment = datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001 Chinese time by the standard
    except ValueError:
        r.fields["time"], r.reasons["time"] = None, "invalid"
    else:
        r.fields["time"] = f"{moment.isoformat()}+08:00"


def _vehicle_login(r: _Reading) -> None:
    r.number("serial", 2)
    r.fields["iccid"] = r.unit.text(20)
    count = r.count("subsystem_count")
    r.fields["subsystem_count"] = count
    length = r.unit.number(1)
    codes = [r.unit.text(length) for _ in range(count or 0)] if length else []
    r.fields["subsystem_codes"] = None if count is None else codes


def _platform_login(r: _Reading) -> None:
    r.number("serial", 2)
    r.fields["username"] = r.unit.text(12)
    r.unit.take(20)  # the password is read past and never put out
    r.choice("encryption", {1: "none", 2: "rsa", 3: "aes128"})


def _logout(r: _Reading) -> None:
    r.number("serial", 2)


def _bodies(r: _Reading) -> None:
    while r.unit.left:
        r.fields["bodies"].append(_body(r.unit))


CONTENTS: dict[int, Callable[[_Reading], None]] = {
    1: _vehicle_login,
    2: _bodies,
    3: _bodies,
    4: _logout,
    5: _platform_login,
    6: _logout,
}
"""What follows the time in a command; the others carry nothing that is read."""
_TIMELESS = frozenset({7, 8})


def read_frame(frame: bytes) -> Frame | Refused:
    """Return the contents of one whole frame whose check byte is right, or its refusal.

    Refusals: `encrypted`, and `bad_body` where the contents run past the data unit.
    """
    command, answer = frame[2], frame[3]
    if frame[21] != _NOT_ENCRYPTED:
        return Refused("encrypted")
    unit = _Unit(frame[_HEAD:-1])
    r = _Reading(unit)
    r.fields = {
        "ok": True,
        "command": COMMANDS.get(command, f"0x{command:02x}"),
        "answer": ANSWERS.get(answer, answer),
        "vin": frame[4:21].decode("ascii", errors="replace").rstrip("\0 "),
        "time": None,
        "bodies": [],
    }
    is_command = ANSWERS.get(answer) == "command"
    try:
        if unit.left and not (is_command and command in _TIMELESS):
            _time(r)
        elif is_command and command in CONTENTS:
            raise _RunsPast
        if is_command and command in CONTENTS:
            CONTENTS[command](r)
    except _RunsPast:
        return Refused("bad_body")
    return r.done()


def check_byte(covered: bytes) -> int:
    """Return the exclusive-or over the bytes from the command to the last of the data unit (6.2)."""
    folded, width = int.from_bytes(covered, "big"), 8
    while width < 4 * len(covered):
        width *= 2
    while width >= 8:
        folded, width = (folded >> width) ^ (folded & ((1 << width) - 1)), width // 2
    return folded


def scan(buffer: bytes, start: int, ended: bool) -> Scanned[Frame] | None:
    """Tell what the `##` at `start` leads to; see `stream.Scan`."""
    end = start + _HEAD + 1
    if len(buffer) >= start + _HEAD:
        end += int.from_bytes(buffer[start + _HEAD - 2 : start + _HEAD], "big")
    if len(buffer) < end:
        return (Refused("truncated"), start + 1, True) if ended else None
    if check_byte(buffer[start + 2 : end - 1]) == buffer[end - 1]:
        return read_frame(buffer[start:end]), end, False
    following = buffer[end : end + len(START)]
    if not ended and len(following) < len(START) and START.startswith(following):
        return None
    if following in (b"", START):
        return Refused("bad_bcc"), end, False
    return Refused("bad_length"), start + 1, True


def decode(segments: list[bytes]) -> list[Frame]:
    """Return the frames of one device's whole stream, in the order in which they start."""
    stream = reader()
    frames = [frame for segment in segments for frame in stream.feed(segment)]
    return [f.as_frame() if isinstance(f, Refused) else f for f in (*frames, *stream.end())]


def reader() -> FrameReader[Frame]:
    """Return a reader of one device's stream."""
    return FrameReader(scan)
