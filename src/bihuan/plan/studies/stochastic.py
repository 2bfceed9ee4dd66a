"""Two stages under uncertainty: build once, then operate in whatever comes (extensive form).

    minimise  Σ_s probability_s · cost_s(x, y_s)   with the same capacities x in every future s

Each future is a network of its own (another weather, price or load). Capacities of the same component are tied together;
budgets hold in each future.

Source: J. R. Birge and F. Louveaux, Introduction to Stochastic Programming (2011), ch. 2 and 4 (value of perfect
information).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan import highs
from bihuan.plan.highs import Answer, Options, Status
from bihuan.plan.matrix import Block, Problem
from bihuan.plan.model import Model
from bihuan.plan.network import Network
from bihuan.plan.optimum import build, demand_sound
from bihuan.plan.results import Plan, read_back


@dataclass(frozen=True)
class Stochastic:
    """The plan to build now, and how it fares in each future."""

    status: Status
    cost: float
    """Expected cost; NaN without an optimum."""
    plans: dict[str, Plan]
    """Future -> its plan, all with the same capacities; empty without an optimum."""
    capacities: dict[str, float]
    """Component -> chosen capacity [MW or MWh], the same in every future."""
    cost_if_known: float
    """Expected cost if the future were known before building."""

    @property
    def value_of_knowing(self) -> float:
        """What perfect information would be worth."""
        return self.cost - self.cost_if_known


def stochastic(futures: Mapping[str, tuple[Network, float]], options: Options | None = None) -> Stochastic:
    """Return the plan that is best on average over futures.

    Args:
        futures: name -> (network, probability); probabilities add up to 1.
        options: of the solver.

    Raises:
        InputError: probabilities do not add up, capacities to choose differ, or a problem has whole numbers or squares.
    """
    _check(futures)
    models = {name: build(network) for name, (network, _) in futures.items()}
    problem, parts = _joined(models, {name: share for name, (_, share) in futures.items()})
    chosen = options or Options()
    solver, entries = highs.hand_over(problem, chosen)
    answer = highs.run(solver, chosen)
    if answer.status != "optimal":
        return Stochastic(answer.status, float("nan"), {}, {}, float("nan"))
    plans = {
        name: read_back(model, _part(answer, model, *parts[name], futures[name][1]), entries)
        for name, model in models.items()
    }
    first = next(iter(models))
    chosen_columns = _capacities(models[first], parts[first][0])
    capacities = {name: float(answer.values[column]) for (_, name), column in chosen_columns.items()}
    known = sum(share * _alone(network, chosen) for network, share in futures.values())
    return Stochastic(answer.status, answer.objective, plans, capacities, known)


def _check(futures: Mapping[str, tuple[Network, float]]) -> None:
    total = sum(share for _, share in futures.values())
    if abs(total - 1) > 1e-9 or any(share <= 0 for _, share in futures.values()):
        raise InputError(
            f"probabilities add up to {total:g}; positive ones that add up to 1 were expected", where="futures"
        )
    for network, _ in futures.values():
        demand_sound(network)


def _joined(models: Mapping[str, Model], shares: Mapping[str, float]) -> tuple[Problem, dict[str, tuple[Block, Block]]]:
    """One problem beside the other, with rows that tie capacities of the same component to those of the first."""
    joint = Problem()
    parts = {}
    for name, model in models.items():
        own = model.problem
        if own.whole.size or own.quadratic.size:
            raise InputError("two stages are worked out for linear problems only", where=name)
        columns = joint.variables(name, own.lower, own.upper, own.cost * shares[name], (own.columns,))
        rows = joint.rows_between(name, own.row_lower, own.row_upper, (own.rows,))
        matrix = own.matrix()
        which = np.repeat(np.arange(own.rows), np.diff(matrix.starts))
        joint.put(rows.index[which], columns.index[matrix.columns], matrix.values)
        parts[name] = (columns, rows)
    first, *others = models
    base = _capacities(models[first], parts[first][0])
    for name in others:
        mine = _capacities(models[name], parts[name][0])
        if mine.keys() != base.keys():
            odd = ", ".join(f"{kind} {component}" for kind, component in sorted(mine.keys() ^ base.keys())[:10])
            raise InputError(f"futures choose different capacities: {odd}", where=name)
        tie = joint.rows_between(f"{name}-as-{first}", 0.0, 0.0, (len(base),))
        joint.put(tie.index, np.array([base[key] for key in base], dtype=np.int32), 1.0)
        joint.put(tie.index, np.array([mine[key] for key in base], dtype=np.int32), -1.0)
    return joint, parts


def _capacities(model: Model, columns: Block) -> dict[tuple[str, str], int]:
    """(kind, component) -> its capacity variable in the joint problem."""
    return {
        (kind, model.components[kind].names[at]): int(columns.index[column])
        for kind, capacity in model.capacities.items()
        for at, column in zip(capacity.chosen, capacity.variables.index, strict=True)
    }


def _part(answer: Answer, model: Model, columns: Block, rows: Block, share: float) -> Answer:
    """The answer for one future: its own cost, and multipliers per unit of its own right sides."""
    values = columns.of(answer.values)
    return replace(
        answer,
        objective=float(values @ model.problem.cost),
        values=values,
        row_duals=rows.of(answer.row_duals) / share,
        column_duals=columns.of(answer.column_duals) / share,
    )


def _alone(network: Network, options: Options) -> float:
    solver, _ = highs.hand_over(build(network).problem, options)
    return highs.run(solver, options).objective
