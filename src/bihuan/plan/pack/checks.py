"""Names that must exist, once: buses, fuels, units, and the components that scenarios change or remove."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from bihuan.plan.pack.entry import Entry, Scenario, Value
from bihuan.plan.pack.fields import BY_NAME
from bihuan.store.yaml_records import Faults


def check_references(folder: Path, base: Sequence[Entry], scenarios: dict[str, Scenario], faults: Faults) -> None:
    """Note names that stand twice, and references to what does not exist in the base case or the scenario."""
    _once(folder, base, faults)
    _new_stands_alone(folder, [*base, *(entry for s in scenarios.values() for entry in s.add)], faults)
    _references(folder, base, _names(base), faults)
    for scenario in scenarios.values():
        known = _known(base, scenarios, scenario)
        _references(folder, [*scenario.add, *scenario.change], known, faults)
        for kind, name in [*((e.kind, e.name) for e in scenario.change), *scenario.remove]:
            if (kind, name) not in known:
                faults.add(
                    folder / f"{scenario.id}.yaml", None, f"{kind} {name}", "does not exist, so it cannot be changed"
                )
        if scenario.extends and scenario.extends not in scenarios:
            faults.add(folder / f"{scenario.id}.yaml", None, "extends", f"no scenario '{scenario.extends}'")


def _names(entries: Iterable[Entry]) -> set[tuple[str, str]]:
    return {(entry.kind, entry.name) for entry in entries}


def _known(base: Sequence[Entry], scenarios: dict[str, Scenario], scenario: Scenario) -> set[tuple[str, str]]:
    """What exists in a scenario, those it builds on included."""
    known = _names(base)
    seen: set[str] = set()
    step: Scenario | None = scenario
    while step is not None and step.id not in seen:
        seen.add(step.id)
        known |= _names(step.add)
        step = scenarios.get(step.extends)
    return known


def _once(folder: Path, entries: Sequence[Entry], faults: Faults) -> None:
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        other = first.setdefault((entry.kind, entry.name), entry)
        if other is not entry:
            message = f"stands already in {other.file}, line {other.line}"
            faults.add(folder / entry.file, entry.line, f"{entry.kind} {entry.name}", message)


def _new_stands_alone(folder: Path, entries: Iterable[Entry], faults: Faults) -> None:
    """What may be built is a component of its own: the investment must not be charged for what stands."""
    for entry in entries:
        stands, most = (entry.values.get(name) for name in ("p_nom", "p_nom_max"))
        if isinstance(stands, Value) and isinstance(most, Value) and stands.number > 0 and most.number > 0:
            message = "goes with p_nom 0; give what may be built as a component of its own"
            faults.add(folder / entry.file, entry.line, f"{entry.kind} {entry.name}.p_nom_max", message)


def _references(folder: Path, entries: Iterable[Entry], known: set[tuple[str, str]], faults: Faults) -> None:
    for entry in entries:
        for field in BY_NAME[entry.kind].fields:
            named = entry.values.get(field.name)
            if not field.refers or not named or not isinstance(named, str) or _exists(field.refers, named, known):
                continue
            place = f"{entry.kind} {entry.name}.{field.name}"
            faults.add(folder / entry.file, entry.line, place, f"no {field.refers} '{named}'")


def _exists(kind: str, name: str, known: set[tuple[str, str]]) -> bool:
    """Each fuel is a bus, too."""
    return (kind, name) in known or (kind == "buses" and ("fuels", name) in known)
