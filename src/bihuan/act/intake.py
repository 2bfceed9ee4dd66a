"""Signals of any engine become cases by the pack's mapping; the same signal twice is one case.

Where the pack merges signals of a kind, those with the same value (`owner`) are one case as long as it is open: an
outage of a thousand devices is one thing to do for each unit that answers for them.

Which kinds open which type stands in the types' `signals`. A signal no type knows, or below the severity a type asks
for, is settled without a case; one that does not fit (a field too long to cut, an unknown choice) is settled with the
reason, so that it stops no other.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, get_args

from bihuan.act.case_type import CaseType, FieldSpec, Template
from bihuan.act.command import Opening
from bihuan.act.engine import Engine
from bihuan.act.units import Units
from bihuan.core.errors import BihuanError
from bihuan.core.records.principal import SYSTEM
from bihuan.core.records.signal import Severity, Signal
from bihuan.store import cases
from bihuan.store.connect import Connection, Store

logger = logging.getLogger(__name__)
_OWN = ("text", "subject", "severity", "source", "at")
_SEVERITIES = get_args(Severity)


def kinds(engine: Engine) -> Mapping[str, tuple[CaseType, Template]]:
    """Return the type and template that each kind of signal opens."""
    return {kind: (case_type, made) for case_type in engine.types.values() for kind, made in case_type.signals.items()}


def open_from(connection: Connection, engine: Engine, signal: Signal, now: datetime) -> str | None:
    """Open the case of a signal in the caller's transaction, or have it join one, and return its number.

    The same signal again leads to the same case.

    Returns:
        None where no type wants the signal.

    Raises:
        BihuanError: the signal's values do not fit the type; nothing is stored.
    """
    known = kinds(engine).get(signal.kind)
    if known is None or _SEVERITIES.index(signal.severity) < _SEVERITIES.index(known[1].severity_from):
        return None
    done = cases.claim_signal(connection, signal.source, signal.key, now)
    if done is not None:
        return done or None
    merged = f"{signal.kind}|{_value(signal, known[1].merge) or ''}" if known[1].merge else None
    number = cases.open_case_of(connection, merged) if merged else None
    if number is None:
        number = engine.open(connection, SYSTEM, opening_of(signal, *known, engine.units), now).case.number
    cases.settle_signal(connection, signal.source, signal.key, number, merged)
    return number


def opening_of(signal: Signal, case_type: CaseType, template: Template, units: Units) -> Opening:
    """Return the opening that a signal asks for: values by the template, long texts cut to what the field takes."""
    values: dict[str, Any] = dict(template.fixed)
    for name, source in template.fields.items():
        if (value := _value(signal, source)) is not None:
            values[name] = _cut(value, case_type.fields[name])
    lead = _value(signal, template.lead_from) if template.lead_from else None
    about = {
        key: value for key, value in asdict(signal).items() if key in ("source", "kind", "subject", "severity", "key")
    }
    about["evidence"] = list(signal.evidence)
    lead = lead if lead in units else template.lead
    return Opening(case_type.type, values, office=template.office, lead=lead, about=about)


def _value(signal: Signal, name: str) -> Any:
    """Return a value of a signal, or one of its own fields, by the name a template knows it by."""
    if name == "at":
        return signal.at.isoformat()
    return getattr(signal, name) if name in _OWN else signal.values.get(name)


def _cut(value: Any, spec: FieldSpec) -> Any:
    limit = spec.max or (200 if spec.kind == "text" else 8000)
    if isinstance(value, str) and spec.kind in ("text", "long_text") and len(value) > limit:
        return value[: limit - 1] + "…"
    return value


def take_in(store: Store, engine: Engine, now: datetime, limit: int = 500) -> int:
    """Open cases of the signals kept in the store that were not looked at yet; return how many made or joined one."""
    opened = 0
    with store.connection() as connection:
        waiting = cases.unsettled_signals(connection, limit)
    for signal in waiting:
        opened += _take_one(store, engine, signal, now)
    return opened


def _take_one(store: Store, engine: Engine, signal: Signal, now: datetime) -> bool:
    error = None
    try:
        with store.connection() as connection:
            if open_from(connection, engine, signal, now) is not None:
                return True
    except BihuanError as refused:
        logger.warning("signal not opened source=%s key=%s reason=%s", signal.source, signal.key, refused)
        error = str(refused)
    with store.connection() as connection:
        cases.leave_signal(connection, signal.source, signal.key, error, now)
    return False
