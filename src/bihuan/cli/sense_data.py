"""`bihuan sense devices | history | export | import | quarantine | command`: what devices have said, and to them."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bihuan.cli.options import PackOption, resolve_pack
from bihuan.core.errors import InputError

if TYPE_CHECKING:
    from bihuan.store.history import Series

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def devices(
    add: Annotated[
        Path | None,
        typer.Option(help="Register the devices of a JSON Lines file: protocol, id, entity, and what else is known."),
    ] = None,
    silent: Annotated[bool, typer.Option(help="Only those that are silent.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the registered devices, or register more.

    Examples:
      bihuan sense devices --silent
      bihuan sense devices --add devices.jsonl
    """
    from bihuan.sense.registration import register_file
    from bihuan.store import devices as registry
    from bihuan.store.connect import open_store

    with open_store() as store:
        if add is not None:
            count = register_file(store, add)
            print(f"bihuan: {count} devices registered", file=sys.stderr)
            return
        with store.connection() as connection:
            found = registry.states(connection, silent=silent)
    for one in found:
        seen = one.seen_at.isoformat(timespec="seconds") if one.seen_at else None
        if as_json:
            print(_json({name: getattr(one, name) for name in one.__slots__}))
        else:
            state = "silent" if one.silent_since else "stopped" if not one.active else "ok" if seen else "never heard"
            print(f"{one.protocol:<8} {one.id:<26} {state:<12} {seen or '-':<26} {one.frames:>9}  {one.name}")


def history(
    entity: Annotated[str, typer.Argument(help="URN of the entity.")],
    attributes: Annotated[list[str] | None, typer.Argument(help="Attributes; all where none is named.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="ISO 8601; a day ago by default.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="ISO 8601; now by default.")] = None,
    period: Annotated[str, typer.Option(help="now, minute, hour or day, as the device sent it.")] = "now",
) -> None:
    """Print observations as JSON Lines, oldest first; recent and sealed days alike.

    Example: bihuan sense history urn:ngsi-ld:AirStation:yq-01 pm25 --from 2026-03-01
    """
    for series in _read(entity, attributes or [], start, end, period):
        for one in series.observations():
            print(_json({"attribute": one.attribute, "time": one.time, "value": one.value, "unit": one.unit,
                         "quality": one.quality}))  # fmt: skip


