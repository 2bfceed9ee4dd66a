"""Packets of MQTT 5, held against another codec (`mqtt5` of PyPI) both ways, and against what the standard forbids."""

from __future__ import annotations

import contextlib
from typing import Any

import mqtt5
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.sense.mqtt5 import packets
from bihuan.sense.mqtt5.packets import Code, Fault

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
TOPIC = st.text(st.characters(exclude_characters="\0+#", exclude_categories=["Cs"]), min_size=1, max_size=20)
BINARY = st.binary(max_size=20)
QOS = (mqtt5.QoS.AT_MOST_ONCE, mqtt5.QoS.AT_LEAST_ONCE, mqtt5.QoS.EXACTLY_ONCE)
NUMBER = st.integers(1, 65_535)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=2)
MESSAGE = {
    "content_type": st.none() | TEXT,
    "response_topic": st.none() | TOPIC,
    "correlation_data": st.none() | BINARY,
    "message_expiry_interval": st.none() | st.integers(0, 2**32 - 1),
    "payload_format_indicator": st.integers(0, 1),
    "user_properties": PAIRS,
}
WILL = st.builds(mqtt5.Will, TOPIC, payload=BINARY, qos=st.sampled_from(QOS), retain=st.booleans(),
                 will_delay_interval=st.integers(0, 9), **MESSAGE)  # fmt: skip
CONNECT = st.builds(
    mqtt5.ConnectPacket, TEXT, username=st.none() | TEXT, password=st.none() | BINARY, clean_start=st.booleans(),
    will=st.none() | WILL, keep_alive=st.integers(0, 65_535), session_expiry_interval=st.integers(0, 2**32 - 1),
    authentication_method=st.none() | TEXT, request_problem_info=st.booleans(), request_response_info=st.booleans(),
    receive_max=NUMBER, topic_alias_max=st.integers(0, 65_535), max_packet_size=st.none() | st.integers(1, 2**32 - 1),
    user_properties=PAIRS,
)  # fmt: skip


def read(data: bytes) -> Any:
    """Read one packet, which must be all there is."""
    body = packets.framed(data, 0, 2**20)
    assert body is not None
    assert body[1] == len(data)
    return packets.read(data[0], data[body[0] :])


@given(CONNECT)
def test_a_connect_is_read_as_it_was_meant(sent: Any) -> None:
    got = read(sent.write())
    assert (got.client, got.user, got.password, got.keep_alive) == (
        sent.client_id, sent.username, sent.password, sent.keep_alive
    )  # fmt: skip
    assert (got.clean_start, got.session_expiry, got.largest, got.wants_reasons, got.authentication_method) == (
        sent.clean_start, sent.session_expiry_interval, sent.max_packet_size, sent.request_problem_info,
        sent.authentication_method,
    )  # fmt: skip
    if sent.will is None:
        assert got.will is None
    else:
        will = sent.will
        assert got.will == packets.Will(will.topic, will.payload or b"", int(will.qos), will.retain)


@given(TOPIC, st.binary(max_size=300), st.sampled_from([0, 1, 2]), NUMBER, st.booleans(), st.none() | NUMBER, st.data())
def test_a_message_is_read_as_it_was_meant(
    topic: str, payload: bytes, qos: int, number: int, retain: bool, alias: int | None, data: st.DataObject
) -> None:
    properties = data.draw(st.fixed_dictionaries(MESSAGE))
    sent = mqtt5.PublishPacket(topic, payload, qos=QOS[qos], packet_id=number if qos else None, retain=retain,
                               topic_alias=alias, **properties)  # fmt: skip
    got = read(sent.write())
    is_text = properties["payload_format_indicator"] == 1
    assert got == packets.Publish(topic, payload, qos, retain, number if qos else 0, alias, is_text)


@given(NUMBER, st.lists(st.tuples(TOPIC, st.sampled_from([0, 1, 2])), min_size=1, max_size=3), PAIRS)
def test_subscriptions_are_read_as_they_were_meant(number: int, filters: list[tuple[str, int]], pairs: Any) -> None:
    asked = [mqtt5.TopicFilter(topic, max_qos=QOS[qos]) for topic, qos in filters]
    sent = mqtt5.SubscribePacket(number, asked, user_properties=pairs)
    assert read(sent.write()) == packets.Subscribe(number, tuple(filters))
    assert read(mqtt5.SubscribePacket(number, asked, subscription_id=7).write()).has_identifier
    gone = mqtt5.UnsubscribePacket(number, [topic for topic, _ in filters], user_properties=pairs)
    assert read(gone.write()) == packets.Unsubscribe(number, tuple(topic for topic, _ in filters))


