"""`bihuan act channel|calendar|recalculate`: ways out for messages, calendar files, a new holiday notice."""

from __future__ import annotations

from pathlib import Path

import typer

from bihuan.cli.options import PackOption
from bihuan.cli.signed_in import AsOption, casework, desk
from bihuan.core.errors import ForbiddenError, InputError

app = typer.Typer(help="Ways out for messages: mail, robots, text messages, webhooks.", no_args_is_help=True)
KINDS = ("smtp", "wecom", "dingtalk", "sms", "webhook")


@app.command()
def add(
    kind: str = typer.Argument(..., help="smtp, wecom, dingtalk, sms or webhook."),
    address: str = typer.Argument(..., help="Mail address or URL; of sms with #number,number behind it."),
    unit: str | None = typer.Option(None, help="Whose notices; all units' without."),
    secret_file: Path | None = typer.Option(None, help="File whose first line signs robots and webhooks."),
    pack: PackOption = None,
) -> None:
    """Open a channel and print its number.

    Example: bihuan act channel add webhook https://intranet/hook --secret-file hook.secret
    """
    from bihuan.act import post
    from bihuan.core.records.principal import SYSTEM

    if kind not in KINDS:
        raise InputError(f"'{kind}' is none of {', '.join(KINDS)}", where="kind")
    secret = secret_file.read_text(encoding="utf-8").splitlines()[0].strip() if secret_file else None
    with casework(pack) as (store, engine), store.connection() as connection:
        print(post.add_channel(connection, engine, SYSTEM, kind, address, store.clock(), unit=unit, secret=secret))  # type: ignore[arg-type]  # one of KINDS


@app.command("list")
def list_channels(pack: PackOption = None) -> None:
    """List channels.

    Example: bihuan act channel list
    """
    from bihuan.store import notices

    with casework(pack) as (store, engine), store.connection() as connection:
        for channel in notices.channels(connection):
            state = "stopped" if channel.stopped_at else ""
            print(f"{channel.id}\t{channel.kind}\t{engine.units.name(channel.unit)}\t{channel.address}\t{state}")


@app.command()
def stop(channel: int = typer.Argument(..., help="Number that `list` shows."), pack: PackOption = None) -> None:
    """Stop a channel.

    Example: bihuan act channel stop 1
    """
    from bihuan.act import post
    from bihuan.core.records.principal import SYSTEM

    with casework(pack) as (store, _), store.connection() as connection:
        post.stop_channel(connection, SYSTEM, channel, store.clock())


@app.command()
def failing(pack: PackOption = None) -> None:
    """List messages that did not get through, with the reason and the next attempt.

    Example: bihuan act channel failing
    """
    from bihuan.store import notices

    with casework(pack) as (store, _), store.connection() as connection:
        for one in notices.failing(connection):
            following = one.next_try.isoformat(timespec="minutes") if one.next_try else "given up"
            print(f"{one.id}\t{one.kind}\t{one.number}\t{one.attempts} attempts\t{following}\t{one.error}")


@app.command()
def retry(message: int = typer.Argument(..., help="Number that `failing` shows."), pack: PackOption = None) -> None:
    """Try a failed message again in the next round.

    Example: bihuan act channel retry 12
    """
    from bihuan.core.errors import MissingError
    from bihuan.store import notices

    with casework(pack) as (store, _), store.connection() as connection:
        if not notices.retry(connection, message, store.clock()):
            raise MissingError("there is no such message, or it got through", where=str(message))


def calendar(
    unit: str = typer.Argument(..., help="Unit, by name or identifier."),
    out: Path = typer.Option(..., "-o", "--out", help="File to write, .ics."),
    login: AsOption = None,
    pack: PackOption = None,
) -> None:
    """Write the due times of a unit's open cases as an iCalendar file.

    Example: bihuan act calendar 市生态环境局 -o 时限.ics --as clerk
    """
    from bihuan.act import calendar_feed

    with desk(pack, login, "read") as at, at.store.connection() as connection:
        found = at.engine.units.find(unit)
        if found is None or not calendar_feed.may_read(at.who, found, at.engine):
            raise ForbiddenError("there is no such unit, or its cases are not all yours to see", where=unit)
        out.write_bytes(calendar_feed.feed(connection, at.engine, found, at.now()))
    print(out)


def recalculate(pack: PackOption = None) -> None:
    """Compute open clocks anew after a new holiday notice; each move is an event that keeps the former due time.

    Example: bihuan act recalculate
    """
    with casework(pack) as (store, engine), store.connection() as connection:
        print(f"{engine.recalculate_all(connection, store.clock())} cases moved")
