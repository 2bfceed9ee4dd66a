"""Writing GB/T 32960.3-2016 frames: what a vehicle sends, and what a platform answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bihuan.core.errors import InputError
from bihuan.sense.protocols.gb32960.frames import ANSWERS, COMMANDS, ENCRYPTIONS, NOT_ENCRYPTED, check_byte
from bihuan.sense.protocols.gb32960.writing import Writing, write_body
from bihuan.sense.times import CHINA

_CODES = {name: code for code, name in COMMANDS.items()}
_ANSWER_CODES = {name: code for code, name in ANSWERS.items()}
_TIME_BYTES = 6
MAX_UNIT_BYTES = 65_531


def encode(frame: Mapping[str, Any], *, password: str = "") -> bytes:
    """Return the frame that reads as `frame`: the inverse of decoding.

    Args:
        frame: as `decode` gives it; `answer` defaults to "command".
        password: of a platform login, which no decoded frame holds.

    Raises:
        InputError: a value does not fit its field, or the frame is too long.
    """
    answer = frame.get("answer", "command")
    unit = bytearray(_time(frame.get("time")))
    if answer == "command":
        _contents(frame, unit, password)
    return wrap(_code(frame["command"], _CODES), _code(answer, _ANSWER_CODES), frame["vin"], bytes(unit))


def wrap(command: int, answer: int, vin: str, unit: bytes) -> bytes:
    """Return the frame of a data unit."""
    if len(unit) > MAX_UNIT_BYTES:
        raise InputError(f"a data unit of {len(unit)} bytes is too long; it holds {MAX_UNIT_BYTES}")
    head = bytes([command, answer]) + _padded("vin", vin, 17) + bytes([NOT_ENCRYPTED]) + len(unit).to_bytes(2, "big")
    return b"##" + head + unit + bytes([check_byte(head + unit)])


def answer_to(raw: bytes, code: str) -> bytes:
    """Return a platform's answer to a frame: its head and time, and how it went (6.3.4: success, error, vin_duplicate)."""
    unit = raw[24 : 24 + _TIME_BYTES] if len(raw) >= 25 + _TIME_BYTES else b""
    head = bytes([raw[2], _ANSWER_CODES[code]]) + raw[4:21] + bytes([NOT_ENCRYPTED]) + len(unit).to_bytes(2, "big")
    return b"##" + head + unit + bytes([check_byte(head + unit)])


def time_answer(raw: bytes, now: datetime) -> bytes:
    """Return the answer to a vehicle that asks for the time (command 8)."""
    local = now.astimezone(CHINA)
    unit = bytes([local.year - 2000, local.month, local.day, local.hour, local.minute, local.second])
    head = bytes([raw[2], _ANSWER_CODES["success"]]) + raw[4:21] + bytes([NOT_ENCRYPTED, 0, len(unit)])
    return b"##" + head + unit + bytes([check_byte(head + unit)])


def _contents(frame: Mapping[str, Any], unit: bytearray, password: str) -> None:
    command = frame["command"]
    if command in ("realtime", "resent"):
        for body in frame["bodies"]:
            write_body(body, unit)
    elif command in ("vehicle_login", "vehicle_logout", "platform_login", "platform_logout"):
        Writing(frame, unit).number("serial", 2)
        if command == "vehicle_login":
            _vehicle_login(frame, unit)
        elif command == "platform_login":
            unit += _padded("username", frame["username"], 12) + _padded("password", password, 20)
            Writing(frame, unit).choice("encryption", ENCRYPTIONS)


def _vehicle_login(frame: Mapping[str, Any], unit: bytearray) -> None:
    unit += _padded("iccid", frame["iccid"], 20)
    Writing(frame, unit).number("subsystem_count", 1)
    codes = frame["subsystem_codes"] or []
    length = max(map(len, codes), default=0)
    unit.append(length)
    for code in codes:
        unit += _padded("subsystem_codes", code, length)


def _time(text: str | None) -> bytes:
    if text is None:
        return b""
    local = datetime.fromisoformat(text).astimezone(CHINA)
    return bytes([local.year - 2000, local.month, local.day, local.hour, local.minute, local.second])


def _code(value: str | int, codes: Mapping[str, int]) -> int:
    if isinstance(value, int):
        return value
    return codes[value] if value in codes else int(value, 16)


def _padded(name: str, text: str, width: int) -> bytes:
    data = text.encode("ascii", errors="replace")
    if len(data) > width:
        raise InputError(f"{text!r} is longer than {width} characters", where=name)
    return data.ljust(width, b"\0")
