"""Rules: read, changed, switched, tried on history before anybody is called, and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bihuan.act.accounts import SignedIn
from bihuan.core.errors import InputError, MissingError
from bihuan.core.messages import N_, Message
from bihuan.sense.rules.book import Entry
from bihuan.sense.rules.compiled import CompiledRule, source_of
from bihuan.show.cityview import ROOMS
from bihuan.show.keepers import may_keep, require_keeper
from bihuan.show.language import words
from bihuan.show.rendering import language_of, page
from bihuan.show.rooms import connection_of, now_of, sensed_of, trials_of
from bihuan.show.session import require_token, signed_in
from bihuan.store import signals
from bihuan.store.connect import Connection
from bihuan.store.entities import numbers_of, types
from bihuan.store.rule_settings import Change, set_rule, versions
from bihuan.store.rules import NEW_RULE
from bihuan.store.yaml_records import Fault

router = APIRouter()
DAYS = (1, 7, 30)
"""How far back a rule can be tried from the page; further from the command line."""
BY_SUBJECT_SHOWN = 20
EXAMPLE = """id: my-rule
name: ""
types: [AirStation]
when: pm25 > 75.0
clear: pm25 < 65.0
for: 1h
kind: air.exceedance
severity: warning
text: "{name}细颗粒物{pm25}微克/立方米"
source: ""
"""
"""What a new rule begins with."""


@router.get("/rules")
def show(request: Request) -> HTMLResponse:
    """Show the rules as they stand now."""
    with connection_of(request) as connection:
        entries = sensed_of(request).book.entries(connection)
        counts = signals.counts(connection, [source_of(one.id) for one in entries])
        there = types(connection)
    rows = [(one, *counts.get(source_of(one.id), (0, 0))) for one in entries]
    return page(request, "rules.html", rows=rows, there=there, may_change=may_keep(signed_in(request)), **ROOMS)


@router.get("/rules/new")
def begin(request: Request) -> HTMLResponse:
    """Show the form of a rule that is still to be made."""
    session = require_keeper(request)
    return _editor(request, session, NEW_RULE, EXAMPLE, 0)


@router.get("/rules/{rule}")
def show_rule(request: Request, rule: str) -> HTMLResponse:
    """Show a rule, what it has raised, and what it was before."""
    with connection_of(request) as connection:
        entry = _entry(request, connection, rule)
        counts = signals.counts(connection, [source_of(rule)]).get(source_of(rule), (0, 0))
        former = versions(connection, rule)
    session = signed_in(request)
    return page(
        request,
        "rule.html",
        **ROOMS,
        entry=entry,
        faults=_said(request, entry.faults),
        rule=entry.ready.rule if entry.ready else None,
        choices=DAYS,
        counts=counts,
        versions=former,
        pack_text=sensed_of(request).book.pack_text(rule),
        session=session,
        may_change=may_keep(session),
    )


@router.get("/rules/{rule}/edit")
def edit(request: Request, rule: str) -> HTMLResponse:
    """Show a rule's text, to be changed."""
    session = require_keeper(request)
    with connection_of(request) as connection:
        entry = _entry(request, connection, rule)
    return _editor(request, session, rule, entry.text, entry.version)


@router.post("/rules/{rule}/edit")
def take(
    request: Request,
    rule: str,
    text: Annotated[str, Form()],
    act: Annotated[str, Form()] = "check",
    version: Annotated[int, Form()] = 0,
    csrf: Annotated[str, Form()] = "",
) -> Response:
    """Check a text and say what is wrong with it; with `act` = `save`, set the rule by it where nothing is."""
    session = require_keeper(request)
    require_token(session, {"csrf": csrf})
    text = text.replace("\r\n", "\n").strip() + "\n"
    if act == "edit":
        return _editor(request, session, rule, text, version)
    with connection_of(request) as connection:
        ready, faults = _checked(request, connection, rule, text)
        if act == "save" and ready is not None:
            _set(request, connection, session, ready.rule.id, "rule.changed", text=text, active=True, version=version)
            return RedirectResponse(f"/rules/{ready.rule.id}", 303)
    return _editor(request, session, rule, text, version, faults=faults, is_sound=not faults)


@router.post("/rules/{rule}/switch")
def switch(
    request: Request,
    rule: str,
    active: Annotated[bool, Form()],
    version: Annotated[int, Form()],
    csrf: Annotated[str, Form()] = "",
) -> Response:
    """Switch a rule on or off; what it has raised is over when it is off."""
    session = require_keeper(request)
    require_token(session, {"csrf": csrf})
    with connection_of(request) as connection:
        text = _present(_entry(request, connection, rule))
        change: Change = "rule.switched_on" if active else "rule.switched_off"
        _set(request, connection, session, rule, change, text=text, active=active, version=version)
    return RedirectResponse(f"/rules/{rule}", 303)


@router.post("/rules/{rule}/restore")
def restore(
    request: Request,
    rule: str,
    to: Annotated[int, Form()],
    version: Annotated[int, Form()],
    csrf: Annotated[str, Form()] = "",
) -> Response:
    """Bring back the text that a rule had in a former version; 0 is the pack's."""
    session = require_keeper(request)
    require_token(session, {"csrf": csrf})
    with connection_of(request) as connection:
        entry = _entry(request, connection, rule)
        text, active = _text_of_version(connection, entry, to), entry.setting is None or entry.setting.active
        if text is not None:
            _, faults = sensed_of(request).book.check(text)
            if faults:
                why = tuple(one.message for one in faults)
                raise InputError(N_("this version is no longer sound: {why}"), where=rule, why=why)
        _set(request, connection, session, rule, "rule.restored", text=text, active=active, version=version)
    return RedirectResponse(f"/rules/{rule}", 303)


