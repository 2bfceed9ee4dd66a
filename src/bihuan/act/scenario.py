"""Play a scenario beside a case type: a story of who does what when, and what must come of it. Needs no database.

A scenario file `<type>.scenario.yaml` names people and tells stories; each step may expect a step, a light, due
times, or a refusal. `bihuan act check` plays them, and so does the suite.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import yaml
from msgspec import Meta, Struct, field

from bihuan.act import limits
from bihuan.act.clock import CHINA
from bihuan.act.command import Command, Opening
from bihuan.act.decide import Decision, Law, decide, decide_opening, evolve
from bihuan.act.points import laid_out, renewal, timer_body
from bihuan.core.errors import BihuanError, PackError
from bihuan.core.records.case import Case, EvidenceRef
from bihuan.core.records.principal import Principal, Scope

_NUMBER = "SC2026-00001"


class Person(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody in a scenario."""

    unit: str | None = None
    roles: list[str] = []
    scope: Scope = "own"


class Expected(Struct, frozen=True, forbid_unknown_fields=True):
    """What must hold after a step; what is not named is not looked at."""

    step: str | None = None
    light: str | None = None
    level: int | None = None
    due: dict[str, str | None] = {}
    """Clock -> local due time `2026-03-03T18:00`; null where it is provisional or suspended."""
    on_time: dict[str, bool] = {}
    """Met clock -> whether it was met in time."""
    open: list[str] | None = None
    """Exactly the clocks that run."""
    values: dict[str, Any] = {}
    returns: int | None = None
    bounces: int | None = None
    reopened: int | None = None
    grade: str | None = None
    personal: list[str] | None = None
    refused: str | None = None
    """Key of the refusal, or words of its message; the state then stays as it was."""


