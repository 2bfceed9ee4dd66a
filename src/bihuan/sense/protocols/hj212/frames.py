"""Frames of HJ 212 (污染物在线监控系统数据传输标准), editions 2005 and 2017, from a byte stream to typed values.

A frame is `##`, four digits of byte count, the body, four hex digits of CRC, CR LF. The body is a head of
`name=value;` pairs and a data area `CP=&&…&&`. Clause numbers below are those of HJ 212-2017.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Any

from bihuan.sense.protocols.hj212.crc import crc16
from bihuan.sense.protocols.hj212.shapes import Name, Shape, shape_of
from bihuan.sense.protocols.stream import FrameReader, Refused, Scanned

HEAD_NAMES = frozenset({"QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO"})
TEXT_SUFFIXES = frozenset({"Flag", "Info", "SN"})

Value = float | str | None
_PREFIX = 6  # "##" and the length field
_CRC = 4
_AFTER_QN = 20  # "QN=" and 17 digits
_MOST_SENDERS = 20_000
_LATER_END = re.compile(rb"&&[0-9A-Fa-f]{4}(?:\r\n|##)")
_DATE_TIME = re.compile(r"[0-9]{14}(?:[0-9]{3})?")
_FLAG = re.compile(r"[0-9]{1,18}")
_BLANKS = " \t\r\n\v\f"
_OF_NUMBERS = "0123456789.+-eE"
_INFINITY = float("inf")


class Report:
    """A frame that was checked and read: its head, and its data area as names and values in the order sent."""

    __slots__ = ("_qn", "data_time", "has_milliseconds", "names", "params", "sender", "values")

    def __init__(
        self,
        sender: Sender,
        qn: str | None,
        data_time: datetime | None,
        has_milliseconds: bool,
        params: dict[str, str | None],
        names: tuple[Name, ...],
        values: list[Value],
    ) -> None:
        self.sender = sender
        """The same for every frame of one head but for its QN; a key to remember things under."""
        self._qn = qn
        self.data_time = data_time
        """DataTime, in Chinese time; None if absent or no real time."""
        self.has_milliseconds = has_milliseconds
        """Whether DataTime was sent with them."""
        self.params = params
        """Names of the data area that have no `-`."""
        self.names = names
        """Codes with their suffixes; the same object for all frames of one shape."""
        self.values = values

    @property
    def head(self) -> dict[str, str]:
        """Return the fields of the head as sent."""
        fields = self.sender.fields
        return fields.copy() if self._qn is None else {"QN": self._qn, **fields}

    @property
    def qn(self) -> str | None:
        """Return the request's number, its time in milliseconds; None where none was sent."""
        return self.sender.fields.get("QN") if self._qn is None else self._qn

    @property
    def flag(self) -> dict[str, Any] | None:
        """Return `ack`, `split` and `version` of Flag; None without a numeric one."""
        return self.sender.flag


def scan(buffer: bytes, start: int, ended: bool) -> Scanned[Report] | None:
    """Tell what the `##` at `start` leads to; see `stream.Scan`."""
    body_start = start + _PREFIX
    if len(buffer) < body_start:
        return (Refused("truncated"), start + 1, True) if ended else None
    length_field = buffer[start + 2 : body_start]
    if not length_field.isdigit():
        return Refused("bad_length_field"), start + 1, True
    body_end = body_start + int(length_field)
    end = body_end + _CRC
    if len(buffer) < end:
        if not ended:
            return None
        code = "bad_length" if _LATER_END.search(buffer, body_start) else "truncated"
        return Refused(code), start + 1, True
    body = buffer[body_start:body_end]
    if buffer[body_end:end].upper() != b"%04X" % crc16(body):
        return Refused("bad_crc" if body.endswith(b"&&") else "bad_length"), start + 1, True
    # CR LF behind it means nothing, but is nearly always there: passing over it here saves the reader a search.
    return read_body(body), end + 2 if buffer.startswith(b"\r\n", end) else end, False


def reader() -> FrameReader[Report]:
    """Return a reader of one device's stream."""
    return FrameReader(scan, between=b"\r\n")


def read_body(body: bytes) -> Report | Refused:
    """Return the report whose checked body this is, or its refusal `bad_cp`."""
    head, opening, data = _text(body).partition("CP=&&")
    if not (opening and data.endswith("&&")):
        return Refused("bad_cp")
    # A QN in front of the rest differs each time; the rest tells who sends what.
    qn, rest = head[3:_AFTER_QN], head[_AFTER_QN:]
    if head[:3] == "QN=" and rest[:1] == ";" and qn.isalnum() and "QN" not in rest:
        return (_senders.get(rest) or _sender(rest)).read(qn, data[:-2])
    return (_senders.get(head) or _sender(head)).read(None, data[:-2])


