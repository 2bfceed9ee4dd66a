"""The case that plans are measured on: a made-up city of 12 buses, 60 generators, 10 storage units, 18 branches, a cap."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

BUSES, GENERATORS, STORAGE, LINES, LINKS = 12, 60, 10, 14, 4
SEED = 2022


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep PyPSA's and linopy's logs and warnings out of the table."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.disable(level)


def city(hours: int, times: int = 1, cap: float = 0.45, seed: int = SEED) -> Any:
    """Return the case as a PyPSA network: `times` copies side by side, `cap` of what coal alone would emit."""
    import pandas as pd
    import pypsa

    random = np.random.default_rng(seed)
    n = pypsa.Network(snapshots=pd.date_range("2030-01-01", periods=hours, freq="h"))
    n.add("Carrier", ["coal", "gas", "wind", "sun", "AC"], co2_emissions=[0.34, 0.2, 0, 0, 0])
    demand = 0.0
    for copy in range(times):
        demand += _one(n, hours, random, f" {copy}" if times > 1 else "")
    n.add("GlobalConstraint", "co2", sense="<=", constant=cap * demand * 0.34 / 0.38)
    return n


def _one(n: Any, hours: int, random: np.random.Generator, suffix: str) -> float:
    """Add one city and return its demand [MWh]."""
    buses = [f"bus {i}{suffix}" for i in range(BUSES)]
    n.add("Bus", buses, v_nom=220.0)
    hour = np.arange(hours)[:, None]
    day, season = np.cos(2 * np.pi * (hour % 24 - 19) / 24), np.cos(2 * np.pi * hour / 8760)
    size = random.uniform(60, 260, BUSES)
    load = size * (1 + 0.25 * day + 0.1 * season + 0.05 * random.standard_normal((hours, BUSES)))
    n.add("Load", [f"load {b}" for b in buses], bus=buses, p_set=load)
    _generators(n, hours, random, buses, suffix)
    _grid(n, random, buses, suffix)
    return float(load.sum())


def _generators(n: Any, hours: int, random: np.random.Generator, buses: list[str], suffix: str) -> None:
    hour = np.arange(hours)[:, None]
    sun = np.clip(np.cos(2 * np.pi * (hour % 24 - 12.5) / 24), 0, None) * random.uniform(0.5, 1, (hours, 1))
    blow = np.clip(0.35 + np.cumsum(0.06 * random.standard_normal((hours, 15)), axis=0) % 1 - 0.3, 0, 1)
    kinds = {
        "wind": (15, 160e3, 1.0, np.inf),
        "sun": (15, 75e3, 0.5, np.inf),
        "coal": (18, 0, 30, 150),
        "gas": (12, 0, 72, 120),
    }
    scale = hours / 8760
    for kind, (number, capital, cost, size) in kinds.items():
        where = [buses[i % BUSES] for i in range(number)]
        names = [f"{kind} {i}{suffix}" for i in range(number)]
        more: dict[str, Any] = {}
        if kind == "wind":
            more["p_max_pu"] = blow
        elif kind == "sun":
            more["p_max_pu"] = np.clip(sun * random.uniform(0.8, 1, (hours, number)), 0, 1)
        else:
            more = {"p_nom": size, "efficiency": random.uniform(0.36, 0.42, number)}
        n.add(
            "Generator",
            names,
            bus=where,
            carrier=kind,
            marginal_cost=cost * random.uniform(0.9, 1.1, number),
            capital_cost=capital * scale * random.uniform(0.95, 1.05, number),
            p_nom_extendable=size == np.inf,
            **more,
        )
    names = [f"store {i}{suffix}" for i in range(STORAGE)]
    n.add(
        "StorageUnit",
        names,
        bus=[buses[i] for i in range(STORAGE)],
        p_nom_extendable=[i < 5 for i in range(STORAGE)],
        p_nom=60,
        capital_cost=60e3 * scale,
        max_hours=[4 if i < 5 else 8 for i in range(STORAGE)],
        marginal_cost=random.uniform(0.2, 0.8, STORAGE),
        efficiency_store=0.93,
        efficiency_dispatch=0.93,
        cyclic_state_of_charge=True,
    )


def _grid(n: Any, random: np.random.Generator, buses: list[str], suffix: str) -> None:
    ends = [(i, (i + 1) % BUSES) for i in range(BUSES)] + [(0, 6), (3, 9)]
    n.add(
        "Line",
        [f"line {i}{suffix}" for i in range(LINES)],
        bus0=[buses[a] for a, _ in ends],
        bus1=[buses[b] for _, b in ends],
        x=random.uniform(5, 15, LINES),
        s_nom=400,
        carrier="AC",
    )
    n.add(
        "Link",
        [f"link {i}{suffix}" for i in range(LINKS)],
        bus0=[buses[i] for i in range(LINKS)],
        bus1=[buses[i + 5] for i in range(LINKS)],
        p_nom=150,
        efficiency=0.97,
        p_min_pu=0,
        carrier="AC",
    )
