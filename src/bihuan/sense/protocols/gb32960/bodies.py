"""Information bodies of GB/T 32960.3-2016, each told once, for reading and for writing (tables 6 to 19).

A function below names the fields of a body in their order. Given a `Reading` it takes them out of a data unit, given a
`Writing` it puts them into one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Fields(Protocol):
    """One object of a frame, whose fields are read or written in order."""

    def number(self, name: str, width: int, scale: int = 1, offset: int = 0) -> None:
        """A number of `width` bytes: (raw − offset) / scale."""

    def choice(self, name: str, names: dict[int, str]) -> None:
        """A one-byte enumeration."""

    def numbers(self, name: str, count_width: int, width: int, scale: int = 1, offset: int = 0) -> None:
        """A list of numbers behind its count."""

    def objects(self, name: str, part: Callable[[Fields], None]) -> None:
        """A list of objects behind its one-byte count."""

    def words(self, name: str) -> None:
        """A list of four-byte codes behind its one-byte count."""

    def pedal(self, name: str) -> None:
        """The brake pedal, which may be pressed without a travel."""

    def gear(self) -> None:
        """Gear, driving and braking force in one byte."""

    def place(self) -> None:
        """Status, longitude and latitude."""

    def alarm_bits(self) -> None:
        """The 32 general alarms."""


ON_OFF = {1: "on", 2: "off"}


def _vehicle(f: Fields) -> None:
    f.choice("vehicle_state", {1: "started", 2: "off", 3: "other"})
    f.choice("charge_state", {1: "parked_charging", 2: "driving_charging", 3: "not_charging", 4: "charge_complete"})
    f.choice("run_mode", {1: "electric", 2: "hybrid", 3: "fuel"})
    f.number("speed_kmh", 2, scale=10)
    f.number("mileage_km", 4, scale=10)
    f.number("voltage_v", 2, scale=10)
    f.number("current_a", 2, scale=10, offset=10_000)
    f.number("soc_percent", 1)
    f.choice("dcdc_state", ON_OFF)
    f.gear()
    f.number("insulation_kohm", 2)
    f.number("accelerator_percent", 1)
    f.pedal("brake_percent")


def _motor(f: Fields) -> None:
    f.number("number", 1)
    f.choice("state", {1: "consuming", 2: "generating", 3: "off", 4: "ready"})
    f.number("controller_temp_c", 1, offset=40)
    f.number("speed_rpm", 2, offset=20_000)
    f.number("torque_nm", 2, scale=10, offset=20_000)
    f.number("temp_c", 1, offset=40)
    f.number("controller_voltage_v", 2, scale=10)
    f.number("controller_current_a", 2, scale=10, offset=10_000)


def _fuel_cell(f: Fields) -> None:
    f.number("voltage_v", 2, scale=10)
    f.number("current_a", 2, scale=10)
    f.number("fuel_consumption_kg_per_100km", 2, scale=100)
    f.numbers("probe_temps_c", 2, 1, offset=40)
    f.number("hydrogen_max_temp_c", 2, scale=10, offset=400)
    f.number("hydrogen_max_temp_probe", 1)
    f.number("hydrogen_max_concentration_mg_per_kg", 2)
    f.number("hydrogen_max_concentration_sensor", 1)
    f.number("hydrogen_max_pressure_mpa", 2, scale=10)
    f.number("hydrogen_max_pressure_sensor", 1)
    f.choice("dcdc_state", ON_OFF)


def _engine(f: Fields) -> None:
    f.choice("state", ON_OFF)
    f.number("crankshaft_rpm", 2)
    f.number("fuel_consumption_l_per_100km", 2, scale=100)


def _position(f: Fields) -> None:
    f.place()


def _extremes(f: Fields) -> None:
    for side in ("max", "min"):
        f.number(f"{side}_voltage_subsystem", 1)
        f.number(f"{side}_voltage_cell", 1)
        f.number(f"{side}_voltage_v", 2, scale=1000)
    for side in ("max", "min"):
        f.number(f"{side}_temp_subsystem", 1)
        f.number(f"{side}_temp_probe", 1)
        f.number(f"{side}_temp_c", 1, offset=40)


def _alarms(f: Fields) -> None:
    f.number("max_level", 1)
    f.alarm_bits()
    for name in ("battery_faults", "motor_faults", "engine_faults", "other_faults"):
        f.words(name)


def _cells(f: Fields) -> None:
    f.number("number", 1)
    f.number("voltage_v", 2, scale=10)
    f.number("current_a", 2, scale=10, offset=10_000)
    f.number("cell_count", 2)
    f.number("first_cell", 2)
    f.numbers("cell_voltages_v", 1, 2, scale=1000)


def _probes(f: Fields) -> None:
    f.number("number", 1)
    f.numbers("probe_temps_c", 2, 1, offset=40)


BODIES: dict[int, tuple[str, Callable[[Fields], None]]] = {
    1: ("vehicle", _vehicle),
    2: ("motors", lambda f: f.objects("motors", _motor)),
    3: ("fuel_cell", _fuel_cell),
    4: ("engine", _engine),
    5: ("position", _position),
    6: ("extremes", _extremes),
    7: ("alarms", _alarms),
    8: ("cell_voltages", lambda f: f.objects("subsystems", _cells)),
    9: ("probe_temps", lambda f: f.objects("subsystems", _probes)),
}
"""By type flag (table 6)."""
VENDOR = range(0x80, 0xFF)
"""Type flags that a maker may define."""

GEARS = {0: "N", 13: "R", 14: "D", 15: "P", **{number: str(number) for number in range(1, 13)}}
"""Bits 3 to 0 of the gear (table A.1); bit 5 is driving force, bit 4 braking force."""
DRIVE_FORCE, BRAKE_FORCE = 0x20, 0x10
INVALID_FIX, SOUTH, WEST = 1, 2, 4
"""Bits of the position's status (table 15)."""
APPLIED_NO_TRAVEL = 101
"""Brake pedal pressed, travel not known."""

_NAMED_ALARMS = (
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
ALARMS = (*_NAMED_ALARMS, *(f"bit_{bit}" for bit in range(len(_NAMED_ALARMS), 32)))
"""Table 18, from bit 0."""
