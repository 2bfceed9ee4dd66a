"""How a talk over HJ 212 goes on: what a frame asks to be kept, and what is answered once it is.

Uploads carry the time they hold for in DataTime; which statistic they are is told by CN. Flag's bit 0 asks for an
answer: 9014 for data, 9013 for a notification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from bihuan.core.records.observation import DeviceFlag, Layout, Period
from bihuan.sense.protocols.hj212.answers import (
    DONE,
    DONE_CODES,
    HEARTBEAT,
    NOTED,
    READY,
    READY_CODES,
    RECEIVED,
    answer,
    received,
)  # fmt: skip
from bihuan.sense.protocols.hj212.commands import Edition, command, moment_of, number
from bihuan.sense.protocols.hj212.encode import wrap
from bihuan.sense.protocols.hj212.frames import Report, Value
from bihuan.sense.protocols.hj212.pollutants import factor
from bihuan.sense.protocols.hj212.shapes import Name
from bihuan.sense.protocols.plugin import Command, CommandResult, Step, Upload, key_of

DATA: dict[str, Period] = {
    "2011": "now",
    "2021": "now",
    "2031": "day",
    "2041": "day",
    "2051": "minute",
    "2061": "hour",
    "2081": "now",
    "3019": "now",
    "3020": "now",
}
"""CN of what devices upload, and what the values stand for."""
CLOCK_REQUEST = "1013"
"""现场机时间校准请求: the device asks for the time."""
FLAGS = {
    "N": DeviceFlag.normal,
    "F": DeviceFlag.stopped,
    "M": DeviceFlag.maintenance,
    "S": DeviceFlag.manual,
    "D": DeviceFlag.fault,
    "C": DeviceFlag.calibration,
    "T": DeviceFlag.over_range,
    "B": DeviceFlag.no_contact,
}
"""数据标记 of HJ 212-2017; those of 2005 for waste water (P, D, C) and gas (0 to 5) differ by maker and come as `other`."""
_MAIN = frozenset({"Rtd", "Avg", "Data", "RS", "RT", "Info", "SN"})
"""Suffixes of a factor's main value; which of them it is, the message's period tells."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the columns of one shape become an upload."""

    layout: Layout
    take: Any
    """Values out of all columns."""
    flags: Any
    """A flag for each value, None where the shape has none."""
    all_normal: tuple[str, ...]


class Conversation:
    """One device's connection. A data logger may speak for several devices (MN) over one.

    Sub-packets are kept each for itself: every part names its own factors and time.
    """

    def __init__(self) -> None:
        self._answered: object = None
        self._rest = b""

    def receive(self, report: Report, raw: bytes, *, edition: str | None = None) -> Step:
        """Return what a report leads to; see `plugin.Conversation`."""
        head = report.sender.fields
        device, code = head.get("MN") or None, head.get("CN", "")
        spoken = Edition(edition) if edition else _edition(report)
        step = Step(device, secret=head.get("PW"))
        if spoken is None:
            step.unsupported = "unsupported_edition"
            return step
        if code in DATA and report.data_time is not None:
            step.upload = self._upload(report, DATA[code], raw)
        elif code in (READY, DONE, NOTED):
            step.result = _result(code, report)
        step.facts = _facts(code, report)
        if report.flag and report.flag["ack"] and code not in (READY, DONE, NOTED, RECEIVED):
            step.answer = self._answer(report, code, spoken)
        return step

    def _answer(self, report: Report, code: str, spoken: Edition) -> bytes:
        qn = report.qn
        if spoken is Edition.of_2005 or code == CLOCK_REQUEST or not qn or not qn.isalnum() or not qn.isascii():
            return answer(NOTED if code == CLOCK_REQUEST else RECEIVED, report.head, spoken)
        if self._answered is not report.sender:
            self._answered, self._rest = report.sender, received(report.sender.fields)
        return wrap(b"QN=" + qn.encode() + self._rest)

    def _upload(self, report: Report, period: Period, raw: bytes) -> Upload:
        head = report.sender.fields
        assert report.data_time is not None
        plan = _plan(report.names, head.get("ST", ""))
        values: list[Value] = list(plan.take(report.values))
        flags = plan.flags(report.values) if plan.flags else None
        told = None if flags is None or flags == plan.all_normal else bytes(map(_flag_code, flags))
        layout = plan.layout
        if report.params:
            layout = _with_params(layout, tuple(name for name, value in report.params.items() if value is not None))
            values += [value for value in report.params.values() if value is not None]
            told = None if told is None else told + bytes(len(values) - len(told))
        return Upload(report.data_time, period, _key(report, head, raw), layout, values, told)


