"""`bihuan act score|bulletin|import|export|channel`: figures, papers, Excel, and the ways out."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bihuan.cli.options import PackOption, resolve_pack
from bihuan.cli.signed_in import AsOption, desk
from bihuan.core.errors import ForbiddenError, InputError

if TYPE_CHECKING:
    from bihuan.act.scorecard import Card
    from bihuan.act.sheets import Preview
    from bihuan.act.units import Units

JSON = typer.Option(False, "--json", help="One JSON object on stdout.")
DAY = ["%Y-%m-%d"]
START = typer.Option(..., "--from", formats=DAY, help="First day.")
END = typer.Option(..., "--to", formats=DAY, help="Last day, counted.")


def score(
    start: datetime = START,
    end: datetime = END,
    by_type: bool = typer.Option(False, help="A card for each unit and type."),
    login: AsOption = None,
    pack: PackOption = None,
    as_json: bool = JSON,
) -> None:
    """Print scorecards of a span of days, the best first; a past span gives the same figures whenever asked.

    Example: bihuan act score --from 2026-03-01 --to 2026-03-31 --as chief
    """
    from bihuan.act.scorecard import cards, read_formula

    formula = read_formula(resolve_pack(pack).folder)
    with desk(pack, login, "read") as at, at.store.connection() as connection:
        if at.who.scope != "city":
            raise ForbiddenError("scorecards compare all units; they are for accounts that see the whole city")
        made = cards(connection, formula, start.date(), end.date(), by_type=by_type)
        units = at.engine.units
    if as_json:
        print(json.dumps({"cards": [_card(card, units) for card in made]}, ensure_ascii=False))
    else:
        print("\n".join(_line(card, units) for card in made))


def _card(card: Card, units: Units) -> dict[str, object]:
    from dataclasses import asdict

    counts = {name: value for name, value in asdict(card.counts).items() if name not in ("unit", "type")}
    rates = {"on_time_rate": card.on_time_rate, "average_days": card.average_days, "satisfaction": card.satisfaction}
    told = {"unit": card.unit, "name": units.name(card.unit), "type": card.type, "score": card.score}
    return {**told, **rates, "because": dict(card.because), "counts": counts}


def _line(card: Card, units: Units) -> str:
    rate = "—" if card.on_time_rate is None else f"{card.on_time_rate:.0%}"
    because = ", ".join(f"{name} {points:+g}" for name, points in card.because.items())
    return f"{card.score:g}\t{units.name(card.unit)}\t{card.type or ''}\ton time {rate}\t{because}"


def bulletin(
    start: datetime = START,
    end: datetime = END,
    out: Path = typer.Option(..., "-o", "--out", help="File to write: .docx or .html."),
    login: AsOption = None,
    pack: PackOption = None,
) -> None:
    """Write the supervision bulletin（督查通报）of a span of days.

    Example: bihuan act bulletin --from 2026-03-02 --to 2026-03-08 -o 通报.docx --as chief
    """
    from bihuan.act import bulletin as bulletins
    from bihuan.act.official import to_docx, to_html
    from bihuan.act.scorecard import read_formula

    if out.suffix not in (".docx", ".html"):
        raise InputError("the file ends in .docx or .html", where=str(out))
    formula = read_formula(resolve_pack(pack).folder)
    with desk(pack, login, "read") as at, at.store.connection() as connection:
        if at.who.scope != "city" or at.who.unit is None:
            raise ForbiddenError("bulletins are written by an account of a unit that sees the whole city")
        made = bulletins.bulletin(connection, at.engine, formula, at.who.unit, start.date(), end.date(), at.now())
    out.write_bytes(to_docx(made) if out.suffix == ".docx" else to_html(made).encode())
    print(out)


def order(
    number: str = typer.Argument(..., help="Number of the case."),
    out: Path = typer.Option(..., "-o", "--out", help="File to write: .docx or .html."),
    kind: str = typer.Option("督办单", help="督办单 or 交办单."),
    login: AsOption = None,
    pack: PackOption = None,
) -> None:
    """Write the order of a case.

    Example: bihuan act order DB2026-00001 --kind 交办单 -o 交办单.docx --as chief
    """
    from bihuan.act import bulletin as bulletins
    from bihuan.act.clock import CHINA
    from bihuan.act.official import to_docx, to_html

    if out.suffix not in (".docx", ".html") or kind not in ("督办单", "交办单"):
        raise InputError("the file ends in .docx or .html; the kind is 督办单 or 交办单", where=str(out))
    with desk(pack, login, "read") as at, at.store.connection() as connection:
        case = at.engine.load(connection, at.who, number)
        today: date = at.now().astimezone(CHINA).date()
        made = bulletins.order(at.engine, case, kind, today)  # type: ignore[arg-type]  # checked above
    out.write_bytes(to_docx(made) if out.suffix == ".docx" else to_html(made).encode())
    print(out)


def import_sheet(
    case_type: str = typer.Argument(..., metavar="TYPE", help="Case type of the rows."),
    file: Path = typer.Argument(..., help=".xlsx; its first row names the fields."),
    check_only: bool = typer.Option(False, "--check", help="Only say what would be opened."),
    login: AsOption = None,
    pack: PackOption = None,
    as_json: bool = JSON,
) -> None:
    """Open a case for every row of an Excel file, or change it where the row has a 编号: all of them, or none.

    Example: bihuan act import 13710 任务清单.xlsx --check --as chief
    """
    from bihuan.act import sheets

    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(file)) from error
    with desk(pack, login, "write") as at, at.store.connection() as connection:
        checked = sheets.preview(connection, content, at.engine, case_type, at.who, at.now())
        is_done = not check_only and not checked.faults
        opened = sheets.take(connection, at.engine, at.who, checked, at.now()) if is_done else []
    for fault in checked.faults:
        print(f"bihuan: {file.name}: {fault}", file=sys.stderr)
    told = {
        "rows": len(checked.openings),
        "faults": [str(fault) for fault in checked.faults],
        "opened": [each.case.number for each in opened],
        "changes": [edit.number for edit in checked.edits],
        "same": checked.same,
        "done": is_done,
    }
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        print("\n".join([*(each.case.number for each in opened), _summary(checked, is_done)]))
    raise typer.Exit(1 if checked.faults else 0)


def _summary(checked: Preview, is_done: bool) -> str:
    rows = f"{len(checked.openings)} rows open a case, {len(checked.edits)} change one, {checked.same} are as they are"
    return f"{rows}, {len(checked.faults)} do not fit{'' if is_done else '; nothing was done'}"


def export_sheet(
    out: Path = typer.Option(..., "-o", "--out", help="File to write, .xlsx."),
    to_read_back: bool = typer.Option(False, "--form", help="In the form that `import` reads back; one --type."),
    case_type: list[str] | None = typer.Option(None, "--type", help="Case type (repeat for more)."),
    everything: bool = typer.Option(False, "--all", help="Closed ones too."),
    login: AsOption = None,
    pack: PackOption = None,
) -> None:
    """Write the cases you may see as an Excel file（台账）.

    Example: bihuan act export --type 13710 -o 台账.xlsx --as chief
    """
    from bihuan.act import sheets_out
    from bihuan.act.access import units_seen
    from bihuan.store.case_conditions import CaseFilter
    from bihuan.store.case_lists import everything as all_rows

    types = tuple(case_type or ())
    if to_read_back and len(types) != 1:
        raise InputError("the form of a type is asked for; name one with --type", where="--form")
    with desk(pack, login, "read") as at, at.store.connection() as connection:
        seen = units_seen(at.who, at.engine.units)
        found = all_rows(connection, CaseFilter(units=seen, is_open=None if everything else True, type=types))
        if to_read_back:
            at.engine.law(types[0])
            out.write_bytes(sheets_out.filled_form(connection, at.engine, types[0], found))
        else:
            out.write_bytes(sheets_out.workbook(at.engine, found))
    print(out)
