"""Lines and transformers: flows that Kirchhoff's voltage law ties together on every loop of the grid."""

from __future__ import annotations

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.cycles import Branch, cycles
from bihuan.plan.line_types import ohm_per_km
from bihuan.plan.matrix import Block
from bihuan.plan.model import Model, refuse
from bihuan.plan.network import Components, Floats, Ints

_SCALE = 1e5
"""The per-unit reactances of a high-voltage grid are tiny; both sides of 0 are scaled alike."""


def add(model: Model) -> None:
    """Add flows [MW from bus0 to bus1] within the branches' capacity, and the voltage law on a basis of loops."""
    branches = [branch for kind in ("lines", "transformers") for branch in _add_kind(model, kind)]
    loops = cycles(branches)
    if not loops:
        return
    rows = model.problem.rows_between("voltage-law", 0.0, 0.0, (model.steps, len(loops)))
    for number, loop in enumerate(loops):
        flows = np.stack([branches[at].flow for at, _ in loop], axis=1)
        weights = np.array([direction * branches[at].impedance * _SCALE for at, direction in loop])
        model.problem.put(rows.index[:, number, None], flows, weights)


def _add_kind(model: Model, kind: str) -> list[Branch]:
    components = model.take(kind)
    capacity = model.capacity(components, "s_nom")
    most = components.by_snapshot("s_max_pu", model.steps)
    flow = model.dispatch(f"{kind}-s", capacity, -most, most, 0.0, components.by_snapshot("s_set", model.steps))
    starts, ends = (model.network.buses_of(components, end) for end in ("bus0", "bus1"))
    model.feed(starts, flow, -1.0)
    model.feed(ends, flow, 1.0)
    return _branches(model, components, flow, starts, ends)


def _branches(model: Model, components: Components, flow: Block, starts: Ints, ends: Ints) -> list[Branch]:
    per_unit = _line_impedance if components.kind == "lines" else _transformer_impedance
    impedance = per_unit(model, components, starts)
    return [
        Branch(int(a), int(b), float(z), flow.index[:, at])
        for at, (a, b, z) in enumerate(zip(starts, ends, impedance, strict=True))
    ]


def _line_impedance(model: Model, lines: Components, starts: Ints) -> Floats:
    """Reactance x / v_nom² for alternating current, r / v_nom² for direct current [per unit of 1 MVA]."""
    length, parallel = lines.numbers("length"), lines.numbers("num_parallel")
    reactance, resistance = lines.numbers("x"), lines.numbers("r")
    for at, kind in enumerate(lines.texts("type")):
        if kind:
            r, x = ohm_per_km(kind, where=f"lines, {lines.names[at]}")
            resistance[at], reactance[at] = (per_km * length[at] / parallel[at] for per_km in (r, x))
    buses = model.network["buses"]
    direct = np.array([carrier == "DC" for carrier in buses.texts("carrier")], dtype=bool)[starts]
    voltage = buses.numbers("v_nom")[starts]
    return np.asarray(np.where(direct, resistance, reactance) / voltage**2)


def _transformer_impedance(model: Model, transformers: Components, starts: Ints) -> Floats:
    """Reactance: x / s_nom times the tap ratio [per unit of 1 MVA]."""
    typed = np.array([bool(kind) for kind in transformers.texts("type")], dtype=bool)
    refuse(transformers, typed, "names a standard type instead of giving x and s_nom")
    refuse(transformers, transformers.numbers("phase_shift") != 0, "shifts the phase")
    rating = transformers.numbers("s_nom")
    if (rating == 0).any():
        raise InputError("s_nom of a transformer is 0; its x is per unit of it", where="transformers")
    return np.asarray(transformers.numbers("x") / rating * transformers.numbers("tap_ratio"))
