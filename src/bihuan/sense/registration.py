"""Registering devices and their entities from a file of JSON Lines.

    {"protocol": "hj212", "id": "A140300_0001", "secret": "123456", "expected_seconds": 60,
     "entity": {"urn": "urn:ngsi-ld:AirStation:yq-01", "type": "AirStation", "name": "城区站", "lon": 113.6, "lat": 37.9}}

`entity` may be the URN of one that is there.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from bihuan.core.errors import InputError
from bihuan.core.records.entity import Device, Entity
from bihuan.sense.protocols import PROTOCOLS
from bihuan.store import devices, entities
from bihuan.store.connect import Store


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    protocol: str
    id: str
    entity: Entity | str
    secret: str | None = None
    expected_seconds: int | None = None
    edition: str | None = None
    sends: dict[str, str] = {}

    def device(self) -> Device:
        urn = self.entity if isinstance(self.entity, str) else self.entity.urn
        return Device(self.protocol, self.id, urn, self.secret, self.expected_seconds, self.edition, self.sends)


def register_file(store: Store, path: Path) -> int:
    """Register what a file names, all or nothing; return how many devices.

    Raises:
        InputError: the file cannot be read, or a line is wrong; the message names it.
    """
    lines = [_line(text, f"{path}, line {number}") for number, text in _lines(path)]
    with store.connection() as connection:
        now = store.clock()
        entities.keep(connection, [line.entity for line in lines if isinstance(line.entity, Entity)], at=now)
        devices.register(connection, [line.device() for line in lines], at=now)
    return len(lines)


def _lines(path: Path) -> list[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read as UTF-8 text: {error}", where=str(path)) from error
    return [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _line(text: str, where: str) -> _Line:
    try:
        line = msgspec.json.decode(text, type=_Line)
    except msgspec.DecodeError as error:
        raise InputError(str(error), where=where) from error
    if line.protocol not in PROTOCOLS and line.protocol != "mqtt":
        raise InputError(f"'{line.protocol}' is no protocol; there are {', '.join(PROTOCOLS)}, mqtt", where=where)
    return line
