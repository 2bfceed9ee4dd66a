"""An observation: the value of one attribute of one entity at one time, with what is to be thought of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, IntFlag
from typing import Any, Literal

Period = Literal["now", "minute", "hour", "day", "month", "year"]
"""What a value stands for: the moment itself, or a statistic over the time that begins there."""
PERIODS: tuple[Period, ...] = ("now", "minute", "hour", "day", "month", "year")


class DeviceFlag(IntEnum):
    """What a device says of its own value: the data flags (数据标记) of HJ 212-2017."""

    normal = 0
    """N 正常."""
    stopped = 1
    """F 停运."""
    maintenance = 2
    """M 维护."""
    manual = 3
    """S 手工输入."""
    fault = 4
    """D 故障."""
    calibration = 5
    """C 校准."""
    over_range = 6
    """T 超测量上限."""
    no_contact = 7
    """B 通信异常."""
    other = 15
    """Said in a way the standard does not know."""


class Quality(IntFlag):
    """What a rule found about a value; stands beside the device's own flag. The value itself is never changed."""

    good = 0
    out_of_range = 1 << 4
    """Outside what the instrument or nature allows."""
    jump = 1 << 5
    """Further from the value before than it can have moved."""
    frozen = 1 << 6
    """The same for longer than a live sensor gives."""
    late = 1 << 7
    """Came in long after its time, or was sent again."""
    duplicate = 1 << 8
    """A second message about the same time."""
    clock_skew = 1 << 9
    """From the future, by the platform's clock."""
    written = 1 << 10
    """Written by a client over NGSI-LD, not told by a device; says nothing against the value."""


DEVICE_FLAG_BITS = 0x0F
"""Part of a quality number that holds the `DeviceFlag`."""
INVALID = DEVICE_FLAG_BITS | int(Quality.out_of_range | Quality.jump | Quality.frozen | Quality.duplicate)
"""Bits of a quality number any of which keeps a value out of a statistic: the device calls it other than normal, or a
rule found it impossible. Late, repeated and skewed values count: they stand in their own time."""


def is_valid(quality: int) -> bool:
    """Return whether a value may enter a statistic."""
    return not quality & INVALID


@dataclass(frozen=True, slots=True)
class Observation:
    """One value."""

    entity: str
    """URN."""
    attribute: str
    """`pm25`, `power_kw`."""
    time: datetime
    """When it held, UTC."""
    value: Any
    """A number, or what JSON knows; None where the device had none."""
    unit: str | None
    """Canonical; None where it has none or it is not known."""
    period: Period
    quality: int
    """`DeviceFlag` in the lowest four bits, `Quality` above; 0 is good."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Names of the values of a message, in order; the same object for all messages of one kind of device."""

    attributes: tuple[str, ...]
    units: tuple[str | None, ...]
    """Canonical unit of each; None where it has none or it is not known."""


@dataclass(slots=True)
class Incoming:
    """A message to be kept: values of one entity at one time."""

    entity: int
    """Number in the store."""
    time: datetime
    """When the values held; aware."""
    period: Period
    key: int
    """What makes a repeat of this message the same message; 64 bits, signed."""
    layout: Layout
    values: Sequence[Any]
    """In the order of the layout: a number, None where there is none, anything JSON knows otherwise."""
    quality: Sequence[int] | None = None
    """One number a value, as in `Observation`; None: all good."""
    device: int = 0
    """Number in the registry; 0 where no device sent it."""
    raw: bytes | None = None
    """The frame as it came; None where there was none."""
