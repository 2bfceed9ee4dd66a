"""All doors of a city in one process: gateways, and the chores beside them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from bihuan.core.errors import OutsideError
from bihuan.sense.gateway.gate import Gate
from bihuan.sense.gateway.limits import Limits
from bihuan.sense.housekeeping import House
from bihuan.sense.mqtt import MqttDoor
from bihuan.sense.protocols import PROTOCOLS
from bihuan.sense.quality import Judge
from bihuan.sense.setting import limits_of, units_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done again and again."""

    name: str
    work: Callable[[], object]
    every_seconds: float


def chores_of(house: House) -> list[Chore]:
    """Return what a house has done, and how often."""
    return [
        Chore("rules", house.run_rules, 0.5),
        Chore("rules of the clock", house.tick_rules, 60),
        Chore("policies", house.match_policies, 5),
        Chore("roll-ups", house.roll_up, 10),
        Chore("silence", house.watch_silence, 15),
        Chore("sealing", house.seal_days, 900),
        Chore("retention", house.forget, 3600),
    ]


async def serve(
    house: House,
    ports: Mapping[str, int],
    *,
    host: str = "127.0.0.1",
    limits: Limits | None = None,
    chores: list[Chore] | None = None,
    mqtt_url: str | None = None,
    on_ready: Callable[[Mapping[str, int]], None] = lambda ports: None,
) -> None:
    """Serve until cancelled; what was taken in is committed before it ends.

    Args:
        house: store, lake and the pack's part on devices.
        ports: where each protocol listens; 0 for any free port.
        host: address to listen on.
        limits: of connections.
        chores: what is done beside; None for what a house has done.
        mqtt_url: of a NATS server that devices publish to; None for no MQTT.
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
        on_ready(opened)
        if mqtt_url is not None:
            door = await asyncio.to_thread(MqttDoor, house.store, mqtt_url, units_of(house.sensing), judge)
            await stack.enter_async_context(_running(door.run()))
        running = [_again_and_again(chore) for chore in (chores_of(house) if chores is None else chores)]
        await asyncio.gather(*running, asyncio.Event().wait())


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


async def _again_and_again(chore: Chore) -> None:
    while True:
        try:
            await asyncio.to_thread(chore.work)
        except (psycopg.Error, OutsideError) as error:
            logger.warning("chore failed name=%s error=%s", chore.name, type(error).__name__)
        except Exception:
            logger.exception("chore failed name=%s", chore.name)
        await asyncio.sleep(chore.every_seconds)
