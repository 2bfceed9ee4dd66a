"""A device's connection in MQTT 5: who it is, what it may say, and the answer once that is kept."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from typing import TYPE_CHECKING

from bihuan.core.errors import InputError
from bihuan.core.records.entity import Registered
from bihuan.sense.gateway.intake import incoming
from bihuan.sense.mqtt import parse
from bihuan.sense.mqtt5.packets import Code, Connect, Publish, Subscribe
from bihuan.sense.mqtt5.session import Event, Session

if TYPE_CHECKING:
    from bihuan.sense.mqtt5.door import Mqtt5Door

logger = logging.getLogger(__name__)
_TOPIC = re.compile(r"bihuan/([^/]+)/(up|down)")
SHARED_USER = "device"
"""Who connects so, as over MQTT 3.1.1, has not said who it is: its messages carry their device's secret."""
_CODES = {
    "unknown_topic": Code.TOPIC_NAME_INVALID,
    "unknown_device": Code.NOT_AUTHORIZED,
    "wrong_secret": Code.NOT_AUTHORIZED,
    "impossible_time": Code.IMPLEMENTATION_SPECIFIC,
}
"""Why a message is not kept; anything else is no message, PAYLOAD_FORMAT_INVALID."""
_SILENT, _STRANGER, _SLOW = "silent", "no good message", "a packet that does not end"
STOPS = "the gateway stops"
_ENDS = {_SILENT: Code.KEEP_ALIVE_TIMEOUT, _STRANGER: Code.CONNECT_TIME, STOPS: Code.SHUTTING_DOWN}


