"""Global constraints: what they ask for has to exist."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bihuan.plan.attributes import ATTRIBUTES
from bihuan.plan.checks.values import active
from bihuan.plan.faults import Fault
from bihuan.plan.limits import KINDS, SENSES
from bihuan.plan.network import Network


def check(network: Network) -> Iterator[Fault]:
    """Yield constraints of a type, sense, period or attribute that is not known."""
    table = network["global_constraints"]
    for at, name in enumerate(table.names):
        kind, sense, attribute = (table.texts(field)[at] for field in ("type", "sense", "carrier_attribute"))
        if kind not in KINDS:
            yield Fault(table.kind, name, "type", "", repr(kind), f"one of {', '.join(KINDS)}")
        if sense not in SENSES:
            yield Fault(table.kind, name, "sense", "", repr(sense), "<=, == or >=")
        if np.isnan(table.numbers("constant")[at]):
            yield Fault(table.kind, name, "constant", "", "no number", "a number")
        if kind == "primary_energy" and not _carriers_have(network, attribute):
            yield Fault(table.kind, name, "carrier_attribute", "", repr(attribute), "a column of carriers")
        yield from _period(network, name, table.numbers("investment_period")[at])
    if "primary_energy" in table.texts("type"):
        yield from _unknown_carriers(network)


def _carriers_have(network: Network, attribute: str) -> bool:
    return attribute in ATTRIBUTES["carriers"] or attribute in network["carriers"].columns


def _period(network: Network, name: str, year: float) -> Iterator[Fault]:
    years = () if network.periods is None else network.periods.years
    if not np.isnan(year) and int(year) not in years:
        expected = f"one of {', '.join(map(str, years))}" if years else "none: the network has no investment periods"
        yield Fault("global_constraints", name, "investment_period", "", f"{year:.0f}", expected)


def _unknown_carriers(network: Network) -> Iterator[Fault]:
    """Generators whose carrier has no row of emissions count as if they emitted nothing."""
    known = set(network["carriers"].names)
    generators = active(network["generators"])
    missing = {carrier for carrier in generators.texts("carrier") if carrier and carrier not in known}
    for carrier in sorted(missing):
        expected = "a row there: without one its emissions count as 0"
        yield Fault("carriers", carrier, "", "", "a carrier of generators without a row", expected, "warning")
