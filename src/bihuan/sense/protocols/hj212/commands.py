"""What a platform asks of a device over HJ 212 (table 9 of the edition of 2017), and how the talk goes on.

A request is answered 9011 (ready or why not), then by its data where it asks for some, then 9012 (done or not). A
notification is answered 9013. Both carry the QN of what they answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bihuan.core.errors import InputError
from bihuan.sense.protocols.hj212.encode import encode, stamp


class Edition(StrEnum):
    """Editions that are spoken."""

    of_2005 = "2005"
    of_2017 = "2017"

    @property
    def flag(self) -> int:
        """Return Flag without its lowest two bits (6.3.4)."""
        return 4 if self is Edition.of_2017 else 0


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be asked."""

    code: str
    """CN."""
    name: str
    """Of the standard."""
    english: str
    needed: tuple[str, ...] = ()
    """Fields of its data area, in order."""
    optional: tuple[str, ...] = ()
    talk: Literal["request", "notification"] = "request"


_SPAN = ("BeginTime", "EndTime")
COMMANDS = {
    command.code: command
    for command in (
        Command("1000", "设置超时时间及重发次数", "set timeout and repeats", ("OverTime", "ReCount")),
        Command("1011", "提取现场机时间", "read the clock", (), ("PolId",)),
        Command("1012", "设置现场机时间", "set the clock", ("SystemTime",), ("PolId",)),
        Command("1061", "提取实时数据间隔", "read the real-time interval"),
        Command("1062", "设置实时数据间隔", "set the real-time interval", ("RtdInterval",)),
        Command("1063", "提取分钟数据间隔", "read the minute interval"),
        Command("1064", "设置分钟数据间隔", "set the minute interval", ("MinInterval",)),
        Command("1072", "设置现场机密码", "set the password", ("NewPW",)),
        Command("2011", "取污染物实时数据", "start real-time data"),
        Command("2012", "停止察看污染物实时数据", "stop real-time data", talk="notification"),
        Command("2021", "取设备运行状态数据", "start running states"),
        Command("2022", "停止察看设备运行状态", "stop running states", talk="notification"),
        Command("2031", "取污染物日历史数据", "read day data", _SPAN),
        Command("2041", "取设备运行时间日历史数据", "read running times a day", _SPAN),
        Command("2051", "取污染物分钟数据", "read minute data", _SPAN),
        Command("2061", "取污染物小时数据", "read hour data", _SPAN),
        Command("3011", "零点校准量程校准", "calibrate zero and span", ("PolId",)),
        Command("3012", "即时采样", "sample at once", ("PolId",)),
        Command("3013", "启动清洗反吹", "clean or blow back", ("PolId",)),
        Command("3014", "比对采样", "sample for comparison", ("PolId",)),
        Command("3015", "超标留样", "keep a sample of the exceedance"),
        Command("3016", "设置采样时间周期", "set the sampling period", ("PolId", "CstartTime", "Ctime")),
        Command("3017", "提取采样时间周期", "read the sampling period", ("PolId",)),
        Command("3018", "提取出样时间", "read how long a sample takes", ("PolId",)),
        Command("3019", "提取设备唯一标识", "read the unique identifier", ("PolId",)),
        Command("3020", "提取现场机信息", "read logs, states or settings", ("PolId", "InfoId", *_SPAN)),
        Command("3021", "设置现场机参数", "set a parameter", ("PolId", "InfoId")),
    )
}
"""By CN; 3021 takes the parameter itself as a further field, `i12001-Info`."""
_PASSWORD_OF_2005 = "PW"  # noqa: S105 the field's name then


def command(
    code: str,
    fields: Mapping[str, str | datetime],
    *,
    qn: datetime,
    station: str,
    password: str,
    device: str,
    edition: Edition = Edition.of_2017,
) -> bytes:
    """Return the frame that asks a device for something.

    Args:
        code: CN, a key of `COMMANDS`.
        fields: of its data area; times as times.
        qn: moment of asking; its milliseconds are the request's number, and the answers carry it.
        station: ST of the device, `32` for surface water pollution sources.
        password: PW.
        device: MN.
        edition: what the device speaks.

    Raises:
        InputError: no such command, or a field is missing or not its own.
    """
    known = COMMANDS.get(code)
    if known is None:
        raise InputError(f"no command has the number {code}; there are {', '.join(COMMANDS)}")
    _check(known, fields)
    named = {_field(name, code, edition): _text(value) for name, value in fields.items()}
    head = {"QN": number(qn), "ST": station, "CN": code, "PW": password, "MN": device, "Flag": str(edition.flag | 1)}
    params = {name: value for name, value in named.items() if "-" not in name}
    items: dict[str, dict[str, float | str | None]] = {}
    for name in named.keys() - params.keys():
        factor, _, suffix = name.partition("-")
        items.setdefault(factor, {})[suffix] = named[name]
    return encode(head, params, items)


def number(moment: datetime) -> str:
    """Return the QN of a moment: 17 digits, to the millisecond."""
    return stamp(moment, milliseconds=True)


def moment_of(number: str) -> datetime:
    """Return the moment of a QN.

    Raises:
        InputError: it is not 17 digits of a real time.
    """
    try:
        moment = datetime.strptime(f"{number[:14]}+0800", "%Y%m%d%H%M%S%z")
        return moment.replace(microsecond=1000 * int(number[14:]))
    except ValueError as error:
        raise InputError(f"{number!r} is no request number; it is YYYYMMDDhhmmss and three digits") from error


def _check(known: Command, fields: Mapping[str, object]) -> None:
    missing = [name for name in known.needed if name not in fields]
    own = {*known.needed, *known.optional}
    strange = [name for name in fields if name not in own and not (known.code == "3021" and name.endswith("-Info"))]
    if missing or strange:
        said = f"lacks {', '.join(missing)}" if missing else f"has no {', '.join(strange)}"
        raise InputError(f"{said}; its fields are {', '.join(sorted(own)) or 'none'}", where=f"command {known.code}")


def _field(name: str, code: str, edition: Edition) -> str:
    return _PASSWORD_OF_2005 if (name, code, edition) == ("NewPW", "1072", Edition.of_2005) else name


def _text(value: str | datetime) -> str:
    return stamp(value) if isinstance(value, datetime) else value