class Mqtt5Connection(asyncio.Protocol):
    """What the event loop calls with a connection's bytes, once it is known that they are MQTT 5.

    Args:
        door: where it came in.
        transport: its socket.
        opened: when it came in, by the door's clock.
    """

    def __init__(self, door: Mqtt5Door, transport: asyncio.Transport, opened: float) -> None:
        self._door = door
        self._transport = transport
        self._session = Session(door.offer)
        self._opened = self._heard = self._packet_begun = opened
        peer = transport.get_extra_info("peername")
        self._peer = f"{peer[0]}:{peer[1]}" if peer else ""
        self._secrets: dict[str, str | None] = {}
        self._identity: tuple[str, str] | None = None
        self._unanswered = 0
        self._quarantined = 0
        self._waits_for_commit = self._waits_for_peer = False
        self._ends_since: float | None = None
        self._held = False

    # -- called by the event loop ----------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Act on each packet, and answer what can be answered at once."""
        if self._held or self._transport.is_closing():
            return
        held_before = self._session.held_bytes
        self._heard = self._door.loop_time()
        for event in self._session.receive(data):
            self._act(event)
        if not held_before or held_before + len(data) > self._session.held_bytes:
            self._packet_begun = self._heard  # what waits now is the beginning of another packet
        self._flush()
        if self._session.ended is not None:
            self._leave()
        elif self._unanswered > self._door.limits.unanswered or not self._door.commit.ready.is_set():
            self._waits_for_commit = True
            self._door.paused.add(self)
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; what it sent and was not answered is kept all the same."""
        self._door.leave(self)
        self._door.forget(self._identity, self)

    def pause_writing(self) -> None:
        """Read no more from a device that does not read its answers."""
        self._waits_for_peer = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Read again."""
        self._waits_for_peer = False
        self._read_again()

    # -- what is asked ---------------------------------------------------------------------------------------------

    def _act(self, event: Event) -> None:
        if isinstance(event, Publish):
            self._publish(event)
        elif isinstance(event, Connect):
            self._connect(event)
        else:
            self._subscribe(event)

    def _connect(self, asked: Connect) -> None:
        """Let a device in that shows its secret, or one that will show it with each message."""
        user, password = asked.user, asked.password.decode(errors="replace") if asked.password is not None else None
        if user is not None and (user, password) != (SHARED_USER, SHARED_USER):
            reason = self._why_not(user, password)
            if reason is not None:
                self._keep_aside(user, f"{reason} at CONNECT", b"")
                self._session.end(Code.BAD_USER_OR_PASSWORD, reason)
                return
        given = None if asked.client else f"bihuan-{secrets.token_hex(8)}"
        self._identity = (user or SHARED_USER, asked.client or given or "")
        self._door.know(self._identity, self)
        self._session.accept(given)

    def _publish(self, message: Publish) -> None:
        """Keep a message and answer after the commit, or say why it is not kept."""
        door, now = self._door, self._door.clock()
        door.counts.frames += 1
        named = _TOPIC.fullmatch(message.topic)
        name = named[1] if named and named[2] == "up" else None
        try:
            device = self._device(name)
            said = parse(message.payload, door.units)
            self._demand(device, name, said.secret)
            if not door.is_plausible(said.upload.time):
                raise InputError("impossible_time")
            kept = incoming(device, said.upload, message.payload, door.registry, door.judge, now)
        except InputError as error:
            self._refuse(name, error.message[:200], message)
            return
        self._unanswered += 1
        door.commit.put(kept, lambda is_kept: self._kept(message.number, is_kept=is_kept))

    def _device(self, name: str | None) -> Registered:
        if name is None:
            raise InputError("unknown_topic")
        device = self._door.registry.get(name)
        if device is None:
            raise InputError("unknown_device")
        return device

    def _demand(self, device: Registered, name: str | None, secret: str | None) -> None:
        """Ask for a device's secret: in the message, or as it was shown over this connection."""
        shown = secret if secret is not None else self._secrets.get(name or "")
        if not self._door.registry.is_secret(device, shown):
            raise InputError("wrong_secret")
        self._secrets[name or ""] = shown

    def _why_not(self, name: str, secret: str | None) -> str | None:
        """Why somebody is not the device it says to be, None where it is."""
        try:
            self._demand(self._device(name), name, secret)
        except InputError as error:
            return error.message
        return None

    def _refuse(self, name: str | None, reason: str, message: Publish) -> None:
        self._door.counts.quarantined += 1
        self._keep_aside(name, reason, message.payload)
        if self._quarantined > self._door.limits.quarantine_a_connection:
            self._session.end(Code.QUOTA_EXCEEDED, f"too much was not obeyed, last: {reason}")
        else:
            self._session.acknowledge(message.number, _CODES.get(reason, Code.PAYLOAD_FORMAT_INVALID), reason)

    def _keep_aside(self, name: str | None, reason: str, raw: bytes) -> None:
        self._quarantined += 1
        self._door.keep_aside(name, self._peer, reason, raw)

    def _kept(self, number: int, *, is_kept: bool) -> None:
        """After the commit: now, and only now, the device may know.

        An error code in PUBACK would settle the message (4.4), and the device would not send it again: where nothing was
        kept, the connection ends and the message stays the device's.
        """
        self._unanswered -= 1
        if self._transport.is_closing() or self._held:
            return
        if is_kept:
            self._session.acknowledge(number)
        else:
            self._session.end(Code.SERVER_BUSY, "nothing can be kept now; send again what was not answered")
        self._flush()
        if self._session.ended is not None:
            self._leave()
        elif self._waits_for_commit and self._door.commit.ready.is_set():
            self.resume()

    def _subscribe(self, asked: Subscribe) -> None:
        """Let a device listen to what is said to it, and to nothing else."""
        codes = [qos if self._may_hear(topic) else Code.NOT_AUTHORIZED for topic, qos in asked.filters]
        codes = [min(code, 1) if code <= 2 else code for code in codes]
        is_granted = all(code <= 1 for code in codes)
        told = None if is_granted else "a device that has shown its secret may hear bihuan/<device>/down"
        self._session.grant(asked, codes, told)

    def _may_hear(self, topic: str) -> bool:
        named = _TOPIC.fullmatch(topic)
        return named is not None and named[2] == "down" and self._is_trusted(named[1])

    def _is_trusted(self, name: str) -> bool:
        device = self._door.registry.get(name)
        return (
            device is not None and name in self._secrets and self._door.registry.is_secret(device, self._secrets[name])
        )

    # -- flow ------------------------------------------------------------------------------------------------------

    @property
    def is_held(self) -> bool:
        """Return whether it is read no more, and ends after a while."""
        return self._held

    def why_close(self, now: float) -> str | None:
        """Why this connection should go, None where it may stay."""
        limits, alive = self._door.limits, self._session.keep_alive
        if self._ends_since is not None:
            return "held long enough" if now - self._ends_since > limits.held_seconds else None
        if self._waits_for_commit:
            return None  # it is we who do not read
        if not self._secrets and now - self._opened > limits.first_frame_seconds:
            return _STRANGER
        if self._session.held_bytes and now - self._packet_begun > limits.frame_seconds:
            return _SLOW
        return _SILENT if now - self._heard > (1.5 * alive if alive else limits.first_frame_seconds) else None

    def close(self, reason: str) -> None:
        """End the connection: with a last word, and for good where that was said a while ago."""
        if self._ends_since is not None:
            self._transport.abort()
            return
        self._session.end(_ENDS.get(reason, Code.PROTOCOL_ERROR), reason)
        self._flush()
        logger.info("connection closed peer=%s reason=%s", self._peer, reason)
        self._ends_since = self._door.loop_time()
        self._transport.close()

    def resume(self) -> None:
        """Read again, now that more can be kept, unless too much of this device itself waits."""
        if self._unanswered > self._door.limits.unanswered // 2:
            return
        self._waits_for_commit = False
        self._door.paused.discard(self)
        self._heard = self._door.loop_time()
        self._read_again()

    def _read_again(self) -> None:
        if not (self._waits_for_commit or self._waits_for_peer or self._held or self._transport.is_closing()):
            self._transport.resume_reading()

    def taken_over(self) -> None:
        """End for a newer connection of the same client."""
        self._session.end(Code.TAKEN_OVER, "the same client has connected again")
        self._flush()
        self._leave()

    def _flush(self) -> None:
        out = self._session.take()
        if out and not self._transport.is_closing():
            self._transport.write(out)

    def _leave(self) -> None:
        """End after the last word: at once after a good-bye, else after a while, in which it is not read.

        Who is cut off at once comes back at once; and a socket closed with bytes unread takes the last word with it.
        """
        if self._ends_since is not None:
            return
        if self._session.ended != Code.SUCCESS:
            self._door.counts.refused += 1
            logger.info("connection ends peer=%s code=%s", self._peer, self._session.ended)
        if self._session.ended == Code.SUCCESS or not self._door.may_hold():
            self._ends_since = self._door.loop_time()
            self._transport.close()
            return
        self._ends_since, self._held = self._door.loop_time(), True
        self._door.paused.discard(self)
        self._transport.pause_reading()
