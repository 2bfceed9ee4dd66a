"""Saved filters of the case table: what of an address is kept, and the same for pages and programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs, urlencode

from bihuan.act.plain_text import plain_text
from bihuan.core.errors import InputError, MissingError, StateError
from bihuan.core.messages import N_
from bihuan.store import case_filters
from bihuan.store.case_filters import SavedFilter
from bihuan.store.connect import Connection

KEPT = ("q", "state", "light", "type", "step", "lead", "sort")
"""What an address of the table may ask for, but for the place in the list."""
USUAL: Mapping[str, str] = {"state": "open"}
"""What holds where the address says nothing."""
LONGEST_NAME = 40
LONGEST = 2000


def filter_of(address: str) -> str:
    """Return the filter of an address's query in one form: two that mean the same are the same text."""
    given = parse_qs(address.removeprefix("?"))
    kept = {name: sorted({text for text in given.get(name, []) if text != USUAL.get(name)}) for name in KEPT}
    return urlencode(kept, doseq=True)


def save(connection: Connection, owner: str, name: str, address: str, now: datetime) -> SavedFilter:
    """Keep the filter of an address under a name; one of that name is replaced.

    Raises:
        InputError: there is no name, it or the filter is too long, or the address filters nothing.
        StateError: the owner has as many as one may have.
    """
    name = plain_text(name, "name", limit=LONGEST_NAME, lines=False)
    if not name:
        raise InputError(N_("must be filled in"), where="name", key="act.field_missing")
    asked = filter_of(address)
    if not asked:
        raise InputError(N_("filter the list first, then save the filter"), where="query", key="show.no_filter")
    if len(asked) > LONGEST:
        raise InputError(
            N_("has {length:,} characters; at most {limit:,} are taken"),
            where="query",
            key="act.too_long",
            length=len(asked),
            limit=LONGEST,
        )
    saved = case_filters.save(connection, owner, name, asked, now)
    if saved is None:
        raise StateError(
            N_("{most} filters are saved already; remove one first"), key="show.many_filters", most=case_filters.MOST
        )
    return saved


def remove(connection: Connection, owner: str, filter_id: int) -> None:
    """Take a saved filter away.

    Raises:
        MissingError: the owner has none of this number.
    """
    if not case_filters.remove(connection, owner, filter_id):
        raise MissingError(N_("this filter is not there any more"), where=str(filter_id), key="show.no_such_filter")
