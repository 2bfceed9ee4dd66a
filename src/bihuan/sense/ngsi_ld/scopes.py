"""Scopes that change: in which stretches of time an entity was where a scope query asks (clauses 4.18, 4.5.6, C.5.16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bihuan.sense.ngsi_ld.documents import SCOPE, Document, Instance
from bihuan.sense.ngsi_ld.instants import read_instant
from bihuan.sense.ngsi_ld.selection import fits_scope
from bihuan.sense.ngsi_ld.temporal import TemporalQuery

Stretch = tuple[datetime, datetime | None, Instance]
"""From when, until when (None: still), and the scope that held."""


def scopes_of(instance: Instance) -> list[str]:
    """Return the scopes that an instance of a history says."""
    value = instance.get("value")
    return [value] if isinstance(value, str) else list(value or ())


def stretches(instances: Sequence[Instance]) -> list[Stretch]:
    """Return since when each scope held, and until when: one that is set ends the one before."""
    timed = sorted((_since(one), at, one) for at, one in enumerate(instances))
    ends = [since for since, _, _ in timed[1:]] + [None]
    return [(since, end, one) for (since, _, one), end in zip(timed, ends, strict=True)]


def _since(instance: Instance) -> datetime:
    text = instance.get("observedAt") or instance.get("deletedAt") or instance["modifiedAt"]
    return read_instant(text, "scope")


def within_scope(document: Document, asked: str, time: TemporalQuery) -> Document:
    """Return a history with the instances of those stretches in which its scope was as asked; without scopes if never.

    Raises:
        Problem: BadRequestData where the scope query cannot be read.
    """
    instances = document.attributes.get(SCOPE, [])
    if not instances:  # no scope has changed since histories are kept of scopes
        fine = fits_scope(asked, document.scopes)
        return replace(document, scopes=document.scopes if fine else [])
    start, end = time.bounds()
    held = [
        (since, until, one)
        for since, until, one in stretches(instances)
        if fits_scope(asked, scopes_of(one))
        and (end is None or since < end) and (until is None or start is None or until > start)
    ]  # fmt: skip
    attributes = {
        name: many if name == SCOPE else [one for one in many if _is_in(one, time.property, held)]
        for name, many in document.attributes.items()
    }
    attributes[SCOPE] = [one for _, _, one in held]
    return replace(document, scopes=scopes_of(held[-1][2]) if held else [], attributes=attributes)


def _is_in(instance: Instance, property: str, held: Sequence[Stretch]) -> bool:
    if property not in instance:
        return True
    moment = read_instant(instance[property], property)
    return any(since <= moment and (until is None or moment < until) for since, until, _ in held)
