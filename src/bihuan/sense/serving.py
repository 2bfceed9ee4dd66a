"""All doors of a city in one process, and chores beside them where they are not done elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any

from bihuan.sense.chores import Chore, chores_of, keep_doing
from bihuan.sense.gateway.gate import Gate
from bihuan.sense.gateway.limits import Limits
from bihuan.sense.housekeeping import House
from bihuan.sense.jetstream import Share
from bihuan.sense.mqtt import MqttDoor
from bihuan.sense.mqtt5.door import Mqtt5Door
from bihuan.sense.protocols import PROTOCOLS
from bihuan.sense.quality import Judge
from bihuan.sense.setting import limits_of, units_of


async def serve(
    house: House,
    ports: Mapping[str, int],
    *,
    host: str = "127.0.0.1",
    limits: Limits | None = None,
    chores: list[Chore] | None = None,
    mqtt_port: int | None = None,
    mqtt_older: tuple[str, int] | None = None,
    mqtt_url: str | None = None,
    mqtt_share: Share | None = None,
    on_ready: Callable[[Mapping[str, int]], None] = lambda ports: None,
) -> None:
    """Serve until cancelled; what was taken in is committed before it ends.

    Args:
        house: store, lake and the pack's part on devices.
        ports: where each protocol listens; 0 for any free port.
        host: address to listen on.
        limits: of connections.
        chores: what is done in this process beside; None for all that the house has done.
        mqtt_port: where MQTT devices connect; 0 for any free port, None for nowhere here.
        mqtt_older: where a NATS server listens that those of them which speak MQTT 3.1.1 are passed on to.
        mqtt_url: of a NATS server whose stream of MQTT 3.1.1 messages is taken in; None for none.
        mqtt_share: which of several writers this is; None for the only one.
        on_ready: called with the ports once all doors are open.

    Raises:
        OutsideError: an address cannot be listened on.
    """
    await asyncio.to_thread(house.begin)
    judge = Judge(limits_of(house.sensing))
    async with contextlib.AsyncExitStack() as stack:
        opened = {}
        for name, port in ports.items():
            gate = await asyncio.to_thread(Gate, PROTOCOLS[name], house.store, limits=limits, judge=judge)
            opened[name] = await stack.enter_async_context(gate.open(host, port))
        units = units_of(house.sensing)
        if mqtt_port is not None:
            port_door = await asyncio.to_thread(
                Mqtt5Door, house.store, units, limits=limits, judge=judge, older=mqtt_older
            )
            opened["mqtt"] = await stack.enter_async_context(port_door.open(host, mqtt_port))
        on_ready(opened)
        if mqtt_url is not None:
            door = await asyncio.to_thread(MqttDoor, house.store, mqtt_url, units, judge, mqtt_share)
            await stack.enter_async_context(_running(door.run()))
        await asyncio.gather(keep_doing(chores_of(house) if chores is None else chores), asyncio.Event().wait())


@contextlib.asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Have something run while inside."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
