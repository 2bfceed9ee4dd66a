"""Frames of GB/T 32960.3-2016 (电动汽车远程服务与管理系统技术规范, part 3) from a byte stream.

A frame is `##`, command, answer, a 17-byte VIN, an encryption byte, the data unit's length, the data unit, and the
exclusive-or of all bytes from the command on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bihuan.sense.protocols.gb32960.reading import Reading, RunsPast, Unit, read_body
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
ENCRYPTIONS = {1: "none", 2: "rsa", 3: "aes128"}
HEAD_BYTES = 24
START_OF_2025 = b"$$"
"""How a frame of GB/T 32960.3-2025 begins; it is detected, kept raw and refused by name."""
NOT_ENCRYPTED = 0x01


def _time(r: Reading) -> None:
    year, month, day, hour, minute, second = r.unit.take(6)
    try:
        moment = datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001 Chinese time by the standard
    except ValueError:
        r.fields["time"], r.reasons["time"] = None, "invalid"
    else:
        r.fields["time"] = f"{moment.isoformat()}+08:00"


def _vehicle_login(r: Reading) -> None:
    r.number("serial", 2)
    r.fields["iccid"] = r.unit.text(20)
    count = r.count("subsystem_count")
    r.fields["subsystem_count"] = count
    length = r.unit.number(1)
    codes = [r.unit.text(length) for _ in range(count or 0)] if length else []
    r.fields["subsystem_codes"] = None if count is None else codes


def _platform_login(r: Reading) -> None:
    r.number("serial", 2)
    r.fields["username"] = r.unit.text(12)
    r.unit.take(20)  # the password is read past and never put out
    r.choice("encryption", ENCRYPTIONS)


def _logout(r: Reading) -> None:
    r.number("serial", 2)


def _bodies(r: Reading) -> None:
    while r.unit.left:
        r.fields["bodies"].append(read_body(r.unit))


CONTENTS: dict[int, Callable[[Reading], None]] = {
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
    if frame[21] != NOT_ENCRYPTED:
        return Refused("encrypted")
    r = Reading(Unit(frame[HEAD_BYTES:-1]))
    r.fields = {
        "ok": True,
        "command": COMMANDS.get(command, f"0x{command:02x}"),
        "answer": ANSWERS.get(answer, answer),
        "vin": frame[4:21].decode("ascii", errors="replace").rstrip("\0 "),
        "time": None,
        "bodies": [],
    }
    try:
        _read_contents(r, command, is_command=ANSWERS.get(answer) == "command")
    except RunsPast:
        return Refused("bad_body")
    return r.done()


def _read_contents(r: Reading, command: int, *, is_command: bool) -> None:
    if r.unit.left and not (is_command and command in _TIMELESS):
        _time(r)
    elif is_command and command in CONTENTS:
        raise RunsPast
    if is_command and command in CONTENTS:
        CONTENTS[command](r)


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
    end = start + HEAD_BYTES + 1
    if len(buffer) >= start + HEAD_BYTES:
        end += int.from_bytes(buffer[start + HEAD_BYTES - 2 : start + HEAD_BYTES], "big")
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


def reader() -> FrameReader[Frame]:
    """Return a reader of one device's stream."""
    return FrameReader(scan)


def decode(segments: list[bytes]) -> list[Frame]:
    """Return the frames of one device's whole stream, in the order in which they start."""
    stream = reader()
    frames = [frame for segment in segments for frame in stream.feed(segment)]
    return [f.as_frame() if isinstance(f, Refused) else f for f in (*frames, *stream.end())]
