"""The MQTT door: devices publish JSON to `bihuan/<device>/up`, and what they say is kept like any other message.

A NATS server speaks MQTT and keeps what is published (QoS 1) in a JetStream stream on disk before it answers the device.
We take messages out of the stream and acknowledge them only after PostgreSQL has committed; what was not acknowledged
comes again and falls away on its key. Several writers share a stream by parts (jetstream.py).

    {"time": "2026-03-01T08:00:00+08:00", "values": {"power_kw": 12.5}, "id": "17", "secret": "…", "period": "now"}

`id` tells a repeat; without one the bytes do. `secret` is asked for where the device is registered with one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Mapping
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
from bihuan.core.records.observation import Incoming, Layout, Period
from bihuan.sense.gateway.commit import GroupCommit
from bihuan.sense.gateway.intake import incoming
from bihuan.sense.gateway.limits import Limits
from bihuan.sense.gateway.registry import ChangedDevices, Registry
from bihuan.sense.jetstream import STREAM, Share, consumer, device_of, prepare
from bihuan.sense.protocols.plugin import Upload, key_of
from bihuan.sense.quality import Judge
from bihuan.sense.times import CHINA
from bihuan.store import devices
from bihuan.store.connect import Store
from bihuan.store.observations import ObservationWriter

logger = logging.getLogger(__name__)
PROTOCOL = "mqtt"
MOST_BYTES = 65_536
_BATCH = 500
_WAIT_SECONDS = 5.0
_AGAIN_SECONDS = 1.0
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


async def _cancellable(work: Coroutine[Any, Any, None]) -> None:
    """Have work done that a cancellation ends, though the work may swallow it.

    `asyncio.wait_for` does so on Python 3.11 when what it waits for comes at that moment, and the NATS client waits by it.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task])
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=1)
    task.result()


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
        share: which parts of the stream are taken.
    """

    def __init__(
        self, store: Store, url: str, units: Mapping[str, str | None], judge: Judge, share: Share | None = None
    ) -> None:
        self._store = store
        self._url = url
        self._units = units
        self._judge = judge
        self._share = share or Share()
        self._limits = Limits()
        self._registry = Registry(ChangedDevices(store, PROTOCOL))
        self.commit = GroupCommit(lambda: ObservationWriter(store.connect()), PROTOCOL, store.clock)
        self.quarantined = 0

    async def run(self) -> None:
        """Take in until cancelled, whether or not the NATS server is there now; what was taken in is committed at the end."""
        committing = asyncio.create_task(self.commit.run())
        try:
            while True:
                try:
                    await _cancellable(self._connected())
                except* (OSError, nats.errors.Error) as errors:
                    logger.warning("MQTT is away error=%s", errors.exceptions[0])
                await asyncio.sleep(_AGAIN_SECONDS)
        finally:
            committing.cancel()
            await asyncio.gather(committing, return_exceptions=True)

    async def _connected(self) -> None:
        """Take in until the NATS server is lost."""
        async with await nats.connect(self._url, connect_timeout=5, max_reconnect_attempts=-1) as connection:
            stream = connection.jetstream()
            await prepare(stream)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._reload())
                for part in self._share.parts:
                    group.create_task(self._take(stream, part))

    async def _take(self, stream: JetStreamContext, part: int) -> None:
        """Take one part's messages, in order; the next ones when these are settled."""
        subscription = await stream.pull_subscribe_bind(consumer(part), stream=STREAM)
        while True:
            try:
                messages = await subscription.fetch(_BATCH, timeout=_WAIT_SECONDS)
            except (TimeoutError, nats.errors.TimeoutError):
                continue
            await asyncio.gather(*map(self._settle, messages))

    async def _settle(self, message: Msg) -> None:
        """Keep a message, or put it aside where it is not obeyed; and only then acknowledge it."""
        name, now = device_of(message.subject), self._store.clock()
        try:
            kept = await self._kept(self._incoming(name, message.data, now))
        except InputError as error:
            raw, reason = message.data[:10_240], error.message[:200]
            kept = await asyncio.to_thread(
                self._put_aside, devices.Quarantined(now, PROTOCOL, name, "mqtt", reason, raw)
            )
        await (message.ack() if kept else message.nak(delay=_AGAIN_SECONDS))

    async def _kept(self, message: Incoming) -> bool:
        """Put a message into the next batch; True after its commit, False where that failed."""
        settled: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.commit.put(message, lambda kept: None if settled.done() else settled.set_result(kept))
        return await settled

    def _put_aside(self, frame: devices.Quarantined) -> bool:
        try:
            with self._store.connection() as connection:
                devices.quarantine(connection, [frame])
        except (psycopg.Error, OutsideError) as error:
            logger.warning("not put aside error=%s", type(error).__name__)
            return False
        self.quarantined += 1
        return True

    def _incoming(self, name: str, payload: bytes, now: datetime) -> Incoming:
        device = self._registry.get(name)
        if device is None:
            raise InputError("unknown_device")
        parsed = parse(payload, self._units)
        if not self._registry.is_secret(device, parsed.secret):
            raise InputError("wrong_secret")
        if not self._limits.take(parsed.upload.time, now):
            raise InputError("impossible_time")
        return incoming(device, parsed.upload, payload, self._registry, self._judge, now)

    async def _reload(self) -> None:
        while True:
            await asyncio.sleep(_RELOAD_SECONDS)
            with contextlib.suppress(psycopg.Error, OutsideError):
                await asyncio.to_thread(self._registry.reload)
