"""From what a device wants kept to what is kept: whose it is, in which units, and what is to be thought of it."""

from __future__ import annotations

from datetime import datetime

from bihuan.core.records.entity import Registered
from bihuan.core.records.observation import Incoming, Quality
from bihuan.sense.gateway.registry import Registry
from bihuan.sense.protocols.plugin import Upload
from bihuan.sense.quality import Judge, of_message


def incoming(
    device: Registered, upload: Upload, raw: bytes, registry: Registry, judge: Judge, now: datetime
) -> Incoming:
    """Return the message to be kept; units are converted here, once."""
    values = upload.values
    factors = registry.factors(device, upload.layout)
    if factors is not None:
        values = [
            value * factor if isinstance(value, float | int) and not isinstance(value, bool) else value
            for value, factor in zip(values, factors, strict=True)
        ]
    quality = judge.judge(device.entity, upload.layout, upload.time, values, upload.flags)
    whole = of_message(upload.time, upload.period, now, resent=upload.late_by_protocol)
    if judge.is_second(device.entity, upload.layout, upload.period, upload.time, upload.key):
        whole |= Quality.duplicate
    if whole:
        quality = [one | whole for one in quality or [0] * len(values)]
    return Incoming(
        device.entity, upload.time, upload.period, upload.key, upload.layout, values, quality, device.number, raw
    )
