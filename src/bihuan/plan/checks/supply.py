"""Loads that nothing can serve: islands without supply, and storage too small for what it alone must bridge."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import numpy as np

from bihuan.plan.attributes import ATTRIBUTES, NOMINAL, PYPSA
from bihuan.plan.checks.values import active
from bihuan.plan.components import ports
from bihuan.plan.cycles import islands
from bihuan.plan.faults import Fault
from bihuan.plan.network import Bools, Components, Floats, Ints, Network

_BRANCHES = ("lines", "transformers", "links", "processes")
_SUPPLY = ("generators", "storage_units", "stores")
_SLACK = 1e-6


def check(network: Network) -> Iterator[Fault]:
    """Yield islands whose load cannot be met, whatever is built; that what is there is too small is for `explain` to say."""
    if any(bus not in network.bus_index for kind in (*_SUPPLY, "loads") for bus in active(network[kind]).texts("bus")):
        return  # told already; islands would mean nothing
    root = islands(len(network["buses"]), [(start, end) for start, end, carries in _ends(network) if carries])
    demand = _demand(network)
    supplied = {int(root[at]) for kind in _SUPPLY for at in _bus_rows(network, active(network[kind]))}
    supplied |= {int(root[at]) for at in _fed_by_own_kinds(network)}
    supplied |= set(root[(demand < 0).any(axis=0)].tolist())
    for island in np.unique(root[(demand > 0).any(axis=0)]):
        buses = np.flatnonzero(root == island)
        if int(island) not in supplied:
            yield from _unserved(network, demand, buses)
        else:
            yield from _too_small(network, demand, root == island)


def _ends(network: Network) -> Iterator[tuple[int, int, bool]]:
    """From bus, to bus, and whether anything can pass: not where the capacity is 0 and may not be chosen."""
    place = network.bus_index
    for kind in _BRANCHES:
        branches = active(network[kind])
        starts, carries = branches.texts("bus0"), _has_size(branches).tolist()
        for port in ["1", *ports.further(branches, 2)]:
            for start, end, passes in zip(starts, branches.texts(f"bus{port}"), carries, strict=True):
                if start in place and end in place:
                    yield place[start], place[end], passes


def _has_size(components: Components) -> Bools:
    """Which have a capacity, or may be given one."""
    nominal = NOMINAL[components.kind]
    chosen = components.flags(f"{nominal}_extendable")
    size = np.where(chosen, components.numbers(f"{nominal}_max"), components.numbers(nominal))
    return np.asarray(size != 0)


def _fed_by_own_kinds(network: Network) -> Iterator[int]:
    """Buses that components of kinds beyond PyPSA's touch (a combined plant, say): what they give is not judged here."""
    for components in _own_kinds(network):
        for port in [name for name in ATTRIBUTES[components.kind] if name.endswith("bus")]:
            yield from (network.bus_index[bus] for bus in components.texts(port) if bus in network.bus_index)


def _own_kinds(network: Network) -> list[Components]:
    return [active(table) for kind, table in network.tables.items() if kind in ATTRIBUTES and kind not in PYPSA]


def _bus_rows(network: Network, components: Components) -> Ints:
    return np.array([network.bus_index[bus] for bus in components.texts("bus")], dtype=np.int32)


def _demand(network: Network) -> Floats:
    """What loads draw from each bus, shape (snapshots, buses)."""
    loads, steps = active(network["loads"]), len(network.snapshots)
    demand = np.zeros((steps, len(network["buses"])))
    drawn = -loads.by_snapshot("p_set", steps) * loads.numbers("sign")
    for column, bus in enumerate(_bus_rows(network, loads)):
        demand[:, bus] += drawn[:, column]
    return demand


def _unserved(network: Network, demand: Floats, buses: Ints) -> Iterator[Fault]:
    """Each bus with load in an island where nothing feeds in."""
    shut = _shut_branches(network, set(buses.tolist()))
    for bus in buses[(demand[:, buses] > 0).any(axis=0)]:
        step = int(np.argmax(demand[:, bus] > 0))
        name = network["buses"].names[bus]
        got = (
            f"a load of {demand[step, bus]:g} MW in an island of {buses.size} bus{'es' if buses.size > 1 else ''}{shut}"
        )
        yield Fault("buses", name, "", network.snapshots[step], got, "a generator, store or link that feeds it")


