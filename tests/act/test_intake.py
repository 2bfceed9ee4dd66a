"""Signals become cases by the pack's mapping, once; promises of the ledger too, and a later result proposes the end."""

from dataclasses import replace
from datetime import date

import pytest
from tests.act.conftest import CHIEF, CLERK, Office, at
from tests.store.readings import Draft, keep

from bihuan.act import intake, promises, work
from bihuan.act.command import Command
from bihuan.core.errors import ForbiddenError, InputError
from bihuan.core.records.principal import Principal
from bihuan.core.records.signal import Signal
from bihuan.core.records.statement import Anchor, Link
from bihuan.store import entries, events, links, signals
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_lists import listed
from bihuan.store.packs import default_pack

NOW = at("2026-03-02T09:00")
SIGNAL = Signal(
    "sense.rules",
    "hazard.found",
    "urn:ngsi-ld:MineFace:1",
    "serious",
    "一号工作面甲烷浓度0.9%，预警值0.8%",
    NOW,
    "mine-gas:1:2026-03-02",
    ("urn:ngsi-ld:MineFace:1",),
    {"level": "较大", "enterprise": "某矿", "place": "一号工作面"},
)


def take(office: Office, signal: Signal) -> str | None:
    with office.store.connection() as connection:
        return intake.open_from(connection, office.engine, signal, NOW)


def test_the_same_signal_twice_is_one_case(office: Office) -> None:
    number = take(office, SIGNAL)
    assert number is not None
    assert take(office, SIGNAL) == number
    assert take(office, replace(SIGNAL, key="another")) != number
    case = office.load(number)
    assert (case.type, case.values["level"], case.office) == ("hazard", "orange", "emergency")
    with office.store.connection() as connection:
        body = events.since(connection, stream=f"case:{number}")[0].body
    assert body["signal"]["subject"] == "urn:ngsi-ld:MineFace:1"


def test_what_no_type_wants_opens_nothing(office: Office) -> None:
    assert take(office, replace(SIGNAL, kind="weather.sunny")) is None
    assert take(office, replace(SIGNAL, kind="air.exceedance", severity="info")) is None


@pytest.mark.parametrize("kind", ["energy.budget", "plan.gap"])
def test_what_runs_ahead_of_its_budget_and_a_plan_that_misses_a_promise_are_supervised(
    office: Office, kind: str
) -> None:
    number = take(office, replace(SIGNAL, kind=kind, severity="warning", values={}))
    assert number is not None
    case = office.load(number)
    assert (case.type, case.lead, case.values["title"]) == ("13710", "energy", SIGNAL.text)


def test_a_long_text_is_cut_to_its_field(office: Office) -> None:
    number = take(office, replace(SIGNAL, text="长" * 300))
    assert number is not None
    assert len(office.load(number).values["title"]) == 120


def test_a_round_takes_in_what_the_store_holds_and_a_bad_signal_stops_no_other(office: Office) -> None:
    bad = replace(SIGNAL, key="bad", values={"level": "紫"})
    unknown = replace(SIGNAL, key="unknown", kind="weather.sunny")
    with office.store.connection() as connection:
        signals.raise_(connection, [bad, SIGNAL, unknown], at=NOW)
    assert work.once(office.store, office.engine, NOW).opened == 1
    assert work.once(office.store, office.engine, NOW).opened == 0
    with office.store.connection() as connection:
        assert len(listed(connection, CaseFilter(type=("hazard",))).rows) == 1
        why = connection.execute("select key, error from act_signal where number = '' order by key").fetchall()
    assert why[0][0] == "bad"
    assert "level" in why[0][1]
    assert why[1] == ("unknown", None)


def silence(number: int, owner: str | None) -> Signal:
    urn = f"urn:ngsi-ld:AirStation:{number}"
    return Signal("sense.silence", "device.silence", urn, "warning", f"{number}号站自09:00起没有数据", NOW,
                  f"hj212|{number}|09:00", (urn,), {"device": str(number), "owner": owner})  # fmt: skip


def test_an_outage_of_many_devices_is_one_case_for_each_unit_that_answers_for_them(office: Office) -> None:
    outage = [silence(n, ("ecology", "energy", None, "nobody")[n % 4]) for n in range(40)]
    with office.store.connection() as connection:
        signals.raise_(connection, outage, at=NOW)
    work.once(office.store, office.engine, NOW)
    assert work.once(office.store, office.engine, NOW).opened == 0
    with office.store.connection() as connection:
        rows = listed(connection, CaseFilter(type=("event",))).rows
        assert sorted(str(row.lead) for row in rows) == ["None", "None", "ecology", "energy"]
        (led,) = [row.number for row in rows if row.lead == "ecology"]
        told, count, still = signals.of_case(connection, led, limit=3)
        assert (len(told), count, still) == (3, 10, 10)
        signals.clear(connection, "sense.silence", outage[0].key, at=NOW)
        assert signals.of_case(connection, led)[1:] == (10, 9)
    assert take(office, silence(100, "ecology")) == led
    operator = Principal("account:operator", "值班员", "operations-centre", frozenset({"dispatcher"}))
    office.act(operator, led, Command("merge", version=1, other=take(office, silence(101, "energy"))))
    assert take(office, silence(102, "ecology")) != led  # that case is closed


