"""Case types as data: the shipped ones are sound and their stories come out; faults are told with their line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bihuan.act.case_type import VERBS
from bihuan.act.case_type_file import json_schema, load_case_types, read_case_type, type_files
from bihuan.act.decide import Law
from bihuan.act.effects import EFFECTS
from bihuan.act.scenario import play, read_scenario
from bihuan.act.units import Units
from bihuan.cli import app
from bihuan.store.calendar import load_calendar
from bihuan.store.packs import default_pack
from bihuan.store.yaml_records import Faults

PACK = default_pack()
CASES = PACK.folder / "cases"
UNITS = Units(PACK.organisations)
TYPES = load_case_types(PACK)
SHIPPED = {"13710", "promise", "project", "hotline", "hazard", "investment", "livelihood", "event", "benefit"}


def test_all_nine_types_are_shipped() -> None:
    assert set(TYPES) >= SHIPPED


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_scenario_plays_the_type_in_time_late_returned_and_reopened(name: str) -> None:
    scenario = read_scenario(CASES / f"{name}.scenario.yaml")
    law = Law(TYPES[name], load_calendar(), UNITS)
    assert list(play(law, scenario)) == []
    expected = [scene.expect for story in scenario.stories for scene in story.scenes]
    assert any(True in expect.on_time.values() for expect in expected)
    assert any(False in expect.on_time.values() for expect in expected)
    assert any(expect.returns for expect in expected)
    assert any(expect.reopened for expect in expected)
    closing = {action.to for action in TYPES[name].actions.values() if action.does == "close"}
    assert any(expect.step in closing for expect in expected)


def test_a_story_that_comes_out_otherwise_is_told() -> None:
    scenario = read_scenario(CASES / "13710.scenario.yaml")
    first = scenario.stories[0].scenes[0]
    law = Law(TYPES["13710"], load_calendar(), UNITS)
    first.expect.due["day1"] = "2026-03-04T18:00"
    told = list(play(law, scenario))
    assert len(told) == 1
    assert "due of day1 is '2026-03-03T18:00', expected '2026-03-04T18:00'" in told[0]


def test_the_engine_can_do_every_verb_and_every_verb_is_exercised() -> None:
    assert set(EFFECTS) == set(VERBS) - {"open"}
    used = {action.does for case_type in TYPES.values() for action in case_type.actions.values()}
    assert used == set(VERBS)


def test_the_engine_knows_no_type_by_name() -> None:
    source = Path(__file__).parents[2] / "src/bihuan/act"
    texts = {path.name: path.read_text(encoding="utf-8") for path in source.rglob("*.py")}
    named = [(file, name) for file, text in texts.items() for name in SHIPPED if f'"{name}"' in text]
    assert named == []


FAULTS = [
    ("prefix: DB", "prefix: d", "13710.yaml:6: prefix: 'd' does not have the form"),
    ("version: 1", "version: one", "13710.yaml:5: version: 'one' is a text, but a whole number is expected"),
    ('type: "13710"', "type: 13710", "13710.yaml:2: type: 13710 is a number, but a text is expected; put it in quotation"),
    ("english: 13710 supervision\n", "", "13710.yaml:2: lacks english"),
    ("by: [office, engine], to: assigned", "by: [offfice], to: assigned", "actions.open.by: 'offfice' is no role of this type"),
    ("to: reviewed, needs", "to: review, needs", "actions.review.to: 'review' is no step of this type"),
    ("starts: [day1, day3,", "starts: [day1, day2,", "actions.open.starts: 'day2' is no clock of this type"),
    ("does: suspend", "does: pause", "actions.suspend.does: 'pause' is none of accept"),
    ("  closed: {name: 销号, english: Struck off, end: true}", "  closed: {name: 销号, english: Struck off}", "steps.assigned: no way leads from here"),
    ("rule: {unit: working_day, n: 1}", "rule: {unit: working_days, n: 1}", "clocks.day1.rule.unit: 'working_days' is none of"),
    ("when: {difficulty: [hard]}", "when: {difficulty: [x]}", "'x' is no choice of 'difficulty'"),
    ("office: government-office", "office: nobody", "office: 'nobody' is no office of org.yaml"),
    ("public: {fields: [title]}", "public: {fields: [titel]}", "public.fields: 'titel' is no field without personal data"),
    ("public: {fields: [title]}", "version: 2", "version: stands here twice"),
    ("default_profile: 13710-W", "default_profile: W", "default_profile: 'W' is no profile of this type"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "fault"), FAULTS)
def test_a_fault_is_explained_with_its_line(tmp_path: Path, right: str, wrong: str, fault: str) -> None:
    text = (CASES / "13710.yaml").read_text(encoding="utf-8")
    assert right in text
    path = tmp_path / "13710.yaml"
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    faults = Faults()
    assert read_case_type(path, faults, frozenset(UNITS.by_id)) is None
    assert any(fault in found for found in faults.found), faults.found
    assert all(found.startswith("13710.yaml:") for found in faults.found)


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    text = (CASES / "13710.yaml").read_text(encoding="utf-8")
    path.write_text(
        text.replace("tell: [superior, office]", "tell: [boss]").replace("does: split", "does: split, colour: red")
    )
    faults = Faults()
    read_case_type(path, faults, frozenset())
    assert len(faults.found) == 1  # the schema first
    assert "actions.split: colour is no key here; known are name, english, does" in faults.found[0]


def test_the_command_checks_types_and_prints_the_schema(tmp_path: Path) -> None:
    fine = CliRunner().invoke(app, ["act", "check", "--json"])
    assert fine.exit_code == 0, fine.output
    assert set(json.loads(fine.stdout)["checked"]) >= SHIPPED
    bad = tmp_path / "bad.yaml"
    bad.write_text("type: [", encoding="utf-8")
    refused = CliRunner().invoke(app, ["act", "check", str(bad)])
    assert refused.exit_code == 1
    assert "bad.yaml:1: is no YAML" in refused.stderr
    printed = CliRunner().invoke(app, ["act", "check", "--schema"])
    assert json.loads(printed.stdout) == json.loads(json.dumps(json_schema()))


def test_every_key_of_the_format_is_described() -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/write-a-case-type.md").read_text(encoding="utf-8")
    schema = json_schema()
    keys = {key for part in schema["$defs"].values() for key in part.get("properties", {})}
    assert sorted(key for key in keys if f"`{key}`" not in page) == []
    assert len(type_files(CASES)) == len(TYPES)
