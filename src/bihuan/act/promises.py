"""Promises of the ledger become `promise` cases, and a later result proposes their closing.

Which type that is the pack says: the one that `ledger.target` and `ledger.commitment` open. A row is known by its
place in its document, for its id changes when the document is read anew.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from bihuan.act.clock import CHINA
from bihuan.act.command import Command
from bihuan.act.engine import Engine
from bihuan.act.intake import kinds, opening_of
from bihuan.core.errors import InputError, MissingError, StateError
from bihuan.core.messages import N_
from bihuan.core.records.case import Case
from bihuan.core.records.principal import SYSTEM, Principal
from bihuan.core.records.signal import Signal
from bihuan.store import cases, entries, links
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_lists import everything
from bihuan.store.connect import Connection
from bihuan.store.entries import Entry

SOURCE = "read.ledger"


def open_promises(
    connection: Connection, engine: Engine, who: Principal, entry_ids: Iterable[int], now: datetime
) -> list[str]:
    """Open a case for each of some rows of the ledger and return their numbers; a row that has one gets no second.

    Raises:
        MissingError: a row is no longer there.
        InputError: a row is no promise, or tells no time by which.
        ForbiddenError: the person may not open cases of this type.
    """
    return [_open_promise(connection, engine, who, entry_id, now) for entry_id in entry_ids]


def _open_promise(connection: Connection, engine: Engine, who: Principal, entry_id: int, now: datetime) -> str:
    entry = entries.get(connection, entry_id)
    if entry is None:
        raise MissingError(
            N_("this row is no longer there: its document was read anew"), where=f"entry {entry_id}", key="act.no_entry"
        )
    signal = signal_of(entry, now)
    done = cases.claim_signal(connection, SOURCE, signal.key, now)
    if done:
        return done
    known = kinds(engine).get(signal.kind)
    if known is None:
        raise InputError(
            N_("no case type of this city is opened by '{kind}'"),
            where=signal.kind,
            key="act.no_taker",
            kind=signal.kind,
        )
    opened = engine.open(connection, who, opening_of(signal, *known, engine.units), now)
    cases.settle_signal(connection, SOURCE, signal.key, opened.case.number)
    return opened.case.number


def cases_of(connection: Connection, rows: Iterable[Entry]) -> dict[int, str]:
    """Return the numbers of the cases that follow rows of the ledger, by the row's id; rows without one are left out."""
    places = {place_of(row): row.id for row in rows}
    found = cases.numbers_of_signals(connection, ((SOURCE, place) for place in places))
    return {places[place]: number for (_, place), number in found.items()}


def place_of(entry: Entry) -> str:
    """Return a row's place: document, family, start and quote."""
    return f"{entry.document_id}:{entry.family}:{entry.start}:{entry.quote}"


def row_at(connection: Connection, place: str, quote: str | None = None) -> Entry | None:
    """Return the row that a field of kind `entry` names, by its place or its number; None where there is none any more.

    Args:
        connection: to the store.
        place: as `place_of` gives it, its quote perhaps cut short; or the row's number.
        quote: the whole quote where it is known.
    """
    if place.isascii() and place.isdecimal():
        return entries.get(connection, int(place)) if len(place) < 19 else None
    document, family, start, told = ([*place.split(":", 3), "", "", "", ""])[:4]
    if not (document.isdecimal() and start.isdecimal()):
        return None
    entry_id = entries.find(connection, int(document), family, int(start), told if quote is None else quote)
    return None if entry_id is None else entries.get(connection, entry_id)


def signal_of(entry: Entry, now: datetime) -> Signal:
    """Return the signal by which a promise asks for its case.

    Raises:
        InputError: the row is no promise, or tells no time by which.
    """
    if entry.kind != "target":
        raise InputError(
            N_("is a result, not a promise; cases are opened for promises"),
            where=f"entry {entry.id}",
            key="act.no_promise",
        )
    values: dict[str, Any] = {
        "title": title_of(entry),
        "entry": place_of(entry)[:190],
        "document": (entry.document_title or entry.document)[:190],
        "quote": entry.quote,
        "year": entry.year,
        "due": due_of(entry).isoformat(),
        "indicator": entry.name if entry.family == "statement" else None,
        "target": entry.value,
        "unit": entry.unit,
    }
    kind = "ledger.target" if entry.family == "statement" else "ledger.commitment"
    return Signal(SOURCE, kind, f"entry:{entry.id}", "info", title_of(entry), now, place_of(entry), (), values)


def title_of(entry: Entry) -> str:
    """Return a promise in a few words: what, and how much or the clause itself."""
    text = f"{entry.name}：{entry.quote}" if entry.family == "statement" else entry.quote
    return " ".join(text.split())[:200]


def due_of(entry: Entry) -> date:
    """Return the last day a promise allows: of its due month or day, else of its period's last year.

    Raises:
        InputError: it tells neither.
    """
    text = (entry.due or entry.period or "").rpartition("/")[2] or (str(entry.year) if entry.year else "")
    year, month, day = ([int(part) for part in text.split("-") if part.isdecimal()] + [0, 0, 0])[:3]
    if not 1990 <= year <= 2100:
        raise InputError(
            N_("tells no time by which; correct its period first"), where=f"entry {entry.id}", key="act.no_due"
        )
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


# -- a later result ----------------------------------------------------------------------------------------------------


def propose_closings(connection: Connection, engine: Engine, now: datetime) -> list[str]:
    """Propose the closing of every open case whose promise a later document tells the result of; return their numbers."""
    proposed = []
    types = tuple(
        {kinds(engine)[kind][0].type for kind in ("ledger.target", "ledger.commitment") if kind in kinds(engine)}
    )
    if not types:
        return []
    for row in list(everything(connection, CaseFilter(type=types))):
        case = engine.load(connection, SYSTEM, row.number)
        result = _result(connection, case)
        if result is not None and case.values.get("result_entry") != place_of(result[0])[:190]:
            proposed += _propose(connection, engine, case, *result, now)
    return proposed


def _result(connection: Connection, case: Case) -> tuple[Entry, str] | None:
    """Return the row that tells what became of a promise, and its verdict."""
    promise = row_at(connection, str(case.values.get("entry", "")), case.values.get("quote", ""))
    if promise is None:
        return None
    later = [
        r for r in links.related(connection, promise.id) if r.relation == "target_result" and r.is_later and r.verdict
    ]
    return (later[-1].entry, later[-1].verdict or "unknown") if later else None


_VERDICTS = {"met": "已完成", "missed": "未完成", "partly": "部分完成", "unknown": "未说明"}


def _propose(
    connection: Connection, engine: Engine, case: Case, result: Entry, verdict: str, now: datetime
) -> list[str]:
    case_type = engine.types[case.type]
    action = case_type.propose_action
    if action is None or case.step not in case_type.actions[action].from_:
        return []
    said = f"{result.document_title or result.document}载明：{result.quote}（判定：{_VERDICTS.get(verdict, verdict)}）"
    values: dict[str, Any] = {"result": said, "result_entry": place_of(result)[:190]}
    if result.value is not None:
        values["value"] = result.value
    sets = set(case_type.actions[action].sets)
    given = {name: value for name, value in values.items() if name in sets}
    note = f"{said}，于{now.astimezone(CHINA):%Y年%m月%d日}比对"
    try:
        engine.act(connection, SYSTEM, case.number, Command(action, case.version, note, given), now)
    except StateError:  # somebody moved it meanwhile; the next round looks again
        return []
    return [case.number]
