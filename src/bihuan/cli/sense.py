"""`bihuan sense`: device protocols from the command line."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Coroutine, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bihuan.cli import sense_data, sense_rules
from bihuan.cli.options import PackOption, resolve_pack
from bihuan.cli.text_files import text_of
from bihuan.core.errors import InputError, OutsideError

if TYPE_CHECKING:
    from bihuan.store.connect import Store

app = typer.Typer(help="Devices: what they send, what is kept of it, what is raised from it.", no_args_is_help=True)
app.command("devices")(sense_data.devices)
app.command("history")(sense_data.history)
app.command("export")(sense_data.export)
app.command("import")(sense_data.import_)
app.command("forecast")(sense_data.forecast)
app.command("quarantine")(sense_data.quarantine)
app.command("command")(sense_data.command)
app.command("signals")(sense_rules.signals)
app.add_typer(sense_rules.app, name="rules")
app.command("policies")(sense_rules.policies)

_TURN_SECONDS = 0.001
"""How long a thread of `serve` waits for its turn. The one that commits waits after each word with the database, some 15
times a commit, and devices with it; Python's own 5 ms would be most of an answer's time when much comes in."""


class Protocol(StrEnum):
    """The protocols that `decode` knows."""

    hj212 = "hj212"
    gb32960 = "gb32960"


@app.callback()
def _family() -> None: ...


@app.command()
def decode(
    protocol: Protocol = typer.Option(..., help="hj212 (pollution sources) or gb32960 (electric vehicles)."),
    chunks: Path = typer.Option(..., help='JSON Lines: {"id": "...", "chunks": ["hex", ...]}, one stream a line.'),
) -> None:
    """Decode recorded device streams to JSON Lines: {"id": ..., "frames": [...]}.

    A refused frame is data, {"ok": false, "error": CODE}; the exit code is 2 only for an unreadable FILE.

    Example: bihuan sense decode --protocol hj212 --chunks streams.jsonl
    """
    from bihuan.sense.protocols import gb32960, hj212

    read = {Protocol.hj212: hj212.decode, Protocol.gb32960: gb32960.decode}[protocol]
    for identifier, segments in _streams(chunks):
        print(json.dumps({"id": identifier, "frames": read(segments)}, ensure_ascii=False, allow_nan=False))


@app.command()
def serve(
    hj212_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port for HJ 212 devices; 0 for any free one.")
    ] = 8212,
    gb32960_port: Annotated[int, typer.Option(min=0, max=65535, help="Port for GB/T 32960 vehicles.")] = 8960,
    mqtt_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port for MQTT devices, 5 and 3.1.1; 1883 by custom, none by default."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    mqtt_share: Annotated[
        str,
        typer.Option(metavar="N/M", help="Which of several writers of MQTT 3.1.1 messages this is: 2/3 of three."),
    ] = "1/1",
    chores: Annotated[bool, typer.Option(help="Do rules, roll-ups, sealing and retention beside.")] = True,
    pack: PackOption = None,
) -> None:
    """Take in what devices send until Ctrl-C; a device is answered only after its data is kept.

    Rules, roll-ups, sealing and retention are done in a second process, which gives way to the first. Several machines
    may serve devices over one database (BIHUAN_DATABASE_URL); then all but one get --no-chores.

    MQTT 5 and 3.1.1 share a port (--mqtt-port). What comes in MQTT 5 is kept as what comes by the other doors is. What
    comes in 3.1.1 goes through a NATS server of our own, or one that is there (BIHUAN_NATS_URL, where such devices then
    connect themselves); several writers share what waits in it, each with its --mqtt-share.

    Example: bihuan sense serve --host 0.0.0.0
    """
    import asyncio
    import gc

    from bihuan.sense import chores as beside
    from bihuan.sense.housekeeping import House
    from bihuan.sense.jetstream import Share
    from bihuan.sense.nats_server import nats_server
    from bihuan.sense.serving import serve as serve_devices
    from bihuan.store.connect import open_store
    from bihuan.store.embedded import default_home
    from bihuan.store.lake import default_lake

    folder, share = resolve_pack(pack).folder, Share.parse(mqtt_share)
    ports = {"hj212": hj212_port, "gb32960": gb32960_port}
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(open_store())
        house = House.of(store, folder, default_lake())
        url = os.environ.get("BIHUAN_NATS_URL")
        older = None
        if mqtt_port is not None and url is None:
            endpoint = stack.enter_context(nats_server(default_home(), mqtt_port=0))
            url, older = endpoint.url, ("127.0.0.1", endpoint.mqtt_port)
        if chores:
            stack.enter_context(beside.in_own_process(store.url, folder, house.lake))
        watch = beside.Chore("database", partial(_ensure_database, store, stack), 1)
        serving = serve_devices(
            house,
            ports,
            host=host,
            mqtt_port=mqtt_port,
            mqtt_older=older,
            mqtt_url=url,
            mqtt_share=share,
            chores=[watch],
            on_ready=partial(_print_ports, host),
        )
        sys.setswitchinterval(_TURN_SECONDS)
        gc.freeze()  # what was loaded stays for good; looking through it again would hold up answers now and then
        asyncio.run(_until_stopped(serving))


@app.command()
def simulate(
    seed: Annotated[int, typer.Option(help="The same seed makes the same city.")] = 2026,
    share: Annotated[float, typer.Option(min=0.01, max=10, help="Of each kind of device so much.")] = 1.0,
    hj212: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Gateway for stations, users, mines, parking.")
    ] = "127.0.0.1:8212",
    gb32960: Annotated[str, typer.Option(metavar="HOST:PORT", help="Gateway for vehicles.")] = "127.0.0.1:8960",
    mqtt: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Gateway for parking and charging, in MQTT 5; in HJ 212 by default."),
    ] = None,
    speed: Annotated[float, typer.Option(min=0.01, help="Times as often as real devices report.")] = 1.0,
    seconds: Annotated[float | None, typer.Option(help="Stop after so long; until Ctrl-C by default.")] = None,
    faults: Annotated[
        str, typer.Option(help="Shares that go wrong: loss=0.01,duplicate=0.02,reorder=,corrupt=,split=,storm=")
    ] = "",
    register: Annotated[bool, typer.Option(help="Register the devices in the store first.")] = True,
    history_hours: Annotated[float, typer.Option(min=0, help="Keep so many hours of made-up history first.")] = 0,
    pack: PackOption = None,
) -> None:
    """Run a made-up city in the districts of the pack: devices that speak the real protocols over real sockets, marked synthetic.

    Example: bihuan sense simulate --share 0.2 --seconds 60 --faults loss=0.01,corrupt=0.02
    """
    import asyncio
    from datetime import timedelta

    from bihuan.sense.simulation import running
    from bihuan.sense.simulation.city import Ground, inventory
    from bihuan.sense.simulation.faults import parse_faults
    from bihuan.store.connect import open_store, utc_now

    ground = Ground.of(resolve_pack(pack))
    city, wrong = inventory(seed, share, ground, mqtt=mqtt is not None), parse_faults(faults)
    addresses = {"hj212": _address(hj212, "--hj212"), "gb32960": _address(gb32960, "--gb32960")}
    if mqtt is not None:
        addresses["mqtt"] = _address(mqtt, "--mqtt")
    if register or history_hours:
        with open_store() as store:
            running.register(store, city)
            if history_hours:
                kept = running.write_history(store, city, timedelta(hours=history_hours), seed, timedelta(minutes=5))
                print(f"bihuan: {kept:,} made-up messages kept", file=sys.stderr)
    told = running.Told()
    print(f"bihuan: {len(city)} made-up devices talk (Ctrl-C stops them)", file=sys.stderr, flush=True)
    talking = running.run(city, addresses, seed, utc_now, faults=wrong, speed=speed, told=told)
    asyncio.run(_until_stopped(talking if seconds is None else asyncio.wait_for(talking, seconds)))
    lost = f", {told.lost_connections:,} connections lost" if told.lost_connections else ""
    print(f"bihuan: {told.sent:,} frames sent, {told.answered:,} answers{lost}", file=sys.stderr)


def _address(text: str, option: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise InputError(f"'{text}' is not HOST:PORT", where=option)
    return host, int(port)


async def _until_stopped(serving: Coroutine[Any, Any, None]) -> None:
    """End on SIGINT or SIGTERM after what was taken in is committed."""
    import asyncio
    import signal

    task = asyncio.ensure_future(serving)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError, TimeoutError):
        await task


def _ensure_database(store: Store, stack: contextlib.ExitStack) -> None:
    """Start the embedded server again where it was killed; a server of somebody else's we only wait for."""
    from bihuan.store.embedded import EmbeddedServer, default_home

    try:
        store.connect().close()
    except OutsideError:
        if not os.environ.get("BIHUAN_DATABASE_URL"):
            stack.enter_context(EmbeddedServer(default_home()))


def _print_ports(host: str, ports: Mapping[str, int]) -> None:
    told = ", ".join(f"{name} {host}:{port}" for name, port in ports.items())
    print(f"bihuan: listening for devices: {told} (Ctrl-C stops it)", file=sys.stderr, flush=True)


def _streams(path: Path) -> list[tuple[object, list[bytes]]]:
    """Read the whole file first, so that an unreadable one gives no half answer."""
    lines = enumerate(text_of(path).split("\n"), 1)
    return [_stream(line, f"{path}, line {number}") for number, line in lines if line.strip()]


def _stream(line: str, where: str) -> tuple[object, list[bytes]]:
    try:
        record = json.loads(line)
        return record["id"], [bytes.fromhex(chunk) for chunk in record["chunks"]]
    except (ValueError, KeyError, TypeError) as error:
        found = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        message = f'is no {{"id": "...", "chunks": ["hex", ...]}}: {found}'
        raise InputError(message, where=where) from error
