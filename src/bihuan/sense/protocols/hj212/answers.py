"""The short answers of HJ 212, 9011 to 9014, which either side sends; and what they say."""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.sense.protocols.hj212.commands import Edition
from bihuan.sense.protocols.hj212.encode import encode

INTERACTION = "91"
"""ST of every answer: 系统交互."""
READY, DONE, NOTED, RECEIVED = "9011", "9012", "9013", "9014"
"""请求应答, 执行结果, 通知应答, 数据应答."""
HEARTBEAT = "9015"
READY_CODES = {
    "1": "ready",
    "2": "refused",
    "3": "wrong_password",
    "4": "wrong_device",
    "5": "wrong_station_type",
    "6": "wrong_flag",
    "7": "wrong_request_number",
    "8": "wrong_command",
    "9": "wrong_crc",
    "100": "unknown_fault",
}
"""QnRtn, 请求命令返回; what is not named here is the maker's own."""
DONE_CODES = {
    "1": "done",
    "2": "failed",
    "3": "wrong_condition",
    "4": "timed_out",
    "5": "busy",
    "6": "device_fault",
    "100": "no_data",
}
"""ExeRtn, 执行结果."""


def answer(code: str, to: Mapping[str, str], edition: Edition, result: str | None = None) -> bytes:
    """Return the frame that answers another.

    Args:
        code: one of READY, DONE, NOTED, RECEIVED.
        to: head of the frame that is answered.
        edition: 2005 carries the QN in the data area, 2017 in the head.
        result: QnRtn of READY or ExeRtn of DONE.
    """
    head = {"ST": INTERACTION, "CN": code, "PW": to.get("PW", ""), "MN": to.get("MN", ""), "Flag": str(edition.flag)}
    params: dict[str, str | None] = {}
    if "QN" in to:
        (head if edition is Edition.of_2017 else params)["QN"] = to["QN"]
    if result is not None:
        params["QnRtn" if code == READY else "ExeRtn"] = result
    return encode(head, params)


def received(to: Mapping[str, str]) -> bytes:
    """Return the body of RECEIVED in the edition of 2017 to a frame of this head, from behind its QN on.

    It is the same for every frame of one sender: `wrap(b"QN=" + qn + rest)` is the whole answer.
    """
    whole = answer(RECEIVED, {**to, "QN": "0"}, Edition.of_2017)
    return whole[len(b"##0000QN=0") : -len(b"0000\r\n")]
