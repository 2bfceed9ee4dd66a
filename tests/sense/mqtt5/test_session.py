"""A talk in MQTT 5 without sockets: the rules of the standard, however the bytes are cut."""

from __future__ import annotations

import itertools
from typing import Any

import mqtt5
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.sense.mqtt5.packets import Code, Connect, Publish, Subscribe
from bihuan.sense.mqtt5.session import Offer, Session

OFFER = Offer(receive_maximum=3, largest=500, aliases=2, keep_alive=100)


class Talk:
    """A client and the session it talks to; what is asked is granted."""

    def __init__(self, **connect: Any) -> None:
        self.session = Session(OFFER)
        self.asked: list[Any] = []
        self.heard: list[Any] = []
        self.say(mqtt5.ConnectPacket("c", **connect))

    def say(self, *said: Any) -> None:
        self.bytes(b"".join(one if isinstance(one, bytes) else one.write() for one in said))

    def bytes(self, data: bytes) -> None:
        for event in self.session.receive(data):
            self.asked.append(event)
            if isinstance(event, Connect):
                self.session.accept(None if event.client else "given")
            elif isinstance(event, Subscribe):
                self.session.grant(event, [min(qos, 1) for _, qos in event.filters])
        self.listen()

    def listen(self) -> None:
        out = memoryview(self.session.take())
        while out:
            packet, size = mqtt5.read(out)
            self.heard.append(packet)
            out = out[size:]

    def messages(self) -> list[tuple[str, bytes]]:
        return [(one.topic, one.payload) for one in self.asked if isinstance(one, Publish)]


def message(number: int = 1, topic: str = "bihuan/P1/up", payload: bytes = b"x", **more: Any) -> Any:
    return mqtt5.PublishPacket(topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=number, **more)


def test_a_client_is_let_in_and_told_what_it_may_do() -> None:
    hello = Talk(keep_alive=60, session_expiry_interval=900).heard[0]
    assert (hello.reason_code, hello.session_present, hello.session_expiry_interval) == (0, False, 0)
    assert (hello.receive_max, hello.max_packet_size, hello.topic_alias_max, hello.server_keep_alive) == (
        3,
        500,
        2,
        None,
    )
    assert hello.max_qos == 1
    for keep_alive in (0, 101):
        talk = Talk(keep_alive=keep_alive)
        assert (talk.heard[0].server_keep_alive, talk.session.keep_alive) == (100, 100)
    will = Talk(will=mqtt5.Will("bihuan/P1/up", payload=b"gone"))
    assert will.session.ended is None
    assert "will is not published" in will.heard[0].reason_str


@pytest.mark.parametrize(
    ("connect", "code"),
    [
        ({"authentication_method": "SCRAM"}, Code.BAD_AUTHENTICATION_METHOD),
        ({"will": mqtt5.Will("a", retain=True)}, Code.RETAIN_NOT_SUPPORTED),
        ({"will": mqtt5.Will("a", qos=mqtt5.QoS.EXACTLY_ONCE)}, Code.QOS_NOT_SUPPORTED),
    ],
)
def test_who_asks_for_what_is_not_offered_is_not_let_in(connect: Any, code: Code) -> None:
    talk = Talk(**connect)
    (answer,) = talk.heard
    assert (type(answer), answer.reason_code, talk.session.ended) == (mqtt5.ConnAckPacket, code, code)
    assert answer.reason_str
    assert talk.asked == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ([message(1), message(2), message(3), message(4)], Code.RECEIVE_MAXIMUM_EXCEEDED),
        ([message(retain=True)], Code.RETAIN_NOT_SUPPORTED),
        ([mqtt5.PublishPacket("a", b"", qos=mqtt5.QoS.EXACTLY_ONCE, packet_id=1)], Code.QOS_NOT_SUPPORTED),
        ([message(topic_alias=3)], Code.TOPIC_ALIAS_INVALID),
        ([b"\x30\x08\0\2ab\x03\x23\0\0"], Code.TOPIC_ALIAS_INVALID),
        ([message(topic="", topic_alias=1)], Code.PROTOCOL_ERROR),
        ([message(payload=b"x" * 500)], Code.PACKET_TOO_LARGE),
        ([mqtt5.ConnectPacket("c")], Code.PROTOCOL_ERROR),
        (
            [mqtt5.AuthPacket(reason_code=mqtt5.AuthReasonCode.RE_AUTHENTICATE, authentication_method="x")],
            Code.PROTOCOL_ERROR,
        ),
        ([mqtt5.PubAckPacket(1)], Code.PROTOCOL_ERROR),
        ([mqtt5.PubRelPacket(1)], Code.PROTOCOL_ERROR),
        ([mqtt5.SubscribePacket(1, [mqtt5.TopicFilter("a/#")])], Code.WILDCARDS_NOT_SUPPORTED),
        ([mqtt5.SubscribePacket(1, [mqtt5.TopicFilter("$share/g/a")])], Code.SHARED_NOT_SUPPORTED),
        ([mqtt5.SubscribePacket(1, [mqtt5.TopicFilter("a")], subscription_id=1)], Code.SUBSCRIPTION_IDS_NOT_SUPPORTED),
        ([b"\x30\x05\0\2\xff\xfe\0"], Code.MALFORMED),
    ],
)
def test_a_broken_rule_ends_the_talk_with_its_code_and_nothing_after_it_counts(said: list[Any], code: Code) -> None:
    talk = Talk()
    talk.say(*said, message(9))
    last = talk.heard[-1]
    assert (type(last), last.reason_code, talk.session.ended) == (mqtt5.DisconnectPacket, code, code)
    assert last.reason_str
    assert all(one.number != 9 for one in talk.asked if isinstance(one, Publish))
    heard = len(talk.heard)
    talk.session.acknowledge(1)
    talk.say(message(10))
    assert len(talk.heard) == heard


