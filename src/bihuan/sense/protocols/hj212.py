"""HJ 212: how pollution sources' monitors report (污染物在线监控系统数据传输标准), editions 2005 and 2017.

A frame is `##`, four digits of byte count, the body, four hex digits of CRC, CR LF. The body is a head of
`name=value;` pairs and a data area `CP=&&…&&`. Clause numbers below are those of HJ 212-2017.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Any

from bihuan.sense.protocols.stream import Frame, FrameReader, Scanned, refusal

HEAD_NAMES = ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO")
TEXT_SUFFIXES = frozenset({"Flag", "Info", "SN"})
MAX_PARTS = 9999
"""PNUM is four digits at most (6.3.4)."""

_PREFIX = 6  # "##" and the length field
_CRC = 4
_LENGTH = re.compile(rb"[0-9]{4}")
_HEX = re.compile(rb"[0-9A-Fa-f]{4}")
_LATER_END = re.compile(rb"&&[0-9A-Fa-f]{4}(?:\r\n|##)")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DATE_TIME = re.compile(r"[0-9]{14}(?:[0-9]{3})?")
_BLANKS = " \t\r\n\v\f"


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_TABLE = _crc_table()


def crc16(body: bytes) -> int:
    """Return the check of appendix A over `body`.

    Not CRC-16/MODBUS: the register's low byte is dropped before each byte comes in, so about one corruption in 256
    goes unnoticed and a value must be checked for sense as well.
    """
    table = _TABLE
    register = 0xFFFF
    for byte in body:
        register = table[(register >> 8) ^ byte]
    return register


def scan(buffer: bytes, start: int, ended: bool) -> Scanned | None:
    """Tell what the `##` at `start` leads to; see `stream.Scan`."""
    body_start = start + _PREFIX
    if len(buffer) < body_start:
        return Scanned(refusal("truncated"), start + 1, resynchronise=True) if ended else None
    length_field = buffer[start + 2 : body_start]
    if not _LENGTH.fullmatch(length_field):
        return Scanned(refusal("bad_length_field"), start + 1, resynchronise=True)
    body_end = body_start + int(length_field)
    if len(buffer) < body_end + _CRC:
        if not ended:
            return None
        code = "bad_length" if _LATER_END.search(buffer, body_start) else "truncated"
        return Scanned(refusal(code), start + 1, resynchronise=True)
    body, check = buffer[body_start:body_end], buffer[body_end : body_end + _CRC]
    if not (_HEX.fullmatch(check) and int(check, 16) == crc16(body)):
        code = "bad_crc" if body.endswith(b"&&") else "bad_length"
        return Scanned(refusal(code), start + 1, resynchronise=True)
    return Scanned(read_body(body), body_end + _CRC)


def read_body(body: bytes) -> Frame:
    """Return the frame whose checked body this is, or its refusal `bad_cp`.

    Keys: `head`, `flag`, `data_time`, `params`, `items`, as in `docs/reference/sense-decode.md`.
    """
    text = _decode(body)
    head, opening, data = text.partition("CP=&&")
    if not (opening and data.endswith("&&")):
        return refusal("bad_cp")
    fields = {name: value for name, value in _pairs(head, ";") if name in HEAD_NAMES}
    params, items = _data_area(data[:-2])
    moment = _moment(params.get("DataTime"))
    if moment is not None:
        del params["DataTime"]
    return {
        "ok": True,
        "head": fields,
        "flag": _flag(fields.get("Flag", "")),
        "data_time": moment,
        "params": params,
        "items": items,
    }


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("gb18030", errors="replace")


def _pairs(text: str, separators: str) -> list[tuple[str, str]]:
    pieces = re.split(f"[{separators}]", text)
    halves = (piece.partition("=") for piece in pieces)
    return [(name.strip(_BLANKS), value.strip(_BLANKS)) for name, equals, value in halves if equals]


def _data_area(text: str) -> tuple[dict[str, str | None], dict[str, dict[str, Any]]]:
    params: dict[str, str | None] = {}
    items: dict[str, dict[str, Any]] = {}
    for name, value in _pairs(text, ";,"):
        code, dash, suffix = name.partition("-")
        if dash:
            items.setdefault(code, {})[suffix] = _typed(suffix, value)
        else:
            params[name] = value or None
    return params, items


def _typed(suffix: str, value: str) -> str | int | float | None:
    if not value:
        return None
    if suffix in TEXT_SUFFIXES or suffix.endswith("Time") or not _NUMBER.fullmatch(value):
        return value
    number = float(value)
    return number if math.isfinite(number) else value


def _flag(text: str) -> dict[str, Any] | None:
    """Bit 0 asks for an answer, bit 1 tells of sub-packets, the rest is the edition: 0 for 2005, 1 for 2017 (6.3.4)."""
    if not re.fullmatch(r"[0-9]+", text):
        return None
    flag = int(text)
    return {"ack": bool(flag & 1), "split": bool(flag & 2), "version": flag >> 2}


def _moment(text: str | None) -> str | None:
    """`YYYYMMDDhhmmss[mmm]` in Chinese time as ISO 8601; None where it is no real time."""
    if text is None or not _DATE_TIME.fullmatch(text):
        return None
    try:
        moment = datetime.strptime(text[:14], "%Y%m%d%H%M%S")  # noqa: DTZ007 the zone is fixed by the standard
    except ValueError:
        return None
    milliseconds = f".{text[14:]}" if len(text) == 17 else ""
    return f"{moment.isoformat()}{milliseconds}+08:00"


class PartSets:
    """Which sub-packets of which message have come by one stream (6.3.2, PNUM and PNO)."""

    def __init__(self) -> None:
        self._items: dict[tuple[object, ...], dict[int, dict[str, dict[str, Any]]]] = {}

    def note(self, frame: Frame) -> None:
        """Add `parts` to a frame that is one of several, and `merged` to the one that first completes its set."""
        head = frame["head"]
        total, number = _whole(head.get("PNUM")), _whole(head.get("PNO"))
        if not (1 < total <= MAX_PARTS and 1 <= number <= total):
            return
        message = head.get("QN") or ("DataTime", frame["data_time"] or frame["params"].get("DataTime"))
        key = (head.get("MN"), head.get("ST"), head.get("CN"), total, message)
        parts = self._items.setdefault(key, {})
        was_whole = len(parts) == total
        parts[number] = frame["items"]
        missing = [part for part in range(1, total + 1) if part not in parts]
        frame["parts"] = {"seen": sorted(parts), "missing": missing}
        if not missing and not was_whole:
            frame["merged"] = _joined(parts)


def _whole(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text) else 0


def _joined(parts: dict[int, dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for number in sorted(parts):
        for code, values in parts[number].items():
            merged.setdefault(code, {}).update(values)
    return merged


def decode(segments: list[bytes]) -> list[Frame]:
    """Return the frames of one device's whole stream, in the order in which they start."""
    reader, sets = FrameReader(scan, between=b"\r\n"), PartSets()
    frames = [frame for segment in segments for frame in reader.feed(segment)]
    frames.extend(reader.end())
    for frame in frames:
        if frame["ok"]:
            sets.note(frame)
    return frames