def _shut_branches(network: Network, here: set[int]) -> str:
    """The branches of capacity 0 that lead out of an island, for the message."""
    place = network.bus_index
    names = [
        name
        for kind in _BRANCHES
        for branches in [active(network[kind])]
        for name, start, end in zip(branches.names, branches.texts("bus0"), branches.texts("bus1"), strict=True)
        if (place.get(start) in here) != (place.get(end) in here)
    ]
    more = ", …" if len(names) > 3 else ""
    return f" behind {', '.join(map(repr, names[:3]))}{more} of 0 MW" if names else ""


def _too_small(network: Network, demand: Floats, here: Bools) -> Iterator[Fault]:
    """Over no run of snapshots may load exceed what generators can give by more than the storage holds.

    Only where that is certain: capacities given, no gain in a link or process, storage that has to last.
    """
    units, stores = (_at(network, kind, here) for kind in ("storage_units", "stores"))
    if not (len(units) or len(stores)) or not _is_plain(network, here, units, stores):
        return
    steps, hours = len(network.snapshots), network.weightings["stores"]
    generators = _at(network, "generators", here)
    most = generators.by_snapshot("p_max_pu", steps) @ generators.numbers("p_nom")
    most = most + units.by_snapshot("inflow", steps).sum(axis=1)
    short = (demand[:, here].sum(axis=1) - most) * hours
    needed, start = _longest_need(short)
    held = np.maximum(units.numbers("p_nom") * units.numbers("max_hours"), units.numbers("state_of_charge_initial"))
    held = held * units.by_snapshot("efficiency_dispatch", steps).max(axis=0, initial=0.0)
    capacity = float(held.sum() + np.maximum(stores.numbers("e_nom"), stores.numbers("e_initial")).sum())
    if needed > capacity * (1 + _SLACK) + _SLACK:
        kind, name = ("storage_units", units.names[0]) if len(units) else ("stores", stores.names[0])
        field = "max_hours" if kind == "storage_units" else "e_nom"
        got = f"storage of {capacity:g} MWh in its island"
        expected = f"at least {needed:g} MWh: so much more than generators can give is drawn from then on"
        yield Fault(kind, name, field, network.snapshots[start], got, expected)


def _at(network: Network, kind: str, here: Bools) -> Components:
    components = active(network[kind])
    return components.only(here[_bus_rows(network, components)])


def _is_plain(network: Network, here: Bools, units: Components, stores: Components) -> bool:
    generators = _at(network, "generators", here)
    if network.periods is not None or active(network["processes"]).names or any(map(len, _own_kinds(network))):
        return False
    links = active(network["links"])
    ours = links.only(np.array([here[network.bus_index.get(bus, 0)] for bus in links.texts("bus0")], dtype=bool))
    gains = (ours.by_snapshot("efficiency", len(network.snapshots)) > 1).any() or ports.further(ours, 2)
    chosen = [c.flags(f"{size}_extendable").any() for c, size in ((generators, "p_nom"), (units, "p_nom"))]
    chosen.append(stores.flags("e_nom_extendable").any())
    backwards = (generators.numbers("sign") != 1).any() or (ours.numbers("delay") > 0).any()
    infinite = not np.isfinite(generators.numbers("p_nom")).all()
    return not (
        gains
        or any(chosen)
        or backwards
        or infinite
        or (ours.by_snapshot("p_min_pu", len(network.snapshots)) < 0).any()
    )


def _longest_need(short: Floats) -> tuple[float, int]:
    """The largest sum over snapshots in a row, and where it begins."""
    most, start, running, began = -inf, 0, 0.0, 0
    for at, value in enumerate(short.tolist()):
        if running <= 0:
            running, began = 0.0, at
        running += value
        if running > most:
            most, start = running, began
    return most, start
