"""Packets of MQTT 5, read as strictly as the standard asks and written as short as it allows. Pure; no sockets.

Read is what a client may send, written is what a server may say, and the little a made-up device says (`connect`,
`publish`). A packet that breaks a rule is a `Fault` with the reason code that the standard has for it.

Source: OASIS, MQTT Version 5.0, 2019-03-07; chapters 1.5 (types), 2 (fixed header, properties) and 3 (packets).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class Kind(IntEnum):
    """Control packet types (2.1.2); a will's properties have rules of their own (3.1.3.2)."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14
    AUTH = 15
    WILL = 16


class Code(IntEnum):
    """Reason codes (2.4) that are read or written here."""

    SUCCESS = 0x00
    NO_SUBSCRIPTION_EXISTED = 0x11
    UNSPECIFIED = 0x80
    MALFORMED = 0x81
    PROTOCOL_ERROR = 0x82
    IMPLEMENTATION_SPECIFIC = 0x83
    UNSUPPORTED_VERSION = 0x84
    BAD_USER_OR_PASSWORD = 0x86
    NOT_AUTHORIZED = 0x87
    SERVER_BUSY = 0x89
    SHUTTING_DOWN = 0x8B
    BAD_AUTHENTICATION_METHOD = 0x8C
    KEEP_ALIVE_TIMEOUT = 0x8D
    TAKEN_OVER = 0x8E
    TOPIC_FILTER_INVALID = 0x8F
    TOPIC_NAME_INVALID = 0x90
    RECEIVE_MAXIMUM_EXCEEDED = 0x93
    TOPIC_ALIAS_INVALID = 0x94
    PACKET_TOO_LARGE = 0x95
    QUOTA_EXCEEDED = 0x97
    PAYLOAD_FORMAT_INVALID = 0x99
    RETAIN_NOT_SUPPORTED = 0x9A
    QOS_NOT_SUPPORTED = 0x9B
    SHARED_NOT_SUPPORTED = 0x9E
    CONNECT_TIME = 0xA0
    SUBSCRIPTION_IDS_NOT_SUPPORTED = 0xA1
    WILDCARDS_NOT_SUPPORTED = 0xA2


class Fault(Exception):
    """What came breaks a rule; the connection ends with this code.

    Args:
        code: of the standard.
        reason: for whoever looks for the mistake.
    """

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Will:
    """What a client wants published when it is lost."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


@dataclass(frozen=True, slots=True)
class Connect:
    """The first packet of a connection."""

    client: str
    """Client identifier; empty: the server is to give one."""
    user: str | None
    password: bytes | None
    keep_alive: int
    """Seconds; 0 for none."""
    clean_start: bool
    will: Will | None
    session_expiry: int
    """Seconds."""
    largest: int | None
    """Bytes of the largest packet the client takes."""
    wants_reasons: bool
    """Whether it may be given reason strings beside codes."""
    authentication_method: str | None


@dataclass(frozen=True, slots=True)
class Publish:
    """A message."""

    topic: str
    """Empty where the alias tells."""
    payload: bytes
    qos: int
    retain: bool
    number: int
    """Packet identifier; 0 for QoS 0."""
    alias: int | None = None
    is_text: bool = False
    """Whether the payload is said to be UTF-8."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """What a client wants to hear."""

    number: int
    filters: tuple[tuple[str, int], ...]
    """Topic filter and QoS."""
    has_identifier: bool = False


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """What a client wants to hear no more."""

    number: int
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ping:
    """A sign of life."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The last packet of a connection."""


@dataclass(frozen=True, slots=True)
class Auth:
    """A step of enhanced authentication."""


Packet = Connect | Publish | Subscribe | Unsubscribe | Ping | Disconnect | Auth


# -- framing -----------------------------------------------------------------------------------------------------------


