"""`bihuan act`: the clocks of casework from the command line."""

from __future__ import annotations

import json
import re
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bihuan.cli import act_cases, act_channels, act_reports
from bihuan.cli.act_check import check as _check
from bihuan.cli.text_files import text_of
from bihuan.core.errors import BihuanError, InputError

if TYPE_CHECKING:
    from bihuan.act.clock import OfficeHours, Rule

app = typer.Typer(help="Casework: case types, cases, clocks, scores.", no_args_is_help=True)
KNOWN = frozenset({"id", "key", "received_at", "unit", "n", "roll", "day_end", "suspended", "extend", "office_hours"})


app.command("check")(_check)
app.command("open")(act_cases.open_case)
app.command("do")(act_cases.do)
app.command("list")(act_cases.list_cases)
app.command("show")(act_cases.show)
app.command("tick")(act_cases.tick)
app.command("recalculate")(act_channels.recalculate)
app.command("calendar")(act_channels.calendar)
app.add_typer(act_channels.app, name="channel")
app.command("score")(act_reports.score)
app.command("bulletin")(act_reports.bulletin)
app.command("order")(act_reports.order)
app.command("import")(act_reports.import_sheet)
app.command("export")(act_reports.export_sheet)


@app.command()
def due(
    file: Path | None = typer.Argument(None, help="JSON Lines; standard input without it."),
) -> None:
    """Say when things are due, without a database: JSON Lines in, JSON Lines out.

    In: id, key, received_at, unit, n, and where given roll, day_end, suspended [a, b], extend, office_hours.
    Out: id, key, due_at, status. A line that contradicts itself is named on stderr and the rest is done (exit 1).

    Example: bihuan act due cases.jsonl, with lines such as
    {"id": 1, "key": "day 3", "received_at": "2026-02-13T17:00:00+08:00", "unit": "working_day", "n": 3}
    """
    from bihuan.act import clock
    from bihuan.store.calendar import load_calendar

    calendar, refused = load_calendar(), False
    for number, line in enumerate(text_of(file).split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = _record(line)
            answer = clock.due(_instant(record), _rule(record), calendar)
        except BihuanError as error:
            print(f"bihuan: line {number}: {error}", file=sys.stderr)
            refused = True
            continue
        at = answer.at.isoformat() if answer.at else None
        print(json.dumps({"id": record.get("id"), "key": record.get("key"), "due_at": at, "status": answer.status}))
    if refused:
        raise typer.Exit(1)


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise InputError(f"is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise InputError("one JSON object a line was expected")
    unknown = sorted(record.keys() - KNOWN)
    if unknown:
        raise InputError(f"unknown field; known are {', '.join(sorted(KNOWN))}", where=unknown[0])
    return record


def _instant(record: dict[str, Any]) -> datetime:
    """Read `received_at`; without an offset it is Chinese time."""
    from bihuan.act.clock import CHINA

    try:
        instant = datetime.fromisoformat(record["received_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("an ISO 8601 instant was expected", where="received_at") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=CHINA)


def _rule(record: dict[str, Any]) -> Rule:
    from bihuan.act.clock import ROLLS, UNITS, Rule

    given: dict[str, Any] = {"unit": record.get("unit"), "n": _whole(record, "n")}
    _one_of(given["unit"], UNITS, "unit")
    if record.get("roll") is not None:
        given["roll"] = _one_of(record["roll"], ROLLS, "roll")
    if record.get("day_end") is not None:
        given["day_end"] = None if record["day_end"] in ("24:00", "24:00:00") else _time(record["day_end"], "day_end")
    if record.get("suspended") is not None:
        given["suspended"] = (_suspension(record["suspended"]),)
    if record.get("extend") is not None:
        given["extend"] = _whole(record, "extend")
    if record.get("office_hours") is not None:
        given["office_hours"] = _office_hours(record["office_hours"])
    return Rule(**given)


def _whole(record: dict[str, Any], name: str) -> int:
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InputError(f"a whole number of at least 0 was expected, not {value!r}", where=name)
    return value


def _one_of(value: object, known: tuple[str, ...], name: str) -> object:
    if value not in known:
        raise InputError(f"{value!r} is none of {', '.join(known)}", where=name)
    return value


def _time(text: object, name: str) -> time:
    if not isinstance(text, str) or not re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text):
        raise InputError(f"a time such as 18:00 was expected, not {text!r}", where=name)
    try:
        return time.fromisoformat(text.zfill(5) if len(text) < 6 else text.zfill(8))
    except ValueError as error:
        raise InputError(f"{text} is no time of day", where=name) from error


def _suspension(value: object) -> tuple[date, date]:
    if not isinstance(value, list) or len(value) != 2:
        raise InputError("[a, b], two days, was expected", where="suspended")
    return _day(value[0]), _day(value[1])


def _day(text: object) -> date:
    """Read a day, or the Chinese date of an instant."""
    from bihuan.act.clock import CHINA

    try:
        moment = datetime.fromisoformat(text)  # type: ignore[arg-type]  # TypeError is answered below
        return moment.astimezone(CHINA).date() if moment.tzinfo else moment.date()
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"a day such as 2026-03-01 was expected, not {text!r}", where="suspended") from error


def _office_hours(value: object) -> OfficeHours:
    """Read [["08:00", "12:00"], …] or ["08:00-12:00", …] or one text with commas."""
    spans = value.split(",") if isinstance(value, str) else value
    if not isinstance(spans, list) or not spans:
        raise InputError('[["08:00", "12:00"], ["14:00", "18:00"]] was expected', where="office_hours")
    return tuple(_span(span) for span in spans)


def _span(span: object) -> tuple[time, time]:
    ends = re.split("[-–~]", span) if isinstance(span, str) else span
    if not isinstance(ends, list) or len(ends) != 2:
        raise InputError(f"a span such as 08:00–12:00 was expected, not {span!r}", where="office_hours")
    first, last = (end.strip() if isinstance(end, str) else end for end in ends)
    return _time(first, "office_hours"), _time(last, "office_hours")
