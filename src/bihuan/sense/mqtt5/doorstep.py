"""Where every MQTT connection comes in: its first bytes say which version it speaks, and so who takes it up.

MQTT 5 is spoken by us. MQTT 3.1.1 (and 3.1) goes on, byte for byte and both ways, to the NATS server beside us; where there
is none, it is refused by name as its version has it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bihuan.sense.mqtt5 import packets
from bihuan.sense.mqtt5.connection import Mqtt5Connection
from bihuan.sense.mqtt5.packets import Code, Fault

if TYPE_CHECKING:
    from bihuan.sense.mqtt5.door import Mqtt5Door

logger = logging.getLogger(__name__)
Address = tuple[str, int]


class Doorstep(asyncio.Protocol):
    """A connection whose version is not known yet.

    Args:
        door: where it comes in.
    """

    def __init__(self, door: Mqtt5Door) -> None:
        self._door = door
        self._head = b""
        self._opened = door.loop_time()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take up the connection, or turn it away when there are too many."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._door.admit(self):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._door.leave(self)

    def data_received(self, data: bytes) -> None:
        """Hand the connection to who speaks its version."""
        assert self._transport is not None
        if self._transport.is_closing():
            return
        self._head += data
        try:
            told = packets.level_of(self._head)
        except Fault as fault:
            self._turn_away(packets.connack(fault.code) if fault.code == Code.UNSUPPORTED_VERSION else b"")
            return
        if told is None:
            return
        if told == ("MQTT", 5):
            self._hand_over(Mqtt5Connection(self._door, self._transport, self._opened))
        elif told not in (("MQTT", 4), ("MQIsdp", 3)):
            self._turn_away(packets.connack(Code.UNSUPPORTED_VERSION, "MQTT 5 and 3.1.1 are spoken"))
        elif self._door.older is None:
            self._turn_away(packets.TOO_OLD_FOR_US)
        else:
            self._hand_over(Spliced(self._door, self._transport, self._door.older))

    def _hand_over(self, other: Mqtt5Connection | Spliced) -> None:
        assert self._transport is not None
        self._door.replace(self, other)
        self._transport.set_protocol(other)
        other.data_received(self._head)

    def _turn_away(self, last_word: bytes) -> None:
        assert self._transport is not None
        self._door.counts.refused += 1
        if last_word:
            self._transport.write(last_word)
        self._transport.close()

    # -- as the door sees it ---------------------------------------------------------------------------------------

    @property
    def is_held(self) -> bool:
        """Return False: it is read."""
        return False

    def why_close(self, now: float) -> str | None:
        """Why this connection should go, None where it may stay."""
        return "no CONNECT" if now - self._opened > self._door.limits.frame_seconds else None

    def close(self, reason: str) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.abort()

    def resume(self) -> None:
        """Do nothing: it is read."""


class Spliced(asyncio.Protocol):
    """One side of a connection that is passed on; a side that is not read holds up the other.

    Args:
        door: where the connection came in.
        transport: the device's socket.
        address: of the server that it is passed on to.
    """

    def __init__(self, door: Mqtt5Door, transport: asyncio.Transport, address: Address) -> None:
        self._door = door
        self._transport = transport
        self._waiting = b""
        self._server: asyncio.Transport | None = None
        transport.pause_reading()
        self._reaching = asyncio.create_task(self._reach(address))

    async def _reach(self, address: Address) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._server, _ = await loop.create_connection(lambda: _ServersSide(self._transport), *address)
        except OSError as error:
            logger.warning("the server of MQTT 3.1.1 is away error=%s", error)
            self._transport.close()
            return
        if self._transport.is_closing():
            self._server.close()
            return
        self._server.write(self._waiting)
        self._waiting = b""
        self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Pass it on."""
        if self._server is None:
            self._waiting += data
        else:
            self._server.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the other side with this one."""
        self._door.leave(self)
        if self._server is not None:
            self._server.close()

    def pause_writing(self) -> None:
        """Read no more from the server while the device does not read."""
        if self._server is not None:
            self._server.pause_reading()

    def resume_writing(self) -> None:
        """Read again."""
        if self._server is not None and not self._server.is_closing():
            self._server.resume_reading()

    # -- as the door sees it ---------------------------------------------------------------------------------------

    @property
    def is_held(self) -> bool:
        """Return False: it is read."""
        return False

    def why_close(self, now: float) -> str | None:
        """Return None: the server behind looks after its clients."""
        return None

    def close(self, reason: str) -> None:
        """End the connection."""
        self._transport.close()

    def resume(self) -> None:
        """Do nothing: it never waits for a commit of ours."""


class _ServersSide(asyncio.Protocol):
    """The other side, towards the server.

    Args:
        device: the device's socket.
    """

    def __init__(self, device: asyncio.Transport) -> None:
        self._device = device
        self._own: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Know the own socket."""
        assert isinstance(transport, asyncio.Transport)
        self._own = transport

    def data_received(self, data: bytes) -> None:
        """Pass it on."""
        self._device.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the other side with this one."""
        self._device.close()

    def pause_writing(self) -> None:
        """Read no more from the device while the server does not read."""
        self._device.pause_reading()

    def resume_writing(self) -> None:
        """Read again."""
        if not self._device.is_closing():
            self._device.resume_reading()