def test_every_kind_that_the_packs_rules_raise_opens_a_case(office: Office) -> None:
    rules = [path.read_text(encoding="utf-8") for path in (default_pack().folder / "rules").glob("*.yaml")]
    raised = {
        line.split("kind:")[1].strip() for text in rules for line in text.splitlines() if line.startswith("  kind:")
    }
    assert raised <= set(intake.kinds(office.engine))


GROWTH = {"unit": "%", "measure": "growth", "direction": "+", "period": "2025"}


def with_ledger(office: Office) -> tuple[int, int]:
    """A promise and, a year later, its result: ids of the two rows."""
    promised = Draft("a.txt", 2025).says("地区生产总值", "6%左右", 6, kind="target", **GROWTH)
    told = Draft("b.txt", 2026).says("地区生产总值", "6.4%", 6.4, **GROWTH)
    keep(office.store, promised, told)
    target, result = promised.statements[0], told.statements[0]
    ends = [
        Anchor(draft.reading().document.sha256, row.start, row.quote)
        for draft, row in ((promised, target), (told, result))
    ]
    with office.store.connection() as connection:
        revision = links.revisions(connection).ledger
        links.replace_links(connection, [Link(*ends, "gdp", "target_result", "met")], ledger_revision=revision)
        ids = {entry.kind: entry.id for entry in entries.search(connection).entries}
    return ids["target"], ids["result"]


def test_a_promise_becomes_a_case_once(office: Office) -> None:
    target, result = with_ledger(office)
    with office.store.connection() as connection:
        numbers = promises.open_promises(connection, office.engine, CHIEF, [target, target], NOW)
        assert len(set(numbers)) == 1
        entry = entries.get(connection, target)
        assert entry is not None
        assert promises.cases_of(connection, [entry]) == {target: numbers[0]}
        with pytest.raises(InputError, match="not a promise"):
            promises.open_promises(connection, office.engine, CHIEF, [result], NOW)
    case = office.load(numbers[0])
    assert case.values["title"] == "地区生产总值：6%左右"
    assert (case.values["target"], case.values["due"]) == (6, "2025-12-31")


def test_who_may_not_open_promises_opens_none(office: Office) -> None:
    target, _ = with_ledger(office)
    with pytest.raises(ForbiddenError), office.store.connection() as connection:
        promises.open_promises(connection, office.engine, CLERK, [target], NOW)
    with office.store.connection() as connection:
        assert connection.execute("select count(*) from act_signal").fetchone() == (0,)


def test_a_later_result_proposes_the_closing_once(office: Office) -> None:
    target, _ = with_ledger(office)
    with office.store.connection() as connection:
        number = promises.open_promises(connection, office.engine, CHIEF, [target], NOW)[0]
    office.act(CHIEF, number, Command("assign", 1, lead="ecology"))
    with office.store.connection() as connection:
        assert promises.propose_closings(connection, office.engine, NOW) == [number]
        assert promises.propose_closings(connection, office.engine, NOW) == []
    case = office.load(number)
    assert case.proposal is not None
    assert "6.4%（判定：已完成）" in case.proposal
    assert case.values["value"] == 6.4
    assert case.is_open


@pytest.mark.parametrize(
    ("due", "period", "year", "expected"),
    [
        ("2023-08", "2023", 2023, date(2023, 8, 31)),
        ("2024-02", None, 2024, date(2024, 2, 29)),
        ("2023-06-15", None, None, date(2023, 6, 15)),
        (None, "2021/2023", 2023, date(2023, 12, 31)),
        (None, None, 2023, date(2023, 12, 31)),
    ],
)
def test_a_promise_is_due_on_the_last_day_it_allows(
    office: Office, due: str | None, period: str | None, year: int | None, expected: date
) -> None:
    target, _ = with_ledger(office)
    with office.store.connection() as connection:
        entry = entries.get(connection, target)
    assert entry is not None
    assert promises.due_of(replace(entry, due=due, period=period, year=year)) == expected
    with pytest.raises(InputError, match="no time by which"):
        promises.due_of(replace(entry, due=None, period=None, year=None))
