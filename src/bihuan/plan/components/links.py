"""Links: p0 is drawn from bus0; bus1, bus2, … receive it times their efficiency."""

from __future__ import annotations

import re

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.attributes import ATTRIBUTES
from bihuan.plan.matrix import Block
from bihuan.plan.model import Model, refuse
from bihuan.plan.network import Components


def add(model: Model) -> None:
    """Add flow [MW at bus0], its cost and ramps, and what each further port receives."""
    links = model.take("links")
    refuse(links, links.flags("committable"), "has unit commitment")
    refuse(links, (links.by_snapshot("marginal_cost_quadratic", 1) != 0)[0], "has a quadratic cost")
    capacity = model.capacity(links, "p_nom")
    p0 = model.dispatch(
        "links-p0",
        capacity,
        links.by_snapshot("p_min_pu", model.steps),
        links.by_snapshot("p_max_pu", model.steps),
        links.by_snapshot("marginal_cost", model.steps) * model.hours("objective"),
        links.by_snapshot("p_set", model.steps),
    )
    model.feed(model.network.buses_of(links, "bus0"), p0, -1.0)
    model.feed(model.network.buses_of(links, "bus1"), p0, links.by_snapshot("efficiency", model.steps))
    for port in _further_ports(links):
        _feed_port(model, links, p0, port)
    model.ramps(links, capacity, p0)


def _further_ports(links: Components) -> list[str]:
    """Ports beyond bus1 that the table names: `2`, `3` and so on."""
    return sorted(name[3:] for name in links.columns if re.fullmatch(r"bus([2-9]|[1-9]\d)", name))


def _feed_port(model: Model, links: Components, p0: Block, port: str) -> None:
    buses = links.texts(f"bus{port}")
    used = np.array([bool(bus) for bus in buses], dtype=bool)
    unknown = sorted({bus for bus in buses if bus and bus not in model.network.bus_index})
    if unknown:
        raise InputError(f"no such bus in bus{port}: {', '.join(unknown[:10])}", where="links")
    ATTRIBUTES["links"].setdefault(f"efficiency{port}", 1.0)
    efficiency = links.by_snapshot(f"efficiency{port}", model.steps)[:, used]
    at = np.array([model.network.bus_index[bus] for bus in buses if bus], dtype=np.int32)
    model.problem.put(model.balance.index[:, at], p0.index[:, used], efficiency)
