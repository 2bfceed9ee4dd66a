"""What a notice says, and how each kind of channel wants it. Pure: a notice in, a request or mail out.

Formats: group robots of 企业微信 (`msgtype: text`) and 钉钉 (the same, signed by HMAC-SHA256 in the address), a JSON
gateway for text messages, mail (RFC 5322), and webhooks signed as `sha256=HMAC(secret, timestamp.body)`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote_plus, urldefrag

from bihuan.act.clock import CHINA
from bihuan.core.records.case import LIGHTS

LIGHT_WORDS: Mapping[str, str] = {"green": "绿灯", "blue": "蓝灯", "yellow": "黄灯", "orange": "橙灯", "red": "红灯"}
WHAT_WORDS: Mapping[str, str] = {
    "timer.remind": "即将到期",
    "timer.light": "亮灯提醒",
    "timer.due": "已到期",
    "timer.escalate": "逾期升级",
    "case.opened": "新事项",
    "case.assign": "交办",
    "case.bounce": "退单",
    "case.return": "退回",
    "case.apply": "申请办结",
    "case.close": "办结",
    "case.reopen": "重新办理",
    "case.report": "进展",
    "case.request_extension": "申请延期",
    "case.grant_extension": "同意延期",
    "case.refuse_extension": "不同意延期",
    "case.escalate": "升级督办",
    "case.propose": "建议销号",
    "case.rate": "评价",
    "case.suspend": "中止计时",
    "case.resume": "恢复计时",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP POST."""

    url: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str]
    wants_errcode: bool = False
    """Whether the answer is JSON whose `errcode` must be 0: robots answer 200 also where they refuse."""


def text_of(
    what: str, number: str, title: str, type_name: str, unit_name: str, light: int, next_due: datetime | None
) -> str:
    """Return a notice in one line: no personal data, for a list row has none."""
    due = f"，最近时限 {next_due.astimezone(CHINA):%Y-%m-%d %H:%M}" if next_due else ""
    said = WHAT_WORDS.get(what, what)
    return f"【{said}】{type_name} {number} {title}（{unit_name}，{LIGHT_WORDS[LIGHTS[light]]}{due}）"


def robot_of_wecom(address: str, text: str) -> Request:
    """Return the request of a 企业微信 group robot."""
    return Request(address, _json({"msgtype": "text", "text": {"content": text}}), _JSON, wants_errcode=True)


def robot_of_dingtalk(address: str, text: str, secret: str | None, now: datetime) -> Request:
    """Return the request of a 钉钉 group robot; with a secret it is signed as its documents ask."""
    if secret:
        stamp = round(now.timestamp() * 1000)
        digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
        address += f"{'&' if '?' in address else '?'}timestamp={stamp}&sign={quote_plus(base64.b64encode(digest))}"
    return Request(address, _json({"msgtype": "text", "text": {"content": text}}), _JSON, wants_errcode=True)


def text_message(address: str, text: str, secret: str | None) -> Request:
    """Return the request of a text-message gateway; the numbers stand behind `#` in its address."""
    url, numbers = urldefrag(address)
    headers = {**_JSON, **({"authorization": f"Bearer {secret}"} if secret else {})}
    return Request(url, _json({"mobiles": numbers.split(","), "content": text}), headers)


def mail(address: str, text: str, sender: str, number: str) -> EmailMessage:
    """Return a mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, address, text.split("（")[0]
    message["X-Bihuan-Case"] = number
    message.set_content(text)
    return message


def webhook(
    address: str, event: Mapping[str, Any], number: str, delivery: int, secret: str | None, now: datetime
) -> Request:
    """Return a signed webhook: an event of a case, without its inner `changes`."""
    told = {key: value for key, value in event["body"].items() if key != "changes"}
    body = _json(
        {
            "case": number,
            "version": event["seq"],
            "type": event["type"],
            "actor": event["actor"],
            "time": event["time"].isoformat(),
            "body": told,
        }
    )
    stamp = str(round(now.timestamp()))
    headers = {**_JSON, "x-bihuan-delivery": str(delivery), "x-bihuan-timestamp": stamp}
    if secret:
        headers["x-bihuan-signature"] = "sha256=" + signature(secret, stamp, body)
    return Request(address, body, headers)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what a receiver of webhooks compares: HMAC-SHA256 over `timestamp.body`, in hexadecimal digits."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


_JSON: Mapping[str, str] = {"content-type": "application/json; charset=utf-8"}


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
