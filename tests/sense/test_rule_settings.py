"""Rules that people change while they run: noticed at the next look by every process, and never a signal left behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bihuan.core.errors import StaleError
from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import Incoming, Layout
from bihuan.sense.rules.book import RuleBook
from bihuan.sense.rules.running import RuleRunner
from bihuan.store import entities, events, signals
from bihuan.store.connect import Store
from bihuan.store.observations import ObservationWriter
from bihuan.store.packs import load_pack
from bihuan.store.rule_settings import RuleSetting, set_rule, settings, versions
from bihuan.store.rules import load_written_rules, read_rule

START = datetime(2026, 3, 1, tzinfo=UTC)
STATION = Entity("urn:ngsi-ld:AirStation:1", "AirStation", "一号站", attributes={"grade": 1})
HIGH = """id: high
name: 偏高
types: [AirStation]
when: pm25 > 75.0
for: 10m
kind: air.exceedance
severity: warning
text: "{name}{pm25}"
source: own
"""


class Town:
    """A station, a rule book without a rule of the pack, and whoever runs rules."""

    def __init__(self, store: Store) -> None:
        self.store, self.minute, self.version = store, 0, 0
        with store.connection() as connection:
            self.number = entities.keep(connection, [STATION], at=START)[STATION.urn]
        self.runners = [RuleRunner(store, RuleBook()) for _ in range(2)]
        self.writer = ObservationWriter(store.connect())

    def set(self, text: str | None, *, active: bool = True) -> RuleSetting:
        change = "rule.changed" if active else "rule.switched_off"
        with self.store.connection() as connection:
            made = set_rule(connection, "high", change, text=text, active=active, version=self.version,
                            actor="account:7", at=START)  # type: ignore[arg-type]  # fmt: skip
        self.version = made.version
        return made

    def tell(self, *values: float) -> list[bool]:
        """Have values told, a minute apart, looked at by one process and the other; whether each signal is over."""
        for value in values:
            self.minute += 1
            at = START + timedelta(minutes=self.minute)
            message = Incoming(self.number, at, "now", self.minute, Layout(("pm25",), ("微克/立方米",)), [value])
            self.writer.write([message], at=at, door="test")
            self.runners[self.minute % 2].run()
        with self.store.connection() as connection:
            return [one.cleared_at is not None for one in reversed(signals.latest(connection))]


@pytest.fixture
def town(store: Store) -> Iterator[Town]:
    made = Town(store)
    made.set(HIGH)
    made.runners[0].run()
    yield made
    made.writer.close()


def test_a_rule_made_here_runs_at_the_next_look(town: Town) -> None:
    assert town.tell(*[90.0] * 10) == []
    assert town.tell(90.0) == [False]
    assert town.tell(90.0, 50.0) == [True]


def test_a_rule_switched_off_leaves_no_signal_open_and_begins_anew_when_switched_on(town: Town) -> None:
    assert town.tell(*[90.0] * 11) == [False]
    town.set(HIGH, active=False)
    assert town.tell(90.0) == [True]
    assert town.tell(*[90.0] * 20) == [True]
    town.set(HIGH)
    assert town.tell(*[90.0] * 10) == [True]  # what held while nobody looked counts for nothing
    assert town.tell(90.0) == [True, False]


def test_another_text_raises_no_second_signal_and_another_limit_ends_it(town: Town) -> None:
    assert town.tell(*[90.0] * 11) == [False]
    town.set(HIGH.replace("{name}{pm25}", "{name}: {pm25}"))
    assert town.tell(90.0, 90.0) == [False]
    town.set(HIGH.replace("75.0", "95.0"))
    assert town.tell(90.0) == [True]


def test_a_rule_that_no_longer_concerns_an_entity_ends_its_signal(town: Town) -> None:
    assert town.tell(*[90.0] * 11) == [False]
    town.set(HIGH + "where: entity.grade == 2.0\n")
    assert town.tell(90.0) == [True]


def test_who_changed_what_stands_in_the_event_log_and_can_come_back(town: Town) -> None:
    town.set(HIGH.replace("75.0", "95.0"))
    town.set(HIGH, active=False)
    with town.store.connection() as connection:
        told = versions(connection, "high")
        assert [(one.version, one.change, one.actor, one.active) for one in told] == [
            (3, "rule.switched_off", "account:7", False),
            (2, "rule.changed", "account:7", True),
            (1, "rule.changed", "account:7", True),
        ]
        assert told[1].text == HIGH.replace("75.0", "95.0")
        assert settings(connection)["high"].version == 3
        assert events.verify(connection).broken is None
    town.version = 2
    with pytest.raises(StaleError, match="changed meanwhile"):
        town.set(HIGH)
    with town.store.connection() as connection:
        assert len(versions(connection, "high")) == 3


def test_a_text_that_is_wrong_is_told_line_by_line() -> None:
    book = RuleBook()
    wrong = HIGH.replace("when: pm25 > 75.0", "when: pm25 >").replace(
        "severity: warning", "severity: loud\ncolour: red"
    )
    ready, faults = book.check(wrong)
    assert ready is None
    assert sorted(fault[:12] for fault in faults) == ["7: severity:", "8: colour: i"]
    _, faults = book.check(HIGH.replace("pm25 > 75.0", "pm25 * 2 > 75.0") + "clear: pm25 <\n")
    assert [fault.split(": ")[:2] for fault in faults] == [["4", "when"], ["10", "clear"]]
    assert book.check("- id: x")[1] == ("1: one rule is expected here, its fields without a hyphen in front",)
    assert book.check("")[1] == ("1: is empty",)
    assert book.check("id: [")[1][0].startswith("1: is no YAML")
    assert book.check(HIGH.replace("id: high", "id: new"))[1][0].startswith("1: id: 'new' is taken")


def test_every_rule_of_the_pack_can_be_edited_as_it_is_written() -> None:
    written, fences = load_written_rules(load_pack("yangquan").folder)
    book = RuleBook([one.rule for one in written], fences)
    for one in written:
        again, faults = read_rule(one.text)
        assert faults == []
        assert again is not None
        assert again.rule == one.rule
        assert book.check(one.text)[1] == ()
        assert one.text.splitlines()[again.lines["when"] - 1].startswith("when:")
