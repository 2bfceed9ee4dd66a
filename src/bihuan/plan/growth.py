"""Limits on capacity by carrier outside `global_constraints`: growth by period, and the columns `nom_max_…` of buses."""

from __future__ import annotations

from math import inf

import numpy as np

from bihuan.plan.attributes import ATTRIBUTES
from bihuan.plan.limits import in_service
from bihuan.plan.model import Model
from bihuan.plan.network import Bools, Components, Floats

_AT_ONE_BUS = ("generators", "storage_units", "stores")


def add(model: Model) -> None:
    """Add a row for each carrier with `max_growth` and each period, and for each bus with `nom_min_…` or `nom_max_…`."""
    if model.network.periods is not None:
        _growth(model)
    buses = model.network["buses"]
    for column in buses.columns:
        if column.startswith(("nom_min_", "nom_max_")):
            _at_buses(model, column)


def _growth(model: Model) -> None:
    """New capacity of a period <= max_growth + max_relative_growth · new capacity of the period before."""
    carriers, periods = model.network["carriers"], model.network.periods
    assert periods is not None
    most = carriers.numbers("max_growth")
    relative = np.maximum(carriers.numbers("max_relative_growth"), 0.0)
    for at in np.flatnonzero(most < inf):
        news = {kind: _new_in(model, table, carriers.names[at]) for kind, table in _chosen_kinds(model).items()}
        if not any(new.any() for new in news.values()):
            continue
        label = f"carriers-growth-{carriers.names[at]}"
        rows = model.problem.rows_between(label, -inf, most[at], (len(periods.years),)).index
        for kind, new in news.items():
            size = model.capacities[kind].variables.index
            model.problem.put(rows[:, None], size[None, :], new)
            model.problem.put(rows[1:, None], size[None, :], -relative[at] * new[:-1])


def _chosen_kinds(model: Model) -> dict[str, Components]:
    return {kind: model.components[kind] for kind in model.capacities if "carrier" in ATTRIBUTES[kind]}


def _new_in(model: Model, components: Components, carrier: str) -> Floats:
    """1 where a chosen component of the carrier comes into service in a period, shape (periods, chosen)."""
    service = model.in_period(components)
    first = service & (np.cumsum(service, axis=0) == 1)
    ours = np.array([name == carrier for name in components.texts("carrier")], dtype=bool)
    new = (first & ours)[:, model.capacities[components.kind].chosen]
    return np.asarray(new, dtype=np.float64)


def _at_buses(model: Model, column: str) -> None:
    """`nom_max_<carrier>` or `nom_max_<carrier>_<period>`: capacity of that carrier chosen at the bus."""
    buses, sense, rest = model.network["buses"], column[:7], column[8:]
    carrier, period = _carrier_and_period(model, rest)
    if carrier is None:
        return
    given = np.array([float(cell) if cell not in ("", "nan") else np.nan for cell in buses.texts(column)])
    for bus in np.flatnonzero(~np.isnan(given)):
        parts = [(kind, _here(model, kind, carrier, period, buses.names[bus])) for kind in _AT_ONE_BUS]
        if any(marked.any() for _, marked in parts):
            low, high = (given[bus], inf) if sense == "nom_min" else (-inf, given[bus])
            row = model.problem.rows_between(f"buses-{column}-{buses.names[bus]}", low, high, (1,)).index
            for kind, marked in parts:
                model.problem.put(row, model.capacities[kind].variables.index[marked], 1.0)


def _carrier_and_period(model: Model, rest: str) -> tuple[str | None, int | None]:
    names, periods = model.network["carriers"].names, model.network.periods
    if rest in names:
        return rest, None
    carrier, _, year = rest.rpartition("_")
    if periods is not None and carrier in names and year.isdigit() and int(year) in periods.years:
        return carrier, periods.years.index(int(year))
    return None, None


def _here(model: Model, kind: str, carrier: str, period: int | None, bus: str) -> Bools:
    """Which chosen components are of the carrier, at the bus and in service in the period."""
    components = model.components[kind]
    pairs = zip(components.texts("carrier"), components.texts("bus"), strict=True)
    ours = np.array([pair == (carrier, bus) for pair in pairs], dtype=bool)
    if period is not None:
        ours &= in_service(model, components, period)
    return ours[model.capacities[kind].chosen]
