"""`bihuan sense rules check | backtest` and `bihuan sense signals`."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Annotated

import typer

from bihuan.cli.options import PackOption, resolve_pack
from bihuan.cli.sense_data import moment_of
from bihuan.core.errors import InputError

app = typer.Typer(help="Rules of the pack: check them, try them on history.", no_args_is_help=True)


@app.command()
def check(pack: PackOption = None) -> None:
    """Read the rules, try every expression, and list them.

    Example: bihuan sense rules check --pack ./my-city
    """
    from bihuan.sense.rules.compiled import compiled
    from bihuan.store.rules import load_rules

    rules, fences = load_rules(resolve_pack(pack).folder)
    for one in compiled(rules, fences):
        rule = one.rule
        print(f"{rule.id:<20} {rule.severity:<9} {', '.join(rule.types):<18} {rule.name}: {rule.when}")
    print(f"bihuan: {len(rules)} rules are sound", file=sys.stderr)


@app.command()
def backtest(
    rule: Annotated[str, typer.Argument(help="Identifier of the rule.")],
    start: Annotated[str | None, typer.Option("--from", help="ISO 8601; 30 days ago by default.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="ISO 8601; now by default.")] = None,
    pack: PackOption = None,
) -> None:
    """Print the signals a rule, as it stands, would have raised on history, as JSON Lines; nothing is kept.

    Example: bihuan sense rules backtest air-pm25 --from 2026-01-01
    """
    from bihuan.sense.rules.backtest import backtest as tried
    from bihuan.sense.rules.book import RuleBook
    from bihuan.store.connect import open_store
    from bihuan.store.lake import default_lake

    book = RuleBook.of(resolve_pack(pack).folder)
    with open_store() as store, store.connection() as connection:
        entries = {one.id: one for one in book.entries(connection)}
        if rule not in entries:
            raise InputError(f"no rule of that name; there are {', '.join(entries)}", where=rule)
        ready = entries[rule].ready
        if ready is None:
            raise InputError(f"its text is not sound: {'; '.join(entries[rule].faults)}", where=rule)
        until = moment_of(end, "--to") if end else store.clock()
        since = moment_of(start, "--from") if start else until - timedelta(days=30)
        found = tried(ready, connection, default_lake(), since, until)
    for signal in found:
        record = {"at": signal.at, "subject": signal.subject, "severity": signal.severity, "text": signal.text}
        print(json.dumps(record, ensure_ascii=False, default=str))
    print(f"bihuan: {len(found)} signals from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}", file=sys.stderr)


def signals(
    only_open: Annotated[bool, typer.Option("--open", help="Only what is not over.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 50,
) -> None:
    """Print the newest signals as JSON Lines.

    Example: bihuan sense signals --open
    """
    from bihuan.store import signals as kept
    from bihuan.store.connect import open_store

    with open_store() as store, store.connection() as connection:
        for one in kept.latest(connection, only_open=only_open, limit=limit):
            record = {"id": one.id, "at": one.signal.at, "kind": one.signal.kind, "severity": one.signal.severity,
                      "subject": one.signal.subject, "text": one.signal.text, "cleared_at": one.cleared_at}  # fmt: skip
            print(json.dumps(record, ensure_ascii=False, default=str))


def policies(
    match: Annotated[bool, typer.Option(help="Look at every enterprise and tell what matches anew.")] = False,
    pack: PackOption = None,
) -> None:
    """List the policies of the pack, or match every enterprise against them (政策找企业).

    Example: bihuan sense policies --match
    """
    from bihuan.sense.policies import match_all
    from bihuan.store.connect import open_store
    from bihuan.store.policies import load_policies

    known = load_policies(resolve_pack(pack).folder)
    if not match:
        for one in known:
            holds = "; ".join(f"{c.attribute} {c.operator} {', '.join(map(str, c.values))}" for c in one.conditions)
            print(f"{one.id:<24} {one.name}: {holds}")
        return
    with open_store() as store:
        matched = match_all(store, known)
    print(f"bihuan: {matched.matches:,} matches, {matched.new:,} new, {matched.gone:,} over", file=sys.stderr)
