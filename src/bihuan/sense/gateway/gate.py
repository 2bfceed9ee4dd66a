"""A gateway: one device protocol's door over TCP.

gate = Gate(PROTOCOLS["hj212"], store)
async with gate.open("0.0.0.0", 8212):
    ...                              # serves until left; what was taken in is committed on leaving
"""

from __future__ import annotations

import asyncio

from bihuan.sense.gateway.connection import Connection
from bihuan.sense.gateway.door import Door
from bihuan.sense.gateway.limits import Limits
from bihuan.sense.protocols.plugin import DeviceProtocol
from bihuan.sense.quality import Judge
from bihuan.store import devices
from bihuan.store.connect import Store


class Gate(Door):
    """The door of one device protocol.

    Args:
        protocol: what is spoken.
        store: where it is kept; opened by the caller.
        limits: of connections.
        judge: of values; one for all doors, so that a device that changes doors is judged on.
    """

    def __init__(
        self, protocol: DeviceProtocol, store: Store, *, limits: Limits | None = None, judge: Judge | None = None
    ) -> None:
        super().__init__(protocol.name, store, limits=limits, judge=judge)
        self.protocol = protocol
        self._by_device: dict[str, Connection] = {}

    def connected(self) -> Connection:
        """Return who takes up a new connection."""
        return Connection(self)

    def met(self, name: str, connection: Connection) -> None:
        """Know by which connection a device can be spoken to: the newest."""
        self._by_device[name] = connection

    def part(self, names: set[str], connection: Connection) -> None:
        """Forget that devices can be spoken to by a connection."""
        for name in names:
            if self._by_device.get(name) is connection:
                del self._by_device[name]

    async def speak(self) -> None:
        """Send the commands that are queued for devices that are here."""
        if not self._by_device:
            return
        for command in await asyncio.to_thread(self._take_commands, list(self._by_device)):
            connection = self._by_device.get(command.device)
            if connection is not None:
                connection.send(self.protocol.command(command))

    def _take_commands(self, names: list[str]) -> list[devices.QueuedCommand]:
        with self.store.connection() as connection:
            queued = devices.queued_commands(connection, self.protocol.name, names)
            return [one for one in queued if devices.command_sent(connection, one, at=self.clock())]
