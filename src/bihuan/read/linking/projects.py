"""Commitments that speak of one project, followed through its stages: promise and outcome, state and next state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations, product

from bihuan.core.records.document import Document
from bihuan.core.records.statement import Anchor, Commitment, Link, Statement
from bihuan.read.linking.names import project_key, project_names
from bihuan.read.linking.registry import Registry
from bihuan.read.linking.series import time_of
from bihuan.read.linking.verdict import judge_project, promised_again

MOST_PER_TIME = 8
"""So many commitments under one name in one year take part; a name more common than that is no project's."""


@dataclass(frozen=True, slots=True)
class State:
    """One state of one project."""

    commitment: Commitment
    time: str
    """Year of its due day or period, else of its document."""
    period: str | None
    told: date | None
    """Day of its document."""


def link_commitments(
    commitments: Iterable[tuple[Document, str, Commitment]],
    statements: Iterable[tuple[Document, str, Statement]],
    registry: Registry,
) -> Iterator[Link]:
    """Yield the links between states of projects.

    Args:
        commitments: each with its document and the city it is about.
        statements: the same; one whose indicator is a registered project (a road's kilometres) is a state too.
        registry: the pack's; a project it does not know is followed under its own name.
    """
    groups: dict[tuple[str, str], list[State]] = defaultdict(list)
    names: dict[tuple[str, str], str] = {}
    for document, city, commitment in commitments:
        time = time_of(commitment.due or commitment.period, document)
        state = State(commitment, time, commitment.period, document.published)
        for key, name in _keys(commitment, city, registry.about(city)):
            groups[city, key].append(state)
            names.setdefault((city, key), name)
    for document, city, statement in statements:
        for project in registry.about(city).projects_named(statement.indicator):
            commitment = _as_commitment(statement)
            state = State(commitment, time_of(statement.period, document), statement.period, document.published)
            groups[city, project.id].append(state)
            names.setdefault((city, project.id), project.name)
    for place, states in groups.items():
        yield from _link_states(states, names[place])


def _keys(commitment: Commitment, city: str, registry: Registry) -> Iterator[tuple[str, str]]:
    """The projects a commitment names, as (key, name): registered ones, and the others it lists."""
    holder = commitment.subject if commitment.verb == "获评" else None
    seen = set()
    for known in registry.projects_in(f"{holder or ''}，{commitment.object}"):
        seen.add(known.id)
        yield known.id, known.name
    short = city.removesuffix("市")
    for name in project_names(commitment.object):
        key = None if registry.projects_in(name) else project_key(name, short)
        if key is not None and key not in seen:
            seen.add(key)
            yield (f"{key}@{holder}" if holder else key), name
    key = project_key(holder, short) if holder and not registry.projects_in(holder) else None
    if holder and key is not None:
        yield key, holder


def _as_commitment(statement: Statement) -> Commitment:
    """A project's length or size, promised or reached, as the state of the project."""
    return Commitment(
        doc=statement.doc,
        quote=statement.quote,
        start=statement.start,
        verb="完成",
        object=statement.indicator,
        stage="completed",
        kind=statement.kind,
        period=statement.period,
        due=None,
        subject=statement.subject,
    )


def _link_states(states: list[State], name: str) -> Iterator[Link]:
    by_time: dict[tuple[str, bool], list[State]] = defaultdict(list)
    for state in states:
        by_time[state.time, state.commitment.kind == "target"].append(state)
    steps = [by_time[key] for key in sorted(by_time, key=lambda key: (key[0], not key[1]))]
    steps = [step for step in steps if len(step) <= MOST_PER_TIME]
    for at, earlier in enumerate(steps):
        for a, b in combinations(earlier, 2):
            if a.commitment.doc != b.commitment.doc:
                yield from _link(a, b, name)
        for later in _next_of_each_kind(steps[at + 1 :]):
            for a, b in product(earlier, later):
                if _anchor(a.commitment) != _anchor(b.commitment):
                    yield from _link(a, b, name)


def _next_of_each_kind(steps: list[list[State]]) -> Iterator[list[State]]:
    """The next promises and the next results: a result is followed up past the promise between."""
    seen = set()
    for step in steps:
        kind = step[0].commitment.kind
        if kind not in seen:
            seen.add(kind)
            yield step


def _link(a: State, b: State, name: str) -> Iterator[Link]:
    if _of_other_places(a.commitment, b.commitment):
        return
    if _reported_before_promised(b, a):
        a, b = b, a
    ends = _anchor(a.commitment), _anchor(b.commitment)
    if a.commitment.kind == "target" and (
        b.commitment.kind == "result" or (a.time < b.time and promised_again(a.commitment, b.commitment))
    ):
        yield Link(*ends, name, "target_result", judge_project(a.commitment, b.commitment, b.period))
    else:
        yield Link(*ends, name, "project_progress", None)


def _of_other_places(a: Commitment, b: Commitment) -> bool:
    """Tell whether two districts each have a thing of one name; where only one is named, it is the same thing."""
    return (
        a.subject is not None and b.subject is not None and not set(a.subject.split("、")) & set(b.subject.split("、"))
    )


def _reported_before_promised(result: State, target: State) -> bool:
    """Tell whether what is reached of a year was told by the document that promises more, or by an earlier one."""
    if result.time != target.time or (result.commitment.kind, target.commitment.kind) != ("result", "target"):
        return False
    one_document = result.commitment.doc == target.commitment.doc
    return one_document or bool(result.told and target.told and result.told < target.told)


def _anchor(commitment: Commitment) -> Anchor:
    return Anchor(commitment.doc, commitment.start, commitment.quote)
