"""Lines and transformers: flows that Kirchhoff's voltage law ties together on every loop of the grid."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from bihuan.plan.cycles import cycles, islands
from bihuan.plan.matrix import Block, Indices
from bihuan.plan.model import Model
from bihuan.plan.network import Bools, Components, Floats, Ints

_SCALE = 1e5
"""The per-unit reactances of a high-voltage grid are tiny; both sides of 0 are scaled alike."""
_RADIANS = pi / 180


@dataclass(frozen=True, slots=True)
class Branches:
    """All lines, or all transformers."""

    components: Components
    flow: Block
    starts: Ints
    ends: Ints
    reactance: Floats
    """Per unit of 1 MVA, tap ratio included; not finite where a branch closes no loop."""
    resistance: Floats
    shift: Floats
    """Shift of the voltage angle that is given [degrees], shape (snapshots, components)."""
    chosen_shift: Block | None
    """Shift that is chosen [degrees], shape (snapshots, those of `shifting`)."""
    shifting: Indices
    active: Bools


def add(model: Model) -> None:
    """Add flows [MW from bus0 to bus1] within the branches' capacity, and the voltage law on a basis of loops."""
    kinds = [_add_kind(model, "lines", _lines), _add_kind(model, "transformers", _transformers)]
    for branches in kinds:
        _limit_angles(model, branches)
    periods = model.network.periods
    if periods is None:
        _voltage_law(model, kinds, np.arange(model.steps), "voltage-law")
        return
    for at, year in enumerate(periods.years):
        _voltage_law(model, kinds, np.flatnonzero(periods.of_snapshot == at), f"voltage-law-{year}")


def _add_kind(model: Model, kind: str, impedance: object) -> Branches:
    assert callable(impedance)
    components = model.take(kind)
    capacity, active = model.capacity(components), model.active(components)
    most = components.by_snapshot("s_max_pu", model.steps)
    held = components.varying.get("s_set")
    exactly = None if held is None else np.full(most.shape, np.nan)
    if held is not None and exactly is not None:
        exactly[:, held.rows] = held.values
    flow = model.dispatch(f"{kind}-s", capacity, -most, most, 0.0, exactly, active)
    starts, ends = (model.network.buses_of(components, end) for end in ("bus0", "bus1"))
    model.feed(starts, flow, -1.0)
    model.feed(ends, flow, 1.0)
    reactance, resistance = impedance(model, components, starts)
    shift, chosen, shifting = _shifts(model, components)
    return Branches(components, flow, starts, ends, reactance, resistance, shift, chosen, shifting, active)


def _lines(model: Model, lines: Components, starts: Ints) -> tuple[Floats, Floats]:
    """Give x / v_nom² and r / v_nom²."""
    voltage = model.network["buses"].numbers("v_nom")[starts]
    with np.errstate(divide="ignore", invalid="ignore"):
        return lines.numbers("x") / voltage**2, lines.numbers("r") / voltage**2


def _transformers(model: Model, transformers: Components, starts: Ints) -> tuple[Floats, Floats]:
    """Give x / s_nom and r / s_nom times the tap ratio."""
    del model, starts
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = transformers.numbers("tap_ratio") / transformers.numbers("s_nom")
        return transformers.numbers("x") * scale, transformers.numbers("r") * scale


def _shifts(model: Model, components: Components) -> tuple[Floats, Block | None, Indices]:
    none = np.zeros((model.steps, len(components)))
    if components.kind != "transformers":
        return none, None, np.zeros(0, np.int32)
    shift = components.by_snapshot("phase_shift", model.steps)
    least, most = components.numbers("phase_shift_min"), components.numbers("phase_shift_max")
    shifting = np.flatnonzero(least < most).astype(np.int32)
    if not shifting.size:
        return shift, None, shifting
    shape = (model.steps, shifting.size)
    chosen = model.problem.variables("transformers-phase_shift_opt", least[shifting], most[shifting], 0.0, shape)
    shift = shift.copy()
    shift[:, shifting] = 0.0
    return shift, chosen, shifting


def _limit_angles(model: Model, branches: Branches) -> None:
    """Keep |reactance · flow + shift| within v_ang_max; lines on alternating current and transformers only."""
    components = branches.components
    with np.errstate(divide="ignore", invalid="ignore"):
        most = components.numbers("v_ang_max") * _RADIANS / branches.reactance
        offset = np.nan_to_num(branches.shift * _RADIANS / branches.reactance)
    limited = np.isfinite(most)
    if components.kind == "lines":
        limited &= np.array([carrier == "AC" for carrier in components.texts("carrier")], dtype=bool)
    plain = limited.copy()
    plain[branches.shifting] = False
    step, which = np.nonzero(branches.active & plain)
    low, high = -most[which] - offset[step, which], most[which] - offset[step, which]
    model.problem.tighten(branches.flow.index[step, which], low, high)
    if branches.chosen_shift is not None:
        _limit_chosen_angles(model, branches, most, limited)


def _limit_chosen_angles(model: Model, branches: Branches, most: Floats, limited: Bools) -> None:
    assert branches.chosen_shift is not None
    step, place = np.nonzero((branches.active & limited)[:, branches.shifting])
    which = branches.shifting[place]
    if step.size:
        per_degree = _RADIANS / branches.reactance[which]
        terms = ((branches.flow.index[step, which], 1.0), (branches.chosen_shift.index[step, place], per_degree))
        model.problem.rows_of("transformers-v_ang", -most[which], most[which], *terms)


def _voltage_law(model: Model, kinds: list[Branches], steps: Indices, label: str) -> None:
    """Σ around each loop of impedance · flow + shift = 0, for the snapshots given.

    Impedance is the reactance where the first bus of an island carries alternating current, else the resistance.
    """
    edges = [
        (int(b.starts[at]), int(b.ends[at]), kind, at)
        for kind, b in enumerate(kinds)
        for at in np.flatnonzero(b.active[steps[0]]).tolist()
    ]
    first = islands(len(model.network["buses"]), [(start, end) for start, end, _, _ in edges])
    alternating = [carrier == "AC" for carrier in model.network["buses"].texts("carrier")]
    closing = [edge for edge in edges if np.isfinite(kinds[edge[2]].reactance[edge[3]])]
    loops = cycles([(start, end) for start, end, _, _ in closing])
    if not loops:
        return
    rows = model.problem.rows_between(label, 0.0, 0.0, (steps.size, len(loops)))
    for number, loop in enumerate(loops):
        _around(
            model, kinds, steps, rows.index[:, number], [(closing[at], sign) for at, sign in loop], first, alternating
        )


def _around(
    model: Model,
    kinds: list[Branches],
    steps: Indices,
    rows: Indices,
    loop: list[tuple[tuple[int, int, int, int], int]],
    first: Ints,
    alternating: list[bool],
) -> None:
    """Entries of one loop."""
    for (start, _, kind, at), sign in loop:
        branches = kinds[kind]
        impedance = branches.reactance if alternating[first[start]] else branches.resistance
        model.problem.put(rows, branches.flow.index[steps, at], sign * impedance[at] * _SCALE)
        shift = branches.shift[steps, at]
        if shift.any():
            model.problem.add_to_right_side(rows, -sign * shift * _RADIANS * _SCALE)
        if branches.chosen_shift is not None and at in branches.shifting:
            place = int(np.searchsorted(branches.shifting, at))
            model.problem.put(rows, branches.chosen_shift.index[steps, place], sign * _RADIANS * _SCALE)