def test_the_rest_is_read() -> None:
    assert read(mqtt5.PingReqPacket().write()) == packets.Ping()
    assert read(mqtt5.DisconnectPacket().write()) == packets.Disconnect()
    assert read(mqtt5.DisconnectPacket(reason_str="x", session_expiry_interval=9).write()) == packets.Disconnect()
    assert read(mqtt5.AuthPacket(authentication_method="x").write()) == packets.Auth()


def theirs(data: bytes) -> Any:
    packet, size = mqtt5.read(memoryview(data))
    assert size == len(data)
    return packet


@given(NUMBER, st.none() | TEXT)
def test_answers_are_read_by_others_as_they_were_meant(number: int, reason: str | None) -> None:
    got = theirs(packets.puback(number, Code.PAYLOAD_FORMAT_INVALID, reason))
    assert (got.packet_id, got.reason_code, got.reason_str) == (number, Code.PAYLOAD_FORMAT_INVALID, reason)
    assert theirs(packets.puback(number)).reason_code == 0
    got = theirs(packets.suback(number, [0, 1, Code.NOT_AUTHORIZED], reason))
    assert (got.packet_id, list(map(int, got.reason_codes)), got.reason_str) == (number, [0, 1, 0x87], reason)
    got = theirs(packets.unsuback(number, [Code.NO_SUBSCRIPTION_EXISTED]))
    assert (got.packet_id, list(map(int, got.reason_codes))) == (number, [0x11])
    got = theirs(packets.disconnect(Code.SERVER_BUSY, reason))
    assert (got.reason_code, got.reason_str) == (Code.SERVER_BUSY, reason)
    got = theirs(packets.publish("a/b", b"x", number=number, alias=3))
    assert (got.topic, got.payload, got.packet_id, got.topic_alias) == ("a/b", b"x", number, 3)
    got = theirs(packets.connect("c", "u", b"p", keep_alive=number))
    assert (got.client_id, got.username, got.password, got.keep_alive) == ("c", "u", b"p", number)
    assert isinstance(theirs(packets.PINGRESP), mqtt5.PingRespPacket)


def test_a_client_is_told_what_is_not_offered() -> None:
    got = theirs(packets.connack(client="given", keep_alive=9, receive_maximum=8, aliases=7, largest=6, reason="so"))
    assert (got.session_present, got.reason_code, got.session_expiry_interval) == (False, 0, 0)
    assert (got.max_qos, got.retain_available) == (mqtt5.QoS.AT_LEAST_ONCE, False)
    assert not any(
        [got.wildcard_subscription_available, got.subscription_id_available, got.shared_subscription_available]
    )
    assert (got.assigned_client_id, got.server_keep_alive, got.receive_max) == ("given", 9, 8)
    assert (got.topic_alias_max, got.max_packet_size, got.reason_str) == (7, 6, "so")
    refused = theirs(packets.connack(Code.BAD_USER_OR_PASSWORD, "no"))
    assert (refused.reason_code, refused.reason_str) == (Code.BAD_USER_OR_PASSWORD, "no")


