"""Notices and messages: what is told, how each channel wants it, retried and visible when it fails."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import quote_plus

import pytest
from icalendar import Calendar
from tests.act.conftest import CHIEF, CLERK, Office, at

from bihuan.act import accounts, post, timers
from bihuan.act.calendar_feed import feed, may_read
from bihuan.act.command import Command
from bihuan.act.messages import Request, robot_of_dingtalk, signature
from bihuan.act.post import Post, real_post
from bihuan.act.timers import tick
from bihuan.core.errors import InputError, MissingError, OutsideError
from bihuan.store import notices

NOW = at("2026-03-02T10:00")


class Receiver(HTTPServer):
    """A server that keeps what it is sent, and answers as it is told."""

    answer: tuple[int, bytes] = (200, b'{"errcode": 0}')

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.answer[0])
        self.end_headers()
        self.wfile.write(self.server.answer[1])

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def open_channel(office: Office, kind: str, address: str, **more: str) -> int:
    with office.store.connection() as connection:
        return post.add_channel(connection, office.engine, CHIEF, kind, address, NOW, **more)  # type: ignore[arg-type]


def send(office: Office, when: str = "2026-03-02T10:00", how: Post | None = None) -> int:
    return post.send_waiting(office.store, office.engine, at(when), how)


def test_a_robot_of_each_kind_is_told_in_its_own_format(office: Office, receiver: Receiver) -> None:
    open_channel(office, "wecom", receiver.url, unit="ecology")
    open_channel(office, "dingtalk", receiver.url, unit="ecology", secret="SEC1")
    open_channel(office, "sms", receiver.url + "#0353-1,0353-2", unit="ecology", secret="token")
    open_channel(office, "wecom", receiver.url, unit="water")
    number = office.matter().number
    assert send(office) == 3
    assert send(office) == 0
    bodies = {json.dumps(sorted(json.loads(body))): json.loads(body) for _, _, body in receiver.got}
    text = f"【新事项】13710 督办 {number} 河道排口整治（市生态环境局，绿灯，最近时限 2026-03-03 18:00）"
    assert [b["text"]["content"] for b in bodies.values() if "text" in b] == [text]
    assert [b for b in bodies.values() if "mobiles" in b] == [{"mobiles": ["0353-1", "0353-2"], "content": text}]
    assert sum("timestamp=" in path and "sign=" in path for path, _, _ in receiver.got) == 1
    assert [h["authorization"] for _, h, b in receiver.got if b"mobiles" in b] == ["Bearer token"]


def test_dingtalk_is_signed_as_its_documents_say() -> None:
    request = robot_of_dingtalk("https://oapi/robot/send?access_token=a", "x", "this is secret", at("2026-03-02T10:00"))
    digest = hmac.new(b"this is secret", b"1772416800000\nthis is secret", hashlib.sha256).digest()
    sign = quote_plus(base64.b64encode(digest))
    assert request.url == f"https://oapi/robot/send?access_token=a&timestamp=1772416800000&sign={sign}"


def test_a_webhook_carries_every_transition_signed(office: Office, receiver: Receiver) -> None:
    open_channel(office, "webhook", receiver.url, secret="s3cret")
    case = office.matter()
    office.act(CLERK, case.number, Command("report", 1, note="已部署"))
    assert send(office) == 2
    told = [json.loads(body) for _, _, body in receiver.got]
    assert [(t["case"], t["version"], t["type"]) for t in told] == [
        (case.number, 1, "case.opened"),
        (case.number, 2, "case.report"),
    ]
    assert told[1]["body"]["note"] == "已部署"
    assert "changes" not in told[1]["body"]


def test_a_webhook_hears_of_lights_and_escalations_too(office: Office, receiver: Receiver) -> None:
    """What a timer does to a case is a transition as well: every version is told, to those who listen to its units."""
    open_channel(office, "webhook", receiver.url, secret="s3cret", unit="ecology")
    open_channel(office, "webhook", receiver.url + "/water", secret="s3cret", unit="water")
    case = office.matter()
    late = at("2026-03-04T18:00")
    assert tick(office.store, office.engine, late) > 1
    send(office, "2026-03-04T18:00")
    told = [json.loads(body) for path, _, body in receiver.got]
    assert [t["version"] for t in told] == list(range(1, office.load(case.number).version + 1))
    assert {t["type"] for t in told} == {"case.opened", "case.timer"}
    assert "red" in {t["body"].get("light") for t in told}
    for _, headers, body in receiver.got:
        expected = "sha256=" + signature("s3cret", headers["x-bihuan-timestamp"], body)
        assert headers["x-bihuan-signature"] == expected
    with office.store.connection() as connection:
        stored = connection.execute("select secret from act_channel").fetchone()
    assert stored is not None
    assert b"s3cret" not in bytes(stored[0])


def test_what_fails_is_tried_again_with_growing_pauses_and_shown(office: Office, receiver: Receiver) -> None:
    open_channel(office, "wecom", receiver.url, unit="ecology")
    receiver.answer = (200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}')
    office.matter()
    assert send(office) == 0
    assert send(office, "2026-03-02T10:00") == 0
    assert len(receiver.got) == 1
    with office.store.connection() as connection:
        failing = notices.failing(connection)
    assert len(failing) == 1
    assert "93000" in failing[0].error
    assert failing[0].next_try == NOW + timedelta(minutes=1)
    receiver.answer = (500, b"")
    send(office, "2026-03-02T10:01")
    assert len(receiver.got) == 2
    receiver.answer = (200, b'{"errcode": 0}')
    assert send(office, "2026-03-02T10:05") == 0
    assert send(office, "2026-03-02T10:06") == 1
    with office.store.connection() as connection:
        assert notices.failing(connection) == []


def test_after_a_day_and_a_half_it_is_given_up_until_somebody_tries_again(office: Office) -> None:
    open_channel(office, "smtp", "office@example.org", unit="ecology")
    mails: list[EmailMessage] = []

    def refuse(_: EmailMessage) -> None:
        raise OutsideError("the mail server did not take it")

    office.matter()
    now = NOW
    for _ in range(12):
        post.send_waiting(office.store, office.engine, now, Post(lambda _: None, refuse))
        now += timedelta(days=2)
    with office.store.connection() as connection:
        failing = notices.failing(connection)
        assert (failing[0].attempts, failing[0].next_try) == (8, None)
        assert notices.retry(connection, failing[0].id, now)
    assert post.send_waiting(office.store, office.engine, now, Post(lambda _: None, mails.append)) == 1
    assert mails[0]["To"] == "office@example.org"
    assert mails[0]["Subject"].startswith("【新事项】13710 督办")


def test_a_dead_address_is_a_failure_not_a_crash() -> None:
    with pytest.raises(OutsideError, match="did not answer"):
        real_post().http(Request("http://127.0.0.1:9/x", b"{}", {}))
    with pytest.raises(OutsideError, match="BIHUAN_SMTP_URL"):
        real_post().mail(EmailMessage())


def test_an_inbox_counts_what_is_unread(office: Office) -> None:
    for _ in range(3):
        office.matter()
    with office.store.connection() as connection:
        accounts.first_administrator(connection, office.engine.units, NOW)  # account 1
    timers.tick(office.store, office.engine, at("2026-03-03T18:01"))
    with office.store.connection() as connection:
        lines = notices.inbox(connection, ["ecology"], 1)
        assert [line.what for line in lines[:3]] == ["timer.due"] * 3
        assert notices.unread(connection, ["ecology"], 1) == len(lines) == 9
        notices.mark_read(connection, ["ecology"], 1, lines[2].id)
        assert notices.unread(connection, ["ecology"], 1) == 2
        assert notices.unread(connection, ["ecology"], 2) == 9
        older = notices.inbox(connection, ["ecology"], 1, before=lines[-1].id)
        assert older == []


def test_a_channel_that_does_not_fit_is_refused(office: Office) -> None:
    for kind, address in (("smtp", "https://x"), ("webhook", "ftp://x"), ("wecom", "javascript:alert(1)")):
        with pytest.raises(InputError):
            open_channel(office, kind, address)
    channel = open_channel(office, "webhook", "http://127.0.0.1:9/")
    with office.store.connection() as connection:
        post.stop_channel(connection, CHIEF, channel, NOW)
        with pytest.raises(MissingError):
            post.stop_channel(connection, CHIEF, channel, NOW)
    office.matter()
    assert send(office) == 0


def test_a_unit_has_its_due_times_in_its_calendar(office: Office) -> None:
    case = office.matter()
    with office.store.connection() as connection:
        text = feed(connection, office.engine, "ecology", NOW)
        assert not Calendar.from_ical(feed(connection, office.engine, "water", NOW)).walk("VEVENT")
    events = Calendar.from_ical(text).walk("VEVENT")
    assert [str(event["uid"]) for event in events] == [f"{case.number}@bihuan"]
    assert events[0]["dtend"].dt == at("2026-03-03T18:00")
    assert may_read(CHIEF, "ecology", office.engine)
    assert not may_read(CLERK, "water", office.engine)