def _edition(report: Report) -> Edition | None:
    """Return the edition of a report; None for one from 2025 on, whose Flag counts further."""
    version = report.flag["version"] if report.flag else 0
    return {0: Edition.of_2005, 1: Edition.of_2017}.get(version)


def _key(report: Report, head: dict[str, str], raw: bytes) -> int:
    """A message is known by (MN, QN, CN, PNO); without a QN by its bytes."""
    qn = report.qn
    if qn:
        return key_of(qn, head.get("CN", ""), head.get("PNO", ""))
    return key_of(raw.rstrip(b"\r\n"))


@lru_cache(maxsize=4096)
def _plan(names: tuple[Name, ...], station: str) -> _Plan:
    at = {name: index for index, name in enumerate(names)}
    taken = [(code, suffix) for code, suffix in names if suffix != "Flag"]
    named = _attributes(taken, station)
    has_flags = any(suffix == "Flag" for _, suffix in names)
    flags = [at.get((code, "Flag")) for code, _ in taken]
    return _Plan(
        Layout(tuple(named), tuple(named.values())),
        _picker([at[name] for name in taken]),
        _flag_picker(flags) if has_flags and taken else None,
        ("N",) * len(taken),
    )


@lru_cache(maxsize=1024)
def _with_params(layout: Layout, names: tuple[str, ...]) -> Layout:
    """A device's other words, `RestartTime`, stand beside the values."""
    return Layout((*layout.attributes, *names), (*layout.units, *(None for _ in names)))


def _picker(indices: list[int]) -> Any:
    if len(indices) > 1:
        return itemgetter(*indices)
    return lambda values: tuple(values[index] for index in indices)


def _flag_picker(indices: list[int | None]) -> Any:
    known = [index for index in indices if index is not None]
    if len(known) == len(indices):
        return _picker(known)
    return lambda values: tuple("N" if index is None else values[index] for index in indices)


def _attributes(names: list[Name], station: str) -> dict[str, str | None]:
    """Return name and unit of each value: `pm25`, and `pm25_max` for what is not a factor's main value."""
    named: dict[str, str | None] = {}
    for code, suffix in names:
        known = factor(code, station)
        name = known.id if known else _own_name(code)
        if suffix not in _MAIN or name in named:
            name = f"{name}_{suffix.lower()}"
        named[name] = known.unit if known else None
    return named


def _own_name(code: str) -> str:
    """The name of a factor that is in no table: its code, where it can be an attribute's name."""
    return code if code.isidentifier() and code.isascii() and code == code.lower() else f"code_{code}"


def _flag_code(flag: Any) -> int:
    return FLAGS.get(flag, DeviceFlag.other) if flag is not None else DeviceFlag.normal


def _result(code: str, report: Report) -> CommandResult | None:
    number = report.qn or report.params.get("QN")
    if not number:
        return None
    if code == NOTED:
        return CommandResult(number, "noted", "noted")
    stage, name, codes = ("ready", "QnRtn", READY_CODES) if code == READY else ("done", "ExeRtn", DONE_CODES)
    said = report.params.get(name) or ""
    return CommandResult(number, "ready" if stage == "ready" else "done", codes.get(said, f"code {said}"))


def _facts(code: str, report: Report) -> dict[str, Any]:
    """What a device tells of itself beside values."""
    if code == HEARTBEAT:
        return {"heartbeat": True}
    return {"asks_time": True} if code == CLOCK_REQUEST else {}


def tell_time(report: Report, raw: bytes, now: datetime) -> bytes:
    """Return the answer to a device that asks for the time: noted, and the clock set (1012)."""
    head = report.head
    edition = _edition(report) or Edition.of_2017
    noted = answer(NOTED, head, edition)
    return noted + command("1012", {"SystemTime": now}, qn=now, station=head.get("ST", ""), password=head.get("PW", ""),
                           device=head.get("MN", ""), edition=edition)  # fmt: skip


def queued(asked: Command) -> bytes:
    """Return the frame of a command as it is queued; station, password and edition stand in its fields as ST, PW, edition."""
    fields = dict(asked.fields)
    station, password = fields.pop("ST", "91"), fields.pop("PW", "")
    edition = Edition(fields.pop("edition", Edition.of_2017))
    return command(asked.code, fields, qn=moment_of(asked.number), station=station, password=password,
                   device=asked.device, edition=edition)  # fmt: skip


def ask(device: str, code: str, fields: Mapping[str, str], now: datetime) -> str:
    """Return the number of a request made now, after trying that it can be written.

    Raises:
        InputError: no such command, or a field is missing or not its own.
    """
    asked = number(now)
    queued(_Asked(device, asked, code, fields))
    return asked


@dataclass(frozen=True, slots=True)
class _Asked:
    device: str
    number: str
    code: str
    fields: Mapping[str, str]
