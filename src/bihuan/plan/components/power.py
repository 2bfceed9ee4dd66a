"""What generators, links and processes share: one power each, bounded, committed, ramped and paid for."""

from __future__ import annotations

from bihuan.plan.components import commitment, ramps, relaxation
from bihuan.plan.matrix import Block
from bihuan.plan.model import Model, refuse
from bihuan.plan.network import Components


def add(model: Model, components: Components, label: str) -> Block:
    """Add the power [MW] of each component by snapshot, its cost, commitment and ramps."""
    refuse(components, components.flags("maintainable"), "is maintainable")
    steps, hours = model.steps, model.hours("objective")
    capacity, active = model.capacity(components), model.active(components)
    p = model.dispatch(
        label,
        capacity,
        components.by_snapshot("p_min_pu", steps),
        components.by_snapshot("p_max_pu", steps),
        components.by_snapshot("marginal_cost", steps) * hours,
        components.by_snapshot("p_set", steps),
        active,
        components.flags("committable"),
    )
    committed = commitment.add(model, components, capacity, p, active)
    if committed is not None and model.settings.linearized_commitment:
        relaxation.tighten(model, committed, p)
    ramps.add(model, components, capacity, p, active, committed)
    model.problem.put_square(p.index, components.by_snapshot("marginal_cost_quadratic", steps) * hours)
    return p
