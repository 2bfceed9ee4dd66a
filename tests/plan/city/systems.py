"""A small system with one fuel, put together table by table."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from bihuan.plan import Network, Plan, solve
from bihuan.plan.pack.table import Cell, TableMaker

Rows = dict[str, dict[str, Cell]]

FUEL_PRICE, FUEL_CO2 = 600.0, 2.8


def network(hours: int, **tables: Rows) -> Network:
    """Return a network of `hours` hours with a bus `city`, a heat bus, and coal at 600 CNY/tce and 2.8 t/tce."""
    begin = datetime(2022, 1, 1)  # noqa: DTZ001
    snapshots = tuple((begin + timedelta(hours=h)).strftime("%Y-%m-%d %H:%M") for h in range(hours))
    given: dict[str, Rows] = {
        "buses": {"city": {}, "heat": {"carrier": "heat"}, "coal": {"carrier": "coal"}},
        "fuels": {"coal": {"co2": FUEL_CO2}},
        "generators": {"coal": {"bus": "coal", "carrier": "coal", "p_nom": 1e6, "marginal_cost": FUEL_PRICE}},
    }
    for kind, rows in tables.items():
        given[kind] = {**given.get(kind, {}), **rows}
    made = {}
    for kind, rows in given.items():
        maker = TableMaker(kind)
        for name, cells in rows.items():
            maker.add(name, **cells)
        made[kind] = maker.table()
    weightings = {name: np.ones(hours) for name in ("objective", "stores", "generators")}
    return Network("test", snapshots, weightings, made)


def solved(hours: int, **tables: Rows) -> Plan:
    """Return the optimum of `network(…)`."""
    plan = solve(network(hours, **tables))
    assert plan.status == "optimal"
    return plan
