"""Power sold over a line by contract (外送合同): an energy of the year, and a band around an hourly shape.

With s the shape scaled to a mean of 1, m the mean power of the year and p what is sent [MW]:

    energy_min <= m · Σ hours = Σ p · hours <= energy_max
    (1 − band) · s · m <= p <= (1 + band) · s · m       where band < 1000
    0 <= p <= p_nom;   each MWh earns its price
"""

from __future__ import annotations

from math import inf

import numpy as np

from bihuan.plan.model import Model

_FREE = 1000.0
"""A band from here on binds nothing."""


def add(model: Model) -> None:
    """Add what each contract sends [MW] and the mean of its year."""
    contracts = model.take("export_contracts")
    if not len(contracts):
        return
    income = contracts.by_snapshot("price", model.steps) * model.hours("objective")
    shape = income.shape
    sent = model.problem.variables("export_contracts-p", 0.0, contracts.numbers("p_nom"), -income, shape)
    model.feed(model.network.buses_of(contracts, "bus"), sent, -1.0)
    hours = model.hours("generators")
    year = float(hours.sum())
    least, most = (contracts.numbers(side) / year for side in ("energy_min", "energy_max"))
    mean = model.problem.variables("export_contracts-mean", least, most, 0.0, (len(contracts),))
    rows = model.problem.rows_between("export_contracts-year", 0.0, 0.0, (len(contracts),))
    model.problem.put(rows.index, sent.index, hours / year)
    model.problem.put(rows.index, mean.index, -1.0)
    form = contracts.by_snapshot("shape", model.steps)
    form = form / ((form * hours).sum(axis=0) / year)
    band = contracts.numbers("band")
    bound = np.flatnonzero(band < _FREE)
    for side, sign in (("above", 1.0), ("below", -1.0)):
        if bound.size:
            limit = model.problem.rows_between(f"export_contracts-{side}", -inf, 0.0, (model.steps, bound.size))
            model.problem.put(limit.index, sent.index[:, bound], sign)
            factor = np.maximum(1 + sign * band[bound], 0.0)
            model.problem.put(limit.index, mean.index[bound], -sign * factor * form[:, bound])
