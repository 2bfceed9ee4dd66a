"""One limit at many values: the model is built once, only the right side changes, each solve starts from the last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isnan, nan
from typing import Any

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan import answers, highs
from bihuan.plan.city.budgets import side_of
from bihuan.plan.highs import Options, Status
from bihuan.plan.limits import Side
from bihuan.plan.model import Model, Settings
from bihuan.plan.network import Network
from bihuan.plan.optimum import build, demand_sound, make_solvable
from bihuan.plan.results import Plan, read_back

NEVER = 1e15
"""A cap that no plan reaches [t]."""


@dataclass(frozen=True, slots=True)
class Point:
    """One value of the limit and what it leads to."""

    constant: float
    status: Status
    objective: float
    """NaN without a plan."""
    shadow_price: float
    """Change of the objective with one more unit on the limit's right side; NaN without duals."""
    used: float
    """What the plan takes of the limit, in its own unit; NaN without a plan."""
    iterations: int
    plan: Plan | None = None
    """The whole plan, where it was asked for."""


def sweep(
    network: Network,
    constraint: str,
    constants: Iterable[float],
    *,
    options: Options | None = None,
    settings: Settings | None = None,
    keep_plans: bool = False,
) -> Iterator[Point]:
    """Solve a network with a global constraint, or a budget of a pack, at each of several values.

    Args:
        network: the energy system.
        constraint: name of the global constraint or budget.
        constants: its limits, in the order in which they are solved; neighbours should lie close.
        options: of the solver; without a method the simplex, since it starts from the last basis.
        settings: how the network is read as a problem.
        keep_plans: keep the whole plan of each point.

    Returns:
        Each point as it is solved; the next is solved when it is asked for.

    Raises:
        FaultyNetwork: the network contradicts itself; every fault is named.
        InputError: there is no such constraint, or nothing it limits.
    """
    demand_sound(network)
    model = build(network, settings)
    notes = make_solvable(model)
    row, side = _row(model, constraint)
    chosen = options or Options()
    chosen = replace(chosen, method="simplex") if chosen.method == "auto" and not model.problem.whole.size else chosen
    solver, entries = highs.hand_over(model.problem, chosen)

    def point(constant: float) -> Point:
        solver.changeRowBounds(row, *side.bounds(constant))
        answer = answers.solved(solver, model.problem, chosen)
        plan = read_back(model, answer, entries, notes) if keep_plans else None
        price = float(answer.row_duals[row]) if answer.row_duals.size else nan
        used = side.limit_of(model.problem.matrix().of_row(row, answer.values)) if answer.values.size else nan
        return Point(constant, answer.status, answer.objective, price, used, answer.iterations, plan)

    return map(point, constants)


def _row(model: Model, constraint: str) -> tuple[int, Side]:
    """The constraint's row, and how its limit becomes the right side of it."""
    block = model.problem.constraints.get(f"global-{constraint}")
    own, budgets = model.network["global_constraints"], model.components["budgets"]
    if block is None:
        known = ", ".join((*own.names, *budgets.names)) or "none"
        raise InputError(f"no global constraint {constraint!r} that limits anything; there are: {known}", where="sweep")
    row = int(block.index[0])
    if constraint in budgets.names:
        return row, side_of(model, budgets, budgets.names.index(constraint))
    at = own.names.index(constraint)
    sense, constant = own.texts("sense")[at], float(own.numbers("constant")[at])
    bound = model.problem.row_lower[row] if sense == ">=" else model.problem.row_upper[row]
    return row, Side(sense, other=constant - float(bound))


def limit_of(network: Network, constraint: str) -> float:
    """Return the limit of a global constraint or a budget, in its own unit.

    Raises:
        InputError: there is none of that name.
    """
    for kind, attribute in (("budgets", "limit"), ("global_constraints", "constant")):
        if constraint in network[kind].names:
            return float(network[kind].numbers(attribute)[network[kind].names.index(constraint)])
    known = ", ".join((*network["budgets"].names, *network["global_constraints"].names)) or "none"
    raise InputError(f"no budget {constraint!r}; there are {known}", where=network.name)


def with_carbon_cap(network: Network, name: str = "co2") -> tuple[Network, str]:
    """Return the network with a cap on CO2 that binds nothing yet, and its name; its own, where it has one.

    A network with fuels, as packs have, gets a budget; any other a global constraint.
    """
    budgets, table = network["budgets"], network["global_constraints"]
    own = [n for n, kind in zip(budgets.names, budgets.texts("type"), strict=True) if kind == "co2"]
    kinds = zip(table.names, table.texts("type"), table.texts("carrier_attribute"), strict=True)
    own += [n for n, kind, attribute in kinds if (kind, attribute) == ("primary_energy", "co2_emissions")]
    if own:
        return network, own[0]
    if len(network["fuels"]):
        return network.replace(budgets=budgets.with_row(name, type="co2", limit=NEVER)), name
    cap = {"type": "primary_energy", "carrier_attribute": "co2_emissions", "sense": "<="}
    return network.replace(global_constraints=table.with_row(name, constant=NEVER, **cap)), name


def sweep_on_ray(
    network: Network,
    constraint: str,
    constants: Sequence[float],
    *,
    address: str | None = None,
    options: Options | None = None,
    settings: Settings | None = None,
) -> list[Point]:
    """Solve as `sweep` does, the values in runs of neighbours spread over Ray's workers (the extra `ray`).

    Args:
        network: the energy system.
        constraint: name of the global constraint.
        constants: its right sides.
        address: of a cluster; None for this machine.
        options: of the solver; what is called back is left out, since workers are elsewhere.
        settings: how the network is read as a problem.

    Raises:
        As `sweep`.
    """
    import ray

    demand_sound(network)
    mine = not ray.is_initialized()
    if mine:
        ray.init(address=address, include_dashboard=False, log_to_driver=False)
    plain = replace(options or Options(), progress=None, interruptible=False, cancelled=None)
    try:
        workers = max(1, min(len(constants), int(_cores(ray))))
        shared: Any = ray.put(network)
        task: Any = ray.remote(_swept)
        parts = [list(part) for part in np.array_split(np.asarray(constants, dtype=float), workers)]
        how = {"options": plain, "settings": settings}
        runs = [task.remote(shared, constraint, part, how) for part in parts]
        return [point for run in ray.get(runs) for point in run]
    finally:
        if mine:
            ray.shutdown()


def _swept(network: Network, constraint: str, constants: list[float], how: Mapping[str, Any]) -> list[Point]:
    return list(sweep(network, constraint, constants, **how))


def _cores(ray: Any) -> float:
    return float(ray.cluster_resources().get("CPU", 1))


def evenly(first: float, last: float, steps: int) -> list[float]:
    """Return `steps` values from the first to the last, both included.

    Raises:
        InputError: fewer than one step, or an end that is no number.
    """
    if steps < 1 or isnan(first) or isnan(last) or inf in (abs(first), abs(last)):
        raise InputError(f"{steps} steps from {first} to {last}; at least one, between two numbers", where="sweep")
    return [float(value) for value in np.linspace(first, last, steps)]
