"""Cases on the store: events, concurrency, idempotency, links, splits, a new holiday notice."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from tests.act.conftest import CHIEF, CLERK, HOTLINE, HOUSING, Office, at

from bihuan.act.command import Command, Opening
from bihuan.act.decide import evolve
from bihuan.act.engine import Engine
from bihuan.core.errors import ForbiddenError, InputError, MissingError, StaleError, StateError
from bihuan.core.records.principal import Principal
from bihuan.store import cases, events


def folded(office: Office, number: str) -> object:
    with office.store.connection() as connection:
        case = None
        for kind, body, _ in cases.history(connection, number):
            case = evolve(case, kind, body)
        return case


def test_the_state_is_what_its_events_say_and_the_chain_verifies(office: Office) -> None:
    case = office.matter()
    assert case.number == "DB2026-00001"
    case = office.act(CLERK, case.number, Command("accept", case.version))
    case = office.act(CLERK, case.number, Command("report", case.version, note="已部署", values={"progress": 10}))
    assert office.load(case.number) == case == folded(office, case.number)
    with office.store.connection() as connection:
        assert events.verify(connection).broken is None
        kinds = [event.type for event in events.since(connection, stream=f"case:{case.number}")]
    assert kinds == ["case.opened", "case.accept", "case.report"]


def test_who_was_slower_is_told_what_changed(office: Office) -> None:
    case = office.matter()
    office.act(CLERK, case.number, Command("accept", 1))
    with pytest.raises(StaleError) as refused:
        office.act(CLERK, case.number, Command("report", 1, note="晚了一步"))
    assert refused.value.values["version"] == 2
    assert "version 2: 'Accept' changed step, handler" in str(refused.value)


def test_of_64_who_report_at_once_one_is_taken_and_63_are_told(office: Office) -> None:
    case = office.matter()
    case = office.act(CLERK, case.number, Command("accept", case.version))

    def report(n: int) -> str:
        try:
            office.act(CLERK, case.number, Command("report", case.version, note=f"第{n}份"))
        except StaleError as error:
            return str(error)
        return "taken"

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(report, range(64)))
    assert answers.count("taken") == 1
    assert sum("version 3: 'Report'" in answer for answer in answers) == 63
    assert office.load(case.number).version == 3


def test_64_who_look_again_lose_nothing(office: Office) -> None:
    case = office.matter()
    office.act(CLERK, case.number, Command("accept", 1))

    def report(n: int) -> None:
        while True:
            seen = office.load(case.number).version
            try:
                office.act(CLERK, case.number, Command("report", seen, note=f"第{n}份"))
            except StaleError:
                continue
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(report, range(64)))
    with office.store.connection() as connection:
        notes = [e.body.get("note") for e in events.since(connection, stream=f"case:{case.number}")]
    assert sorted(filter(None, notes)) == sorted(f"第{n}份" for n in range(64))


def test_an_idempotency_key_opens_one_case_and_acts_once(office: Office) -> None:
    opening = Opening("13710", {"title": "甲", "requirement": "乙"}, lead="ecology", key="k1")
    first, again = office.open(CHIEF, opening), office.open(CHIEF, opening)
    assert first.case.number == again.case.number
    with pytest.raises(StateError, match="sent before with other content"):
        office.open(CHIEF, replace(opening, values={"title": "丙", "requirement": "乙"}))
    command = Command("accept", 1, key="k2")
    assert office.act(CLERK, first.case.number, command).version == 2
    assert office.act(CLERK, first.case.number, command).version == 2


def test_a_refused_opening_leaves_nothing(office: Office) -> None:
    with pytest.raises(InputError, match="must be filled in"):
        office.open(CHIEF, Opening("13710", {"title": "甲"}, key="k"))
    assert office.matter().number == "DB2026-00001"
    with office.store.connection() as connection:
        assert connection.execute("select count(*) from act_key").fetchone() == (0,)


def test_a_unit_sees_its_own_cases_and_no_others(office: Office) -> None:
    case = office.matter()
    assert office.load(case.number, CLERK).number == case.number
    stranger = Principal("account:s", "s", "health", frozenset({"handler"}))
    with pytest.raises(MissingError):
        office.load(case.number, stranger)
    with pytest.raises(MissingError):
        office.act(stranger, case.number, Command("report", 1, note="x"))
    above = Principal("account:b", "b", "big-data", frozenset({"supervisor"}), "subtree")
    event = office.open(CHIEF_OF_CENTRE, Opening("event", {"title": "积水", "category": "0204"})).case
    assert office.load(event.number, above).number == event.number


CHIEF_OF_CENTRE = Principal("account:c", "c", "operations-centre", frozenset({"dispatcher"}))


def test_nobody_closes_their_own_work(office: Office) -> None:
    both = Principal("account:both", "b", "ecology", frozenset({"handler", "supervisor"}))
    case = office.open(both, Opening("13710", {"title": "甲", "requirement": "乙"}, lead="ecology")).case
    case = office.act(both, case.number, Command("accept", case.version))
    ref = case.evidence
    assert ref == ()
    case = office.act(both, case.number, Command("report", case.version, note="做了"))
    colleague = Principal("account:colleague", "c", "ecology", frozenset({"supervisor"}))
    hazard = Principal("account:i", "i", "pingding-emergency", frozenset({"inspector", "handler"}))
    assert "close" not in office.engine.may(colleague, case)
    found = office.open(hazard, Opening("hazard", {"title": "甲", "level": "blue"}, lead="pingding-emergency")).case
    plan = {"responsible": "李某", "measure": "修", "money_yuan": 1, "deadline": "2026-03-05", "plan": "撤"}
    found = office.act(hazard, found.number, Command("plan", found.version, note="好", values=plan))
    found = office.act(hazard, found.number, Command("accept", found.version))
    file = case_file()
    with office.store.connection() as connection:
        connection.execute("insert into act_file values (%s, 'image/png', 1, 'x', now())", [file.sha256])
    found = office.act(hazard, found.number, Command("apply", found.version, note="好", evidence=(file,)))
    other = case_file("b")
    with office.store.connection() as connection:
        connection.execute("insert into act_file values (%s, 'image/png', 1, 'x', now())", [other.sha256])
    with pytest.raises(ForbiddenError, match="never done by the one who did the work"):
        office.act(hazard, found.number, Command("close", found.version, note="好", evidence=(other,)))


def case_file(letter: str = "a"):  # type: ignore[no-untyped-def]
    from bihuan.core.records.case import EvidenceRef

    return EvidenceRef(letter * 64, "a.png", "image/png", 1, "")


def test_a_back_dated_action_is_refused(office: Office) -> None:
    case = office.matter()
    with pytest.raises(InputError, match="cannot be dated"):
        office.act(CLERK, case.number, Command("accept", 1, at=at("2026-03-01T09:00")))
    with pytest.raises(InputError, match="more than 7 days back"):
        office.open(CHIEF, Opening("13710", {"title": "甲", "requirement": "乙"}, received_at=at("2026-02-01T09:00")))
    with pytest.raises(InputError, match="lies in the future"):
        office.open(CHIEF, Opening("13710", {"title": "甲", "requirement": "乙"}, received_at=at("2026-03-03T09:00")))


def test_a_link_shows_on_both_and_a_merge_ends_the_repeat(office: Office) -> None:
    values = {"title": "路灯不亮", "description": "不亮"}
    first = office.open(HOTLINE, Opening("hotline", values)).case
    repeat = office.open(HOTLINE, Opening("hotline", values)).case
    merged = office.act(HOTLINE, repeat.number, Command("merge", 1, other=first.number))
    assert merged.step == "merged"
    assert not merged.is_open
    assert [(r.kind, r.number) for r in office.load(first.number).relations] == [("repeated_by", repeat.number)]
    assert folded(office, first.number) == office.load(first.number)
    with pytest.raises(MissingError):
        office.act(HOTLINE, first.number, Command("link", 2, other="RX2026-09999"))


def test_a_split_opens_parts_and_the_whole_closes_after_them(office: Office) -> None:
    case = office.matter()
    part = Opening("13710", {"title": "上游", "requirement": "封堵"}, lead="water")
    case = office.act(CHIEF, case.number, Command("split", 1, parts=(part, replace(part, lead="ecology"))))
    children = [r.number for r in case.relations if r.kind == "child"]
    assert len(children) == 2
    assert office.load(children[0]).relations[0].number == case.number
    with pytest.raises(InputError, match="2 subcases are open"):
        office.act(CHIEF, case.number, Command("close", case.version))
    with pytest.raises(ForbiddenError):
        office.act(CLERK, case.number, Command("split", case.version, parts=(part,)))


def test_a_new_holiday_notice_moves_open_clocks_and_keeps_the_former(office: Office) -> None:
    case = office.matter()
    before = {clock.id: clock.due_at for clock in case.clocks}
    calendar = office.engine.calendar
    days = calendar.holidays | {date(2026, 3, 4), date(2026, 3, 5)}
    later = Engine(office.engine.types, replace(calendar, holidays=days), office.engine.units, office.engine.keys)
    with office.store.connection() as connection:
        assert later.recalculate_all(connection, at("2026-03-03T09:00")) == 1
        assert later.recalculate_all(connection, at("2026-03-03T09:00")) == 0
    after = office.load(case.number)
    moved = {clock.id: clock for clock in after.clocks}
    assert moved["day1"].due_at == before["day1"]
    assert moved["day3"].due_at == at("2026-03-09T18:00")
    assert moved["day3"].former == (before["day3"],)
    with office.store.connection() as connection:
        told = events.latest(connection, stream=f"case:{case.number}", limit=1)[0]
    assert told.type == "case.recalculated"
    assert {"clock": "day3", "from": "2026-03-05T18:00:00+08:00", "to": "2026-03-09T18:00:00+08:00"} in told.body[
        "moved"
    ]
    assert folded(office, case.number) == after


def test_past_the_calendar_a_clock_is_provisional_until_the_notice_comes(office: Office) -> None:
    case = office.matter("2026-12-28T09:00")
    assert {clock.id: clock.due_at for clock in case.clocks}["day7"] is None
    calendar = office.engine.calendar
    known = replace(
        calendar, covered_years=(*calendar.covered_years, 2027), holidays=calendar.holidays | {date(2027, 1, 1)}
    )
    later = Engine(office.engine.types, known, office.engine.units, office.engine.keys)
    with office.store.connection() as connection:
        assert later.recalculate_all(connection, at("2026-12-29T09:00")) == 1
    day7 = next(clock for clock in office.load(case.number).clocks if clock.id == "day7")
    assert (day7.due_at, day7.former) == (at("2027-01-07T18:00"), (None,))


def test_the_view_says_what_one_may_do(office: Office) -> None:
    case = office.matter()
    with office.store.connection() as connection:
        seen = office.engine.view(connection, CLERK, case.number)
    assert seen.may == ("accept", "report", "contribute", "request-extension", "link")
    assert [happening.type for happening in seen.history] == ["case.opened"]
    assert set(office.engine.may_open(CHIEF)) >= {"13710", "promise", "project"}
    assert office.engine.may_open(HOUSING) == ("event", "hotline")


TEXTS = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "a\x00b", "a" * 4001]


@pytest.mark.parametrize("text", TEXTS)
def test_markup_in_texts_is_refused(office: Office, text: str) -> None:
    case = office.matter()
    with pytest.raises(InputError):
        office.act(CLERK, case.number, Command("report", 1, note=text))
    with pytest.raises(InputError):
        office.matter(requirement=text)
    assert office.load(case.number).version == 1


def test_a_number_of_a_person_does_not_get_into_the_chain(office: Office) -> None:
    case = office.matter()
    for text in ("请联系13812345678", "身份证140302199001011234"):
        with pytest.raises(InputError, match="telephone or identity number"):
            office.act(CLERK, case.number, Command("report", 1, note=text))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"difficulty": "easy"}, "difficulty"),
        ({"colour": "red"}, "colour"),
        ({"progress": 101}, "progress"),
        ({"progress": "many"}, "progress"),
        ({"title": "x" * 121}, "title"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(office: Office, values: dict[str, str], field: str) -> None:
    with pytest.raises(InputError) as refused:
        office.matter(**values)
    assert refused.value.where == field


def test_impossible_days_are_refused(office: Office) -> None:
    for day in ("2026-02-30", "1066-10-14", "9999-12-31", "soon"):
        with pytest.raises(InputError, match="day"):
            office.open(CHIEF, Opening("promise", {"title": "甲", "due": day}))


def test_an_action_in_the_wrong_step_names_the_right_ones(office: Office) -> None:
    case = office.matter()
    with pytest.raises(StateError, match="possible in the steps Reviewed; the case stands in 'Assigned'"):
        office.act(CHIEF, case.number, Command("close", 1))
