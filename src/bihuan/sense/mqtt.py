"""The MQTT door: devices publish JSON to `bihuan/<device>/up`, and what they say is kept like any other message.

A NATS server beside us speaks MQTT and keeps what is published (QoS 1) in a JetStream stream on disk before it answers
the device. We take batches out of the stream and acknowledge them only after PostgreSQL has committed; what was not
acknowledged comes again and falls away on its key.

    {"time": "2026-03-01T08:00:00+08:00", "values": {"power_kw": 12.5}, "id": "17", "secret": "…", "period": "now"}

`id` tells a repeat; without one the bytes do. `secret` is asked for where the device is registered with one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
import nats
import psycopg
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from bihuan.core.errors import InputError, OutsideError
from bihuan.core.records.entity import Registered
from bihuan.core.records.observation import Incoming, Layout, Period
from bihuan.sense.gateway.intake import incoming
from bihuan.sense.gateway.limits import Limits
from bihuan.sense.gateway.registry import Registry
from bihuan.sense.protocols.plugin import Upload, key_of
from bihuan.sense.quality import Judge
from bihuan.sense.times import CHINA
from bihuan.store import devices
from bihuan.store.connect import Store
from bihuan.store.observations import ObservationWriter

logger = logging.getLogger(__name__)
PROTOCOL = "mqtt"
STREAM, CONSUMER = "DEVICES", "bihuan"
SUBJECTS = "bihuan.*.up"
"""Of NATS; in MQTT `bihuan/+/up`."""
MOST_BYTES = 65_536
_BATCH = 500
_WAIT_SECONDS = 1.0
_RELOAD_SECONDS = 5.0


class _Message(msgspec.Struct, forbid_unknown_fields=True):
    time: datetime
    values: dict[str, Any]
    id: str | None = None
    secret: str | None = None
    period: Period = "now"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a device published."""

    upload: Upload
    secret: str | None


def parse(payload: bytes, units: Mapping[str, str | None]) -> Parsed:
    """Return what a payload says.

    Raises:
        InputError: it is not the JSON that is expected here.
    """
    if len(payload) > MOST_BYTES:
        raise InputError(f"{len(payload)} bytes are more than {MOST_BYTES}")
    try:
        message = msgspec.json.decode(payload, type=_Message)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"is not the JSON expected here: {error}") from error
    if not message.values:
        raise InputError("has no values")
    names = tuple(message.values)
    layout = _layout(names, tuple(units.get(name) for name in names))
    time = message.time if message.time.tzinfo else message.time.replace(tzinfo=CHINA)
    key = key_of("mqtt", message.id) if message.id is not None else key_of("mqtt body", payload)
    return Parsed(Upload(time, message.period, key, layout, list(message.values.values())), message.secret)


@lru_cache(maxsize=4096)
def _layout(names: tuple[str, ...], units: tuple[str | None, ...]) -> Layout:
    return Layout(names, units)


class MqttDoor:
    """Takes what devices published out of the stream.

    Args:
        store: where it is kept.
        url: of the NATS server, with its password.
        units: canonical unit by attribute.
        judge: of values.
    """

    def __init__(self, store: Store, url: str, units: Mapping[str, str | None], judge: Judge) -> None:
        self._store = store
        self._url = url
        self._units = units
        self._judge = judge
        self._limits = Limits()
        self._registry = Registry(self._load)
        self._writer: ObservationWriter | None = None
        self.kept = 0
        self.quarantined = 0

    async def run(self) -> None:
        """Take in until cancelled.

        Raises:
            OutsideError: the NATS server does not answer.
        """
        try:
            connection = await nats.connect(self._url, connect_timeout=5, max_reconnect_attempts=-1)
        except (OSError, nats.errors.Error) as error:
            raise OutsideError(f"the NATS server does not answer: {error}", where="mqtt") from error
        reloading = asyncio.create_task(self._reload())
        try:
            await self._take(connection.jetstream())
        finally:
            reloading.cancel()
            await connection.close()
            if self._writer is not None:
                self._writer.close()

    async def _take(self, stream: JetStreamContext) -> None:
        await stream.add_stream(name=STREAM, subjects=[SUBJECTS])
        subscription = await stream.pull_subscribe(SUBJECTS, durable=CONSUMER, stream=STREAM)
        while True:
            try:
                messages = await subscription.fetch(_BATCH, timeout=_WAIT_SECONDS)
            except (TimeoutError, nats.errors.TimeoutError):
                continue
            try:
                await asyncio.to_thread(self._keep, messages)
            except (psycopg.Error, OutsideError) as error:
                logger.warning("batch not kept messages=%d error=%s", len(messages), type(error).__name__)
                self._leave_writer()
                await asyncio.gather(*(message.nak(delay=1) for message in messages))
                continue
            await asyncio.gather(*(message.ack() for message in messages))

    def _keep(self, messages: list[Msg]) -> None:
        """Keep a batch and what of it is not obeyed; committed when it returns."""
        now = self._store.clock()
        batch: list[Incoming] = []
        aside: list[devices.Quarantined] = []
        for message in messages:
            name = message.subject.split(".")[1]
            try:
                batch.append(self._incoming(name, message.data, now))
            except InputError as error:
                aside.append(
                    devices.Quarantined(now, PROTOCOL, name, "mqtt", error.message[:200], message.data[:10_240])
                )
        if batch:
            if self._writer is None:
                self._writer = ObservationWriter(self._store.connect())
            self.kept += self._writer.write(batch, at=now, door=PROTOCOL).new
        if aside:
            self.quarantined += len(aside)
            with self._store.connection() as connection:
                devices.quarantine(connection, aside)

    def _incoming(self, name: str, payload: bytes, now: datetime) -> Incoming:
        device = self._registry.get(name)
        if device is None:
            raise InputError("unknown_device")
        parsed = parse(payload, self._units)
        if not devices.is_secret(device, parsed.secret):
            raise InputError("wrong_secret")
        if not self._limits.take(parsed.upload.time, now):
            raise InputError("impossible_time")
        return incoming(device, parsed.upload, payload, self._registry, self._judge, now)

    def _leave_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _reload(self) -> None:
        while True:
            await asyncio.sleep(_RELOAD_SECONDS)
            with contextlib.suppress(psycopg.Error, OutsideError):
                await asyncio.to_thread(self._registry.reload)

    def _load(self) -> dict[str, Registered]:
        with self._store.connection() as connection:
            return devices.registered(connection, PROTOCOL)
