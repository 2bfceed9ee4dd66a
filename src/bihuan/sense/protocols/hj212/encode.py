"""Writing HJ 212 frames: what a device uploads, and what the platform answers or asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bihuan.core.errors import InputError
from bihuan.sense.protocols.hj212.crc import crc16
from bihuan.sense.protocols.hj212.parts import Items
from bihuan.sense.times import CHINA

HEAD_ORDER = ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO")
MAX_BODY_BYTES = 9999
"""Four digits of length; the standard itself asks for at most 1024 in a data area (6.3.2)."""
_IN_A_VALUE = frozenset(";,&\r\n#")
_IN_A_NAME = _IN_A_VALUE | {"=", " "}


def wrap(body: bytes) -> bytes:
    """Return the frame of a body.

    Raises:
        InputError: the body is longer than its length field can say.
    """
    if len(body) > MAX_BODY_BYTES:
        raise InputError(f"{len(body)} bytes do not fit into one frame of {MAX_BODY_BYTES}; send it in parts")
    return b"##%04d%b%04X\r\n" % (len(body), body, crc16(body))


def encode(
    head: Mapping[str, str],
    params: Mapping[str, str | None] | None = None,
    items: Items | None = None,
    data_time: datetime | None = None,
) -> bytes:
    """Return the frame that reads as these: the inverse of decoding.

    Args:
        head: of QN ST CN PW MN Flag PNUM PNO those to be sent.
        params: names of the data area without `-`; None is sent empty.
        items: values by code and suffix; None is sent empty.
        data_time: DataTime, sent first, with milliseconds where it has some.

    Raises:
        InputError: a name or value holds a character that would end it, or the frame is too long.
    """
    fields = "".join(f"{name}={_checked(head[name])};" for name in HEAD_ORDER if name in head)
    pieces = [f"DataTime={stamp(data_time)}"] if data_time else []
    pieces += [f"{_checked(name, _IN_A_NAME)}={_checked(value or '')}" for name, value in (params or {}).items()]
    pieces += [_item(code, values) for code, values in (items or {}).items()]
    return wrap(f"{fields}CP=&&{';'.join(pieces)}&&".encode())


def encode_in_parts(head: Mapping[str, str], data_time: datetime, items: Items, codes_a_part: int) -> Iterable[bytes]:
    """Yield the frames of one message cut into sub-packets of so many codes each (PNUM, PNO; bit 1 of Flag)."""
    codes = list(items)
    groups = [codes[at : at + codes_a_part] for at in range(0, len(codes), codes_a_part)]
    flag = str(int(head.get("Flag", "0")) | 2)
    for number, group in enumerate(groups, 1):
        part = {**head, "Flag": flag, "PNUM": str(len(groups)), "PNO": str(number)}
        yield encode(part, None, {code: items[code] for code in group}, data_time)


def stamp(moment: datetime, *, milliseconds: bool | None = None) -> str:
    """Return a time as the standard writes it, in Chinese time: 14 digits, 17 with milliseconds (None: where it has some)."""
    local = moment.astimezone(CHINA)
    with_them = bool(local.microsecond) if milliseconds is None else milliseconds
    return f"{local:%Y%m%d%H%M%S}" + (f"{local.microsecond // 1000:03}" if with_them else "")


def _item(code: str, values: Mapping[str, float | str | None]) -> str:
    name = _checked(code, _IN_A_NAME | {"-"})
    return ",".join(f"{name}-{_checked(suffix, _IN_A_NAME)}={_value(value)}" for suffix, value in values.items())


def _value(value: float | str | None) -> str:
    if value is None:
        return ""
    return _checked(value) if isinstance(value, str) else repr(value)


def _checked(text: str, forbidden: Iterable[str] = _IN_A_VALUE) -> str:
    found = sorted(set(text) & set(forbidden))
    if found or text != text.strip():
        seen = f"'{found[0]}'" if found else "a blank at an end"
        raise InputError(f"{seen} cannot stand in {text!r}: it would end the field")
    return text