# -- trials --------------------------------------------------------------------------------------------------------


@router.post("/rules/{rule}/trials")
def try_out(
    request: Request,
    rule: str,
    days: Annotated[int, Form()] = 7,
    text: Annotated[str, Form()] = "",
    version: Annotated[int, Form()] = 0,
) -> Response:
    """Try a text, or the rule as it stands, on the last `days`: beside the server, and nothing of it is kept."""
    text = text.replace("\r\n", "\n")
    with connection_of(request) as connection:
        if text:
            ready, faults = _checked(request, connection, rule, text)
        else:
            entry = _entry(request, connection, rule)
            text, ready, faults, version = entry.text, entry.ready, entry.faults, entry.version
    if ready is None:
        session = signed_in(request)
        if session is None:
            raise InputError(N_("it is not sound: {why}"), where=rule, why=tuple(one.message for one in faults))
        return _editor(request, session, rule, text, version, faults=faults)
    days = days if days in DAYS else DAYS[0]
    trial = trials_of(request).ask(ready.rule, text, version, days, sensed_of(request).lake)
    return RedirectResponse(f"/rules/{rule}/trials/{trial.id}", 303)


@router.get("/rules/{rule}/trials/{number}")
def show_trial(request: Request, rule: str, number: int) -> HTMLResponse:
    """Show what a trial has found so far."""
    trial = trials_of(request).get(number)
    session = signed_in(request)
    with connection_of(request) as connection:
        numbers = numbers_of(connection, list(trial.by_subject))
    return page(
        request, "rule_trial.html", **ROOMS, rule=rule, trial=trial, numbers=numbers, choices=DAYS,
        most=trial.by_subject.most_common(BY_SUBJECT_SHOWN), session=session,
        may_change=may_keep(session),
        synthetic=any(one.values.get("synthetic") for one in trial.newest),
    )  # fmt: skip


@router.get("/rules/{rule}/trials/{number}/state")
def show_state(request: Request, rule: str, number: int) -> HTMLResponse:
    """Return how far a trial is; once it has ended the page is asked to load itself again."""
    trial = trials_of(request).get(number)
    answer = page(request, "rule_trial_state.html", rule=rule, trial=trial)
    if not trial.is_open:
        answer.headers["hx-redirect"] = f"/rules/{rule}/trials/{number}"
    return answer


@router.post("/rules/{rule}/trials/{number}/cancel")
def cancel(request: Request, rule: str, number: int) -> RedirectResponse:
    """Stop a trial; what it has found stays."""
    trials_of(request).cancel(number)
    return RedirectResponse(f"/rules/{rule}/trials/{number}", 303)


# -- parts ---------------------------------------------------------------------------------------------------------


def _entry(request: Request, connection: Connection, rule: str) -> Entry:
    found = next((one for one in sensed_of(request).book.entries(connection) if one.id == rule), None)
    if found is None:
        raise MissingError("there is no rule of that name", where=rule)
    return found


def _present(entry: Entry) -> str | None:
    return entry.setting.text if entry.setting else None


def _text_of_version(connection: Connection, entry: Entry, version: int) -> str | None:
    if version == 0 and entry.in_pack:
        return None
    found = next((one for one in versions(connection, entry.id, limit=10_000) if one.version == version), None)
    if found is None:
        raise MissingError(f"it has no version {version}", where=entry.id)
    return found.text


def _checked(
    request: Request, connection: Connection, rule: str, text: str
) -> tuple[CompiledRule | None, tuple[Fault, ...]]:
    """Return the rule of a text or what is wrong with it; its identifier must be this rule's, or a new one's its own."""
    book = sensed_of(request).book
    ready, faults = book.check(text)
    if ready is None:
        return None, faults
    taken = {one.id for one in book.entries(connection)}
    if rule == NEW_RULE and ready.rule.id in taken:
        said = N_("there is a rule '{rule}'; change that, or take another id")
        return None, (Fault.of("", None, "id", Message(said, {"rule": ready.rule.id})),)
    if rule != NEW_RULE and ready.rule.id != rule:
        said = N_("this is rule '{rule}'; its id stays. Make a new rule for another id")
        return None, (Fault.of("", None, "id", Message(said, {"rule": rule})),)
    return ready, ()


def _set(
    request: Request,
    connection: Connection,
    session: SignedIn,
    rule: str,
    change: Change,
    *,
    text: str | None,
    active: bool,
    version: int,
) -> None:
    set_rule(connection, rule, change, text=text, active=active, version=version, actor=session.principal.id,
             at=now_of(request))  # fmt: skip


def _editor(
    request: Request,
    session: SignedIn,
    rule: str,
    text: str,
    version: int,
    *,
    faults: tuple[Fault, ...] = (),
    is_sound: bool = False,
) -> HTMLResponse:
    return page(
        request, "rule_edit.html", 422 if faults else 200, **ROOMS, rule=rule, text=text, based_on=version,
        faults=_said(request, faults), is_sound=is_sound, session=session, choices=DAYS,
        is_new=rule == NEW_RULE,
    )  # fmt: skip


def _said(request: Request, faults: Sequence[Fault]) -> list[tuple[int | None, str, str]]:
    """Return line, field and what is wrong, in the reader's language."""
    language = language_of(request)
    translate, chinese = words(language).gettext, language == "zh-CN"
    return [(one.line, one.name, one.message.said(translate, chinese=chinese)) for one in faults]
