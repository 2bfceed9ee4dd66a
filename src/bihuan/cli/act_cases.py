"""`bihuan act open|list|show|do|tick`: cases from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bihuan.cli.options import PackOption
from bihuan.cli.signed_in import AsOption, casework, desk
from bihuan.core.errors import InputError

if TYPE_CHECKING:
    from bihuan.act.engine import CaseView
    from bihuan.act.units import Units
    from bihuan.cli.signed_in import Desk
    from bihuan.core.records.case import Case, EvidenceRef
    from bihuan.store.case_lists import CaseRow

JSON = typer.Option(False, "--json", help="One JSON object on stdout.")
FIELDS = typer.Option(None, "--field", "-f", metavar="NAME=VALUE", help="A field (repeat for more).")
KEY = typer.Option(None, "--key", help="Idempotency key: asking twice with it does it once.")


def open_case(
    case_type: str = typer.Argument(..., metavar="TYPE", help="Case type, such as 13710."),
    field: list[str] | None = FIELDS,
    lead: str | None = typer.Option(None, help="Leading unit, by name or identifier."),
    support: list[str] | None = typer.Option(None, help="Supporting unit (repeat for more)."),
    profile: str | None = typer.Option(None, help="Day profile of the type, such as 13710-C."),
    key: str | None = KEY,
    login: AsOption = None,
    pack: PackOption = None,
    as_json: bool = JSON,
) -> None:
    """Open a case.

    Example: bihuan act open 13710 -f title=河道排口整治 -f requirement=查清并封堵 --lead 市生态环境局 --as chief
    """
    from bihuan.act.command import Opening

    with desk(pack, login, "write") as at, at.store.connection() as connection:
        opening = Opening(case_type, _values(field), profile, lead=lead, supports=tuple(support or ()), key=key)
        opened = at.engine.open(connection, at.who, opening, at.now())
    _print_case(opened.case, as_json)


def do(
    number: str = typer.Argument(..., help="Number of the case."),
    action: str = typer.Argument(..., help="Action of its type; `bihuan act show` lists what you may do."),
    note: str = typer.Option("", help="Reason or text."),
    field: list[str] | None = FIELDS,
    file: list[Path] | None = typer.Option(None, help="Evidence (repeat for more)."),
    lead: str | None = typer.Option(None, help="Leading unit."),
    support: list[str] | None = typer.Option(None, help="Supporting unit (repeat for more)."),
    clock: str | None = typer.Option(None, help="Clock that a report meets or an extension is for."),
    days: int = typer.Option(0, help="Working days asked for."),
    grade: str | None = typer.Option(None, help="优秀, 良好 or 合格."),
    rating: int | None = typer.Option(None, help="1 to 5."),
    other: str | None = typer.Option(None, help="Number of the other case of a link or merge."),
    version: int | None = typer.Option(None, help="Version you saw; the present one without."),
    key: str | None = KEY,
    login: AsOption = None,
    pack: PackOption = None,
    as_json: bool = JSON,
) -> None:
    """Do something to a case.

    Example: bihuan act do DB2026-00001 report --note 已部署 -f progress=10 --file 现场.jpg --as clerk
    """
    from bihuan.act.command import Command

    with desk(pack, login, "write") as at, at.store.connection() as connection:
        seen = version if version is not None else at.engine.load(connection, at.who, number).version
        command = Command(
            action, seen, note, _values(field), _kept(at, connection, file), lead, tuple(support or ()), clock, days,
            grade=grade, rating=rating, other=other, key=key,  # type: ignore[arg-type]  # the engine refuses others
        )  # fmt: skip
        case = at.engine.act(connection, at.who, number, command, at.now())
    _print_case(case, as_json)


def _kept(at: Desk, connection: Any, files: list[Path] | None) -> tuple[EvidenceRef, ...]:
    from bihuan.act import evidence

    return tuple(evidence.keep(connection, _bytes(path), path.name, at.now()) for path in files or ())


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def list_cases(
    case_type: list[str] | None = typer.Option(None, "--type", help="Case type (repeat for more)."),
    lead: list[str] | None = typer.Option(None, help="Leading unit (repeat for more)."),
    light: list[str] | None = typer.Option(None, help="green, blue, yellow, orange or red (repeat for more)."),
    text: str = typer.Option("", help="Words in number, title or other texts."),
    everything: bool = typer.Option(False, "--all", help="Closed ones too."),
    limit: int = typer.Option(50, min=1, max=500, help="Rows."),
    login: AsOption = None,
    pack: PackOption = None,
    as_json: bool = JSON,
) -> None:
    """List the cases you may see, the nearest due first.

    Example: bihuan act list --light red --as chief
    """
    from bihuan.act.access import units_seen
    from bihuan.core.records.case import LIGHTS
    from bihuan.store.case_conditions import CaseFilter
    from bihuan.store.case_lists import listed

    with desk(pack, login, "read") as at, at.store.connection() as connection:
        wanted = CaseFilter(
            units=units_seen(at.who, at.engine.units),
            is_open=None if everything else True,
            type=tuple(case_type or ()),
            lead=tuple(at.engine.units.find(unit) or unit for unit in lead or ()),
            light=tuple(LIGHTS.index(name) for name in light or () if name in LIGHTS),
            text=text,
        )
        rows = listed(connection, wanted, sort="newest" if everything else "due", limit=limit).rows
        units = at.engine.units
    if as_json:
        print(json.dumps({"cases": [_row(row) for row in rows]}, ensure_ascii=False))
        return
    for row in rows:
        print(_line(row, units))
    print(f"{len(rows)} cases", file=sys.stderr)


def _row(row: CaseRow) -> dict[str, Any]:
    names = ("number", "type", "title", "step", "office", "lead", "level", "is_open", "version")
    told = {name: getattr(row, name) for name in names}
    return {**told, "light": row.light_name, "next_due": row.next_due.isoformat() if row.next_due else None}


def _line(row: CaseRow, units: Units) -> str:
    from bihuan.act.clock import CHINA

    due = row.next_due.astimezone(CHINA).strftime("%m-%d %H:%M") if row.next_due else "—"
    return f"{row.number}\t{row.light_name}\t{due}\t{row.step}\t{units.name(row.lead)}\t{row.title}"


def show(
    number: str = typer.Argument(..., help="Number of the case."),
    login: AsOption = None,
    pack: PackOption = None,
    as_json: bool = JSON,
) -> None:
    """Show a case: fields, clocks, history, and what you may do.

    Example: bihuan act show DB2026-00001 --as clerk
    """
    with desk(pack, login, "read") as at, at.store.connection() as connection:
        view = at.engine.view(connection, at.who, number)
        units = at.engine.units
    if as_json:
        print(json.dumps(_view(view), ensure_ascii=False))
    else:
        print("\n".join(_page(view, units)))


def _view(view: CaseView) -> dict[str, Any]:
    import msgspec

    happened = [{"seq": h.seq, "type": h.type, "actor": h.actor, "at": h.at.isoformat()} for h in view.history]
    return {
        "case": msgspec.to_builtins(view.case),
        "may": list(view.may),
        "personal": dict(view.personal),
        "history": happened,
    }


def _page(view: CaseView, units: Units) -> list[str]:
    case, spec = view.case, view.type
    lines = [f"{case.number}  {case.values.get('title', '')}  [{spec.steps[case.step].name}, {case.light}]"]
    lines.append(f"  {units.name(case.office)} → {units.name(case.lead)}  版本 {case.version}")
    shown = {**case.values, **view.personal}
    lines += [f"  {spec.fields[name].name}: {value}" for name, value in shown.items() if name in spec.fields]
    for clock in case.clocks:
        due = clock.due_at.isoformat(timespec="minutes") if clock.due_at else "待定"
        name = spec.clocks[clock.id.partition("#")[0]].name
        lines.append(f"  ⏱ {name} ({clock.id}): {due}, {clock.status}, {clock.light}")
    for happened in view.history:
        lines.append(
            f"  {happened.at.isoformat(timespec='minutes')}  {happened.type}  {happened.actor}  {happened.body.get('note', '')}"
        )
    return [*lines, f"  可办: {', '.join(view.may) or '—'}"]


def tick(
    forever: bool = typer.Option(False, help="Go on until interrupted, every few seconds."),
    every: float = typer.Option(5.0, min=0.1, help="Seconds between rounds with --forever."),
    pack: PackOption = None,
    as_json: bool = JSON,
) -> None:
    """Fire what has come due, send what waits to be sent, erase personal data whose time is over.

    Any number of workers may run it at once. Example: bihuan act tick --forever
    """
    import time

    from bihuan.act import work

    with casework(pack) as (store, engine):
        done = work.once(store, engine, store.clock())
        while forever:
            time.sleep(every)
            done = done + work.once(store, engine, store.clock())
    if as_json:
        print(json.dumps(done.as_dict()))
    else:
        print(str(done))


def _values(fields: list[str] | None) -> dict[str, Any]:
    values = {}
    for text in fields or ():
        name, sign, value = text.partition("=")
        if not sign:
            raise InputError(f"NAME=VALUE was expected, not '{text}'", where="--field")
        values[name] = value
    return values


def _print_case(case: Case, as_json: bool) -> None:
    if as_json:
        import msgspec

        print(msgspec.json.encode(case).decode())
    else:
        print(f"{case.number}\t{case.step}\t{case.light}\tversion {case.version}")
