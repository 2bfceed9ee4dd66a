"""A fault run: devices that send until they are answered, while processes are killed at random; then the count.

What a device was answered for must be there once, and nothing may be there twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import mqtt5
from tests.ports import free_port
from tests.sense.devices import air_station, upload
from tests.sense.mqtt5.clients import Raw

from bihuan.core.records.entity import Device
from bihuan.sense.protocols import hj212
from bihuan.store import devices, entities
from bihuan.store.connect import Store, open_store

_GOOD = (mqtt5.ConnAckPacket, mqtt5.PubAckPacket)
_ANSWER_SECONDS = 4.0


@dataclass
class Run:
    """What was sent and what came of it."""

    acknowledged: dict[str, list[int]] = field(default_factory=dict)
    """Numbers of the messages each device was answered for."""
    kills: list[str] = field(default_factory=list)
    resent: int = 0
    missing: list[tuple[str, int]] = field(default_factory=list)
    """Acknowledged and not there."""
    twice: int = 0
    """Times of a device that stand there more than once."""

    @property
    def count(self) -> int:
        return sum(map(len, self.acknowledged.values()))


def fault_run(home: Path, *, seconds: float, count: int, kill_every: float, seed: int = 1, mqtt: bool = False) -> Run:
    """Run devices against a gateway of its own for a while, killing something every so often.

    Args:
        home: data folder of its own.
        seconds: how long it goes on once everybody was heard.
        count: devices of HJ 212, and where asked for as many of MQTT 5.
        kill_every: seconds between two kills, on average.
        seed: of what is killed when.
        mqtt: whether there are devices of MQTT 5 as well, and so a NATS server to be killed with the chores.
    """
    run, chance = Run(), random.Random(seed)
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    environment = {**os.environ, "BIHUAN_HOME": str(home)}
    environment.pop("BIHUAN_DATABASE_URL", None)
    with open_store(home=home) as store:
        _register(store, count)
        port, mqtt_port = free_port(), free_port() if mqtt else None
        with _Gateway(environment, port, mqtt_port) as gateway:
            talking = [partial(_device, run, f"F{n}", port, start) for n in range(count)]
            if mqtt_port is not None:
                talking += [partial(_mqtt_device, run, f"M{n}", mqtt_port, start) for n in range(count)]
            asyncio.run(_drive(run, gateway, home, talking, seconds, kill_every, chance))
            gateway.settle()
    with open_store(home=home) as store:
        _verify(run, store, start)
    return run


def _register(store: Store, count: int) -> None:
    with store.connection() as connection:
        now = datetime.now(UTC)
        entities.keep(connection, [air_station(n) for n in range(2 * count)], at=now)
        known = [Device("hj212", f"F{n}", air_station(n).urn, "123456") for n in range(count)]
        known += [Device("mqtt", f"M{n}", air_station(count + n).urn, "123456") for n in range(count)]
        devices.register(connection, known, at=now)


class _Gateway:
    """`bihuan sense serve` in a process of its own, started again after it was killed."""

    def __init__(self, environment: dict[str, str], port: int, mqtt_port: int | None) -> None:
        self._environment = environment
        self._command = [str(Path(sys.executable).with_name("bihuan")), "sense", "serve", "--hj212-port", str(port), "--gb32960-port", "0"]  # fmt: skip
        if mqtt_port is not None:
            self._command += ["--mqtt-port", str(mqtt_port)]
        self._port = port
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> _Gateway:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(120)

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, env=self._environment, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.start()

    def kill_chores(self) -> None:
        """Kill what the gateway has started beside itself; it starts it again."""
        assert self.process is not None
        for thread in Path(f"/proc/{self.process.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # a thread or a child that has just ended
                for child in (thread / "children").read_text().split():
                    os.kill(int(child), signal.SIGKILL)

    def settle(self) -> None:
        """Wait until the gateway listens, whatever was killed last."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1):
                return
            time.sleep(0.2)


