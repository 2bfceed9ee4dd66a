"""Fire timers: claim what has passed, decide, store event, case and next point in one transaction a batch.

Exactly once in effect: a point is taken off its row in the transaction that stores its event, so a crash before the
commit leaves it to be fired, and after it nothing is left to fire. Workers skip what others hold. After downtime
points fire in the order in which they were due; each case's own points always do.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from bihuan.act.engine import Engine
from bihuan.act.points import StoredPoint, renewal, timer_body
from bihuan.core.records.case import LIGHTS
from bihuan.store import cases, events, notices, timers
from bihuan.store.connect import Connection, Store
from bihuan.store.timers import Claimed, Fired

BATCH = 1000
_DECODER = msgspec.json.Decoder(list[StoredPoint])
_ENCODER = msgspec.json.Encoder()


def tick(store: Store, engine: Engine, now: datetime, *, batch: int = BATCH) -> int:
    """Fire all that has passed before `now`, a transaction a batch; return how many points fired."""
    total = 0
    while True:
        with store.connection() as connection:
            fired = fire_batch(connection, engine, now, batch)
        total += fired
        if fired == 0:
            return total


def fire_batch(connection: Connection, engine: Engine, now: datetime, limit: int = BATCH) -> int:
    """Fire the next point of up to `limit` cases in the caller's transaction; return how many fired."""
    claimed = timers.claim(connection, now, limit)
    if not claimed:
        return 0
    decided = [(each, *_decided(each, now)) for each in claimed]
    timers.fire(connection, [fired for _, _, fired in decided], now)
    notices.queue_webhooks_of_cases(connection, [each.id for each in claimed], now)
    for each, point, _ in decided:
        if point.renews:
            _renew(connection, engine, each, point, now)
    return len(claimed)


def _decided(claimed: Claimed, now: datetime) -> tuple[StoredPoint, Fired]:
    ahead = _DECODER.decode(claimed.points)
    point, rest = ahead[0], ahead[1:]
    body = timer_body(point, claimed.type, claimed.office, claimed.lead, now)
    return point, Fired(
        claimed.id,
        claimed.number,
        body,
        LIGHTS.index(point.light),
        point.level,
        claimed.version + 1,
        rest[0].at if rest else None,
        _ENCODER.encode(rest).decode(),
        point.tell,
        point.what,
    )


def _renew(connection: Connection, engine: Engine, claimed: Claimed, point: StoredPoint, now: datetime) -> None:
    """Begin the next period of a repeating clock; an event of its own."""
    stored = cases.load(connection, claimed.number)
    assert stored is not None
    case = engine.folded(stored)
    law = engine.law(case.type)
    after, body = renewal(law, case, point.clock, now)
    events.append(connection, cases.stream_of(case.number), [events.NewEvent("case.renewed", body)], at=now)
    engine.store_state(connection, law, stored.id, after)
    notices.queue_webhooks(connection, cases.stream_of(case.number), after.version, after.units, now)
