"""A year in windows: each is solved on its own and hands on levels, commitment, power and what is left of budgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan import answers, highs
from bihuan.plan.attributes import NOMINAL, PYPSA
from bihuan.plan.budgets import Budgets
from bihuan.plan.components.commitment import before_first
from bihuan.plan.highs import Options, Status
from bihuan.plan.model import Model, Settings
from bihuan.plan.network import Components, Floats, Network, Series
from bihuan.plan.optimum import build, demand_sound, make_solvable
from bihuan.plan.results import Plan, Table, read_back

Told = Callable[[int, int], None]
_POWERED = {"generators": "p", "links": "p0", "processes": "p"}
_LEVELS = {
    "storage_units": ("state_of_charge", "state_of_charge_initial", "cyclic_state_of_charge", "state_of_charge_set"),
    "stores": ("e", "e_initial", "e_cyclic", "e_set"),
}


@dataclass(frozen=True)
class Rolled:
    """The windows put together."""

    status: Status
    """`optimal` where every window was; else that of the first that was not, and what follows it is missing."""
    objective: float
    """Cost of what is kept of all windows."""
    series: dict[tuple[str, str], Table]
    """(kind, attribute) -> by snapshot, as of a `Plan`, up to the last window that was solved."""
    windows: int
    solved: int
    """Windows that have an optimum."""


def window(network: Network, start: int, stop: int) -> Network:
    """Return the network over some of its snapshots."""
    part = slice(start, stop)
    tables = {kind: _cut(components, part) for kind, components in network.tables.items()}
    weightings = {name: hours[part] for name, hours in network.weightings.items()}
    return Network(network.name, network.snapshots[part], weightings, tables)


def _cut(components: Components, part: slice) -> Components:
    varying = {name: Series(series.rows, series.values[part]) for name, series in components.varying.items()}
    return Components(components.kind, components.names, components.columns, varying)


def roll(
    network: Network,
    horizon: int,
    overlap: int = 0,
    *,
    options: Options | None = None,
    settings: Settings | None = None,
    told: Told = lambda done, of: None,
) -> Rolled:
    """Solve a network window by window, each seeing only itself.

    A window follows on the one before: levels of storage, times on and off, and power for ramps. Budgets (global
    constraints on energy, `e_sum_min` and `e_sum_max`) hold over all windows: each may use its share of what is left,
    by its share of the demand that is left. Storage that is cyclic ends each window as it began the first.

    Args:
        network: capacities given, no investment periods.
        horizon: snapshots of a window.
        overlap: snapshots at its end that the next window solves again.
        options: of the solver.
        settings: how the network is read as a problem.
        told: told how many windows of how many are done.

    Raises:
        FaultyNetwork: the network contradicts itself; every fault is named.
        InputError: capacities to choose, investment periods, kinds of component that hold over the year, or an overlap
            that is no shorter than the horizon.
    """
    _demand_rollable(network, horizon, overlap)
    demand_sound(network)
    chosen, steps = options or Options(), len(network.snapshots)
    starts = range(0, steps, horizon - overlap)
    state, budgets = State(network), Budgets(network)
    kept: list[tuple[Plan, int]] = []
    objective, basis = 0.0, None
    for number, start in enumerate(starts):
        stop = min(start + horizon, steps)
        keep = stop - start if number == len(starts) - 1 else min(horizon - overlap, stop - start)
        part = budgets.share(state.follow(window(network, start, stop)), start, stop)
        plan, values, model, basis = _solve(part, chosen, settings, basis)
        if plan.status != "optimal":
            return Rolled(plan.status, objective, _joined(kept), len(starts), number)
        kept.append((plan, keep))
        objective += _cost_of(model, values, keep)
        state.remember(plan, keep)
        budgets.use(model, plan, keep)
        told(number + 1, len(starts))
    return Rolled("optimal", objective, _joined(kept), len(starts), len(starts))


def _demand_rollable(network: Network, horizon: int, overlap: int) -> None:
    if not 0 <= overlap < horizon:
        raise InputError(
            f"an overlap of {overlap} in a horizon of {horizon}; 0 to horizon − 1 was expected", where="roll"
        )
    if network.periods is not None:
        raise InputError("investment periods cannot be rolled; solve them as one", where=network.name)
    chosen = [
        f"{kind} {name}"
        for kind, nominal in NOMINAL.items()
        for name, ext in zip(network[kind].names, network[kind].flags(f"{nominal}_extendable"), strict=True)
        if ext
    ]
    if chosen:
        raise InputError(f"capacities are given in a rolling horizon, but these are chosen: {', '.join(chosen[:10])}")
    own = [kind for kind, table in network.tables.items() if kind not in PYPSA and len(table)]
    if own:
        raise InputError(f"these hold over the whole year and are not rolled: {', '.join(own)}", where=network.name)


def built(network: Network, sizes: dict[str, dict[str, float]]) -> Network:
    """Return the network with capacities that were chosen as capacities that are given.

    Args:
        network: the energy system.
        sizes: kind -> component -> capacity, as `Plan.capacities` gives them.
    """
    tables = {}
    for kind, of in sizes.items():
        components, nominal = network[kind], NOMINAL[kind]
        given = zip(components.names, components.numbers(nominal), strict=True)
        new = np.array([of.get(name, size) for name, size in given])
        none = np.zeros(len(components), dtype=bool)
        tables[kind] = components.with_column(nominal, new).with_column(f"{nominal}_extendable", none)
    return network.replace(**tables)


def built_as_solved(network: Network) -> Network:
    """Return the network with the columns `p_nom_opt` and the like, which a solved one has, as capacities given.

    Raises:
        InputError: a capacity is to be chosen and has no such column.
    """
    sizes = {}
    for kind, nominal in NOMINAL.items():
        components, column = network[kind], f"{nominal}_opt"
        if column in components.columns:
            given = [float(cell or 0) for cell in components.columns[column]]
            sizes[kind] = dict(zip(components.names, given, strict=True))
        elif components.flags(f"{nominal}_extendable").any():
            raise InputError(f"have capacities to choose, but no column {column}: solve with --out first", where=kind)
    return built(network, sizes)


def _solve(part: Network, options: Options, settings: Settings | None, basis: Any) -> tuple[Plan, Floats, Model, Any]:
    """Solve a window, from the basis of the one before where it has the same shape."""
    model = build(part, settings)
    notes = make_solvable(model)
    solver, entries = highs.hand_over(model.problem, options)
    same = basis is not None and len(basis.col_status) == model.problem.columns
    if same and len(basis.row_status) == model.problem.rows and not model.problem.whole.size:
        solver.setBasis(basis)
    answer = answers.solved(solver, model.problem, options)
    return read_back(model, answer, entries, notes), answer.values, model, solver.getBasis()


def _cost_of(model: Model, values: Floats, keep: int) -> float:
    """Cost of the first snapshots of a window."""
    cost, quadratic = model.problem.cost, model.problem.quadratic
    total = 0.0
    for block in model.problem.blocks.values():
        if block.index.ndim == 2:
            index = block.index[:keep]
            total += float((cost[index] * values[index]).sum())
            total += float((quadratic[index] * values[index] ** 2).sum()) if quadratic.size else 0.0
    return total


def _joined(kept: list[tuple[Plan, int]]) -> dict[tuple[str, str], Table]:
    if not kept:
        return {}
    return {
        key: Table(table.names, np.concatenate([plan.series[key].values[:keep] for plan, keep in kept]))
        for key, table in kept[0][0].series.items()
        if all(key in plan.series for plan, _ in kept)
    }


class State:
    """What one window leaves to the next."""

    def __init__(self, network: Network) -> None:
        self._columns: dict[str, dict[str, Floats]] = {}
        self._network = network

    def follow(self, part: Network) -> Network:
        """Return a window with the state of its beginning in its tables; the first begins as the network says."""
        tables = {}
        for kind, columns in self._columns.items():
            components = part[kind]
            for attribute, values in columns.items():
                components = components.with_column(attribute, values)
            tables[kind] = _round(components, len(part.snapshots)) if kind in _LEVELS else components
        return part.replace(**tables)

    def remember(self, plan: Plan, keep: int) -> None:
        """Keep what the first `keep` snapshots of a window end with."""
        for kind, (level, initial, _, _) in _LEVELS.items():
            if (kind, level) in plan.series:
                values = np.maximum(plan.series[kind, level].values[keep - 1], 0.0)
                self._columns.setdefault(kind, {})[initial] = self._spread(plan, kind, level, values, initial)
        for kind, attribute in _POWERED.items():
            if (kind, attribute) in plan.series:
                self._remember_power(plan, kind, plan.series[kind, attribute].values[:keep])

    def _spread(self, plan: Plan, kind: str, attribute: str, values: Floats, given: str) -> Floats:
        """Values of the components that took part, in the order of all of the kind."""
        table = self._network[kind]
        whole = table.numbers(given)
        row_of = {name: row for row, name in enumerate(table.names)}
        for name, value in zip(plan.series[kind, attribute].names, values, strict=True):
            whole[row_of[name]] = value
        return whole

    def _remember_power(self, plan: Plan, kind: str, power: Floats) -> None:
        columns = self._columns.setdefault(kind, {})
        columns["p_init"] = self._spread(plan, kind, _POWERED[kind], power[-1], "p_init")
        if (kind, "status") in plan.series:
            columns |= self._times(plan, kind, plan.series[kind, "status"].values[: len(power)])

    def _times(self, plan: Plan, kind: str, status: Floats) -> dict[str, Floats]:
        """How long each committed unit has been on or off at the end; an unbroken window counts on from before it."""
        on = np.round(status) > 0
        now = on[-1]
        changed = on[::-1] != now
        unbroken = ~changed.any(axis=0)
        run = np.where(unbroken, len(on), np.argmax(changed, axis=0)).astype(np.float64)
        names, units = plan.series[kind, "status"].names, plan.network[kind]
        rows = [units.names.index(name) for name in names]
        was_on = before_first(units)[rows] > 0
        up, down = (units.numbers(f"{side}_time_before")[rows] for side in ("up", "down"))
        run += np.where(unbroken & (was_on == now), np.where(now, up, down), 0.0)
        times = {"up_time_before": np.where(now, run, 0.0), "down_time_before": np.where(now, 0.0, run)}
        return {name: self._spread(plan, kind, "status", values, name) for name, values in times.items()}


def _round(components: Components, steps: int) -> Components:
    """Cyclic storage ends the window at the level it begins with, which is that of the window before."""
    _, initial, cyclic, held = _LEVELS[components.kind]
    ours = components.flags(cyclic)
    if not ours.any():
        return components
    levels = components.by_snapshot(held, steps).copy()
    levels[-1, ours] = np.minimum(components.numbers(initial), _size(components))[ours]
    rows = np.arange(len(components), dtype=np.int32)
    return Components(
        components.kind, components.names, components.columns, {**components.varying, held: Series(rows, levels)}
    )


def _size(components: Components) -> Floats:
    size = components.numbers(NOMINAL[components.kind])
    return size * components.numbers("max_hours") if components.kind == "storage_units" else size