def export(
    entity: Annotated[str, typer.Argument(help="URN of the entity.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="File: .parquet, .xlsx or .csv.")],
    attributes: Annotated[list[str] | None, typer.Argument(help="Attributes; all where none is named.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="ISO 8601; a day ago by default.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="ISO 8601; now by default.")] = None,
    period: Annotated[str, typer.Option(help="now, minute, hour or day, as the device sent it.")] = "now",
) -> None:
    """Write observations to Parquet, Excel or CSV.

    Example: bihuan sense export urn:ngsi-ld:AirStation:yq-01 pm25 pm10 -o air.xlsx
    """
    from bihuan.sense.export import write

    count = write(_read(entity, attributes or [], start, end, period), out)
    print(f"bihuan: {count:,} observations in {out}", file=sys.stderr)


def import_(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet: entity, attribute, time, value, and unit, period.")],
    pack: PackOption = None,
) -> None:
    """Take in history of before from a file; taking it in twice changes nothing.

    Example: bihuan sense import readings-2025.parquet
    """
    from bihuan.sense.backfill import fill
    from bihuan.sense.quality import Judge
    from bihuan.sense.setting import limits_of, units_of
    from bihuan.store.connect import open_store
    from bihuan.store.sensing import load_sensing

    sensing = load_sensing(resolve_pack(pack).folder)
    with open_store() as store:
        filled = fill(store, file, units_of(sensing), Judge(limits_of(sensing)))
    for fault in filled.refused:
        print(f"bihuan: {file}: {fault}", file=sys.stderr)
    print(f"bihuan: {filled.new:,} messages kept, {filled.repeated:,} were there, {filled.refused_rows:,} rows refused",
          file=sys.stderr)  # fmt: skip
    if filled.refused_rows:
        raise typer.Exit(1)


def forecast(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet: entity, attribute, time, value, perhaps unit.")],
    yearly: Annotated[bool, typer.Option(help="It stands for other years, too, hour by hour.")] = False,
    pack: PackOption = None,
) -> None:
    """Keep what is expected of entities; rules see it as `planned`, and the newest for each attribute stands.

    Example: bihuan sense forecast schedule.csv
    """
    from bihuan.sense.forecasting import read_forecasts
    from bihuan.sense.setting import units_of
    from bihuan.store import forecasts
    from bihuan.store.connect import open_store
    from bihuan.store.sensing import load_sensing

    found = read_forecasts(file, units_of(load_sensing(resolve_pack(pack).folder)), is_yearly=yearly)
    with open_store() as store, store.connection() as connection:
        unknown = forecasts.keep(connection, found, at=store.clock())
    for urn in unknown:
        print(f"bihuan: {file}: no entity {urn}; make it first", file=sys.stderr)
    print(f"bihuan: {sum(one.entity not in unknown for one in found):,} forecasts kept", file=sys.stderr)
    if unknown:
        raise typer.Exit(1)


def quarantine(
    reason: Annotated[str | None, typer.Option(help="Only of this reason: unknown_device, bad_crc, …")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 20,
    raw: Annotated[bool, typer.Option(help="The frames themselves, not how many there are of each kind.")] = False,
) -> None:
    """Show what was not obeyed, and why.

    Example: bihuan sense quarantine --reason unsupported_edition --raw
    """
    from bihuan.store import devices as registry
    from bihuan.store.connect import open_store

    with open_store() as store, store.connection() as connection:
        if raw:
            for one in registry.quarantined(connection, reason=reason, limit=limit):
                print(_json({"received": one.received, "door": one.door, "device": one.device, "peer": one.peer,
                             "reason": one.reason, "raw": one.raw.hex()}))  # fmt: skip
            return
        for door, device, why, count, last in registry.quarantine_summary(connection, limit=limit):
            if reason in (None, why):
                print(f"{door:<8} {device or '-':<26} {why:<22} {count:>8}  {last.isoformat(timespec='seconds')}")


def command(
    device: Annotated[str, typer.Argument(help="MN of the device.")],
    code: Annotated[str, typer.Argument(help="CN of the command, 1062.")],
    fields: Annotated[
        list[str] | None, typer.Argument(help="NAME=VALUE of its data area, and ST, PW, edition.")
    ] = None,
) -> None:
    """Have something said to an HJ 212 device when it is connected.

    Example: bihuan sense command A140300_0001 1062 RtdInterval=30 ST=22 PW=123456
    """
    from bihuan.sense.protocols.hj212.handshake import ask
    from bihuan.store import devices as registry
    from bihuan.store.connect import open_store

    named = dict(_pair(text) for text in fields or [])
    with open_store() as store, store.connection() as connection:
        now = store.clock()
        number = ask(device, code, named, now)
        registry.queue_command(connection, "hj212", device, number, code, named, actor="command line", at=now)
    print(number)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"'{text}' is not NAME=VALUE")
    return name, value


def _read(entity: str, attributes: list[str], start: str | None, end: str | None, period: str) -> list[Series]:
    from bihuan.core.records.observation import PERIODS
    from bihuan.store.connect import open_store
    from bihuan.store.history import history as read_history
    from bihuan.store.lake import default_lake

    if period not in PERIODS:
        raise InputError(f"'{period}' is no period; there are {', '.join(PERIODS)}", where="--period")
    with open_store() as store, store.connection() as connection:
        until = moment_of(end, "--to") if end else store.clock()
        since = moment_of(start, "--from") if start else until - timedelta(days=1)
        found = read_history(connection, default_lake(), entity, attributes, since, until, period=period)
    return list(found.values())


def moment_of(text: str, option: str) -> datetime:
    """Return the time of an option, Chinese where it names no zone.

    Raises:
        InputError: it is no time.
    """
    from bihuan.sense.times import CHINA

    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"'{text}' is no time; write 2026-03-01 or 2026-03-01T08:00", where=option) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, default=str)
