"""Taking the fields of a data unit out, from front to back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bihuan.sense.protocols.gb32960.bodies import (
    ALARMS,
    APPLIED_NO_TRAVEL,
    BODIES,
    BRAKE_FORCE,
    DRIVE_FORCE,
    GEARS,
    INVALID_FIX,
    SOUTH,
    VENDOR,
    WEST,
    Fields,
)  # fmt: skip


class RunsPast(Exception):
    """The contents ask for more bytes than the data unit has."""


class Unit:
    """A data unit being read."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    @property
    def left(self) -> int:
        """Return how many bytes have not been read."""
        return len(self.data) - self.at

    def take(self, count: int) -> bytes:
        """Return the next bytes.

        Raises:
            RunsPast: there are not so many.
        """
        end = self.at + count
        if end > len(self.data):
            raise RunsPast
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def number(self, width: int) -> int:
        """Return the next number, most significant byte first."""
        return int.from_bytes(self.take(width), "big")

    def text(self, width: int) -> str:
        """Return the next text, without the padding behind it."""
        return self.take(width).decode("ascii", errors="replace").rstrip("\0 ")


class Reading:
    """One object of the answer, its fields filled in order; has `null_reasons` only where something is null."""

    __slots__ = ("fields", "reasons", "unit")

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.fields: dict[str, Any] = {}
        self.reasons: dict[str, str] = {}

    def done(self) -> dict[str, Any]:
        """Return the object."""
        return {**self.fields, "null_reasons": self.reasons} if self.reasons else self.fields

    def number(self, name: str, width: int, scale: int = 1, offset: int = 0) -> None:
        """Read (raw − offset) / scale, or null where it was sent as invalid or abnormal."""
        raw = self.sent(name, width)
        shifted = None if raw is None else raw - offset
        self.fields[name] = shifted if shifted is None or scale == 1 else shifted / scale

    def choice(self, name: str, names: dict[int, str]) -> None:
        """Read an enumeration; a code the standard does not name comes as its number."""
        raw = self.sent(name, 1)
        self.fields[name] = None if raw is None else names.get(raw, raw)

    def count(self, name: str, width: int = 1) -> int | None:
        """Read the count of the list `name`; where it is null the list is, and nothing of it follows."""
        raw = self.sent(name, width)
        if raw is None:
            self.fields[name] = None
        return raw

    def numbers(self, name: str, count_width: int, width: int, scale: int = 1, offset: int = 0) -> None:
        """Read a list of numbers."""
        count = self.count(name, count_width)
        if count is None:
            return
        shifted: list[float | None] = []
        for index in range(count):
            raw = self.sent(f"{name}[{index}]", width)
            shifted.append(None if raw is None else (raw - offset) / scale if scale != 1 else raw - offset)
        self.fields[name] = shifted

    def objects(self, name: str, part: Callable[[Fields], None]) -> None:
        """Read a list of objects."""
        count = self.count(name)
        if count is not None:
            self.fields[name] = [filled(self.unit, part) for _ in range(count)]

    def words(self, name: str) -> None:
        """Read a list of four-byte codes, as hex."""
        count = self.count(name)
        if count is not None:
            self.fields[name] = [self.unit.take(4).hex() for _ in range(count)]

    def pedal(self, name: str) -> None:
        """Read the brake pedal."""
        self.number(name, 1)
        if self.fields[name] == APPLIED_NO_TRAVEL:
            self.fields[name], self.reasons[name] = None, "applied_no_travel"

    def gear(self) -> None:
        """Read gear and forces."""
        raw = self.unit.number(1)
        self.fields["gear"] = GEARS[raw & 0x0F]
        self.fields["drive_force"] = bool(raw & DRIVE_FORCE)
        self.fields["brake_force"] = bool(raw & BRAKE_FORCE)

    def place(self) -> None:
        """Read status, longitude and latitude; west and south are negative."""
        status = self.unit.number(1)
        self.fields["valid"] = not status & INVALID_FIX
        for name, negative in (("lon_deg", status & WEST), ("lat_deg", status & SOUTH)):
            self.number(name, 4, scale=1_000_000)
            if negative and self.fields[name] is not None:
                self.fields[name] = -self.fields[name]

    def alarm_bits(self) -> None:
        """Read the names of the alarms that are set."""
        bits = self.unit.number(4)
        self.fields["flags"] = [name for bit, name in enumerate(ALARMS) if bits >> bit & 1]

    def sent(self, name: str, width: int) -> int | None:
        """Read a number; None, and a reason, where it is all ones or all ones minus one."""
        raw = self.unit.number(width)
        all_ones = (1 << 8 * width) - 1
        if raw < all_ones - 1:
            return raw
        self.reasons[name] = "invalid" if raw == all_ones else "abnormal"
        return None


def filled(unit: Unit, part: Callable[[Fields], None]) -> dict[str, Any]:
    """Return the object that `part` reads next."""
    reading = Reading(unit)
    part(reading)
    return reading.done()


def read_body(unit: Unit) -> dict[str, Any]:
    """Return the next information body."""
    code = unit.number(1)
    if code in BODIES:
        name, part = BODIES[code]
        return {"type": name, **filled(unit, part)}
    if code in VENDOR:
        return {"type": "vendor", "code": code, "data_hex": unit.take(unit.number(2)).hex()}
    return {"type": "unknown", "code": code, "data_hex": unit.take(unit.left).hex()}
