"""The pack's rules, and each tried on history: how many signals it would have raised, and which."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from bihuan.sense.rules.backtest import backtest
from bihuan.sense.rules.compiled import SOURCE, CompiledRule
from bihuan.show.cityview import ROOMS
from bihuan.show.rendering import page
from bihuan.show.rooms import connection_of, now_of, sensed_of
from bihuan.store import signals
from bihuan.store.entities import numbers_of, types

router = APIRouter()
DAYS = (1, 7, 30)
"""How far back a rule can be tried from the page; further from the command line."""
MOST_SHOWN = 200


@router.get("/rules")
def show(request: Request) -> HTMLResponse:
    """Show the rules."""
    rules = sensed_of(request).rules
    with connection_of(request) as connection:
        counts = signals.counts(connection, [_source(one) for one in rules])
        there = types(connection)
    rows = [(one.rule, *counts.get(_source(one), (0, 0))) for one in rules]
    return page(request, "rules.html", rows=rows, there=there, **ROOMS)


@router.get("/rules/{rule_id}")
def show_rule(request: Request, rule_id: str, days: int = 0) -> HTMLResponse:
    """Show a rule; with `days`, what it would have raised in so many."""
    rule = next((one for one in sensed_of(request).rules if one.rule.id == rule_id), None)
    if rule is None:
        raise HTTPException(404)
    until = now_of(request)
    days = days if days in DAYS else 0
    with connection_of(request) as connection:
        since = until - timedelta(days=days)
        found = backtest(rule, connection, sensed_of(request).lake, since, until) if days else []
        numbers = numbers_of(connection, sorted({one.subject for one in found}))
        counts = signals.counts(connection, [_source(rule)]).get(_source(rule), (0, 0))
    return page(
        request,
        "rule.html",
        **ROOMS,
        rule=rule.rule,
        days=days,
        choices=DAYS,
        found=found[-MOST_SHOWN:],
        count=len(found),
        numbers=numbers,
        counts=counts,
        synthetic=any(one.values.get("synthetic") for one in found),
    )


def _source(rule: CompiledRule) -> str:
    return f"{SOURCE}.{rule.rule.id}"
