"""Values that mean nothing: no number where one is needed, capacity below zero, bounds that cross, free energy."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import numpy as np

from bihuan.plan.attributes import ATTRIBUTES, NOMINAL
from bihuan.plan.faults import Fault
from bihuan.plan.network import WEIGHTINGS, Bools, Components, Floats, Network, attribute_of

_LIMITED: tuple[tuple[str, str, float, float, str], ...] = (
    ("generators", "efficiency", 0.0, 1.0, "above 0 and at most 1"),
    ("storage_units", "efficiency_store", 0.0, 1.0, "above 0 and at most 1"),
    ("storage_units", "efficiency_dispatch", 0.0, 1.0, "above 0 and at most 1"),
)
"""Kind, attribute, bounds: efficiencies that no machine exceeds."""
_NOT_BELOW_0: dict[str, tuple[str, ...]] = {
    "storage_units": ("max_hours",),
    **dict.fromkeys(
        ("generators", "links", "processes"),
        ("min_up_time", "min_down_time", "up_time_before", "down_time_before", "ramp_limit_up", "ramp_limit_down"),
    ),
}
"""Kind -> attributes that mean nothing below 0."""
_LEVELS = {"storage_units": "state_of_charge", "stores": "e"}
_TOLERANCE = 1e-6


def check(network: Network) -> Iterator[Fault]:
    """Yield what is no number, negative, contradictory or against the conservation of energy."""
    yield from _weightings(network)
    for kind, table in network.tables.items():
        components = active(table)
        yield from _no_numbers(network, components)
        if kind in NOMINAL:
            yield from _capacities(components, NOMINAL[kind])
            yield from _costs(components)
    yield from _below_0(network)
    yield from _efficiencies(network)
    yield from _first_levels(network)
    yield from _bounds(network)
    yield from _not_modelled(network)


def active(components: Components) -> Components:
    """Return the components that are not left out."""
    known = ATTRIBUTES.get(components.kind, {})
    return components.only(components.flags("active")) if "active" in known else components


def _weightings(network: Network) -> Iterator[Fault]:
    for name in WEIGHTINGS:
        hours = network.weightings[name]
        for at in np.flatnonzero(~(hours >= 0))[:20]:
            yield Fault("snapshots", "", name, network.snapshots[at], f"{hours[at]}", "a number of hours, 0 or more")


def _no_numbers(network: Network, components: Components) -> Iterator[Fault]:
    for attribute, series in components.varying.items():
        known = attribute_of(components.kind, attribute)
        if known is None or not isinstance(known.default, float) or known.default != known.default:
            continue
        sums = series.values.sum(axis=0)
        for column in np.flatnonzero(~np.isfinite(sums)):
            yield from _no_number(network, components, attribute, int(series.rows[column]), series.values[:, column])


def _no_number(network: Network, components: Components, attribute: str, row: int, values: Floats) -> Iterator[Fault]:
    """The first snapshot where it is none, and how many there are."""
    missing = np.flatnonzero(np.isnan(values))
    if not missing.size:
        return
    more = f" (and {missing.size - 1} more)" if missing.size > 1 else ""
    yield Fault(
        components.kind,
        components.names[row],
        attribute,
        f"{network.snapshots[missing[0]]}{more}",
        "no number (empty or NaN)",
        "a number in every snapshot",
    )


def _capacities(components: Components, nominal: str) -> Iterator[Fault]:
    chosen = components.flags(f"{nominal}_extendable")
    for name in (nominal, f"{nominal}_max"):
        size = components.numbers(name)
        counts = chosen if name.endswith("_max") else ~chosen
        for row in np.flatnonzero(counts & ~(size >= 0)):
            yield Fault(components.kind, components.names[row], name, "", f"{size[row]:g}", "a capacity of 0 or more")
    least, most = components.numbers(f"{nominal}_min"), components.numbers(f"{nominal}_max")
    for row in np.flatnonzero(chosen & (least > most + _TOLERANCE)):
        expected = f"at most {nominal}_max = {most[row]:g}"
        yield Fault(components.kind, components.names[row], f"{nominal}_min", "", f"{least[row]:g}", expected)
    if "committable" in ATTRIBUTES[components.kind]:
        size = components.numbers(nominal)
        for row in np.flatnonzero(components.flags("committable") & ~chosen & np.isinf(size)):
            yield Fault(
                components.kind, components.names[row], nominal, "", "inf", "a finite capacity of a committed unit"
            )


def _costs(components: Components) -> Iterator[Fault]:
    overnight = components.numbers("overnight_cost")
    rate, years = components.numbers("discount_rate"), components.numbers("lifetime")
    for row in np.flatnonzero(~np.isnan(overnight) & np.isnan(rate)):
        yield Fault(components.kind, components.names[row], "discount_rate", "", "none", "a rate beside overnight_cost")
    for row in np.flatnonzero(~(years > 0)):
        yield Fault(components.kind, components.names[row], "lifetime", "", f"{years[row]:g}", "more than 0 years")
    if "marginal_cost_quadratic" in ATTRIBUTES[components.kind]:
        for at, step, value in _outside(components, "marginal_cost_quadratic", -_TOLERANCE, inf):
            got = f"{value:g}"
            yield Fault(
                components.kind, components.names[at], "marginal_cost_quadratic", step, got, "0 or more (convex)"
            )


def _below_0(network: Network) -> Iterator[Fault]:
    for kind, attributes in _NOT_BELOW_0.items():
        components = active(network[kind])
        for attribute in attributes:
            for row, step, value in _outside(components, attribute, 0.0, inf, network.snapshots):
                yield Fault(kind, components.names[row], attribute, step, f"{value:g}", "0 or more")


def _first_levels(network: Network) -> Iterator[Fault]:
    """More in a store at the start than it holds: some has to be gone within the first snapshot."""
    for kind, level in _LEVELS.items():
        components = active(network[kind])
        size = components.numbers(NOMINAL[kind])
        size = size * components.numbers("max_hours") if kind == "storage_units" else size
        cyclic = components.flags("cyclic_state_of_charge" if kind == "storage_units" else "e_cyclic")
        given = components.numbers(f"{level}_initial")
        counts = ~cyclic & ~components.flags(f"{NOMINAL[kind]}_extendable")
        for row in np.flatnonzero(counts & (given > size + _TOLERANCE)):
            expected = f"at most the {size[row]:g} MWh that it holds"
            yield Fault(kind, components.names[row], f"{level}_initial", "", f"{given[row]:g}", expected, "warning")


def _efficiencies(network: Network) -> Iterator[Fault]:
    for kind, attribute, least, most, expected in _LIMITED:
        components = active(network[kind])
        for row, step, value in _outside(components, attribute, least + 1e-12, most + _TOLERANCE, network.snapshots):
            yield Fault(kind, components.names[row], attribute, step, f"{value:g}", expected)
    for kind in ("storage_units", "stores"):
        components = active(network[kind])
        for row, step, value in _outside(components, "standing_loss", 0.0, 1.0, network.snapshots):
            yield Fault(kind, components.names[row], "standing_loss", step, f"{value:g}", "between 0 and 1 per hour")
    yield from _gaining_links(network)


def _gaining_links(network: Network) -> Iterator[Fault]:
    """A heat pump gives more heat than it takes power; between buses of one carrier that cannot be."""
    links = active(network["links"])
    carriers = dict(zip(network["buses"].names, network["buses"].texts("carrier"), strict=True))
    ends = [[carriers.get(bus) for bus in links.texts(port)] for port in ("bus0", "bus1")]
    alike = np.array([start == end for start, end in zip(*ends, strict=True)], dtype=bool)
    for row, step, value in _outside(links, "efficiency", -inf, 1 + _TOLERANCE, network.snapshots):
        if alike[row]:
            expected = f"at most 1 between two buses of carrier {ends[0][row]!r}"
            yield Fault("links", links.names[row], "efficiency", step, f"{value:g}", expected, "warning")


def _outside(
    components: Components, attribute: str, least: float, most: float, snapshots: tuple[str, ...] = ()
) -> Iterator[tuple[int, str, float]]:
    """(component, snapshot or nothing, value) for the first value of each component outside the bounds."""
    series = components.varying.get(attribute)
    varying = set() if series is None else set(series.rows.tolist())
    given = components.numbers(attribute)
    for row in np.flatnonzero((given < least) | (given > most)):
        if row not in varying:
            yield int(row), "", float(given[row])
    if series is None:
        return
    wrong = (series.values < least) | (series.values > most)
    for column in np.flatnonzero(wrong.any(axis=0)):
        step = int(np.argmax(wrong[:, column]))
        label = snapshots[step] if step < len(snapshots) else f"snapshot {step}"
        yield int(series.rows[column]), label, float(series.values[step, column])


def _bounds(network: Network) -> Iterator[Fault]:
    """Least power above most power, where the unit cannot be off or built smaller."""
    steps = len(network.snapshots)
    for kind in ("generators", "links", "processes", "stores"):
        components, stem = active(network[kind]), NOMINAL[kind][0]
        low, high = (components.by_snapshot(f"{stem}_{side}_pu", steps) for side in ("min", "max"))
        size = components.numbers(NOMINAL[kind])
        fixed = ~components.flags(f"{NOMINAL[kind]}_extendable") & (size > 0) & ~_committable(components)
        crossed = (low > high + _TOLERANCE) & fixed
        for row in np.flatnonzero(crossed.any(axis=0)):
            step = int(np.argmax(crossed[:, row]))
            expected = f"at most {stem}_max_pu = {high[step, row]:g}"
            yield Fault(
                kind,
                components.names[row],
                f"{stem}_min_pu",
                network.snapshots[step],
                f"{low[step, row]:g}",
                expected,
            )
    yield from _energy_sums(active(network["generators"]))


def _committable(components: Components) -> Bools:
    known = "committable" in ATTRIBUTES[components.kind]
    return components.flags("committable") if known else np.zeros(len(components), dtype=bool)


def _energy_sums(generators: Components) -> Iterator[Fault]:
    least, most = generators.numbers("e_sum_min"), generators.numbers("e_sum_max")
    for row in np.flatnonzero(least > most + _TOLERANCE):
        expected = f"at most e_sum_max = {most[row]:g}"
        yield Fault("generators", generators.names[row], "e_sum_min", "", f"{least[row]:g}", expected)


def _not_modelled(network: Network) -> Iterator[Fault]:
    for kind in ("generators", "links", "processes"):
        components = active(network[kind])
        for row in np.flatnonzero(components.flags("maintainable")):
            yield Fault(kind, components.names[row], "maintainable", "", "true", "false: outages are not planned yet")
    shifters = active(network["transformers"])
    least, most = shifters.numbers("phase_shift_min"), shifters.numbers("phase_shift_max")
    wrong = (least > most) | ((least < most) & ~(np.isfinite(least) & np.isfinite(most)))
    for row in np.flatnonzero(wrong):
        got = f"{least[row]:g} to {most[row]:g}"
        yield Fault("transformers", shifters.names[row], "phase_shift_min", "", got, "a finite range, least first")
