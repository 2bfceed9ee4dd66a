"""The components of a scenario: those of the base case, changed, removed and added to, step by step along `extends`."""

from __future__ import annotations

from dataclasses import replace

from bihuan.core.errors import InputError
from bihuan.plan.pack.entry import EnergyPack, Entry, Scenario

BASE = "base"
"""Name of the case without a scenario."""


def components_of(pack: EnergyPack, scenario: str = BASE) -> list[Entry]:
    """Return the components of a scenario, in the order of the base case, added ones last.

    Raises:
        InputError: no such scenario; the message names those there are.
    """
    entries = {(entry.kind, entry.name): entry for entry in pack.entries}
    for step in steps(pack, scenario):
        for entry in step.change:
            old = entries[entry.kind, entry.name]
            entries[entry.kind, entry.name] = replace(old, values={**old.values, **entry.values})
        for key in step.remove:
            entries.pop(key, None)
        entries.update({(entry.kind, entry.name): entry for entry in step.add})
    return list(entries.values())


def steps(pack: EnergyPack, scenario: str) -> list[Scenario]:
    """Return the scenarios that lead to one, from the first to itself; none for the base case.

    Raises:
        InputError: no such scenario, or scenarios that extend each other in a circle.
    """
    chain: list[Scenario] = []
    while scenario not in ("", BASE):
        if scenario not in pack.scenarios:
            known = ", ".join([BASE, *pack.scenarios])
            raise InputError(f"no scenario {scenario!r}; there are {known}", where=str(pack.folder))
        step = pack.scenarios[scenario]
        if step in chain:
            raise InputError(f"scenario {scenario!r} extends itself in a circle", where=str(pack.folder))
        chain.insert(0, step)
        scenario = step.extends
    return chain
