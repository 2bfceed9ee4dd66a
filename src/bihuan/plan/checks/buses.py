"""Names that have to exist: buses, and snapshots that may not stand twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bihuan.plan.attributes import ATTRIBUTES
from bihuan.plan.faults import Fault
from bihuan.plan.network import Components, Network


def check(network: Network) -> Iterator[Fault]:
    """Yield components at buses that do not exist, and snapshots that stand twice."""
    if not network.snapshots:
        yield Fault("snapshots", "", "", "", "no snapshot", "at least one")
    if not len(network["buses"]):
        yield Fault("buses", "", "", "", "no bus", "at least one")
        return  # every bus that is named would be unknown
    yield from _snapshots_twice(network)
    for kind, components in network.tables.items():
        if kind != "global_constraints":
            yield from _unknown(network, components)


def _snapshots_twice(network: Network) -> Iterator[Fault]:
    periods = network.periods
    of = [0] * len(network.snapshots) if periods is None else periods.of_snapshot.tolist()
    counts = Counter(zip(of, network.snapshots, strict=True))
    for (_, label), number in counts.items():
        if number > 1:
            yield Fault("snapshots", "", "snapshot", label, f"the same snapshot {number} times", "each snapshot once")


def _unknown(network: Network, components: Components) -> Iterator[Fault]:
    must = [name for name in ("bus", "bus0", "bus1") if name in ATTRIBUTES.get(components.kind, {})]
    may = [name for name in components.columns if name.startswith("bus") and name[3:].isdigit() and name not in must]
    for port in [*must, *may]:
        for name, bus in zip(components.names, components.texts(port), strict=True):
            if bus not in network.bus_index and (bus or port in must):
                yield Fault(components.kind, name, port, "", repr(bus), f"the name of a bus{_near(network, bus)}")


def _near(network: Network, bus: str) -> str:
    """A bus that differs in case or blanks only, or the first few there are."""
    alike = [name for name in network["buses"].names if name.strip().lower() == bus.strip().lower()]
    some = alike or list(network["buses"].names[:3])
    return f" ({', '.join(map(repr, some))}{', …' if not alike and len(network['buses']) > 3 else ''})"
