"""What storage units and stores share: the level that one snapshot leaves to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bihuan.plan.matrix import Block, Indices
from bihuan.plan.model import Model
from bihuan.plan.network import Bools, Components


@dataclass(frozen=True, slots=True)
class Rule:
    """How levels begin and end, a flag for each component."""

    cyclic: Bools
    """The first level follows on the last."""
    cyclic_each: Bools
    """So in each investment period."""
    initial_each: Bools
    """Each investment period begins from the initial level."""


def rule_of(components: Components, stem: str) -> Rule:
    """Return the rule; `stem` is `state_of_charge` or `e`."""
    cyclic = "cyclic_state_of_charge" if stem == "state_of_charge" else "e_cyclic"
    names = (cyclic, f"{cyclic}_per_period", f"{stem}_initial_per_period")
    return Rule(*(components.flags(name) for name in names))


def before(model: Model, active: Bools, rule: Rule) -> tuple[Indices, Bools]:
    """Return for each snapshot and component the snapshot whose level it follows on, and whether there is one.

    The level before is that of the last snapshot in service; where there is none, the initial level counts.
    Shapes (snapshots, components).
    """
    steps, number = active.shape
    marked = np.where(active, np.arange(steps)[:, None], -1)
    last = np.maximum.accumulate(marked, axis=0)
    previous = np.vstack([last[-1:], last[:-1]])
    first = active & (np.cumsum(active, axis=0) == 1)
    previous = np.where(first, last[-1], previous)
    follows = ~first | rule.cyclic
    periods = model.network.periods
    if periods is not None:
        each = rule.cyclic_each | rule.initial_each
        within, begins = _within_period(periods.of_snapshot)
        previous = np.where(each, within[:, None], previous)
        follows = np.where(each, ~begins[:, None] | rule.cyclic_each, follows)
    assert previous.shape == (steps, number)
    return previous.astype(np.int32), follows & active


def _within_period(of_snapshot: Indices) -> tuple[Indices, Bools]:
    """The snapshot before, that of the last of the same period for its first, and which are first."""
    begins = np.concatenate([[True], np.diff(of_snapshot) != 0])
    starts = np.flatnonzero(begins)
    previous = np.arange(of_snapshot.size) - 1
    previous[starts] = np.append(starts[1:], of_snapshot.size) - 1
    return previous.astype(np.int32), begins


def carry_over(model: Model, rows: Block, level: Block, components: Components, stem: str, active: Bools) -> None:
    """Add to the rows of balance, shape (snapshots, components), what is left of the level before.

    The initial level is taken whole; standing losses begin with the first snapshot's own level.
    """
    previous, follows = before(model, active, rule_of(components, stem))
    kept = (1 - components.by_snapshot("standing_loss", model.steps)) ** model.hours("stores")
    which = np.broadcast_to(np.arange(len(components)), follows.shape)
    model.problem.put(rows.index, level.index[previous, which], np.where(follows, kept, 0.0))
    initial = np.broadcast_to(components.numbers(f"{stem}_initial"), follows.shape)
    starts = active & ~follows
    model.problem.add_to_right_side(rows.index[starts], -initial[starts])
