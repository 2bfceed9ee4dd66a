"""What clients write, kept as observations, so that rules and roll-ups see it as they see what devices say.

A change puts its values down in its own transaction; they are kept as observations a moment later. Whoever dies in between
lets them be kept again, and a message that was kept before changes nothing. They carry `Quality.written`: NGSI-LD has them
from the client already, and neither shows them twice nor tells of them twice.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg

from bihuan.core.errors import UnitError
from bihuan.core.quantity import convert
from bihuan.core.records.observation import Incoming, Layout, Quality
from bihuan.sense.gateway.limits import Limits
from bihuan.sense.ngsi_ld.changes import Change
from bihuan.sense.ngsi_ld.context import CORE
from bihuan.sense.ngsi_ld.documents import dataset_of
from bihuan.sense.ngsi_ld.instants import read_instant
from bihuan.sense.ngsi_ld.notifications import Event
from bihuan.sense.protocols.plugin import key_of
from bihuan.sense.quality import Judge, of_message
from bihuan.store import entities, ngsi_ld
from bihuan.store.connect import Connection, Store
from bihuan.store.ngsi_ld import Written
from bihuan.store.observations import ObservationWriter

logger = logging.getLogger(__name__)
DOOR = "ngsi-ld"
_LIMITS = Limits()
"""Of the times that may be kept; those of a device."""
_MOST = sys.float_info.max
_UNKEEPABLE = (psycopg.DataError, ValueError)
UNIT_CODES: Mapping[str, str | None] = {
    "C62": None, "P1": "%", "GQ": "微克/立方米", "GP": "毫克/立方米", "M1": "毫克/升", "CEL": "摄氏度", "2N": "分贝", "KPA": "千帕",
    "KWT": "千瓦", "MAW": "兆瓦", "KWH": "千瓦时", "MWH": "兆瓦时", "MTR": "米", "KMT": "千米", "KMH": "千米/小时", "MTS": "米/秒",
    "MTQ": "立方米", "MQH": "立方米/小时", "KGM": "千克", "TNE": "吨", "MIN": "分钟", "HUR": "小时",
}  # fmt: skip
"""Units that are converted, by their common code (UN/CEFACT Recommendation 20); None where a number is just counted."""


def put_down(connection: Connection, events: Iterable[Event], *, at: datetime) -> None:
    """Put down the values of changes that may be readings, in the caller's transaction."""
    written = [one for event in events for change in event.changes for one in _of_change(event.document.id, change)]
    if written:
        ngsi_ld.put_written(connection, written, at=at)


def _of_change(urn: str, change: Change) -> Iterator[Written]:
    after = change.after
    if after is None or after["type"] != "Property" or dataset_of(after) is not None:
        return
    value, observed = after.get("value"), after.get("observedAt")
    is_reading = observed is not None and isinstance(value, bool | str)
    if isinstance(value, int | float) and not isinstance(value, bool) and -_MOST < value < _MOST:
        value, is_reading = float(value), True  # as histories hold it: a JSON integer may have more than 64 bits
    if is_reading:
        yield Written(urn, CORE.compact(change.attribute), value, after.get("unitCode"), _said_again(change, observed))


def _said_again(change: Change, observed: str | None) -> str | None:
    """Return when a value was observed; None where it changed and its time, of the value before, was left as it was."""
    before = change.before
    if (
        before is not None
        and before.get("observedAt") == observed
        and before.get("value") != (change.after or {})["value"]
    ):
        return None
    return observed


class Landing:
    """Keeps what clients wrote as observations.

    Args:
        store: where it is put down and kept.
        units: canonical unit of each attribute that is measured; of these a value without a time is a reading, too.
        judge: of values.
    """

    def __init__(self, store: Store, units: Mapping[str, str | None], judge: Judge) -> None:
        self._store = store
        self._units = units
        self._judge = judge
        self._writer: ObservationWriter | None = None

    def land(self) -> int:
        """Keep what was put down; return how many requests that was."""
        with self._store.connection() as connection:
            waiting = ngsi_ld.written(connection)
            if not waiting:
                return 0
            numbers = entities.numbers_of(connection, sorted({one.urn for _, _, many in waiting for one in many}))
        requests = [list(self._messages(many, numbers, at)) for _, at, many in waiting]
        try:
            self._keep([message for many in requests for message in many])
        except _UNKEEPABLE:
            for many in requests:
                self._keep_or_leave(many)
        with self._store.connection() as connection:
            ngsi_ld.drop_written(connection, [number for number, _, _ in waiting])
        return len(waiting)

    def _keep_or_leave(self, messages: Sequence[Incoming]) -> None:
        """Keep what one request wrote; where the store cannot hold it, that must not keep others waiting for ever."""
        try:
            self._keep(messages)
        except _UNKEEPABLE as error:
            logger.error("readings not kept messages=%d why=%s", len(messages), error)

    def close(self) -> None:
        """Close the writer's connection."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _keep(self, messages: Sequence[Incoming]) -> None:
        try:
            if self._writer is None:
                self._writer = ObservationWriter(self._store.connect())
            self._writer.write(messages, at=self._store.clock(), door=DOOR)
        except BaseException:
            self.close()
            raise

    def _messages(self, many: Sequence[Written], numbers: Mapping[str, int], at: datetime) -> Iterator[Incoming]:
        """Yield a message for what one request says of an entity at a time; of entities that are gone none."""
        together: dict[tuple[int, datetime], dict[str, tuple[Any, str | None]]] = {}
        for one in many:
            number = numbers.get(one.urn)
            if number is None or (one.observed_at is None and one.attribute not in self._units):
                continue
            time = at if one.observed_at is None else read_instant(one.observed_at, "observedAt")
            converted = self._converted(one) if _LIMITS.take(time, at) else None
            if converted is not None:
                together.setdefault((number, time), {})[one.attribute] = converted
        for (number, time), values in together.items():
            yield self._message(number, time, values, at)

    def _converted(self, one: Written) -> tuple[Any, str | None] | None:
        """Return a value in the canonical unit, and that unit; None where it cannot be told what it would be there."""
        canonical = self._units.get(one.attribute)
        given = UNIT_CODES.get(one.unit, one.unit) if one.unit is not None else None
        if given is None or canonical is None or isinstance(one.value, bool | str):
            return one.value, canonical or given
        try:
            return float(f"{convert(one.value, given, canonical):.12g}"), canonical  # 0.5 mg is 500 µg
        except UnitError as error:
            logger.warning("reading not kept urn=%s attribute=%s why=%s", one.urn, one.attribute, error)
            return None

    def _message(
        self, number: int, time: datetime, given: Mapping[str, tuple[Any, str | None]], at: datetime
    ) -> Incoming:
        layout = Layout(tuple(given), tuple(unit for _, unit in given.values()))
        values = [value for value, _ in given.values()]
        whole = of_message(time, "now", at, resent=False) | Quality.written
        judged = self._judge.judge(number, layout, time, values, None) or [0] * len(values)
        key = key_of(DOOR, msgspec.msgpack.encode([layout.attributes, values]))
        return Incoming(number, time, "now", key, layout, values, [one | whole for one in judged])
