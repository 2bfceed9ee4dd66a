"""The MQTT port: MQTT 5 goes into the same group commit as every other door's messages, 3.1.1 to the NATS server beside us.

    door = Mqtt5Door(store, units, older=("127.0.0.1", 41883))
    async with door.open("0.0.0.0", 1883):
        ...                              # serves until left; what was taken in is committed on leaving

Any number of processes may serve MQTT 5 over one database: a message is known by its key, whichever takes it in.
"""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.sense.gateway.door import Door, Talk
from bihuan.sense.gateway.limits import Limits
from bihuan.sense.mqtt import PROTOCOL
from bihuan.sense.mqtt5.connection import Mqtt5Connection
from bihuan.sense.mqtt5.doorstep import Address, Doorstep
from bihuan.sense.mqtt5.session import Offer
from bihuan.sense.quality import Judge
from bihuan.store.connect import Store


class Mqtt5Door(Door):
    """The door that MQTT devices come in by.

    Args:
        store: where it is kept; opened by the caller.
        units: canonical unit by attribute.
        limits: of connections.
        judge: of values; one for all doors.
        older: where a server of MQTT 3.1.1 listens that such connections are passed on to; None to refuse them.
        offer: what clients of MQTT 5 are told they may do.
    """

    def __init__(
        self,
        store: Store,
        units: Mapping[str, str | None],
        *,
        limits: Limits | None = None,
        judge: Judge | None = None,
        older: Address | None = None,
        offer: Offer | None = None,
    ) -> None:
        super().__init__(PROTOCOL, store, limits=limits, judge=judge)
        self.units = units
        self.older = older
        self.offer = offer or Offer()
        self._clients: dict[tuple[str, str], Mqtt5Connection] = {}

    def connected(self) -> Doorstep:
        """Return who takes up a new connection."""
        return Doorstep(self)

    def replace(self, connection: Talk, other: Talk) -> None:
        """Have a connection taken up by another."""
        self._connections.discard(connection)
        self._connections.add(other)

    def know(self, identity: tuple[str, str], connection: Mqtt5Connection) -> None:
        """Know a client by its user and identifier; an older connection of the same ends (3.1.4)."""
        before = self._clients.get(identity)
        self._clients[identity] = connection
        if before is not None:
            before.taken_over()

    def forget(self, identity: tuple[str, str] | None, connection: Mqtt5Connection) -> None:
        """Forget a client that has gone."""
        if identity is not None and self._clients.get(identity) is connection:
            del self._clients[identity]