def framed(buffer: bytes | bytearray, at: int, largest: int) -> tuple[int, int] | None:
    """Return where the body of the packet that begins at `at` begins and ends; None while that is not known.

    The end may lie beyond what has come. A packet that is too large is refused by its length, before it has come.

    Raises:
        Fault: the length is malformed or more than `largest` bytes (the whole packet).
    """
    length, shift = 0, 0
    for position in range(at + 1, min(at + 5, len(buffer))):
        byte = buffer[position]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            if byte == 0 and shift > 7:
                raise Fault(Code.MALFORMED, "a length in more bytes than it needs")
            end = position + 1 + length
            if end - at > largest:
                raise Fault(Code.PACKET_TOO_LARGE, f"{end - at} bytes are more than {largest}")
            return position + 1, end
    if len(buffer) >= at + 5:
        raise Fault(Code.MALFORMED, "a length of more than four bytes")
    return None


def read(first: int, body: bytes) -> Packet:
    """Return the packet of a first byte and the bytes after its length.

    Raises:
        Fault: it breaks a rule, or is none that a client may send here.
    """
    kind, flags = first >> 4, first & 0x0F
    if kind == Kind.PUBLISH:
        return _publish(flags, body)
    reader = _READERS.get(kind)
    if reader is None:
        raise Fault(Code.MALFORMED if kind == 0 else Code.PROTOCOL_ERROR, f"a packet of type {kind} from a client")
    if flags != (2 if kind in (Kind.SUBSCRIBE, Kind.UNSUBSCRIBE) else 0):
        raise Fault(Code.MALFORMED, "flags of the fixed header")
    return reader(body)


def level_of(head: bytes | bytearray) -> tuple[str, int] | None:
    """Return protocol name and level of a CONNECT of any version from its first bytes; None while they do not tell.

    Raises:
        Fault: it begins as no CONNECT does.
    """
    if head and head[0] != Kind.CONNECT << 4:
        raise Fault(Code.PROTOCOL_ERROR, "the first packet is no CONNECT")
    at = framed(head, 0, 2**28)
    if at is None or len(head) < at[0] + 2:
        return None
    begin = at[0] + 2
    size = int.from_bytes(head[at[0] : begin], "big")
    if size not in (4, 6):
        raise Fault(Code.UNSUPPORTED_VERSION, "a protocol name that is none of MQTT's")
    if len(head) <= begin + size:
        return None
    name = bytes(head[begin : begin + size])
    if name not in (b"MQTT", b"MQIsdp"):
        raise Fault(Code.UNSUPPORTED_VERSION, "a protocol name that is none of MQTT's")
    return name.decode(), head[begin + size]


# -- reading -----------------------------------------------------------------------------------------------------------