class Sender:
    """What is known of everybody who sends one head, but for its QN: its fields, and the shape of its last data."""

    __slots__ = ("_last", "_shape", "fields", "flag")

    def __init__(self, head: str) -> None:
        self.fields = {name: value for name, value in _pairs(head) if name in HEAD_NAMES}
        self.flag = _flag(self.fields.get("Flag", ""))
        self._last: tuple[str, tuple[str, ...], tuple[bool, ...]] | None = None
        self._shape: Shape | None = None

    def read(self, qn: str | None, data: str) -> Report:
        """Return the report of a data area."""
        shape = self._shape
        if shape is not None:
            found = shape.read(data)
            if found is not None and (moment := _real_time(found[0])) is not None:
                return Report(self, qn, moment, len(found[0]) == 17, {}, shape.names, found[1])
        return self._read_by_piece(qn, data)

    def _read_by_piece(self, qn: str | None, data: str) -> Report:
        pairs = _pairs(data.replace(",", ";"))
        params, items = _data_area(pairs)
        sent = params.get("DataTime")
        moment = _moment(sent)
        if moment is not None:
            del params["DataTime"]
            if not params and len(items) == len(pairs) - 1:
                self._learn(data, tuple(name for name, _ in pairs), list(items.values()))
        return Report(self, qn, moment, len(sent or "") == 17, params, tuple(items), list(items.values()))

    def _learn(self, data: str, names: tuple[str, ...], values: list[Value]) -> None:
        """Take up a shape when it comes for the second time: one that is sent once is not worth it."""
        separators = "".join(character for character in data if character in ";,")
        if len(separators) != len(names) - 1:
            return
        this = (separators, names, (False, *(isinstance(value, float) for value in values)))
        self._shape = shape_of(*this) if this == self._last else None
        self._last = this


_senders: dict[str, Sender] = {}


def _sender(head: str) -> Sender:
    """Take up a sender not known yet; when there are too many, all are forgotten and learnt anew."""
    if len(_senders) >= _MOST_SENDERS:
        _senders.clear()
    sender = _senders[head] = Sender(head)
    return sender


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("gb18030", errors="replace")


def _pairs(text: str) -> list[tuple[str, str]]:
    """Cut `name=value;` pieces apart; the blanks around both are looked for only where there is one at all."""
    halves = [piece.partition("=") for piece in text.split(";")]
    if text.isprintable() and " " not in text:
        return [(name, value) for name, equals, value in halves if equals]
    return [(name.strip(_BLANKS), value.strip(_BLANKS)) for name, equals, value in halves if equals]


def _data_area(pairs: list[tuple[str, str]]) -> tuple[dict[str, str | None], dict[Name, Value]]:
    params: dict[str, str | None] = {}
    items: dict[Name, Value] = {}
    for name, value in pairs:
        code, suffix, is_text = _parts_of_name(name)
        if code is None:
            params[name] = value or None
        else:
            items[code, suffix] = value or None if is_text else _typed(value)
    return params, items


@lru_cache(maxsize=8192)
def _parts_of_name(name: str) -> tuple[str | None, str, bool]:
    """Split `a34004-Rtd` at the first `-`; a device sends the same names all day. No code: a parameter."""
    code, dash, suffix = name.partition("-")
    return code if dash else None, suffix, suffix in TEXT_SUFFIXES or suffix.endswith("Time")


def _typed(value: str) -> Value:
    """Return a number as a number: of these characters alone `float` takes digits, a point and an exponent, no more."""
    if not value:
        return None
    if value.strip(_OF_NUMBERS):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return number if -_INFINITY < number < _INFINITY else value


def _flag(text: str) -> dict[str, Any] | None:
    """Bit 0 asks for an answer, bit 1 tells of sub-packets, the rest is the edition: 0 for 2005, 1 for 2017 (6.3.4)."""
    if not _FLAG.fullmatch(text):
        return None
    flag = int(text)
    return {"ack": bool(flag & 1), "split": bool(flag & 2), "version": flag >> 2}


def _moment(text: str | None) -> datetime | None:
    """Return the time of `YYYYMMDDhhmmss[mmm]`, which is Chinese; None where it is no real time."""
    return _real_time(text) if text is not None and _DATE_TIME.fullmatch(text) else None


def _real_time(text: str) -> datetime | None:
    """Return the time that 14 or 17 digits name; None where the calendar or the clock has no such time."""
    try:
        moment = datetime.fromisoformat(f"{text[:8]}T{text[8:14]}+08:00")
    except ValueError:
        return None
    return moment.replace(microsecond=1000 * int(text[14:])) if len(text) == 17 else moment
