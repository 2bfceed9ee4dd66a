"""One connection's talk in MQTT 5, without its socket: bytes in, what is asked of the platform out, answers ready to send.

    for event in session.receive(data):      # a Connect first; then messages and subscriptions
        ...session.accept() / session.acknowledge(event.number) / session.grant(...)
    transport.write(session.take())

The session sees to the rules of the standard: order of packets, flow control, aliases, what was not offered. Who may do
what, and when a message is kept, is decided by its user. Sessions are not kept beyond their connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bihuan.sense.mqtt5 import packets
from bihuan.sense.mqtt5.packets import Code, Connect, Disconnect, Fault, Packet, Ping, Publish, Subscribe, Unsubscribe

Event = Connect | Publish | Subscribe
_IN_CONNACK = frozenset({Code.MALFORMED, Code.PROTOCOL_ERROR, Code.UNSUPPORTED_VERSION, Code.BAD_USER_OR_PASSWORD,
                         Code.BAD_AUTHENTICATION_METHOD, Code.TOPIC_NAME_INVALID, Code.PACKET_TOO_LARGE,
                         Code.RETAIN_NOT_SUPPORTED, Code.QOS_NOT_SUPPORTED})  # fmt: skip
"""Reasons that a client which was not let in may be given (3.2.2.2); the others are unspecified to it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a client is told it may do."""

    receive_maximum: int = 200
    """Messages of QoS 1 that may wait for their answer."""
    largest: int = 69_632
    """Bytes of a packet: a message of 65,536, its topic and its properties."""
    aliases: int = 16
    """Topics that may have one."""
    keep_alive: int = 1200
    """Seconds; a client that wants none, or rarer signs of life, is given this."""


class Session:
    """The server's side of one connection.

    Args:
        offer: what the client is told it may do.
    """

    def __init__(self, offer: Offer) -> None:
        self._offer = offer
        self._buffer = bytearray()
        self._out = bytearray()
        self._begun = False
        self._asked: Connect | None = None
        self._open = False
        self._aliases: dict[int, str] = {}
        self._unanswered = 0
        self._granted: set[str] = set()
        self._wants_reasons = True
        self._largest_out = 2**28
        self.keep_alive = 0
        """Seconds within which the client shows a sign of life; 0 before it was let in."""
        self.ended: Code | None = None
        """Why the talk is over, SUCCESS where the client said good-bye; None while it is not."""

    @property
    def held_bytes(self) -> int:
        """Return how many bytes wait for the rest of their packet."""
        return len(self._buffer)

    def take(self) -> bytes:
        """Return what is to be sent now."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def receive(self, data: bytes) -> Iterator[Event]:
        """Yield what is asked, each before the bytes behind it are looked at; a Connect is to be decided on at once."""
        self._buffer += data
        at = 0
        try:
            while self.ended is None and at < len(self._buffer):
                self._begin(self._buffer[at])
                body = packets.framed(self._buffer, at, self._offer.largest)
                if body is None or body[1] > len(self._buffer):
                    break
                first, at = self._buffer[at], body[1]
                event = self._turn(packets.read(first, bytes(self._buffer[body[0] : at])))
                if event is not None:
                    yield event
        except Fault as fault:
            self.end(fault.code, fault.reason)
        if self.ended is not None:
            self._buffer.clear()
        else:
            del self._buffer[:at]

    def _begin(self, first: int) -> None:
        if not self._begun and first != packets.Kind.CONNECT << 4:
            raise Fault(Code.PROTOCOL_ERROR, "the first packet is no CONNECT")
        self._begun = True

    def _turn(self, packet: Packet) -> Event | None:
        """Look after what the standard alone decides; return what it does not."""
        if isinstance(packet, Connect):
            return self._connect(packet)
        if isinstance(packet, Publish):
            return self._publish(packet)
        if isinstance(packet, Ping):
            self._out += packets.PINGRESP
        elif isinstance(packet, Disconnect):
            self.ended = Code.SUCCESS
        elif isinstance(packet, Subscribe):
            return self._subscribe(packet)
        elif isinstance(packet, Unsubscribe):
            self._unsubscribe(packet)
        else:
            raise Fault(Code.PROTOCOL_ERROR, "AUTH without an authentication method")
        return None

    # -- CONNECT ---------------------------------------------------------------------------------------------------

    def _connect(self, packet: Connect) -> Connect:
        if self._asked is not None:
            raise Fault(Code.PROTOCOL_ERROR, "a second CONNECT")
        self._asked = packet
        self._wants_reasons = packet.wants_reasons
        self._largest_out = packet.largest or self._largest_out
        if packet.authentication_method is not None:
            raise Fault(Code.BAD_AUTHENTICATION_METHOD, "no enhanced authentication; user and password are asked for")
        if packet.will is not None and packet.will.retain:
            raise Fault(Code.RETAIN_NOT_SUPPORTED, "no message is retained")
        if packet.will is not None and packet.will.qos == 2:
            raise Fault(Code.QOS_NOT_SUPPORTED, "QoS 2 is not spoken")
        return packet

    def accept(self, client: str | None = None) -> None:
        """Let the client in.

        Args:
            client: identifier given to one that has none.
        """
        asked, offer = self._asked, self._offer
        assert asked is not None
        self.keep_alive = min(asked.keep_alive or offer.keep_alive, offer.keep_alive)
        self._open = True
        told = None if asked.will is None else "the will is not published: a device's silence raises a signal"
        self._say(
            lambda reason: packets.connack(
                Code.SUCCESS,
                reason,
                client=client,
                keep_alive=None if self.keep_alive == asked.keep_alive else self.keep_alive,
                receive_maximum=offer.receive_maximum,
                aliases=offer.aliases,
                largest=offer.largest,
            ),
            told,
            always=True,
        )

    # -- PUBLISH ---------------------------------------------------------------------------------------------------

    def _publish(self, packet: Publish) -> Publish:
        if packet.qos == 2:
            raise Fault(Code.QOS_NOT_SUPPORTED, "QoS 2 is not spoken")
        if packet.retain:
            raise Fault(Code.RETAIN_NOT_SUPPORTED, "no message is retained")
        if packet.qos:
            # an identifier that is in use is no fault here: each message is answered, and small devices have but one
            if self._unanswered >= self._offer.receive_maximum:
                raise Fault(Code.RECEIVE_MAXIMUM_EXCEEDED, f"more than {self._offer.receive_maximum} unanswered")
            self._unanswered += 1
        return packet if packet.alias is None else replace(packet, topic=self._aliased(packet.alias, packet.topic))

    def _aliased(self, alias: int, topic: str) -> str:
        if not 0 < alias <= self._offer.aliases:
            raise Fault(Code.TOPIC_ALIAS_INVALID, f"topic alias {alias} is not of 1 to {self._offer.aliases}")
        if topic:
            self._aliases[alias] = topic
        elif alias not in self._aliases:
            raise Fault(Code.PROTOCOL_ERROR, f"topic alias {alias} without a topic")
        return self._aliases[alias]

    def acknowledge(self, number: int, code: Code = Code.SUCCESS, reason: str | None = None) -> None:
        """Answer a message of QoS 1; number 0 is one of QoS 0, and nobody waits.

        With an error code the client takes it for settled and does not send it again.
        """
        if number and self.ended is None:
            self._unanswered -= 1
            self._say(lambda told: packets.puback(number, code, told), reason)

    # -- SUBSCRIBE -------------------------------------------------------------------------------------------------

    def _subscribe(self, packet: Subscribe) -> Subscribe:
        if packet.has_identifier:
            raise Fault(Code.SUBSCRIPTION_IDS_NOT_SUPPORTED, "subscription identifiers are not available")
        if any(topic.startswith("$share/") for topic, _ in packet.filters):
            raise Fault(Code.SHARED_NOT_SUPPORTED, "shared subscriptions are not available")
        if any("+" in topic or "#" in topic for topic, _ in packet.filters):
            raise Fault(Code.WILDCARDS_NOT_SUPPORTED, "subscriptions with wildcards are not available")
        return packet

    def grant(self, asked: Subscribe, codes: list[int], reason: str | None = None) -> None:
        """Answer a SUBSCRIBE: for each filter the QoS granted, or why not."""
        self._granted |= {topic for (topic, _), code in zip(asked.filters, codes, strict=True) if code <= 2}
        self._say(lambda told: packets.suback(asked.number, codes, told), reason)

    def _unsubscribe(self, packet: Unsubscribe) -> None:
        codes = [Code.SUCCESS if topic in self._granted else Code.NO_SUBSCRIPTION_EXISTED for topic in packet.filters]
        self._granted -= set(packet.filters)
        self._out += packets.unsuback(packet.number, codes)

    # -- ends ------------------------------------------------------------------------------------------------------

    def end(self, code: Code, reason: str | None = None) -> None:
        """End the talk, with the last word where one may be said: DISCONNECT, or CONNACK to who was not let in."""
        if self.ended is not None:
            return
        self.ended = code
        if self._open:
            self._say(lambda told: packets.disconnect(code, told), reason, always=True)
        elif self._begun:
            told_code = code if code in _IN_CONNACK else Code.UNSPECIFIED
            self._say(lambda told: packets.connack(told_code, told), reason, always=True)

    def _say(self, packet: Callable[[str | None], bytes], reason: str | None, *, always: bool = False) -> None:
        """Send a packet, with its reason where the client wants it and has room for it (3.1.2.11.4 and 3.1.2.11.7)."""
        told = packet(reason if always or self._wants_reasons else None)
        if len(told) > self._largest_out:
            told = packet(None)
        if len(told) <= self._largest_out:
            self._out += told
