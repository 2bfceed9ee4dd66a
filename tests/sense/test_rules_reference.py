"""Rules live equal a reference that looks at the whole past anew at each message: whatever comes late, twice, out of
order or broken, whichever process looks, and whenever it is killed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import Incoming, Layout, Quality
from bihuan.core.records.rule import Rule
from bihuan.sense.rules.book import RuleBook
from bihuan.sense.rules.compiled import key_of
from bihuan.sense.rules.running import RuleRunner
from bihuan.store import entities, signals
from bihuan.store.connect import Connection, Store
from bihuan.store.observations import ObservationWriter

START = datetime(2026, 3, 1, tzinfo=UTC)
STATIONS = [Entity(f"urn:ngsi-ld:AirStation:{n}", "AirStation", f"{n}号站") for n in (1, 2)]
Values = Mapping[str, float]
Condition = Callable[[Values, Values, float], bool | None]


@dataclass(frozen=True)
class Message:
    station: int
    minute: int
    attribute: str
    value: float
    key: int
    is_valid: bool = True


@dataclass(frozen=True)
class Watch:
    """A rule, and the same in Python: values, those before, seconds; None for not known."""

    rule: Rule
    attributes: frozenset[str]
    holds: Condition
    over: Condition


def _rule(name: str, when: str, clear: str | None = None, lasting: int = 0) -> Rule:
    return Rule(name, name, ("AirStation",), when, "kind", "warning", "{name}", "own", clear=clear,
                lasting=timedelta(minutes=lasting))  # fmt: skip


def _both(now: Values, *_: object) -> bool | None:
    """CEL: false where one side is false, else unknown where one side is."""
    sides = [None if name not in now else now[name] > limit for name, limit in (("pm25", 75.0), ("so2", 1.0))]
    return False if False in sides else None if None in sides else True


def _rises(now: Values, before: Values, seconds: float) -> bool | None:
    if "pm25" not in before:
        return False
    return None if "pm25" not in now else (now["pm25"] - before["pm25"]) / seconds * 60 > 5


def _not(condition: Condition) -> Condition:
    def turned(*given: object) -> bool | None:
        found = condition(*given)  # type: ignore[arg-type]
        return None if found is None else not found

    return turned


WATCHES = (
    Watch(_rule("high", "pm25 > 75.0", "pm25 < 65.0", 10), frozenset({"pm25"}),
          lambda now, *_: now["pm25"] > 75 if "pm25" in now else None,
          lambda now, *_: now["pm25"] < 65 if "pm25" in now else None),
    Watch(_rule("both", "pm25 > 75.0 && so2 > 1.0"), frozenset({"pm25", "so2"}), _both, _not(_both)),
    Watch(_rule("rise", "has(previous.pm25) && (pm25 - previous.pm25) / seconds * 60.0 > 5.0"), frozenset({"pm25"}),
          _rises, _not(_rises)),
)  # fmt: skip


def reference(watch: Watch, arrived: Sequence[Message]) -> list[tuple[int, bool]]:
    """(minute it began, whether it is over) of each signal about one station, from all that came in the order it came."""
    told: list[tuple[int, bool]] = []
    looked: list[tuple[int, bool | None]] = []
    """What was looked at since the last signal was over: minute, and whether it held."""
    newest = -1
    for count, message in enumerate(arrived, 1):
        if not message.is_valid or message.attribute not in watch.attributes or message.minute < newest:
            continue
        newest = message.minute
        known = {}
        for name in ("pm25", "so2"):
            readings = [one for one in arrived[:count] if one.attribute == name]
            last = max(readings, key=lambda one: one.minute, default=None)
            if last is not None and last.is_valid:
                known[name] = last.value
        before = [one for one in arrived[: count - 1] if one.attribute == message.attribute]
        previous = max(before, key=lambda one: one.minute, default=None)
        if previous is not None and (previous.minute >= message.minute or not previous.is_valid):
            previous = None
        given = (
            known,
            {previous.attribute: previous.value} if previous else {},
            (message.minute - previous.minute) * 60.0 if previous else 0.0,
        )
        if told and not told[-1][1]:
            if watch.over(*given):
                told[-1] = (told[-1][0], True)
                looked = []
            continue
        looked.append((message.minute, watch.holds(*given)))
        since = None
        for minute, held in looked:
            since = None if held is False else since if held is None or since is not None else minute
        lasted = since is not None and timedelta(minutes=message.minute - since) >= watch.rule.lasting
        if looked[-1][1] and lasted and since is not None:
            told.append((since, False))
    return told


def _messages(dice: random.Random) -> list[list[Message]]:
    """Group commits: out of order, repeated, some not to be judged by; no two of an attribute for one minute."""
    minutes = {
        place: iter(dice.sample(range(1, 400), 60)) for place in ((s, a) for s in (0, 1) for a in ("pm25", "so2"))
    }
    ordered = []
    for key in range(90):
        place = dice.choice(list(minutes))
        value = dice.choice([50.0, 64.0, 70.0, 76.0, 90.0]) if place[1] == "pm25" else dice.choice([0.5, 2.0])
        ordered.append(Message(place[0], next(minutes[place]), place[1], value, key, dice.random() > 0.1))
    ordered.sort(key=lambda one: one.minute + (dice.randint(1, 60) if dice.random() < 0.25 else 0))
    again = [one for one in ordered if dice.random() < 0.15]
    for one in again:
        ordered.insert(dice.randrange(ordered.index(one) + 1, len(ordered) + 1), one)
    batches = []
    while ordered:
        size = dice.randint(1, 4)
        batches.append(ordered[:size])
        ordered = ordered[size:]
    return batches


class _Killed(Exception):
    """The process ends after it has looked and before it has committed."""


@pytest.mark.parametrize("seed", range(6))
def test_rules_equal_the_reference(store: Store, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    dice = random.Random(seed)
    with store.connection() as connection:
        numbers = list(entities.keep(connection, STATIONS, at=START).values())
    book = RuleBook([watch.rule for watch in WATCHES])
    runners = [RuleRunner(store, book), RuleRunner(store, book)]
    runners[0].begin()
    writer = ObservationWriter(store.connect())
    arrived: dict[int, Message] = {}
    for count, batch in enumerate(_messages(dice)):
        arrived |= {one.key: one for one in batch if one.key not in arrived}
        writer.write(
            [_incoming(numbers, one) for one in batch], at=START + timedelta(days=1, seconds=count), door="test"
        )
        chance = dice.random()
        if chance < 0.15:
            runners[dice.randrange(2)] = RuleRunner(store, book)  # another process takes its place
        elif chance < 0.3:
            _kill(store, dice.choice(runners), monkeypatch)
        if chance < 0.8:
            dice.choice(runners).run()
        if chance > 0.95:
            dice.choice(runners).tick()
    runners[0].run()
    writer.close()
    with store.connection() as connection:
        kept = _kept(connection)
    for number, station in enumerate(STATIONS):
        came = [one for one in arrived.values() if one.station == number]
        for watch in WATCHES:
            expected = {(key_of(watch.rule.id, station, START + timedelta(minutes=since)), over)
                        for since, over in reference(watch, came)}  # fmt: skip
            assert {one for one in kept if one[0].startswith(f"{watch.rule.id}|{station.urn}|")} == expected
    assert len(kept) >= 3


def _incoming(numbers: Sequence[int], one: Message) -> Incoming:
    quality = None if one.is_valid else [int(Quality.out_of_range)]
    layout = Layout((one.attribute,), ("微克/立方米",))
    time = START + timedelta(minutes=one.minute)
    return Incoming(numbers[one.station], time, "now", one.key, layout, [one.value], quality)


def _kill(store: Store, runner: RuleRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    def end(*_: object) -> None:
        raise _Killed

    with monkeypatch.context() as patched:
        patched.setattr("bihuan.store.rule_states.end_turn", end)
        try:
            runner.run()
        except _Killed:
            return


def _kept(connection: Connection) -> set[tuple[str, bool]]:
    return {(one.signal.key, one.cleared_at is not None) for one in signals.latest(connection, limit=10_000)}
