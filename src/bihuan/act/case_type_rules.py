"""What a case type must fulfil beyond its schema: names that lead somewhere, every step reachable, a way to the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from bihuan.act.case_type import ActionSpec, CaseType, ClockSpec

Where = tuple[str | int, ...]
Contradiction = tuple[Where, str]
ENGINE_FIELDS = frozenset({"title"})
"""Fields every type must have; lists and documents show them."""


def contradictions(case_type: CaseType, units: frozenset[str]) -> Iterator[Contradiction]:
    """Yield what is wrong with a type that fits the schema, each with the place in the file it is about."""
    for check in (_fields, _actions, _verbs, _steps, _clocks, _profiles, _references):
        yield from check(case_type)
    yield from _offices(case_type, units)


def _unknown(where: Where, names: Iterable[str], known: Iterable[str], what: str) -> Iterator[Contradiction]:
    there = list(known)
    for name in names:
        if name not in there:
            yield where, f"'{name}' is no {what} of this type; there are {', '.join(there) or 'none'}"


def _fields(case_type: CaseType) -> Iterator[Contradiction]:
    for name in sorted(ENGINE_FIELDS - case_type.fields.keys()):
        yield ("fields",), f"lacks '{name}', which lists and documents show"
    for name, spec in case_type.fields.items():
        where = ("fields", name)
        if (spec.kind in ("choice", "choices")) != bool(spec.choices):
            yield where, "choices go with the kinds choice and choices, and only with them"
        if spec.kind == "choice" and spec.default is not None and spec.default not in spec.choices:
            yield (*where, "default"), f"'{spec.default}' is none of the choices"
        if spec.personal:
            if name in ENGINE_FIELDS:
                yield where, "is shown in lists and cannot be personal"
            yield from _unknown((*where, "personal"), spec.personal.seen_by, case_type.roles, "role")


def _actions(case_type: CaseType) -> Iterator[Contradiction]:
    named: tuple[tuple[str, Callable[[ActionSpec], Iterable[str]], Iterable[str], str], ...] = (
        ("by", lambda a: a.by, case_type.roles, "role"),
        ("tell", lambda a: a.tell, case_type.roles, "role"),
        ("from", lambda a: a.from_, case_type.steps, "step"),
        ("to", lambda a: [a.to] if a.to else [], case_type.steps, "step"),
        ("sets", lambda a: a.sets, case_type.fields, "field"),
        ("needs", lambda a: a.needs.fields, case_type.fields, "field"),
        *((key, _getter(key), case_type.clocks, "clock") for key in ("starts", "meets", "reopens", "stops")),
    )
    for name, action in case_type.actions.items():
        for key, get, known, what in named:
            yield from _unknown(("actions", name, key), get(action), known, what)


def _getter(key: str) -> Callable[[ActionSpec], Iterable[str]]:
    return lambda action: getattr(action, key)


def _verbs(case_type: CaseType) -> Iterator[Contradiction]:
    opening = [name for name, action in case_type.actions.items() if action.does == "open"]
    if len(opening) != 1:
        yield ("actions",), f"exactly one action opens a case, here {len(opening)} do"
    for name, action in case_type.actions.items():
        where = ("actions", name)
        if action.does == "open" and (action.from_ or not action.to):
            yield where, "an opening has no `from` and leads `to` the first step"
        if action.does != "open" and not action.from_:
            yield where, "lacks `from`: the steps in which it is allowed"
        if not action.by:
            yield where, "lacks `by`: the roles that may do it"
        ends = action.to is not None and action.to in case_type.steps and case_type.steps[action.to].end
        if ends != (action.does in ("close", "merge")):
            yield where, "a closing (does: close or merge) leads to a step with `end: true`, and nothing else does"
        if action.does == "rate" and case_type.rating is None:
            yield where, "needs the section `rating`"
        if action.within and action.does != "bounce":
            yield (*where, "within"), "goes with does: bounce only"
        if action.relation and action.does != "link":
            yield (*where, "relation"), "goes with does: link only"


def _steps(case_type: CaseType) -> Iterator[Contradiction]:
    """Every step is reached from the opening, and from every step there is a way to an end."""
    arrows = {(a, action.to) for action in case_type.actions.values() if action.to for a in action.from_}
    rating = case_type.rating
    if rating and rating.bad_to:
        arrows |= {
            (a, rating.bad_to) for action in case_type.actions.values() if action.does == "rate" for a in action.from_
        }
    starts = {action.to for action in case_type.actions.values() if action.does == "open" and action.to}
    reached = _closure(starts, arrows)
    ending = _closure({n for n, step in case_type.steps.items() if step.end}, {(b, a) for a, b in arrows})
    for name in case_type.steps:
        if name not in reached:
            yield ("steps", name), "no action leads here"
        if name not in ending:
            yield ("steps", name), "no way leads from here to a step with `end: true`"


def _closure(start: set[str], arrows: set[tuple[str, str]]) -> set[str]:
    reached = set(start)
    while more := {b for a, b in arrows if a in reached} - reached:
        reached |= more
    return reached


def _clocks(case_type: CaseType) -> Iterator[Contradiction]:
    started = {name for action in case_type.actions.values() for name in action.starts}
    started |= set(case_type.rating.bad_starts) if case_type.rating else set()
    for name, clock in case_type.clocks.items():
        where = ("clocks", name)
        if name not in started:
            yield where, "no action starts it"
        if not (clock.rule or clock.rules or clock.date):
            yield where, "needs a rule, rules by a field, or a date field"
        yield from _clock_fields(case_type, where, clock)
        for number, point in enumerate(clock.points or ()):
            yield from _unknown((*where, "points", number), point.tell, case_type.roles, "role")
        working = any(rule.unit == "working_day" for rule in (*clock.rules.values(), *filter(None, [clock.rule])))
        if (clock.suspendable or clock.extend_days) and not (working and not clock.date):
            yield where, "suspension and extension go with working_day rules only"
        if clock.repeats and (clock.date or clock.suspendable):
            yield where, "a repeating clock has a rule and cannot be suspended"
    for number, point in enumerate(case_type.points):
        yield from _unknown(("points", number), point.tell, case_type.roles, "role")


def _clock_fields(case_type: CaseType, where: Where, clock: ClockSpec) -> Iterator[Contradiction]:
    if bool(clock.by) != bool(clock.rules):
        yield where, "`by` and `rules` go together"
    choices = {name: spec.choices for name, spec in case_type.fields.items() if spec.kind == "choice"}
    for name, values in ([(clock.by, list(clock.rules))] if clock.by else []) + list(clock.when.items()):
        yield from _unknown(where, [name], choices, "choice field")
        yield from _unknown(where, values, choices.get(name, values), f"choice of '{name}'")
    dates = [name for name, spec in case_type.fields.items() if spec.kind in ("date", "dates")]
    yield from _unknown((*where, "date"), [clock.date] if clock.date else [], dates, "date field")


def _profiles(case_type: CaseType) -> Iterator[Contradiction]:
    for name, rules in case_type.profiles.items():
        yield from _unknown(("profiles", name), rules, case_type.clocks, "clock")
    if bool(case_type.profiles) != bool(case_type.default_profile):
        yield ("profiles",), "profiles and default_profile go together"
    elif case_type.default_profile:
        yield from _unknown(("default_profile",), [case_type.default_profile], case_type.profiles, "profile")


def _references(case_type: CaseType) -> Iterator[Contradiction]:
    shown = {name for name, spec in case_type.fields.items() if spec.personal is None or spec.personal.redacted}
    yield from _unknown(("public", "fields"), case_type.public.fields, shown, "field without personal data")
    if case_type.public.photographs and not case_type.public.listed:
        yield ("public", "photographs"), "goes with listed: true"
    choices = [name for name, spec in case_type.fields.items() if spec.kind == "choice"]
    yield from _unknown(("category",), filter(None, [case_type.category]), choices, "choice field")
    if case_type.open311 and not case_type.category:
        yield ("open311",), "needs `category`: the choices that are its services"
    if case_type.light:
        numbers = [n for n, spec in case_type.fields.items() if spec.kind in ("number", "integer", "percent")]
        yield from _unknown(("light",), [case_type.light.planned, case_type.light.done], numbers, "number field")
    if case_type.pipeline:
        money = [n for n, spec in case_type.fields.items() if spec.kind == "money_yuan" and spec.personal is None]
        sums = [case_type.pipeline.planned, case_type.pipeline.done]
        yield from _unknown(("pipeline",), sums, money, "money field")
        yield from _unknown(("pipeline", "lists"), case_type.pipeline.lists, shown, "field without personal data")
    if case_type.rating:
        bad_to = case_type.rating.bad_to
        if bad_to in case_type.steps and case_type.steps[bad_to].end:
            yield ("rating", "bad_to"), "leads to an end; a bad rating takes the case up again"
        yield from _unknown(("rating", "bad_to"), filter(None, [case_type.rating.bad_to]), case_type.steps, "step")
        yield from _unknown(("rating", "bad_starts"), case_type.rating.bad_starts, case_type.clocks, "clock")
    for kind, template in case_type.signals.items():
        yield from _unknown(("signals", kind), [*template.fields, *template.fixed], case_type.fields, "field")
    proposing = [name for name, action in case_type.actions.items() if action.does == "propose"]
    yield from _unknown(("propose_action",), filter(None, [case_type.propose_action]), proposing, "proposing action")


def _offices(case_type: CaseType, units: frozenset[str]) -> Iterator[Contradiction]:
    named: list[tuple[Where, str | None]] = [(("office",), case_type.office)]
    for kind, template in case_type.signals.items():
        named += [(("signals", kind, "lead"), template.lead), (("signals", kind, "office"), template.office)]
    for name, spec in case_type.fields.items():
        named += [(("fields", name, "choices", key, "lead"), choice.lead) for key, choice in spec.choices.items()]
    for where, unit in named:
        if unit and unit not in units:
            yield where, f"'{unit}' is no office of org.yaml"