class Scene(Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a story: an action, or only the passing of time."""

    at: str
    """Local time."""
    by: str | None = None
    do: str | None = None
    note: str = ""
    values: dict[str, Any] = {}
    evidence: Annotated[int, Meta(ge=0, le=20)] = 0
    lead: str | None = None
    supports: list[str] = []
    clock: str | None = None
    days: int = 0
    until: date | None = None
    grade: str | None = None
    rating: int | None = None
    other: str | None = None
    relation: str | None = None
    profile: str | None = None
    received_at: str | None = None
    office: str | None = None
    expect: Expected = field(default_factory=Expected)


class Story(Struct, frozen=True, forbid_unknown_fields=True):
    """One course of events, from the opening on."""

    story: str
    scenes: Annotated[list[Scene], Meta(min_length=1)]


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """A scenario file."""

    people: dict[str, Person]
    stories: Annotated[list[Story], Meta(min_length=1)]


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        PackError: it cannot be read or does not fit the format.
    """
    try:
        return msgspec.convert(_as_written(yaml.safe_load(path.read_text(encoding="utf-8"))), Scenario)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise PackError(f"is no scenario: {' '.join(str(error).split())}", where=path.name) from error


def _as_written(value: Any) -> Any:
    """Times stand unquoted in a scenario; they are read as text."""
    if isinstance(value, dict):
        return {key: _as_written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_written(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def play_beside(law: Law, type_file: Path) -> list[str]:
    """Play the scenario file beside a type's file, where there is one.

    Raises:
        PackError: the scenario cannot be read.
    """
    path = type_file.with_suffix("").with_suffix(".scenario.yaml")
    return list(play(law, read_scenario(path))) if path.exists() else []


def play(law: Law, scenario: Scenario) -> Iterator[str]:
    """Play every story; yield what came out otherwise than expected, a line each."""
    for story in scenario.stories:
        case: Case | None = None
        for number, scene in enumerate(story.scenes, 1):
            case, faults = _play_scene(law, scenario.people, scene, case)
            yield from (
                f"'{story.story}', scene {number} ({scene.at} {scene.do or 'wait'}): {fault}" for fault in faults
            )


def _play_scene(
    law: Law, people: Mapping[str, Person], scene: Scene, case: Case | None
) -> tuple[Case | None, list[str]]:
    now = local(scene.at)
    case = wait(law, case, now) if case else None
    if scene.do is None:
        return case, _differences(case, scene.expect)
    try:
        decision = _decision(law, people, scene, case, now)
    except BihuanError as error:
        if scene.expect.refused and (error.key == scene.expect.refused or scene.expect.refused in str(error)):
            return case, _differences(case, scene.expect)
        return case, [f"refused: {error}"]
    if scene.expect.refused:
        return case, [f"was not refused, though '{scene.expect.refused}' was expected"]
    folded = evolve(case, decision.event, decision.body)
    differs = [] if folded == decision.case else ["the event does not fold into the state"]
    return decision.case, differs + _differences(decision.case, scene.expect)


def wait(law: Law, case: Case, now: datetime) -> Case:
    """Return the case after all that happens by itself before `now`."""
    while (ahead := laid_out(law, case)) and ahead[0].at < now:
        point = ahead[0]
        case = evolve(case, "case.timer", timer_body(point, case.type, case.office, case.lead, point.at))
        if point.renews:
            case = renewal(law, case, point.clock, point.at)[0]
    return case


def _decision(law: Law, people: Mapping[str, Person], scene: Scene, case: Case | None, now: datetime) -> Decision:
    if scene.by is None or scene.by not in people:
        raise PackError(f"'{scene.by}' is none of the people of this scenario")
    who = _principal(scene.by, people[scene.by])
    files = tuple(_file(f"{scene.at}-{n}") for n in range(scene.evidence))
    if case is None:
        return decide_opening(law, _NUMBER, opening_of(scene, law.type.type, files), who, now)
    return decide(law, case, command_of(scene, case.version, files, other=scene.other), who, now)


def opening_of(scene: Scene, case_type: str, files: tuple[EvidenceRef, ...]) -> Opening:
    """Return the opening that a story's first scene asks for."""
    received = local(scene.received_at) if scene.received_at else None
    supports = tuple(scene.supports)
    return Opening(case_type, scene.values, scene.profile, received, scene.office, scene.lead, supports, files)


def command_of(scene: Scene, version: int, files: tuple[EvidenceRef, ...], *, other: str | None) -> Command:
    """Return the command that a scene gives to a case at `version`; `other` is the number of a case to link."""
    assert scene.do is not None
    return Command(
        scene.do,
        version,
        scene.note,
        scene.values,
        files,
        scene.lead,
        tuple(scene.supports),
        scene.clock,
        scene.days,
        scene.until,
        scene.grade,  # type: ignore[arg-type]  # an unknown grade is what the engine refuses
        scene.rating,
        other,
        scene.relation,
    )


def _principal(name: str, person: Person) -> Principal:
    return Principal(f"account:{name}", name, person.unit, frozenset(person.roles), person.scope)


def _file(seed: str) -> EvidenceRef:
    return EvidenceRef(seed.encode().hex().ljust(64, "0")[:64], "photo.jpg", "image/jpeg", 1, "")


def local(text: str) -> datetime:
    """Return a time as a scenario writes it, in Chinese time where it names no zone."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=CHINA)


def _differences(case: Case | None, expected: Expected) -> list[str]:
    if case is None:
        return []
    clocks = {clock.id: clock for clock in case.clocks}
    pairs: list[tuple[str, Any, Any]] = [
        (name, getattr(expected, name), getattr(case, name))
        for name in ("step", "light", "level", "returns", "bounces", "reopened", "grade")
        if getattr(expected, name) is not None
    ]
    pairs += [
        (f"due of {name}", at, _shown(clocks[name].due_at if name in clocks else None))
        for name, at in expected.due.items()
    ]
    pairs += [
        (f"{name} on time", fine, name in clocks and limits.is_on_time(clocks[name]))
        for name, fine in expected.on_time.items()
    ]
    pairs += [(f"value of {name}", value, case.values.get(name)) for name, value in expected.values.items()]
    if expected.open is not None:
        pairs.append(("open clocks", sorted(expected.open), sorted(c.id for c in case.clocks if c.is_open)))
    if expected.personal is not None:
        pairs.append(("personal fields", sorted(expected.personal), sorted(case.personal)))
    return [f"{what} is {seen!r}, expected {wanted!r}" for what, wanted, seen in pairs if wanted != seen]


def _shown(at: datetime | None) -> str | None:
    return at.astimezone(CHINA).strftime("%Y-%m-%dT%H:%M") if at else None
