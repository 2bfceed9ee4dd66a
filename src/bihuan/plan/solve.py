"""A network -> the least-cost plan, with what each step took."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bihuan.plan import highs, limits
from bihuan.plan.components import ALL
from bihuan.plan.highs import Method, Status
from bihuan.plan.model import Model
from bihuan.plan.network import Floats, Network

Timer = Callable[[], float]


@dataclass(frozen=True)
class Plan:
    """The answer to a network."""

    status: Status
    """`optimal` only where HiGHS proved it."""
    objective: float
    """Cost of operation and of chosen capacity in the currency of the network, without PyPSA's objective constant."""
    capacities: dict[str, dict[str, float]]
    """Kind -> component -> optimal capacity [MW or MWh], for components whose capacity was chosen."""
    series: dict[str, Floats]
    """Block (`generators-p`, `links-p0`, `storage_units-state_of_charge`, …) -> (snapshots, components)."""
    names: dict[str, tuple[str, ...]]
    """Kind -> components, in the order of the series' columns."""
    prices: Floats
    """Marginal price of each bus by snapshot [currency/MWh], shape (snapshots, buses)."""
    shadow_prices: dict[str, float]
    """Global constraint -> change of the objective with one more unit of its constant."""
    rows: int
    columns: int
    nonzeros: int
    seconds: dict[str, float]
    """`build`, `solve`, `results`."""


def solve(
    network: Network, method: Method = "auto", *, time_limit: float | None = None, timer: Timer = lambda: 0.0
) -> Plan:
    """Return the least-cost plan of a network.

    Args:
        network: the energy system.
        method: algorithm of HiGHS; `auto` lets it choose.
        time_limit: seconds after which the solver stops without an optimum; None for no limit.
        timer: clock that `seconds` is measured with, such as `time.perf_counter`.

    Raises:
        InputError: the network contradicts itself or uses what is not modelled yet.
        OutsideError: HiGHS refuses the problem.
    """
    begun = timer()
    model = build(network)
    solver, nonzeros = highs.hand_over(model.problem, method, time_limit)
    built = timer()
    answer = highs.run(solver, nonzeros)
    solved = timer()
    plan = _read_back(model, answer)
    plan.seconds.update(build=built - begun, solve=solved - built, results=timer() - solved)
    return plan


def build(network: Network) -> Model:
    """Return the problem of a network, ready to be handed over."""
    model = Model(network)
    for add in ALL:
        add(model)
    limits.add(model)
    return model


def _read_back(model: Model, answer: highs.Answer) -> Plan:
    solved = answer.status == "optimal"
    problem = model.problem
    capacities, series, shadow_prices = {}, {}, {}
    prices = np.zeros(model.balance.index.shape)
    if solved:
        capacities = {kind: _chosen(model, kind, answer.values) for kind in model.capacities}
        series = {label: b.of(answer.values) for label, b in problem.blocks.items() if b.index.ndim == 2}
        prices = model.balance.of(answer.row_duals) / model.hours("objective")
        shadow_prices = {
            label.removeprefix("global-"): float(block.of(answer.row_duals)[0])
            for label, block in problem.constraints.items()
            if label.startswith("global-")
        }
    return Plan(
        answer.status,
        answer.objective,
        capacities,
        series,
        {kind: components.names for kind, components in model.components.items()},
        prices,
        shadow_prices,
        problem.rows,
        problem.columns,
        answer.nonzeros,
        {},
    )


def _chosen(model: Model, kind: str, values: Floats) -> dict[str, float]:
    capacity = model.capacities[kind]
    names = [model.components[kind].names[row] for row in capacity.chosen]
    return dict(zip(names, capacity.variables.of(values).tolist(), strict=True))
