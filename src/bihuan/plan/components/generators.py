"""Generators: p between p_min_pu and p_max_pu times p_nom."""

from __future__ import annotations

from math import inf

import numpy as np

from bihuan.plan.components import power
from bihuan.plan.matrix import Block
from bihuan.plan.model import Model
from bihuan.plan.network import Components


def add(model: Model) -> None:
    """Add power [MW] with all that bounds it, and limits of the energy over all snapshots."""
    generators = model.take("generators")
    p = power.add(model, generators, "generators-p")
    model.feed(model.network.buses_of(generators, "bus"), p, generators.numbers("sign"))
    _limit_energy(model, generators, p)


def _limit_energy(model: Model, generators: Components, p: Block) -> None:
    least, most = generators.numbers("e_sum_min"), generators.numbers("e_sum_max")
    in_service = model.active(generators).any(axis=0)
    limited = np.flatnonzero(((least > -inf) | (most < inf)) & in_service)
    if limited.size:
        rows = model.problem.rows_between("generators-e_sum", least[limited], most[limited], limited.shape)
        model.problem.put(rows.index, p.index[:, limited], model.hours("generators"))