MQTT5 = b"\x00\x04MQTT\x05"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (b"\x00\x00", Code.MALFORMED),
        (b"\x20\x03\0\0\0", Code.PROTOCOL_ERROR),
        (b"\x62\x02\0\1", Code.PROTOCOL_ERROR),
        (b"\x10\x0d\x00\x04MQTT\x04\0\0\0\0\0\0", Code.UNSUPPORTED_VERSION),
        (b"\x11\x0d" + MQTT5 + b"\x00\0\0\0\0\0", Code.MALFORMED),
        (b"\x10\x0d" + MQTT5 + b"\x01\0\0\0\0\0", Code.MALFORMED),
        (b"\x10\x0d" + MQTT5 + b"\x20\0\0\0\0\0", Code.MALFORMED),
        (b"\x10\x0d" + MQTT5 + b"\x1c\0\0\0\0\0", Code.MALFORMED),
        (b"\x10\x0e" + MQTT5 + b"\x00\0\0\0\0\0\0", Code.MALFORMED),
        (b"\x10\x10" + MQTT5 + b"\x00\0\0\x03\x21\0\0\0\0", Code.PROTOCOL_ERROR),
        (b"\x10\x12" + MQTT5 + b"\x00\0\0\x05\x27\0\0\0\0\0\0", Code.PROTOCOL_ERROR),
        (b"\x10\x0f" + MQTT5 + b"\x00\0\0\x02\x17\x02\0\0", Code.PROTOCOL_ERROR),
        (b"\x10\x11" + MQTT5 + b"\x00\0\0\x04\x17\x01\x17\x01\0\0", Code.PROTOCOL_ERROR),
        (b"\x10\x10" + MQTT5 + b"\x00\0\0\x03\x23\0\1\0\0", Code.MALFORMED),
        (b"\x10\x11" + MQTT5 + b"\x00\0\0\x04\x16\0\1x\0\0", Code.PROTOCOL_ERROR),
        (b"\x10\x0f" + MQTT5 + b"\x00\0\0\0\0\2\xc3\x28", Code.MALFORMED),
        (b"\x10\x0e" + MQTT5 + b"\x00\0\0\0\0\1\0", Code.MALFORMED),
        (b"\x30\x03\0\0\0", Code.PROTOCOL_ERROR),
        (b"\x30\x05\0\2a#\0", Code.TOPIC_NAME_INVALID),
        (b"\x30\x05\0\2\xff\xfe\0", Code.MALFORMED),
        (b"\x38\x05\0\2ab\0", Code.MALFORMED),
        (b"\x36\x07\0\2ab\0\1\0", Code.MALFORMED),
        (b"\x32\x07\0\2ab\0\0\0", Code.PROTOCOL_ERROR),
        (b"\x30\x09\0\2ab\x04\x08\0\1+", Code.PROTOCOL_ERROR),
        (b"\x30\x07\0\2ab\x02\x0b\1", Code.MALFORMED),
        (b"\x30\x06\0\2ab\x05\1", Code.MALFORMED),
        (b"\x30\x06\0\2ab\x80\0", Code.MALFORMED),
        (b"\x80\x06\0\1\0\0\0\0", Code.MALFORMED),
        (b"\x82\x03\0\1\0", Code.PROTOCOL_ERROR),
        (b"\x82\x07\0\1\0\0\1a\3", Code.PROTOCOL_ERROR),
        (b"\x82\x07\0\1\0\0\1a\x30", Code.PROTOCOL_ERROR),
        (b"\x82\x07\0\1\0\0\1a\x40", Code.MALFORMED),
        (b"\x82\x09\0\1\2\x0b\0\0\1a\0", Code.PROTOCOL_ERROR),
        (b"\xa2\x03\0\1\0", Code.PROTOCOL_ERROR),
        (b"\xc0\x01\0", Code.MALFORMED),
        (b"\xe0\x03\0\0\0", Code.MALFORMED),
    ],
)
def test_what_breaks_a_rule_is_refused_with_the_standards_code(wrong: bytes, code: Code) -> None:
    with pytest.raises(Fault) as fault:
        read(wrong)
    assert fault.value.code == code


def test_a_packet_is_refused_by_its_length_before_it_has_come() -> None:
    assert packets.framed(b"\x30\xe4\x00"[:1], 0, 100) is None
    for wrong, code in ((b"\x30\xff\xff\xff\x7f", Code.PACKET_TOO_LARGE), (b"\x30\x80\x80\x80\x80", Code.MALFORMED),
                        (b"\x30\x81\x00", Code.MALFORMED)):  # fmt: skip
        with pytest.raises(Fault) as fault:
            packets.framed(wrong, 0, 100)
        assert fault.value.code == code


@given(st.binary(max_size=60), st.integers(0, 255))
def test_any_bytes_are_a_packet_or_a_fault(body: bytes, first: int) -> None:
    with contextlib.suppress(Fault):
        assert packets.read(first, body) is not None


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b"\x10\x0d" + MQTT5, ("MQTT", 5)),
        (b"\x10\x0d\x00\x04MQTT\x04", ("MQTT", 4)),
        (b"\x10\x8d\x01\x00\x06MQIsdp\x03", ("MQIsdp", 3)),
    ],
)
def test_the_first_bytes_tell_the_version_and_no_fewer_do(head: bytes, told: tuple[str, int]) -> None:
    assert packets.level_of(head) == packets.level_of(head + b"more") == told
    assert all(packets.level_of(head[:size]) is None for size in range(len(head)))
    for wrong in (b"GET / HTTP/1.1\r\n", b"\x16\x03\x01", b"\x10\x0d\x00\x04HTTP\x05", b"\x10\x0d\x00\x09"):
        with pytest.raises(Fault):
            packets.level_of(wrong)
