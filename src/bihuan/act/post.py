"""Send what waits to be sent: claimed one by one, tried again with growing pauses, visible while it fails.

A message may arrive twice (the receiver took it and the answer was lost), never not at all without being shown as
failing; webhooks carry the number of their delivery for that.
"""

from __future__ import annotations

import json
import os
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import httpx

from bihuan.act import messages
from bihuan.act.engine import Engine
from bihuan.act.messages import Request
from bihuan.core.errors import BihuanError, InputError, MissingError, OutsideError
from bihuan.core.records.principal import Principal
from bihuan.store import events, notices
from bihuan.store.connect import Connection, Store
from bihuan.store.notices import ChannelKind, Outgoing

PAUSES = (1, 5, 30, 120, 360, 720, 1440)
"""Minutes until the next attempt; after the last the message is given up until somebody tries it again."""
LEASE = timedelta(minutes=5)
TIMEOUT_SECONDS = 10
MOST_A_ROUND = 500


@dataclass(frozen=True, slots=True)
class Post:
    """How messages leave: replaced in tests by what records them."""

    http: Callable[[Request], None]
    mail: Callable[[EmailMessage], None]
    sender: str = "bihuan@localhost"


def send_waiting(store: Store, engine: Engine, now: datetime, post: Post | None = None) -> int:
    """Send what waits, each attempt in transactions of its own; return how many got through."""
    post = post or real_post()
    with store.connection() as connection:
        while notices.lay_out(connection, now):
            pass
    sent = 0
    for _ in range(MOST_A_ROUND):
        with store.connection() as connection:
            outgoing = notices.claim(connection, now, now + LEASE)
        if outgoing is None:
            break
        sent += _attempt(store, engine, outgoing, now, post)
    return sent


def _attempt(store: Store, engine: Engine, outgoing: Outgoing, now: datetime, post: Post) -> bool:
    error = None
    try:
        with store.connection() as connection:
            letter = _letter(connection, engine, outgoing, now, post.sender)
        post.mail(letter) if isinstance(letter, EmailMessage) else post.http(letter)
    except BihuanError as refused:
        error = str(refused)[:500]
    with store.connection() as connection:
        pause = None if error is None or outgoing.attempts > len(PAUSES) else PAUSES[outgoing.attempts - 1]
        next_try = now + timedelta(minutes=pause) if pause else None
        notices.settle(connection, outgoing.id, sent_at=None if error else now, next_try=next_try, error=error)
    return error is None


def _letter(
    connection: Connection, engine: Engine, outgoing: Outgoing, now: datetime, sender: str
) -> Request | EmailMessage:
    secret = _secret(engine, outgoing)
    if outgoing.kind == "webhook":
        assert outgoing.event_stream is not None
        assert outgoing.event_seq is not None
        event = notices.event(connection, outgoing.event_stream, outgoing.event_seq)
        assert event is not None
        number = outgoing.event_stream.partition(":")[2]
        return messages.webhook(outgoing.address, event, number, outgoing.id, secret, now)
    text = _text(engine, outgoing)
    if outgoing.kind == "wecom":
        return messages.robot_of_wecom(outgoing.address, text)
    if outgoing.kind == "dingtalk":
        return messages.robot_of_dingtalk(outgoing.address, text, secret, now)
    if outgoing.kind == "sms":
        return messages.text_message(outgoing.address, text, secret)
    return messages.mail(outgoing.address, text, sender, outgoing.number or "")


def _text(engine: Engine, outgoing: Outgoing) -> str:
    known = engine.types.get(outgoing.type or "")
    return messages.text_of(
        outgoing.what or "",
        outgoing.number or "",
        outgoing.title or "",
        known.name if known else outgoing.type or "",
        engine.units.name(outgoing.unit),
        outgoing.light or 0,
        outgoing.next_due,
    )


def _secret(engine: Engine, outgoing: Outgoing) -> str | None:
    if outgoing.secret is None or outgoing.key_id is None:
        return None
    return engine.ring().open(outgoing.key_id, bytes(outgoing.secret), f"channel/{outgoing.channel_id}")


# -- channels ----------------------------------------------------------------------------------------------------------


def add_channel(
    connection: Connection,
    engine: Engine,
    who: Principal,
    kind: ChannelKind,
    address: str,
    now: datetime,
    *,
    unit: str | None = None,
    secret: str | None = None,
) -> int:
    """Open a way out for notices (or, with `webhook`, for every event) and return its number.

    Raises:
        InputError: the address does not fit the kind, or the unit is unknown.
    """
    fine = ("@" in address) if kind == "smtp" else urlsplit(address).scheme in ("http", "https")
    if not fine or len(address) > 500:
        raise InputError("a mail address (smtp) or an address beginning with http was expected", where="address")
    if unit is not None and engine.units.find(unit) is None:
        raise InputError(f"'{unit}' is no unit of the organisation tree", where="unit")
    channel = notices.add_channel(connection, kind, engine.units.find(unit) if unit else None, address, now)
    if secret:
        notices.seal_channel(connection, channel, *engine.ring().seal(secret, f"channel/{channel}"))
    event = events.NewEvent("channel.opened", {"kind": kind, "unit": unit}, who.id)
    events.append(connection, f"channel:{channel}", [event], at=now)
    return channel


def stop_channel(connection: Connection, who: Principal, channel: int, now: datetime) -> None:
    """Stop a channel; what waits for it is still tried.

    Raises:
        MissingError: there is no such channel, or it is stopped.
    """
    if not notices.stop_channel(connection, channel, now):
        raise MissingError("there is no such channel, or it is stopped already", where=str(channel))
    events.append(connection, f"channel:{channel}", [events.NewEvent("channel.stopped", {}, who.id)], at=now)


# -- the real way out --------------------------------------------------------------------------------------------------


def real_post() -> Post:
    """Return HTTP by httpx and mail by the server that BIHUAN_SMTP_URL names (`smtp://user:password@host:25`)."""
    return Post(_http, _mail, os.environ.get("BIHUAN_MAIL_FROM", "bihuan@localhost"))


def _http(request: Request) -> None:
    try:
        answer = httpx.post(
            request.url,
            content=request.body,
            headers=dict(request.headers),
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            trust_env=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OutsideError(f"did not answer: {type(error).__name__}") from error
    if answer.status_code >= 300:
        raise OutsideError(f"answered {answer.status_code}")
    if request.wants_errcode:
        _require_errcode(answer.text)


def _require_errcode(text: str) -> None:
    """A robot that refuses says so in its body."""
    try:
        code = json.loads(text).get("errcode")
    except (ValueError, AttributeError):
        code = None
    if code != 0:
        raise OutsideError(f"refused: {text[:200]}")


def _mail(message: EmailMessage) -> None:
    url = urlsplit(os.environ.get("BIHUAN_SMTP_URL", ""))
    if not url.hostname:
        raise OutsideError("no mail server is named; set BIHUAN_SMTP_URL, such as smtp://user:password@host:25")
    kind = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(url.hostname, url.port or 25, timeout=TIMEOUT_SECONDS) as server:
            if url.username:
                server.login(url.username, url.password or "")
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise OutsideError(f"the mail server did not take it: {type(error).__name__}") from error