def test_what_is_answered_makes_room_for_more() -> None:
    talk = Talk()
    for number in range(1, 20):
        talk.say(message(number % 4 + 1))
        talk.session.acknowledge(number % 4 + 1)
        talk.listen()
    assert talk.session.ended is None
    assert [one.reason_code for one in talk.heard[1:]] == [0] * 19
    talk.say(mqtt5.PublishPacket("a", b"nobody waits"))
    talk.session.acknowledge(talk.asked[-1].number)
    talk.listen()
    assert len(talk.heard) == 20


def test_an_alias_stands_for_the_last_topic_it_was_given() -> None:
    talk = Talk()
    for topic, alias in (("a", 1), ("b", 2), ("", 1), ("c", 1), ("", 1), ("", 2)):
        talk.say(mqtt5.PublishPacket(topic, b"", topic_alias=alias))
    assert [topic for topic, _ in talk.messages()] == ["a", "b", "a", "c", "c", "b"]


def test_reasons_are_told_to_who_wants_them_and_has_room() -> None:
    for connect, told in (({}, True), ({"request_problem_info": False}, False), ({"max_packet_size": 20}, False)):
        talk = Talk(max_packet_size=connect.pop("max_packet_size", None), **connect)
        talk.say(message(1))
        talk.session.acknowledge(1, Code.NOT_AUTHORIZED, "a reason that takes more than twenty bytes")
        talk.listen()
        answer = talk.heard[-1]
        assert (answer.reason_code, answer.reason_str is not None) == (Code.NOT_AUTHORIZED, told)


def test_pings_subscriptions_and_good_bye() -> None:
    talk = Talk()
    talk.say(mqtt5.PingReqPacket(), mqtt5.SubscribePacket(1, [mqtt5.TopicFilter("a", max_qos=mqtt5.QoS.EXACTLY_ONCE)]),
             mqtt5.UnsubscribePacket(2, ["a", "b"]), mqtt5.UnsubscribePacket(3, ["a"]))  # fmt: skip
    ping, granted, gone, again = talk.heard[1:]
    assert isinstance(ping, mqtt5.PingRespPacket)
    assert list(granted.reason_codes) == [1]
    assert (list(map(int, gone.reason_codes)), list(map(int, again.reason_codes))) == ([0, 0x11], [0x11])
    talk.say(mqtt5.DisconnectPacket())
    assert talk.session.ended == Code.SUCCESS
    assert len(talk.heard) == 5


@pytest.mark.parametrize("first", [message(1).write(), b"GET / HTTP/1.1\r\n\r\n", b"\xff", b"\x00"])
def test_who_does_not_begin_with_connect_is_told_nothing(first: bytes) -> None:
    session = Session(OFFER)
    assert list(session.receive(first)) == []
    assert (session.ended, session.take()) == (Code.PROTOCOL_ERROR, b"")


def test_a_connect_that_cannot_be_read_is_refused_by_connack() -> None:
    for wrong, code in (
        (b"\x10\x0d\0\4MQTT\5\1\0\0\0\0\0", Code.MALFORMED),
        (b"\x10\xff\xff\x7f", Code.PACKET_TOO_LARGE),
    ):
        session = Session(OFFER)
        assert list(session.receive(wrong)) == []
        answer, _ = mqtt5.read(memoryview(session.take()))
        assert (type(answer), answer.reason_code) == (mqtt5.ConnAckPacket, code)


SAID = (
    mqtt5.ConnectPacket("", username="P1", password=b"s", will=mqtt5.Will("w", content_type="t")).write()
    + message(1, topic_alias=1, user_properties=[("k", "v")], payload=b"y" * 200).write()
    + mqtt5.PingReqPacket().write()
    + message(2, topic="", topic_alias=1).write()
    + mqtt5.SubscribePacket(3, [mqtt5.TopicFilter("bihuan/P1/down")]).write()
    + mqtt5.PublishPacket("bihuan/P2/up", b"z").write()
    + mqtt5.DisconnectPacket().write()
)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(set(at)), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


def outcome(segments: list[bytes]) -> Any:
    talk = Talk.__new__(Talk)
    talk.session, talk.asked, talk.heard = Session(OFFER), [], []
    for segment in segments:
        talk.bytes(segment)
        assert talk.session.held_bytes <= OFFER.largest + len(segment)
    return talk.asked, [one.write() for one in talk.heard], talk.session.ended


@given(st.lists(st.integers(0, len(SAID)), max_size=60))
def test_however_the_bytes_are_cut_the_same_is_asked_and_answered(at: list[int]) -> None:
    assert outcome(cut(SAID, at)) == outcome([SAID])


@given(st.lists(st.tuples(st.integers(0, len(SAID) - 1), st.integers(0, 255)), max_size=4),
       st.lists(st.integers(0, len(SAID)), max_size=20))  # fmt: skip
def test_near_valid_bytes_end_alike_however_they_are_cut(changes: list[tuple[int, int]], at: list[int]) -> None:
    data = bytearray(SAID)
    for place, byte in changes:
        data[place] = byte
    whole = outcome([bytes(data)])
    assert outcome(cut(bytes(data), at)) == whole
    assert whole[2] is not None or changes


@given(st.lists(st.binary(max_size=100), max_size=20))
def test_noise_ends_the_talk_and_nothing_is_held(segments: list[bytes]) -> None:
    talk = Talk()
    for segment in segments:
        talk.bytes(segment)
        assert talk.session.held_bytes <= OFFER.largest
        assert talk.session.ended is None or talk.session.held_bytes == 0