class _Bytes:
    """The body of a packet, taken from the front."""

    def __init__(self, data: bytes, end: int | None = None) -> None:
        self.data = data
        self.at = 0
        self.end = len(data) if end is None else end

    def take(self, count: int) -> bytes:
        at, self.at = self.at, self.at + count
        if self.at > self.end:
            raise Fault(Code.MALFORMED, "a packet that ends too early")
        return self.data[at : self.at]

    def integer(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def varying(self) -> int:
        value = 0
        for shift in (0, 7, 14, 21):
            byte = self.integer(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if byte == 0 and shift:
                    break
                return value
        raise Fault(Code.MALFORMED, "a variable byte integer")

    def binary(self) -> bytes:
        return self.take(self.integer(2))

    def text(self) -> str:
        try:
            text = self.binary().decode()
        except UnicodeDecodeError as error:
            raise Fault(Code.MALFORMED, "a text that is not UTF-8") from error
        if "\0" in text:
            raise Fault(Code.MALFORMED, "a text with U+0000")
        return text

    def number(self) -> int:
        number = self.integer(2)
        if number == 0:
            raise Fault(Code.PROTOCOL_ERROR, "packet identifier 0")
        return number

    @property
    def left(self) -> int:
        return self.end - self.at


_BYTE, _TWO, _FOUR, _VARYING, _TEXT, _BINARY, _PAIR = range(7)
_C, _P, _W, _S, _A = Kind.CONNECT, Kind.PUBLISH, Kind.WILL, Kind.SUBSCRIBE, Kind.AUTH
_ANSWERS = (Kind.CONNACK, Kind.PUBACK, Kind.SUBACK, Kind.UNSUBACK, Kind.DISCONNECT, _A)
_PROPERTIES: dict[int, tuple[int, tuple[Kind, ...]]] = {
    0x01: (_BYTE, (_P, _W)),  # payload format indicator
    0x02: (_FOUR, (_P, _W)),  # message expiry interval
    0x03: (_TEXT, (_P, _W)),  # content type
    0x08: (_TEXT, (_P, _W)),  # response topic
    0x09: (_BINARY, (_P, _W)),  # correlation data
    0x0B: (_VARYING, (_S,)),  # subscription identifier; in a PUBLISH only a server's
    0x11: (_FOUR, (_C, Kind.CONNACK, Kind.DISCONNECT)),  # session expiry interval
    0x12: (_TEXT, (Kind.CONNACK,)),  # assigned client identifier
    0x13: (_TWO, (Kind.CONNACK,)),  # server keep alive
    0x15: (_TEXT, (_C, Kind.CONNACK, _A)),  # authentication method
    0x16: (_BINARY, (_C, Kind.CONNACK, _A)),  # authentication data
    0x17: (_BYTE, (_C,)),  # request problem information
    0x18: (_FOUR, (_W,)),  # will delay interval
    0x19: (_BYTE, (_C,)),  # request response information
    0x1F: (_TEXT, _ANSWERS),  # reason string
    0x21: (_TWO, (_C, Kind.CONNACK)),  # receive maximum
    0x22: (_TWO, (_C, Kind.CONNACK)),  # topic alias maximum
    0x23: (_TWO, (_P,)),  # topic alias
    0x24: (_BYTE, (Kind.CONNACK,)),  # maximum QoS
    0x25: (_BYTE, (Kind.CONNACK,)),  # retain available
    0x26: (_PAIR, (*_ANSWERS, _C, _P, _W, _S, Kind.UNSUBSCRIBE)),  # user property
    0x27: (_FOUR, (_C, Kind.CONNACK)),  # maximum packet size
    0x28: (_BYTE, (Kind.CONNACK,)),  # wildcard subscription available
    0x29: (_BYTE, (Kind.CONNACK,)),  # subscription identifiers available
    0x2A: (_BYTE, (Kind.CONNACK,)),  # shared subscription available
}
"""Type, and the packets it may stand in (2.2.2.2)."""
_ALLOWED = {kind: {number: form for number, (form, kinds) in _PROPERTIES.items() if kind in kinds} for kind in Kind}
_USER, _NOT_ZERO, _IS_SWITCH = 0x26, (0x0B, 0x21, 0x27), (0x01, 0x17, 0x19)


def _properties(data: _Bytes, kind: Kind) -> dict[int, Any]:
    """Return properties by number. User properties are checked and dropped: nothing here asks for them."""
    size = data.varying()
    if size == 0:
        return {}
    if size > data.left:
        raise Fault(Code.MALFORMED, "properties that end after their packet")
    end, outer = data.at + size, data.end
    data.end, found, allowed = end, {}, _ALLOWED[kind]
    while data.at < end:
        number = data.varying()
        if number not in allowed:
            raise Fault(Code.MALFORMED, f"property {number} in {kind.name}")
        value = _value(data, allowed[number])
        if number == _USER:
            continue
        if number in found:
            raise Fault(Code.PROTOCOL_ERROR, f"property {number} more than once")
        if (number in _NOT_ZERO and value == 0) or (number in _IS_SWITCH and value > 1):
            raise Fault(Code.PROTOCOL_ERROR, f"property {number} is {value}")
        found[number] = value
    data.end = outer
    _check_response_topic(found.get(0x08))
    return found


def _value(data: _Bytes, form: int) -> Any:
    if form == _VARYING:
        return data.varying()
    if form == _TEXT:
        return data.text()
    if form == _BINARY:
        return data.binary()
    if form == _PAIR:
        return data.text(), data.text()
    return data.integer((1, 2, 4)[form])


def _check_response_topic(topic: str | None) -> None:
    if topic is not None and ("+" in topic or "#" in topic):
        raise Fault(Code.PROTOCOL_ERROR, "a response topic with wildcards")


def _connect(body: bytes) -> Connect:
    data = _Bytes(body)
    if data.text() != "MQTT" or data.integer(1) != 5:
        raise Fault(Code.UNSUPPORTED_VERSION, "not MQTT 5")
    flags, keep_alive = data.integer(1), data.integer(2)
    has_will, qos, retain = flags & 0x04, flags >> 3 & 3, bool(flags & 0x20)
    if flags & 1 or qos == 3 or (not has_will and (qos or retain)):
        raise Fault(Code.MALFORMED, "flags of CONNECT")
    told = _properties(data, Kind.CONNECT)
    if 0x16 in told and 0x15 not in told:
        raise Fault(Code.PROTOCOL_ERROR, "authentication data without a method")
    client, will = data.text(), None
    if has_will:
        _properties(data, Kind.WILL)
        will = Will(_topic(data.text()), data.binary(), qos, retain)
    user = data.text() if flags & 0x80 else None
    password = data.binary() if flags & 0x40 else None
    _ended(data)
    return Connect(
        client,
        user,
        password,
        keep_alive,
        bool(flags & 0x02),
        will,
        told.get(0x11, 0),
        told.get(0x27),
        told.get(0x17, 1) == 1,
        told.get(0x15),
    )


def _publish(flags: int, body: bytes) -> Publish:
    qos = flags >> 1 & 3
    if qos == 3 or (qos == 0 and flags & 8):
        raise Fault(Code.MALFORMED, "flags of PUBLISH")
    data = _Bytes(body)
    topic = data.text()
    number = data.number() if qos else 0
    told = _properties(data, Kind.PUBLISH)
    alias = told.get(0x23)
    if topic or alias is None:
        _topic(topic)
    return Publish(topic, body[data.at :], qos, bool(flags & 1), number, alias, told.get(0x01) == 1)


def _topic(topic: str) -> str:
    if not topic:
        raise Fault(Code.PROTOCOL_ERROR, "a message without a topic")
    if "+" in topic or "#" in topic:
        raise Fault(Code.TOPIC_NAME_INVALID, "a topic name with wildcards")
    return topic


def _subscribe(body: bytes) -> Subscribe:
    data = _Bytes(body)
    number, told, filters = data.number(), _properties(data, Kind.SUBSCRIBE), []
    while data.left:
        topic, options = data.text(), data.integer(1)
        if options & 0xC0:
            raise Fault(Code.MALFORMED, "reserved bits of subscription options")
        if options & 3 == 3 or options >> 4 & 3 == 3:
            raise Fault(Code.PROTOCOL_ERROR, "subscription options")
        filters.append((topic, options & 3))
    if not filters:
        raise Fault(Code.PROTOCOL_ERROR, "a SUBSCRIBE without a filter")
    return Subscribe(number, tuple(filters), 0x0B in told)


def _unsubscribe(body: bytes) -> Unsubscribe:
    data = _Bytes(body)
    number, filters = data.number(), []
    _properties(data, Kind.UNSUBSCRIBE)
    while data.left:
        filters.append(data.text())
    if not filters:
        raise Fault(Code.PROTOCOL_ERROR, "an UNSUBSCRIBE without a filter")
    return Unsubscribe(number, tuple(filters))


def _ping(body: bytes) -> Ping:
    _ended(_Bytes(body))
    return Ping()


def _disconnect(body: bytes) -> Disconnect:
    data = _Bytes(body)
    if data.left:
        data.integer(1)
    if data.left:
        _properties(data, Kind.DISCONNECT)
    _ended(data)
    return Disconnect()


def _auth(body: bytes) -> Auth:
    return Auth()  # whatever it says, it is refused


def _ended(data: _Bytes) -> None:
    if data.left:
        raise Fault(Code.MALFORMED, "bytes after the end of a packet")


_READERS: dict[int, Callable[[bytes], Packet]] = {
    Kind.CONNECT: _connect,
    Kind.SUBSCRIBE: _subscribe,
    Kind.UNSUBSCRIBE: _unsubscribe,
    Kind.PINGREQ: _ping,
    Kind.DISCONNECT: _disconnect,
    Kind.AUTH: _auth,
}


# -- writing -----------------------------------------------------------------------------------------------------------

PINGRESP = b"\xd0\x00"
TOO_OLD_FOR_US = b"\x20\x02\x00\x01"
"""CONNACK of MQTT 3.1.1 with return code 1, unacceptable protocol version (there 3.2.2.3)."""


def connack(
    code: Code = Code.SUCCESS,
    reason: str | None = None,
    *,
    client: str | None = None,
    keep_alive: int | None = None,
    receive_maximum: int | None = None,
    aliases: int | None = None,
    largest: int | None = None,
) -> bytes:
    """Return the answer to a CONNECT: no session is kept, and what is not offered is named.

    Args:
        code: SUCCESS, or why not.
        reason: in words.
        client: identifier given to a client that has none.
        keep_alive: seconds, where the server wants others than the client.
        receive_maximum: messages of QoS 1 that may wait for their answer.
        aliases: topics that may have one.
        largest: bytes of the largest packet that is taken.
    """
    told: list[tuple[int, Any]] = []
    if code == Code.SUCCESS:
        told = [(0x11, 0), (0x24, 1), (0x25, 0), (0x28, 0), (0x29, 0), (0x2A, 0)]
        told += [(0x12, client), (0x13, keep_alive), (0x21, receive_maximum), (0x22, aliases), (0x27, largest)]
    told.append((0x1F, reason))
    return _packet(Kind.CONNACK, bytes([0, code]) + _written(told))


def puback(number: int, code: Code = Code.SUCCESS, reason: str | None = None) -> bytes:
    """Return the answer to a PUBLISH of QoS 1."""
    if code == Code.SUCCESS and reason is None:
        return b"\x40\x02" + number.to_bytes(2, "big")
    told = b"" if reason is None else _written([(0x1F, reason)])
    return _packet(Kind.PUBACK, number.to_bytes(2, "big") + bytes([code]) + told)


def suback(number: int, codes: Iterable[int], reason: str | None = None) -> bytes:
    """Return the answer to a SUBSCRIBE: for each filter the QoS granted, or why not."""
    return _packet(Kind.SUBACK, number.to_bytes(2, "big") + _written([(0x1F, reason)]) + bytes(codes))


def unsuback(number: int, codes: Iterable[int]) -> bytes:
    """Return the answer to an UNSUBSCRIBE, a code for each filter."""
    return _packet(Kind.UNSUBACK, number.to_bytes(2, "big") + _written([]) + bytes(codes))


def disconnect(code: Code, reason: str | None = None) -> bytes:
    """Return the last packet to a client."""
    return _packet(Kind.DISCONNECT, bytes([code]) + (b"" if reason is None else _written([(0x1F, reason)])))


def connect(client: str, user: str | None = None, password: bytes | None = None, *, keep_alive: int = 60) -> bytes:
    """Return the first packet of a device."""
    flags = 0x02 | (0x80 if user is not None else 0) | (0x40 if password is not None else 0)
    body = _text("MQTT") + bytes([5, flags]) + keep_alive.to_bytes(2, "big") + _written([]) + _text(client)
    body += b"" if user is None else _text(user)
    body += b"" if password is None else _sized(password)
    return _packet(Kind.CONNECT, body)


def publish(topic: str, payload: bytes, *, qos: int = 1, number: int = 0, alias: int | None = None) -> bytes:
    """Return a message of a device; its number is the packet identifier, 1 to 65,535 with QoS 1."""
    body = _text(topic) + (number.to_bytes(2, "big") if qos else b"") + _written([(0x23, alias)]) + payload
    return _packet(Kind.PUBLISH, body, qos << 1)


def _packet(kind: Kind, body: bytes, flags: int = 0) -> bytes:
    return bytes([kind << 4 | flags]) + _varying(len(body)) + body


def _written(properties: Iterable[tuple[int, Any]]) -> bytes:
    """Return properties with their length; those that are None are left out."""
    told = b"".join(bytes([number]) + _encoded(number, value) for number, value in properties if value is not None)
    return _varying(len(told)) + told


def _encoded(number: int, value: Any) -> bytes:
    form = _PROPERTIES[number][0]
    return _text(value) if form == _TEXT else int(value).to_bytes((1, 2, 4)[form], "big")


def _text(text: str) -> bytes:
    return _sized(text.encode())


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def _varying(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
