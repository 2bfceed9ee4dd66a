"""Events in the words of a page: what happened, to what, by whom; and what of it a reader may be told.

That something happened, when, and its fingerprint are there for everybody: the chain proves itself. What an event of
casework or of accounts holds is told only to those who see the whole city's cases.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request

from bihuan.act.accounts import SignedIn
from bihuan.core.records.principal import Principal
from bihuan.show.labels import LABELS, label
from bihuan.show.rendering import language_of, local
from bihuan.show.rooms import engine_of
from bihuan.store import accounts
from bihuan.store.connect import Connection
from bihuan.store.events import Event

OPEN = frozenset({"document", "rule", "device", "subscription"})
"""Kinds of streams whose events tell nothing but what the open rooms show anyway."""


def kind_and_key(event: Event) -> tuple[str, str]:
    """Return what an event is about: `case` and its number, `document` and the SHA-256 of its bytes."""
    kind, _, key = event.stream.partition(":")
    return kind, key


def may_be_told(event: Event, who: Principal | None) -> bool:
    """Return whether somebody, or nobody in particular, may read what an event holds."""
    return kind_and_key(event)[0] in OPEN or (who is not None and who.scope == "city")


def what(request: Request, event: Event) -> str:
    """Return what happened: of a case by the name its type has for the action, `汇报进展`."""
    if event.type in LABELS["event"]:
        return local(request, label("event", event.type))
    kind, number = kind_and_key(event)
    types = engine_of(request).types.values() if kind == "case" else ()
    case_type = next((one for one in types if number.rpartition("-")[0][:-4] == one.prefix), None)
    action = case_type.actions.get(str(event.body.get("action", ""))) if case_type else None
    if action is None:
        return event.type
    return action.english if language_of(request) == "en" else action.name


def names_of(connection: Connection, session: SignedIn | None) -> Mapping[str, str]:
    """Return what accounts are called, by actor, for somebody who has one himself; nothing for others."""
    return {f"account:{one.id}": one.name for one in accounts.listed(connection)} if session else {}


def actor(request: Request, event: Event, names: Mapping[str, str]) -> str:
    """Return who did it: an account by its name where the reader may know it, else what kind of actor it is."""
    known = names.get(event.actor)
    return known or local(request, label("actor", event.actor.partition(":")[0]))
