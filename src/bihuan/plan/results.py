"""The answer read back: tables by kind and attribute, named and signed as PyPSA's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bihuan.plan.attributes import NOMINAL
from bihuan.plan.components import ports
from bihuan.plan.highs import Answer, Status
from bihuan.plan.model import Model
from bihuan.plan.network import Bools, Components, Floats, Network

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True)
class Table:
    """One result by snapshot."""

    names: tuple[str, ...]
    """Components, in the order of the columns."""
    values: Floats
    """Shape (snapshots, components)."""


@dataclass(frozen=True)
class Plan:
    """The answer to a network."""

    network: Network
    status: Status
    """`optimal` only where HiGHS proved it."""
    objective: float
    """Cost of operation and of chosen capacity in the currency of the network, without PyPSA's objective constant.

    That of the best plan known where the solver was stopped; NaN without a plan.
    """
    gap: float
    """Relative gap to the proven bound; NaN where none is known."""
    series: dict[tuple[str, str], Table]
    """(kind, attribute) -> by snapshot; empty without a plan. Attributes and signs are PyPSA's."""
    static: dict[tuple[str, str], dict[str, float]]
    """(kind, attribute) -> component -> value: `p_nom_opt`, `mu`, …"""
    rows: int
    columns: int
    nonzeros: int
    iterations: int
    seconds: dict[str, float] = field(default_factory=dict)
    """`build`, `solve`, `results`."""
    notes: tuple[str, ...] = ()
    """What a reader has to know: a cost that was made piecewise linear, say."""

    @property
    def has_values(self) -> bool:
        """Whether there is a plan, proven best or not."""
        return bool(self.series) or not np.isnan(self.objective)

    @property
    def shadow_prices(self) -> dict[str, float]:
        """Global constraint -> change of the objective with one more unit of its constant; empty without duals."""
        return self.static.get(("global_constraints", "mu"), {})

    def frame(self, kind: str, attribute: str) -> pd.DataFrame:
        """Return one result by snapshot as a pandas table.

        Raises:
            KeyError: there is no such result.
        """
        import pandas as pd

        table = self.series[kind, attribute]
        return pd.DataFrame(table.values, index=list(self.network.snapshots), columns=list(table.names))

    def dataset(self) -> xr.Dataset:
        """Return all results by snapshot as xarray; variables are called `generators_p` and so on."""
        import xarray as xr

        arrays = {
            f"{kind}_{attribute}": xr.DataArray(
                table.values,
                dims=("snapshot", kind),
                coords={"snapshot": list(self.network.snapshots), kind: list(table.names)},
            )
            for (kind, attribute), table in self.series.items()
        }
        return xr.Dataset({name: array.rename({array.dims[1]: f"{name}_name"}) for name, array in arrays.items()})

    def capacities(self, kind: str) -> dict[str, float]:
        """Return the capacity of each component of a kind [MW or MWh], chosen or given."""
        return self.static.get((kind, f"{NOMINAL[kind]}_opt"), {})


def read_back(model: Model, answer: Answer, nonzeros: int, notes: tuple[str, ...] = ()) -> Plan:
    """Return the plan that an answer of HiGHS means."""
    series, static = {}, {}
    if answer.values.size == model.problem.columns and not np.isnan(answer.objective):
        series = dict(_series(model, answer))
        static = dict(_static(model, answer))
    return Plan(
        model.network,
        answer.status,
        answer.objective,
        answer.gap,
        series,
        static,
        model.problem.rows,
        model.problem.columns,
        nonzeros,
        answer.iterations,
        notes=notes,
    )


def _series(model: Model, answer: Answer) -> Iterator[tuple[tuple[str, str], Table]]:
    for label, block in model.problem.blocks.items():
        kind, _, attribute = label.partition("-")
        components = model.components.get(kind)
        if components is None or block.index.ndim != 2 or attribute == "s":
            continue  # flows of branches are p0 and p1
        names = _names_of(components, block.index.shape[1])
        yield (kind, attribute), Table(names, block.of(answer.values))
    for kind, derive in _DERIVED.items():
        if len(model.components.get(kind, Components(kind, ()))):
            yield from ((((kind, attribute)), table) for attribute, table in derive(model, answer))
    if answer.row_duals.size:
        weight = model.hours("objective")
        with np.errstate(divide="ignore", invalid="ignore"):
            prices = np.asarray(model.balance.of(answer.row_duals) / weight)
        yield ("buses", "marginal_price"), Table(model.network["buses"].names, prices)


