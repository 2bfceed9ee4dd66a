"""Counts over the whole ledger, remembered until the ledger changes.

Every transaction that changes rows or links moves the one row of `ledger_state`. An answer is kept under the state it
was computed in, so that it is given again only while nothing has changed, whoever changes it and in which process.
Two numbers make the state: the revisions, and the transaction that wrote them, since a restored backup counts anew.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from bihuan.store.connect import Connection

Answer = TypeVar("Answer")
KEPT = 512
"""So many answers; the one not asked for longest goes first."""
_answers: OrderedDict[Hashable, object] = OrderedDict()
_lock = threading.Lock()


def remembered(connection: Connection, question: Hashable, answer: Callable[[], Answer]) -> Answer:
    """Return what `answer` returns, or what it returned before in this state of the ledger.

    In a transaction that has written something nothing is remembered: what it sees may never come to stand.

    Args:
        connection: an open transaction.
        question: all that the answer depends on but the ledger itself.
        answer: computes it; the result is shared, so it must not be changed.
    """
    state = connection.execute(
        "select ledger_revision, links_revision, xmin::text from ledger_state "
        "where pg_current_xact_id_if_assigned() is null"
    ).fetchone()
    if state is None:
        return answer()
    place = connection.info.host, connection.info.port, connection.info.dbname
    return _kept((question, state, place), answer)


def _kept(key: Hashable, answer: Callable[[], Answer]) -> Answer:
    with _lock:
        if key in _answers:
            _answers.move_to_end(key)
            return cast(Answer, _answers[key])
    found = answer()
    with _lock:
        _answers[key] = found
        while len(_answers) > KEPT:
            _answers.popitem(last=False)
    return found
