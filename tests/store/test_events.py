from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import RaiseException, UniqueViolation
from tests.store.readings import AT

from bihuan.core.errors import InputError
from bihuan.store import events
from bihuan.store.connect import Connection, Store
from bihuan.store.events import NewEvent


def write(store: Store, stream: str, *bodies: dict[str, Any], type_: str = "made") -> None:
    with store.connection() as connection:
        events.append(connection, stream, [NewEvent(type_, body) for body in bodies], at=AT)


@pytest.fixture
def log(store: Store) -> Store:
    write(store, "b", {"n": 1}, {"n": 2})
    write(store, "a", {"n": 3}, {"n": 4}, {"n": 5})
    write(store, "b", {"n": 6})
    return store


def broken(store: Store) -> str | None:
    with store.connection() as connection:
        return events.verify(connection).broken


def tamper(store: Store, statement: str) -> None:
    """Do what the log forbids, as someone with the server's files would."""
    with store.connection() as connection:
        connection.execute("alter table event disable trigger user")
        connection.execute(statement.encode())
        connection.execute("alter table event enable trigger user")


def test_a_log_nobody_touched_verifies(log: Store) -> None:
    with log.connection() as connection:
        assert events.verify(connection) == events.Audit(events=6, streams=2)
        assert [event.seq for event in events.since(connection, stream="b")] == [1, 2, 3]
        assert [event.body["n"] for event in events.since(connection)] == [1, 2, 3, 4, 5, 6]
        assert [event.body["n"] for event in events.since(connection, 2, limit=2)] == [3, 4]
        assert [event.body["n"] for event in events.latest(connection, limit=2)] == [6, 5]


def test_an_empty_log_verifies(store: Store) -> None:
    with store.connection() as connection:
        assert events.verify(connection) == events.Audit(events=0, streams=0)


@pytest.mark.parametrize("forbidden", ["update event set actor = 'x'", "delete from event", "truncate event"])
def test_the_log_is_append_only(log: Store, forbidden: str) -> None:
    with pytest.raises(RaiseException, match="append-only"), log.connection() as connection:
        connection.execute(forbidden.encode())


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("update event set body = '{\"n\": 9}' where stream = 'b' and seq = 2", "b #2: its content"),
        ("update event set actor = 'x' where stream = 'a' and seq = 1", "a #1: its content"),
        ("update event set time = time + interval '1 microsecond' where stream = 'a' and seq = 3", "a #3: its content"),
        ("update event set hash = '\\x00' where stream = 'a' and seq = 2", "a #2: its content"),
        ("update event set prev_hash = '\\x00' where stream = 'b' and seq = 3", "b #3: does not follow"),
        ("delete from event where stream = 'a' and seq = 2", "a #2: missing, the next there is #3"),
        ("delete from event where stream = 'a' and seq = 3", "a #3: missing, the stream is recorded up to #3"),
        ("delete from event where stream = 'a'", "a #1: missing, the stream is recorded up to #3"),
        (
            "update event_head h set (seq, hash) = (select seq, hash from event where stream = 'a' and seq = 2) "
            "where h.stream = 'a'",
            "a #3: stands past the recorded end",
        ),
        ("update event_head set seq = 2 where stream = 'a'", "a #2: is not the event recorded as the end"),
        ("update event_head set hash = '\\x00' where stream = 'a'", "a #3: is not the event recorded as the end"),
        ("delete from event_head where stream = 'a'", "a #1: stands past the recorded end"),
    ],
)
def test_the_broken_event_is_named(log: Store, statement: str, told: str) -> None:
    tamper(log, statement)
    named = broken(log)
    assert named is not None
    assert named.startswith(told)


def test_of_several_broken_events_the_one_written_first_is_named(log: Store) -> None:
    tamper(log, "update event set actor = 'x' where (stream, seq) in (('a', 2), ('b', 2), ('b', 3))")
    assert (broken(log) or "").startswith("b #2")


def test_an_event_put_in_with_a_fitting_hash_is_still_found(log: Store) -> None:
    """Whoever computes a hash for a changed event breaks the link of the next one."""
    with log.connection() as connection:
        first = events.since(connection, stream="a")[0]
    forged = events.digest("a", 1, first.type, "x", first.time, first.body, first.prev_hash)
    tamper(log, f"update event set actor = 'x', hash = '\\x{forged.hex()}' where stream = 'a' and seq = 1")
    assert (broken(log) or "").startswith("a #2: does not follow")


def test_a_stream_begins_once(store: Store) -> None:
    first = events.NewEvent("case.opened", {"n": 1})
    with store.connection() as connection:
        events.begin(connection, "case:1", first, at=store.clock())
        events.append(connection, "case:1", [events.NewEvent("case.report", {})], at=store.clock())
    with pytest.raises(UniqueViolation), store.connection() as connection:
        events.begin(connection, "case:1", first, at=store.clock())
    with store.connection() as connection:
        audit = events.verify(connection)
    assert (audit.events, audit.streams, audit.broken) == (2, 1, None)


def test_an_event_stands_only_if_its_transaction_does(store: Store) -> None:
    def fail_after_it() -> None:
        with store.connection() as connection:
            events.append(connection, "a", [NewEvent("made", {})], at=AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_it()
    with store.connection() as connection:
        assert events.since(connection) == []


def test_nothing_is_appended_by_nothing(store: Store) -> None:
    write(store, "a")
    with store.connection() as connection:
        assert connection.execute("select count(*) from event_head").fetchone() == (0,)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"x": float("nan")}, "cannot hold nan"),
        ({"x": float("-inf")}, "cannot hold -inf"),
        ({"x": "a\x00"}, "NUL"),
        ({"x": "\ud800"}, "surrogate"),
        ({"x": {"y": [AT]}}, "cannot hold a datetime"),
        ({"x": {1: 2}}, "text keys"),
    ],
)
def test_what_json_cannot_hold_is_refused(store: Store, body: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        write(store, "a", body)


def test_a_time_without_zone_is_refused(store: Store) -> None:
    with store.connection() as connection, pytest.raises(InputError, match="time zone"):
        events.append(connection, "a", [NewEvent("made", {})], at=datetime(2024, 1, 1))  # noqa: DTZ001


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab \u00e9\u4e2d", max_size=3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(st.text("xyz", max_size=2), JSON, max_size=4), at=st.datetimes(timezones=st.just(UTC)))
def test_whatever_json_holds_verifies_after_it_was_stored(
    connection: Connection, body: dict[str, Any], at: datetime
) -> None:
    events.append(connection, "any", [NewEvent("made", body)], at=at)
    assert events.verify(connection).broken is None


def test_writers_of_one_stream_follow_one_another(store: Store) -> None:
    import threading

    def work(connect: Callable[[], Any], number: int) -> None:
        for _ in range(5):
            with connect() as connection:
                events.append(connection, "one", [NewEvent("made", {"by": number})], at=AT)

    threads = [threading.Thread(target=work, args=(store.connection, number)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.connection() as connection:
        assert events.verify(connection) == events.Audit(events=30, streams=1)
        assert _gapless(connection)


def _gapless(connection: Connection) -> bool:
    return [event.seq for event in events.since(connection, stream="one")] == list(range(1, 31))
