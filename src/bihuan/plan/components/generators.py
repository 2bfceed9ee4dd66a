"""Generators: p between p_min_pu and p_max_pu times p_nom."""

from __future__ import annotations

from math import inf

import numpy as np

from bihuan.plan.matrix import Block
from bihuan.plan.model import Model, refuse
from bihuan.plan.network import Components


def add(model: Model) -> None:
    """Add dispatch [MW], its cost, ramps and limits of the energy over all snapshots."""
    generators = model.take("generators")
    refuse(generators, generators.flags("committable"), "has unit commitment")
    refuse(generators, (generators.by_snapshot("marginal_cost_quadratic", 1) != 0)[0], "has a quadratic cost")
    capacity = model.capacity(generators, "p_nom")
    p = model.dispatch(
        "generators-p",
        capacity,
        generators.by_snapshot("p_min_pu", model.steps),
        generators.by_snapshot("p_max_pu", model.steps),
        generators.by_snapshot("marginal_cost", model.steps) * model.hours("objective"),
        generators.by_snapshot("p_set", model.steps),
    )
    model.feed(model.network.buses_of(generators, "bus"), p, generators.numbers("sign"))
    model.ramps(generators, capacity, p)
    _limit_energy(model, generators, p)


def _limit_energy(model: Model, generators: Components, p: Block) -> None:
    least, most = generators.numbers("e_sum_min"), generators.numbers("e_sum_max")
    limited = np.flatnonzero((least > -inf) | (most < inf))
    if limited.size:
        rows = model.problem.rows_between("generators-e_sum", least[limited], most[limited], limited.shape)
        model.problem.put(rows.index, p.index[:, limited], model.hours("generators"))
