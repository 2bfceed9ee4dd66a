"""Faults of a network, all of them at once, before anything is built."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bihuan.plan.checks import buses, constraints, scale, supply, values
from bihuan.plan.faults import Fault
from bihuan.plan.network import Network

Check = Callable[[Network], Iterator[Fault]]

CHECKS: tuple[Check, ...] = (buses.check, values.check, constraints.check, supply.check, scale.check)
"""What is looked at, in the order it is told. What a later one reckons with, an earlier one has found sound."""


def check(network: Network) -> list[Fault]:
    """Return every fault and warning of a network.

    A fault is what no plan can be made of; a network that PyPSA solves has none, but for values that mean nothing
    (a load that is no number, storage that gives back more than it took).
    """
    found = list(network.warnings)
    for look in CHECKS:
        found += look(network)
    return found