async def _drive(
    run: Run, gateway: _Gateway, home: Path, devices: list[Callable[[], Coroutine[Any, Any, None]]], seconds: float,
    kill_every: float, chance: random.Random,
) -> None:  # fmt: skip
    talking = [asyncio.create_task(device()) for device in devices]
    patience = time.monotonic() + 120
    while len(run.acknowledged) < len(devices) and time.monotonic() < patience:  # everybody was heard once: begin
        await asyncio.sleep(0.1)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends or len(run.kills) < 2:  # a busy machine takes its time to kill and to begin again
        await asyncio.sleep(chance.uniform(0.5, 1.5) * kill_every)
        what = chance.choice(["gateway", "gateway", "backend", "backend", "postmaster", "chores"])
        run.kills.append(what)
        await asyncio.to_thread(_kill, what, gateway, home, chance)
    for task in talking:
        task.cancel()
    await asyncio.gather(*talking, return_exceptions=True)


def _kill(what: str, gateway: _Gateway, home: Path, chance: random.Random) -> None:
    if what == "gateway":
        gateway.kill()
        return
    if what == "chores":
        gateway.kill_chores()
        return
    with contextlib.suppress(OSError, ValueError):
        postmaster = int((home / "postgres/data/postmaster.pid").read_text().splitlines()[0])
        backends = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        os.kill(postmaster if what == "postmaster" else int(chance.choice(backends)), signal.SIGKILL)


async def _device(run: Run, name: str, port: int, start: datetime) -> None:
    """Send one message after another, each until it is answered."""
    number, tried = 0, False
    while True:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                while True:
                    run.resent += tried
                    tried = True
                    writer.write(upload(name, start + timedelta(seconds=number), float(number)))
                    answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), _ANSWER_SECONDS)
                    if _is_answer(answer):
                        run.acknowledged.setdefault(name, []).append(number)
                        number, tried = number + 1, False
            finally:
                writer.close()
        await asyncio.sleep(0.2)


async def _mqtt_device(run: Run, name: str, port: int, start: datetime) -> None:
    """Send one message after another in MQTT 5, each until it is answered."""
    number, tried = 0, False
    while True:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            device = await Raw.open(port, mqtt5.ConnectPacket(name, username=name, password=b"123456"))
            try:
                while isinstance(answer := await asyncio.wait_for(device.hear(), _ANSWER_SECONDS), _GOOD):
                    if isinstance(answer, mqtt5.PubAckPacket) and answer.reason_code == 0:
                        run.acknowledged.setdefault(name, []).append(number)
                        number, tried = number + 1, False
                    run.resent += tried
                    tried = True
                    said = {"time": (start + timedelta(seconds=number)).isoformat(), "values": {"pm25": number}}
                    device.say(mqtt5.PublishPacket(f"bihuan/{name}/up", json.dumps(said).encode(),
                                                   qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=number % 65_535 + 1))  # fmt: skip
            finally:
                device.close()
        await asyncio.sleep(0.2)


def _is_answer(data: bytes) -> bool:
    return [frame["head"]["CN"] for frame in hj212.decode([data]) if frame["ok"]] == ["9014"]


def _verify(run: Run, store: Store, start: datetime) -> None:
    with store.connection() as connection:
        rows = connection.execute(
            "select d.id, o.time, count(*) from observation o join device d on d.entity = o.entity group by 1, 2"
        ).fetchall()
    there = {(name, round((at - start).total_seconds())): times for name, at, times in rows}
    run.twice = sum(times > 1 for times in there.values())
    run.missing = [(name, n) for name, numbers in run.acknowledged.items() for n in numbers if (name, n) not in there]


def lines(run: Run) -> Iterator[str]:
    """Yield what a run came to, for people."""
    kills = {what: run.kills.count(what) for what in sorted(set(run.kills))}
    yield f"{run.count:,} messages acknowledged, {run.resent:,} sent again, killed {kills}"
    yield f"acknowledged and missing {len(run.missing)}, there twice {run.twice}"
