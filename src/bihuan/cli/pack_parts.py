"""Every part of a city's folder, read by the engine it is for: what it holds, or all that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bihuan.core.errors import BihuanError

if TYPE_CHECKING:
    from bihuan.store.packs import Pack


@dataclass(frozen=True)
class Part:
    """One part of a folder that was looked at."""

    name: str
    """The file or folder."""
    holds: str
    """What is in it; empty where it has faults."""
    faults: tuple[str, ...] = ()


def look(pack: Pack) -> Iterator[Part]:
    """Yield each part of a city's folder, whether it is sound or not. Its own files were read by `load_pack` before."""
    yield Part("city.yaml", f"{len(pack.city.places)} places")
    yield Part("org.yaml", f"{len(pack.organisations)} offices")
    yield Part("indicators.yaml", f"{len(pack.indicators)} indicators")
    yield Part("projects.yaml", f"{len(pack.projects)} projects")
    yield Part("documents/", f"{len(pack.documents)} documents")
    yield _cases(pack)
    for name, read in _PARTS.items():
        try:
            yield Part(name, read(pack))
        except BihuanError as error:
            yield Part(name, "", (str(error),))


def _cases(pack: Pack) -> Part:
    from bihuan.act.case_type_file import type_files
    from bihuan.cli.act_check import faults_of

    files = type_files(pack.folder / "cases")
    faults, checked = faults_of(pack, files)
    return Part("cases/", f"{len(checked)} case types, their scenarios come out as told", tuple(faults))


def _scores(pack: Pack) -> str:
    from bihuan.act.scorecard import read_formula

    return f"{len(read_formula(pack.folder).points)} measures"


def _devices(pack: Pack) -> str:
    from bihuan.store.sensing import load_sensing

    return f"{len(load_sensing(pack.folder).attributes)} attributes"


def _rules(pack: Pack) -> str:
    from bihuan.sense.rules.compiled import compiled
    from bihuan.store.rules import load_rules

    return f"{len(list(compiled(*load_rules(pack.folder))))} rules"


def _policies(pack: Pack) -> str:
    from bihuan.core.errors import PackError
    from bihuan.store.policies import load_policies

    found, offices = load_policies(pack.folder), {one.id for one in pack.organisations}
    strangers = [f"{one.id}: '{one.office}' is no office of org.yaml" for one in found if one.office not in offices]
    if strangers:
        raise PackError("; ".join(strangers), where="policies.yaml")
    return f"{len(found)} policies"


def _map(pack: Pack) -> str:
    from bihuan.store.districts import load_districts

    outline = load_districts(pack)
    return f"{len(outline['features'])} polygons" if outline else "none: the map shows places without districts"


def _energy(pack: Pack) -> str:
    from bihuan.plan.pack.reading import is_energy_folder, read_energy_pack

    if not is_energy_folder(pack.folder):
        return "none: no energy system to plan"
    found = read_energy_pack(pack.folder)
    return f"{len(found.entries)} components, {len(found.scenarios)} scenarios, {len(found.snapshots):,} hours"


_PARTS: dict[str, Callable[[Pack], str]] = {
    "scores.yaml": _scores,
    "devices/": _devices,
    "rules/": _rules,
    "policies.yaml": _policies,
    "map/": _map,
    "energy/": _energy,
}
