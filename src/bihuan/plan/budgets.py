"""Budgets of energy over a year that is solved in windows: what each window may use of what is left."""

from __future__ import annotations

from math import isfinite

import numpy as np

from bihuan.plan import limits
from bihuan.plan.components.storage import rule_of
from bihuan.plan.model import Model
from bihuan.plan.network import Floats, Network
from bihuan.plan.results import Plan

_STORAGE = (("storage_units", "state_of_charge"), ("stores", "e"))


class Budgets:
    """What is left of the global constraints on energy, and of `e_sum_min` and `e_sum_max` of each generator."""

    def __init__(self, network: Network) -> None:
        table, generators, steps = network["global_constraints"], network["generators"], len(network.snapshots)
        self._rows = [at for at, kind in enumerate(table.texts("type")) if kind in limits.ENERGY]
        self._left = table.numbers("constant")
        self._sums = {name: generators.numbers(name) for name in ("e_sum_min", "e_sum_max")}
        hours = network.weightings["generators"]
        loads = network["loads"]
        demand = np.abs(loads.by_snapshot("p_set", steps)).sum(axis=1) * hours
        self._still = np.append(np.cumsum(demand[::-1])[::-1], 0.0)
        self._hours = np.append(np.cumsum(hours[::-1])[::-1], 0.0)

    def share(self, part: Network, start: int, stop: int) -> Network:
        """Return a window with its share of every budget: by demand for constraints, by hours for single generators."""
        constants, sums = self._left.copy(), part["generators"]
        constants[self._rows] *= _fraction(self._still, start, stop)
        for name, left in self._sums.items():
            share = _fraction(self._hours, start, stop)
            part_of = np.where(np.isfinite(left), left * share, left)
            if np.isfinite(left).any():
                sums = sums.with_column(name, part_of)
        table = part["global_constraints"]
        if len(table):
            part = part.replace(global_constraints=table.with_column("constant", constants))
        return part.replace(generators=sums) if len(sums) else part

    def use(self, model: Model, plan: Plan, keep: int) -> None:
        """Take off what the first `keep` snapshots of a window have used."""
        table = model.network["global_constraints"]
        for at in self._rows:
            limit = limits.limit_at(model, table, at)
            of_generators, of_storage = limits.ENERGY[table.texts("type")[at]](model, limit)
            generators = model.components["generators"]
            weights = np.broadcast_to(of_generators(generators), (model.steps, len(generators)))
            used = _energy(model, plan, weights, keep)
            self._left[at] -= used + sum(_taken(model, plan, kind, stem, of_storage, keep) for kind, stem in _STORAGE)
        if any(isfinite(value) for left in self._sums.values() for value in left):
            self._use_sums(model, plan, keep)

    def _use_sums(self, model: Model, plan: Plan, keep: int) -> None:
        table = plan.series["generators", "p"]
        given = dict(
            zip(table.names, (model.hours("generators")[:keep] * table.values[:keep]).sum(axis=0), strict=True)
        )
        used = np.array([given.get(name, 0.0) for name in model.network["generators"].names])
        for name in self._sums:
            self._sums[name] = self._sums[name] - used


def _fraction(left: Floats, start: int, stop: int) -> float:
    return float((left[start] - left[stop]) / left[start]) if left[start] > 0 else 1.0


def _energy(model: Model, plan: Plan, weights: Floats, keep: int) -> float:
    p = plan.series["generators", "p"].values[:keep]
    return float((weights[:keep] * model.hours("generators")[:keep] * p).sum()) if p.size else 0.0


def _taken(model: Model, plan: Plan, kind: str, stem: str, weight: limits.Weight, keep: int) -> float:
    """What storage that is not cyclic has given off of its first level."""
    components = model.components[kind]
    if not len(components):
        return 0.0
    weights = np.where(rule_of(components, stem).cyclic, 0.0, weight(components))
    levels = plan.series[kind, stem].values[keep - 1]
    return float(weights @ (components.numbers(f"{stem}_initial") - levels))
