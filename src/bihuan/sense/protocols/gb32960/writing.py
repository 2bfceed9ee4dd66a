"""Putting fields into a data unit: the inverse of `reading`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bihuan.core.errors import InputError
from bihuan.sense.protocols.gb32960.bodies import (
    ALARMS,
    APPLIED_NO_TRAVEL,
    BODIES,
    BRAKE_FORCE,
    DRIVE_FORCE,
    GEARS,
    INVALID_FIX,
    SOUTH,
    WEST,
    Fields,
)  # fmt: skip

_TYPES = {name: code for code, (name, _) in BODIES.items()}
_GEAR_CODES = {name: code for code, name in GEARS.items()}


class Writing:
    """One object, its fields written in order behind what the unit has already.

    A field that is None is written as its reason in `null_reasons` says, "invalid" where there is none.
    """

    __slots__ = ("source", "unit")

    def __init__(self, source: Mapping[str, Any], unit: bytearray) -> None:
        self.source = source
        self.unit = unit

    def number(self, name: str, width: int, scale: int = 1, offset: int = 0) -> None:
        """Write value × scale + offset."""
        self._scaled(name, self.source.get(name), width, scale, offset)

    def choice(self, name: str, names: dict[int, str]) -> None:
        """Write an enumeration, by name or by number."""
        value = self.source.get(name)
        codes = {text: code for code, text in names.items()}
        if isinstance(value, str) and value not in codes:
            raise InputError(f"{value!r} is none of {', '.join(codes)}", where=name)
        self._raw(name, codes.get(value, value) if value is not None else None, 1)

    def numbers(self, name: str, count_width: int, width: int, scale: int = 1, offset: int = 0) -> None:
        """Write a list of numbers."""
        values = self.source.get(name)
        self._raw(name, None if values is None else len(values), count_width)
        for index, value in enumerate(values or ()):
            self._scaled(f"{name}[{index}]", value, width, scale, offset)

    def objects(self, name: str, part: Callable[[Fields], None]) -> None:
        """Write a list of objects."""
        values = self.source.get(name)
        self._raw(name, None if values is None else len(values), 1)
        for value in values or ():
            part(Writing(value, self.unit))

    def words(self, name: str) -> None:
        """Write a list of four-byte codes."""
        values = self.source.get(name)
        self._raw(name, None if values is None else len(values), 1)
        for value in values or ():
            self.unit += bytes.fromhex(value)

    def pedal(self, name: str) -> None:
        """Write the brake pedal."""
        without_travel = self.source.get("null_reasons", {}).get(name) == "applied_no_travel"
        self._raw(name, APPLIED_NO_TRAVEL if without_travel else self.source.get(name), 1)

    def gear(self) -> None:
        """Write gear and forces."""
        forces = DRIVE_FORCE * self.source["drive_force"] + BRAKE_FORCE * self.source["brake_force"]
        self.unit.append(_GEAR_CODES[self.source["gear"]] + forces)

    def place(self) -> None:
        """Write status, longitude and latitude."""
        lon, lat = self.source.get("lon_deg"), self.source.get("lat_deg")
        status = INVALID_FIX * (not self.source["valid"])
        self.unit.append(status + WEST * ((lon or 0) < 0) + SOUTH * ((lat or 0) < 0))
        for name, value in (("lon_deg", lon), ("lat_deg", lat)):
            self._scaled(name, None if value is None else abs(value), 4, 1_000_000, 0)

    def alarm_bits(self) -> None:
        """Write the alarms that are set."""
        self.unit += sum(1 << ALARMS.index(name) for name in self.source["flags"]).to_bytes(4, "big")

    def _scaled(self, name: str, value: float | None, width: int, scale: int, offset: int) -> None:
        self._raw(name, None if value is None else round(value * scale) + offset, width)

    def _raw(self, name: str, raw: int | None, width: int) -> None:
        all_ones = (1 << 8 * width) - 1
        if raw is None:
            raw = all_ones - (self.source.get("null_reasons", {}).get(name) == "abnormal")
        elif not 0 <= raw < all_ones - 1:
            raise InputError(f"{raw} does not fit into {width} bytes, which hold 0 to {all_ones - 2}", where=name)
        self.unit += raw.to_bytes(width, "big")


def write_body(body: Mapping[str, Any], unit: bytearray) -> None:
    """Write an information body as `reading.read_body` returns it.

    Raises:
        InputError: a value does not fit its field.
    """
    kind = body["type"]
    if kind in _TYPES:
        code = _TYPES[kind]
        unit.append(code)
        BODIES[code][1](Writing(body, unit))
        return
    data = bytes.fromhex(body["data_hex"])
    unit.append(body["code"])
    unit += len(data).to_bytes(2, "big") + data if kind == "vendor" else data