def _names_of(components: Components, number: int) -> tuple[str, ...]:
    """Blocks hold all components of a kind, or the committed ones, or the transformers that shift."""
    if number == len(components):
        return components.names
    for flags in (_committed(components), _shifting(components)):
        if flags.sum() == number:
            return components.only(flags).names
    return tuple(str(at) for at in range(number))


def _committed(components: Components) -> Bools:
    known = components.kind in ("generators", "links", "processes")
    return components.flags("committable") if known else np.zeros(len(components), dtype=bool)


def _shifting(components: Components) -> Bools:
    if components.kind != "transformers":
        return np.zeros(len(components), dtype=bool)
    return np.asarray(components.numbers("phase_shift_min") < components.numbers("phase_shift_max"))


Derived = Iterator[tuple[str, Table]]


def _flows(kind: str) -> Callable[[Model, Answer], Derived]:
    def derive(model: Model, answer: Answer) -> Derived:
        """p0 is drawn from bus0; p1 is its negative, what bus1 gives."""
        flow = model.problem.blocks[f"{kind}-s"].of(answer.values)
        names = model.components[kind].names
        yield from (("p0", Table(names, flow)), ("p1", Table(names, -flow)))

    return derive


def _link_ports(model: Model, answer: Answer) -> Derived:
    """p1, p2, … are drawn from their buses, so negative where a bus receives; NaN where a port is not used."""
    links = model.components["links"]
    p0 = model.problem.blocks["links-p0"].of(answer.values)
    for port in ["1", *ports.further(links, 2)]:
        suffix = "" if port == "1" else port
        efficiency = links.by_snapshot(f"efficiency{suffix}", model.steps)
        yield f"p{port}", Table(links.names, _received(model, links, p0, port, suffix, efficiency))


def _process_ports(model: Model, answer: Answer) -> Derived:
    processes = model.components["processes"]
    p = model.problem.blocks["processes-p"].of(answer.values)
    for port in ["0", "1", *ports.further(processes, 2)]:
        rate = processes.by_snapshot(f"rate{port}", model.steps)
        yield f"p{port}", Table(processes.names, _received(model, processes, p, port, port, rate))


def _received(model: Model, components: Components, p: Floats, port: str, suffix: str, coefficient: Floats) -> Floats:
    moved = p.copy()
    delay, cyclic = components.numbers(f"delay{suffix}").astype(int), components.flags(f"cyclic_delay{suffix}")
    for at in np.flatnonzero(delay > 0):
        source, valid = ports.sources(model, int(delay[at]), bool(cyclic[at]))
        moved[:, at] = np.where(valid, p[source, at], 0.0)
    used = np.array([bool(bus) for bus in components.texts(f"bus{port}")], dtype=bool)
    return np.where(used, -moved * coefficient, 0.0)


def _net_power(model: Model, answer: Answer) -> Derived:
    names = model.components["storage_units"].names
    out, into = (model.problem.blocks[f"storage_units-p_{side}"].of(answer.values) for side in ("dispatch", "store"))
    yield "p", Table(names, out - into)


def _served(model: Model, answer: Answer) -> Derived:
    del answer
    loads = model.components["loads"]
    yield "p", Table(loads.names, np.array(loads.by_snapshot("p_set", model.steps)))


_DERIVED: dict[str, Callable[[Model, Answer], Derived]] = {
    "lines": _flows("lines"),
    "transformers": _flows("transformers"),
    "links": _link_ports,
    "processes": _process_ports,
    "storage_units": _net_power,
    "loads": _served,
}


def _static(model: Model, answer: Answer) -> Iterator[tuple[tuple[str, str], dict[str, float]]]:
    for kind, capacity in model.capacities.items():
        components = model.components[kind]
        sizes = capacity.fixed.copy()
        sizes[capacity.chosen] = capacity.variables.of(answer.values)
        nominal = capacity.variables.label.partition("-")[2]
        yield (kind, f"{nominal}_opt"), dict(zip(components.names, sizes.tolist(), strict=True))
    if answer.row_duals.size:
        prefix = "global-"
        rows = {n.removeprefix(prefix): b for n, b in model.problem.constraints.items() if n.startswith(prefix)}
        yield ("global_constraints", "mu"), {name: float(b.of(answer.row_duals)[0]) for name, b in rows.items()}
