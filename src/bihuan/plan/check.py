"""Faults of a network, all of them at once, before anything is built."""

from __future__ import annotations

from collections.abc import Iterator

from bihuan.plan.faults import Fault
from bihuan.plan.network import Network


def check(network: Network) -> list[Fault]:
    """Return every fault and warning of a network."""
    return [*network.warnings, *_unknown_buses(network)]


def _unknown_buses(network: Network) -> Iterator[Fault]:
    for kind, components in network.tables.items():
        for port in [name for name in components.columns if name.startswith("bus") and kind != "global_constraints"]:
            for name, bus in zip(components.names, components.texts(port), strict=True):
                if bus not in network.bus_index and not (bus == "" and port not in ("bus", "bus0", "bus1")):
                    yield Fault(kind, name, port, "", repr(bus), "the name of a bus")
